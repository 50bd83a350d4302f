"""What made a study's results: code, versions, machine, date, and the rule that judged them."""

from __future__ import annotations

import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TypedDict, cast

from formats.checkout import CHECKOUT
from formats.claims import changed, sha256
from formats.untrusted import read_object

PACKAGES = (
    *("opensim", "casadi", "numpy", "scipy", "pandas", "statsmodels", "matplotlib", "snakemake"),
    *("pydantic", "jinja2", "imageio-ffmpeg"),
)
UNKNOWN = "unknown"


def git(*arguments: str) -> str | None:
    """Output of a git command in the checkout; None where that is no git checkout."""
    try:
        ended = subprocess.run(
            ["git", "-C", str(CHECKOUT), *arguments], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return ended.stdout.rstrip("\n")


def versions() -> dict[str, str]:
    """Versions of Python and of the packages that results depend on."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = UNKNOWN
    return found


class RuleHash(TypedDict):
    """The claims file that judged: its hash, and whether it is none of the frozen ones."""

    sha256: str
    changed: bool


class Provenance(TypedDict):
    """report.json: code, versions, machine and date of a report, and the rule that judged.

    commit: of the checkout, `unknown` outside git. uncommitted: files that differ from it.
    """

    commit: str
    uncommitted: list[str]
    date: str
    versions: dict[str, str]
    system: str
    cores: int
    claims: RuleHash


def read_provenance(path: Path) -> Provenance:
    """What a report.json says. ValueError, one line, if a key is missing."""
    found = read_object(path)
    for name in Provenance.__annotations__:
        if name not in found:
            raise ValueError(f"{path}: {name}: missing")
    return cast(Provenance, found)


def provenance(rule: Path) -> Provenance:
    """Code, versions, machine and date of now, and the rule (a claims file) that judges."""
    changes = git("status", "--porcelain", "--untracked-files=no")
    return {
        "commit": git("rev-parse", "HEAD") or UNKNOWN,
        "uncommitted": [line[3:] for line in (changes or "").splitlines()],
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": versions(),
        "system": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count() or 0,
        "claims": {"sha256": sha256(rule), "changed": changed(rule)},
    }

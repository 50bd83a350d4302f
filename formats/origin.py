"""Where a result comes from: the code's commit, the machine, the time. Kept beside each result."""

from __future__ import annotations

import functools
import hashlib
import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TypedDict

from formats.checkout import CHECKOUT

DECIDING = (
    *(
        ("simulations", "**/*.py"),
        ("simulations", "**/*.c"),
        ("models", "**/*.py"),
        ("models", "*.yaml"),
    ),
    *(("formats", "**/*.py"), ("models/parameters", "*.*")),
)
"""Folders and patterns of the files that decide what a solve finds."""


class Commit(TypedDict):
    """A checkout's git commit (None outside a repository), and whether files differ from it."""

    commit: str | None
    changed: bool | None


class Origin(Commit):
    """Commit, hash of the deciding code, machine, and the time (UTC) at which a result was made."""

    code: str
    machine: str
    processor: str
    ended: str


def commit() -> Commit:
    """The checkout's git commit (None outside a repository), and whether files differ from it."""
    head = _git("rev-parse", "HEAD")
    changed = _git("status", "--porcelain", "--untracked-files=no")
    return {"commit": head, "changed": None if head is None else bool(changed)}


@functools.cache
def solver_code() -> str:
    """Hash (sha256) of what decides a solve: simulations/, models/ and formats/.

    Unlike the commit it stays when documents, tests or the analysis change.
    """
    found = hashlib.sha256()
    for folder, pattern in DECIDING:
        for path in sorted((CHECKOUT / folder).glob(pattern)):
            content = path.read_bytes()
            name = path.relative_to(CHECKOUT).as_posix()
            found.update(f"{name} {len(content)}\n".encode() + content)
    return found.hexdigest()


def origin() -> Origin:
    """Commit, code, machine and present time (UTC) of a result that is being made."""
    return {
        **commit(),
        "code": solver_code(),
        "machine": f"{platform.system()} {platform.machine()}",
        "processor": processor(),
        "ended": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def versions() -> dict[str, str]:
    """Versions of what decides the numbers of a solve."""
    return {
        "casadi": version("casadi"),
        "numpy": version("numpy"),
        "python": platform.python_version(),
    }


def _git(*words: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(CHECKOUT), *words], capture_output=True, text=True, check=False
        )
    except OSError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def processor() -> str:
    """The processor's name, as the system gives it."""
    listing = Path("/proc/cpuinfo")
    if listing.exists():
        for line in listing.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or "unknown"

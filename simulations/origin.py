"""Where a result comes from: the code's commit, the machine, the time. Kept beside each result."""

from __future__ import annotations

import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).parents[1]


def commit() -> dict[str, Any]:
    """The checkout's git commit (None outside a repository), and whether files differ from it."""
    head = _git("rev-parse", "HEAD")
    changed = _git("status", "--porcelain", "--untracked-files=no")
    return {"commit": head, "changed": None if head is None else bool(changed)}


def origin() -> dict[str, Any]:
    """Commit, machine and present time (UTC) of a result that is being made."""
    return {
        **commit(),
        "machine": f"{platform.system()} {platform.machine()}",
        "processor": processor(),
        "ended": datetime.now(UTC).isoformat(timespec="seconds"),
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

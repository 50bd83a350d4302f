"""Cases that are solved again, each in a folder within the case's: what these are called."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

FINE = "fine"
"""On twice the intervals."""
ELSEWHERE = "elsewhere"
"""From a start far away; a number follows, which is the seed of the start."""
PATTERN = rf"{FINE}|{ELSEWHERE}[1-9][0-9]*"


def elsewhere(start: int) -> str:
    """Name of the folder of a case solved from elsewhere; start: its number, from 1."""
    return f"{ELSEWHERE}{start}"


def start_of(how: str) -> int | None:
    """Number of the start elsewhere; None on a finer mesh. ValueError if it is neither."""
    if not re.fullmatch(PATTERN, how):
        raise ValueError(f"{how!r} is not allowed; it is {FINE}, or {ELSEWHERE} and a number")
    return None if how == FINE else int(how.removeprefix(ELSEWHERE))


def in_order(names: Iterable[str]) -> list[str]:
    """Those of the names that name a case solved again: finer first, then the starts in order."""
    return sorted((name for name in names if re.fullmatch(PATTERN, name)), key=_position)


def _position(how: str) -> int:
    return start_of(how) or 0


def folders(case: Path) -> list[str]:
    """Names of the folders in which a case was solved again, whether or not it converged."""
    return in_order(path.parent.name for path in case.glob("*/solver.json"))

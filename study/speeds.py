"""Speeds at which no run of a runner has been certified, told before a study starts.

What is known stands in config/certified_speeds.csv; what the folder of results holds counts
besides. A speed is never refused: a study may be the first to have a run certified at it.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable
from pathlib import Path

from formats.checkout import CHECKOUT
from formats.untrusted import read_text
from study.cases import Case

FILE = CHECKOUT / "config" / "certified_speeds.csv"
OUTCOMES_MB = 50


def rows(path: Path) -> list[dict[str, str]]:
    """Rows of a table; lines that begin with # are comments. ValueError if unreadable."""
    lines = read_text(path, OUTCOMES_MB).splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


def certified(results: Path) -> set[tuple[str, float]]:
    """Runners and speeds (m/s) of the certified runs in a folder of results."""
    found = set()
    for path in sorted(results.glob("*/outcomes.csv")):
        try:
            for row in rows(path):
                if row["status"] == "certified":
                    found.add((row["runner"], float(row["speed_m_s"])))
        except (ValueError, KeyError, TypeError):  # a table of another version says nothing
            continue
    return found


def warnings(cases: Iterable[Case], results: Path) -> list[str]:
    """A line for each runner and speed of `cases` without a certified run so far.

    Measured runners are left out: their speed is that of their trial.
    """
    known = rows(FILE)
    good = {(row["runner"], float(row["speed_m_s"])) for row in known if row["certified"] == "yes"}
    good |= certified(results)
    asked = dict.fromkeys((c.runner, c.speed_m_s) for c in cases if not c.measured)
    return [_line(*pair, known, good) for pair in asked if not _among(*pair, good)]


def _among(runner: str, speed: float, pairs: Iterable[tuple[str, float]]) -> bool:
    return any(runner == name and math.isclose(speed, other) for name, other in pairs)


def _line(
    runner: str, speed: float, known: list[dict[str, str]], good: set[tuple[str, float]]
) -> str:
    """What is known of a runner at a speed (m/s) at which no run of theirs was certified."""
    tried = [
        row["found"]
        for row in known
        if _among(runner, speed, [(row["runner"], float(row["speed_m_s"]))])
    ]
    at = ", ".join(f"{other:g}" for name, other in sorted(good) if name == runner) or "none"
    return (
        f"note: no run of the {runner} runner has been certified at {speed:g} m/s so far "
        f"({tried[0] if tried else 'not tried'}); certified at: {at} m/s"
    )

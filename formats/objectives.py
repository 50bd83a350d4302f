"""The named objectives: weights of simulations/objectives.yaml, and the sets found by calibration.

A set of simulations/calibrated.yaml is the objective `calibrated_N`, N the number of the start that
it was found from; `calibrated` names them all.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from formats.checkout import CHECKOUT
from formats.yaml import read

FILE = CHECKOUT / "simulations" / "objectives.yaml"
SETS = CHECKOUT / "simulations" / "calibrated.yaml"
CALIBRATED = "calibrated"
"""All objectives found by calibration."""


def named(file: Path = FILE, sets: Path = SETS) -> dict[str, Mapping[str, Any]]:
    """Weights and settings of every objective, as written; those found by calibration last."""
    found: dict[str, Mapping[str, Any]] = dict(read(file))
    numbered = {int(one["drawn"]): one["weights"] for one in read(sets)["sets"]}
    return found | {f"{CALIBRATED}_{number}": numbered[number] for number in sorted(numbered)}


def calibrated() -> list[str]:
    """Names of those found by calibration."""
    return [name for name in named() if _is_calibrated(name)]


def _is_calibrated(name: str) -> bool:
    return name.startswith(f"{CALIBRATED}_")


@cache
def _found_from() -> str:
    return str(read(SETS)["started_from"])


def referred_to(name: str) -> str:
    """The objective with which the reference run of an objective follows the norm curves.

    All that were found by calibration share the run of the one that they were found from.
    """
    return _found_from() if _is_calibrated(name) else name

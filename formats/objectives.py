"""The named objectives: weights of simulations/objectives.yaml, and the sets found by calibration.

A set of simulations/calibrated.yaml is the objective `calibrated_N`, N the number of the start that
it was found from; `calibrated` names them all.
"""

from __future__ import annotations

from collections.abc import Mapping
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
    return [name for name in named() if name.startswith(f"{CALIBRATED}_")]

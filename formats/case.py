"""The settings of a case, a row of cases.csv as case.json holds it, checked before use."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NotRequired, TypedDict, cast

from formats.untrusted import read_object

if TYPE_CHECKING:
    import pandas as pd

FILE = "case.json"
MOTION_FILES = {
    "motion": "motion.sto",
    "controls": "controls.sto",
    "derivatives": "derivatives.sto",
    "ground_forces": "ground_forces.mot",
}
"""Files of a case's motion, by what they hold."""
SENSITIVITIES = "sensitivities.csv"
"""Table of a case: every smooth outcome by every parameter."""
BASELINE = "baseline"
"""Arm of the run at 100 % strength, which all arms share."""
NEGATIVE = "control_toe_flexors"
"""Muscle group of the negative control."""
STEP_RATES = {"locked": 1.0, "-10%": 0.9, "-5%": 0.95, "+5%": 1.05, "+10%": 1.1}
"""Step rate over that of the free 100 % run, by the word for it in `cadence`."""
ALTERED = tuple(word for word in STEP_RATES if word != "locked")
"""Step rates below and above that of the free 100 % run."""
CONTROL_SPEEDS = (2.5, 3.5, 4.5)
"""Speeds (m/s) of the 100 % runs of the control `speed`; there are norms at the first two."""
MECHANISMS = {
    "drive_percent": 0.0,
    "reciprocal_inhibition": 0.0,
    "gluteal_ceiling": 1.0,
    "capsule_slack_mm": 0.0,
    "pelvic_tilt_deg": 0.0,
}
"""The article's mechanisms that a case may have beside its strength, with what stands for none.

Columns of cases.csv and keys of case.json (docs/mechanisms.md)."""
_WORDS = ("case", "side", "cadence", "objective", "start")
SUPPORTS = "supports.sto"
"""Of an exercise: what the floor does to other bodies than the feet."""
EXERCISE_WORDS = ("case", "exercise", "kind", "band", "objective")
_NUMBERS = ("speed_m_s", "dose_percent", "habit_weight", "mesh_intervals")


class CaseKeys(TypedDict):
    """What a case is, without its name: keys of a row of cases.csv (config/README.md)."""

    runner: NotRequired[str]
    problem: NotRequired[str]
    arm: NotRequired[str]
    side: str
    cadence: str
    objective: str
    start: str
    scheme: NotRequired[str]
    speed_m_s: float
    dose_percent: float
    habit_weight: float
    mesh_intervals: int
    draw: NotRequired[int]
    spring_n_m: NotRequired[float]
    strength_scales: NotRequired[str]
    drive_percent: NotRequired[float]
    reciprocal_inhibition: NotRequired[float]
    gluteal_ceiling: NotRequired[float]
    capsule_slack_mm: NotRequired[float]
    pelvic_tilt_deg: NotRequired[float]


class CaseSettings(CaseKeys):
    """A case to be solved, as case.json holds it."""

    case: str


class ExerciseSettings(TypedDict):
    """An exercise to be solved; kind: static or movement."""

    case: str
    exercise: str
    kind: str
    band: str
    runner: NotRequired[str]
    arm: NotRequired[str]
    side: NotRequired[str]
    dose_percent: NotRequired[float]
    objective: str


def read(folder: Path) -> CaseSettings:
    """The settings in `folder`/case.json.

    Raises ValueError, one line, when a key is missing, or is no text or finite number.
    """
    path = Path(folder) / FILE
    content = read_object(path)
    for name in (*_WORDS, *_NUMBERS):
        if name not in content:
            needed = ", ".join(_WORDS + _NUMBERS)
            raise ValueError(f"{path}: {name}: missing; a case needs {needed}")
    for name in _WORDS:
        if not isinstance(content[name], str):
            raise ValueError(f"{path}: {name}: {content[name]!r} is not a text")
    for name in _NUMBERS:
        value = content[name]
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not math.isfinite(value):
            raise ValueError(f"{path}: {name}: {value!r} is not a number")
    if content["mesh_intervals"] != int(content["mesh_intervals"]):
        value = content["mesh_intervals"]
        raise ValueError(f"{path}: mesh_intervals: {value!r} is not a whole number")
    return cast(CaseSettings, content)


def mechanisms(keys: Mapping[str, object]) -> dict[str, float]:
    """A case's mechanisms that are at work, with their sizes. keys: of case.json or cases.csv.

    Raises ValueError, one line, for a size that is no finite number.
    """
    found = {}
    for name, none in MECHANISMS.items():
        value = keys.get(name, none)
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not isinstance(value, int | float) or not number or not math.isfinite(value):
            raise ValueError(f"case {keys.get('case', '')}: {name}: {value!r} is not a number")
        if value != none:
            found[name] = float(value)
    return found


def without_mechanisms(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of cases.csv, or of a table with its columns, that have no mechanism at work."""
    import pandas as pd  # half a second, which a command that reads no table does not spend

    plain = pd.Series(True, index=rows.index)
    for name, none in MECHANISMS.items():
        if name in rows:
            plain &= rows[name] == none
    return rows[plain]


def read_exercise(folder: Path) -> ExerciseSettings:
    """The settings of an exercise in `folder`/case.json. Raises ValueError as `read` does."""
    path = Path(folder) / FILE
    content = read_object(path)
    for name in EXERCISE_WORDS:
        if not isinstance(content.get(name), str):
            raise ValueError(f"{path}: {name}: missing, or not a text")
    return cast(ExerciseSettings, content)

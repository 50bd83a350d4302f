"""The settings of a case, a row of cases.csv as case.json holds it, checked before use."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from simulations.untrusted import read_object

FILE = "case.json"
_WORDS = ("case", "side", "cadence", "objective", "start")
_NUMBERS = ("speed_m_s", "dose_percent", "habit_weight", "mesh_intervals")


def read(folder: Path) -> dict[str, Any]:
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
    return content

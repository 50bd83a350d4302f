"""Is a stored table or JSON file what is computed again? Numbers to a tolerance, the rest exactly.

Another machine rounds otherwise (two kernels of linear algebra differed by less than 1e-10), so
bytes are never compared. Numbers within a sentence may differ by one in their last digit, and of
paths only the last two parts count.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
PLACE = re.compile(r"[^\s'\"():;,]*/([^\s'\"():;,/]+/[^\s'\"():;,/]+)")


@dataclass(frozen=True)
class Tolerance:
    """How far a stored number may be off: `relative` of its size, or `absolute` in its own unit."""

    relative: float = 1e-6
    absolute: float = 1e-6

    def same(self, stored: float, again: float, scale: float = 0.0) -> bool:
        """True if two numbers agree; scale: a size that `relative` may be of instead."""
        if not (math.isfinite(stored) and math.isfinite(again)):
            return stored == again or (math.isnan(stored) and math.isnan(again))
        size = max(abs(stored), abs(again), scale)
        return abs(stored - again) <= self.relative * size + self.absolute


EXACT = Tolerance()
SIX_DIGITS = Tolerance(relative=2e-5)
"""For tables whose numbers are written with six digits."""


def files(stored: Path, again: Path, tolerance: Tolerance = EXACT) -> list[str]:
    """What differs between a stored file and the same one computed again, in words.

    Both are JSON (.json) or comma-separated tables.
    """
    if not again.is_file():
        return ["is there, but nothing gives it"] if stored.is_file() else []
    if not stored.is_file():
        return ["is not there, but can be computed"]
    try:
        if stored.suffix == ".json":
            one, other = (json.loads(path.read_text("utf-8")) for path in (stored, again))
            return list(_values("", one, other, tolerance))
        return list(tables(_table(stored), _table(again), tolerance))
    except (ValueError, pd.errors.ParserError) as error:
        return [f"cannot be read ({' '.join(str(error).split())[:100]})"]


def _table(path: Path) -> pd.DataFrame:
    try:
        return pd.read_csv(path)
    except pd.errors.EmptyDataError:
        return pd.DataFrame()


def tables(stored: pd.DataFrame, again: pd.DataFrame, tolerance: Tolerance) -> Iterator[str]:
    """The same for two tables; a number's size is at least its column's largest."""
    for name in [*again.columns, *stored.columns]:
        if (name in stored) != (name in again):
            yield f"column {name} is {'new' if name in stored else 'missing'}"
            return
    if len(stored) != len(again):
        yield f"{len(stored)} rows, computed again {len(again)}"
        return
    for name in again.columns:
        columns = stored[name], again[name]
        numeric = all(pd.api.types.is_numeric_dtype(column) for column in columns)
        scale = 0.0
        if numeric:
            sizes = np.abs(again[name].to_numpy(dtype=float))
            scale = float(np.nanmax(sizes, initial=0.0, where=np.isfinite(sizes)))
        for row, (one, other) in enumerate(zip(*columns, strict=True), start=1):
            if pd.isna(one) and pd.isna(other):
                continue
            if not _same(_plain(one), _plain(other), tolerance, scale):
                yield f"column {name}, row {row}: {_shown(one)}, computed again {_shown(other)}"
                break


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _values(where: str, stored: Any, again: Any, tolerance: Tolerance) -> Iterator[str]:
    if isinstance(stored, dict) and isinstance(again, dict):
        for key in [*again, *(key for key in stored if key not in again)]:
            name = f"{where}.{key}" if where else str(key)
            if (key in stored) != (key in again):
                yield f"{name} is {'new' if key in stored else 'missing'}"
            else:
                yield from _values(name, stored[key], again[key], _of(again, key, tolerance))
    elif isinstance(stored, list) and isinstance(again, list) and len(stored) == len(again):
        for i, (one, other) in enumerate(zip(stored, again, strict=True)):
            yield from _values(f"{where}[{i}]", one, other, tolerance)
    elif not _same(stored, again, tolerance, 0.0):
        yield f"{where} is {_shown(stored)}, computed again {_shown(again)}"


def _of(parent: dict[str, Any], key: str, tolerance: Tolerance) -> Tolerance:
    """A check's value is mostly rounding: it may be off by a thousandth of its limit."""
    limit = parent.get("limit")
    if key == "value" and isinstance(limit, int | float):
        return Tolerance(1e-3, max(1e-3 * abs(limit), tolerance.absolute))
    return tolerance


def _same(stored: Any, again: Any, tolerance: Tolerance, scale: float) -> bool:
    if isinstance(stored, bool) or isinstance(again, bool):
        return stored is again
    if isinstance(stored, int | float) and isinstance(again, int | float):
        return tolerance.same(float(stored), float(again), scale)
    if isinstance(stored, str) and isinstance(again, str):
        return _same_text(PLACE.sub(r"\1", stored), PLACE.sub(r"\1", again), tolerance)
    return bool(type(stored) is type(again) and stored == again)


def _same_text(stored: str, again: str, tolerance: Tolerance) -> bool:
    if stored == again:
        return True
    if NUMBER.split(stored) != NUMBER.split(again):
        return False
    pairs = zip(NUMBER.findall(stored), NUMBER.findall(again), strict=True)
    return all(
        abs(float(one) - float(other)) <= 1.01 * _last_digit(other)
        or tolerance.same(float(one), float(other))
        for one, other in pairs
        if one != other
    )


def _last_digit(number: str) -> float:
    """What one in the last digit of a printed number is; whole numbers are exact."""
    mantissa, _, exponent = number.lower().partition("e")
    decimals = len(mantissa.partition(".")[2])
    if not decimals and not exponent:
        return 0.0
    return float(10.0 ** (int(exponent or 0) - decimals))


def _shown(value: Any) -> str:
    text = f"{value:.8g}" if isinstance(value, float) else repr(_plain(value))
    return text if len(text) <= 60 else f"{text[:57]}..."

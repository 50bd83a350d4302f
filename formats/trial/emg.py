"""Electromyography beside a trial: envelopes over the stride, by muscle."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from formats.untrusted import read_table

PERCENT = "percent"


@dataclass(frozen=True)
class Envelopes:
    """Envelopes (any unit) by muscle of a side, at `percent` of the stride of that side's foot."""

    percent: np.ndarray
    values: dict[str, np.ndarray]

    def at(self, muscle: str, phase: np.ndarray) -> np.ndarray:
        """A muscle's envelope at phases (1: a stride) from its foot's contact, over its peak."""
        values = self.values[muscle]
        inside = self.percent < 100.0
        found = np.interp(phase % 1.0, self.percent[inside] / 100.0, values[inside], period=1.0)
        return np.asarray(found / max(float(values.max()), 1e-12))


def read(path: Path, muscles: Collection[str]) -> Envelopes:
    """A comma-separated table: percent (0 at the contact of the muscle's own foot) and a column
    for each muscle, by the runner's name, with _r or _l or without: both. Raises ValueError, one
    line, for a name that the runner has not."""
    table = read_table(path, [PERCENT], [PERCENT])
    percent = table[PERCENT].to_numpy(float)
    if np.any(np.diff(percent) <= 0) or percent[0] < 0 or percent[-1] > 100 or len(percent) < 10:
        raise ValueError(f"{path}: percent must rise from 0 to 100, in ten rows or more")
    values: dict[str, np.ndarray] = {}
    for column in table.columns:
        if column == PERCENT or column.endswith("_sd"):
            continue
        names = [column] if column in muscles else [f"{column}_{side}" for side in "rl"]
        if not set(names) <= set(muscles):
            raise ValueError(
                f"{path}: column {column} is no muscle of the runner; it has "
                f"{', '.join(sorted({m[:-2] for m in muscles})[:8])} .."
            )
        curve = table[column].to_numpy()
        if curve.dtype.kind not in "if" or not np.isfinite(curve.astype(float)).all():
            raise ValueError(f"{path}: column {column} holds something that is not a number")
        values |= dict.fromkeys(names, curve.astype(float))
    return Envelopes(percent, values)

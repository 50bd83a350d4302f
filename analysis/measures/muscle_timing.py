"""When muscles are on: as electromyography finds them in runners, and how far a run agrees.

analysis/muscle_timing.csv holds the published on and off of each group in per cent of the stride
from initial contact of the same foot. Timing is compared, not size: an electromyogram has no scale
that a model shares. Activation trails the electromyogram by the time constants of the muscle; no
delay is taken off.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

FILE = Path(__file__).parents[1] / "muscle_timing.csv"
ON_SHARE = 0.2
"""A muscle counts as on while its activation exceeds this share of its own peak."""
LEAST_PEAK = 0.01
"""A muscle whose peak activation stays below this is never on."""
STEP_PERCENT = 0.1
COLUMN = "emg_jaccard_{}"
"""Column of outcomes.csv that holds the overlap of a group."""


@cache
def published() -> dict[str, tuple[float, float]]:
    """On and off (% of the stride) of each group; on later than off runs through contact."""
    table = pd.read_csv(FILE, comment="#")
    return {
        str(row.group): (float(row.on_percent), float(row.off_percent))
        for row in table.itertuples()
    }


def spans(group: str) -> list[tuple[float, float]]:
    """Spans (% of the stride, each with begin before end) of a group; empty if none is known."""
    if group not in published():
        return []
    on, off = published()[group]
    return [(on, off)] if on < off else [(0.0, off), (on, 100.0)]


def overlap(group: str, percent: np.ndarray, activation: np.ndarray) -> float:
    """Jaccard index of a group's published and simulated on-time, 0 (apart) to 1 (the same).

    Time in which both are on, over time in which either is. Simulated: all of the stride in which
    the activation exceeds ON_SHARE of its own peak, not only the burst that holds it.
    percent (N,), activation (N,) of a cyclic stride in any rotation. NaN where nothing is
    published, or the activation is not known. Jaccard 1912, New Phytologist 11:37.
    """
    known = spans(group)
    if not known or not np.isfinite(activation).all():
        return float("nan")
    order = np.argsort(percent, kind="stable")
    x, keep = np.unique(np.asarray(percent, dtype=float)[order], return_index=True)
    grid = np.arange(0.5 * STEP_PERCENT, 100.0, STEP_PERCENT)
    curve = np.interp(grid, x, np.asarray(activation)[order][keep], period=100.0)
    peak = float(np.max(activation))
    ours = (curve > ON_SHARE * peak) & (peak >= LEAST_PEAK)
    theirs = np.any([(grid > begin) & (grid < end) for begin, end in known], axis=0)
    return float((ours & theirs).sum() / (ours | theirs).sum())

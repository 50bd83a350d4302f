"""When muscles work: a solved case's activations beside a measured envelope, by phase of stride."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.replayed.case import Case
from analysis.replayed.measured import footfalls
from tests.analysis.measured_case import activation

# Electrode to the heads it may have seen; of several, their mean weighted by strength.
HEADS = {
    "GMAX": ("glmax1", "glmax2", "glmax3"),
    "GMED": ("glmed1", "glmed2", "glmed3"),
    "SOL": ("soleus",),
    "GASMED": ("gasmed",),
    "GASLAT": ("gaslat",),
    "TA": ("tibant",),
    "VL": ("vaslat",),
    "VM": ("vasmed",),
    "RF": ("recfem",),
    "BFLH": ("bflh",),
    "SM": ("semimem",),
}
ON = 0.2  # share of the peak
MECHANICAL_DELAY_S = 0.1  # the longest from a muscle's excitation to its force


@dataclass(frozen=True)
class Timing:
    """How two periodic curves go together, the first being moved.

    correlation: as they are. best, lag: the highest and the delay (s) that gives it, positive where
    the first has to be put later. delayed: the highest where the first is put 0 to 100 ms later.
    overlap: twice the time in which both are on over the sum of the times.
    """

    correlation: float
    best: float
    lag: float
    delayed: float
    overlap: float


def timing(first: np.ndarray, second: np.ndarray, period: float) -> Timing:
    """Timing of two curves sampled evenly over one period (s), its end left out."""
    count = len(first)
    by_shift = np.array([correlation(np.roll(first, k), second) for k in range(count)])
    shift = int(by_shift.argmax())
    within = int(MECHANICAL_DELAY_S / period * count) + 1
    one, other = (curve > ON * curve.max() for curve in (first, second))
    return Timing(
        correlation=float(by_shift[0]),
        best=float(by_shift[shift]),
        lag=(shift - count if shift > count // 2 else shift) / count * period,
        delayed=float(by_shift[:within].max()),
        overlap=float(2 * (one & other).sum() / (one.sum() + other.sum())),
    )


def correlation(first: np.ndarray, second: np.ndarray) -> float:
    """Pearson's."""
    return float(np.corrcoef(first, second)[0, 1])


def by_phase(case: Case, side: str, values: np.ndarray, count: int) -> np.ndarray:
    """(count,) values at even phases from that foot's contact on, the stride taken as periodic."""
    phase = case.time[:-1] / case.stride_time
    contact = footfalls(case)[side].contact / case.stride_time
    return np.interp(np.arange(count) / count + contact, phase, values[:-1], period=1.0)


def activations(case: Case, count: int) -> dict[str, pd.DataFrame]:
    """Side -> activation by electrode at even phases, the end of the stride left out."""
    strength = {m.name: m.max_isometric_force for m in case.runner.muscles}
    found = {}
    for side in "rl":
        curves = {}
        for electrode, heads in HEADS.items():
            names = [f"{head}_{side}" for head in heads]
            weights = [strength[name] for name in names]
            mean = np.average([activation(case, name) for name in names], axis=0, weights=weights)
            curves[electrode] = by_phase(case, side, mean, count)
        found[side] = pd.DataFrame(curves)
    return found

"""How an activation and an envelope of electromyography go together in time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

ON = 0.2
"""Share of the peak above which a muscle counts as on."""
MECHANICAL_DELAY_S = 0.1
"""The longest from a muscle's excitation to its force."""


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
    """Timing of two curves (N,) sampled evenly over one period (s), its end left out."""
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

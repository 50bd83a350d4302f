"""Collocation schemes as linear rows on each interval: sum_j A_j x_j + h sum_j B_j f_j = 0."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import scipy.sparse as sp

SchemeName = Literal["trapezoidal", "hermite_simpson"]

# A, B: rows x nodes of one interval (first to last node); quadrature weights of its nodes.
# Betts 2010, Practical Methods for Optimal Control, section 4.3 (separated Hermite-Simpson).
_TABLES: dict[str, tuple[list[list[float]], list[list[float]], list[float]]] = {
    "trapezoidal": ([[-1, 1]], [[-1 / 2, -1 / 2]], [1 / 2, 1 / 2]),
    "hermite_simpson": (
        [[-1, 0, 1], [-1 / 2, 1, -1 / 2]],
        [[-1 / 6, -4 / 6, -1 / 6], [-1 / 8, 0, 1 / 8]],
        [1 / 6, 4 / 6, 1 / 6],
    ),
}


@dataclass(frozen=True)
class Scheme:
    """A mesh of equal intervals.

    A, B: sparse, rows x nodes. weights: quadrature weights of the nodes, summing to one.
    phase: the nodes' position in the simulated span, 0 to 1.
    h_share: an interval's length over the span's.
    """

    name: str
    intervals: int
    A: sp.csr_matrix
    B: sp.csr_matrix
    weights: np.ndarray
    phase: np.ndarray
    h_share: float

    @property
    def nodes(self) -> int:
        return len(self.phase)


def scheme(name: str, intervals: int) -> Scheme:
    """Build a scheme on `intervals` equal intervals. Raises ValueError for an unknown name."""
    if name not in _TABLES:
        raise ValueError(f"scheme: {name!r} is not known; allowed: {', '.join(_TABLES)}")
    a, b, w = (np.array(table, dtype=float) for table in _TABLES[name])
    rows, width = a.shape
    step = width - 1
    nodes = intervals * step + 1
    big_a = sp.lil_matrix((rows * intervals, nodes))
    big_b = sp.lil_matrix((rows * intervals, nodes))
    weights = np.zeros(nodes)
    for k in range(intervals):
        span = slice(k * step, k * step + width)
        big_a[k * rows : (k + 1) * rows, span] = a
        big_b[k * rows : (k + 1) * rows, span] = b
        weights[span] += w / intervals
    return Scheme(
        name,
        intervals,
        big_a.tocsr(),
        big_b.tocsr(),
        weights,
        np.linspace(0, 1, nodes),
        1 / intervals,
    )

"""Sparse matrices and columns from entries at given places; entries at one place add up."""

from __future__ import annotations

from dataclasses import dataclass, field

import casadi as ca
import numpy as np


@dataclass(frozen=True)
class Triplets:
    """Row, column and value of a matrix's entries, piece by piece."""

    rows: list[np.ndarray] = field(default_factory=list)
    columns: list[np.ndarray] = field(default_factory=list)
    values: list[ca.MX] = field(default_factory=list)

    def add(self, rows: np.ndarray, columns: np.ndarray, values: ca.MX) -> None:
        """A piece: as many rows and columns as values (a column)."""
        self.rows.append(rows)
        self.columns.append(columns)
        self.values.append(values)

    def matrix(self, shape: tuple[int, int]) -> ca.MX:
        """The sparse matrix."""
        return scatter(shape, self.rows, self.columns, self.values)


def summed(places: np.ndarray, count: int) -> ca.DM:
    """Matrix that sums a column's entries at their places of a column of `count`."""
    # By columns, one entry each: nothing to be sorted.
    ends = list(range(len(places) + 1))
    pattern = ca.Sparsity(count, len(places), ends, places.tolist())
    return ca.DM(pattern, ca.DM.ones(len(places)))


def gather(places: list[np.ndarray], count: int, values: list[ca.MX]) -> ca.MX:
    """A column of `count` with the values summed at their places."""
    return ca.mtimes(summed(np.concatenate(places), count), ca.vertcat(*values))


def scatter(
    shape: tuple[int, int], rows: list[np.ndarray], columns: list[np.ndarray], values: list[ca.MX]
) -> ca.MX:
    """Sparse matrix with the values summed at their positions."""
    row, column = np.concatenate(rows), np.concatenate(columns)
    key = column.astype(np.int64) * shape[0] + row
    unique, position = np.unique(key, return_inverse=True)
    # Sorted by column, then by row: as CasADi keeps a pattern.
    ends = np.searchsorted(unique, np.arange(shape[1] + 1) * shape[0])
    sparsity = ca.Sparsity(*shape, ends.tolist(), (unique % shape[0]).tolist())
    stacked = ca.vertcat(*values)
    if len(unique) == len(key):
        inverse = np.empty(len(key), dtype=int)
        inverse[position] = np.arange(len(key))
        return ca.MX(sparsity, stacked.nz[inverse.tolist()])
    return ca.MX(sparsity, ca.mtimes(summed(position, len(unique)), stacked))

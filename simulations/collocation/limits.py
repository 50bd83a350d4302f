"""Linear inequalities between the unknowns of a node: rows that follow all equations in g."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Limits:
    """lower <= sum of value x[column] over the entries of a row <= upper, row by row.

    columns: positions in x. names (count,): what each row limits, the same at all its nodes.
    """

    rows: np.ndarray
    columns: np.ndarray
    values: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    names: tuple[str, ...]

    @property
    def count(self) -> int:
        """Number of rows."""
        return len(self.names)

    def of(self, x: np.ndarray) -> np.ndarray:
        """The rows' values (count,) at x."""
        return np.bincount(self.rows, self.values * x[self.columns], minlength=self.count)


_NO_INDEX, _NO_NUMBER = np.array([], dtype=int), np.array([])
NONE = Limits(_NO_INDEX, _NO_INDEX, _NO_NUMBER, _NO_NUMBER, _NO_NUMBER, ())
"""No row."""

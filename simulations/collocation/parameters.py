"""The program's parameters, by name: the one place that knows where each stands in the vector."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import casadi as ca
import numpy as np


class Parameters:
    """Named matrices, stacked column-major in the order in which they are named."""

    def __init__(self, shapes: Mapping[str, tuple[int, int]]) -> None:
        self.shapes = dict(shapes)

    @cached_property
    def _starts(self) -> dict[str, int]:
        sizes = [rows * columns for rows, columns in self.shapes.values()]
        return dict(zip(self.shapes, np.cumsum([0, *sizes]).tolist(), strict=False))

    @property
    def size(self) -> int:
        """Length of the vector."""
        return sum(rows * columns for rows, columns in self.shapes.values())

    def place(self, name: str) -> slice:
        """Where a parameter stands in the vector."""
        rows, columns = self.shapes[name]
        return slice(self._starts[name], self._starts[name] + rows * columns)

    def of(self, vector: ca.MX, name: str) -> ca.MX:
        """A parameter of the symbolic vector, in its shape."""
        return ca.reshape(vector[self.place(name)], *self.shapes[name])

    def pack(self, values: Mapping[str, np.ndarray | float]) -> np.ndarray:
        """The vector. Raises ValueError for a missing, unknown or misshapen parameter."""
        strangers = set(values) ^ set(self.shapes)
        if strangers:
            raise ValueError(f"parameter {min(strangers)}: not given, or not one of the program's")
        vector = np.empty(self.size)
        for name, shape in self.shapes.items():
            value = np.asarray(values[name], dtype=float)
            if value.size != shape[0] * shape[1]:
                raise ValueError(f"parameter {name}: {value.shape} is not {shape}")
            vector[self.place(name)] = value.ravel(order="F")
        return vector

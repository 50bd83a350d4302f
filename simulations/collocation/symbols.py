"""The program's unknowns and parameters as symbols, made once, and where node values stand."""

from __future__ import annotations

import casadi as ca
import numpy as np

from simulations.collocation.layout import Layout
from simulations.collocation.parameters import Parameters
from simulations.collocation.scheme import Scheme


class Symbols:
    """Unknowns x (n_x) and parameters p (np); of x the duration (s) and the nodes' z (nz x N)."""

    def __init__(self, layout: Layout, scheme: Scheme, parameters: Parameters) -> None:
        self.layout, self.scheme, self.parameters = layout, scheme, parameters
        self.n = scheme.nodes
        self.x = ca.MX.sym("x", 1 + layout.size * self.n)
        self.p = ca.MX.sym("p", parameters.size)
        self.duration = self.x[0]
        self.z = ca.reshape(self.x[1:], layout.size, self.n)

    def parameter(self, name: str) -> ca.MX:
        """A parameter by name, in its shape."""
        return self.parameters.of(self.p, name)

    def places(self, columns: np.ndarray) -> np.ndarray:
        """Positions in x of node unknowns (nx x n) at all nodes: (nx x n N)."""
        at = 1 + columns[:, None, :] + self.layout.size * np.arange(self.n)[None, :, None]
        return at.reshape(len(columns), -1)

    def row_places(self, rows: np.ndarray) -> np.ndarray:
        """Positions in g of node rows (ny x n) at all nodes: (ny x n N); -1 for none."""
        at = rows[:, None, :] + self.layout.row_count * np.arange(self.n)[None, :, None]
        return np.where(rows[:, None, :] < 0, -1, at).reshape(len(rows), -1)

    def columns(self, indices: np.ndarray, nodes: np.ndarray) -> np.ndarray:
        """Positions in x of node unknowns `indices` at `nodes`: indices running fastest."""
        return (1 + nodes[:, None] * self.layout.size + indices[None, :]).ravel()

    def at(self, places: np.ndarray) -> ca.MX:
        """The unknowns at places in x, in their shape."""
        return ca.reshape(self.x[places.ravel(order="F").tolist()], *places.shape)

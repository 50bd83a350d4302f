"""The objective: the quadrature of the nodes' costs over the stride, and the stride time's cost."""

from __future__ import annotations

from functools import cached_property

import casadi as ca
import numpy as np

from simulations.collocation import objective as costs
from simulations.collocation.symbols import Symbols
from simulations.collocation.triplets import Triplets


class RunningCost:
    """Of node functions (collocation.objective), over as many simulated spans as make a stride."""

    def __init__(self, symbols: Symbols, nodes: costs.CostFunctions, spans: int) -> None:
        self.symbols, self.nodes, self.spans = symbols, nodes, spans

    def _arguments(self) -> tuple[ca.MX, ca.MX, ca.MX]:
        symbols = self.symbols
        moving = "reference" in symbols.parameters.shapes
        reference = symbols.parameter("reference") if moving else ca.MX(0, symbols.n)
        return symbols.z, reference, ca.repmat(symbols.parameter("costs"), 1, symbols.n)

    def value(self) -> tuple[ca.MX, ca.MX]:
        """The objective and its weighted terms: those of the nodes, then the stride time's."""
        symbols = self.symbols
        node_terms = self.nodes.terms.map(symbols.n)(*self._arguments())
        mean = ca.mtimes(node_terms, ca.DM(symbols.scheme.weights))
        terms = symbols.parameter("weights") * mean
        terms = ca.vertcat(terms, symbols.parameter("stride_time_weight") * self._late**2)
        return ca.sum1(terms), terms

    @cached_property
    def _late(self) -> ca.MX:
        """The stride's duration less the habit's, in SDs."""
        stride = self.symbols.duration * self.spans
        return (stride - self.symbols.parameter("stride_time")) / costs.DURATION_SD_S

    def _of_nodes(self, function: ca.Function) -> ca.MX:
        """A derivative of the costs at all nodes, by the nodes' quadrature weights."""
        symbols = self.symbols
        weights = ca.repmat(symbols.parameter("weights"), 1, symbols.n)
        values = function.map(symbols.n)(*self._arguments(), weights)
        return ca.vec(values * ca.repmat(ca.DM(symbols.scheme.weights).T, values.shape[0], 1))

    def gradient(self) -> ca.MX:
        """The objective's gradient by x (n_x)."""
        weight = self.symbols.parameter("stride_time_weight")
        per_second = 2 * weight * self.spans / costs.DURATION_SD_S
        return ca.vertcat(per_second * self._late, self._of_nodes(self.nodes.gradient))

    def add_hessian(self, entries: Triplets, sigma: ca.MX) -> None:
        """Adds the upper triangle of the second derivative of sigma x the objective."""
        second, symbols = self.nodes.second, self.symbols
        starts = 1 + symbols.layout.size * np.arange(symbols.n)[:, None]
        entries.add(
            (starts + second[0]).ravel(),
            (starts + second[1]).ravel(),
            sigma * self._of_nodes(self.nodes.hessian),
        )
        square = 2 * (self.spans / costs.DURATION_SD_S) ** 2
        first = np.zeros(1, dtype=int)
        entries.add(first, first, sigma * square * symbols.parameter("stride_time_weight"))

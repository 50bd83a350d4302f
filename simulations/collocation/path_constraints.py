"""The path constraints: the rows of every node, to which elements add, and their derivatives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import casadi as ca
import numpy as np

from simulations.collocation.symbols import Symbols
from simulations.collocation.triplets import Triplets, gather

if TYPE_CHECKING:
    from simulations.collocation.elements import Element


class PathConstraints:
    """Gathers the elements' functions at all nodes; these rows come first in g.

    asked (rows x N): what is asked of the first rows of a node beside what the elements add; None:
    nothing.
    """

    def __init__(
        self,
        symbols: Symbols,
        elements: Sequence[Element],
        asked: ca.MX | None = None,
        threads: int = 1,
    ) -> None:
        self.symbols, self.elements, self.threads = symbols, elements, threads
        self._asked = asked
        self.count = symbols.layout.row_count * symbols.n

    def arguments(self, element: Element) -> tuple[ca.MX, ca.MX, ca.MX]:
        """Unknowns, data and numbers of all instances at all nodes: instances run fastest."""
        symbols = self.symbols
        x = symbols.at(symbols.places(element.columns))
        data = element.data(symbols.z, symbols.parameter)
        numbers = self.numbers(element)
        count = x.shape[1]
        if data.shape[1] != count:
            data = ca.repmat(data, 1, count // data.shape[1])
        return x, data, ca.repmat(numbers, 1, count // numbers.shape[1])

    def numbers(self, element: Element) -> ca.MX:
        """Numbers of an element's instances at one node, or of one where all have the same."""
        if not element.numbers:
            return ca.MX.zeros(1, 1)
        numbers = self.symbols.parameter(element.numbers)
        if element.numbers.startswith("muscles/"):
            shared = ca.repmat(self.symbols.parameter("shared"), 1, numbers.shape[1])
            return ca.vertcat(numbers, shared)
        return numbers

    def rows(self) -> ca.MX:
        """The rows of all nodes (row_count x N)."""
        symbols, row_count = self.symbols, self.symbols.layout.row_count
        places, values = [], []
        for element in self.elements:
            at = symbols.row_places(element.rows).ravel(order="F")
            kept = np.flatnonzero(at >= 0)
            count = len(at) // len(element.rows)
            value = element.functions.mapped("value", count, self.threads)
            y = ca.vec(value(*self.arguments(element)))
            places.append(at[kept])
            values.append(y if len(kept) == len(at) else y[kept.tolist()])
        rows = ca.reshape(gather(places, self.count, values), row_count, symbols.n)
        if self._asked is None:
            return rows
        rest = ca.MX.zeros(row_count - self._asked.shape[0], symbols.n)
        return rows + ca.vertcat(self._asked, rest)

    def add_jacobian(self, entries: Triplets) -> None:
        """Adds the rows' derivatives by x."""
        for element in self.elements:
            first = element.functions.first
            at = self.symbols.row_places(element.rows)
            places = self.symbols.places(element.columns)
            mapped = element.functions.mapped("jacobian", places.shape[1], self.threads)
            found = ca.vec(mapped(*self.arguments(element)))
            row, column = at[first[0]].ravel(order="F"), places[first[1]].ravel(order="F")
            kept = np.flatnonzero(row >= 0)
            values = found if len(kept) == len(row) else found[kept.tolist()]
            entries.add(row[kept], column[kept], values)

    def add_hessian(self, entries: Triplets, lam: ca.MX) -> None:
        """Adds the upper triangle of the second derivative of lam (n_g) . g, as far as of these."""
        padded = ca.vertcat(lam, ca.MX.zeros(1))  # a row that is none has multiplier zero
        for element in self.elements:
            second = element.functions.second
            if not second.size:
                continue
            at = self.symbols.row_places(element.rows)
            places = self.symbols.places(element.columns)
            at = np.where(at < 0, lam.numel(), at)
            multipliers = ca.reshape(padded[at.ravel(order="F").tolist()], *at.shape)
            mapped = element.functions.mapped("hessian", places.shape[1], self.threads)
            found = mapped(*self.arguments(element), multipliers)
            pair = places[second[0]].ravel(order="F"), places[second[1]].ravel(order="F")
            entries.add(np.minimum(*pair), np.maximum(*pair), ca.vec(found))

"""The boundary conditions, linear in the unknowns but for forward travel, and limits after them."""

from __future__ import annotations

from dataclasses import dataclass

import casadi as ca
import numpy as np

from formats.description import RunnerDescription
from simulations.collocation.layout import Layout
from simulations.collocation.limits import Limits
from simulations.collocation.symbols import Symbols
from simulations.collocation.triplets import Triplets


@dataclass(frozen=True)
class Linear:
    """Linear rows: sum of value x[column] over the entries of a row = 0.

    travel: rows from which forward speed x D is taken.
    """

    rows: np.ndarray
    columns: np.ndarray
    values: np.ndarray
    count: int
    travel: np.ndarray

    def of(self, symbols: Symbols) -> ca.MX:
        """The rows' values (count)."""
        matrix = ca.DM.triplet(
            self.rows.tolist(),
            self.columns.tolist(),
            ca.DM(self.values),
            self.count,
            symbols.x.numel(),
        )
        travel = np.zeros(self.count)
        travel[self.travel] = 1.0
        forward = ca.DM(travel) * symbols.parameter("speed") * symbols.duration
        return ca.mtimes(matrix, symbols.x) - forward

    def add_jacobian(self, entries: Triplets, symbols: Symbols, start: int) -> None:
        """Adds the rows' derivatives by x; they stand in g from `start` on."""
        entries.add(start + self.rows, self.columns, ca.MX(ca.DM(self.values)))
        if len(self.travel):
            by_duration = ca.repmat(-symbols.parameter("speed"), len(self.travel), 1)
            first = np.zeros(len(self.travel), dtype=int)
            entries.add(start + self.travel, first, by_duration)


def periodic(runner: RunnerDescription, layout: Layout, nodes: int, *, mirrored: bool) -> Linear:
    """Last node = (mirrored) first node for q, u, a, F, e, c; forward travel = speed x D."""
    rows: list[int] = []
    columns: list[int] = []
    values: list[float] = []
    last = 1 + layout.size * (nodes - 1)

    def image(names: list[str], mirrors: list[str], signs: list[int], block: str) -> None:
        own = layout.block(block)
        for i, name in enumerate(names):
            j = names.index(mirrors[i]) if mirrored else i
            sign = signs[i] if mirrored else 1
            row = len(rows) // 2
            rows.extend([row, row])
            columns.extend([last + own[i], 1 + own[j]])
            values.extend([1.0, -float(sign)])
            if name == "pelvis_tx" and block == "q":
                travel.append(row)

    travel: list[int] = []
    coordinates = runner.coordinates
    for block in ("q", "u"):
        image(
            [c.name for c in coordinates],
            [c.mirror for c in coordinates],
            [c.mirror_sign for c in coordinates],
            block,
        )
    muscles = runner.muscles
    compliant = [muscles[i] for i in layout.compliant]
    for block, group in (("a", muscles), ("e", muscles), ("F", compliant)):
        image([m.name for m in group], [m.mirror for m in group], [1] * len(group), block)
    actuators = runner.actuators
    image(
        [a.name for a in actuators],
        [a.mirror for a in actuators],
        [a.mirror_sign for a in actuators],
        "c",
    )
    count = len(rows) // 2
    row, column, taken = (np.array(part, dtype=int) for part in (rows, columns, travel))
    return Linear(row, column, np.array(values), count, taken)


def limited(boundary: Linear, limits: Limits) -> Linear:
    """Boundary rows with those of the limits after them."""
    return Linear(
        np.concatenate([boundary.rows, boundary.count + limits.rows]),
        np.concatenate([boundary.columns, limits.columns]),
        np.concatenate([boundary.values, limits.values]),
        boundary.count + limits.count,
        boundary.travel,
    )


def begun(layout: Layout) -> Linear:
    """Activation = excitation at the first node: no muscle starts on what nothing has paid for."""
    nm = layout.nm
    columns = 1 + np.concatenate([layout.block("a"), layout.block("e")])
    rows, values = np.tile(np.arange(nm), 2), np.repeat([1.0, -1.0], nm)
    return Linear(rows, columns, values, nm, np.array([], dtype=int))

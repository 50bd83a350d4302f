"""The defects of collocation: A S + h B dS for the states S = (q, u, a, F), and their derivatives.

Betts 2010, Practical Methods for Optimal Control, section 4. Rates of q, u and F are unknowns of
the node; that of a is activation dynamics.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import casadi as ca
import numpy as np

from simulations.collocation.layout import RATES
from simulations.collocation.symbols import Symbols
from simulations.collocation.triplets import Triplets

if TYPE_CHECKING:
    from simulations.collocation.elements import ActivationFunctions


class Defects:
    """Rows of g from `start` on: the mesh's rows, in each the states, which run fastest."""

    def __init__(self, symbols: Symbols, activation: ActivationFunctions, start: int) -> None:
        self.symbols, self._functions, self.start = symbols, activation, start
        layout, scheme = symbols.layout, symbols.scheme

        # For each state: its own block, the block its rate stands in, and the ratio of scales.
        scale = layout.scale
        self._rate_blocks = []
        for state, rate in RATES:
            s, r = layout.block(state), layout.block(rate)
            if len(s):
                self._rate_blocks.append((s, r, scale[r] / scale[s]))
        # Triplets of the scheme: A_rj and B_rj on their common pattern.
        pattern = (abs(scheme.A) + abs(scheme.B)).tocoo()
        self._mesh_rows, self._mesh_nodes = pattern.row, pattern.col
        self._a = np.asarray(scheme.A[pattern.row, pattern.col]).ravel()
        self._hb = np.asarray(scheme.B[pattern.row, pattern.col]).ravel() * scheme.h_share
        self.n_mesh_rows = scheme.A.shape[0]
        self.count = layout.states.size * self.n_mesh_rows

    # Activation dynamics

    @cached_property
    def _activation(self) -> tuple[ca.MX, ca.MX]:
        """Activation and excitation of all muscles at all nodes (2 x nm N), time constants."""
        symbols, layout = self.symbols, self.symbols.layout
        places = symbols.places(np.stack([layout.block("a"), layout.block("e")]))
        constants = ca.repmat(symbols.parameter("time_constants"), 1, symbols.n)
        return symbols.at(places), constants

    def _activation_map(self, function: ca.Function) -> ca.MX:
        """A function of activation dynamics, of all muscles at all nodes."""
        x, constants = self._activation
        return function.map(x.shape[1])(x, constants)

    @cached_property
    def _activation_slopes(self) -> tuple[ca.MX, ca.MX]:
        """Derivatives of da/dt by activation and by excitation (nm x N each)."""
        slopes = self._activation_map(self._functions.jacobian)
        nm, n = self.symbols.layout.nm, self.symbols.n
        da, de = (ca.reshape(slopes[i, :], nm, n) for i in range(2))
        return da, de

    # Values

    @cached_property
    def _state_rates(self) -> ca.MX:
        """Rates of the states q, u, a, F (ns x nodes), in units of the states' scales."""
        symbols, layout = self.symbols, self.symbols.layout
        rates = {}
        for s, r, ratio in self._rate_blocks:
            rates[int(s[0])] = symbols.z[r.tolist(), :] * ca.repmat(ca.DM(ratio), 1, symbols.n)
        if layout.nm:
            activation = self._activation_map(self._functions.value)
            rates[int(layout.block("a")[0])] = ca.reshape(activation, layout.nm, symbols.n)
        return ca.vertcat(*[rates[key] for key in sorted(rates)])

    def rows(self) -> ca.MX:
        """Rows of all states (a column), state running fastest."""
        symbols, scheme = self.symbols, self.symbols.scheme
        states = symbols.z[symbols.layout.states.tolist(), :]
        h = symbols.duration * scheme.h_share
        rows = ca.mtimes(states, ca.DM(scheme.A.T.tocsc()))
        return ca.vec(rows + h * ca.mtimes(self._state_rates, ca.DM(scheme.B.T.tocsc())))

    # Derivatives

    def _positions(self, block: np.ndarray) -> np.ndarray:
        """Rows of g for a state block at each entry of the mesh pattern: state running fastest."""
        order = list(self.symbols.layout.states)
        own = np.array([order.index(i) for i in block])
        return (self.start + self._mesh_rows[:, None] * len(order) + own[None, :]).ravel()

    def add_jacobian(self, entries: Triplets) -> None:
        """Adds the rows' derivatives by x."""
        symbols, layout, nodes = self.symbols, self.symbols.layout, self._mesh_nodes
        for s, r, ratio in self._rate_blocks:
            positions = self._positions(s)
            of_state = ca.MX(ca.DM(np.repeat(self._a, len(s))))
            of_rate = symbols.duration * ca.DM(np.outer(self._hb, ratio).ravel())
            entries.add(positions, symbols.columns(s, nodes), of_state)
            entries.add(positions, symbols.columns(r, nodes), of_rate)
        if layout.nm:
            self._add_activation_jacobian(entries)
        by_duration = ca.mtimes(self._state_rates, ca.DM(symbols.scheme.B.T.tocsc()))
        entries.add(
            self.start + np.arange(self.count),
            np.zeros(self.count, dtype=int),
            ca.vec(by_duration) * symbols.scheme.h_share,
        )

    def _add_activation_jacobian(self, entries: Triplets) -> None:
        symbols, layout, nodes = self.symbols, self.symbols.layout, self._mesh_nodes
        da, de = self._activation_slopes
        positions = self._positions(layout.block("a"))
        spread = ca.repmat(symbols.duration * ca.DM(self._hb).T, layout.nm, 1)
        own = ca.repmat(ca.DM(self._a).T, layout.nm, 1)
        by_a, by_e = own + spread * da[:, nodes.tolist()], spread * de[:, nodes.tolist()]
        entries.add(positions, symbols.columns(layout.block("a"), nodes), ca.vec(by_a))
        entries.add(positions, symbols.columns(layout.block("e"), nodes), ca.vec(by_e))

    def add_hessian(self, entries: Triplets, lam: ca.MX) -> None:
        """Adds the upper triangle of the second derivative of lam (n_g) . g, as far as of these."""
        symbols, layout, n = self.symbols, self.symbols.layout, self.symbols.n
        # Multiplier of each state's rate at each node, per second of duration.
        mesh = lam[self.start : self.start + self.count]
        b = ca.DM(symbols.scheme.B.tocsc()) * symbols.scheme.h_share
        pull = ca.mtimes(ca.reshape(mesh, layout.states.size, self.n_mesh_rows), b)
        order, nodes = list(layout.states), np.arange(n)

        def pulled(block: np.ndarray) -> ca.MX:
            return pull[[order.index(i) for i in block], :]

        cross = [
            (r, pulled(s) * ca.repmat(ca.DM(ratio), 1, n)) for s, r, ratio in self._rate_blocks
        ]
        if layout.nm:
            own = pulled(layout.block("a"))
            da, de = self._activation_slopes
            cross += [(layout.block("a"), own * da), (layout.block("e"), own * de)]
            curvature = self._activation_map(self._functions.hessian)
            bent = curvature * ca.repmat(ca.reshape(symbols.duration * own, 1, -1), 3, 1)
            a, e = (symbols.columns(layout.block(name), nodes) for name in ("a", "e"))
            entries.add(a, a, ca.vec(bent[0, :]))
            entries.add(np.minimum(a, e), np.maximum(a, e), ca.vec(bent[1, :]))
            entries.add(e, e, ca.vec(bent[2, :]))
        for indices, value in cross:
            columns = symbols.columns(indices, nodes)
            entries.add(np.zeros(len(columns), dtype=int), columns, ca.vec(value))

"""Direct collocation of a stride: the nonlinear program with exact derivatives, by blocks.

Unknowns x: the span's duration D (s), then the scaled unknowns z of node 0, 1, .. N. The span is
half a stride when left and right are mirror images, else a whole stride. Constraints g, all zero:

path         the rows of every node (simulations.node)
collocation  A S + D h B dS = 0 for the states S = (q, u, a, F) on every interval
boundary     last node = mirror image of the first, the pelvis advanced by speed x D; linear

Only D couples all nodes. Derivatives are gathered from one node's, never by differentiating the
whole graph: colouring it would repeat the work (measured: ten times slower).
"""

from __future__ import annotations

from dataclasses import dataclass

import casadi as ca
import numpy as np

from simulations import node as node_equations
from simulations import objective as costs
from simulations.description import RunnerDescription
from simulations.layout import Layout
from simulations.scheme import Scheme


@dataclass(frozen=True)
class Linear:
    """Linear rows: sum of value x[column] over the entries of a row = 0."""

    rows: np.ndarray
    columns: np.ndarray
    values: np.ndarray
    count: int


@dataclass(frozen=True)
class Transcription:
    """The program's functions, as CasADi's nlpsol takes them, and where things stand in x and g.

    p: reference coordinates (nq x nodes, column-major), weights (6), T_ref, habit weight of T,
    rounding of friction's corner (N).
    """

    layout: Layout
    scheme: Scheme
    spans: int
    node: node_equations.NodeFunctions
    nlp: ca.Function
    grad_f: ca.Function
    jac_g: ca.Function
    hess_lag: ca.Function
    terms: ca.Function
    n_path: int
    n_collocation: int
    n_boundary: int

    @property
    def n_x(self) -> int:
        return 1 + self.layout.size * self.scheme.nodes

    def pack(self, duration: float, z: np.ndarray) -> np.ndarray:
        """x from the duration (s) and the scaled node unknowns (nz x nodes)."""
        return np.concatenate([[duration], z.T.ravel()])

    def unpack(self, x: np.ndarray) -> tuple[float, np.ndarray]:
        """Duration (s) and scaled node unknowns (nz x nodes) from x."""
        return float(x[0]), x[1:].reshape(self.scheme.nodes, self.layout.size).T


def boundary_rows(
    runner: RunnerDescription, layout: Layout, nodes: int, *, mirrored: bool, speed: float
) -> Linear:
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
    for row in travel:
        rows.append(row)
        columns.append(0)
        values.append(-speed)
    return Linear(np.array(rows), np.array(columns), np.array(values), count)


def transcribe(
    runner: RunnerDescription,
    scheme: Scheme,
    objective: costs.Objective,
    *,
    speed: float,
    mirrored: bool = True,
    threads: int = 1,
    held: np.ndarray | None = None,
) -> Transcription:
    """Write the program for a runner at a forward speed (m/s) on a mesh.

    held: (nq,) share of the habit's weight for each coordinate; None: 1.
    """
    layout = Layout.of(runner)
    functions = node_equations.build(runner, layout)
    cost = costs.build(runner, layout, objective, held)
    linear = boundary_rows(runner, layout, scheme.nodes, mirrored=mirrored, speed=speed)
    return _Assembly(layout, scheme, functions, cost, linear, 2 if mirrored else 1, threads).build()


class _Assembly:
    """Gathers node functions into the program's functions. Symbols are made once, used by all."""

    def __init__(
        self,
        layout: Layout,
        scheme: Scheme,
        functions: node_equations.NodeFunctions,
        cost: costs.CostFunctions,
        linear: Linear,
        spans: int,
        threads: int,
    ) -> None:
        self.layout, self.scheme, self.linear, self.spans = layout, scheme, linear, spans
        self.cost, self.functions = cost, functions
        self.n = scheme.nodes
        self.map_options = ("thread", threads) if threads > 1 else ()
        nz, nq = layout.size, layout.nq

        self.x = ca.MX.sym("x", 1 + nz * self.n)
        self.p = ca.MX.sym("p", nq * self.n + len(costs.TERMS) + 3)
        self.duration = self.x[0]
        self.z = ca.reshape(self.x[1:], nz, self.n)
        self.reference = ca.reshape(self.p[: nq * self.n], nq, self.n)
        self.weights = self.p[nq * self.n : nq * self.n + len(costs.TERMS)]
        self.t_ref, self.t_weight = self.p[-3], self.p[-2]
        self.corner = ca.repmat(self.p[-1], 1, self.n)

        # For each state: its own block, the block its rate stands in, and the ratio of scales.
        scale = layout.scale
        self.rate_blocks = []
        for state, rate in (("q", "u"), ("u", "du"), ("F", "dF")):
            s, r = layout.block(state), layout.block(rate)
            if len(s):
                self.rate_blocks.append((s, r, scale[r] / scale[s]))
        # Triplets of the scheme: A_rj and B_rj on their common pattern.
        pattern = (abs(scheme.A) + abs(scheme.B)).tocoo()
        self.mesh_rows, self.mesh_nodes = pattern.row, pattern.col
        self.a = np.asarray(scheme.A[pattern.row, pattern.col]).ravel()
        self.hb = np.asarray(scheme.B[pattern.row, pattern.col]).ravel() * scheme.h_share
        self.n_mesh_rows = scheme.A.shape[0]

    def _map(self, function: ca.Function) -> ca.Function:
        return function.map(self.n, *self.map_options)

    def build(self) -> Transcription:
        g_path, rates = self._map(self.functions.rows)(self.z, self.corner)
        state_rates = self._state_rates(rates)
        f, terms = self._objective()
        g = ca.vertcat(ca.vec(g_path), self._collocation(state_rates), self._boundary())
        jacobian = self._jacobian(state_rates)
        sigma, lam = ca.MX.sym("sigma"), ca.MX.sym("lam", g.numel())
        return Transcription(
            self.layout,
            self.scheme,
            self.spans,
            self.functions,
            ca.Function("nlp", [self.x, self.p], [f, g], ["x", "p"], ["f", "g"]),
            ca.Function("nlp_grad_f", [self.x, self.p], [f, self._gradient()]),
            ca.Function("nlp_jac_g", [self.x, self.p], [g, jacobian]),
            ca.Function(
                "nlp_hess_l", [self.x, self.p, sigma, lam], [self._hessian(sigma, lam, g_path)]
            ),
            ca.Function("terms", [self.x, self.p], [terms]),
            g_path.numel(),
            self.layout.states.size * self.n_mesh_rows,
            self.linear.count,
        )

    # Values

    def _state_rates(self, activation_rates: ca.MX) -> ca.MX:
        """Rates of the states q, u, a, F (ns x nodes), in units of the states' scales."""
        layout = self.layout
        rates = {}
        for s, r, ratio in self.rate_blocks:
            rates[int(s[0])] = self.z[r.tolist(), :] * ca.DM(ratio)
        rates[int(layout.block("a")[0])] = activation_rates
        return ca.vertcat(*[rates[key] for key in sorted(rates)])

    def _collocation(self, state_rates: ca.MX) -> ca.MX:
        """Rows of all states, state running fastest."""
        states = self.z[self.layout.states.tolist(), :]
        h = self.duration * self.scheme.h_share
        rows = ca.mtimes(states, ca.DM(self.scheme.A.T.tocsc()))
        return ca.vec(rows + h * ca.mtimes(state_rates, ca.DM(self.scheme.B.T.tocsc())))

    def _boundary(self) -> ca.MX:
        pattern = (self.linear.rows, self.linear.columns)
        matrix = ca.DM.triplet(
            pattern[0].tolist(),
            pattern[1].tolist(),
            ca.DM(self.linear.values),
            self.linear.count,
            self.x.numel(),
        )
        return ca.mtimes(matrix, self.x)

    def _objective(self) -> tuple[ca.MX, ca.MX]:
        node_terms = self.cost.terms.map(self.n)(self.z, self.reference)
        terms = self.weights * ca.mtimes(node_terms, ca.DM(self.scheme.weights))
        stride = (self.duration * self.spans - self.t_ref) / costs.DURATION_SD_S
        terms = ca.vertcat(terms, self.t_weight * stride**2)
        return ca.sum1(terms), terms

    # Derivatives

    def _weighted(self, values: ca.MX) -> ca.MX:
        return values * ca.repmat(ca.DM(self.scheme.weights).T, self.layout.size, 1)

    def _node_costs(self, function: ca.Function) -> ca.MX:
        weights = ca.repmat(self.weights, 1, self.n)
        return self._weighted(function.map(self.n)(self.z, self.reference, weights))

    def _gradient(self) -> ca.MX:
        stride = (self.duration * self.spans - self.t_ref) / costs.DURATION_SD_S**2
        by_duration = 2 * self.t_weight * self.spans * stride
        return ca.vertcat(by_duration, ca.vec(self._node_costs(self.cost.gradient)))

    def _columns(self, indices: np.ndarray, nodes: np.ndarray) -> np.ndarray:
        """Positions in x of node unknowns `indices` at `nodes`: indices running fastest."""
        return (1 + nodes[:, None] * self.layout.size + indices[None, :]).ravel()

    def _mesh_positions(self, state: str) -> np.ndarray:
        """Rows of g for a state block at each entry of the mesh pattern: state running fastest."""
        start = self.functions.row_count * self.n
        order = list(self.layout.states)
        own = np.array([order.index(i) for i in self.layout.block(state)])
        return (start + self.mesh_rows[:, None] * len(order) + own[None, :]).ravel()

    def _jacobian(self, state_rates: ca.MX) -> ca.MX:
        layout, n = self.layout, self.n
        blocks, da, de = self._map(self.functions.jacobian)(self.z, self.corner)
        pattern = np.array(self.functions.jacobian.sparsity_out(0).get_triplet())
        rows = [(np.arange(n)[:, None] * self.functions.row_count + pattern[0]).ravel()]
        columns = [(1 + np.arange(n)[:, None] * layout.size + pattern[1]).ravel()]
        values = [blocks.nz[:]]

        h_b = self.duration * ca.DM(self.hb)
        for (s, r, ratio), name in zip(self.rate_blocks, ("q", "u", "F"), strict=False):
            positions = self._mesh_positions(name)
            rows += [positions, positions]
            columns += [self._columns(s, self.mesh_nodes), self._columns(r, self.mesh_nodes)]
            values.append(ca.MX(ca.DM(np.repeat(self.a, len(s)))))
            values.append(self.duration * ca.DM(np.outer(self.hb, ratio).ravel()))
        nm = layout.nm
        if nm:
            positions = self._mesh_positions("a")
            nodes = self.mesh_nodes.tolist()
            spread = ca.repmat(h_b.T, nm, 1)
            rows += [positions, positions]
            for block in ("a", "e"):
                columns.append(self._columns(layout.block(block), self.mesh_nodes))
            values.append(ca.vec(ca.repmat(ca.DM(self.a).T, nm, 1) + spread * da[:, nodes]))
            values.append(ca.vec(spread * de[:, nodes]))

        mesh_rows = layout.states.size * self.n_mesh_rows
        start = self.functions.row_count * n
        rows += [start + np.arange(mesh_rows), start + mesh_rows + self.linear.rows]
        columns += [np.zeros(mesh_rows, dtype=int), self.linear.columns]
        by_duration = ca.mtimes(state_rates, ca.DM(self.scheme.B.T.tocsc()))
        values += [ca.vec(by_duration) * self.scheme.h_share, ca.MX(ca.DM(self.linear.values))]
        shape = (start + mesh_rows + self.linear.count, self.x.numel())
        return scatter(shape, rows, columns, values)

    def _hessian(self, sigma: ca.MX, lam: ca.MX, g_path: ca.MX) -> ca.MX:
        layout, n, size = self.layout, self.n, self.layout.size
        path = ca.reshape(lam[: g_path.numel()], self.functions.row_count, n)
        n_states = layout.states.size
        mesh = lam[g_path.numel() : g_path.numel() + n_states * self.n_mesh_rows]
        # Multiplier of each state's rate at each node, per second of duration.
        b = ca.DM(self.scheme.B.tocsc()) * self.scheme.h_share
        pull = ca.mtimes(ca.reshape(mesh, n_states, self.n_mesh_rows), b)
        order = list(layout.states)

        def of(block: str) -> ca.MX:
            return pull[[order.index(i) for i in layout.block(block)], :]

        blocks = self._map(self.functions.hessian)(
            self.z, self.corner, path, self.duration * of("a")
        )
        pattern = np.array(self.functions.hessian.sparsity_out(0).get_triplet())
        rows = [(1 + np.arange(n)[:, None] * size + pattern[0]).ravel()]
        columns = [(1 + np.arange(n)[:, None] * size + pattern[1]).ravel()]
        values = [blocks.nz[:]]

        diagonal = 1 + np.arange(n * size)
        rows.append(diagonal)
        columns.append(diagonal)
        values.append(sigma * ca.vec(self._node_costs(self.cost.curvature)))

        cross = []
        for (_, r, ratio), name in zip(self.rate_blocks, ("q", "u", "F"), strict=False):
            cross.append((r, of(name) * ca.DM(ratio)))
        if layout.nm:
            _, da, de = self._map(self.functions.jacobian)(self.z, self.corner)
            cross += [(layout.block("a"), of("a") * da), (layout.block("e"), of("a") * de)]
        for indices, value in cross:
            columns.append(self._columns(indices, np.arange(n)))
            rows.append(np.zeros(len(columns[-1]), dtype=int))
            values.append(ca.vec(value))
        rows.append(np.zeros(1, dtype=int))
        columns.append(np.zeros(1, dtype=int))
        values.append(sigma * 2 * self.t_weight * (self.spans / costs.DURATION_SD_S) ** 2)
        return scatter((self.x.numel(), self.x.numel()), rows, columns, values)


def scatter(
    shape: tuple[int, int], rows: list[np.ndarray], columns: list[np.ndarray], values: list[ca.MX]
) -> ca.MX:
    """Sparse matrix with the values summed at their positions."""
    row, column = np.concatenate(rows), np.concatenate(columns)
    key = column.astype(np.int64) * shape[0] + row
    unique, position = np.unique(key, return_inverse=True)
    sparsity = ca.Sparsity.triplet(
        *shape, (unique % shape[0]).tolist(), (unique // shape[0]).tolist()
    )
    stacked = ca.vertcat(*values)
    if len(unique) == len(key):
        inverse = np.empty(len(key), dtype=int)
        inverse[position] = np.arange(len(key))
        return ca.MX(sparsity, stacked.nz[inverse.tolist()])
    gather = ca.DM.triplet(
        position.tolist(), list(range(len(key))), ca.DM.ones(len(key)), len(unique), len(key)
    )
    return ca.MX(sparsity, ca.mtimes(gather, stacked))

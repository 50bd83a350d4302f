"""Load sharing over a prescribed stride as a nonlinear program with exact derivatives, by blocks.

Unknowns x: the scaled unknowns of node 0, 1, .. N (simulations.sharing). Constraints g, all zero:

path         the rows of every node
collocation  A S + h B dS = 0 for the states S = (a, F) on every interval
start        activation = excitation at the first node

The states are free at both ends, for measured strides do not close; the start row keeps a muscle
from beginning with an activation that nothing has paid for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import casadi as ca
import numpy as np

from simulations import sharing
from simulations.collocation import scatter
from simulations.description import RunnerDescription
from simulations.objective import Objective
from simulations.prescribed import Demand
from simulations.problem import TENDON_FORCE_RANGE, TENDON_RATE_LIMIT
from simulations.scheme import Scheme
from simulations.sharing import SharingFunctions, SharingLayout
from simulations.solve import ACTIVE


@dataclass(frozen=True)
class SharingProblem:
    """A posed problem: the program's functions, bounds and parameters."""

    runner: RunnerDescription
    layout: SharingLayout
    scheme: Scheme
    demand: Demand
    nlp: ca.Function
    grad_f: ca.Function
    jac_g: ca.Function
    hess_lag: ca.Function
    terms: ca.Function
    lower: np.ndarray
    upper: np.ndarray
    parameters: np.ndarray

    def values(self, x: np.ndarray) -> np.ndarray:
        """Physical values (nz x nodes) of the unknowns x."""
        z = x.reshape(self.scheme.nodes, self.layout.size).T
        return z * self.layout.scale[:, None]

    def pack(self, values: np.ndarray) -> np.ndarray:
        """x from physical values (nz x nodes)."""
        return (values / self.layout.scale[:, None]).T.ravel()


def pose(
    runner: RunnerDescription,
    demand: Demand,
    scheme: Scheme,
    objective: Objective,
    functions: SharingFunctions,
    threads: int = 1,
) -> SharingProblem:
    """Pose the sharing of a demand whose nodes are the scheme's."""
    layout = SharingLayout.of(runner, objective)
    given = sharing.parameters(layout, demand)
    duration = float(demand.time[-1] - demand.time[0])
    lower, upper = bounds(runner, layout)
    assembly = _Assembly(layout, scheme, functions, duration, len(given), threads)
    f, terms = assembly.objective(sharing.weights(objective))
    g = assembly.constraints()
    x, p = assembly.x, assembly.p
    sigma, lam = ca.MX.sym("sigma"), ca.MX.sym("lam", g.numel())
    return SharingProblem(
        runner,
        layout,
        scheme,
        demand,
        ca.Function("nlp", [x, p], [f, g], ["x", "p"], ["f", "g"]),
        ca.Function("nlp_grad_f", [x, p], [f, assembly.gradient(sharing.weights(objective))]),
        ca.Function("nlp_jac_g", [x, p], [g, assembly.jacobian()]),
        ca.Function(
            "nlp_hess_l",
            [x, p, sigma, lam],
            [assembly.hessian(sigma, lam, sharing.weights(objective))],
        ),
        ca.Function("terms", [x], [terms]),
        np.tile(lower, scheme.nodes),
        np.tile(upper, scheme.nodes),
        given.T.ravel(),
    )


def bounds(runner: RunnerDescription, layout: SharingLayout) -> tuple[np.ndarray, np.ndarray]:
    """Bounds of one node's scaled unknowns. Actuators are not bounded: what they give is judged."""
    lower, upper = np.full(layout.size, -np.inf), np.full(layout.size, np.inf)
    limits = {
        "a": [(m.min_control, 1.0) for m in runner.muscles],
        "F": [TENDON_FORCE_RANGE] * len(layout.compliant),
        "e": [(m.min_control, m.max_control) for m in runner.muscles],
        "dF": [(-TENDON_RATE_LIMIT, TENDON_RATE_LIMIT)] * len(layout.compliant),
        "R": [(0.0, 1000.0)] if layout.rated else [],
    }
    for name, pairs in limits.items():
        if pairs:
            block = layout.block(name)
            lower[block], upper[block] = np.array(pairs).T
    # An actuator of the base would carry what the measured force must.
    names = [runner.coordinates[i].name for i in layout.balanced]
    for i, actuator in zip(layout.block("c"), runner.actuators, strict=True):
        if actuator.coordinate not in names:
            lower[i] = upper[i] = 0.0
    return lower / layout.scale, upper / layout.scale


class _Assembly:
    """Gathers node functions into the program's."""

    def __init__(
        self,
        layout: SharingLayout,
        scheme: Scheme,
        functions: SharingFunctions,
        duration: float,
        given: int,
        threads: int,
    ) -> None:
        self.layout, self.scheme, self.functions = layout, scheme, functions
        self.n = scheme.nodes
        self.map_options = ("thread", threads) if threads > 1 else ()
        self.x = ca.MX.sym("x", layout.size * self.n)
        self.p = ca.MX.sym("p", given * self.n)
        self.z = ca.reshape(self.x, layout.size, self.n)
        self.given = ca.reshape(self.p, given, self.n)
        pattern = (abs(scheme.A) + abs(scheme.B)).tocoo()
        self.mesh_rows, self.mesh_nodes = pattern.row, pattern.col
        self.a = np.asarray(scheme.A[pattern.row, pattern.col]).ravel()
        h = duration * scheme.h_share
        self.hb = h * np.asarray(scheme.B[pattern.row, pattern.col]).ravel()
        self.matrix_a = ca.DM(scheme.A.T.tocsc())
        self.matrix_hb = ca.DM((h * scheme.B).T.tocsc())
        self.n_states = layout.nm + len(layout.compliant)
        self.n_mesh_rows = scheme.A.shape[0]
        scale = layout.scale
        self.ratio = scale[layout.block("dF")] / scale[layout.block("F")]

    def _map(self, function: ca.Function) -> ca.Function:
        return function.map(self.n, *self.map_options)

    def constraints(self) -> ca.MX:
        """All rows."""
        path, rates = self._map(self.functions.rows)(self.z, self.given)
        layout = self.layout
        states = ca.vertcat(self._rows("a"), self._rows("F"))
        moving = ca.vertcat(rates, self._rows("dF") * ca.repmat(ca.DM(self.ratio), 1, self.n))
        mesh = ca.mtimes(states, self.matrix_a) + ca.mtimes(moving, self.matrix_hb)
        a, e = layout.block("a").tolist(), layout.block("e").tolist()
        return ca.vertcat(ca.vec(path), ca.vec(mesh), self.z[a, 0] - self.z[e, 0])

    def _rows(self, block: str) -> ca.MX:
        return self.z[self.layout.block(block).tolist(), :]

    def objective(self, weights: np.ndarray) -> tuple[ca.MX, ca.MX]:
        """The mean over the stride, and its weighted terms."""
        nodes = self.functions.terms.map(self.n)(self.z)
        terms = ca.DM(weights) * ca.mtimes(nodes, ca.DM(self.scheme.weights))
        return ca.sum1(terms), terms

    def _node_costs(self, function: ca.Function, weights: np.ndarray) -> ca.MX:
        values = function.map(self.n)(self.z, ca.repmat(ca.DM(weights), 1, self.n))
        return ca.vec(values * ca.repmat(ca.DM(self.scheme.weights).T, self.layout.size, 1))

    def gradient(self, weights: np.ndarray) -> ca.MX:
        """Gradient of the objective."""
        return self._node_costs(self.functions.gradient, weights)

    def _columns(self, block: str, nodes: np.ndarray) -> np.ndarray:
        own = self.layout.block(block)
        return (nodes[:, None] * self.layout.size + own[None, :]).ravel()

    def jacobian(self) -> ca.MX:
        """Jacobian of the constraints."""
        layout, n = self.layout, self.n
        blocks, da, de = self._map(self.functions.jacobian)(self.z, self.given)
        pattern = np.array(self.functions.jacobian.sparsity_out(0).get_triplet())
        rows = [(np.arange(n)[:, None] * layout.row_count + pattern[0]).ravel()]
        columns = [(np.arange(n)[:, None] * layout.size + pattern[1]).ravel()]
        values = [blocks.nz[:]]

        start = layout.row_count * n
        nodes, nm = self.mesh_nodes, layout.nm
        mesh = start + self.mesh_rows[:, None] * self.n_states
        own = (mesh + np.arange(nm)[None, :]).ravel()
        spread = ca.repmat(ca.DM(self.hb).T, nm, 1)
        rows += [own, own]
        columns += [self._columns("a", nodes), self._columns("e", nodes)]
        values.append(ca.vec(ca.repmat(ca.DM(self.a).T, nm, 1) + spread * da[:, nodes.tolist()]))
        values.append(ca.vec(spread * de[:, nodes.tolist()]))
        if len(layout.compliant):
            own = (mesh + np.arange(nm, self.n_states)[None, :]).ravel()
            rows += [own, own]
            columns += [self._columns("F", nodes), self._columns("dF", nodes)]
            values.append(ca.MX(ca.DM(np.repeat(self.a, len(layout.compliant)))))
            values.append(ca.MX(ca.DM(np.outer(self.hb, self.ratio).ravel())))

        first = start + self.n_states * self.n_mesh_rows + np.arange(nm)
        rows += [first, first]
        columns += [layout.block("a"), layout.block("e")]
        values += [ca.MX(ca.DM.ones(nm)), ca.MX(-ca.DM.ones(nm))]
        shape = (start + self.n_states * self.n_mesh_rows + nm, self.x.numel())
        return scatter(shape, rows, columns, values)

    def hessian(self, sigma: ca.MX, lam: ca.MX, weights: np.ndarray) -> ca.MX:
        """Upper triangle of the Lagrangian's Hessian."""
        layout, n, size = self.layout, self.n, self.layout.size
        path = ca.reshape(lam[: layout.row_count * n], layout.row_count, n)
        start = layout.row_count * n
        mesh = lam[start : start + self.n_states * self.n_mesh_rows]
        pull = ca.mtimes(ca.reshape(mesh, self.n_states, self.n_mesh_rows), self.matrix_hb.T)
        blocks = self._map(self.functions.hessian)(self.z, self.given, path, pull[: layout.nm, :])
        pattern = np.array(self.functions.hessian.sparsity_out(0).get_triplet())
        diagonal = np.arange(n * size)
        rows = [(np.arange(n)[:, None] * size + pattern[0]).ravel(), diagonal]
        columns = [(np.arange(n)[:, None] * size + pattern[1]).ravel(), diagonal]
        curvature = sigma * self._node_costs(self.functions.curvature, weights)
        return scatter((n * size, n * size), rows, columns, [blocks.nz[:], curvature])


def active_bounds(problem: SharingProblem, x: np.ndarray) -> list[dict[str, Any]]:
    """Bounds met by the solution: variable, 'lower' or 'upper', number of nodes."""
    layout, runner = problem.layout, problem.runner
    muscles = [m.name for m in runner.muscles]
    compliant = [muscles[i] for i in layout.compliant]
    blocks = {
        "a": ("activation", muscles),
        "F": ("normalized_tendon_force", compliant),
        "e": ("excitation", muscles),
        "dF": ("tendon_force_rate", compliant),
        "c": ("control", [a.name for a in runner.actuators]),
        "R": ("metabolic_rate", ["whole_body"] if layout.rated else []),
    }
    names = [f"{kind}/{name}" for kind, own in blocks.values() for name in own]

    def table(values: np.ndarray) -> np.ndarray:
        return values.reshape(problem.scheme.nodes, layout.size).T

    found: list[dict[str, Any]] = []
    fixed = table(problem.lower == problem.upper)
    for bound, gap in (("lower", x - problem.lower), ("upper", problem.upper - x)):
        hit = (table(gap) < ACTIVE) & ~fixed
        for i in np.flatnonzero(hit.any(axis=1)):
            found.append({"variable": names[i], "bound": bound, "nodes": int(hit[i].sum())})
    return found

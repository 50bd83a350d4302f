"""The equations of one node and their exact derivatives, built by structure.

Rows of a node (all must vanish): inverse dynamics minus what acts on each coordinate, tendon
equilibrium of each compliant muscle, and the definition of the metabolic rate. The skeleton sees no
muscle state and a muscle sees only the coordinates it crosses, so first and second derivatives are
taken part by part: that is what makes them cheap.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import casadi as ca
import numpy as np

from simulations.description import Muscle, RunnerDescription, Spring, Tie
from simulations.layout import METABOLIC_SCALE, Layout
from simulations.metabolics import BASAL_RATE_W_KG, WIDE, metabolic_rate
from simulations.muscle import activation_rate, fiber_state, path_length
from simulations.skeleton import inverse_dynamics

# Size of a "one" in the dynamics rows (N m or N); the others are of order one by themselves.
DYNAMICS_SCALE = 100.0


@dataclass(frozen=True)
class Part:
    """A piece of the node: expression y of the symbols x, at node indices `variables`/`rows`."""

    variables: np.ndarray
    rows: np.ndarray
    x: ca.SX
    y: ca.SX
    corner: ca.SX = field(default_factory=lambda: ca.SX.sym("corner"))
    """Rounding of friction's corner, where y depends on it."""


def passive_torque(runner: RunnerDescription, q: ca.SX, u: ca.SX) -> ca.SX:
    """Generalised forces (nq) of passive joint tissue, and of a spring between the thighs."""
    index = {c.name: i for i, c in enumerate(runner.coordinates)}
    torque = ca.SX(len(index), 1)
    for part in runner.passive:
        i = index[part.coordinate]
        if isinstance(part, Spring):
            torque[i] += -part.stiffness * (q[i] - part.rest_length) - part.viscosity * u[i]
        elif isinstance(part, Tie):
            j = index[part.other]
            torque[i] += part.stiffness * (q[j] - q[i])
            torque[j] += part.stiffness * (q[i] - q[j])
        else:
            torque[i] += part.k1 * ca.exp(part.k2 * (q[i] - part.q1))
            torque[i] += part.k3 * ca.exp(part.k4 * (q[i] - part.q2)) - part.damping * u[i]
    return torque


def _skeleton_part(runner: RunnerDescription, layout: Layout) -> Part:
    n = layout.nq
    x = ca.SX.sym("x", 3 * n)
    q, u, du = x[:n], x[n : 2 * n], x[2 * n :]
    corner = ca.SX.sym("corner")
    y = (inverse_dynamics(runner, q, u, du, corner) - passive_torque(runner, q, u)) / DYNAMICS_SCALE
    variables = np.concatenate([layout.block(name) for name in ("q", "u", "du")])
    return Part(variables, np.arange(n), x, y, corner)


@dataclass(frozen=True)
class MuscleOutput:
    """Generalised forces on its own coordinates, equilibrium residual (or None), rate (W)."""

    moments: ca.SX
    equilibrium: ca.SX | None
    rate: ca.SX
    force: ca.SX


def muscle_output(
    muscle: Muscle,
    q: ca.SX,
    u: ca.SX,
    activation: ca.SX,
    excitation: ca.SX,
    tendon_force: ca.SX | None,
    tendon_force_rate: ca.SX | None,
) -> MuscleOutput:
    """What one muscle does at coordinates q and speeds u of its own path (SX, same length)."""
    symbols = ca.SX.sym("s", q.numel())
    length = path_length(muscle.path, ca.vertsplit(symbols))
    gradient = ca.gradient(length, symbols)
    path = ca.Function("path", [symbols], [length, gradient])
    length, gradient = path(q)
    speed = ca.dot(gradient, u)
    return muscle_on_path(
        muscle, length, speed, gradient, activation, excitation, tendon_force, tendon_force_rate
    )


def muscle_on_path(
    muscle: Muscle,
    length: ca.SX,
    speed: ca.SX,
    gradient: ca.SX,
    activation: ca.SX,
    excitation: ca.SX,
    tendon_force: ca.SX | None,
    tendon_force_rate: ca.SX | None,
) -> MuscleOutput:
    """What one muscle does on a path of this length (m), speed (m/s), d length / d q (m)."""
    fiber = fiber_state(muscle, length, speed, activation, tendon_force, tendon_force_rate)
    along_tendon = (fiber.active + fiber.passive) * fiber.cos_pennation
    equilibrium = None if tendon_force is None else tendon_force - along_tendon
    force = along_tendon if tendon_force is None else tendon_force
    f_max, mass = muscle.max_isometric_force, muscle.mass
    rate = metabolic_rate(muscle, fiber, excitation, f_max, mass, WIDE)
    return MuscleOutput(-gradient * force * f_max, equilibrium, rate, force * f_max)


def _muscle_part(runner: RunnerDescription, layout: Layout, m: int, mass: float) -> Part:
    """One muscle: its share of the dynamics rows and of the rate row, its equilibrium row."""
    muscle, tendon = runner.muscles[m], layout.tendon_of(m)
    names = [c.name for c in runner.coordinates]
    own = np.array([names.index(name) for name in muscle.path.coordinates])
    k = len(own)
    x = ca.SX.sym("x", 2 * k + (4 if tendon >= 0 else 2))
    q, u, a, e = x[:k], x[k : 2 * k], x[2 * k], x[2 * k + 1]
    force, rate = (x[2 * k + 2], x[2 * k + 3]) if tendon >= 0 else (None, None)
    out = muscle_output(muscle, q, u, a, e, force, rate)

    rows, y = [*own], [-out.moments / DYNAMICS_SCALE]
    variables = [layout.block("q")[own], layout.block("u")[own], layout.block("a")[[m]]]
    variables.append(layout.block("e")[[m]])
    if tendon >= 0:
        rows.append(layout.nq + tendon)
        assert out.equilibrium is not None
        y.append(out.equilibrium)
        variables += [layout.block("F")[[tendon]], layout.block("dF")[[tendon]]]
    rows.append(layout.nq + len(layout.compliant))
    y.append(-out.rate / mass / METABOLIC_SCALE)
    return Part(np.concatenate(variables), np.array(rows), x, ca.vertcat(*y))


def _actuator_part(runner: RunnerDescription, layout: Layout) -> Part:
    names = [c.name for c in runner.coordinates]
    x = ca.SX.sym("x", layout.nc)
    own = [names.index(a.coordinate) for a in runner.actuators]
    gains = ca.DM([a.optimal_force for a in runner.actuators])
    return Part(layout.block("c"), np.array(own, dtype=int), x, -gains * x / DYNAMICS_SCALE)


def _rate_definition(runner: RunnerDescription, layout: Layout) -> Part:
    x = ca.SX.sym("x", 1)
    row = np.array([layout.nq + len(layout.compliant)])
    return Part(layout.block("R"), row, x, (x - BASAL_RATE_W_KG) / METABOLIC_SCALE)


def parts(runner: RunnerDescription, layout: Layout) -> list[Part]:
    """All parts of the node's rows; rows that several parts name are their sum."""
    mass = sum(body.mass for body in runner.bodies)
    found = [_skeleton_part(runner, layout), _rate_definition(runner, layout)]
    found += [_muscle_part(runner, layout, m, mass) for m in range(layout.nm)]
    if layout.nc:
        found.append(_actuator_part(runner, layout))
    return found


@dataclass(frozen=True)
class NodeFunctions:
    """CasADi functions of one node's scaled unknowns z and the friction corner's rounding c (N).

    rows(z, c) -> (rows, da/dt); jacobian(z, c) -> (d rows/dz sparse, d(da/dt)/da, d(da/dt)/de);
    hessian(z, c, multipliers of rows, multipliers of da/dt) -> upper triangle, sparse.
    """

    rows: ca.Function
    jacobian: ca.Function
    hessian: ca.Function
    row_count: int


def build(runner: RunnerDescription, layout: Layout) -> NodeFunctions:
    """Build the node's functions for a runner."""
    n_rows = layout.nq + len(layout.compliant) + 1
    z = ca.SX.sym("z", layout.size)
    scale = layout.scale
    corner = ca.SX.sym("corner")
    multipliers = ca.SX.sym("lam", n_rows)
    rate_multipliers = ca.SX.sym("nu", layout.nm)

    rows = ca.SX(n_rows, 1)
    jacobian = Accumulator(n_rows, layout.size)
    hessian = Accumulator(layout.size, layout.size)
    for part in parts(runner, layout):
        lam = ca.SX.sym("l", len(part.rows))
        first = ca.jacobian(part.y, part.x)
        second = ca.hessian(ca.dot(lam, part.y), part.x)[0]
        evaluate = ca.Function(
            "part", [part.x, part.corner, lam], [part.y, first, second], {"cse": True}
        )
        y, first, second = evaluate(
            z[part.variables.tolist()] * scale[part.variables],
            corner,
            multipliers[part.rows.tolist()],
        )
        for i, row in enumerate(part.rows):
            rows[int(row)] += y[i]
        jacobian.add(first, part.rows, part.variables, scale)
        hessian.add_upper(second, part.variables, scale)

    rates, da, de = _activation(runner, layout, z, rate_multipliers, hessian)
    # Common subexpressions are found part by part: in the whole there are hardly any left, and
    # looking for them takes as long as all the rest.
    return NodeFunctions(
        ca.Function("rows", [z, corner], [rows, rates]),
        ca.Function("jacobian", [z, corner], [jacobian.matrix(), da, de]),
        ca.Function("hessian", [z, corner, multipliers, rate_multipliers], [hessian.matrix()]),
        n_rows,
    )


def _activation(
    runner: RunnerDescription,
    layout: Layout,
    z: ca.SX,
    multipliers: ca.SX,
    hessian: Accumulator,
) -> tuple[ca.SX, ca.SX, ca.SX]:
    """da/dt and its derivatives by a and e (each nm); its curvature goes into `hessian`."""
    rates, da, de = [], [], []
    for m, muscle in enumerate(runner.muscles):
        x = ca.SX.sym("x", 2)
        rate = activation_rate(muscle, x[1], x[0])
        first = ca.jacobian(rate, x)
        second = ca.hessian(rate, x)[0]
        f = ca.Function("activation", [x], [rate, first, second])
        own = np.array([layout.block("a")[m], layout.block("e")[m]])
        rate, first, second = f(z[own.tolist()])
        rates.append(rate)
        da.append(first[0])
        de.append(first[1])
        hessian.add_upper(second * multipliers[m], own, layout.scale)
    return ca.vertcat(*rates), ca.vertcat(*da), ca.vertcat(*de)


class Accumulator:
    """Sum of small symbolic blocks into a sparse matrix, scales of the unknowns applied."""

    def __init__(self, n_rows: int, n_columns: int) -> None:
        self._shape = (n_rows, n_columns)
        self._entries: dict[tuple[int, int], ca.SX] = {}

    def add(self, block: ca.SX, rows: np.ndarray, columns: np.ndarray, scale: np.ndarray) -> None:
        """Add a Jacobian block, its columns scaled."""
        for i, j in zip(*block.sparsity().get_triplet(), strict=True):
            self._put(int(rows[i]), int(columns[j]), block[i, j] * scale[columns[j]])

    def add_upper(self, block: ca.SX, variables: np.ndarray, scale: np.ndarray) -> None:
        """Add the upper triangle of a symmetric block, rows and columns scaled."""
        for i, j in zip(*block.sparsity().get_triplet(), strict=True):
            row, column = int(variables[i]), int(variables[j])
            if row <= column:
                self._put(row, column, block[i, j] * (scale[row] * scale[column]))

    def _put(self, row: int, column: int, value: ca.SX) -> None:
        self._entries[row, column] = self._entries.get((row, column), ca.SX(0)) + value

    def matrix(self) -> ca.SX:
        """The sum, column-major sparse."""
        keys = sorted(self._entries, key=lambda key: (key[1], key[0]))
        sparsity = ca.Sparsity.triplet(
            *self._shape, [key[0] for key in keys], [key[1] for key in keys]
        )
        return ca.SX(sparsity, ca.vertcat(*[self._entries[key] for key in keys]))

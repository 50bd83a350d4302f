"""The equations of one node when the motion is given: muscles share the joint moments.

Unknowns of a node: activations a, normalised tendon forces F, excitations e, tendon-force rates dF
(F and dF of compliant tendons only), actuator controls c, metabolic rate R (W/kg; only where it
costs something, for its row couples all muscles). Parameters of a node: length, speed and moment
arms of each muscle, and the moment that each coordinate asks for. Rows, all zero: moment balance of
each coordinate, tendon equilibrium, definition of R.
"""

from __future__ import annotations

from dataclasses import dataclass

import casadi as ca
import numpy as np

from simulations.description import RunnerDescription
from simulations.layout import METABOLIC_SCALE, SCALES
from simulations.metabolics import BASAL_RATE_W_KG
from simulations.muscle import activation_rate
from simulations.node import DYNAMICS_SCALE, Accumulator, muscle_on_path
from simulations.objective import Objective
from simulations.prescribed import FEET, Demand, base_coordinates

BLOCKS = ("a", "F", "e", "dF", "c", "R")
TERMS = ("metabolic", "effort", "tendon", "reserve")
# Moment (N m) that counts as one in the reserves' cost.
RESERVE_UNIT = 5.0
# Excitation is held down a little beside an effort that counts activations: nothing else would
# keep it from going to and fro between nodes.
EXCITATION_SHARE = 0.01


@dataclass(frozen=True)
class SharingLayout:
    """Where the unknowns of a node stand, and which coordinates have a moment balance."""

    nm: int
    compliant: np.ndarray
    """Indices of the muscles with a compliant tendon."""
    nc: int
    balanced: np.ndarray
    """Indices of the coordinates that muscles and actuators move: all but the base's."""
    rated: bool
    """Whether the metabolic rate is an unknown."""

    @staticmethod
    def of(runner: RunnerDescription, objective: Objective) -> SharingLayout:
        base = base_coordinates(runner)
        return SharingLayout(
            len(runner.muscles),
            np.array([i for i, m in enumerate(runner.muscles) if m.compliant_tendon], dtype=int),
            len(runner.actuators),
            np.array([i for i in range(len(runner.coordinates)) if i not in base], dtype=int),
            objective.metabolic > 0,
        )

    @property
    def sizes(self) -> dict[str, int]:
        """Number of unknowns of each block."""
        f = len(self.compliant)
        return dict(zip(BLOCKS, (self.nm, f, self.nm, f, self.nc, int(self.rated)), strict=True))

    @property
    def size(self) -> int:
        """Number of unknowns of a node."""
        return sum(self.sizes.values())

    @property
    def row_count(self) -> int:
        """Number of rows of a node."""
        return len(self.balanced) + len(self.compliant) + int(self.rated)

    def block(self, name: str) -> np.ndarray:
        """Indices of a block within a node."""
        start = 0
        for key, size in self.sizes.items():
            if key == name:
                return np.arange(start, start + size)
            start += size
        raise KeyError(name)

    @property
    def scale(self) -> np.ndarray:
        """Physical value = scale x unknown."""
        return np.concatenate(
            [np.full(n, SCALES.get(key, METABOLIC_SCALE)) for key, n in self.sizes.items()]
        )


@dataclass(frozen=True)
class SharingFunctions:
    """CasADi functions of one node's scaled unknowns z and parameters p.

    rows(z, p) -> (rows, da/dt); jacobian(z, p) -> (d rows/dz sparse, d(da/dt)/da, d(da/dt)/de);
    hessian(z, p, multipliers of rows, multipliers of da/dt) -> upper triangle, sparse;
    terms(z) -> (4); gradient(z, w) -> (nz); curvature(z, w) -> diagonal (nz), w: weights (4).
    """

    rows: ca.Function
    jacobian: ca.Function
    hessian: ca.Function
    terms: ca.Function
    gradient: ca.Function
    curvature: ca.Function


def parameters(layout: SharingLayout, demand: Demand) -> np.ndarray:
    """Node parameters (np x N): each muscle's length, speed and arms, then the moments asked."""
    own = [
        np.vstack([demand.length[[m]], demand.speed[[m]], demand.arms[m]]) for m in range(layout.nm)
    ]
    return np.vstack([*own, demand.asked[layout.balanced]])


def build(
    runner: RunnerDescription, layout: SharingLayout, objective: Objective
) -> SharingFunctions:
    """Build a runner's node functions."""
    assembled = _Node(runner, layout)
    assembled.muscles()
    assembled.moments_asked()
    if layout.rated:
        assembled.rate_definition()
    rates, da, de = assembled.activation()
    terms, gradient, curvature = costs(runner, layout, objective)
    z, p, lam, nu = assembled.z, assembled.p, assembled.multipliers, assembled.rate_multipliers
    options = {"cse": True}
    return SharingFunctions(
        ca.Function("rows", [z, p], [assembled.rows, rates], options),
        ca.Function("jacobian", [z, p], [assembled.jacobian.matrix(), da, de], options),
        ca.Function("hessian", [z, p, lam, nu], [assembled.hessian.matrix()], options),
        terms,
        gradient,
        curvature,
    )


class _Node:
    """A node's rows and their derivatives, gathered muscle by muscle."""

    def __init__(self, runner: RunnerDescription, layout: SharingLayout) -> None:
        self.runner, self.layout = runner, layout
        self.z = ca.SX.sym("z", layout.size)
        names = [c.name for c in runner.coordinates]
        self.row_of = {names[i]: row for row, i in enumerate(layout.balanced)}
        arms = sum(len(m.path.coordinates) for m in runner.muscles)
        self.p = ca.SX.sym("p", 2 * layout.nm + arms + len(layout.balanced))
        self.multipliers = ca.SX.sym("lam", layout.row_count)
        self.rate_multipliers = ca.SX.sym("nu", layout.nm)
        self.rows = ca.SX(layout.row_count, 1)
        self.jacobian = Accumulator(layout.row_count, layout.size)
        self.hessian = Accumulator(layout.size, layout.size)

    def muscles(self) -> None:
        """Each muscle's share of the moments and of the rate, and its equilibrium."""
        start, mass = 0, sum(body.mass for body in self.runner.bodies)
        for m, muscle in enumerate(self.runner.muscles):
            k = len(muscle.path.coordinates)
            own = self.p[start : start + 2 + k]
            start += 2 + k
            tendon = np.flatnonzero(self.layout.compliant == m)
            x = ca.SX.sym("x", 4 if len(tendon) else 2)
            given = ca.SX.sym("given", 2 + k)
            force, rate = (x[2], x[3]) if len(tendon) else (None, None)
            out = muscle_on_path(muscle, given[0], given[1], given[2:], x[0], x[1], force, rate)
            rows, y = [], []
            for i, name in enumerate(muscle.path.coordinates):
                if name in self.row_of:
                    rows.append(self.row_of[name])
                    y.append(-out.moments[i] / DYNAMICS_SCALE)
            variables = [self.layout.block("a")[[m]], self.layout.block("e")[[m]]]
            if out.equilibrium is not None:
                rows.append(len(self.layout.balanced) + int(tendon[0]))
                y.append(out.equilibrium)
                variables += [self.layout.block("F")[tendon], self.layout.block("dF")[tendon]]
            if self.layout.rated:
                rows.append(self.layout.row_count - 1)
                y.append(-out.rate / mass / METABOLIC_SCALE)
            self._add(np.concatenate(variables), np.array(rows), x, ca.vertcat(*y), given, own)

    def _add(
        self,
        variables: np.ndarray,
        rows: np.ndarray,
        x: ca.SX,
        y: ca.SX,
        given: ca.SX,
        values: ca.SX,
    ) -> None:
        lam = ca.SX.sym("l", len(rows))
        first, second = ca.jacobian(y, x), ca.hessian(ca.dot(lam, y), x)[0]
        part = ca.Function("part", [x, given, lam], [y, first, second], {"cse": True})
        scale = self.layout.scale
        y, first, second = part(
            self.z[variables.tolist()] * scale[variables],
            values,
            self.multipliers[rows.tolist()],
        )
        for i, row in enumerate(rows):
            self.rows[int(row)] += y[i]
        self.jacobian.add(first, rows, variables, scale)
        self.hessian.add_upper(second, variables, scale)

    def moments_asked(self) -> None:
        """The moments that the motion asks for, and what the actuators give."""
        n, scale = len(self.layout.balanced), self.layout.scale
        self.rows[:n] += self.p[self.p.numel() - n :] / DYNAMICS_SCALE
        for i, actuator in enumerate(self.runner.actuators):
            if actuator.coordinate in self.row_of:
                row = np.array([self.row_of[actuator.coordinate]])
                own = self.layout.block("c")[[i]]
                gain = -actuator.optimal_force / DYNAMICS_SCALE
                self.rows[int(row[0])] += gain * self.z[int(own[0])] * scale[own[0]]
                self.jacobian.add(ca.SX(gain), row, own, scale)

    def rate_definition(self) -> None:
        """R is the sum of the muscles' rates and what the body uses at rest."""
        own, row = self.layout.block("R"), np.array([self.layout.row_count - 1])
        scale = self.layout.scale
        self.rows[int(row[0])] += (self.z[int(own[0])] * scale[own[0]] - BASAL_RATE_W_KG) / (
            METABOLIC_SCALE
        )
        self.jacobian.add(ca.SX(1 / METABOLIC_SCALE), row, own, scale)

    def activation(self) -> tuple[ca.SX, ca.SX, ca.SX]:
        """da/dt and its derivatives by a and e; its curvature goes into the Hessian."""
        rates, da, de = [], [], []
        for m, muscle in enumerate(self.runner.muscles):
            x = ca.SX.sym("x", 2)
            rate = activation_rate(muscle, x[1], x[0])
            f = ca.Function("f", [x], [rate, ca.jacobian(rate, x), ca.hessian(rate, x)[0]])
            own = np.array([self.layout.block("a")[m], self.layout.block("e")[m]])
            rate, first, second = f(self.z[own.tolist()])
            rates.append(rate)
            da.append(first[0])
            de.append(first[1])
            self.hessian.add_upper(second * self.rate_multipliers[m], own, self.layout.scale)
        return ca.vertcat(*rates), ca.vertcat(*da), ca.vertcat(*de)


def muscled(runner: RunnerDescription) -> set[str]:
    """Coordinates that some muscle crosses: there an actuator is a reserve, else the only drive."""
    return {name for muscle in runner.muscles for name in muscle.path.coordinates}


def beyond_the_force(runner: RunnerDescription) -> set[str]:
    """Coordinates of the foot's own joints (toes), beyond the body that the force acts on.

    How much of the force the toes take is not measured, so the moment there is not known: an
    actuator makes up for it freely.
    """
    joints = {joint.name for joint in runner.joints if joint.parent in FEET.values()}
    return {c.name for c in runner.coordinates if c.joint in joints}


def costs(
    runner: RunnerDescription, layout: SharingLayout, objective: Objective
) -> tuple[ca.Function, ca.Function, ca.Function]:
    """Terms of the objective at a node, gradient and diagonal Hessian of their weighted sum."""
    z, w = ca.SX.sym("z", layout.size), ca.SX.sym("w", len(TERMS))
    x = z * layout.scale

    def block(name: str) -> ca.SX:
        return x[layout.block(name).tolist()]

    volume = np.array([m.max_isometric_force * m.optimal_fiber_length for m in runner.muscles])
    share = ca.DM(volume / volume.sum())
    if objective.effort_of == "excitation":
        effort = ca.dot(share, block("e") ** objective.effort_power)
    else:
        effort = ca.dot(share, block("a") ** objective.effort_power)
        effort += EXCITATION_SHARE * ca.dot(share, block("e") ** 2)
    crossed = muscled(runner) - beyond_the_force(runner)
    gains = ca.DM(
        [
            a.optimal_force / RESERVE_UNIT if a.coordinate in crossed else 0.0
            for a in runner.actuators
        ]
    )
    terms = ca.vertcat(
        ca.sumsqr(block("R")) if layout.rated else ca.SX(0),
        effort,
        ca.sumsqr(block("dF") / 10),
        ca.sumsqr(gains * block("c")) if layout.nc else ca.SX(0),
    )
    gradient = ca.gradient(ca.dot(w, terms), z)
    curvature = ca.vertcat(*[ca.jacobian(gradient[i], z[i]) for i in range(layout.size)])
    return (
        ca.Function("terms", [z], [ca.densify(terms)]),
        ca.Function("gradient", [z, w], [ca.densify(gradient)]),
        ca.Function("curvature", [z, w], [ca.densify(curvature)]),
    )


def weights(objective: Objective) -> np.ndarray:
    """Weights in the order of TERMS."""
    return np.array([objective.metabolic, objective.effort, objective.tendon, objective.actuator])

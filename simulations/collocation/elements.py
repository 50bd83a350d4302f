"""What adds to the rows of a node, element by element, with exact first and second derivatives.

An element is one function with several instances: the skeleton has one, the muscles that cross the
same coordinates are as many instances of the same function, with other unknowns and numbers. The
skeleton sees no muscle state and a muscle sees only the coordinates it crosses: that, and that a
function is built once for all its instances, is what makes derivatives cheap.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import casadi as ca
import numpy as np

from formats.description import Muscle, RunnerDescription
from simulations.collocation import cached
from simulations.collocation.differentiated import Functions, differentiate
from simulations.collocation.layout import AXES, METABOLIC_SCALE, SCALES, SIDES, Layout
from simulations.equations import numbers, paths
from simulations.equations.metabolics import BASAL_RATE_W_KG, WIDE, Smoothing, actuator_rate
from simulations.equations.multibody import contact_wrenches, inverse_dynamics, place_bodies
from simulations.equations.muscle import activation_rate
from simulations.equations.musculotendon import musculotendon
from simulations.equations.passive import passive_torque

# Size of a "one" in the balance rows (N m or N); the others are of order one by themselves.
DYNAMICS_SCALE = 100.0
# Numbers that all muscles share, after their own.
SHARED_NUMBERS = ("body_mass", "kink_power", "kink_velocity", "kink_length")


@dataclass(frozen=True)
class Polynomials:
    """Data that are linear in a parameter: each instance's in its own column of coefficients.

    monomials: function of a node's unknowns at `columns` -> data by coefficients (nd x terms).
    """

    coefficients: str
    columns: list[int]
    monomials: ca.Function


@dataclass(frozen=True)
class Element:
    """Instances of one function within a node.

    columns (nx x n): unknowns of each instance; rows (ny x n): the node's rows that it adds to, -1
    for none; numbers: the program's parameter (np x n) that holds the instances' numbers;
    data(z, parameter): the instances' data at all nodes (nd x n N), from the scaled unknowns
    (nz x N) and the program's parameters by name; polynomials: where they are such.
    """

    name: str
    functions: Functions
    columns: np.ndarray
    rows: np.ndarray
    numbers: str
    data: Callable[[ca.MX, Callable[[str], ca.MX]], ca.MX]
    polynomials: Polynomials | None = None

    @property
    def count(self) -> int:
        """Number of instances."""
        return self.columns.shape[1]


def no_data(z: ca.MX, parameter: Callable[[str], ca.MX]) -> ca.MX:
    """Data of an element that has none: one unused row, for functions take a column."""
    return ca.MX.zeros(1, 1)


def skeleton_functions(runner: RunnerDescription) -> Functions:
    """The skeleton's functions, from the cache where a runner of this structure has been built."""
    key = f"skeleton {numbers.skeleton_structure(runner)}"
    return cached.functions(key, lambda: build_skeleton(runner))


def build_skeleton(runner: RunnerDescription) -> Functions:
    """Inverse dynamics less what passive tissue does, of x = (q, u, du); d: friction's rounding."""
    n = len(runner.coordinates)
    symbolic, p = numbers.skeleton(runner)
    x, rounding = ca.SX.sym("x", 3 * n), ca.SX.sym("rounding")
    q, u, du = x[:n], SCALES["u"] * x[n : 2 * n], SCALES["du"] * x[2 * n :]
    tau = inverse_dynamics(symbolic, q, u, du, rounding) - passive_torque(symbolic, q, u)
    return differentiate("skeleton", x, rounding, p, tau / DYNAMICS_SCALE)


def skeleton(runner: RunnerDescription, layout: Layout, functions: Functions) -> Element:
    """The skeleton as an element."""
    columns = np.concatenate([layout.block(name) for name in ("q", "u", "du")])[:, None]
    rows = np.array([[layout.balance_row(i)] for i in range(layout.nq)])
    return Element("skeleton", functions, columns, rows, "skeleton", _rounding)


def _rounding(z: ca.MX, parameter: Callable[[str], ca.MX]) -> ca.MX:
    """Data of an element with contact: friction's rounding."""
    return ca.repmat(parameter("rounding"), 1, z.shape[1])


def ground_functions(runner: RunnerDescription) -> Functions:
    """The ground force's functions, from the cache where a runner of this structure was built."""
    key = f"ground {numbers.skeleton_structure(runner)}"
    return cached.functions(key, lambda: build_ground(runner))


def build_ground(runner: RunnerDescription) -> Functions:
    """The ground's force on each foot (body weights) less G, of x = (q, u, G); d: rounding."""
    n = len(runner.coordinates)
    symbolic, p = numbers.skeleton(runner)
    rounding, x = ca.SX.sym("rounding"), ca.SX.sym("x", 2 * n + len(SIDES) * AXES)
    bodies, _ = place_bodies(symbolic, x[:n], SCALES["u"] * x[n : 2 * n], ca.SX(n, 1))
    weight = sum(body.mass for body in symbolic.bodies) * ca.norm_2(
        numbers.vector(symbolic.gravity)
    )
    total = {side: ca.SX(AXES, 1) for side in SIDES}
    for wrench in contact_wrenches(symbolic, bodies, rounding):
        total[wrench.body[-1]] += wrench.force
    force = ca.vertcat(*total.values()) / weight
    return differentiate("ground", x, rounding, p, force - SCALES["G"] * x[2 * n :])


def ground(runner: RunnerDescription, layout: Layout, functions: Functions) -> Element:
    """The feet's ground force as an element."""
    columns = np.concatenate([layout.block(name) for name in ("q", "u", "G")])[:, None]
    return Element("ground", functions, columns, layout.ground_rows[:, None], "skeleton", _rounding)


def muscle_functions(like: Muscle, crossed: int, *, moving: bool, rated: bool) -> Functions:
    """A muscle's functions, from the cache where one of its kind has been built."""
    kind = [like.compliant_tendon, like.ignore_passive_fiber_force, moving, rated]
    key = f"muscle {crossed} {kind}"
    return cached.functions(key, lambda: build_muscle(like, crossed, moving=moving, rated=rated))


def build_muscle(like: Muscle, crossed: int, *, moving: bool, rated: bool) -> Functions:
    """A muscle that crosses so many coordinates, of x = ((q, u,) a, e(, F, dF)).

    moving: q and u are unknowns, and d holds the length's partials (equations.paths.partials) at q;
    else d holds length, speed and d length / d q. Rows: its moments, the equilibrium of a compliant
    tendon, its share of the metabolic rate where that is an unknown.
    """
    muscle, own = numbers.muscle(like)
    shared = ca.SX.sym("shared", len(SHARED_NUMBERS))
    mass, power, velocity, length_kink = ca.vertsplit(shared)
    start = 2 * crossed if moving else 0
    x = ca.SX.sym("x", start + (4 if like.compliant_tendon else 2))
    if moving:
        d = ca.SX.sym("partials", len(paths.partials(crossed)))
        step, u = x[:crossed], SCALES["u"] * x[crossed:start]
        length = paths.expansion(step, d)
        gradient = ca.gradient(length, step)
        speed = ca.dot(gradient, u)
    else:
        d = ca.SX.sym("given", 2 + crossed)
        length, speed, gradient = d[0], d[1], d[2:]
    tendon: tuple[ca.SX | None, ca.SX | None] = (None, None)
    if like.compliant_tendon:
        tendon = (SCALES["F"] * x[start + 2], SCALES["dF"] * x[start + 3])
    kinks = Smoothing(power, velocity, length_kink)
    out = musculotendon(muscle, length, speed, gradient, x[start], x[start + 1], *tendon, kinks)
    y = [-out.moments / DYNAMICS_SCALE]
    if out.equilibrium is not None:
        y.append(out.equilibrium)
    if rated:
        y.append(-out.rate / mass / METABOLIC_SCALE)
    p, name = ca.vertcat(own, shared), f"muscle_{crossed}"
    return differentiate(name, x, d, p, ca.vertcat(*y), fixed=crossed if moving else 0)


@dataclass(frozen=True)
class MuscleGroup:
    """Muscles that cross the same coordinates, with the same kind of tendon.

    name: of the group's parameters; coordinates: their indices in the runner.
    """

    name: str
    coordinates: tuple[int, ...]
    muscles: tuple[int, ...]

    @property
    def numbers(self) -> str:
        """The parameter that holds the muscles' numbers."""
        return f"muscles/{self.name}"

    @property
    def path(self) -> str:
        """The parameter that holds coefficients of the lengths, or what is given of the paths."""
        return f"paths/{self.name}"


def muscle_groups(runner: RunnerDescription) -> list[MuscleGroup]:
    """All muscles of a runner, grouped; within a group in the runner's order."""
    names = [c.name for c in runner.coordinates]
    found: dict[str, tuple[tuple[int, ...], list[int]]] = {}
    for m, muscle in enumerate(runner.muscles):
        coordinates = tuple(names.index(name) for name in muscle.path.coordinates)
        kind = "compliant" if muscle.compliant_tendon else "rigid"
        passive = "active" if muscle.ignore_passive_fiber_force else "whole"
        key = "+".join((*muscle.path.coordinates, kind, passive))
        found.setdefault(key, (coordinates, []))[1].append(m)
    return [MuscleGroup(key, at, tuple(muscles)) for key, (at, muscles) in found.items()]


def group_terms(runner: RunnerDescription, group: MuscleGroup) -> list[tuple[int, ...]]:
    """The terms of the lengths' polynomials that the group's muscles share."""
    return paths.common_terms([runner.muscles[m].path for m in group.muscles])


def muscles(
    runner: RunnerDescription, layout: Layout, group: MuscleGroup, functions: Functions
) -> Element:
    """A group of muscles as an element."""
    moving = layout.nq > 0
    crossed = np.array(group.coordinates)
    columns, rows = [], []
    for m in group.muscles:
        tendon = layout.tendon_of(m)
        own = [layout.block("q")[crossed], layout.block("u")[crossed]] if moving else []
        own += [layout.block("a")[[m]], layout.block("e")[[m]]]
        adds = [layout.balance_row(i) for i in group.coordinates]
        if tendon >= 0:
            own += [layout.block("F")[[tendon]], layout.block("dF")[[tendon]]]
            adds.append(layout.equilibrium_row(tendon))
        if layout.rated:
            adds.append(layout.rate_row)
        columns.append(np.concatenate(own))
        rows.append(adds)
    polynomials = None
    if not moving:

        def data(z: ca.MX, parameter: Callable[[str], ca.MX]) -> ca.MX:
            # Nodes run slowest, muscles fastest, as in every element.
            given = parameter(group.path)
            return ca.reshape(given, 2 + len(crossed), len(group.muscles) * z.shape[1])

    else:
        powers = group_terms(runner, group)
        lengths = paths.lengths(powers, len(group.muscles))
        own_q = layout.block("q")[crossed].tolist()
        polynomials = Polynomials(group.path, own_q, paths.monomials(powers))

        def data(z: ca.MX, parameter: Callable[[str], ca.MX]) -> ca.MX:
            nodes = z.shape[1]
            mapped = lengths.map("lengths", "serial", nodes, [1], [])
            return mapped(z[own_q, :], parameter(group.path))

    return Element(
        *(group.name, functions, np.array(columns).T, np.array(rows).T, group.numbers, data),
        polynomials=polynomials,
    )


@cache
def actuator_functions(rated: bool) -> Functions:
    """A coordinate actuator, of x = (control, speed); its numbers: optimal force, body mass.

    rated: where the motion is free and costs something, it pays for its work; else x = (control).
    """
    x, p = ca.SX.sym("x", 2 if rated else 1), ca.SX.sym("p", 2)
    torque = p[0] * x[0]
    y = -torque / DYNAMICS_SCALE
    if rated:
        rate = actuator_rate(torque * SCALES["u"] * x[1])
        y = ca.vertcat(y, -rate / p[1] / METABOLIC_SCALE)
    return differentiate("actuator", x, ca.SX.sym("d"), p, y)


def actuators(runner: RunnerDescription, layout: Layout) -> Element:
    """All actuators as an element."""
    names = [c.name for c in runner.coordinates]
    driven = [names.index(a.coordinate) for a in runner.actuators]
    rows = [[layout.balance_row(i) for i in driven]]
    columns = [layout.block("c")]
    rated = layout.rated and layout.nq > 0
    if rated:
        columns.append(layout.block("u")[driven])
        rows.append([layout.rate_row] * len(driven))
    return Element(
        "actuators",
        actuator_functions(rated),
        np.array(columns),
        np.array(rows),
        "actuators",
        no_data,
    )


@cache
def rate_functions() -> Functions:
    """The metabolic rate's definition, of x = (R): less what the body uses at rest."""
    x = ca.SX.sym("x")
    y = (SCALES["R"] * x - BASAL_RATE_W_KG) / METABOLIC_SCALE
    return differentiate("rate", x, ca.SX.sym("d"), ca.SX.sym("p"), y)


def rate(layout: Layout) -> Element:
    """The metabolic rate's definition as an element."""
    columns, rows = layout.block("R")[None, :], np.array([[layout.rate_row]])
    return Element("rate", rate_functions(), columns, rows, "", no_data)


@dataclass(frozen=True)
class ActivationFunctions:
    """value(x, p) -> da/dt (1/s); jacobian(x, p) -> its derivatives by x = (a, e) (2);
    hessian(x, p) -> aa, ae, ee. p: activation and deactivation time constants (s)."""

    value: ca.Function
    jacobian: ca.Function
    hessian: ca.Function


@cache
def activation_functions() -> ActivationFunctions:
    """Activation dynamics of one muscle."""
    x, p = ca.SX.sym("x", 2), ca.SX.sym("p", 2)
    rate = activation_rate(p[0], p[1], x[1], x[0])
    first, second = ca.jacobian(rate, x).T, ca.hessian(rate, x)[0]
    upper = ca.vertcat(second[0, 0], second[0, 1], second[1, 1])
    options = {"cse": True}
    return ActivationFunctions(
        ca.Function("activation_value", [x, p], [rate], options),
        ca.Function("activation_jacobian", [x, p], [ca.densify(first)], options),
        ca.Function("activation_hessian", [x, p], [ca.densify(upper)], options),
    )


def runner_values(
    runner: RunnerDescription, groups: list[MuscleGroup], *, moving: bool
) -> dict[str, np.ndarray]:
    """A runner's numbers, by the names of the program's parameters.

    moving: the motion is free; else the skeleton and the paths are no part of the program.
    """
    own = numbers.muscle_values(runner)
    order = list(numbers.MUSCLE_NUMBERS)
    constants = [order.index(f"{kind}activation_time_constant") for kind in ("", "de")]
    mass = sum(body.mass for body in runner.bodies)
    values = {
        "time_constants": own[constants],
        "shared": np.array([mass, WIDE.power, WIDE.velocity, WIDE.length]),
        "actuators": np.array([[a.optimal_force, mass] for a in runner.actuators]).T,
    }
    for group in groups:
        values[group.numbers] = own[:, list(group.muscles)]
    if moving:
        values["skeleton"] = np.array(list(numbers.skeleton_values(runner).values()))
        for group in groups:
            chosen = [runner.muscles[m].path for m in group.muscles]
            values[group.path] = paths.coefficients(chosen, group_terms(runner, group))
    return values

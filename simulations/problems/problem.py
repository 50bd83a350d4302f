"""A posed problem: the transcribed program, its bounds and parameters. Building is not solving."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from formats.description import RunnerDescription
from formats.solve_records import ActiveBound, ActiveLimit
from simulations.collocation import elements
from simulations.collocation import objective as costs
from simulations.collocation.assembly import Program
from simulations.collocation.layout import SIDES, Layout
from simulations.collocation.scheme import Scheme, scheme
from simulations.collocation.transcription import free_motion
from simulations.equations.band import check_symmetric
from simulations.problems.mechanisms import Mechanisms
from simulations.problems.reference import Reference, check_speed
from simulations.solving import friction_continuation as corner

FEWEST_INTERVALS = 2
# Distance (scaled) within which a bound counts as met.
ACTIVE = 1e-4
# The same of a limit (rad, or share of excitation): the barrier keeps off one that costs little.
LIMIT_MET = 1e-3
GROUND_FORCE = "ground_force"
"""Of the names of unknowns: components of the force on a foot."""
STRIDE_TIME_RANGE_S = (0.45, 1.1)
# Room beyond physiological values, so that no bound but the physical ones is met.
_SPEED_LIMIT = 40.0
_ACCELERATION_LIMIT = 4000.0
_FORCE_LIMIT_BW = 20.0
TENDON_FORCE_RANGE = (0.0, 3.0)
TENDON_RATE_LIMIT = 200.0


@dataclass(frozen=True)
class Mesh:
    """Collocation scheme and number of intervals of the simulated span (half a stride)."""

    intervals: int = 50
    scheme: str = "trapezoidal"


@dataclass(frozen=True)
class Problem:
    """What the solver needs, and what is needed to read its answer."""

    runner: RunnerDescription
    program: Program
    speed: float
    lower: np.ndarray
    upper: np.ndarray
    parameters: np.ndarray
    habit_keeps_time: bool = True
    """Whether a habit holds the stride's duration beside the angles."""

    @property
    def layout(self) -> Layout:
        """Where the unknowns of a node stand."""
        return self.program.layout

    @property
    def scheme(self) -> Scheme:
        """The mesh."""
        return self.program.scheme

    @property
    def row_bounds(self) -> tuple[np.ndarray, np.ndarray]:
        """Least and largest value of each row of g: zero, but for those of the limits."""
        program = self.program
        equations = program.n_path + program.n_collocation + program.n_boundary
        zero = np.zeros(equations - program.limits.count)
        lower, upper = program.limits.lower, program.limits.upper
        return np.concatenate([zero, lower]), np.concatenate([zero, upper])

    def values(self, x: np.ndarray) -> np.ndarray:
        """Physical values (nz x nodes) of the unknowns x."""
        return self.program.unpack(x)[1] * self.layout.scale[:, None]

    def parameters_at(self, rounding: float) -> np.ndarray:
        """The program's parameters with a rounding (N) of friction's corner."""
        return self.with_parameters(rounding=rounding)

    def with_parameters(self, **changed: float) -> np.ndarray:
        """The program's parameters with some of those that are one number changed."""
        parameters = self.parameters.copy()
        for name, value in changed.items():
            parameters[self.program.parameters.place(name)] = value
        return parameters

    def following(self, reference: Reference) -> Problem:
        """The same with a habit of another motion."""
        parameters, places = self.parameters.copy(), self.program.parameters
        followed = reference.followed_at(self.scheme.phase / self.program.spans)
        parameters[places.place("reference")] = followed.ravel(order="F")
        parameters[places.place("stride_time")] = reference.stride_time
        return replace(self, parameters=parameters)

    def at_weight(self, habit_weight: float) -> Problem:
        """The same with another habit's weight, a parameter: nothing is built anew."""
        held_time = habit_weight if self.habit_keeps_time else 0.0
        parameters = self.with_parameters(stride_time_weight=held_time)
        weights = parameters[self.program.parameters.place("weights")]
        weights[costs.TERMS.index("habit")] = habit_weight
        return replace(self, parameters=parameters)


def pose(
    runner: RunnerDescription,
    *,
    speed: float,
    mesh: Mesh,
    objective: costs.Objective,
    reference: Reference,
    habit_weight: float,
    stride_time: float | None = None,
    mirrored: bool = True,
    threads: int = 1,
    mechanisms: Mechanisms | None = None,
) -> Problem:
    """Pose running at `speed` (m/s) with the habit's weight on `reference`.

    stride_time (s): prescribed (cadence locked), or None for free. mechanisms: what else is at
    work; None: nothing.
    mirrored: simulate half a stride of a symmetric runner; else a whole stride.
    Raises ValueError for a speed, weight or number of intervals that no problem can have.
    """
    check_speed(speed)
    if not 0 <= habit_weight < math.inf:
        raise ValueError(f"weight: {habit_weight:g} is not allowed; a number from 0 up is")
    if mesh.intervals < FEWEST_INTERVALS:
        raise ValueError(
            f"mesh: {mesh.intervals} intervals are not allowed; at least {FEWEST_INTERVALS} are"
        )
    if mirrored:
        check_symmetric(runner)
    grid = scheme(mesh.scheme, mesh.intervals)
    mechanisms = mechanisms or Mechanisms()
    limits = mechanisms.limits(runner, grid, 2 if mirrored else 1)
    grounded = reference.ground is not None
    program = free_motion(
        runner, grid, mirrored=mirrored, threads=threads, limits=limits, grounded=grounded
    )
    spans = program.spans
    lower, upper = node_bounds(runner, program.layout)
    lower = np.concatenate([[0.0], np.tile(lower, grid.nodes)])
    upper = np.concatenate([[0.0], np.tile(upper, grid.nodes)])
    low, high = STRIDE_TIME_RANGE_S if stride_time is None else (stride_time, stride_time)
    lower[0], upper[0] = low / spans, high / spans
    _start_at_origin(runner, program.layout, lower, upper)
    per_newton = np.full(program.layout.ng, 1 / costs.GROUND_SD_BW)
    held = np.concatenate([costs.inverse_sd(runner, reference.held), per_newton])
    groups = elements.muscle_groups(runner)
    values: dict[str, np.ndarray | float] = {
        **elements.runner_values(runner, groups, moving=True),
        "reference": reference.followed_at(grid.phase / spans),
        "rounding": corner.FIRST,
        "costs": costs.numbers(
            *(runner, held, np.ones(program.layout.nc)),
            speed=speed,
            lean=objective.lean,
            tilt=-mechanisms.tilt,
        ),
        "weights": costs.weights(objective, habit_weight),
        "speed": speed,
        "stride_time": reference.stride_time,
        "stride_time_weight": habit_weight if objective.habit_keeps_time else 0.0,
    }
    parameters = program.parameters.pack(values)
    return Problem(runner, program, speed, lower, upper, parameters, objective.habit_keeps_time)


def node_bounds(runner: RunnerDescription, layout: Layout) -> tuple[np.ndarray, np.ndarray]:
    """Bounds of one node's scaled unknowns."""
    lower, upper = np.empty(layout.size), np.empty(layout.size)
    limits: dict[str, list[tuple[float, float]]] = {
        "q": [(c.range[0], c.range[1]) for c in runner.coordinates[: layout.nq]],
        "u": [(-_SPEED_LIMIT, _SPEED_LIMIT)] * layout.nq,
        "du": [(-_ACCELERATION_LIMIT, _ACCELERATION_LIMIT)] * layout.nq,
        "a": [(m.min_control, 1.0) for m in runner.muscles],
        "F": [TENDON_FORCE_RANGE] * len(layout.compliant),
        "e": [(m.min_control, m.max_control) for m in runner.muscles],
        "dF": [(-TENDON_RATE_LIMIT, TENDON_RATE_LIMIT)] * len(layout.compliant),
        "c": [(a.min_control, a.max_control) for a in runner.actuators],
        "R": [(0.0, 1000.0)] * int(layout.rated),
        "G": [(-_FORCE_LIMIT_BW, _FORCE_LIMIT_BW)] * layout.ng,
    }
    for name, pairs in limits.items():
        if pairs:
            block = layout.block(name)
            lower[block], upper[block] = np.array(pairs).T
    return lower / layout.scale, upper / layout.scale


def _start_at_origin(
    runner: RunnerDescription, layout: Layout, lower: np.ndarray, upper: np.ndarray
) -> None:
    """Forward travel is free at every node but the first, where it is zero."""
    for i, coordinate in enumerate(runner.coordinates):
        if coordinate.name == "pelvis_tx":
            size = layout.size
            lower[1 + i :: size], upper[1 + i :: size] = -10.0, 10.0
            lower[1 + i] = upper[1 + i] = 0.0


def active_bounds(problem: Problem, x: np.ndarray) -> list[ActiveBound]:
    """Bounds met by the solution: variable, 'lower' or 'upper', number of nodes."""
    program = problem.program
    found: list[ActiveBound] = []
    names = unknown_names(problem)
    _, z = program.unpack(x)
    lower, upper = program.unpack(problem.lower)[1], program.unpack(problem.upper)[1]
    fixed = lower == upper
    for bound, distance in (("lower", z - lower), ("upper", upper - z)):
        hit = (distance < ACTIVE) & ~fixed
        for i in np.flatnonzero(hit.any(axis=1)):
            found.append({"variable": names[i], "bound": bound, "nodes": int(hit[i].sum())})
    for bound, gap in (("lower", x[0] - problem.lower[0]), ("upper", problem.upper[0] - x[0])):
        if gap < ACTIVE and problem.lower[0] < problem.upper[0]:
            found.append({"variable": "duration", "bound": bound, "nodes": 1})
    return found


def active_limits(problem: Problem, x: np.ndarray) -> list[ActiveLimit]:
    """Limits met by the solution: which, the number of nodes at which it is met, and of all."""
    limits = problem.program.limits
    value = limits.of(x)
    met = np.minimum(value - limits.lower, limits.upper - value) < LIMIT_MET
    named = np.array(limits.names)
    return [
        {
            "limit": str(name),
            "nodes": int(met[named == name].sum()),
            "of": int((named == name).sum()),
        }
        for name in dict.fromkeys(limits.names)
    ]


def unknown_names(problem: Problem) -> list[str]:
    """Name of each unknown of a node: 'value/hip_flexion_r', 'excitation/psoas_r' and so on."""
    runner, layout = problem.runner, problem.program.layout
    coordinates = [c.name for c in runner.coordinates]
    muscles = [m.name for m in runner.muscles]
    compliant = [muscles[i] for i in layout.compliant]
    moved = coordinates[: layout.nq]
    blocks = {
        "value": moved,
        "speed": moved,
        "acceleration": moved,
        "activation": muscles,
        "normalized_tendon_force": compliant,
        "excitation": muscles,
        "tendon_force_rate": compliant,
        "control": [a.name for a in runner.actuators],
        "metabolic_rate": ["whole_body"] * int(layout.rated),
        GROUND_FORCE: [f"{side}/{axis}" for side in SIDES for axis in "xyz"][: layout.ng],
    }
    return [f"{kind}/{name}" for kind, names in blocks.items() for name in names]

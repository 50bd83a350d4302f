"""An exercise posed as a given motion: path, what the floor carries, what the muscles must share.

The floor's forces act at the supports, upward and within the friction cone; of all that hold the
body up, those with the least sum of squares. Nothing is left at the pelvis.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import casadi as ca
import numpy as np
from scipy.optimize import nnls

from formats.description import RunnerDescription
from formats.exercises import Exercise, Support
from simulations.problems import posture
from simulations.problems.posture import Poser, Unposable
from simulations.problems.prescribed import FEET, Demand, Prescriber, base_coordinates
from simulations.problems.problem import Problem

STILL_RATE = 0.01
"""Largest rate of a tendon's normalised force in a posture (1/s): none, but for the solver."""
SLACK = 0.1
"""Least normalised tendon force: DeGrooteFregly2016's curve goes to -0.25 far below slack."""
CONE = 8
"""Edges of the pyramid that stands for a friction cone."""
HELD = 1e4
"""Weight (1/N, 1/N m) of what the floor must hold against the squares of its forces."""
UNHELD_N = 0.5
"""What supports may leave at the pelvis (N or N m) before the exercise is called impossible."""


@dataclass(frozen=True)
class Posed:
    """An exercise at the nodes of a mesh.

    demand; supports: name -> (3 x N) force (N) and (3 x N) place (m); progress (N,).
    """

    demand: Demand
    supports: dict[str, tuple[np.ndarray, np.ndarray]]
    progress: np.ndarray


class Exerciser:
    """One exercise of one runner."""

    def __init__(
        self, runner: RunnerDescription, exercise: Exercise, supports: dict[str, Support]
    ) -> None:
        self.runner, self.exercise, self.supports = runner, exercise, supports
        self.poser = Poser(runner, exercise, supports)
        feet = {body: side for side, body in FEET.items()}
        others = [s.body for s in supports.values() if s.body not in feet]
        self.acting = FEET | {body: body for body in dict.fromkeys(others)}
        self.prescriber = Prescriber(runner, self.acting)

    @cached_property
    def _base(self) -> list[int]:
        return base_coordinates(self.runner)

    @cached_property
    def _reach(self) -> ca.Function:
        """q -> d (supports' points, 3 count) / d (the base's coordinates)."""
        q = ca.SX.sym("q", len(self.runner.coordinates))
        points = ca.vec(self.poser.places(q)[0])
        slopes = ca.jacobian(points, q)[:, self._base]
        return ca.Function("reach", [q], [ca.densify(slopes)])

    def movement(self, time: np.ndarray) -> Posed:
        """The movement at times (N, s)."""
        s, ds, dds = posture.progress(self.exercise.phases, time)
        path = self.poser.path()
        slope, bend = path.derivative(1)(s), path.derivative(2)(s)
        q, u = path(s).T, (slope * ds[:, None]).T
        return self._posed(time, q, u, (bend * ds[:, None] ** 2 + slope * dds[:, None]).T, s)

    def grid(self) -> Posed:
        """The postures of the grid, each at rest; time counts them."""
        q = self.poser.grid()
        time = np.arange(q.shape[1], dtype=float)
        return self._posed(time, q, np.zeros_like(q), np.zeros_like(q), time / time[-1])

    def _posed(
        self, time: np.ndarray, q: np.ndarray, u: np.ndarray, du: np.ndarray, s: np.ndarray
    ) -> Posed:
        zero = {name: np.zeros((6, len(time))) for name in self.acting}
        needed = np.array(self.prescriber.dynamics.map(len(time))(q, u, du, *zero.values())[0])
        forces = np.zeros((len(time), len(self.supports), 3))
        places = np.zeros_like(forces)
        for node in range(len(time)):
            places[node] = np.array(self.poser.places(q[:, node])[0]).T
            reach = np.array(self._reach(q[:, node]))
            forces[node] = self._floor(reach, needed[self._base, node], node)
        wrenches = {name: np.zeros((6, len(time))) for name in self.acting}
        named = {body: name for name, body in self.acting.items()}
        for k, support in enumerate(self.supports.values()):
            wrench = wrenches[named[support.body]]
            wrench[:3] += forces[:, k].T
            wrench[3:] += np.cross(places[:, k], forces[:, k]).T
        demand = self.prescriber.demand(time, q, u, du, wrenches)
        kept = {name: (forces[:, k].T, places[:, k].T) for k, name in enumerate(self.supports)}
        return Posed(demand, kept, s)

    def _floor(self, reach: np.ndarray, needed: np.ndarray, node: int) -> np.ndarray:
        """(supports, 3) forces that hold the body. reach: see _reach; needed (base,): N, N m."""
        turn = 2 * np.pi * np.arange(CONE) / CONE
        mu = self.exercise.friction
        edges = np.stack([mu * np.cos(turn), np.ones(CONE), mu * np.sin(turn)])
        columns, squares, given = [], [], np.zeros(len(needed))
        for k, support in enumerate(self.supports.values()):
            arms = reach[3 * k : 3 * k + 3]
            if support.press_n is not None:
                given += arms.T @ np.array([0.0, support.press_n, 0.0])
                continue
            if not support.bears:
                continue
            columns.append(arms.T @ edges)
            squares.append(edges)
        free = len(squares)
        matrix = np.zeros((len(needed) + 3 * free, CONE * free))
        matrix[: len(needed)] = HELD * np.hstack(columns)
        for k, block in enumerate(squares):
            matrix[len(needed) + 3 * k : len(needed) + 3 * k + 3, CONE * k : CONE * (k + 1)] = block
        right = np.concatenate([HELD * (needed - given), np.zeros(3 * free)])
        found, _ = nnls(matrix, right, maxiter=100 * matrix.shape[1])
        left = np.abs(np.hstack(columns) @ found - (needed - given)).max()
        if left > UNHELD_N:
            raise Unposable(
                f"{self.exercise.title}: posture {node}: the floor cannot hold it; {left:.0f} N or "
                "N m are left at the pelvis (the mass centre is beyond the supports, or they slip)"
            )
        forces, used = [], 0
        for support in self.supports.values():
            if support.press_n is not None:
                forces.append(np.array([0.0, support.press_n, 0.0]))
            elif not support.bears:
                forces.append(np.zeros(3))
            else:
                forces.append(edges @ found[CONE * used : CONE * (used + 1)])
                used += 1
        return np.array(forces)


def slackened(problem: Problem) -> Problem:
    """Tendons may go slack: at 120 deg of flexion tensor and iliacus are shorter than at rest.

    The tendon's curve then goes below zero, by at most SLACK of the maximal force.
    """
    lower, layout = problem.lower.copy(), problem.layout
    for i in layout.block("F"):
        lower[1 + i :: layout.size] = -SLACK / layout.scale[i]
    return replace(problem, lower=lower)


def one_posture(demand: Demand, node: int) -> Demand:
    """A posture of a demand held for a second: two nodes alike."""
    twice = [node, node]
    taken = {
        name: getattr(demand, name)[:, twice]
        for name in ("q", "u", "du", "moments", "passive", "length", "speed")
    }
    wrenches = {name: values[:, twice] for name, values in demand.wrenches.items()}
    arms = [values[:, twice] for values in demand.arms]
    return Demand(time=np.array([0.0, 1.0]), wrenches=wrenches, arms=arms, **taken)


def at_rest(problem: Problem) -> Problem:
    """The problem of a posture: no tendon's force changes, and so no activation does."""
    lower, upper = problem.lower.copy(), problem.upper.copy()
    layout = problem.layout
    for i in layout.block("dF"):
        lower[1 + i :: layout.size] = -STILL_RATE / layout.scale[i]
        upper[1 + i :: layout.size] = STILL_RATE / layout.scale[i]
    return replace(problem, lower=lower, upper=upper)


def passive(problem: Problem) -> Problem:
    """The muscles rest, and what moves the leg costs nothing: other hands."""
    lower, upper = problem.lower.copy(), problem.upper.copy()
    layout = problem.layout
    for name in ("a", "e"):
        for i in layout.block(name):
            upper[1 + i :: layout.size] = lower[1 + i :: layout.size]
    parameters = problem.parameters.copy()
    place = problem.program.parameters.place("costs")
    costs = parameters[place]
    # After volume shares and capacities: what accelerations and actuators cost.
    costs[2 * layout.nm : 2 * layout.nm + layout.nq + layout.nc] = 0.0
    parameters[place] = costs
    return replace(problem, lower=lower, upper=upper, parameters=parameters)

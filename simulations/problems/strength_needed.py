"""The least strength with which muscles could give what a prescribed motion asks, by instant.

A bound from below: activation is free to be anything at once, tendons are at rest. What it says a
motion needs, no sharing of the moments by these muscles can do without.
"""

from __future__ import annotations

from dataclasses import dataclass

import casadi as ca
import numpy as np
from scipy.optimize import linprog

from formats.description import RunnerDescription
from simulations.equations.muscle import fiber_state
from simulations.problems import sharing
from simulations.problems.prescribed import Demand

LOWEST, HIGHEST = -0.1, 20.0
"""Normalised tendon forces between which equilibrium is looked for: slack, and torn."""
HALVINGS = 60


@dataclass(frozen=True)
class Needed:
    """At N nodes: strength (1: the runner's own; inf: none does), and the dearest coordinate."""

    strength: np.ndarray
    coordinate: list[str]


def needed(runner: RunnerDescription, demand: Demand, room: float) -> Needed:
    """The least factor on all muscles' active force that gives the demand's moments.

    room (N m): by so much the moment about each coordinate may be missed.
    """
    names = [c.name for c in runner.coordinates]
    helped = sharing.muscled(runner) - sharing.beyond_the_force(runner)
    rows = [i for i in sharing.balanced(runner) if names[i] in helped]
    rest = equilibrium(runner, demand, [m.min_control for m in runner.muscles])
    most = equilibrium(runner, demand, [m.max_control for m in runner.muscles])
    strength, dearest = np.zeros(demand.asked.shape[1]), []
    for node in range(len(strength)):
        arms = np.zeros((len(runner.muscles), len(names)))
        for i, muscle in enumerate(runner.muscles):
            own = [names.index(name) for name in muscle.path.coordinates]
            arms[i, own] = -demand.arms[i][:, node]
        strength[node], row = _least(
            arms[:, rows], demand.asked[rows, node], room, rest[:, node], most[:, node]
        )
        dearest.append(names[rows[row]])
    return Needed(strength, dearest)


def equilibrium(runner: RunnerDescription, demand: Demand, activation: list[float]) -> np.ndarray:
    """(nm x N) tendon force (N) of each muscle at an activation (nm), its tendon at rest."""
    count = demand.length.shape[1]
    found = np.zeros_like(demand.length)
    for i, muscle in enumerate(runner.muscles):
        force, length, speed = (ca.SX.sym(name) for name in ("force", "length", "speed"))
        own, still = (force, ca.SX(0)) if muscle.compliant_tendon else (None, None)
        fiber = fiber_state(muscle, length, speed, ca.SX(activation[i]), own, still)
        along = (fiber.active + fiber.passive) * fiber.cos_pennation
        held = ca.Function("held", [force, length, speed], [along]).map(count)
        low, high = np.full(count, LOWEST), np.full(count, HIGHEST)
        for _ in range(HALVINGS):
            middle = 0.5 * (low + high)
            # The tendon pulls more than the fibre holds: the balance is at a smaller force.
            above = middle > np.array(held(middle, demand.length[i], demand.speed[i])).ravel()
            low, high = np.where(above, low, middle), np.where(above, middle, high)
        found[i] = muscle.max_isometric_force * 0.5 * (low + high)
    return np.maximum(found, 0.0)


def _least(
    arms: np.ndarray, moment: np.ndarray, room: float, rest: np.ndarray, most: np.ndarray
) -> tuple[float, int]:
    """The least strength of an instant; the row of `moment` that is dearest. arms (nm, n): N m/N.

    Forces are rest + share x active, 0 <= share <= strength.
    """
    active = np.maximum(most - rest, 0.0)
    given = arms.T * active
    count = len(active)
    limit = np.concatenate([np.zeros(count), moment - arms.T @ rest + room])
    limit = np.concatenate([limit, arms.T @ rest - moment + room])
    none = np.zeros((len(moment), 1))
    rows = np.block([[np.eye(count), -np.ones((count, 1))], [given, none], [-given, none]])
    cost = np.append(np.zeros(count), 1.0)
    ended = linprog(cost, A_ub=rows, b_ub=limit, bounds=(0, None), method="highs")
    if not ended.success:
        return np.inf, int(np.argmax(np.abs(moment)))
    prices = np.abs(ended.ineqlin.marginals[count:]).reshape(2, -1).sum(axis=0)
    return float(ended.x[-1]), int(np.argmax(prices * np.abs(moment)))

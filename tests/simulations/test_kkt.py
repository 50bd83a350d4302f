"""What one factorisation tells of a solution's neighbours, against solving them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from simulations.solving.ipopt import Guess, ipopt, options
from simulations.solving.kkt import Sensitivity
from tests.simulations.conftest import Solved

CHANGE = 0.002
BARRIER_KEPT = {
    "warm_start_init_point": "yes",
    "mu_init": 1e-6,
    "warm_start_bound_push": 1e-7,
    "warm_start_mult_bound_push": 1e-7,
}


@pytest.fixture(scope="module")
def told(solved: Solved) -> Sensitivity:
    return Sensitivity(solved.problem, solved.found)


def test_stationary(told: Sensitivity) -> None:
    """The multipliers' signs are those of the Lagrangian that is meant."""
    assert told.stationarity < 1e-5


def test_adjoint_is_forward(told: Sensitivity) -> None:
    """Both are the same matrix, from its two sides; one by differences, one exact."""
    program, p = told.problem.program, told.parameters
    generator = np.random.default_rng(4)
    gradients = generator.normal(size=(3, program.n_x))
    names = ("weights", "speed", "costs", "shared", "reference", "skeleton")
    directions = np.zeros((p.size, len(names)))
    for column, name in enumerate(names):
        place = program.parameters.place(name)
        directions[place, column] = p[place]
    by_all = told.adjoint(gradients)
    assert by_all.shape == (3, p.size)
    forward, adjoint = gradients @ told.forward(directions), by_all @ directions
    assert np.all(np.abs(forward - adjoint) < 1e-5 * np.abs(adjoint).max(axis=0))


@pytest.mark.parametrize("name", ["speed", "habit", "strength"])
def test_forward_is_solving_again(solved: Solved, told: Sensitivity, name: str) -> None:
    """Central difference of solutions at 99.8 and 100.2 %, within 2 % of the whole change."""
    problem = solved.problem
    parameters, p = problem.program.parameters, told.parameters
    direction = np.zeros_like(p)
    if name == "speed":
        place = parameters.place("speed")
        direction[place] = p[place]
    elif name == "habit":
        place = parameters.place("weights")
        direction[place.stop - 1] = p[place.stop - 1]
    else:
        for group in (key for key in parameters.shapes if key.startswith("muscles/")):
            rows = parameters.shapes[group][0]
            place = parameters.place(group)
            direction[place.start : place.stop : rows] = p[place.start : place.stop : rows]

    found = solved.found
    settings = options(BARRIER_KEPT, 200, None)

    def moved(factor: float) -> np.ndarray:
        """With friction as round as it was found with."""
        start = Guess(found.x, found.lam_x, found.lam_g)
        there = told.parameters + factor * direction
        stop = ipopt(
            problem.program, start, settings,
            lower=problem.lower, upper=problem.upper, parameters=there,
        )  # fmt: skip
        assert stop.converged
        return stop.x

    solved_again = (moved(CHANGE) - moved(-CHANGE)) / (2 * CHANGE)
    told_change = told.forward(direction)[:, 0]
    assert np.linalg.norm(told_change - solved_again) < 0.02 * np.linalg.norm(solved_again)


def test_another_problems_solution(solved: Solved, told: Sensitivity) -> None:
    with pytest.raises(ValueError, match="this problem has"):
        Sensitivity(solved.problem, replace(solved.found, x=solved.found.x[:-1]))

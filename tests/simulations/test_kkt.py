"""What one factorisation tells of a solution's neighbours, against solving them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from simulations.solving.kkt import Sensitivity, settled
from tests.simulations.conftest import Solved

CHANGE = 1e-4
CORNER_N = 1.0


@pytest.fixture(scope="module")
def told(solved: Solved) -> Sensitivity:
    at = settled(solved.problem, solved.found, CORNER_N)
    assert at.converged
    return Sensitivity(solved.problem, at)


def test_stationary(told: Sensitivity) -> None:
    """The multipliers' signs are those of the Lagrangian that is meant."""
    assert told.stationarity < 1e-7


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
    """Central difference of solutions at 99.99 and 100.01 %, within 0.5 % of the whole change."""
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

    def moved(factor: float) -> np.ndarray:
        there = replace(problem, parameters=problem.parameters + factor * direction)
        again = settled(there, told.found)
        assert again.converged
        return again.x

    solved_again = (moved(CHANGE) - moved(-CHANGE)) / (2 * CHANGE)
    told_change = told.forward(direction)[:, 0]
    assert np.linalg.norm(told_change - solved_again) < 5e-3 * np.linalg.norm(solved_again)


def test_another_problems_solution(solved: Solved, told: Sensitivity) -> None:
    with pytest.raises(ValueError, match="this problem has"):
        Sensitivity(solved.problem, replace(solved.found, x=solved.found.x[:-1]))

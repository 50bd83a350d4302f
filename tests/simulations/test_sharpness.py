"""What a rounded corner of friction leaves undone, and that a solve goes on until it is little."""

from __future__ import annotations

import numpy as np
import pytest

from simulations.problems.problem import Problem
from simulations.solving.friction_continuation import FINEST, FIRST
from simulations.solving.friction_error import ACCELERATION, FORCE_N, FrictionError, friction_error
from tests.simulations.conftest import Solved

CORNERS = (5.0, 0.2, 0.008)


def error_of(problem: Problem, x: np.ndarray, width: float) -> FrictionError:
    return friction_error(problem.program, problem.runner, problem.parameters, x, width)


def at_the_corner(solved: Solved) -> np.ndarray:
    """The solution, every foot sliding forward at the transition velocity while it is loaded."""
    program = solved.problem.program
    names = [c.name for c in solved.problem.runner.coordinates]
    duration, z = program.unpack(solved.found.x.copy())
    own = program.layout.block("u")[names.index("pelvis_tx")]
    z = z.copy()
    z[own] += 0.02  # scaled: 0.2 m/s for all bodies, so that some sphere meets the corner
    return program.pack(duration, z)


def test_rounder_is_further_from_sharp(solved: Solved) -> None:
    x = at_the_corner(solved)
    found = [error_of(solved.problem, x, corner) for corner in CORNERS]
    forces = [one.force for one in found]
    assert forces == sorted(forces, reverse=True)
    assert forces[0] > 10 * forces[-1] >= 0
    assert found[0].acceleration > found[-1].acceleration


def test_change_of_acceleration_is_what_the_force_does(solved: Solved) -> None:
    """The dynamics hold again when the accelerations are changed by what is reported."""
    problem, x = solved.problem, at_the_corner(solved)
    program = problem.program
    layout, nodes = program.layout, program.scheme.nodes
    _, z = program.unpack(x)
    corner = CORNERS[0]

    skeleton = program.skeleton
    assert skeleton is not None
    columns = np.concatenate([layout.block(name) for name in ("q", "u", "du")])
    numbers = problem.parameters[program.parameters.place("skeleton")]

    def rows(values: np.ndarray, width: float) -> np.ndarray:
        given = (values[columns], np.full((1, nodes), width), numbers)
        return np.array(skeleton.of("value").map(nodes)(*given))

    wanted, sharp = rows(z, corner), rows(z, 1e-9)
    own = layout.block("du")
    changed = z.copy()
    for node in range(nodes):
        slopes = np.array(skeleton.of("jacobian")(z[columns, node], corner, numbers)).ravel()
        mass = np.zeros((layout.nq, 3 * layout.nq))
        mass[tuple(skeleton.first)] = slopes
        mass = mass[:, 2 * layout.nq :]
        changed[own, node] += np.linalg.solve(mass, (wanted - sharp)[:, node])
    np.testing.assert_allclose(rows(changed, 1e-9), wanted, atol=1e-9)
    size = np.sqrt(np.mean((z[own] * 2000) ** 2, axis=1))
    change = np.sqrt(np.mean(((changed - z)[own] * 2000) ** 2, axis=1))
    expected = (change / np.maximum(size, 1)).max()
    assert error_of(problem, x, corner).acceleration == pytest.approx(expected, rel=1e-9)


def test_a_solve_ends_sharp_enough(solved: Solved) -> None:
    assert FINEST <= solved.found.corner <= FIRST
    assert solved.found.sharpness.enough
    again = error_of(solved.problem, solved.found.x, solved.found.corner)
    assert again == solved.found.sharpness
    assert again.force <= FORCE_N
    assert again.acceleration <= ACCELERATION

"""What a rounded corner of friction leaves undone, and that a solve goes on until it is little."""

from __future__ import annotations

import numpy as np
import pytest

from simulations.corner import FINEST, FIRST
from simulations.sharpness import ACCELERATION, FORCE_N, sharpness
from tests.simulations.conftest import Solved

CORNERS = (5.0, 0.2, 0.008)


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
    found = [sharpness(solved.problem, x, corner) for corner in CORNERS]
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

    def rows(values: np.ndarray, rounding: float) -> np.ndarray:
        return np.array(program.node.rows.map(nodes)(values, np.full((1, nodes), rounding))[0])

    wanted, sharp = rows(z, corner)[: layout.nq], rows(z, 1e-9)[: layout.nq]
    own = layout.block("du")
    changed = z.copy()
    for node in range(nodes):
        mass = np.array(program.node.jacobian(z[:, node], corner)[0])[: layout.nq, own]
        changed[own, node] += np.linalg.solve(mass, (wanted - sharp)[:, node])
    np.testing.assert_allclose(rows(changed, 1e-9)[: layout.nq], wanted, atol=1e-9)
    size = np.sqrt(np.mean((z[own] * 2000) ** 2, axis=1))
    change = np.sqrt(np.mean(((changed - z)[own] * 2000) ** 2, axis=1))
    expected = (change / np.maximum(size, 1)).max()
    assert sharpness(problem, x, corner).acceleration == pytest.approx(expected, rel=1e-9)


def test_a_solve_ends_sharp_enough(solved: Solved) -> None:
    assert FINEST <= solved.found.corner <= FIRST
    assert solved.found.sharpness.enough
    again = sharpness(solved.problem, solved.found.x, solved.found.corner)
    assert again == solved.found.sharpness
    assert again.force <= FORCE_N
    assert again.acceleration <= ACCELERATION

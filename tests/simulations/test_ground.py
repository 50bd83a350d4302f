"""The ground's force on the feet as an unknown that the habit holds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import casadi as ca
import numpy as np
import pytest

from formats.description import RunnerDescription
from simulations.collocation import objective
from simulations.equations.multibody import contact_wrenches, place_bodies
from simulations.output.motion import ground_forces, mirrored, unroll
from simulations.problems import tracking
from simulations.problems.problem import Mesh, Problem, pose, unknown_names
from simulations.problems.reference import Reference
from simulations.solving.guess import cold, neighbour
from simulations.solving.solution import StoredSolution
from simulations.solving.solve import solve
from tests.simulations.conftest import SPEED

STRIDE_S = 0.7
PHASE = np.array([0.0, 0.5, 1.0])
STANCE = 0.34


def reference(runner: RunnerDescription, *, grounded: bool) -> Reference:
    still = np.zeros((len(runner.coordinates), 3))
    ground = np.arange(18.0).reshape(6, 3) / 10 if grounded else None
    return Reference(PHASE, still, STRIDE_S, ground=ground)


def problem(runner: RunnerDescription, *, grounded: bool) -> Problem:
    return pose(
        runner,
        speed=3.0,
        mesh=Mesh(2),
        objective=objective.objective("metabolic_mix"),
        reference=reference(runner, grounded=grounded),
        habit_weight=1.0,
    )


@pytest.fixture(scope="module")
def grounded(runner: RunnerDescription) -> Problem:
    return problem(runner, grounded=True)


@pytest.fixture(scope="module")
def free(runner: RunnerDescription) -> Problem:
    return problem(runner, grounded=False)


def standing(posed: Problem) -> np.ndarray:
    """Unknowns (scaled, nz x nodes) with the feet at different depths in the ground."""
    layout, nodes = posed.layout, posed.scheme.nodes
    z = np.random.default_rng(4).uniform(0.1, 0.3, (layout.size, nodes))
    names = [c.name for c in posed.runner.coordinates]
    z[names.index("pelvis_ty")] = np.linspace(0.6, 0.8, nodes)
    z[layout.block("u")] *= -0.1
    return z


def test_its_rows_are_each_foots_force_in_body_weights(grounded: Problem) -> None:
    """Right foot first; forward, up, right; the rounding of friction's corner is that of the
    dynamics."""
    runner, layout = grounded.runner, grounded.layout
    z = standing(grounded)
    g = np.array(grounded.program.nlp(grounded.program.pack(0.35, z), grounded.parameters)[1])
    rows = g[: grounded.program.n_path].reshape(-1, layout.row_count)[:, layout.ground_rows].T
    n = len(runner.coordinates)
    q, u = ca.SX.sym("q", n), ca.SX.sym("u", n)
    bodies, _ = place_bodies(runner, q, u, ca.SX.zeros(n))
    corner = grounded.parameters[grounded.program.parameters.place("rounding")][0]
    feet = {"r": ca.SX(3, 1), "l": ca.SX(3, 1)}
    for wrench in contact_wrenches(runner, bodies, ca.SX(corner)):
        feet["r" if wrench.body in ("calcn_r", "toes_r") else "l"] += wrench.force
    force = ca.Function("force", [q, u], [ca.vertcat(feet["r"], feet["l"])]).map(z.shape[1])
    values = z * layout.scale[:, None]
    weight = 9.80665 * sum(body.mass for body in runner.bodies)
    found = np.array(force(values[layout.block("q")], values[layout.block("u")])) / weight
    assert found[1].max() > 0.1 and found[4].max() > 0.1
    np.testing.assert_allclose(rows, found - values[layout.block("G")], atol=1e-9)


def test_the_habit_holds_it(grounded: Problem) -> None:
    """One unit of the habit for each component that is GROUND_SD_BW from the reference."""
    program, layout = grounded.program, grounded.layout
    z = np.zeros((layout.size, grounded.scheme.nodes))
    held = reference(grounded.runner, grounded=True).ground_at(grounded.scheme.phase / 2)
    off = np.array([0, 1, 0, 0, 0, 2])[:, None] * objective.GROUND_SD_BW
    habit = {}
    for name, at in (("there", held), ("off", held + off)):
        z[layout.block("G")] = at
        terms = np.array(program.terms(program.pack(0.35, z), grounded.parameters)).ravel()
        habit[name] = terms[objective.TERMS.index("habit")]
    assert habit["off"] - habit["there"] == pytest.approx(1 + 4, rel=1e-9)


def test_the_image_of_half_a_stride_exchanges_the_feet(grounded: Problem) -> None:
    layout = grounded.layout
    values = np.zeros((layout.size, 1))
    values[layout.block("G"), 0] = [1, 2, 3, 4, 5, 6]
    image = mirrored(grounded.runner, layout, values)
    np.testing.assert_array_equal(image[layout.block("G"), 0], [4, 5, -6, 1, 2, -3])


def stored(posed: Problem, z: np.ndarray) -> StoredSolution:
    program = posed.program
    rows = program.n_path + program.n_collocation + program.n_boundary
    return StoredSolution(
        origin=Path("stored"),
        scheme=posed.scheme.name,
        spans=program.spans,
        phase=posed.scheme.phase,
        duration=0.35,
        z=z,
        lam_x=np.ones(program.n_x),
        lam_g=np.ones(rows),
        names=unknown_names(posed),
        coordinates=np.zeros((posed.layout.nq, 3)),
        stride_phase=PHASE,
        corner=0.2,
    )


@pytest.mark.parametrize("with_it", [True, False])
def test_a_solution_without_it_starts_one_with_it_and_back(
    with_it: bool, grounded: Problem, free: Problem
) -> None:
    ends, begins = (grounded, free) if with_it else (free, grounded)
    z = standing(begins)
    near = neighbour(ends, stored(begins, z))
    assert near.near and near.lam_g is None
    _, found = ends.program.unpack(near.x)
    for name in ("q", "u", "du", "a", "F", "e", "dF", "c", "R"):
        kept = z[begins.layout.block(name)]
        np.testing.assert_allclose(found[ends.layout.block(name)], kept, rtol=1e-12)
    assert not found[ends.layout.block("G")].any()


def test_a_sprinters_stride_may_be_shorter_than_any_runners(runner: RunnerDescription) -> None:
    target = Reference(PHASE, np.zeros((len(runner.coordinates), 3)), 0.42)
    posed = tracking.problem(runner, target, speed=9.0, weight=1.0, mesh=Mesh(2))
    assert 2 * posed.lower[0] == pytest.approx(0.8 * 0.42)
    assert 2 * posed.upper[0] == pytest.approx(1.1)


def foot(phase: np.ndarray) -> np.ndarray:
    """A smooth force on the right foot (3 x samples, BW) that carries half the weight."""
    stance = np.where(phase < STANCE, phase / STANCE, 0.0)
    vertical = np.sin(np.pi * stance)
    vertical *= 0.5 / np.trapezoid(vertical, phase)
    return np.array([-0.28 * np.sin(2 * np.pi * stance), vertical, 0 * phase])


def test_it_is_followed_by_exact_dynamics(runner: RunnerDescription, norms: Reference) -> None:
    """From quiet muscles; followed by its motion alone the same runner is 0.25 BW off (rms)."""
    phase = np.linspace(0.0, 1.0, 201)
    wanted = np.concatenate([foot(phase), foot((phase + 0.5) % 1.0)])
    target = replace(norms, phase=phase, coordinates=norms.at(phase), ground=wanted)
    posed = tracking.problem(runner, target, speed=SPEED, weight=1.0, mesh=Mesh(20))
    begun = cold(posed, target)
    _, z = posed.program.unpack(begun.x)
    z[posed.layout.block("G")] = target.ground_at(posed.scheme.phase / 2)
    begun = replace(begun, x=posed.program.pack(begun.x[0], z))
    found = solve(posed, begun, max_iterations=400, sharpen=False)
    assert found.return_status == "Solve_Succeeded"
    stride = unroll(posed, found.x)
    ground = ground_forces(runner, stride)
    weight = 9.80665 * sum(body.mass for body in runner.bodies)
    at = stride.time / stride.time[-1]
    for row, axis in enumerate("xy"):
        given = ground[f"ground_force_r_v{axis}"].to_numpy() / weight
        off = given - np.interp(at, phase, wanted[row])
        assert float(np.sqrt(np.mean(off**2))) < 0.04
    both = [ground[f"ground_force_{side}_vy"].to_numpy() / weight for side in "rl"]
    np.testing.assert_allclose(stride.block("G")[[1, 4]], both, atol=1e-6)

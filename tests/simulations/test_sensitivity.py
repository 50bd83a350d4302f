"""Outcomes of the solver's own equations, their gradients, and what is varied of a runner."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from formats.description import RunnerDescription
from formats.gait_events import events
from formats.muscles import WINDOW, WINDOW_MEAN, members
from simulations.collocation import elements
from simulations.collocation.objective import objective
from simulations.output import motion
from simulations.output.leg import Leg
from simulations.output.stride_outcomes import COST, measure
from simulations.problems.problem import Mesh, pose
from simulations.problems.reference import Reference
from simulations.problems.varied import varied
from tests.simulations.conftest import Solved

STEP = 1e-5


@pytest.fixture(scope="module")
def parameters(solved: Solved) -> np.ndarray:
    return solved.problem.parameters_at(solved.found.corner)


def test_gradients_of_outcomes(solved: Solved, parameters: np.ndarray) -> None:
    """By unknowns along a smooth change of the motion, and by masses and strength."""
    problem, x = solved.problem, solved.found.x
    layout, program = problem.layout, problem.program
    found = measure(problem, x, parameters)
    generator = np.random.default_rng(2)
    phase = program.scheme.phase
    z = np.zeros((layout.size, len(phase)))
    for name in ("q", "u", "du", "a", "R"):
        rows = layout.block(name)
        z[rows] = generator.normal(size=(len(rows), 1)) * np.sin(2 * np.pi * phase)
    along = program.pack(0.1, z)
    near = [measure(problem, x + s * STEP * along, parameters).values for s in (1, -1)]
    expected = (near[0] - near[1]) / (2 * STEP)
    room = 1e-3 * np.abs(expected) + 1e-5 * np.abs(found.gradients @ along).max()
    assert np.all(np.abs(found.gradients @ along - expected) < room)

    changed = varied(problem)
    for name in (
        *("body/torso/mass", "muscle/glmax2/max_isometric_force", "contact/stiffness"),
        "task/speed",
    ):
        step = STEP * changed.of(name)
        near = [measure(problem, x, parameters + s * step).values for s in (1, -1)]
        expected = (near[0] - near[1]) / (2 * STEP)
        np.testing.assert_allclose(found.direct @ changed.of(name), expected, rtol=1e-4, atol=1e-6)


def test_values_follow_from_the_motion(solved: Solved, parameters: np.ndarray) -> None:
    """What can be said without a spline: stride time, means, the largest at a node."""
    problem, x = solved.problem, solved.found.x
    found = measure(problem, x, parameters)
    told = dict(zip(found.names, found.values, strict=True))
    stride = Leg(problem, x, parameters, "r").stride
    time = stride.time
    assert told["stride_time_s"] == pytest.approx(time[-1])
    leg = Leg(problem, x, parameters, "r")
    phase = np.arange(8 * (leg.nodes - 1)) / (8 * (leg.nodes - 1))
    force = np.array([leg._force(at, leg.duration) for at in phase])
    stance = events(phase * leg.duration, force, leg.duration)
    assert told["duty_factor"] == pytest.approx(stance.duty_factor, abs=0.01)
    # Over the whole stride one foot carries half of the body; on this coarse mesh it touches more
    # than once, and what is told is of the longest stance.
    assert 0.0 < told["vertical_impulse_bw_s"] <= 0.5 * time[-1] * 1.01
    cost = np.trapezoid(stride.block("R")[0], time) / time[-1] / problem.speed
    assert told[COST] == pytest.approx(cost)
    assert told["thigh_extension_peak_deg"] == pytest.approx(-told["thigh_min_deg"])
    per_metre = told["braking_impulse_bw_s"] / (problem.speed * time[-1] / 2)
    assert told["braking_impulse_bw_s_per_m"] == pytest.approx(per_metre)
    begin, end = WINDOW
    fine = (leg.contact.phase + np.linspace(begin / 100 - 1, end / 100, 20001)) % 1.0
    soleus = stride.block("a")[members(problem.runner.muscles, "soleus", "r")[0]]
    mean = np.trapezoid(np.interp(fine, leg.phase, soleus), dx=1 / 20000)
    assert told[f"soleus_{WINDOW_MEAN}"] == pytest.approx(mean, rel=1e-3)


def test_a_whole_stride_is_its_halves(solved: Solved, norms: Reference) -> None:
    """The same motion simulated over both steps has the same outcomes, gradients along it too."""
    problem, half = solved.problem, solved.found.x
    whole = pose(
        problem.runner,
        speed=problem.speed,
        mesh=Mesh(2 * problem.scheme.intervals),
        objective=objective("metabolic_mix"),
        reference=norms,
        habit_weight=1.0,
        mirrored=False,
    )

    def unrolled(x: np.ndarray) -> np.ndarray:
        stride = motion.unroll(problem, x)
        return whole.program.pack(stride.time[-1], stride.values / whole.layout.scale[:, None])

    corner = solved.found.corner
    by_half = measure(problem, half, problem.parameters_at(corner))
    by_whole = measure(whole, unrolled(half), whole.parameters_at(corner))
    assert by_half.names == by_whole.names
    np.testing.assert_allclose(by_half.values, by_whole.values, rtol=1e-6, atol=1e-9)

    along = np.zeros_like(half)
    along[0] = 0.1
    rows = 1 + problem.layout.size * np.arange(problem.scheme.nodes)
    along[rows + problem.layout.block("q")[4]] = np.sin(np.pi * problem.scheme.phase)
    there = (unrolled(half + STEP * along) - unrolled(half - STEP * along)) / (2 * STEP)
    expected = by_half.gradients @ along
    room = 1e-6 * np.abs(expected).max()
    np.testing.assert_allclose(by_whole.gradients @ there, expected, rtol=1e-4, atol=room)
    left = measure(whole, unrolled(half), whole.parameters_at(corner), "l")
    np.testing.assert_allclose(left.values, by_whole.values, rtol=1e-6, atol=1e-9)


def test_strength_is_varied_as_a_dose_varies_it(solved: Solved) -> None:
    """Parameters of a stronger runner, packed, are the parameters plus the change."""
    problem, share = solved.problem, 0.01
    runner = problem.runner
    names = ("psoas_r", "psoas_l")
    muscles = [
        m.model_copy(
            update={
                "max_isometric_force": (1 + share) * m.max_isometric_force,
                "mass": (1 + share) * m.mass,
            }
        )
        if m.name in names
        else m
        for m in runner.muscles
    ]
    stronger = runner.model_copy(update={"muscles": muscles})
    groups = elements.muscle_groups(runner)
    values = elements.runner_values(stronger, groups, moving=True)
    direction = varied(problem).of("muscle/psoas/max_isometric_force")
    for name, value in values.items():
        place = problem.program.parameters.place(name)
        there = problem.parameters[place] + share * direction[place]
        np.testing.assert_allclose(there, value.ravel(order="F"), rtol=1e-12)
    shares = shares_of_volume(stronger)
    place = problem.program.parameters.place("costs")
    there = (problem.parameters + share * direction)[place][: shares.size]
    np.testing.assert_allclose(there, shares, rtol=1e-3)


def shares_of_volume(runner: RunnerDescription) -> np.ndarray:
    """Shares of volume, from the numbers."""
    volume = np.array([m.max_isometric_force * m.optimal_fiber_length for m in runner.muscles])
    return np.asarray(volume / volume.sum())


def test_unknown_parameter(solved: Solved) -> None:
    with pytest.raises(ValueError, match="not varied"):
        varied(solved.problem).of("muscle/nobody/mass")


def test_shares_must_lead_the_costs(solved: Solved) -> None:
    """The one thing it takes for granted of the objective is looked at."""
    problem = solved.problem
    parameters = problem.parameters.copy()
    parameters[problem.program.parameters.place("costs").start] += 1.0
    with pytest.raises(ValueError, match="shares of volume"):
        varied(replace(problem, parameters=parameters))

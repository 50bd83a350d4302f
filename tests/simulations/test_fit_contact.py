"""The fit's search, and what it counts: no solve."""

from __future__ import annotations

import math

import numpy as np
import pytest

from formats.description import RunnerDescription
from formats.sole import height
from simulations import fit_contact
from simulations.collocation import objective
from simulations.fit_contact import Point, cost, lifted, parts, search
from simulations.problems.problem import Mesh, Problem, pose
from simulations.problems.reference import Reference
from simulations.solving.ipopt import Guess

START = Point(
    sole_height=-0.030, toe_rise=0.0, share=1.0, dissipation=0.5, heel_drop=0.0, weight=1.0
)
NAMES = tuple(fit_contact.STEPS)


def walked(landscape: dict[str, float], fails: bool = False) -> list[tuple[Point, float]]:
    """What the search tries on a bowl about a point, in steps; fails: every second has no result"""
    tries = search(START, NAMES, halvings=2)
    found: list[tuple[Point, float]] = []
    point = next(tries)
    try:
        while True:
            off = [
                (getattr(point, n) - landscape[n]) / fit_contact.STEPS[n]
                if n in fit_contact.LENGTHS
                else math.log(getattr(point, n) / landscape[n]) / math.log(fit_contact.STEPS[n])
                for n in NAMES
            ]
            value = sum(one**2 for one in off)
            if fails and len(found) % 2:
                value = math.inf
            found.append((point, value))
            point = tries.send(value)
    except StopIteration:
        return found


def test_the_search_comes_near_the_least_and_tries_nothing_twice() -> None:
    least = {
        "sole_height": -0.043,
        "toe_rise": 0.013,
        "heel_drop": 0.006,
        "share": 2.0,
        "dissipation": 1.3,
        "weight": 0.2,
    }
    found = walked(least)
    best = min(found, key=lambda one: one[1])[0]
    # The last step is a quarter of the first: so near it must come, parameter by parameter.
    assert abs(best.sole_height - least["sole_height"]) <= 0.006 / 8 + 1e-9
    assert abs(best.toe_rise - least["toe_rise"]) <= 0.004 / 8 + 1e-9
    assert abs(best.heel_drop - least["heel_drop"]) <= 0.004 / 8 + 1e-9
    assert abs(math.log(best.dissipation / least["dissipation"])) <= math.log(2.0) / 8 + 1e-6
    assert abs(math.log(best.share / least["share"])) <= math.log(1.5) / 8 + 1e-6
    assert abs(math.log(best.weight / least["weight"])) <= math.log(3.0) / 8 + 1e-6
    assert len({point for point, _ in found}) == len(found)
    assert found == walked(least)


def test_tries_without_a_result_do_not_stop_it() -> None:
    least = {"sole_height": -0.036, "toe_rise": 0.008, "heel_drop": 0.0, "share": 1.5}
    found = walked(least | {"dissipation": 0.5, "weight": 3.0}, True)
    values = [value for _, value in found if math.isfinite(value)]
    assert min(values) < values[0]


def test_each_mismatch_counts_in_its_unit() -> None:
    report = {
        "ground_force_rms_bw": {"fore_aft": 0.06, "vertical": 0.08, "sideways": 0.0},
        "leg_angle_rms_deg": 3.0,
        "measured": {"stride_time_s": 0.712},
        "tracked": {"stride_time_s": 0.700},
    }
    found = parts(report)
    assert found["ground_force_rms_bw"] == pytest.approx(0.1)
    assert cost(found) == pytest.approx(1.0)


@pytest.fixture(scope="module")
def posed(runner: RunnerDescription) -> Problem:
    still = np.zeros((len(runner.coordinates), 3))
    return pose(
        runner,
        speed=3.0,
        mesh=Mesh(4),
        objective=objective.objective("metabolic_mix"),
        reference=Reference(np.array([0.0, 0.5, 1.0]), still, 0.7),
        habit_weight=1.0,
    )


def test_another_weight_is_another_parameter(posed: Problem, runner: RunnerDescription) -> None:
    """As if posed with it: the terms of the objective say so, and the rest stays."""
    x = np.linspace(0.1, 0.2, posed.program.n_x)
    terms = posed.program.terms
    one, three = (
        np.array(terms(x, problem.parameters)).ravel() for problem in (posed, posed.at_weight(3.0))
    )
    np.testing.assert_allclose(three[-2:], 3 * one[-2:])
    np.testing.assert_allclose(three[:-2], one[:-2])


def test_a_thicker_sole_lifts_the_pelvis_alone(posed: Problem) -> None:
    program = posed.program
    near = Guess(np.zeros(program.n_x), corner=0.2)
    moved = lifted(posed, near, 0.006)
    _, z = program.unpack(moved.x)
    row = [c.name for c in posed.runner.coordinates].index("pelvis_ty")
    assert moved.corner == 0.2
    np.testing.assert_allclose(z[program.layout.block("q")[row]], 0.006)
    assert np.count_nonzero(z) == z.shape[1]


def test_the_soles_height_is_read_from_the_runner(runner: RunnerDescription) -> None:
    assert height(runner) == pytest.approx(-0.030)

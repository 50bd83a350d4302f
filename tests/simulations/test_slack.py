"""A muscle no longer than its tendon is solved without force there, and untouched elsewhere."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from formats.description import RunnerDescription
from formats.trial.limits import BLEND, LEAST_FIBRE, SLACK_FORCE
from simulations.collocation import objective
from simulations.collocation.scheme import scheme
from simulations.problems import slack
from simulations.solving.load_sharing import Sharer
from tests.simulations import two_feet
from tests.simulations.test_inverse import swinging

SQUARED = objective.objective("activation_squared")


def slack_flexor(longer: float) -> RunnerDescription:
    """The right flexor has a tendon longer by `longer` (m), and so no fibre left in flexion."""
    runner = two_feet.runner()
    muscles = [
        m.model_copy(update={"tendon_slack_length": m.tendon_slack_length + longer})
        if m.name == "flexor_r"
        else m
        for m in runner.muscles
    ]
    return runner.model_copy(update={"muscles": muscles})


def test_the_floor_is_smooth_and_exact_outside() -> None:
    x = np.linspace(-3 * BLEND, 3 * BLEND, 6001)
    value, slope = slack.smooth_floor(x)
    np.testing.assert_array_equal(value[x > BLEND], x[x > BLEND])
    assert np.all(value[x < -BLEND] == 0.0)
    assert np.all(np.diff(value) >= 0.0)
    np.testing.assert_allclose(np.gradient(value, x), slope, atol=2e-3)
    assert np.abs(np.diff(slope)).max() < 1e-3  # no kink in the slope either


def test_a_long_muscle_is_left_as_it_is() -> None:
    runner = two_feet.runner()
    demand = swinging(runner)
    kept = slack.taken_up(runner, demand)
    np.testing.assert_array_equal(kept.length, demand.length)
    np.testing.assert_array_equal(kept.speed, demand.speed)


@pytest.mark.parametrize("share", [0.9, 1.1])
def test_a_slack_muscle_bears_nothing_and_the_stride_is_solved(share: float) -> None:
    """Its fibre would be down to a tenth, or shorter than nothing."""
    runner = slack_flexor(share * two_feet.FIBER)
    demand = swinging(runner)
    found = Sharer.build(runner, SQUARED, scheme("trapezoidal", 30)).solve(demand)
    assert found.stop.converged
    told = slack.report(runner, demand, {"flexor_r": found.block("F")[0]})
    assert list(told) == ["flexor_r"]
    entry = told["flexor_r"]
    assert entry["least_fibre"] < LEAST_FIBRE
    assert 0.0 <= entry["force_peak"] < SLACK_FORCE
    fibre = slack.fibre_along(runner.muscles[0], demand.length[0])
    assert entry["nodes"] == list(np.flatnonzero(fibre < LEAST_FIBRE + BLEND))


def test_speed_is_the_rate_of_the_length_that_is_kept() -> None:
    runner = slack_flexor(two_feet.FIBER)
    demand = swinging(runner, intervals=3000)
    kept = slack.taken_up(runner, demand)
    rate = np.gradient(kept.length[0], demand.time)
    np.testing.assert_allclose(rate[2:-2], kept.speed[0][2:-2], atol=2e-3)
    other = replace(demand, length=kept.length)
    assert np.all(slack.fibre_along(runner.muscles[0], other.length[0]) >= LEAST_FIBRE - 1e-9)

"""The objective's terms against their formulas; the file of objectives; what is calibrated."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formats.description import RunnerDescription
from formats.objectives import calibrated
from simulations.calibration import norms as published
from simulations.collocation import objective as costs
from simulations.collocation.layout import Layout
from simulations.collocation.objectives import OBJECTIVES, objectives


def test_terms_are_what_they_are_called(runner: RunnerDescription) -> None:
    layout = Layout.of(runner)
    rng = np.random.default_rng(1)
    z = rng.uniform(0.1, 1.0, layout.size)
    reference, per_sd = rng.normal(size=layout.nq), rng.uniform(1, 5, layout.nq)
    speed, lean, tilt = 3.1, -0.08, 0.03
    capacity = rng.uniform(0.3, 1.4, layout.nm)
    muscles = [
        m.model_copy(update={"max_control": float(c)})
        for m, c in zip(runner.muscles, capacity, strict=True)
    ]
    weaker = runner.model_copy(update={"muscles": muscles})
    p = costs.numbers(weaker, per_sd, np.ones(layout.nc), speed=speed, lean=lean, tilt=tilt)
    built = costs.build(layout, costs.trunk(runner))
    found = dict(zip(costs.TERMS, np.array(built.terms(z, reference, p)).ravel(), strict=True))

    x = z * layout.scale
    a, e, q = (x[layout.block(name)] for name in "aeq")
    share = costs.volume_shares(runner)
    rate = x[layout.block("R")][0]
    assert found["cost"] == pytest.approx(rate / speed)
    assert found["metabolic"] == pytest.approx(rate**2)
    assert found["excitation"] == pytest.approx(share @ (e / capacity) ** 2)
    assert found["activation"] == pytest.approx(share @ (a / capacity) ** 2)
    assert found["activation_cubed"] == pytest.approx(share @ (a / capacity) ** 3)
    assert found["habit"] == pytest.approx(np.sum(((q - reference) * per_sd) ** 2))
    angles = costs.trunk(runner) @ q - np.array([lean + tilt, lean, 0.0, 0.0])
    assert found["trunk"] == pytest.approx(np.sum((angles / costs.TRUNK_SD) ** 2))


def test_volume_shares_are_those_of_full_strength(runner: RunnerDescription) -> None:
    muscles = [
        m.model_copy(update={"max_isometric_force": 0.5 * m.max_isometric_force})
        for m in runner.muscles
    ]
    weaker = runner.model_copy(update={"muscles": muscles})
    np.testing.assert_array_equal(costs.volume_shares(weaker), costs.volume_shares(runner))


def test_free_running_holds_nobody_to_their_legs() -> None:
    free = OBJECTIVES["free_running"]
    assert not free.habit_keeps_time
    assert set(costs.TERMS) >= {"trunk", "habit"}
    assert costs.weights(free, 0.0)[costs.TERMS.index("habit")] == 0.0


def test_calibrated_sets_are_objectives_like_the_one_they_were_found_from() -> None:
    found = [OBJECTIVES[name] for name in calibrated()]
    assert len(found) >= 8
    free = OBJECTIVES["free_running"]
    for one in found:
        assert not one.habit_keeps_time
        priced = {key for key, weight in one.numbers().items() if weight}
        assert priced == {key for key, weight in free.numbers().items() if weight}


def test_unknown_number_of_an_objective_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "objectives.yaml"
    file.write_text("mine: {effort: 2.0}\n", encoding="utf-8")
    with pytest.raises(ValueError) as error:
        objectives(file)
    message = str(error.value)
    assert "\n" not in message and "effort" in message and "excitation" in message


@settings(max_examples=50, deadline=None)
@given(st.floats(-50, 50), st.floats(0.01, 10), st.floats(-100, 100))
def test_residuals_are_distances_in_sd(mean: float, sd: float, value: float) -> None:
    found = published.residuals({"a": value, "b": 1.0}, {"a": (mean, sd)})
    assert set(found) == {"a"}
    z = (value - mean) / sd
    assert found["a"] == pytest.approx(np.clip(z, -published.LARGEST_Z, published.LARGEST_Z))


def test_no_value_is_as_far_as_can_be() -> None:
    assert published.residuals({"a": float("nan")}, {"a": (0.0, 1.0)})["a"] == published.LARGEST_Z

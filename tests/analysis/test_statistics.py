"""Slopes over the doses, their spread over variants, and p-values."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.verdict.statistics import (
    against_smallest_effect,
    effect_per_10_percent,
    holm,
    rank_correlation,
    spread,
)


def test_holm_can_take_a_verdict_back() -> None:
    """Each p of 0.03 alone is below 0.05; of three such, none is."""
    assert holm([0.03, 0.03, 0.03]) == pytest.approx([0.09, 0.09, 0.09])
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])


def test_p_values_invert_the_interval() -> None:
    rng = np.random.default_rng(3)
    for centre in np.linspace(-2, 2, 21):
        around = spread(rng.normal(centre, 0.5, size=8), interval_percent=95, resamples=4000)
        tests, (low, high) = against_smallest_effect(around), around.interval
        assert (tests.beyond_above < 0.05) == (low > 1) or abs(low - 1) < 0.02
        assert (tests.beyond_below < 0.05) == (high < -1) or abs(high + 1) < 0.02
        inside = low > -1 and high < 1
        assert (tests.within < 0.05) == inside or min(abs(low + 1), abs(high - 1)) < 0.02


values = st.lists(st.floats(-100, 100), min_size=3, max_size=6, unique=True)


@settings(max_examples=60, deadline=None)
@given(values, st.floats(0.1, 100), st.floats(-100, 100), st.randoms(use_true_random=False))
def test_slope_scales_shifts_and_forgets_order(
    y: list[float], scale: float, shift: float, random: Any
) -> None:
    doses = np.linspace(60, 140, len(y))
    effect = effect_per_10_percent(doses, y)
    changed_y = scale * np.array(y) + shift
    assert effect_per_10_percent(doses, changed_y) == pytest.approx(scale * effect, abs=1e-6)
    assert effect_per_10_percent(doses, -np.array(y)) == pytest.approx(-effect)
    order = list(range(len(y)))
    random.shuffle(order)
    assert effect_per_10_percent(doses[order], np.array(y)[order]) == pytest.approx(effect)


@settings(max_examples=15, deadline=None)
@given(values, st.floats(0.1, 100), st.floats(-100, 100), st.randoms(use_true_random=False))
def test_spread_scales_shifts_and_forgets_order(
    y: list[float], scale: float, shift: float, random: Any
) -> None:
    def of(numbers: list[float]) -> tuple[float, float]:
        return spread(numbers, interval_percent=95, resamples=1000).interval

    expected = [scale * bound + shift for bound in of(y)]
    assert of([scale * v + shift for v in y]) == pytest.approx(expected, abs=1e-6)
    shuffled = list(y)
    random.shuffle(shuffled)
    assert of(shuffled) == of(y)


def test_a_slope_needs_two_strengths_and_a_constant_has_no_rank() -> None:
    with pytest.raises(ValueError, match="at least two different"):
        effect_per_10_percent([100, 100], [1, 2])
    assert rank_correlation([60, 100, 140], [1, 1, 1]) == 0.0

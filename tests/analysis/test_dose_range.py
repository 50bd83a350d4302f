"""An endpoint over the range of doses and on its steepest piece, of variants that differ."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.verdict.dose_range import over_range, steepest
from formats.claims import FIRST, read_claims

DECISION = read_claims(FIRST).decision.model_copy(update={"resamples": 1000})


def test_means_over_variants_have_intervals() -> None:
    responses = [{60.0: 10.0, 100.0: 8.0}, {60.0: 20.0, 100.0: 14.0}, {60.0: 30.0, 100.0: 20.0}]
    seen = over_range(responses, DECISION, 2.0)
    assert seen is not None
    assert (seen["value_at_lowest"], seen["value_at_highest"]) == (20.0, 14.0)
    assert (seen["difference"], seen["in_smallest_effects"]) == (-6.0, -3.0)
    assert seen["relative_change_percent"] == pytest.approx((-20 - 30 - 100 / 3) / 3)
    low, high = seen["difference_interval"]
    assert -10 <= low < -6 < high <= -2


def test_one_variant_has_values_and_no_interval() -> None:
    seen = over_range([{60.0: 10.0, 140.0: 12.0}], DECISION, None)
    assert seen is not None
    assert (seen["difference"], seen["difference_interval"]) == (2.0, None)
    assert seen["in_smallest_effects"] is None
    steep = steepest([{60.0: 10.0, 140.0: 12.0}], DECISION, None)
    assert steep is not None
    assert (steep["effect_per_10_percent"], steep["interval"]) == (-0.25, None)
    assert steep["beyond_smallest_effect"] is None


def test_a_dose_lost_by_one_variant_neither_shortens_the_range_nor_makes_a_piece() -> None:
    """The one without 60 and 100 % has a jump from 80 to 120 %, which only he has."""
    whole = {60.0: 4.0, 80.0: 3.0, 100.0: 2.5, 120.0: 2.0}
    responses = [whole, whole, {80.0: 100.0, 120.0: 2.0}]
    seen = over_range(responses, DECISION, 1.0)
    assert seen is not None
    assert (seen["lowest_dose_percent"], seen["highest_dose_percent"]) == (60.0, 120.0)
    assert (seen["difference"], seen["variants"]) == (-2.0, 2)
    steep = steepest(responses, DECISION, 1.0)
    assert steep is not None
    assert (steep["from_dose_percent"], steep["to_dose_percent"]) == (60.0, 80.0)
    assert (steep["effect_per_10_percent"], steep["beyond_smallest_effect"]) == (0.5, False)
    assert steep["variants"] == 2


def test_a_change_of_sign_has_no_relative_size() -> None:
    seen = over_range([{60.0: -1.0, 100.0: 1.0}, {60.0: 2.0, 100.0: 1.0}], DECISION, 1.0)
    assert seen is not None
    assert seen["relative_change_percent"] is None


def test_without_two_doses_there_is_nothing_to_tell() -> None:
    assert over_range([], DECISION, 1.0) is None
    assert steepest([{100.0: 1.0}], DECISION, 1.0) is None


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(-1e3, 1e3), min_size=3, max_size=6))
def test_the_steepest_piece_is_at_least_as_steep_as_the_whole_range(values: list[float]) -> None:
    response = {60.0 + 20.0 * place: value for place, value in enumerate(values)}
    seen, steep = over_range([response], DECISION, 1.0), steepest([response], DECISION, 1.0)
    assert seen is not None and steep is not None
    span = seen["highest_dose_percent"] - seen["lowest_dose_percent"]
    assert abs(steep["effect_per_10_percent"]) >= abs(10 * seen["difference"] / span) - 1e-6

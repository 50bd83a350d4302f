"""Overlap of simulated with published muscle timing."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.measures import glutes, muscle_timing
from formats.description import Muscle

PERCENT = np.linspace(0.0, 100.0, 1001)


def on(begin: float, end: float) -> np.ndarray:
    """Activation of 1 from begin to end (%), begin after end running through contact; else 0."""
    inside = (begin <= PERCENT) & (end >= PERCENT)
    if begin > end:
        inside = (begin <= PERCENT) | (end >= PERCENT)
    return inside.astype(float)


def test_the_same_time_overlaps_wholly_and_another_not_at_all() -> None:
    begin, end = muscle_timing.published()["iliopsoas"]
    assert muscle_timing.overlap("iliopsoas", PERCENT, on(begin, end)) == pytest.approx(1, abs=0.02)
    assert muscle_timing.overlap("iliopsoas", PERCENT, on(end + 1, begin - 1)) == 0.0


def test_half_the_time_is_half_and_wraps_through_contact() -> None:
    begin, end = muscle_timing.published()["glmax"]  # 87 to 20: through contact
    assert begin > end
    length = end + 100 - begin
    found = muscle_timing.overlap("glmax", PERCENT, on(begin, begin + length / 2 - 100))
    assert found == pytest.approx(0.5, abs=0.02)
    # As much again at another time: both are on for half of what either is on twice as long.
    more = np.maximum(on(begin, begin + length / 2 - 100), on(40.0, 40.0 + length / 2))
    assert muscle_timing.overlap("glmax", PERCENT, more) == pytest.approx(1 / 3, abs=0.02)


def test_rotation_of_the_stride_does_not_matter() -> None:
    wave = on(90.0, 15.0)
    turned = np.roll(np.arange(1000), 300)
    expected = muscle_timing.overlap("glmax", PERCENT[:-1], wave[:-1])
    assert muscle_timing.overlap("glmax", PERCENT[turned], wave[turned]) == pytest.approx(expected)


def test_what_is_not_known_is_not_a_number_and_a_quiet_muscle_does_not_overlap() -> None:
    assert np.isnan(muscle_timing.overlap("glmin", PERCENT, on(0.0, 50.0)))
    assert np.isnan(muscle_timing.overlap("glmax", PERCENT, np.full(1001, np.nan)))
    assert muscle_timing.overlap("glmax", PERCENT, np.full(1001, 1e-9)) == 0.0


def test_heads_count_by_their_volume(monkeypatch: pytest.MonkeyPatch) -> None:
    def head(name: str, force: float) -> Muscle:
        muscle = Muscle.__new__(Muscle)
        values = {"name": name, "max_isometric_force": force, "optimal_fiber_length": 0.1}
        for key, value in values.items():
            object.__setattr__(muscle, key, value)
        return muscle

    muscles = [head("psoas_r", 1000.0), head("iliacus_r", 1.0), head("psoas_l", 1000.0)]
    begin, end = muscle_timing.published()["iliopsoas"]
    activation = np.stack([on(begin, end), on(0.0, 100.0), on(0.0, 30.0)], axis=1)
    ones = np.ones(len(PERCENT))
    histories = glutes.Histories(
        activation, activation, activation, activation, PERCENT, ones, ones
    )
    row = glutes.emg_overlap(muscles, histories, "r")
    assert row["emg_jaccard_iliopsoas"] == pytest.approx(1.0, abs=0.02)
    assert np.isnan(row["emg_jaccard_glmax"])  # a runner without it
    assert set(row) == {f"emg_jaccard_{group}" for group in muscle_timing.published()}

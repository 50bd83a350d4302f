from __future__ import annotations

import numpy as np
import pytest

from analysis.replayed.case import Case
from analysis.replayed.gait import Cycle, closed, stance_weights, stride_outcomes
from analysis.replayed.stride import Stride
from formats.gait_events import Events, events


def half_sine(time: np.ndarray, start: float, end: float, stride: float, peak: float) -> np.ndarray:
    phase = ((time - start) % stride) / (end - start)
    return np.where(phase < 1, peak * np.sin(np.pi * np.minimum(phase, 1)), 0.0)


@pytest.mark.parametrize("start", [0.1, 0.65])  # the second stance wraps around the stored end
def test_events_of_a_half_sine(start: float) -> None:
    stride, peak, duration = 0.7, 1800.0, 0.24
    time = np.linspace(0, stride, 2801)
    force = half_sine(time, start, start + duration, stride, peak)
    found = events(time, force, stride)
    early = duration / np.pi * np.arcsin(20 / peak)  # the sine reaches 20 N so much later
    assert found.contact == pytest.approx((start + early) % stride, abs=1e-6)
    assert found.contact_time == pytest.approx(duration - 2 * early, abs=1e-6)
    assert found.duty_factor == pytest.approx((duration - 2 * early) / stride, abs=1e-6)
    assert found.phases == 1


def test_a_scuff_is_not_the_stance() -> None:
    time = np.linspace(0, 0.7, 701)
    force = half_sine(time, 0.3, 0.5, 0.7, 1500) + half_sine(time, 0.1, 0.12, 0.7, 60)
    found = events(time, force, 0.7)
    assert found.phases == 2
    assert found.contact == pytest.approx(0.301, abs=0.002)


@pytest.mark.parametrize(("force", "word"), [(0.0, "never"), (100.0, "always")])
def test_no_event_is_an_error(force: float, word: str) -> None:
    with pytest.raises(ValueError, match=word):
        events(np.linspace(0, 1, 11), np.full(11, force), 1.0)


def test_cycle_starts_at_the_event() -> None:
    time = np.linspace(0, 0.7, 71)
    cycle = Cycle(time, start=0.2)
    wave = np.cos(2 * np.pi * (time - 0.2) / 0.7)
    curve = cycle.curve(wave)
    assert curve.shape == (101,)
    assert curve == pytest.approx(np.cos(2 * np.pi * np.arange(101) / 100), abs=1e-5)
    assert cycle.force_curve(wave) == pytest.approx(curve, abs=2e-3)
    assert cycle.percent(np.array([0.2, 0.55, 0.1])) == pytest.approx([0, 50, 100 * 0.6 / 0.7])


def test_force_curves_do_not_overshoot() -> None:
    time = np.linspace(0, 1, 41)
    force = np.where((time > 0.3) & (time < 0.6), 1000.0, 0.0)
    curve = Cycle(time, 0.31).force_curve(force)
    assert curve.min() >= -1e-9
    assert curve.max() <= 1000


def measured_like() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Time, an angle and an activation that is small at the end: neither ends as it began."""
    time = np.linspace(0, 0.7, 71)
    activation = np.where(time < 0.6, 0.3 + 0.2 * np.sin(9 * time), 0.02)
    activation[-1] = 0.5
    return time, np.sin(9 * time), activation


@pytest.mark.parametrize("start", [0.0, 0.35])
def test_a_measured_stride_is_not_bent_to_close(start: float) -> None:
    time, angle, activation = measured_like()
    cycle = Cycle(time, start, periodic=False)
    assert cycle.at(angle, time) == pytest.approx(angle, abs=1e-12)
    assert cycle.force_at(activation, time) == pytest.approx(activation, abs=1e-12)
    expected = np.sin(9 * cycle.stored(cycle.moments))  # up to the end, and on from the start
    assert cycle.curve(angle) == pytest.approx(expected, abs=1e-4)
    assert cycle.force_curve(activation).min() >= 0.02 - 1e-12


def test_a_measured_stride_ends_with_its_last_row() -> None:
    time, angle, activation = measured_like()
    cycle = Cycle(time, 0.0, periodic=False)
    for curve, values in ((cycle.curve(angle), angle), (cycle.force_curve(activation), activation)):
        assert curve[[0, 100]] == pytest.approx(values[[0, 70]])


def test_a_predicted_stride_closes_exactly() -> None:
    time = np.linspace(0, 0.7, 71)
    wave = np.cos(2 * np.pi * time / 0.7)
    wave[-1] += 1e-9
    assert closed(wave)[-1] == wave[0]
    assert closed(wave)[:-1] == pytest.approx(wave[:-1], abs=0)


def test_stance_weights_integrate_over_the_wrap() -> None:
    time = np.linspace(0, 1, 101)
    force = 5 + np.sin(2 * np.pi * time)
    start, end = 0.8, 1.3

    def antiderivative(t: float) -> float:
        return 5 * t - np.cos(2 * np.pi * t) / (2 * np.pi)

    weights = stance_weights(time, start, end)
    assert weights.sum() == pytest.approx(end - start)
    assert weights @ force == pytest.approx(antiderivative(end) - antiderivative(start), abs=1e-4)
    assert weights[(time > 0.32) & (time < 0.78)].max() == 0


def test_stride_outcomes_of_a_known_gait() -> None:
    right, left = Events(0.6, 0.84, 0.7, 1), Events(0.25, 0.49, 0.7, 1)
    row = stride_outcomes(right, left, speed=3.5, leg_length=0.9)
    assert row["step_time_s"] == pytest.approx(0.35)
    assert row["step_length_m"] == pytest.approx(1.225)
    assert row["flight_time_s"] == pytest.approx(0.11)
    assert row["cadence_steps_min"] == pytest.approx(171.43, abs=0.01)


def test_force_between_the_nodes_meets_the_nodes(hop_case: Case, hop_stride: Stride) -> None:
    a, nodes = hop_stride.anatomy, len(hop_case.time) - 1
    every = len(a.dense_time) // nodes
    vertical = hop_case.ground_force("r")[:-1, 1]
    assert a.dense_vertical["r"][::every] == pytest.approx(vertical, abs=1e-6)
    # Between them it follows the motion; the hop was integrated with far smaller steps.
    landing = hop_stride.events["r"].contact
    after = int(np.searchsorted(hop_case.time, landing))
    assert hop_case.time[after - 1] <= landing <= hop_case.time[after]
    assert vertical[after - 1] <= 20 <= vertical[after]

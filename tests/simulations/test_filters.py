"""The zero-lag filter: half the power at its cut-off, no delay, and no ends on a cycle."""

from __future__ import annotations

import numpy as np
import pytest

from formats.filters import zero_lag, zero_lag_cycle

RATE = 1000.0


def wave(frequency: float, seconds: float = 1.0) -> np.ndarray:
    return np.sin(2 * np.pi * frequency * np.arange(round(seconds * RATE)) / RATE)


@pytest.mark.parametrize("order", [2, 4, 8])
def test_both_passes_halve_the_power_at_the_cut_off(order: int) -> None:
    passed = zero_lag_cycle(wave(15), RATE, 15.0, order)
    assert np.mean(passed**2) == pytest.approx(np.mean(wave(15) ** 2) / 2, rel=5e-3)
    assert passed == pytest.approx(wave(15) / np.sqrt(2), abs=2e-3)  # not delayed


def test_an_octave_above_the_cut_off_a_fourth_order_filter_leaves_a_tenth() -> None:
    """|H|2 of both passes: 1 / (1 + (f / fc)^4) with fc the single pass's, 15 Hz / 0.802."""
    passed = zero_lag_cycle(wave(30), RATE, 15.0)
    assert np.abs(passed).max() == pytest.approx(1 / (1 + (30 / 15 * 0.802) ** 4), rel=0.01)


def test_a_cycle_is_filtered_as_its_endless_repetition() -> None:
    one = np.maximum(wave(1, 0.7), 0.0) ** 0.5 + np.exp(-(((np.arange(700) - 5) / 4) ** 2))
    pair = np.stack([one, one[::-1]], axis=1)
    endless = zero_lag(np.tile(pair, (9, 1)), RATE, 15.0)[4 * 700 : 5 * 700]
    assert zero_lag_cycle(pair, RATE, 15.0) == pytest.approx(endless, abs=1e-9)
    # By itself the same stride is bent at its ends, where the foot lands.
    assert np.abs(zero_lag(one, RATE, 15.0) - endless[:, 0]).max() > 0.05


@pytest.mark.parametrize(("rate", "order", "word"), [(40, 4, "too few"), (1000, 3, "even number")])
def test_what_cannot_be_filtered_is_said(rate: float, order: int, word: str) -> None:
    with pytest.raises(ValueError, match=word):
        zero_lag_cycle(wave(1), rate, 15.0, order)

"""Samples that no body can have are named; a sprinter's are not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from formats.trial import spikes

HERE = Path("motion.mot")


@pytest.mark.parametrize("rate", [50, 100, 250, 1000])
def test_a_sprinters_knee_is_no_spike(rate: int) -> None:
    """Twice 70 deg at 2.4 strides a second, with a harmonic: 2,000 deg/s."""
    time = np.arange(0, 2, 1 / rate)
    turn = 2 * np.pi * 2.4 * time
    knee = np.radians(70 + 70 * np.sin(turn) + 15 * np.sin(3 * turn))
    spikes.check_motion(HERE, time, {"knee_angle_r": knee}, {"knee_angle_r": "rotational"})


@pytest.mark.parametrize(("size", "line"), [(500.0, "has a spike at 1.000 s"), (15.0, "spike")])
def test_one_sample_out_of_line(size: float, line: str) -> None:
    time = np.arange(0, 2, 0.01)
    knee = np.radians(60 + 50 * np.sin(2 * np.pi * 1.4 * time))
    knee[100] += np.radians(size)
    with pytest.raises(ValueError, match=line):
        spikes.check_motion(HERE, time, {"knee_angle_r": knee}, {"knee_angle_r": "rotational"})


def test_an_angle_that_turns_over() -> None:
    time = np.arange(0, 2, 0.01)
    turned = np.where(time < 1, 0.0, 2 * np.pi)
    with pytest.raises(ValueError, match=r"jumps by 360 deg at 1\.000 s"):
        spikes.check_motion(
            HERE, time, {"pelvis_rotation": turned}, {"pelvis_rotation": "rotational"}
        )


def test_a_spike_of_force_and_a_sprinters_peak() -> None:
    time = np.arange(0, 0.1, 0.01)
    weight = 700.0
    stance = 4 * weight * np.sin(np.pi * np.minimum(time / 0.09, 1))
    spikes.check_force(HERE, time, stance, weight)
    stance[5] += 2000.0
    with pytest.raises(ValueError, match=r"has a spike at 0\.050 s"):
        spikes.check_force(HERE, time, stance, weight)

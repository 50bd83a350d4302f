"""Where tracking a measured stride starts: carried by the ground, muscles shared."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from formats.description import RunnerDescription
from formats.trial.measured import GRAVITY
from formats.trial.reading import for_runner
from simulations.collocation.layout import Layout
from simulations.solving import measured_guess
from tests.simulations import two_feet
from tests.simulations.test_inverse import bouncing

NODES = 5
WEIGHTS = np.array([1, 2, 2, 2, 1]) / 8


def standing(runner: RunnerDescription, height: float) -> np.ndarray:
    q = np.zeros((len(runner.coordinates), NODES))
    q[[c.name for c in runner.coordinates].index("pelvis_ty")] = height
    return q


def test_the_mean_force_becomes_the_weight(runner: RunnerDescription) -> None:
    """Bent a little more at each node, so that the feet press differently."""
    q = standing(runner, 0.95)
    row = [c.name for c in runner.coordinates].index("pelvis_ty")
    q[row] += np.linspace(0.0, 0.01, NODES)
    u = np.zeros_like(q)
    found = measured_guess.carried(runner, q, u, WEIGHTS)
    force = np.array(measured_guess.vertical_force(runner).map(NODES)(found, u)).ravel()
    weight = sum(body.mass for body in runner.bodies) * GRAVITY
    assert force @ WEIGHTS == pytest.approx(weight, rel=1e-2)
    np.testing.assert_allclose(np.ptp(found - q, axis=1), 0.0, atol=1e-12)
    assert np.count_nonzero(np.any(found != q, axis=1)) == 1


def test_a_runner_far_from_the_ground_is_refused(runner: RunnerDescription) -> None:
    q = standing(runner, 1.6)
    with pytest.raises(ValueError, match="do not carry his weight"):
        measured_guess.carried(runner, q, np.zeros_like(q), WEIGHTS)


def test_the_muscles_are_their_own_image_half_a_stride_later(tmp_path: Path) -> None:
    runner = two_feet.runner()
    folder = bouncing(tmp_path / "bouncing", treadmill=False)
    trial = for_runner(folder, runner)
    found = measured_guess.muscles(runner, trial, trial.chosen()[0], 10, 1)
    layout = Layout.of(runner)
    names = [m.name for m in runner.muscles]
    rows = layout.block("a")
    right, left = rows[names.index("flexor_r")], rows[names.index("flexor_l")]
    assert found.shape == (layout.size, 21)
    assert found[right].max() > 0.01
    np.testing.assert_allclose(found[right, :11], found[left, 10:], atol=1e-12)

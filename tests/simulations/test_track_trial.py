"""Tracking a measured trial: what is followed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from formats.trial.reading import Trial, for_runner
from simulations.problems import measured_reference, tracking
from tests.simulations import two_feet
from tests.simulations.test_inverse import bouncing


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Trial:
    folder = bouncing(tmp_path_factory.mktemp("trials") / "bouncing", treadmill=False)
    return for_runner(folder, two_feet.runner())


def test_the_reference_closes_and_is_its_own_mirror_image(trial: Trial) -> None:
    runner = two_feet.runner()
    stride = trial.chosen()[0]
    target = measured_reference.from_trial(trial, stride, runner)
    names = [c.name for c in runner.coordinates]
    forward = names.index("pelvis_tx")
    right, left = names.index("hip_flexion_r"), names.index("hip_flexion_l")
    assert target.stride_time == pytest.approx(stride.duration)
    advance = target.coordinates[forward]
    assert advance[0] == 0
    assert advance[-1] == pytest.approx(3.0 * stride.duration)
    rest = np.delete(target.coordinates, forward, axis=0)
    np.testing.assert_allclose(rest[:, 0], rest[:, -1], atol=1e-12)
    later = np.roll(target.coordinates[left, :-1], -100)
    np.testing.assert_allclose(target.coordinates[right, :-1], later, atol=1e-12)
    # The measured legs were each other's image: nothing was taken away.
    apart = measured_reference.asymmetry(trial, stride, runner)
    assert apart["hip_flexion_r"] < 2e-3
    assert set(apart) == set(names) - {"pelvis_tx"}


def test_a_belt_carries_the_runner_forward(tmp_path: Path) -> None:
    """The same run on a belt, where the pelvis stays, has the same reference."""
    runner = two_feet.runner()
    still = {"pelvis_tx": 0.0}
    found = []
    for name, belt, change in (("ground", False, {}), ("belt", True, still)):
        folder = bouncing(tmp_path / name, change=change, treadmill=belt)
        read = for_runner(folder, runner)
        found.append(measured_reference.from_trial(read, read.chosen()[0], runner))
    np.testing.assert_allclose(found[0].coordinates, found[1].coordinates, atol=1e-6)


def test_a_runner_without_spheres_is_refused(trial: Trial) -> None:
    with pytest.raises(ValueError, match="no contact spheres, so nothing can carry him"):
        tracking.measured(trial.folder, two_feet.runner())

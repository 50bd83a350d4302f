"""Tracking a measured trial: what is followed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from formats.trial.measured import GRAVITY
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


def test_the_grounds_force_is_followed_on_both_feet(trial: Trial) -> None:
    """The right foot's at its contact, the left one's image half a stride later, in body weights;
    the mean vertical force carries the runner."""
    runner, stride = two_feet.runner(), trial.chosen()[0]
    target = measured_reference.from_trial(trial, stride, runner)
    assert target.ground is not None
    right, left = target.ground[:3], target.ground[3:]
    later = np.roll(left[:, :-1], -100, axis=1)
    np.testing.assert_allclose(right[:, :-1].T, later.T * [1, 1, -1], atol=1e-9)
    plates = trial.forces.feet["r"].force[1]
    assert right[1].max() * runner_weight() == pytest.approx(plates.max(), rel=0.02)
    assert (right[1] + left[1])[:-1].mean() == pytest.approx(1.0, abs=0.05)
    np.testing.assert_allclose(target.followed_at(np.array([0.3]))[-6:, 0], target.ground[:, 60])


def runner_weight() -> float:
    return sum(body.mass for body in two_feet.runner().bodies) * GRAVITY


def test_a_left_stride_is_followed_as_its_mirror_image(trial: Trial, tmp_path: Path) -> None:
    """Of a symmetric run the same, whichever leg's stride it is."""
    runner = two_feet.runner()
    folder = bouncing(tmp_path / "left", treadmill=False, leg="left")
    read = for_runner(folder, runner)
    assert read.chosen()[0].start != trial.chosen()[0].start
    right, left = (
        measured_reference.from_trial(one, one.chosen()[0], runner) for one in (trial, read)
    )
    np.testing.assert_allclose(left.coordinates, right.coordinates, atol=2e-3)
    assert left.ground is not None and right.ground is not None
    np.testing.assert_allclose(left.ground, right.ground, atol=0.02)
    apart = measured_reference.asymmetry(read, read.chosen()[0], runner)
    assert apart["hip_flexion_r"] < 2e-3


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

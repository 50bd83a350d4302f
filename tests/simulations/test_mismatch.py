"""Measured and simulated strides side by side: numbers that can be told by hand."""

from __future__ import annotations

import numpy as np
import pytest

from formats.description import ContactSphere
from formats.sole import Sole, fitted, height
from formats.trial.reading import Trial, for_runner
from simulations import compare_trial as mismatch
from simulations.problems.reference import Reference
from tests.simulations import trial_folder, two_feet
from tests.simulations.test_inverse import bouncing

WEIGHT = trial_folder.MASS * trial_folder.GRAVITY
PEAK_BW = trial_folder.STEP_TIME * np.pi / (2 * trial_folder.CONTACT)


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Trial:
    folder = bouncing(tmp_path_factory.mktemp("trials") / "bouncing", treadmill=False)
    return for_runner(folder, two_feet.runner())


def test_a_measured_stride_is_the_plates_own(trial: Trial) -> None:
    """Half-sine stances: their peak and duration; nothing is filtered away."""
    found = mismatch.measured(trial, trial.chosen()[0], trial_folder.MASS).outcomes()
    assert found["vertical_peak_bw"] == pytest.approx(PEAK_BW, rel=2e-3)
    assert found["contact_time_s"] == pytest.approx(trial_folder.CONTACT, abs=4e-3)
    assert found["stride_time_s"] == pytest.approx(trial_folder.PERIOD, abs=2e-3)
    assert found["landing_percent"] == pytest.approx(0.0, abs=0.3)


def test_braking_is_positive_and_a_late_landing_is_told() -> None:
    time = np.linspace(0.0, 0.7, 701)
    stance = (time > 0.07) & (time < 0.27)
    into = np.where(stance, (time - 0.07) / 0.2, 0.0)
    vertical = np.where(stance, 1400.0 * np.sin(np.pi * into), 0.0)
    fore_aft = np.where(stance, -200.0 * np.sin(2 * np.pi * into), 0.0)
    force = np.stack([fore_aft, vertical, 0 * time])
    found = mismatch.simulated(time, force, 1000.0 / 9.80665).outcomes()
    assert found["vertical_peak_bw"] == pytest.approx(1.4, rel=1e-3)
    assert found["braking_peak_bw"] == pytest.approx(0.2, rel=1e-3)
    assert found["propulsion_peak_bw"] == pytest.approx(0.2, rel=1e-3)
    assert found["braking_impulse_bw_s"] == pytest.approx(0.2 * 0.1 * 2 / np.pi, rel=1e-3)
    assert found["landing_percent"] == pytest.approx(10.0, abs=0.3)
    assert found["contact_time_s"] == pytest.approx(0.2, abs=5e-3)


def test_a_foot_that_never_lands_is_refused() -> None:
    time = np.linspace(0.0, 0.7, 71)
    flight = mismatch.simulated(time, np.zeros((3, 71)), 70.0)
    with pytest.raises(ValueError, match="no contact"):
        flight.outcomes()


def test_angles_are_told_in_degrees_and_what_nothing_holds_is_not() -> None:
    runner = two_feet.runner()
    phase = np.linspace(0.0, 1.0, 51)
    target = Reference(phase, np.zeros((len(runner.coordinates), 51)), 0.7)
    names = [c.name for c in runner.coordinates]
    q = np.zeros((len(names), 31))
    q[names.index("hip_flexion_r")] = np.radians(3.0)
    found = mismatch.angles(runner, target, np.linspace(0.0, 0.7, 31), q)
    assert found["hip_flexion_r"] == pytest.approx(3.0)
    assert found["hip_flexion_l"] == pytest.approx(0.0)
    assert "pelvis_ty" not in found


def test_the_distance_of_a_stride_from_itself_is_none(trial: Trial) -> None:
    wanted = mismatch.measured(trial, trial.chosen()[0], trial_folder.MASS)
    told = mismatch.report(wanted, wanted, {"hip_flexion_r": 3.0, "pelvis_tilt": 9.0})
    assert set(told["ground_force_rms_bw"].values()) == {0.0}
    assert told["leg_angle_rms_deg"] == pytest.approx(3.0)


def test_a_sole_is_moved_and_stiffened() -> None:
    sphere = ContactSphere(
        name="heel_r", force_path="/forceset/heel_r", body="calcn_r",
        location=[0.0, 0.0, 0.02], radius=0.03, plane_origin=[0, 0, 0], plane_normal=[0, 1, 0],
        stiffness=1e6, dissipation=1.5, static_friction=0.8, dynamic_friction=0.8,
        viscous_friction=0.5, transition_velocity=0.2, constant_contact_force=1e-5,
        hertz_smoothing=300, hunt_crossley_smoothing=50,
    )  # fmt: skip
    runner = two_feet.runner().model_copy(update={"contacts": [sphere]})
    assert height(runner) == pytest.approx(-0.03)
    other = fitted(runner, Sole(-0.03, 1.0), Sole(-0.04, 1.5))
    assert height(other) == pytest.approx(-0.04)
    assert other.contacts[0].stiffness == pytest.approx(1.5e6)
    assert other.contacts[0].location[2] == 0.02
    with pytest.raises(ValueError, match="no contact spheres"):
        height(two_feet.runner())


def test_reserves_are_told_by_their_largest_torque() -> None:
    runner = two_feet.runner()
    controls = {a.force_path: np.array([0.0, -0.3, 0.1]) for a in runner.actuators}
    found = mismatch.reserves(runner, controls)
    assert found == pytest.approx({"hip_flexion_r": 3.0, "hip_flexion_l": 3.0})


def test_filtered_alike_what_the_filter_takes_out_is_no_distance() -> None:
    phase = np.linspace(0.0, 1.0, mismatch.SAMPLES)
    slow = np.stack([0.3 * np.sin(4 * np.pi * phase), 1 + np.cos(4 * np.pi * phase), 0 * phase])
    ringing = slow + 0.2 * np.sin(2 * np.pi * 40 * phase)  # 57 Hz at 0.7 s a stride
    one, other = (mismatch.Ground(force, 0.7, 700.0) for force in (slow, ringing))
    found = mismatch.filtered_alike(one, other, 15.0)
    assert max(found["ground_force_rms_bw"].values()) < 0.002
    shifted = mismatch.Ground(slow + 0.1, 0.7, 700.0)
    moved = mismatch.filtered_alike(shifted, one, 15.0)["ground_force_rms_bw"]
    assert moved["vertical"] == pytest.approx(0.1, rel=1e-6)

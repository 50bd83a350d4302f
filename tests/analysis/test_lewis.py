"""A leg held in the air: statics as they must be, and what weaker muscles do to the hip."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import opensim
import pandas as pd
import pytest

from analysis import lewis
from analysis.replayed.frames import rotation
from analysis.socket.static_leg import Posture, Rule, StaticLeg
from models import build

SUPINE, ANGLES = 90.0, {"hip_flexion": 10.0, "ankle_angle": -20.0}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("spatial")
    build.build("spatial", None, folder)
    return folder


@pytest.fixture(scope="module")
def leg(folder: Path) -> StaticLeg:
    return StaticLeg(folder)


@pytest.fixture(scope="module")
def posture(leg: StaticLeg) -> Posture:
    return leg.posture(SUPINE, ANGLES)


@pytest.fixture(scope="module")
def forces(leg: StaticLeg, posture: Posture) -> np.ndarray:
    found = leg.share(posture, {})
    assert found is not None
    return found


def test_lifting_moment_is_the_legs_weight_at_its_arm(leg: StaticLeg, posture: Posture) -> None:
    """Leg bodies' masses and places in ground, about the hip."""
    state = posture.state
    leg.model.model.realizePosition(state)
    centre = leg.model.joint_of("hip_flexion_r").getChildFrame().getPositionInGround(state)
    moment = 0.0
    for name, body in leg.model.bodies.items():
        if name.endswith("_r") and name.split("_")[0] in LEG_BODIES:
            place = body.findStationLocationInGround(state, body.getMassCenter())
            moment += body.getMass() * 9.80665 * (place.get(0) - centre.get(0))
    # On the back the leg points along +y turned by 90 deg, so along -x of ground.
    assert posture.moment[0] == pytest.approx(abs(moment), rel=1e-3)
    assert 30 < posture.moment[0] < 70


LEG_BODIES = {"femur", "patella", "tibia", "talus", "calcn", "toes"}


def test_held_leg_does_not_move(leg: StaticLeg, posture: Posture, forces: np.ndarray) -> None:
    leg.hip_force(posture, forces)
    state = opensim.State(posture.state)
    coordinates = leg.model.model.getCoordinateSet()
    for name in leg.balanced:
        coordinates.get(name).setLocked(state, False)
    leg.model.model.realizeAcceleration(state)
    moving = [coordinates.get(name).getAccelerationValue(state) for name in leg.balanced]
    assert np.abs(moving).max() < 0.01  # rad/s2
    leg.hip_force(posture, 0.9 * forces)
    state = opensim.State(posture.state)
    coordinates.get("hip_flexion_r").setLocked(state, False)
    leg.model.model.realizeAcceleration(state)
    assert coordinates.get("hip_flexion_r").getAccelerationValue(state) < -1


def test_hip_force_balances_the_leg_cut_free(
    leg: StaticLeg, posture: Posture, forces: np.ndarray
) -> None:
    """Weight of the leg, pull of each muscle where its path enters the leg, and the socket."""
    force, _ = leg.hip_force(posture, forces)
    state = posture.state
    gravity = np.array([0.0, -9.80665, 0.0])
    total = np.zeros(3)
    for name, body in leg.model.bodies.items():
        if name.endswith("_r") and name.split("_")[0] in LEG_BODIES:
            total += body.getMass() * gravity
    for muscle, pull in zip(leg.muscles, forces, strict=True):
        path = muscle.getGeometryPath().getCurrentPath(state)
        points = [path.get(i) for i in range(path.getSize())]
        places = [point.getLocationInGround(state).to_numpy() for point in points]
        bodies = [point.getParentFrame().findBaseFrame().getName() for point in points]
        inside = [body.split("_")[0] in LEG_BODIES for body in bodies]
        for i in range(len(points) - 1):
            if inside[i + 1] and not inside[i]:
                line = places[i] - places[i + 1]
                total += pull * line / np.linalg.norm(line)
    into_pelvis = rotation(leg.model.bodies["pelvis"], state).T
    np.testing.assert_allclose(force, into_pelvis @ total, atol=0.5)  # N


def test_left_leg_is_the_right_ones_mirror_image(
    folder: Path, leg: StaticLeg, posture: Posture, forces: np.ndarray
) -> None:
    right, _ = leg.hip_force(posture, forces)
    other = StaticLeg(folder, "l")
    held = other.posture(SUPINE, ANGLES)
    found = other.share(held, {})
    assert found is not None
    left, _ = other.hip_force(held, found)
    np.testing.assert_allclose(left, right * [1, 1, -1], atol=1.0)


def test_tendon_presses_backward(leg: StaticLeg, posture: Posture, forces: np.ndarray) -> None:
    assert leg.hip_force(posture, forces)[1][0] < -10


def test_muscles_too_weak_hold_nothing(leg: StaticLeg, posture: Posture) -> None:
    assert leg.share(posture, dict.fromkeys(leg.heads, 0.05)) is None


def test_capped_muscles_end_earlier_and_cost_the_same(leg: StaticLeg, posture: Posture) -> None:
    weak = dict.fromkeys(("psoas", "iliacus"), 0.5)
    strong, capped = leg.share(posture, {}), leg.share(posture, weak, Rule(capped=True))
    assert strong is not None
    assert capped is not None
    chosen = [leg.heads.index(head) for head in weak]
    most = posture.rest + 0.5 * (posture.full - posture.rest)
    assert (capped[chosen] <= most[chosen] + 1e-6).all()
    free = leg.share(posture, dict.fromkeys(weak, 0.999), Rule(capped=True))
    np.testing.assert_allclose(free, strong, atol=2.0)  # N: the cap is not reached


def test_a_locked_knee_needs_no_muscle(leg: StaticLeg, posture: Posture) -> None:
    locked = leg.share(posture, {}, Rule(locked=("knee_angle",)))
    assert locked is not None
    left = posture.arms @ locked - posture.moment
    knee = next(i for i, name in enumerate(leg.balanced) if name.startswith("knee"))
    assert np.abs(np.delete(left, knee)).max() < 0.01
    assert abs(left[knee]) > 0.1


def test_squared_forces_are_least(leg: StaticLeg, posture: Posture) -> None:
    least = leg.share(posture, {}, Rule(of_force=True))
    plain = leg.share(posture, {})
    assert least is not None
    assert plain is not None
    assert np.sum(least**2) < np.sum(plain**2)


def test_planar_runner_is_refused(tmp_path: Path) -> None:
    build.build("planar", None, tmp_path)
    with pytest.raises(ValueError, match="no coordinate hip_adduction_r; a leg in three") as caught:
        StaticLeg(tmp_path)
    assert "\n" not in str(caught.value)


def made_up(prone: float, supine: float) -> pd.DataFrame:
    """A table in which half the strength changes the anterior force by so much (BW)."""
    rows = []
    for exercise, asked in lewis.EXERCISES.items():
        change = prone if exercise == "prone_extension" else supine
        for group in asked.weakened:
            for angle in lewis.HIP_DEG:
                for percent in lewis.STRENGTHS_PERCENT:
                    force = 1 - 0.02 * angle + change * (100 - percent) / 50
                    row = {f"anterior_bw_{reading}": force for reading in lewis.READINGS}
                    keys = (exercise, group, angle, percent, True)
                    names = ("exercise", "weakened", "hip_flexion_deg", "strength_percent", "held")
                    rows.append(dict(zip(names, keys, strict=True)) | row)
    return pd.DataFrame(rows)


@pytest.mark.parametrize(
    ("prone", "supine", "directions", "reproduces"),
    [
        (0.1, 0.2, ["rises", "rises"], True),
        (0.1, -0.2, ["rises", "falls"], False),
        (0.001, 0.2, ["no change", "rises"], False),
    ],
)
def test_made_up_changes_are_told_as_they_are(
    prone: float, supine: float, directions: list[str], reproduces: bool
) -> None:
    found = lewis.summary(made_up(prone, supine))
    told = [found[e][g]["tendon_on_pelvis"] for e, g in lewis.CLAIMED.items()]
    assert [change["direction"] for change in told] == directions
    assert told[0]["anterior_change_bw"] == pytest.approx(prone)
    assert told[1]["anterior_change_bw"] == pytest.approx(supine)
    assert found["reproduces"] is found["reproduces_tendon_on_head"] is reproduces
    assert found["larger_in_extension"] == {"prone_extension": True, "supine_flexion": True}


def test_postures_not_held_are_listed_and_left_out() -> None:
    rows = made_up(0.1, 0.1)
    lost = (rows["hip_flexion_deg"] == -20) & (rows["strength_percent"] == 50)
    rows.loc[lost, [f"anterior_bw_{reading}" for reading in lewis.READINGS]] = np.nan
    change = lewis.changes(rows, "prone_extension", "weaker_glutes", "tendon_on_pelvis")
    assert change["angles_not_held_deg"] == [-20.0]
    assert change["anterior_change_bw"] == pytest.approx(0.1)


def test_command_says_what_came_out(folder: Path, tmp_path: Path) -> None:
    """What this runner does: as Lewis et al. with weaker glutes, not with weaker iliopsoas."""
    out = tmp_path / "lewis.csv"
    command = [sys.executable, "-m", "analysis.lewis", "--runner", folder, "--out", out]
    ended = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=True)
    assert len(ended.stdout.splitlines()) == 4
    rows = pd.read_csv(out)
    assert len(rows) == 3 * len(lewis.HIP_DEG) * len(lewis.STRENGTHS_PERCENT)
    found = json.loads(out.with_suffix(".json").read_text())
    for reading in lewis.READINGS:
        assert found["prone_extension"]["weaker_glutes"][reading]["direction"] == "rises"
        assert found["supine_flexion"]["weaker_iliopsoas"][reading]["direction"] == "falls"
    assert found["reproduces"] is False
    assert all(found["larger_in_extension"].values())

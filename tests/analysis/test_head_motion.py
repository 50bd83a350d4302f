"""The tendon's two readings, spin and roll, and the commands that write them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import astuple, replace
from pathlib import Path

import numpy as np
import opensim
import pandas as pd
import pytest

from analysis import femoral_head, robustness, two_way
from analysis.femoral_head import outcomes, row_of, table
from analysis.measures import hip_loads
from analysis.measures.hip_loads import HipLoads
from analysis.replayed.anatomy import hip_force
from analysis.replayed.case import Case
from analysis.replayed.stride import Stride
from analysis.socket import arthrokinematics, tendon
from analysis.socket.bearing import default
from analysis.socket.ligaments import hip_rotation


@pytest.fixture(scope="module")
def loads() -> HipLoads:
    """A hip that swings in flexion under a force that swings with it, and a tendon in extension."""
    time = np.linspace(0, 0.7, 71)
    phase = 2 * np.pi * time / time[-1]
    flexion = 15 + 30 * np.cos(phase)
    rate = np.zeros((71, 3))
    rate[:, 2] = -np.radians(30) * np.sin(phase) * 2 * np.pi / time[-1]
    force = np.stack([-500 * np.cos(phase), 1900 + 900 * np.sin(phase), -300 + 0 * phase], axis=1)
    tendon_force = np.outer(np.maximum(0, -np.cos(phase)), [-400.0, 200.0, -100.0])
    return HipLoads(
        *("r", 735.0, 0.1, time, (time - 0.1) % 0.7 / 0.7 * 100),
        weights=np.append(np.full(70, 0.01), 0.0),
        stance=np.where(np.sin(phase) > 0, 0.01, 0.0),
        force=force,
        tendon=tendon_force,
        offset=np.full(71, 0.01),
        rotation=np.stack([hip_rotation((a, 0.0, 0.0), "r") for a in flexion]),
        rate=rate,
    )


def wrapped(on_femur: bool) -> tuple[np.ndarray, np.ndarray]:
    """Hip force and wrap force of a muscle over a cylinder in front of a still hip."""
    model = opensim.Model()
    model.setGravity(opensim.Vec3(0))
    femur = opensim.Body("femur", 5.0, opensim.Vec3(0), opensim.Inertia(1, 1, 1))
    model.addBody(femur)
    joint = opensim.WeldJoint("hip", model.getGround(), femur)
    model.addJoint(joint)
    cylinder = opensim.WrapCylinder()
    cylinder.setName("brim")
    cylinder.set_radius(0.03)
    cylinder.set_length(0.2)
    cylinder.set_quadrant("+x")
    (femur if on_femur else model.updGround()).addWrapObject(cylinder)
    muscle = opensim.DeGrooteFregly2016Muscle()
    muscle.setName("psoas_r")
    muscle.set_max_isometric_force(1000.0)
    muscle.set_optimal_fiber_length(0.1)
    muscle.set_tendon_slack_length(0.08)
    muscle.set_ignore_tendon_compliance(True)
    muscle.set_ignore_activation_dynamics(True)
    muscle.addNewPathPoint("origin", model.updGround(), opensim.Vec3(0.02, 0.08, -0.01))
    muscle.addNewPathPoint("insertion", femur, opensim.Vec3(-0.01, -0.09, 0.02))
    muscle.updGeometryPath().addPathWrap(cylinder)
    model.addForce(muscle)
    state = model.initSystem()
    model.realizeVelocity(state)
    model.setControls(state, opensim.Vector(1, 0.8))
    model.realizeAcceleration(state)
    tension = float(muscle.getTendonForce(state))
    force, place = tendon.on_pelvis(muscle, state, np.eye(3), tension)
    assert place[0] == pytest.approx(0.03, abs=2e-3)
    return hip_force(joint, state, np.eye(3)), force


def test_tendon_on_the_head_is_opensims_wrap_given_to_the_femur() -> None:
    """Moving the wrapping surface from pelvis to femur must move its force, and nothing else."""
    on_pelvis, force = wrapped(on_femur=False)
    on_head, same = wrapped(on_femur=True)
    assert force == pytest.approx(same)
    assert force[0] < -100  # over the front, it presses backward
    assert on_pelvis + force == pytest.approx(on_head, abs=1e-6)


def test_wrap_force_is_what_the_free_stretches_pull() -> None:
    points = [np.array(p, dtype=float) for p in ((0, 2, 0), (1, 1, 0), (1, -1, 0), (0, -2, 0))]
    force = tendon.wrap_force(points, [False, True, True, False], 10.0)
    assert force == pytest.approx([-20 / np.sqrt(2), 0, 0])
    assert tendon.wrap_force(points, [False] * 4, 10.0) == pytest.approx([0, 0, 0])


def test_spin_slide_and_roll_of_known_motions() -> None:
    time = np.linspace(0, 1, 201)
    still, axis = np.zeros((201, 3)), np.tile([0.0, 1.0, 0.0], (201, 1))

    def move(normal: np.ndarray, d: np.ndarray, rate: np.ndarray) -> dict[str, np.ndarray]:
        return arthrokinematics.motion(time, normal, d, rate, radius=0.024, cup_radius=0.025)

    spun = move(axis, still, 2 * axis)  # about the contact: nothing slips or travels
    assert spun["spin"] == pytest.approx(np.full(201, 2.0))
    assert max(spun[n].max() for n in ("slide", "roll", "cup_path", "head_path")) < 1e-12
    across = np.tile([0.0, 0.0, 3.0], (201, 1))
    slid = move(axis, still, across)  # across it: the head slips under a contact that stays
    assert slid["slide"] == pytest.approx(np.full(201, 0.024 * 3))
    assert slid["head_path"] == pytest.approx(np.full(201, 0.024 * 3))
    assert slid["spin"].max() < 1e-12
    # A smaller ball rolls back and forth in a larger cup: clearance 1 mm, contact at angle a from y
    a = 0.3 * np.sin(2 * np.pi * time)
    da = 0.3 * 2 * np.pi * np.cos(2 * np.pi * time)
    normal = np.stack([np.sin(a), np.cos(a), 0 * a], axis=1)
    rolling = np.stack([0 * a, 0 * a, 0.001 / 0.024 * da], axis=1)
    rolled = move(normal, 0.001 * normal, rolling)
    assert rolled["slide"].max() < 1e-5 * np.abs(da).max()
    assert rolled["roll"] == pytest.approx(np.abs(rolling[:, 2]), abs=1e-4)
    assert rolled["cup_path"] == pytest.approx(rolled["head_path"], abs=1e-5)


def test_outcomes_of_both_readings(loads: HipLoads) -> None:
    row = row_of(loads, default())
    json.dumps(row, allow_nan=False)
    assert row["head_status"] == row["head_status_tendon_on_head"] == ""
    assert 0.05 < row["head_displacement_max_mm"] < 1
    assert row["head_displacement_max_per_radius"] == pytest.approx(
        row["head_displacement_max_mm"] / 24
    )
    assert row["head_anterior_max_mm_tendon_on_head"] < row["head_anterior_max_mm"]
    assert row["rim_margin_min_deg_tendon_on_head"] > 0
    assert "rim_margin_min_deg" not in row  # that of outcomes.json
    assert 0 <= row["head_spin_share_percent"] <= 100
    assert row["head_turn_deg"] == pytest.approx(120, rel=0.01)
    curves = table(loads, default())
    assert list(curves["percent"]) == list(range(101))
    assert curves["head_displacement_mm"].max() == pytest.approx(
        row["head_displacement_max_mm"], rel=0.02
    )
    # On a sphere without friction the centre of pressure is where the contact's force points.
    apart = curves["centroid_anterior_deg"] - curves["force_anterior_deg"]
    assert np.abs(apart).max() < 2


def test_no_equilibrium_is_a_reason_and_no_number(loads: HipLoads) -> None:
    away = replace(loads, force=np.where(loads.percent[:, None] > 90, 1, -1) * loads.force)
    row = outcomes(away, default())
    assert row["head_status"] == "the head leaves the socket"
    assert 0 < row["head_unsolved_instants"] < len(loads.time)
    assert row["head_displacement_max_mm"] is None
    assert row["head_spin_deg"] is None
    assert table(away, default())["head_displacement_mm"].isna().any()


def test_nothing_is_derived_over_a_measured_strides_jump() -> None:
    """A steady climb, turned round as the left leg's: its rate is the climb's throughout."""
    time = np.linspace(0, 0.7, 101)
    seam = 0.3
    climb = np.where(time <= seam, time, time - 0.7)[:, None]
    assert arthrokinematics.rate_of_change(time, climb, seam) == pytest.approx(np.ones((101, 1)))
    steady = time[:, None]  # the right leg's: not turned, not bent
    assert arthrokinematics.rate_of_change(time, steady, 0.0) == pytest.approx(np.ones((101, 1)))


def test_a_measured_hip_keeps_its_loads(loads: HipLoads, tmp_path: Path) -> None:
    """A force that ends higher than it began is in the curves as it is, its jump included."""
    climbing = loads.force + np.outer(loads.time, [0.0, 1000.0, 0.0])
    measured = replace(loads, force=climbing, contact=0.3, seam=0.0)
    at = measured.curves()
    assert at.seam == pytest.approx(0.4)
    assert at.force[0] == pytest.approx(climbing[30])
    before, after = np.flatnonzero(at.time <= at.seam)[-1], np.flatnonzero(at.time > at.seam)[0]
    assert at.force[before, 1] - at.force[after, 1] > 500
    assert at.force[:, 1].max() <= climbing[:, 1].max() + 1e-9
    hip_loads.write(tmp_path, measured)
    assert hip_loads.read(tmp_path).seam == 0.0


def test_loads_are_read_as_they_were_written(loads: HipLoads, tmp_path: Path) -> None:
    hip_loads.write(tmp_path, loads)
    again = hip_loads.read(tmp_path)
    for name in ("force", "tendon", "rotation", "rate", "time", "stance"):
        assert getattr(again, name) == pytest.approx(getattr(loads, name), rel=1e-10, abs=1e-9)
    assert again.seam is None
    with pytest.raises(ValueError, match="no such file"):
        hip_loads.read(tmp_path / "none")


def test_tilting_the_pelvis_forward_covers_the_front(loads: HipLoads) -> None:
    forward = replace(loads, force=np.tile([1500.0, 2000.0, -400.0], (71, 1)))
    cup = default().cup
    margins = [cup.margin_deg(forward.tilted(t).force, "r")[0] for t in (-10, 0, 10)]
    assert margins == sorted(margins)


def test_tornado_has_every_parameter_and_the_usual_in_its_middle(loads: HipLoads) -> None:
    found = robustness.tornado(loads)
    assert len(found) == len(robustness.ranges(default())) * len(robustness.OUTCOMES) * 2
    one = found[(found["reading"] == "tendon_on_pelvis")].set_index(["outcome", "parameter"])
    softer = one.loc[("head_displacement_max_mm", "cartilage_modulus_mpa")]
    assert softer["outcome_low"] > softer["outcome_usual"] > softer["outcome_high"]
    assert softer["reason"] == ""
    loose = one.loc[("head_displacement_max_mm", "clearance_mm")]
    assert loose["outcome_high"] > loose["outcome_usual"] + 0.3
    for item in robustness.ranges(default()):
        socket, changed = item.change(default(), loads, item.usual)
        assert socket.foundation == pytest.approx(default().foundation)
        assert astuple(socket.cup) == pytest.approx(astuple(default().cup))
        assert changed.force == pytest.approx(loads.force)


def test_replayed_rotation_and_rate_are_the_hips(hop_stride: Stride) -> None:
    case, found = hop_stride.case, hop_stride.anatomy
    for side in "rl":
        angle = np.degrees(case.coordinate(f"hip_flexion_{side}"))
        for node in (0, 50, 100):
            expected = hip_rotation((float(angle[node]), 0.0, 0.0), side)
            assert found.hip_rotation[side][node] == pytest.approx(expected, abs=1e-9)
        speed = case.coordinate(f"hip_flexion_{side}", "speed")
        assert found.hip_rate[side][:, 2] == pytest.approx(speed, abs=1e-9)
        assert np.abs(found.tendon_force[side]).max() == 0  # its psoas wraps over nothing


def test_no_move_changes_no_force(hop_case: Case, hop_stride: Stride) -> None:
    force, _ = two_way.displaced(hop_case, "r", 40, np.zeros(3))
    assert force == pytest.approx(hop_stride.anatomy.hip_force["r"][40], abs=1e-5)
    moved, _ = two_way.displaced(hop_case, "r", 40, np.array([2e-4, 2e-4, -1e-4]))
    change = np.linalg.norm(moved - force)
    assert 0 < change < 0.01 * np.linalg.norm(force)


def run(module: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", module, "--case", str(folder)], capture_output=True, text=True
    )


def test_command_writes_its_files(copied: Path) -> None:
    ended = run("analysis.femoral_head", copied)
    assert ended.returncode == 0, ended.stderr
    row = json.loads((copied / femoral_head.FILE).read_text())
    assert set(row) >= {"head_displacement_max_mm", "contact_pressure_peak_mpa", "rim_clock_h"}
    assert len(pd.read_csv(copied / femoral_head.CURVES)) == 101
    assert run("analysis.robustness", copied).returncode == 0
    assert (copied / robustness.FILE).stat().st_size > 0
    assert run("analysis.two_way", copied).returncode == 0
    assert (copied / two_way.FILE).stat().st_size > 0


def test_failed_solve_has_a_reason(tamper: Callable[..., Path]) -> None:
    folder = tamper("solver.json", status="failed", reason="stopped")
    ended = run("analysis.femoral_head", folder)
    assert ended.returncode == 0, ended.stderr
    row = json.loads((folder / femoral_head.FILE).read_text())
    assert row == {"head_status": "the solver did not converge"}
    assert pd.read_csv(folder / femoral_head.CURVES).empty

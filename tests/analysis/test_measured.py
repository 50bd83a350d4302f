"""A measured stride is judged by what can be asked of it; its physics is that of the force given.

The hop of conftest, whose ground force its contact spheres made, is told anew as a measured motion:
no spheres, the same force from ground_forces.mot. OpenSim must find the same runner in it.
"""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analysis.certify import certify
from analysis.replayed import measured
from analysis.replayed.anatomy import compute as anatomy
from analysis.replayed.case import Case, column, read_case
from analysis.replayed.dynamics import compute
from analysis.replayed.stride import Stride, replay
from formats.files import write_json
from formats.storage import read_storage, write_storage

MORE = 5.0  # kg
GRAVITY = 9.80665
CENTRE = -0.05  # m, small_runner: the pelvis' centre of mass before its joint


def tell_as_measured(hop: Path, folder: Path, share: float = 0.02) -> Path:
    """Copy the hop without its contact spheres, as problem inverse; share: of the reserves."""
    shutil.copytree(hop, folder)
    osim = folder / "runner.osim"
    spheres = r"<SmoothSphereHalfSpaceForce .*?</SmoothSphereHalfSpaceForce>"
    osim.write_text(re.sub(spheres, "", osim.read_text(), flags=re.DOTALL))
    change(folder / "runner.json", contacts=[])
    change(folder / "case.json", problem="inverse", start=None)
    write_json(folder / measured.INVERSE, {
        "stride": {
            "number": 1, "start_s": 3.0, "toe_off_s": 3.1, "left_contact_s": 3.15,
            "left_toe_off_s": 3.05, "end_s": 3.2,
        },
        "filter_hz": 15.0,
        "reserves": {
            "allowed_share": 0.1, "largest_share": share, "coordinate": "knee_angle_r",
            "refused": [],
        },
        "base_residual": {"pelvis_ty": {"rms": 0.0, "peak": 0.0}},
        "fit_rms": {"pelvis_ty": 0.0},
    })  # fmt: skip
    return folder


def change(file: Path, **keys: Any) -> None:
    file.write_text(json.dumps(json.loads(file.read_text()) | keys))


@pytest.fixture(scope="module")
def told(hop: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tell_as_measured(hop, tmp_path_factory.mktemp("measured") / "hop")


def test_same_moments_and_joint_forces_as_with_contact_spheres(
    told: Path, hop_case: Case, hop_stride: Stride
) -> None:
    case = read_case(told)
    dynamics, body = compute(case), anatomy(case)
    expected = hop_stride.dynamics
    assert dynamics.acceleration == pytest.approx(expected.acceleration, abs=1e-6)
    for side in "rl":
        assert dynamics.contact[side] == pytest.approx(hop_case.ground_force(side), abs=1e-9)
        assert dynamics.contact[side] == pytest.approx(expected.contact[side], abs=1e-6)
        ours, theirs = body.hip_force[side], hop_stride.anatomy.hip_force[side]
        assert np.abs(theirs).max() > 500
        assert ours == pytest.approx(theirs, abs=1e-5)


def test_certificate_asks_what_can_be_asked_and_says_what_not(told: Path) -> None:
    certificate = certify(told).to_json()
    # The hop's activations follow no excitation (test_certify).
    assert {n for n, c in certificate["checks"].items() if not c["passed"]} == {"collocation"}
    assert not set(certificate["checks"]) & {"ground_force", "pelvis_force", "forward_speed"}
    assert set(certificate["reported"]["left_out"]) >= {"ground_force", "energy_balance"}
    assert certificate["checks"]["reserves"]["value"] == pytest.approx(2.0)
    residual = certificate["reported"]["pelvis_force"]
    assert residual["value"] < 1e-6
    assert "limit" not in residual
    assert certificate["reported"]["measured"]["stride"]["start_s"] == 3.0
    json.dumps(certificate, allow_nan=False)


def test_what_the_plate_did_not_see_is_held_at_the_root_and_told(
    told: Path, tmp_path: Path
) -> None:
    """A pelvis heavier than the runner who stood on the plate: only the root's equations change."""
    folder = Path(shutil.copytree(told, tmp_path / "hop"))
    osim = folder / "runner.osim"
    osim.write_text(osim.read_text().replace("<mass>11</mass>", f"<mass>{11 + MORE:g}</mass>"))
    bodies = json.loads((folder / "runner.json").read_text())["bodies"]
    next(body for body in bodies if body["name"] == "pelvis")["mass"] += MORE
    change(folder / "runner.json", bodies=bodies)
    certificate = certify(folder).to_json()
    assert {n for n, c in certificate["checks"].items() if not c["passed"]} == {"collocation"}
    # By hand: the added mass at the pelvis' centre of mass, CENTRE before the root joint.
    changed = read_case(folder)
    tilt, rate = changed.coordinate("pelvis_tilt"), changed.coordinate("pelvis_tilt", "speed")
    turning, forward, up = (
        column(changed.derivatives, f"/{name}/accel", folder)
        for name in ("pelvis_tilt", "pelvis_tx", "pelvis_ty")
    )
    forward = forward - CENTRE * (np.sin(tilt) * turning + np.cos(tilt) * rate**2)
    up = up + CENTRE * (np.cos(tilt) * turning - np.sin(tilt) * rate**2)
    expected = MORE * max(np.abs(forward).max(), np.abs(up + GRAVITY).max())
    assert expected > 50
    assert certificate["reported"]["pelvis_force"]["value"] == pytest.approx(expected, rel=1e-6)


def test_a_force_that_the_muscles_do_not_carry_is_caught(told: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(told, tmp_path / "hop"))
    table = read_storage(folder / "ground_forces.mot")
    table["ground_force_r_vy"] += 20.0
    write_storage(folder / "ground_forces.mot", table)
    certificate = certify(folder).to_json()
    assert not certificate["checks"]["acceleration"]["passed"]


def test_too_strong_reserves_fail_the_case_by_name(hop: Path, tmp_path: Path) -> None:
    certificate = certify(tell_as_measured(hop, tmp_path / "weak", share=0.12)).to_json()
    assert certificate["certified"] is False
    (reason,) = [r for r in certificate["reasons"] if r.startswith("reserves")]
    assert "12 % of peak joint moment, limit 10" in reason
    assert "knee_angle_r" in reason


def test_footfalls_are_those_of_the_plate(told: Path) -> None:
    found = replay(read_case(told)).events
    assert (found["r"].contact, found["r"].toe_off) == pytest.approx((0.0, 0.1))
    # The left foot stands over the stride's end.
    assert (found["l"].contact, found["l"].toe_off) == pytest.approx((0.15, 0.25))


@pytest.mark.parametrize("key", ["reserves", "stride"])
def test_a_record_without_what_is_needed_is_one_line(told: Path, tmp_path: Path, key: str) -> None:
    folder = Path(shutil.copytree(told, tmp_path / "hop"))
    content = json.loads((folder / measured.INVERSE).read_text())
    del content[key]
    write_json(folder / measured.INVERSE, content)
    certificate = certify(folder).to_json()
    assert certificate["reasons"] == [f"{folder / measured.INVERSE}: no entry {key}"]


def test_a_foot_that_never_lands_is_named(told: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(told, tmp_path / "hop"))
    content = json.loads((folder / measured.INVERSE).read_text())
    content["stride"]["left_contact_s"] = None
    write_json(folder / measured.INVERSE, content)
    with pytest.raises(ValueError, match="foot l neither lands nor leaves"):
        replay(read_case(folder))

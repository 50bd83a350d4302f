"""A true motion passes every check but those that only a periodic stride can pass; any tampering
is caught by the check that is there for it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analysis import certify as command
from analysis.checks import bounds
from analysis.checks import stride as checks
from analysis.replayed.case import Case
from analysis.replayed.quantities import Dynamics
from analysis.replayed.stride import Stride
from formats.files import as_json, write_json
from formats.records import SolverRecord

Tamper = Callable[..., Path]
# The hop ends elsewhere than it starts, and its activations follow no excitation.
OPEN = {"stride_closes", "collocation"}
HIP = "/jointset/hip_r/hip_flexion_r"


def certify(folder: Path) -> dict[str, Any]:
    """As in certificate.json."""
    content: dict[str, Any] = json.loads(as_json(command.certify(folder).to_json()))
    return content


def failed(folder: Path) -> set[str]:
    certificate = certify(folder)
    assert certificate["certified"] is False
    assert len(certificate["checks"]) == 11, certificate["reasons"]
    return {name for name, check in certificate["checks"].items() if not check["passed"]}


def test_true_motion_fails_only_what_needs_a_stride(hop: Path) -> None:
    certificate = certify(hop)
    assert {n for n, c in certificate["checks"].items() if not c["passed"]} == OPEN
    values = {name: check["value"] for name, check in certificate["checks"].items()}
    assert values["acceleration"] < 1e-9
    assert values["pelvis_force"] < 1e-6
    assert values["pelvis_moment"] < 1e-6
    assert values["tendon_equilibrium"] < 1e-12
    assert 0 < values["joint_moment"] < 0.5
    assert set(certificate["joint_moment_difference"]) == {
        f"{joint}_{side}" for joint in ("hip_flexion", "knee_angle", "ankle_angle") for side in "rl"
    }
    assert certificate["reported"]["forward_integration"]["rotation_max_deg"] < 1e-3
    json.dumps(certificate, allow_nan=False)


def test_one_acceleration_off_by_one_percent(tamper: Tamper) -> None:
    folder = tamper("derivatives.sto", f"{HIP}/accel", factor=1.01)
    assert failed(folder) >= OPEN | {"acceleration", "pelvis_force", "pelvis_moment"}


def test_shifted_ground_force(tamper: Tamper) -> None:
    folder = tamper("ground_forces.mot", "ground_force_r_vy", add=1.5)
    assert failed(folder) == OPEN | {"ground_force", "pelvis_force"}


def test_shifted_point_of_application(tamper: Tamper) -> None:
    folder = tamper("ground_forces.mot", "ground_force_r_px", add=0.005)
    assert failed(folder) == OPEN | {"pelvis_moment"}


@pytest.mark.parametrize("factor", [1.02, -1.0])
def test_wrong_speed(tamper: Tamper, hop: Path, factor: float) -> None:
    speed = json.loads((hop / "case.json").read_text())["speed_m_s"]
    assert failed(tamper("case.json", speed_m_s=factor * speed)) == OPEN | {"forward_speed"}


def test_tendon_not_in_equilibrium(tamper: Tamper) -> None:
    folder = tamper("motion.sto", "/forceset/soleus_l/activation", add=1e-4)
    assert failed(folder) == OPEN | {"tendon_equilibrium"}


def test_polynomial_unlike_the_anatomical_path(tamper: Tamper, hop: Path) -> None:
    muscles = json.loads((hop / "runner.json").read_text())["muscles"]
    path = next(m["path"] for m in muscles if m["name"] == "vaslat_r")
    path["coefficients"] = [1.03 * c for c in path["coefficients"]]
    certificate = certify(tamper("runner.json", muscles=muscles))
    assert certificate["checks"]["joint_moment"]["value"] > 2.0
    assert certificate["joint_moment_difference"]["knee_angle_r"] > 2.0
    assert certificate["joint_moment_difference"]["knee_angle_l"] < 0.5


def test_another_body_mass(copied: Path) -> None:
    osim = copied / "runner.osim"
    osim.write_text(osim.read_text().replace("<mass>34</mass>", "<mass>35</mass>"))
    assert failed(copied) >= OPEN | {"pelvis_force", "acceleration"}


def record(listed: list[dict[str, object]]) -> SolverRecord:
    return SolverRecord.model_validate({"active_bounds": listed})


def test_bounds_of_the_search_space_are_not_physical(tamper: Tamper) -> None:
    listed = [
        {"variable": "excitation/soleus_r", "bound": "upper", "nodes": 3},
        {"variable": "normalized_tendon_force/soleus_r", "bound": "lower", "nodes": 3},
    ]
    assert bounds.active_bounds(record(listed)).passed
    for kind, bound in (
        *(("value/knee_angle_r", "lower"), ("speed/hip_flexion_r", "upper"), ("duration", "upper")),
        *(("normalized_tendon_force/soleus_r", "upper"), ("control/lumbar", "upper")),
    ):
        bad = {"variable": kind, "bound": bound, "nodes": 1}
        check = bounds.active_bounds(record([*listed, bad]))
        assert (check.passed, check.value) == (False, 1.0)
        assert kind in check.compared
    assert not bounds.active_bounds(SolverRecord()).passed
    bad = {"variable": "value/knee_angle_r", "bound": "lower", "nodes": 1}
    certificate = certify(tamper("solver.json", active_bounds=[*listed, bad]))
    assert not certificate["checks"]["active_bounds"]["passed"]
    assert [b["physical"] for b in certificate["active_bounds"]] == [True, True, False]


def test_solver_that_did_not_converge_is_never_certified(tamper: Tamper) -> None:
    folder = tamper("solver.json", status="failed", reason="Ipopt: Restoration_Failed")
    certificate = certify(folder)
    assert certificate["certified"] is False
    assert "Restoration_Failed" in certificate["reasons"][0]
    (folder / "motion.sto").unlink()
    assert certify(folder) == certificate


@pytest.mark.parametrize("name", ["motion.sto", "ground_forces.mot", "runner.osim"])
def test_missing_file_is_a_reason(copied: Path, name: str) -> None:
    (copied / name).unlink()
    certificate = certify(copied)
    assert certificate["certified"] is False
    assert name in certificate["reasons"][0]


@pytest.mark.parametrize(("change", "passed"), [(0.0003, True), (-0.006, False)])
def test_mesh_check_counts_where_it_was_run(copied: Path, change: float, passed: bool) -> None:
    without = certify(copied)
    assert without["reported"]["mesh_doubling"] == "not run"
    assert "mesh_doubling" not in without["checks"]
    moved = {"ankle_com_m": {"change": change, "smallest_effect": 0.005, "passed": passed}}
    write_json(copied / "agreement_fine.json", {"passed": passed, "endpoints": moved})
    with_check = certify(copied)["checks"]["mesh_doubling"]
    assert with_check["passed"] == passed
    assert with_check["value"] == pytest.approx(abs(change) / 0.005)


def test_a_finer_solve_that_failed_is_not_certified(copied: Path) -> None:
    found = {"passed": False, "reason": "the solver did not converge", "endpoints": {}}
    write_json(copied / "agreement_fine.json", found)
    check = certify(copied)["checks"]["mesh_doubling"]
    assert not check["passed"]
    assert check["compared"] == "the solver did not converge"


def test_energy_balance_counts_every_part(hop_case: Case, hop_stride: Stride) -> None:
    d = hop_stride.dynamics
    whole = checks.energy_terms(hop_case, d)
    assert checks.energy_balance(whole).value < 0.5
    assert whole["muscles_j"] == pytest.approx(
        float(hop_stride.weights @ d.muscle_power.sum(axis=1)), rel=1e-9
    )  # generalised forces x speeds = - tendon force x lengthening speed
    for name in ("muscles", "passive", "actuators", "contacts"):
        less = replace(d, generalised=d.generalised | {name: 0 * d.generalised[name]})
        assert not checks.energy_balance(checks.energy_terms(hop_case, less)).passed, name


def test_energy_of_a_passive_fall(fall: tuple[Case, Dynamics]) -> None:
    case, d = fall
    # Simpson's weights, exact enough here for a tight comparison.
    terms = checks.energy_terms(replace(case, solver=SolverRecord(scheme="hermite_simpson")), d)
    assert abs(terms["contacts_j"]) < 1e-3
    assert terms["passive_j"] > 0.5  # knees and ankles start bent: their springs give
    done = sum(terms[f"{name}_j"] for name in ("passive", "actuators", "muscles", "contacts"))
    assert done == pytest.approx(terms["energy_change_j"], abs=1e-3)
    fallen = d.mass_centre[0, 1] - d.mass_centre[-1, 1]
    g, t = 9.80665, case.time[-1]
    start = case.coordinate("pelvis_ty", "speed")[0]
    assert fallen == pytest.approx(0.5 * g * t**2 - start * t, abs=1e-5)


def test_defect_is_zero_for_the_scheme_that_made_the_states() -> None:
    t = np.linspace(0, 1, 21)
    rate = 2 * t
    assert checks.defect(t, t**2, rate, "trapezoidal") < 1e-12
    assert checks.defect(t, t**4, 4 * t**3, "hermite_simpson") < 1e-12
    assert checks.defect(t, t**4, 4 * t**3, "trapezoidal") > 1e-4
    assert checks.defect(t, t**2, 1.01 * rate, "trapezoidal") == pytest.approx(0.01)


def test_check_without_a_number_does_not_pass() -> None:
    check = checks.Check(float("nan"), 1.0, "N", "x")
    assert not check.passed
    assert check.record.value is None


def test_command_writes_certificate_and_names_a_missing_folder(hop: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "analysis.certify", "--case"]
    done = subprocess.run([*command, str(tmp_path / "none")], capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("error: ")
    done = subprocess.run([*command, str(hop)], capture_output=True, text=True, check=True)
    assert "NOT certified" in done.stdout
    assert json.loads((hop / "certificate.json").read_text())["certified"] is False

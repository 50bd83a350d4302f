"""A measured stride at 3 m/s tracked on a coarse mesh; skips without the trial.

The commands as a user gives them: intake, ground, track, certify. 75 s of processor time.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests import trial_data
from tests.simulations.conftest import command

INTERVALS = 10


@pytest.fixture(scope="module")
def tracked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("hamner")
    trial = trial_data.hamner(root / "trial", 3, strength_percent=120)
    case = root / "case"
    command("models.own", "--trial", trial, "--out", root / "own")
    command(
        *("models.add_contact", "--runner", root / "own", "--out", case),
        # Ten intervals are too few for the stiffness of a shoe: a quarter of it.
        *("--sole-height", "-0.036", "--share", "0.25"),
    )
    command(
        *("simulations.track", "--runner", case, "--trial", trial, "--weight", "1"),
        *("--mesh", str(INTERVALS), "--max-iterations", "400", "--out", case),
    )
    command("analysis.certify", "--case", case)
    return case


def told(folder: Path, name: str) -> Any:
    return json.loads((folder / name).read_text("utf-8"))


def test_it_converges_and_opensim_agrees(tracked: Path) -> None:
    assert told(tracked, "solver.json")["status"] == "converged"
    certificate = told(tracked, "certificate.json")
    assert certificate["reasons"] == []


def test_ground_and_motion_are_near_the_measured(tracked: Path) -> None:
    """What is asked of 50 intervals holds on ten (0.042 BW, braking 0.019 BW off, 1.4 deg)."""
    found = told(tracked, "tracked.json")
    assert found["measured"]["vertical_peak_bw"] == pytest.approx(2.49, abs=0.01)
    assert found["tracked"]["vertical_peak_bw"] == pytest.approx(2.49, abs=0.1)
    assert found["tracked"]["stride_time_s"] == pytest.approx(0.717, abs=0.005)
    assert found["leg_angle_rms_deg"] < 2.0
    assert found["ground_force_rms_bw"]["vertical"] < 0.08
    alike = found["filtered_alike"]
    braking = alike["measured"]["braking_peak_bw"]
    assert alike["tracked"]["braking_peak_bw"] == pytest.approx(braking, abs=0.05)
    assert max(found["reserve_peak_nm"].values()) < 5.0

"""The virtual dynamometer measures strength: it rises with the dose, in a human range."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pytest

from models import dynamometer, strength
from models.osim.isometric import Dynamometer
from models.osim.properties import scaled


def test_torque_rises_with_dose(planar: Path) -> None:
    text = dynamometer.table(planar, ["hip_flexors", "iliopsoas"], ["60", "100", "140"])
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == 2 * 3 * 3
    for arm in ("hip_flexors", "iliopsoas"):
        for angle in ("0", "30", "60"):
            torques = [
                float(row["torque_nm"])
                for row in rows
                if row["arm"] == arm and row["hip_flexion_deg"] == angle
            ]
            assert np.all(np.diff(torques) > 0)
            # Not in proportion: a weaker muscle stretches its tendon less, and its fibre is longer.
            if arm == "hip_flexors":
                assert torques[0] == pytest.approx(0.6 * torques[1], rel=0.15)
    for row in rows:
        assert float(row["torque_nm_kg"]) == pytest.approx(
            float(row["torque_nm"]) / 75.337, abs=1e-4
        )
        assert 0.5 < float(row["torque_nm_kg"]) < 5.0
        assert 0.0 < float(row["rest_torque_nm"]) < 0.4 * float(row["torque_nm"])


def test_torque_is_in_proportion_where_passive_force_and_tendon_are_scaled_too(
    planar: Path, tmp_path: Path
) -> None:
    """The equilibrium of fibre and tendon does not depend on maximal isometric force."""
    strength.apply(planar, strength.factors(planar, "hip_flexors", "60", "both"), tmp_path, "both")
    for angle in dynamometer.HIP_DEG:
        strong, weak = (
            dynamometer.hip_flexion(Dynamometer(folder / "runner.osim"), angle, "r")
            for folder in (planar, tmp_path)
        )
        assert weak["flexors"] == pytest.approx(0.6 * strong["flexors"], rel=1e-6)


def test_one_side_leaves_the_other(planar: Path) -> None:
    machine = Dynamometer(planar / "runner.osim")
    before = dynamometer.hip_flexion(machine, 0.0, "r")["flexors"]
    for name, factor in strength.factors(planar, "hip_flexors", "50", "left").items():
        machine.scale(name, factor)
    assert dynamometer.hip_flexion(machine, 0.0, "r")["flexors"] == before
    weak = dynamometer.hip_flexion(machine, 0.0, "l")["flexors"]
    for side in ("left", "both"):  # each shows its leg: one is the other's mirror image
        text = dynamometer.table(planar, ["hip_flexors"], ["50"], side=side)
        row = next(iter(csv.DictReader(io.StringIO(text))))
        assert float(row["torque_nm"]) == pytest.approx(weak, rel=1e-4)


def test_fibre_and_tendon_are_in_equilibrium(planar: Path) -> None:
    """Tendon force equals fibre force along the tendon, for every muscle, hip 0, knee 90 deg."""
    machine = Dynamometer(planar / "runner.osim")
    machine.torques("hip_flexion_r", {"hip_flexion_r": 0.0, "knee_angle_r": 90.0})
    for muscle, residual in machine.residuals().items():
        assert abs(residual) < 1e-5, muscle


def test_an_extensor_is_measured_in_extension(planar: Path) -> None:
    text = dynamometer.table(planar, ["gluteus_maximus"], ["50", "100"])
    rows = list(csv.DictReader(io.StringIO(text)))
    assert {row["movement"] for row in rows} == {"extension"}
    weak, strong = (
        next(r for r in rows if r["dose_percent"] == dose and r["hip_flexion_deg"] == "30")
        for dose in ("50", "100")
    )
    assert float(weak["torque_nm"]) == pytest.approx(0.5 * float(strong["torque_nm"]), rel=0.05)
    lost = float(strong["all_agonists_torque_nm"]) - float(weak["all_agonists_torque_nm"])
    own = float(strong["torque_nm"]) - float(weak["torque_nm"])
    assert lost == pytest.approx(own, rel=1e-3)


def test_tables_of_runners_are_joined_under_their_names(tmp_path: Path) -> None:
    for name in ("person_01", "person_02"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "dynamometer.csv").write_text(f"{dynamometer.HEADER}\nhip_flexors,60\n")
    paths = [tmp_path / name / "dynamometer.csv" for name in ("person_01", "person_02")]
    assert dynamometer.joined(paths).splitlines() == [
        f"{dynamometer.HEADER},runner",
        "hip_flexors,60,person_01",
        "hip_flexors,60,person_02",
    ]


def test_a_muscle_shorter_than_its_tendon_bears_nothing(planar: Path, tmp_path: Path) -> None:
    """OpenSim finds no equilibrium there; all others are what they were."""
    pose = {"hip_flexion_r": 0.0, "knee_angle_r": 90.0}
    text = (planar / "runner.osim").read_text("utf-8")
    longer = scaled(text, strength.MUSCLE, "recfem_r", "tendon_slack_length", 1.5)
    (tmp_path / "runner.osim").write_text(longer, "utf-8")
    usual, slack = (
        Dynamometer(folder / "runner.osim").torques("hip_flexion_r", pose)
        for folder in (planar, tmp_path)
    )
    assert usual.pop("recfem_r") > 1.0
    assert slack.pop("recfem_r") == 0.0
    assert slack == pytest.approx(usual)


def test_the_knee_bends_whichever_sign_its_model_gives_it(planar: Path) -> None:
    machine = Dynamometer(planar / "runner.osim")
    assert machine.possible("knee_angle_r", 90.0) == 90.0
    assert machine.possible("knee_angle_r", -150.0) == 150.0  # out of range, but the nearer one

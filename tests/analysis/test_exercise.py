"""An exercise from the runner to its outcomes: OpenSim says what the engine says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import cast

import numpy as np
import pandas as pd
import pytest

from analysis import exercise_chain as chain
from analysis import exercises as tables
from analysis.checks import exercise as checks
from analysis.figures import exercises as figures
from formats import description
from formats.checkout import CHECKOUT
from formats.files import write_json
from formats.solve_records import ExerciseRecord

BOOK = CHECKOUT / "models" / "exercises.yaml"


def command(*words: str | Path) -> None:
    # OpenSim puts its own libraries first, in which CasADi finds another of its name.
    env = {key: value for key, value in os.environ.items() if key != "LD_LIBRARY_PATH"}
    done = subprocess.run(
        [sys.executable, "-m", *map(str, words)],
        cwd=CHECKOUT, capture_output=True, text=True, check=False, env=env,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The march's grid against a red band, solved and measured."""
    folder = tmp_path_factory.mktemp("exercise")
    command("models.build", "--runner", "exercise", "--out", folder / "runner")
    out = folder / "march_static_red"
    tie = ("--tie", BOOK, "march", "red")
    options = ("--arm", "hip_flexors", "--dose", "100", *tie, "--out", out)
    command("models.strength", "--runner", folder / "runner", *options)
    settings = {"case": out.name, "exercise": "march", "kind": "static", "band": "red"}
    settings |= {"objective": "metabolic_mix", "problem": "exercise", "speed_m_s": 0.0}
    write_json(out / "case.json", settings | {"dose_percent": 100.0, "arm": "baseline"})
    command("simulations.exercise", "--case", out, "--exercises", BOOK)
    command("analysis.exercise", "--case", out, "--exercises", BOOK)
    return out


def test_it_is_true_in_opensim(case: Path) -> None:
    certificate = json.loads((case / "certificate.json").read_text())
    assert certificate["certified"], certificate["reasons"]
    checks = certificate["checks"]
    assert checks["acceleration"]["value"] < 1e-3
    assert checks["pelvis_force"]["value"] < 0.1
    row = json.loads((case / "exercise_outcomes.json").read_text())
    assert row["status"] == "certified"
    assert "125" in row["not_held_at_deg"].split()


def test_moments_are_the_engines_and_closed_form_and_band(case: Path) -> None:
    """OpenSim's inverse dynamics; gravity by the closed form within 2 Nm (the knee's own shift)."""
    curves = pd.read_csv(case / "exercise.csv")
    engine = json.loads((case / "exercise.json").read_text())["moments_nm"]["hip_flexion_r"]
    angles = (np.radians(curves[f"{n}_deg"]) for n in ("pelvis_tilt", "hip_flexion", "knee_angle"))
    gravity = tables.gravity_moment(description.read(case / "runner.json"), *angles)
    # OpenSim counts the band among the passive forces, the engine among those from outside.
    band = np.array(engine) - curves["hip_moment_nm"]
    np.testing.assert_allclose(curves["hip_moment_nm"], gravity, atol=2.0)
    assert np.abs(band).max() > 5.0
    slack = curves["hip_flexion_deg"] == 60  # the feet are near each other there
    assert np.abs(band[slack]).max() < 0.2


def test_published_values_are_read_off_curves() -> None:
    curves = pd.DataFrame(
        {
            "hip_flexion_deg": [0.0, 30.0, 60.0],
            "psoas_activation": [0.1, 0.3, 0.6],
            "iliacus_activation": [0.1, 0.1, 0.2],
            "hip_muscle_moment_nm": [0.0, -10.0, -30.0],
            "hip_passive_tissue_nm": [0.0, 0.0, 0.0],
        }
    )
    assert tables.number(curves, {"psoas_activation": [30, 60]}) == pytest.approx(0.3)
    assert tables.number(curves, {"iliopsoas_activation": 60}) == pytest.approx(0.4)
    assert tables.number(curves, {"psoas_activation": "peak"}) == 0.6
    assert tables.number(curves, "flexion_at_20_nm") == pytest.approx(45.0)


def rows(runner: str, **share: float) -> list[dict[str, object]]:
    """Certified rows of exercises.csv, one an exercise."""
    return [
        {
            "case": f"{name}_{runner}", "exercise": name, "kind": "static", "band": "none",
            "runner": runner, "dose_percent": 100, "status": "certified",
            "iliopsoas_demand_per_capacity_peak": value, "hip_flexor_moment_peak_nm_kg": 0.5,
            "opposite_hip_moment_max_nm_kg": 0.1, "hip_force_peak_bw": 2.0,
        }
        for name, value in share.items()
    ]  # fmt: skip


def test_people_stand_beside_the_runner_as_built(tmp_path: Path) -> None:
    table = pd.DataFrame(
        [
            *rows("exercise", march=0.3, plank=0.2),
            *rows("person_01", march=0.6, plank=0.1),
            *rows("person_02", march=0.4, plank=0.15),
        ]
    )
    assert tables.plain(table, "march", "static") == "march_exercise"
    people = tables.over_people(table).set_index("exercise")
    assert people.loc["march", "iliopsoas, share of capacity, least"] == 0.3
    assert people.loc["march", "iliopsoas, share of capacity, greatest"] == 0.6
    assert people.loc["plank", "certified"] == 3
    assert tables.over_people(table[table["runner"] == "exercise"]).empty
    ranked = figures.stimulus_table(table, figures.Running({}, {})).set_index("exercise")
    assert ranked.loc["march", "iliopsoas_percent_of_capacity"] == pytest.approx(30.0)
    assert ranked.loc["march", ["least", "greatest"]].tolist() == pytest.approx([30.0, 60.0])
    table.loc[table["exercise"] == "plank", "kind"] = "movement"
    table.to_csv(tmp_path / "exercises.csv", index=False)
    asked = chain.asked(tmp_path)["without_band"]  # of the runner as built, not of people
    assert asked["percent_of_capacity"] == pytest.approx(20.0)


def told(needed: list[float | None]) -> ExerciseRecord:
    """exercise.json of a movement that lacks 12 Nm at the hip."""
    reserve = {"torque_nm": [0.0, 12.0], "largest_nm": 12.0, "peak_moment_nm": 50.0}
    made = {"kind": "movement", "reserves": {"hip_flexion_r": reserve}}
    made |= {"strength_needed": needed, "strength_needed_for": ["hip_flexion_r"] * len(needed)}
    return cast(ExerciseRecord, made)


def test_a_movement_that_is_too_much_says_how_much_strength_it_needs() -> None:
    flexion = np.array([45.0, 80.0, 110.0])
    check = checks.reserves(told([0.4, 0.9, 2.3]), flexion)
    assert not check.passed
    assert "at 110 deg of flexion hip_flexion_r needs 230 %" in check.compared
    assert check.compared.endswith("as they are they reach 80 deg")
    assert "more than any" in checks.wanting(told([0.4, 0.9, None]), flexion)
    assert "cannot begin" in checks.wanting(told([1.4, 0.9, 0.2]), flexion)
    assert "not at this pace" in checks.wanting(told([0.4, 0.9, 0.99]), flexion)
    assert checks.strength(told([0.4, 0.9, 2.3]), flexion) == {
        "strength_needed_percent": pytest.approx(230.0),
        "reached_deg": 80.0,
    }


RUNNING = CHECKOUT / "results" / "reference"


def test_the_chain_ends_in_the_running_study_s_own_verdict() -> None:
    """Its number: 117 less 100 % in outcomes.csv, the mean of who passes the scorecards."""
    table = chain.links(RUNNING)
    row = table.iloc[0]
    runs = pd.read_csv(RUNNING / "outcomes.csv").set_index(["arm", "runner"])
    runs = runs[(runs["cadence"] == "free") & (runs["habit_weight"] == 0)]
    runs = runs[(runs["speed_m_s"] == 3.5) & (runs["spring_n_m"].fillna(0) == 0)]
    plain = runs.loc["baseline"]
    plain = plain[plain["norms_passed"].astype(str) == "True"]
    flexors = runs.loc["hip_flexors"]
    trained = flexors[flexors["dose_percent"] == 117].loc[plain.index]
    assert row["endpoint"] == "ankle_com_m"
    assert row["effect"] == pytest.approx((trained["ankle_com_m"] - plain["ankle_com_m"]).mean())
    assert (table["low_trial"] <= table["effect"] + 1e-12).all()
    assert (table["effect"] <= table["high_trial"] + 1e-12).all()
    told = chain.paragraph({}, chain.demands(RUNNING), table)
    assert "a randomised trial" in told
    if table["low_people"].isna().all():
        assert "no interval over people" in told
    assert "No running study" in chain.paragraph({}, {}, table.iloc[:0])


def test_the_trial_s_interval_goes_through_the_curve_against_strength() -> None:
    """0.34 Nm/kg are 17 %; straight between doses, and nothing beyond those studied."""
    low, high = chain.trial_doses()
    assert (low, high) == pytest.approx((108.5, 126.0))
    points = pd.DataFrame({"dose_percent": [100.0, 117.0, 140.0], "x": [2.0, 2.34, 2.8]})
    assert chain.over_trial(points, "x", relative=False) == pytest.approx((0.17, 0.52))
    assert chain.over_trial(points, "x", relative=True) == pytest.approx((8.5, 26.0))
    assert np.isnan(chain.over_trial(points.iloc[:2], "x", relative=False)).all()


def test_a_demand_is_activation_over_its_largest(case: Path) -> None:
    curves = pd.read_csv(case / "exercise.csv")
    share = curves["iliopsoas_demand_per_capacity"]
    parts = curves[["psoas_activation", "iliacus_activation"]]
    assert (parts.min(axis=1) - 1e-9 <= share).all()  # the runner is at full strength
    assert (share <= parts.max(axis=1) + 1e-9).all()

"""The design of a study: which cases it has, and on which each one leans."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from config.cases import Case, baseline, cases, guess, table
from config.layout import Layout
from config.study import Study, check
from tests.workflow.conftest import CHECKOUT, python


def study(**changes: Any) -> Study:
    content = yaml.safe_load((CHECKOUT / "config" / "study.yaml").read_text())
    return check(content | changes, "study.yaml")


def only(found: list[Case], **keys: Any) -> Case:
    (case,) = [c for c in found if all(getattr(c, key) == value for key, value in keys.items())]
    return case


def test_default_study_has_five_cases() -> None:
    assert [case.case for case in cases(study())] == [
        "spatial_v3.5_baseline_100_both_free_w0.1_metabolic_mix_warm",
        "spatial_v3.5_hip_flexors_080_both_free_w0.1_metabolic_mix_warm",
        "spatial_v3.5_hip_flexors_120_both_free_w0.1_metabolic_mix_warm",
        "spatial_v3.5_hip_flexors_060_both_free_w0.1_metabolic_mix_warm",
        "spatial_v3.5_hip_flexors_140_both_free_w0.1_metabolic_mix_warm",
    ]


def test_the_100_percent_run_is_shared_by_arms_and_sides() -> None:
    found = cases(study(arms=["hip_flexors", "iliopsoas"], sides=["both", "left"]))
    assert len(found) == 1 + 2 * 2 * 4
    assert {baseline(case) for case in found} == {found[0]}


def test_warm_doses_start_from_the_100_percent_run() -> None:
    asked = study()
    first, *others = cases(asked)
    assert guess(first, asked) is None
    assert all(guess(case, asked) == first for case in others)


def test_cold_cases_lean_on_the_reference_alone() -> None:
    asked = study(starts=["cold"])
    assert [guess(case, asked) for case in cases(asked)] == [None] * 5


def test_warm_down_walks_down_the_doses() -> None:
    asked = study(starts=["warm_down"])
    found = cases(asked)
    dose = {case.dose_percent: case for case in found}
    assert dose[100.0].start == "warm"
    assert guess(dose[140.0], asked) == dose[100.0]
    assert guess(dose[120.0], asked) == dose[140.0]
    assert guess(dose[80.0], asked) == dose[120.0]
    assert guess(dose[60.0], asked) == dose[80.0]


def test_locked_cadence_is_that_of_the_free_run() -> None:
    asked = study(cadence=["locked"])
    found = cases(asked)
    free = only(found, arm="baseline")
    assert free.cadence == "free"
    assert all(guess(case, asked) == free for case in found if case != free)


def test_altered_cadence_has_its_own_100_percent_run() -> None:
    asked = study(cadence=["+10%"], doses_percent=[80, 100])
    found = cases(asked)
    free, quicker = only(found, cadence="free"), only(found, arm="baseline", cadence="+10%")
    weak = only(found, dose_percent=80.0)
    assert len(found) == 3
    assert baseline(weak) == quicker
    # The step rate is taken from the run that a case starts from, so that must be the free one.
    assert guess(quicker, asked) == free
    assert guess(weak, asked) == free


def test_single_dose_is_the_100_percent_run() -> None:
    assert [case.arm for case in cases(study(doses_percent=[100]))] == ["baseline"]


def test_table_has_a_row_for_each_case() -> None:
    rows = list(csv.DictReader(io.StringIO(table(study()))))
    assert [row["case"] for row in rows] == [case.case for case in cases(study())]
    assert {row["baseline"] for row in rows} == {rows[0]["case"]}
    assert [row["dose_percent"] for row in rows] == ["100.0", "80.0", "120.0", "60.0", "140.0"]


def test_options_of_commands() -> None:
    layout = Layout(study(tracking_weight=2.5), Path("out"))
    first, weak, *_ = layout.cases
    reference = "out/study/reference/spatial_v3.5_metabolic_mix"
    assert layout.options(first) == f"--reference {reference} --guess {reference}"
    assert layout.options(weak) == f"--reference {reference} --guess out/study/{first}"
    assert layout.strength(first) == "--arm hip_flexors --dose 100.0 --side both"
    assert layout.strength(weak) == "--arm hip_flexors --dose 80.0 --side both"
    followed = layout.tracking(layout.cases[weak].reference).split()
    asked = ["--speed", "3.5", "--weight", "2.5", "--objective", "metabolic_mix", "--mesh", "50"]
    assert followed[: len(asked)] == asked
    lifted, heads = followed[len(asked) + 1 :: 2]
    assert lifted == "out/study/reference/planar_v3.5_metabolic_mix"
    assert Path(heads).is_file()
    planar = layout.references["planar_v3.5_metabolic_mix"]
    assert layout.tracking(planar).split() == asked
    assert layout.runners == ["spatial", "planar"]


def test_command_writes_tables_and_case(tmp_path: Path) -> None:
    config = CHECKOUT / "config" / "study.yaml"
    common = ("config.cases", "--config", config, "--results", tmp_path)
    assert python(*common, cwd=tmp_path).returncode == 0
    assert (tmp_path / "study" / "cases.csv").read_text() == table(study())
    name = cases(study())[1].case
    assert python(*common, "--case", name, cwd=tmp_path).returncode == 0
    assert json.loads((tmp_path / "study" / name / "case.json").read_text()) == {
        "case": name,
        "runner": "spatial",
        "problem": "predict",
        "speed_m_s": 3.5,
        "arm": "hip_flexors",
        "side": "both",
        "dose_percent": 80.0,
        "cadence": "free",
        "habit_weight": 0.1,
        "objective": "metabolic_mix",
        "start": "warm",
        "mesh_intervals": 50,
    }


@pytest.mark.parametrize("dose", [60, 80.5, 0.001, 1e-7, 299.99999999])
def test_names_are_fit_for_folders(dose: float) -> None:
    for case in cases(study(doses_percent=[100, dose], cadence=["+10%", "-10%"])):
        assert set(case.case) <= set("abcdefghijklmnopqrstuvwxyz0123456789_.-")

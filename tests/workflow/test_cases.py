"""The design of a study: which cases it has, and on which each one leans."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from formats.objectives import calibrated
from study.cases import Case, baseline, cases, guess, table
from study.keys import Study, check, read
from study.workflow import Layout
from tests.workflow.conftest import CHECKOUT, python

CONFIG = CHECKOUT / "tests" / "workflow" / "grid.yaml"


def study(**changes: Any) -> Study:
    """The default study's own grid, without draws, controls and what `also` adds."""
    content = yaml.safe_load(CONFIG.read_text())
    for key in ("draws", "controls", "also"):
        content.pop(key)
    return check(content | changes, "study.yaml")


def only(found: list[Case], **keys: Any) -> Case:
    (case,) = [c for c in found if all(getattr(c, key) == value for key, value in keys.items())]
    return case


def test_the_default_grid_has_five_cases() -> None:
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


def test_each_draw_has_its_own_100_percent_run_and_shares_the_habit() -> None:
    asked = study(draws=2)
    found = cases(asked)
    assert len(found) == 3 * 5
    for case in found:
        assert baseline(case).draw == case.draw
        assert case.reference == found[0].reference
        assert guess(case, asked) in (None, baseline(case))
        assert case.case.endswith(f"_draw{case.draw}") == (case.draw > 0)
    layout = Layout(asked, Path("out"))
    assert layout.draws == [1, 2]
    drawn = only(found, draw=2, dose_percent=60.0)
    assert layout.case_runner(drawn.case) == Path("out/study/runners/spatial_draw2")
    assert {layout.cases[name].draw for name in layout.checkable} == {0}


def test_also_varies_one_thing_at_a_time() -> None:
    """What it does not name stays; what it adds stands once, and the mesh is not checked there."""
    asked = study(
        draws=1,
        also=[{"habit_weights": [1, 0.1], "draws": 0}, {"runners": ["planar"]}],
    )
    found = cases(asked)
    assert len(found) == len(set(found)) == (2 + 1 + 2) * 5
    assert {(c.runner, c.habit_weight, c.draw) for c in found} == {
        *(("spatial", 0.1, 0), ("spatial", 0.1, 1), ("spatial", 1.0, 0)),
        *(("planar", 0.1, 0), ("planar", 0.1, 1)),
    }
    layout = Layout(asked, Path("out"))
    assert {layout.cases[name].habit_weight for name in layout.checkable} == {0.1}
    assert {layout.cases[name].runner for name in layout.checkable} == {"spatial"}


def test_controls_add_their_runs_at_the_first_values() -> None:
    asked = study(
        controls=["null", "negative", "step_rate", "spring"],
        habit_weights=[0.1, 1],
        starts=["warm", "cold"],
        draws=1,
    )
    plain = set(cases(study(habit_weights=[0.1, 1], starts=["warm", "cold"], draws=1)))
    added = [case for case in cases(asked) if case not in plain]
    assert [(c.arm, c.dose_percent, c.cadence) for c in added] == [
        ("control_toe_flexors", 60.0, "free"),
        ("control_toe_flexors", 140.0, "free"),
        ("baseline", 100.0, "-10%"),
        ("baseline", 100.0, "-5%"),
        ("baseline", 100.0, "+5%"),
        ("baseline", 100.0, "+10%"),
        ("baseline", 100.0, "free"),
    ]
    tied = added[-1]
    assert [c.case for c in added[2:4]] == [
        "spatial_v3.5_baseline_100_both_minus10_w0.1_metabolic_mix_warm",
        "spatial_v3.5_baseline_100_both_minus5_w0.1_metabolic_mix_warm",
    ]
    assert (tied.spring_n_m, baseline(tied)) == (120.0, tied)
    assert guess(tied, asked) == replace(tied, spring_n_m=0.0)
    layout = Layout(asked, Path("out"))
    assert layout.strength(tied.case).endswith(
        "--dose 100.0 --side both --scales active --spring 120.0"
    )
    assert {(c.habit_weight, c.start, c.draw) for c in added} == {(0.1, "warm", 0)}
    assert all(baseline(case) in {*plain, case} for case in added)
    again = layout.null_controls
    assert again == ["spatial_v3.5_baseline_100_both_free_w0.1_metabolic_mix_warm"]
    assert layout.starts_elsewhere == [f"elsewhere{number}" for number in range(1, 6)]
    assert Layout(study(), Path("out")).null_controls == []


def test_all_calibrated_objectives_are_named_by_one_word() -> None:
    asked = check({**study().model_dump(), "objectives": ["free_running", "calibrated"]}, "it")
    assert asked.objectives == ["free_running", *calibrated()]
    found = [case for case in cases(asked) if case.dose_percent == 100]
    assert {case.objective for case in found} == set(asked.objectives)
    # They were found from it, and follow the norms with it: one reference run for all.
    assert {case.reference.objective for case in found} == {"free_running"}
    assert "calibrated_0" in asked.objectives
    with pytest.raises(ValueError, match="'calibrated_0' appears twice"):
        check({**study().model_dump(), "objectives": ["calibrated_0", "calibrated"]}, "it")


def test_the_speed_control_runs_the_free_100_percent_run_at_three_speeds() -> None:
    """Each new speed leans on a reference of its own; what the grid has is not added again."""
    asked = study(controls=["speed"], habit_weights=[0.1, 1], draws=1)
    plain = cases(study(habit_weights=[0.1, 1], draws=1))
    added = cases(asked)[len(plain) :]
    assert [c.case for c in added] == [
        "spatial_v2.5_baseline_100_both_free_w0.1_metabolic_mix_warm",
        "spatial_v4.5_baseline_100_both_free_w0.1_metabolic_mix_warm",
    ]
    assert [baseline(c) for c in added] == added
    assert [guess(c, asked) for c in added] == [None, None]
    layout = Layout(asked, Path("out"))
    assert "--speed 4.5 " in layout.tracking(added[1].reference)
    assert {"spatial_v4.5_metabolic_mix", "planar_v4.5_metabolic_mix"} <= set(layout.references)
    every = {"speeds_m_s": [3.5, 2.5, 4.5]}
    assert cases(study(**every, controls=["speed"])) == cases(study(**every))


def test_tight_flexors_are_doses_of_passive_force() -> None:
    """Beside the strengths, and each against the same 100 % run, which nothing is scaled in."""
    asked = study(doses_percent=[100, 150, 200, 300], strength_scales=["active", "passive"])
    found = cases(asked)
    tight = [case for case in found if case.strength_scales == "passive"]
    assert [case.dose_percent for case in tight] == [150.0, 200.0, 300.0]
    assert len(found) == len({case.case for case in found}) == 1 + 2 * 3
    assert tight[0].case.endswith("_hip_flexors_150_both_free_w0.1_metabolic_mix_warm_passive")
    assert {baseline(case) for case in found} == {found[0]}
    layout = Layout(asked, Path("out"))
    assert layout.strength(tight[-1].case).endswith("--dose 300.0 --side both --scales passive")
    (first, *rows) = list(csv.DictReader(io.StringIO(table(asked))))
    assert first["strength_scales"] == "active"
    assert [row["strength_scales"] for row in rows].count("passive") == 3


def test_options_of_commands() -> None:
    layout = Layout(study(tracking_weight=2.5), Path("out"))
    first, weak, *_ = layout.cases
    reference = "out/study/reference/spatial_v3.5_metabolic_mix"
    assert layout.options(first) == f"--reference {reference} --guess {reference}"
    assert layout.options(weak) == f"--reference {reference} --guess out/study/{first}"
    assert layout.strength(first) == "--arm hip_flexors --dose 100.0 --side both --scales active"
    assert layout.strength(weak) == "--arm hip_flexors --dose 80.0 --side both --scales active"
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
    common = ("study.cases", "--config", CONFIG, "--results", tmp_path)
    assert python(*common, cwd=tmp_path).returncode == 0
    assert (tmp_path / "study" / "cases.csv").read_text() == table(read(CONFIG))
    name = "spatial_v3.5_hip_flexors_080_both_free_w0.1_metabolic_mix_warm"
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
        "draw": 0,
        "spring_n_m": 0.0,
        "strength_scales": "active",
    }


@pytest.mark.parametrize("dose", [60, 80.5, 0.001, 1e-7, 299.99999999])
def test_names_are_fit_for_folders(dose: float) -> None:
    for case in cases(study(doses_percent=[100, dose], cadence=["+10%", "-10%"])):
        assert set(case.case) <= set("abcdefghijklmnopqrstuvwxyz0123456789_.-")


def test_pattern_of_cases_does_not_grow_with_them() -> None:
    """It matches every case, and nothing with another runner's name or in a folder below."""
    doses = [100, *(10 + 0.5 * i for i in range(150))]
    small, large = (
        Layout(study(doses_percent=given, runners=["planar"]), Path("results"))
        for given in ([100, 80], doses)
    )
    pattern = large.pattern(large.cases)
    assert pattern == small.pattern(small.cases)
    assert all(re.fullmatch(pattern, name) for name in large.cases)
    for other in ("spatial_v3.5_a", "reference/planar_v3.5", "planar_v3.5_a/fine", "runners"):
        assert not re.fullmatch(pattern, other)
    assert not re.fullmatch(large.pattern([]), "")


def test_people_are_runners_by_their_numbers() -> None:
    """Each with their own 100 % run; the controls and the finer mesh on the first two alone."""
    asked = study(
        runners=["people"],
        people=5,
        doses_percent=[60, 100, 117],
        controls=["null", "negative", "step_rate", "spring"],
        mesh_check=True,
    )
    found = cases(asked)
    names = [f"person_0{n}" for n in range(1, 6)]
    assert list(dict.fromkeys(case.runner for case in found)) == names
    per_person = {name: sum(case.runner == name for case in found) for name in names}
    assert per_person == {**dict.fromkeys(names[:2], 3 + 2 + 4 + 1), **dict.fromkeys(names[2:], 3)}
    layout = Layout(asked, Path("out"))
    assert layout.people == names
    assert layout.runners == ["person_01", "spatial", "planar", *names[1:]]
    assert {layout.cases[name].runner for name in layout.checkable} == set(names[:2])
    assert {layout.cases[name].runner for name in layout.null_controls} == set(names[:2])
    beside = Layout(asked.model_copy(update={"runners": ("people", "spatial")}), Path("out"))
    assert {beside.cases[name].runner for name in beside.null_controls} == {"spatial"}
    assert {beside.cases[name].runner for name in beside.checkable} == {*names[:2], "spatial"}
    run = layout.cases[found[0].case].reference
    assert run.lifted_from is not None and run.lifted_from.runner == "spatial"
    assert f"--body {layout.reference(found[0].case).parent}/spatial" in layout.tracking(run)


def test_a_person_is_the_same_alone() -> None:
    one = study(runners=["person_07"], doses_percent=[60, 100])
    among = study(runners=["people"], people=[3, 7], doses_percent=[60, 100])
    assert [case for case in cases(among) if case.runner == "person_07"] == cases(one)


def test_people_need_their_number() -> None:
    with pytest.raises(ValueError, match="people: missing; runners"):
        study(runners=["people"])

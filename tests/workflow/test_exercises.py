"""A study of exercises: its keys, its cases, its plan."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from formats.checkout import CHECKOUT
from study import exercises

CONFIG = CHECKOUT / "config" / "exercises.yaml"


def study(**changed: Any) -> exercises.ExerciseStudy:
    plain = {"name": "small", "problem": "exercise", "exercises": ["march", "mobility"]}
    return exercises.check(plain | changed, "small.yaml")


def test_cases_are_each_once_and_bands_only_where_there_are_any() -> None:
    made = exercises.cases(study(band=["none", "red"], doses_percent=[100, 60]))
    assert len(made) == len(set(made)) == 2 * (2 * 2 + 2)
    assert {c.band for c in made if c.exercise == "mobility"} == {"none"}
    assert {c.arm for c in made if c.dose_percent == 100} == {"baseline"}
    names = {c.case for c in made}
    assert len(names) == len(made)
    assert "march_static_red_hip_flexors_060_both_metabolic_mix" in names


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"exercises": ["squat"]}, "exercise 'squat': not known; allowed are mobility, march"),
        ({"band": ["pink"]}, "band: 'pink': not known; allowed are none, red"),
        ({"doses_percent": [0]}, "doses_percent"),
        ({"arms": ["ears"]}, "an arm is one of"),
        ({"speed": 3}, "speed"),
        ({"runners": ["people"]}, "people: missing"),
        ({"runners": ["spatial"]}, "'spatial': not known; allowed are exercise, people"),
        ({"running": "no/such"}, "running: no/such: holds no outcomes.csv"),
    ],
)
def test_faults_are_one_line(changed: dict[str, Any], fault: str) -> None:
    with pytest.raises(ValueError, match=r"^small.yaml: ") as caught:
        study(**changed)
    assert fault in str(caught.value)
    assert "\n" not in str(caught.value)


def test_people_do_each_exercise_with_points_of_their_own() -> None:
    made = exercises.cases(study(runners=["exercise", "people"], people=[1, 4]))
    assert len(made) == len({case.case for case in made}) == 3 * 4
    assert {case.runner for case in made} == {"exercise", "person_01", "person_04"}
    hers = next(c for c in made if c.runner == "person_01")
    assert hers.case.endswith("_person_01")
    theirs = study(runners=["people"], people=1, band=["red"], exercises=["march"])
    tied = exercises.strength(theirs, exercises.cases(theirs)[0], "results/small")
    assert "results/small/runners/person_01/exercises.yaml" in tied
    assert exercises.own_book(theirs, "exercise", "results/small") == str(theirs.path)


def test_only_such_studies_are_taken() -> None:
    assert exercises.asked(str(CONFIG))
    assert not exercises.asked(str(CHECKOUT / "config" / "study.yaml"))
    assert not exercises.asked("no/such/file.yaml")


@pytest.mark.parametrize("config", [CONFIG, CONFIG.with_name("exercises_people.yaml")])
def test_the_shipped_studies_can_be_planned(tmp_path: Path, config: Path) -> None:
    command = [
        *(sys.executable, "-m", "snakemake", "--snakefile", str(CHECKOUT / "exercises.smk")),
        *("--configfile", str(config), "--config", f"results={tmp_path}/r", "--dry-run"),
        *("--cores", "1", "--nolock", "--quiet", "rules"),
    ]
    ended = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert ended.returncode == 0, ended.stderr

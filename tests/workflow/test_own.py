"""Measured runners in a study: what a config may say, the cases it makes, and what would run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from study.cases import Case, baseline, cases, guess
from study.keys import Study, as_yaml, read
from study.trials import FILES
from study.workflow import Layout
from tests.workflow.conftest import Write, planned, snakemake

FOUR_LINES = {"name": "mine", "problem": "inverse", "doses_percent": [60, 80, 100, 120, 140]}


def folder(path: Path, **keys: Any) -> Path:
    """A trial's folder whose files are there but empty, all but runner.yaml."""
    path.mkdir(parents=True)
    for name in FILES:
        (path / name).touch()
    (path / "runner.yaml").write_text(yaml.safe_dump({"speed_m_s": 3.0} | keys))
    return path


@pytest.fixture
def trial(tmp_path: Path) -> Path:
    return folder(tmp_path / "my_runner")


def study(path: Path, **keys: Any) -> Study:
    path.write_text(yaml.safe_dump(FOUR_LINES | keys))
    return read(path)


def test_four_lines_are_a_study(trial: Path, tmp_path: Path) -> None:
    asked = study(tmp_path / "mine.yaml", runners=[str(trial)])
    found = cases(asked)
    assert [case.case for case in found] == [
        "my_runner_v3.0_baseline_100_both_free_w0_activation_squared_cold",
        "my_runner_v3.0_hip_flexors_080_both_free_w0_activation_squared_cold",
        "my_runner_v3.0_hip_flexors_120_both_free_w0_activation_squared_cold",
        "my_runner_v3.0_hip_flexors_060_both_free_w0_activation_squared_cold",
        "my_runner_v3.0_hip_flexors_140_both_free_w0_activation_squared_cold",
    ]
    assert {case.problem for case in found} == {"inverse"}
    assert {case.speed_m_s for case in found} == {3.0}
    assert {baseline(case) for case in found} == {found[0]}
    assert {guess(case, asked) for case in found} == {None}


def test_effective_configuration_reads_back(trial: Path, tmp_path: Path) -> None:
    asked = study(tmp_path / "mine.yaml", runners=[str(trial)])
    (tmp_path / "effective.yaml").write_text(as_yaml(asked))
    assert read(tmp_path / "effective.yaml") == asked


def test_arms_sides_and_objectives_can_be_chosen(trial: Path, tmp_path: Path) -> None:
    asked = study(
        tmp_path / "mine.yaml", runners=[str(trial)], arms=["iliopsoas"], sides=["both", "left"]
    )
    assert len(cases(asked)) == 1 + 2 * 4


def beside(write_config: Write, trial: Path) -> tuple[Study, list[Case]]:
    asked = read(write_config(runners=["planar", str(trial)]))
    return asked, cases(asked)


def test_measured_runner_stands_beside_a_predicted_one(write_config: Write, trial: Path) -> None:
    asked, found = beside(write_config, trial)
    predicted = [case for case in found if case.problem == "predict"]
    assert [case.runner for case in predicted] == ["planar"] * 3
    assert [case.runner for case in found if case.measured] == ["my_runner"] * 3
    layout = Layout(asked, Path("out"))
    assert list(layout.references) == ["planar_v3.5_free_running"]
    assert layout.runners == ["planar"]
    assert layout.trials == {"my_runner": str(trial)}
    assert layout.trial("my_runner") == [trial / name for name in FILES]
    assert layout.checkable == [case.case for case in predicted]


def test_draws_and_the_negative_control_keep_the_motion(trial: Path, tmp_path: Path) -> None:
    asked = study(
        tmp_path / "mine.yaml",
        runners=[str(trial)],
        doses_percent=[80, 100],
        draws=2,
        controls=["negative"],
    )
    found = cases(asked)
    assert [(case.arm, case.draw) for case in found] == [
        *[("baseline", draw) for draw in range(3)],
        *[("hip_flexors", draw) for draw in range(3)],
        ("control_toe_flexors", 0),
    ]
    assert {(case.problem, case.start, case.cadence) for case in found} == {
        ("inverse", "cold", "free")
    }


def test_more_measured_runners_can_be_added(trial: Path, tmp_path: Path) -> None:
    other = folder(tmp_path / "faster", speed_m_s=4.0)
    asked = study(tmp_path / "mine.yaml", runners=[str(trial)], also=[{"runners": [str(other)]}])
    assert {case.speed_m_s for case in cases(asked)} == {3.0, 4.0}
    assert list(Layout(asked, Path("out")).trials) == ["my_runner", "faster"]


def test_plan_of_measured_runners_alone(trial: Path, tmp_path: Path) -> None:
    study(tmp_path / "mine.yaml", runners=[str(trial)])
    ended = snakemake("-n", "--cores", "1", "--configfile", "mine.yaml", cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    counts = planned(ended.stdout)
    assert counts == {
        **dict.fromkeys(["study", "trial", "own_runner", "dynamometer", "collect", "all"], 1),
        **dict.fromkeys(["rule_copy", "runner_dynamometer"], 1),
        **dict.fromkeys(["claims", "animation", "report", "provenance"], 1),
        **dict.fromkeys(["case", "strength", "inverse", "replay", "certify"], 5),
        "figure": counts["figure"],
    }


def test_plan_of_measured_and_predicted_runners(
    write_config: Write, trial: Path, tmp_path: Path
) -> None:
    path = write_config(runners=["planar", str(trial)])
    ended = snakemake("-n", "--cores", "1", "--configfile", path, cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    counts = planned(ended.stdout)
    assert (counts["predict"], counts["inverse"], counts["certify"]) == (3, 3, 6)
    assert (counts["runner"], counts["own_runner"], counts["reference"]) == (1, 1, 1)


@pytest.mark.parametrize("name", FILES)
def test_missing_file_is_named(name: str, trial: Path, tmp_path: Path) -> None:
    (trial / name).unlink()
    with pytest.raises(ValueError) as caught:
        study(tmp_path / "mine.yaml", runners=[str(trial)])
    assert str(caught.value) == (
        f"{tmp_path / 'mine.yaml'}: runners[0]: {trial / name} is missing; a runner is planar, "
        "spatial, people, one person (person_07) or the path of a folder with model.osim, "
        "motion.mot, forces.mot, runner.yaml"
    )


BAD = [
    (
        {"runners": ["nowhere"]},
        "runners[0]: 'nowhere' is not a folder; a runner is planar, spatial",
    ),
    ({"runners": ["a\0b"]}, "runners[0]: 'a\\x00b' is not a folder; a runner is"),
    ({"runners": ["planar"]}, "problem: 'inverse' is not allowed here; runner 'planar' has no"),
    ({"runners": ["planar", "{trial}"]}, "problem: 'inverse' is not allowed here; runner 'planar'"),
    ({"problem": "predict"}, "speeds_m_s: missing; it is a list of one or more, and a speed"),
    ({"runners": ["{trial}", "{trial}/"]}, "runners: 'my_runner' appears twice in the list; cases"),
    ({"runners": ["{trial}", "{other}"]}, "runners: 'my_runner' appears twice in the list; cases"),
    ({"runners": ["{spaced}"]}, "runners[0]: folder 'my runner' cannot name cases; 1 to 60"),
    ({"runners": ["{built}"]}, "runners[0]: folder 'planar' cannot name cases; 1 to 60"),
    ({"runners": ["{loads}"]}, "runners[0]: {loads}/loads.xml is missing; runner.yaml names it"),
    ({"speeds_m_s": [3.5]}, "speeds_m_s: [3.5] is not allowed with problem inverse; runner.yaml"),
    ({"habit_weights": [0.1]}, "habit_weights: [0.1] is not allowed with problem inverse; the"),
    ({"cadence": ["locked"]}, "cadence: ['locked'] is not allowed with problem inverse; the"),
    ({"starts": ["warm"]}, "starts: ['warm'] is not allowed with problem inverse; the motion is"),
    ({"controls": ["step_rate"]}, "controls: 'step_rate' is not allowed with problem inverse; neg"),
    (
        {"also": [{"runners": ["{other}"]}]},
        "also: runner 'my_runner' appears twice in the list; c",
    ),
    ({"mesh_check": True}, "mesh_check: True is not allowed with problem inverse; the motion is"),
]


@pytest.mark.parametrize(("changes", "line"), BAD)
def test_fault_is_named_in_one_line(
    changes: dict[str, Any], line: str, trial: Path, tmp_path: Path
) -> None:
    places = {
        "trial": trial,
        "other": folder(tmp_path / "again" / "my_runner"),
        "spaced": folder(tmp_path / "my runner"),
        "built": folder(tmp_path / "planar"),
        "loads": folder(tmp_path / "loads", external_loads="loads.xml"),
    }
    keys: dict[str, Any] = {"runners": [str(trial)]} | changes
    keys["runners"] = [runner.format(**places) for runner in keys["runners"]]
    for item in keys.get("also", []):
        item["runners"] = [runner.format(**places) for runner in item["runners"]]
    with pytest.raises(ValueError) as caught:
        study(tmp_path / "mine.yaml", **keys)
    assert str(caught.value).startswith(f"{tmp_path / 'mine.yaml'}: {line.format(**places)}")
    assert "\n" not in str(caught.value)


def test_all_measured_needs_problem_inverse(write_config: Write, trial: Path) -> None:
    with pytest.raises(ValueError, match="problem: 'predict' is not allowed here; all runners are"):
        read(write_config(runners=[str(trial)]))


def test_measured_runners_on_their_own_feet(trial: Path, tmp_path: Path) -> None:
    asked = study(tmp_path / "mine.yaml", runners=[str(trial)], problem="track_measured")
    found = cases(asked)
    assert {case.problem for case in found} == {"track_measured"}
    assert not any(case.kept for case in found)
    layout = Layout(asked, tmp_path / "results")
    assert layout.runners == []
    name = found[0].case
    assert layout.case_runner(name).parts[-2:] == ("my_runner", "contact")
    assert f"--trial {trial}" in layout.tracking_trial(name)


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        ({"draws": 3}, "draws: 3 is not allowed with problem track_measured"),
        ({"controls": ["negative"]}, "controls: ['negative'] is not allowed"),
        ({"sides": ["left"]}, "sides: ['left'] is not allowed with problem track_measured"),
        ({"cadence": ["locked"]}, "not allowed with problem track_measured; the motion is"),
        ({"runners": ["planar"]}, "runner 'planar' has no measured motion"),
    ],
)
def test_what_tracking_leaves_open_is_refused(
    keys: dict[str, Any], line: str, trial: Path, tmp_path: Path
) -> None:
    with pytest.raises(ValueError) as caught:
        study(
            tmp_path / "mine.yaml",
            **{"runners": [str(trial)], "problem": "track_measured", **keys},
        )
    assert line in str(caught.value)


def test_plan_of_tracked_runners(trial: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(
        yaml.safe_dump(FOUR_LINES | {"runners": [str(trial)], "problem": "track_measured"})
    )
    ended = snakemake("-n", "--cores", "1", "--configfile", "mine.yaml", cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    counts = planned(ended.stdout)
    assert (counts["own_runner"], counts["contact_runner"]) == (1, 1)
    assert counts["track_measured"] == 5
    assert "inverse" not in counts

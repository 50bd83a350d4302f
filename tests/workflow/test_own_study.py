"""A measured runner through Snakemake: a folder and four lines in, certified outcomes out."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest
import yaml

from formats import run_record
from study.keys import read
from study.launch import check_trials
from tests.workflow.conftest import CHECKOUT, planned, python, snakemake

# A planar run that this project predicted, as simulations.export_trial writes it, without model.
TRIAL = CHECKOUT / "tests" / "workflow" / "planar_trial"
STUDY = {
    "name": "tiny_own",
    "runners": ["my_runner"],
    "problem": "inverse",
    "doses_percent": [80, 100],
    "mesh_intervals": 12,  # coarse, to be quick
}


@dataclass(frozen=True)
class Finished:
    cwd: Path
    ended: subprocess.CompletedProcess[str]

    @property
    def folder(self) -> Path:
        return self.cwd / "results" / "tiny_own"

    def plan(self) -> dict[str, int]:
        ended = snakemake("-n", "--cores", "1", "--configfile", "mine.yaml", cwd=self.cwd)
        assert ended.returncode == 0, ended.stderr
        return planned(ended.stdout)


def launch(cwd: Path) -> subprocess.CompletedProcess[str]:
    return python("study.launch", "--config", "mine.yaml", cwd=cwd)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    cwd = tmp_path_factory.mktemp("mine")
    shutil.copytree(TRIAL, cwd / "my_runner")
    built = python("models.build", "--runner", "planar", "--out", "built", cwd=cwd)
    assert built.returncode == 0, built.stderr
    (cwd / "built" / "runner.osim").rename(cwd / "my_runner" / "model.osim")
    (cwd / "mine.yaml").write_text(yaml.safe_dump(STUDY))
    return Finished(cwd, launch(cwd))


def test_study_ends_certified(finished: Finished) -> None:
    assert finished.ended.returncode == 0, finished.ended.stdout + finished.ended.stderr
    assert "2 of 2 certified" in finished.ended.stdout


def test_what_a_launched_study_leaves_is_all_recorded(finished: Finished) -> None:
    """run.json, too, which is written last."""
    assert (finished.folder / run_record.FILE).is_file()
    ended = python("hipdrive", "verify", finished.folder.name, cwd=finished.cwd)
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_motion_is_kept_and_muscles_share_anew(finished: Finished) -> None:
    outcomes = pd.read_csv(finished.folder / "outcomes.csv").set_index("dose_percent")
    for kept in ("ankle_com_m", "thigh_max_deg", "braking_peak_bw", "stride_time_s"):
        assert outcomes.loc[80, kept] == pytest.approx(outcomes.loc[100, kept], rel=1e-6), kept
    moved = outcomes["hip_force_peak_bw"]
    assert abs(moved[80] - moved[100]) > 1e-4
    assert moved.between(4, 12).all()


def test_reserves_are_told(finished: Finished) -> None:
    found = list(finished.folder.glob("my_runner_*/inverse.json"))
    assert len(found) == 2
    for path in found:
        assert json.loads(path.read_text())


def test_second_run_does_nothing(finished: Finished) -> None:
    assert (
        "nothing to do: all results of study tiny_own are up to date" in launch(finished.cwd).stdout
    )


def test_a_changed_trial_runs_its_cases_again(finished: Finished) -> None:
    path = finished.cwd / "my_runner" / "runner.yaml"
    said = path.read_text()
    path.write_text(said + "filter_hz: 20\n")
    counts = finished.plan()
    path.write_text(said)
    assert (counts["trial"], counts["own_runner"], counts["inverse"]) == (1, 1, 2)


def spoilt(folder: Path, source: Path, name: str, old: str, new: str) -> Path:
    """A study of a trial in whose file `name` one piece of text is another."""
    shutil.copytree(source, folder / "my_runner")
    path = folder / "my_runner" / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    (folder / "mine.yaml").write_text(yaml.safe_dump(STUDY))
    return folder / "mine.yaml"


@pytest.mark.parametrize(
    ("name", "old", "new", "line"),
    [
        ("motion.mot", "inDegrees=yes", "inDegrees=no", "are they degrees?"),
        ("motion.mot", "hip_flexion_r", "hip_bend_r", "column hip_flexion_r is missing"),
        ("forces.mot", "ground_force_r_vy", "force_r_up", "ground_force"),
        ("runner.yaml", "speed_m_s", "speed", "speed"),
        ("runner.yaml", "mass_kg: 7", "mass_kg: 9", "kg, and at most 10% apart are allowed"),
    ],
)
def test_bad_data_are_named_in_one_line(
    name: str,
    old: str,
    new: str,
    line: str,
    finished: Finished,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    config = spoilt(tmp_path, finished.cwd / "my_runner", name, old, new)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError) as caught:
        check_trials(read(config))
    assert name in str(caught.value)
    assert line in str(caught.value)
    assert "\n" not in str(caught.value)


def test_bad_data_stop_the_study_before_anything_is_written(
    finished: Finished, tmp_path: Path
) -> None:
    spoilt(tmp_path, finished.cwd / "my_runner", "motion.mot", "hip_flexion_r", "hip_bend_r")
    ended = launch(tmp_path)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith("error: my_runner/motion.mot: column hip_flexion_r is missing")
    assert len(ended.stderr.splitlines()) == 1
    assert not (tmp_path / "results").exists()

"""A small study through Snakemake: killed once, finished, then nothing left to do."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from analysis import columns
from benchmarks import faults
from formats import run_record
from formats.origin import DECIDING
from study.cases import cases
from study.keys import read
from tests.workflow.browser import Browser, missing
from tests.workflow.conftest import CHECKOUT, planned, python, snakemake
from tests.workflow.jobs import Job, jobs

CONFIG = CHECKOUT / "tests" / "workflow" / "tiny.yaml"
OPENED = CHECKOUT / "tests" / "workflow" / "opened"


@dataclass(frozen=True)
class Finished:
    cwd: Path
    results: Path
    ended: subprocess.CompletedProcess[str]
    opened: Path = Path()

    @property
    def folder(self) -> Path:
        return self.results / "tiny"

    def launch(self) -> subprocess.CompletedProcess[str]:
        return python(
            *("study.launch", "--config", CONFIG, "--results", self.results), cwd=self.cwd
        )


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Finished]:
    """The tiny study; each of its processes notes in `opened` what it opens (see opened/)."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", f"{OPENED}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
        patch.setenv("HIPDRIVE_OPENED", str(tmp_path_factory.mktemp("noted") / "opened"))
        found = interrupted_and_finished(tmp_path_factory)
        noted = Path(os.environ["HIPDRIVE_OPENED"])
    yield replace(found, opened=noted)


def interrupted_and_finished(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    cwd = tmp_path_factory.mktemp("started_here")
    # Outside the checkout, and with a space in its name.
    results = tmp_path_factory.mktemp("else where")
    command = [sys.executable, "-m", "study.launch", "--config", CONFIG, "--results", results]
    # First a run that is killed as soon as the runner is built.
    with subprocess.Popen(
        command, cwd=cwd, start_new_session=True, stdout=subprocess.DEVNULL
    ) as process:
        deadline = time.monotonic() + 600
        while not (results / "tiny" / "runners" / "planar" / "runner.json").exists():
            assert process.poll() is None, "the run ended before its runner was built"
            assert time.monotonic() < deadline
            time.sleep(0.1)
        study = Finished(cwd, results, subprocess.CompletedProcess([], 0, "", ""))
        second = study.launch()
        os.killpg(process.pid, signal.SIGKILL)
    refused = f"error: {study.folder}: another run of this study is going on; wait for it\n"
    assert (second.returncode, second.stderr) == (2, refused)
    assert faults.unreadable(study.folder) == []
    return Finished(cwd, results, study.launch())


def test_killed_study_goes_on_to_its_end(finished: Finished) -> None:
    assert finished.ended.returncode == 0, finished.ended.stdout + finished.ended.stderr
    assert "2 of 2 certified" in finished.ended.stdout
    lines = finished.ended.stdout.splitlines()
    assert lines[-1] == f"report: {finished.folder / 'report.html'}"
    finished_steps = [line for line in lines if line.startswith("[") and " left" in line]
    assert len(finished_steps) > 20
    assert faults.unreadable(finished.folder) == []


def test_every_column_of_the_outcomes_is_defined(finished: Finished) -> None:
    """With a unit and a definition: a line of analysis/columns.csv for each that is added."""
    assert columns.check(finished.folder / "outcomes.csv") > 300


def test_outcomes_have_a_row_for_each_case(finished: Finished) -> None:
    outcomes = pd.read_csv(finished.folder / "outcomes.csv").set_index("case")
    asked = [case.case for case in cases(read(CONFIG))]
    assert sorted(outcomes.index) == sorted(asked)
    assert set(outcomes["status"]) == {"certified"}
    assert sorted(outcomes["dose_percent"]) == [80.0, 100.0]
    numbers = outcomes[["ankle_com_per_leg", "glmax_activation_stance_mean", "rim_margin_min_deg"]]
    assert numbers.notna().all().all()
    for suffix in ("", "_tendon_on_head"):
        assert outcomes[f"head_displacement_max_mm{suffix}"].between(0.05, 2).all()
        assert outcomes[f"contact_pressure_peak_mpa{suffix}"].between(1, 15).all()
    # The head's own move changes the force that moved it by less than 1 % of it.
    assert (outcomes["two_way_force_change_max_bw"] < 0.01 * outcomes["hip_force_peak_bw"]).all()


def test_claims_name_columns_of_outcomes(finished: Finished) -> None:
    columns = set(pd.read_csv(finished.folder / "outcomes.csv").columns)
    claims = yaml.safe_load((CHECKOUT / "config" / "claims.yaml").read_text())["claims"]
    for claim in claims.values():
        for endpoint in [*claim["primary"], *claim["secondary"]]:
            assert endpoint["endpoint"] in columns
            assert endpoint["claimed"] in {"rises", "falls"}
        assert set(claim.get("decomposition", [])) <= columns


def test_the_run_closes_with_the_verdicts(finished: Finished) -> None:
    """A runner on a coarse mesh runs as nobody does: nothing is decided, and the reason is said."""
    claims = json.loads((finished.folder / "claims.json").read_text())
    assert {entry["verdict"] for entry in claims.values()} == {"inconclusive"}
    for name in claims:
        assert f"{name}: INCONCLUSIVE, NOT TRUSTED: null, negative" in finished.ended.stdout
    said = " ".join(finished.ended.stdout.split())
    assert "their own 100 % run does not pass the scorecards" in said
    assert "habit     inconclusive at weight 0.1" in finished.ended.stdout
    assert len(pd.read_csv(finished.folder / "verdict.csv")) > 20


def test_each_case_keeps_what_it_is_made_of(finished: Finished) -> None:
    for case in cases(read(CONFIG)):
        folder = finished.folder / case.case
        for name in (
            *("case.json", "runner.osim", "runner.json", "motion.sto", "controls.sto"),
            *("ground_forces.mot", "solver.json", "certificate.json", "outcomes.json"),
            *("curves.csv", "positions.csv", "head.csv", "head.json", "hip_loads.csv"),
            *("robustness.csv", "two_way.json", "energy_audit.csv"),
            *("scene.json", "coordinates.mot"),
        ):
            assert (folder / name).stat().st_size > 0, folder / name


def test_figures_are_there_with_their_numbers(finished: Finished) -> None:
    names = sorted(path.stem for path in (finished.folder / "figures").glob("*.png"))
    assert names == [
        *("answer", "cup", "demand", "dose_effect_by_habit", "dose_response", "gait_by_dose"),
        *(
            "gluteal_activation",
            "ground_force",
            "head_displacement",
            "hip_force_direction",
            "muscle_timing",
        ),
        *("muscles_in_motion", "norm_stick_figures", "norms_scorecard", "over_striding"),
        *("socket_tornado", "stick_figures", "strength", "verdict"),
    ]
    # The rule leaves the planar runner out of the force on the hip.
    without = {"cup", "head_displacement", "hip_force_direction", "socket_tornado"}
    for name in names:
        assert (finished.folder / "figures" / f"{name}.pdf").read_bytes().startswith(b"%PDF")
        numbers = pd.read_csv(finished.folder / "figures" / f"{name}.csv")
        assert (len(numbers) > 0) == (name not in without)
        caption = (finished.folder / "figures" / f"{name}.txt").read_text()
        assert caption.startswith("Not drawn") == (name in without)


@pytest.mark.skipif(bool(missing()), reason=missing())
def test_the_report_s_viewer_shows_the_study(finished: Finished, tmp_path: Path) -> None:
    """It draws, each dose moves the muscles, nothing complains and nothing is loaded."""
    picture = """const dose = document.getElementById("dose");
      document.getElementById("compare").value = "";
      document.getElementById("phase").value = 40;
      document.getElementById("phase").dispatchEvent(new Event("input"));
      dose.value = DOSE;
      dose.dispatchEvent(new Event("input"));
      const open = poses.pose(data.series[0].doses[DOSE], 40);
      return [document.getElementById("runner").toDataURL(), Array.from(open.muscles.slice(0, 30)),
        document.getElementById("told").textContent, open.open.names.length];"""
    data = 'const data = JSON.parse(document.getElementById("motions").textContent);'
    with Browser(tmp_path / "profile") as browser:
        browser.open(finished.folder / "report.html")
        loaded = "return performance.getEntriesByType('resource').map((one) => one.name)"
        assert all(name.startswith("data:") for name in browser.run(loaded))
        assert browser.console() == []
        weak, own = (browser.run(data + picture.replace("DOSE", str(k))) for k in (0, 1))
    assert weak[0] != own[0]
    assert np.abs(np.subtract(weak[1], own[1])).max() > 1e-4
    assert weak[2].startswith("80 % strength") and own[2].startswith("100 % strength")
    assert weak[3] == own[3] > 10
    assert (finished.folder / "report.html").stat().st_size < 6e6


def test_configuration_is_kept_and_logs_are_written(finished: Finished) -> None:
    assert read(finished.folder / "config.yaml") == read(CONFIG)
    for case in cases(read(CONFIG)):
        assert (finished.folder / "logs" / case.case / "predict.log").stat().st_size > 0
        assert (finished.folder / "benchmarks" / case.case / "predict.tsv").exists()


def test_second_run_does_nothing_and_says_so(finished: Finished) -> None:
    before = (finished.folder / "outcomes.csv").stat().st_mtime_ns
    start = time.monotonic()
    ended = finished.launch()
    assert ended.returncode == 0
    assert "nothing to do: all results of study tiny are up to date" in ended.stdout
    assert "2 of 2 certified" in ended.stdout
    assert (finished.folder / "outcomes.csv").stat().st_mtime_ns == before
    assert time.monotonic() - start < 60


def test_a_further_dose_runs_alone(finished: Finished) -> None:
    content = yaml.safe_load(CONFIG.read_text())
    content["doses_percent"].append(120)
    (finished.cwd / "more.yaml").write_text(yaml.safe_dump(content))
    ended = snakemake(
        *("--dry-run", "--cores", "1", "--configfile", "more.yaml"),
        *("--config", f"results={finished.results}"),
        cwd=finished.cwd,
    )
    assert ended.returncode == 0, ended.stderr
    assert planned(ended.stdout) == {
        **dict.fromkeys(["study", "case", "strength", "predict", "replay", "certify"], 1),
        **dict.fromkeys(["collect", "claims", "dynamometer", "runner_dynamometer", "all"], 1),
        **dict.fromkeys(["animation", "report", "provenance"], 1),
        "figure": 19,
    }


def test_what_is_up_to_date_is_so_from_another_folder(finished: Finished, tmp_path: Path) -> None:
    """Where Snakemake has no records of its own."""
    given = ("-n", "--cores", "1", "--configfile", CONFIG, "--config")
    ended = snakemake(*given, f"results={finished.results}", cwd=tmp_path)
    assert "Nothing to be done" in ended.stdout, ended.stdout + ended.stderr


@pytest.fixture(scope="module")
def all_jobs(finished: Finished) -> list[Job]:
    ended = snakemake(
        *("-n", "-p", "--forceall", "--cores", "1", "--configfile", CONFIG),
        *("--config", f"results={finished.results}"),
        cwd=finished.cwd,
    )
    return jobs(ended.stdout, finished.cwd)


def of_the_study(path: Path, finished: Finished) -> bool:
    """Whether it is a shipped table or a file of the study, and no temporary one."""
    if path.suffix in (".py", ".pyc") or any(part.startswith(".") for part in path.parts):
        return False
    if path.is_relative_to(finished.folder):
        # Snakemake's times of other jobs, which the report tells.
        return not path.is_relative_to(finished.folder / "benchmarks")
    return path.is_relative_to(CHECKOUT)


def test_rules_name_each_file_that_their_commands_open(
    finished: Finished, all_jobs: list[Job]
) -> None:
    hashed = {path for folder, kind in DECIDING for path in (CHECKOUT / folder).glob(kind)}
    by_command: dict[tuple[str, ...], list[Job]] = {}
    unnamed: dict[str, set[str]] = {}
    seen = set()
    for line in finished.opened.read_text().splitlines():
        arguments, name, _ = json.loads(line)
        path = Path(name)
        module = arguments[1] if arguments[:1] == ["-m"] else ""
        if module.split(".")[0] not in ("study", "models", "simulations", "analysis"):
            continue
        # A folder is opened to be synced after a file in it was renamed.
        if module == "study.launch" or path.is_dir() or not of_the_study(path, finished):
            continue
        command = tuple(arguments)
        if command not in by_command:
            by_command[command] = [job for job in all_jobs if job.runs(arguments)]
        for job in by_command[command]:
            seen.add(job.rule)
            # The record hashes whatever is there; a solve hashes what decides it.
            exempt = job.rule == "provenance" or (job.rule in SOLVES and path in hashed)
            if not names(job, path) and not exempt:
                unnamed.setdefault(job.rule, set()).add(name)
    assert unnamed == {}
    assert seen == {job.rule for job in all_jobs} - {"all"}


SOLVES = ("reference", "predict")


def names(job: Job, path: Path) -> bool:
    """Whether a job names a file, or a folder that it lies in."""
    return not job.known.isdisjoint([path, *path.parents])


def test_each_file_of_a_study_is_made_by_a_rule(finished: Finished, all_jobs: list[Job]) -> None:
    """What OpenSim writes included, which no hook sees; the run's own record alone is of none."""
    made = {path for job in all_jobs for path in job.known}
    made.add(finished.folder / run_record.FILE)
    there = {path for path in finished.folder.rglob("*") if path.is_file()}
    folders = {path for path in made if path.is_dir()}
    left = {path for path in there - made if folders.isdisjoint(path.parents)}
    assert {path for path in left if path.name[0] != "." and path.suffix != ".log"} == set()
    assert {path for path in made - folders if path.is_relative_to(finished.folder)} <= there

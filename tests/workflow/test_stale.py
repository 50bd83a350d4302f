"""What is stored is answered with only if it was made for what is asked, and that without any help
of Snakemake's own records: here a study's files are stored, but no .snakemake beside them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from formats.origin import solver_code
from study import launch
from study.cases import cases
from study.keys import read
from study.requests import Requests, older
from study.workflow import Layout, results_folder
from tests.workflow.conftest import CHECKOUT, planned, snakemake
from tests.workflow.jobs import jobs

QUICK = CHECKOUT / "config" / "quick.yaml"
NOTHING = "Nothing to be done"


def requests_of(layout: Layout) -> dict[Path, str]:
    """The content of each file of a study that says what was asked for."""
    asked, folder = Requests(layout), layout.folder
    found = {
        folder / "config.yaml": asked.config(),
        folder / "cases.csv": asked.cases(),
        folder / "claims.request.json": asked.rule(),
    }
    for runner in layout.runners:
        found[layout.runner(runner) / "request.json"] = asked.runner(runner)
        found[layout.runner(runner) / "dynamometer.request.json"] = asked.dynamometer(runner)
    for name, run in layout.references.items():
        found[folder / "reference" / name / "request.json"] = asked.reference(run)
    for name in layout.cases:
        found[folder / name / "case.json"] = asked.case(name)
        found[folder / name / "request.json"] = asked.solve(name)
        found[folder / name / "strength.request.json"] = asked.strength(name)
        found[folder / name / "certify.request.json"] = asked.certify(name)
    return found


@dataclass(frozen=True)
class Stored:
    """A folder in which results/quick holds all files of config/quick.yaml, of one moment."""

    cwd: Path

    @property
    def folder(self) -> Path:
        return self.cwd / "results" / "quick"

    def plan(
        self, *more: str, results: str | Path = "results", cwd: Path | None = None, **changes: Any
    ) -> subprocess.CompletedProcess[str]:
        """A dry run of the quick study with some keys changed."""
        keys = yaml.safe_load(QUICK.read_text()) | changes
        config = self.cwd / "asked.yaml"
        config.write_text(yaml.safe_dump(keys))
        given = ("-n", "--cores", "1", "--configfile", config, "--config", f"results={results}")
        ended = snakemake(*given, *more, cwd=cwd or self.cwd)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return ended


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Stored:
    cwd = tmp_path_factory.mktemp("stored")
    ended = snakemake("-n", "-p", "--cores", "1", "--configfile", QUICK, cwd=cwd)
    layout = Layout(read(QUICK), Path("results"))
    content = {cwd / path: text for path, text in requests_of(layout).items()}
    solver = json.dumps({"status": "converged", "made": {"code": solver_code()}})
    paths = [path for job in jobs(ended.stdout, cwd) for path in job.files.get("output", [])]
    assert set(content) <= set(paths)
    now = time.time()
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content.get(path, solver if path.name == "solver.json" else ""))
        os.utime(path, (now, now))
    return Stored(cwd)


@pytest.fixture
def stored(whole: Stored, tmp_path: Path) -> Stored:
    """A copy of its own, with the times of its files."""
    shutil.copytree(whole.cwd / "results", tmp_path / "results")
    return Stored(tmp_path)


def test_what_is_asked_and_stored_is_not_made_again(whole: Stored) -> None:
    ended = whole.plan()
    assert NOTHING in ended.stdout
    assert "stored run" not in ended.stderr


@pytest.mark.parametrize(
    ("changes", "solved"),
    [
        ({"mesh_intervals": 60}, {"reference": 1, "predict": 3}),
        ({"tracking_weight": 0.2}, {"reference": 1, "predict": 3}),
        ({"doses_percent": [60, 90, 100, 117]}, {"predict": 1}),
    ],
)
def test_another_configuration_is_made(
    whole: Stored, changes: dict[str, Any], solved: dict[str, int]
) -> None:
    ended = whole.plan(**changes)
    counts = planned(ended.stdout)
    assert {rule: counts.get(rule, 0) for rule in solved} == solved
    assert counts["collect"] == counts["claims"] == 1
    stale = "4 stored runs" in ended.stderr and "another configuration: made again" in ended.stderr
    assert stale == ("reference" in solved)


def test_folder_of_results_is_one_however_it_is_spelled(
    whole: Stored, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "link").symlink_to(whole.cwd / "results")
    assert NOTHING in whole.plan(results=tmp_path / "link").stdout
    elsewhere = whole.plan(results=tmp_path / "link", cwd=tmp_path, mesh_intervals=60)
    assert planned(elsewhere.stdout)["predict"] == 3
    monkeypatch.chdir(whole.cwd)
    spelled = ["results", "results/", "./results", whole.cwd / "results", tmp_path / "link"]
    assert {results_folder(given) for given in spelled} == {Path("results")}
    monkeypatch.chdir(tmp_path)
    assert results_folder("link") == whole.cwd.resolve() / "results"


def test_a_run_that_keeps_no_request_is_made_again(stored: Stored) -> None:
    first = cases(read(QUICK))[1].case
    (stored.folder / first / "request.json").unlink()
    ended = stored.plan()
    assert planned(ended.stdout)["predict"] == 1
    assert f"1 stored run ({first}) not known to be what is asked: made again" in ended.stderr


def test_a_missing_motion_is_made_again(stored: Stored) -> None:
    """Snakemake itself does not miss a file that only files which are there were made from."""
    first = cases(read(QUICK))[1].case
    (stored.folder / first / "motion.sto").unlink()
    assert planned(stored.plan().stdout)["predict"] == 1


def test_older_code_is_told_and_solved_again_when_asked(stored: Stored) -> None:
    last = stored.folder / cases(read(QUICK))[-1].case
    (last / "solver.json").write_text(json.dumps({"made": {"code": "another", "commit": "c0ffee"}}))
    then = (last / "motion.sto").stat().st_mtime_ns
    os.utime(last / "solver.json", ns=(then, then))
    assert older(last)
    ended = stored.plan()
    assert NOTHING in ended.stdout
    said = f"1 stored run ({last.name}) solved by older code: make study AGAIN=1 solves them again"
    assert said in ended.stderr
    assert planned(stored.plan("again=1").stdout)["predict"] == 1


def test_what_decides_a_solve_is_the_code_of_two_stages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("simulations/solving/run.py", "models/muscle_groups.yaml", "docs/engine.md"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("one")
    monkeypatch.setattr("formats.origin.CHECKOUT", tmp_path)
    hash_now = solver_code.__wrapped__
    before = hash_now()
    (tmp_path / "docs" / "engine.md").write_text("two")
    assert hash_now() == before
    (tmp_path / "models" / "muscle_groups.yaml").write_text("two")
    assert hash_now() != before


def test_changed_muscle_groups_change_the_runners(stored: Stored, tmp_path: Path) -> None:
    checkout = tmp_path / "checkout"
    for name in ("analysis", "config", "models", "simulations", "formats", "study", "Snakefile"):
        if (CHECKOUT / name).is_dir():
            shutil.copytree(CHECKOUT / name, checkout / name)
        elif (CHECKOUT / name).exists():
            shutil.copy2(CHECKOUT / name, checkout / name)
    given = ("-n", "--cores", "1", "--configfile", QUICK, "--snakefile", checkout / "Snakefile")
    assert NOTHING in snakemake(*given, cwd=tmp_path).stdout
    groups = checkout / "models" / "muscle_groups.yaml"
    groups.write_text(groups.read_text() + "# changed\n")
    later = time.time() + 60
    os.utime(groups, (later, later))
    counts = planned(snakemake(*given, cwd=tmp_path).stdout)
    assert (counts["strength"], counts["predict"], counts["dynamometer"]) == (3, 3, 1)
    assert "runner" not in counts


def test_a_case_without_a_row_or_none_certified_is_an_error(tmp_path: Path) -> None:
    study = read(QUICK)
    names = [case.case for case in cases(study)]
    table = tmp_path / "outcomes.csv"
    assert "outcomes.csv: no such file" in launch.fault(study, tmp_path)
    table.write_text("case,status\n" + "".join(f"{name},certified\n" for name in names[:1]))
    assert launch.fault(study, tmp_path) == f"{table}: no row for case {names[1]} (and 1 more)"
    table.write_text("case,status\n" + "".join(f"{name},failed\n" for name in names))
    assert launch.fault(study, tmp_path) == f"{table}: none of 3 cases is certified"
    table.write_text("case,status\n" + "".join(f"{name},certified\n" for name in names))
    assert launch.fault(study, tmp_path) == ""


def test_after_a_crash_the_cases_that_are_not_finished_are_known(
    stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their folders still hold an earlier run's certificate, which is not theirs."""
    last = cases(read(QUICK))[-1].case
    (stored.folder / last / "solver.json").unlink()
    (stored.folder / last / "request.json").unlink()
    monkeypatch.chdir(stored.cwd)
    found = launch.unfinished(str(QUICK), Path("results"))
    assert found == {last}
    for name, content in (
        ("outcomes.json", {"status": "computed"}),
        ("head.json", {}),
        ("two_way.json", {"instants": []}),
        ("certificate.json", {"certified": True}),
    ):
        for case in cases(read(QUICK)):
            (stored.folder / case.case / name).write_text(json.dumps(content))
    collect = [sys.executable, "-m", "analysis.collect", "--study", str(stored.folder)]
    subprocess.run([*collect, "--unfinished"], input="\n".join(found), text=True, check=True)
    rows = pd.read_csv(stored.folder / "outcomes.csv").set_index("case")
    assert (rows["status"] == "certified").sum() == 2
    assert rows.loc[last, "reason"] == "not finished: a step before its outcomes failed"

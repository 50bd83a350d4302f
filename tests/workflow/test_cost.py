"""A study tells what it will cost before it starts, from measured times."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from config import cost
from config.cases import cases
from config.layout import Layout
from config.study import read
from tests.workflow.conftest import CHECKOUT, Write, python

QUICK, FULL = (CHECKOUT / "config" / f"{name}.yaml" for name in ("quick", "full"))
STEPS = {s: {"seconds": 1, "memory_mb": 200, "mesh": 40} for s in (*cost.ANALYSIS, cost.RUNNER)}
SOLVES = {s: {"seconds": 10, "memory_mb": 300, "mesh": 40} for s in (cost.PREDICT, cost.REFERENCE)}
COSTS: cost.Costs = {"planar": STEPS | SOLVES, "spatial": STEPS | SOLVES}


def told(config: Path, results: Path, cores: int = 1) -> cost.Cost:
    return cost.estimate(Layout(read(config), results), COSTS, cores)


def test_what_is_left_is_counted(tmp_path: Path) -> None:
    """A reference run and three cases of the planar runner, 10 s each, and 7 s of analysis."""
    first = told(QUICK, tmp_path)
    assert (first.cases, first.solves) == (3, 4)
    assert first.core_s == 10 + 1 + 3 * (10 + 7)
    assert first.wall_s == pytest.approx(first.core_s)
    assert told(QUICK, tmp_path, cores=3).wall_s < first.wall_s / 2
    assert first.memory_mb == 300
    name = cases(read(QUICK))[1].case
    (tmp_path / "quick" / name).mkdir(parents=True)
    (tmp_path / "quick" / name / "solver.json").write_text("{}")
    assert told(QUICK, tmp_path).solves == 3


def test_finer_meshes_and_single_legs_cost_more(write_config: Write, tmp_path: Path) -> None:
    usual = told(QUICK, tmp_path).core_s
    assert told(write_config(mesh_intervals=80), tmp_path).core_s == usual + 4 * 10
    assert told(write_config(sides=["left"]), tmp_path).core_s == usual + 2 * 10


def test_benchmarks_of_a_finished_study_are_the_source(tmp_path: Path) -> None:
    study = read(QUICK)
    folder = tmp_path / "quick"
    folder.mkdir()
    (folder / "config.yaml").write_text(QUICK.read_text())
    for number, case in enumerate(cases(study)):
        path = folder / "benchmarks" / case.case / "predict.tsv"
        path.parent.mkdir(parents=True)
        path.write_text(f"s\tmax_rss\n{2 + number}.0\t{100 + number}\n")
    (path.parent / "certify.tsv").write_text("s\tmax_rss\n-\tNA\n")
    measured = cost.measure([folder, tmp_path / "nowhere"])
    assert measured == {"planar": {"predict": {"seconds": 3.0, "memory_mb": 101.0, "mesh": 40.0}}}
    known = cost.known(tmp_path)
    assert known["planar"]["predict"]["seconds"] == 3.0
    assert known["planar"]["certify"] == cost.known(tmp_path / "nowhere")["planar"]["certify"]


def test_a_long_study_asks_on_a_terminal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    hours = cost.Cost(10, 10, 9e3, 9e3, 1e3, 1)
    assert cost.consent(hours, yes=False)  # no terminal here: nobody to ask
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    for answer, expected in (("", False), ("n", False), ("y", True), ("Yes", True)):
        monkeypatch.setattr("builtins.input", lambda _, answer=answer: answer)
        assert cost.consent(hours, yes=False) is expected
    monkeypatch.setattr("builtins.input", lambda _: pytest.fail("asked"))
    assert cost.consent(hours, yes=True)
    assert cost.consent(cost.Cost(10, 10, 60, 60, 1e3, 1), yes=False)


def test_the_command_runs_nothing(tmp_path: Path) -> None:
    ended = python("config.cost", "--config", FULL, "--cores", "64", cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.startswith("study full: ")
    assert " solves for " in ended.stdout
    assert not (tmp_path / "results").exists()
    assert python("config.cost", "--cores", "0", cwd=CHECKOUT).stderr.startswith("error: --cores 0")

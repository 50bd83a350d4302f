"""A study tells what it will cost before it starts, from measured times."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest
import yaml

from formats.case import MOTION_FILES
from formats.yaml import read as read_yaml
from study import cost, launch, machine, speeds
from study.cases import cases
from study.keys import read
from study.requests import Requests
from study.workflow import Layout
from tests.workflow.conftest import CHECKOUT, Write, python

QUICK, FULL = (CHECKOUT / "config" / f"{name}.yaml" for name in ("quick", "full"))
MESH = read(QUICK).mesh_intervals
STEPS = {s: {"seconds": 1, "memory_mb": 200, "mesh": MESH} for s in (*cost.ANALYSIS, cost.RUNNER)}
SOLVES = {
    s: {"seconds": 10, "memory_mb": 300, "mesh": MESH} for s in (cost.PREDICT, cost.REFERENCE)
}
COSTS: cost.Costs = {"planar": STEPS | SOLVES, "spatial": STEPS | SOLVES}


def told(config: Path, results: Path, cores: int = 1) -> cost.Cost:
    return cost.estimate(Layout(read(config), results), COSTS, cores)


def test_what_is_left_is_counted(tmp_path: Path) -> None:
    """A reference run and three cases of the planar runner, 10 s each, and 3 s of analysis."""
    first = told(QUICK, tmp_path)
    assert (first.cases, first.solves) == (3, 4)
    assert first.core_s == 10 + 1 + 3 * (10 + 3)
    assert first.wall_s == pytest.approx(first.core_s)
    assert told(QUICK, tmp_path, cores=3).wall_s < first.wall_s / 2
    assert first.memory_mb == 300
    name = cases(read(QUICK))[1].case
    folder = tmp_path / "quick" / name
    folder.mkdir(parents=True)
    for file in ("solver.json", *MOTION_FILES.values()):
        (folder / file).write_text("{}")
    (folder / "request.json").write_text("of another configuration")
    assert told(QUICK, tmp_path).solves == 4
    asked = Requests(Layout(read(QUICK), tmp_path))
    (folder / "request.json").write_text(asked.solve(name))
    assert told(QUICK, tmp_path).solves == 3


def test_what_a_study_has_once_is_counted_once(tmp_path: Path) -> None:
    rest = {"seconds": 7.0, "memory_mb": 50.0, "mesh": MESH}
    once: cost.Costs = {who: steps | {cost.REST: rest} for who, steps in COSTS.items()}
    usual = told(QUICK, tmp_path).core_s
    layout = Layout(read(QUICK), tmp_path)
    assert cost.estimate(layout, once, 1).core_s == usual + 7


def test_finer_meshes_and_single_legs_cost_more(write_config: Write, tmp_path: Path) -> None:
    usual = told(QUICK, tmp_path).core_s
    assert told(write_config(mesh_intervals=2 * MESH), tmp_path).core_s == usual + 4 * 10
    assert told(write_config(sides=["left"]), tmp_path).core_s == usual + 2 * 10


def test_benchmarks_of_a_finished_study_are_the_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "yardstick", lambda: 1.0)
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
    assert measured == {"planar": {"predict": {"seconds": 3.0, "memory_mb": 101.0, "mesh": MESH}}}
    for number, step in enumerate(("report", "figures/strength", "dynamometer/planar")):
        path = folder / "benchmarks" / f"{step}.tsv"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"s\tmax_rss\n{1 + number}.0\t{50 + number}\n")
    rest = cost.measure([folder])["planar"][cost.REST]
    assert rest == {"seconds": 6.0, "memory_mb": 52.0, "mesh": MESH}
    known = cost.known(tmp_path)
    assert known["planar"]["predict"]["seconds"] == 3.0
    assert known["planar"]["certify"] == cost.known(tmp_path / "nowhere")["planar"]["certify"]


def test_shipped_costs_follow_the_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Twice as slow on the yardstick, twice the time; at most three times is believed."""
    shipped = read_yaml(cost.FILE)
    usual = shipped["costs"]["planar"]["predict"]["seconds"]
    for factor, expected in ((1.0, 1.0), (2.0, 2.0), (0.5, 0.5), (100.0, 3.0), (0.01, 1 / 3)):
        taken = factor * shipped[cost.YARDSTICK]
        monkeypatch.setattr(machine, "yardstick", lambda taken=taken: taken)
        known = cost.known(tmp_path)["planar"]["predict"]
        assert known["seconds"] == pytest.approx(expected * usual)
        assert known["memory_mb"] == shipped["costs"]["planar"]["predict"]["memory_mb"]


def test_the_yardstick_is_a_time() -> None:
    assert machine.yardstick() > 0.0


def test_measured_runners_have_costs_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever a runner is called; of a step on several cores all of them count."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(CHECKOUT / "tests" / "workflow" / "planar_trial", "my_runner")
    Path("my_runner/model.osim").write_text("no cost looks into it")
    keys = {"runners": ["my_runner"], "problem": "inverse", "doses_percent": [80, 100]}
    config = tmp_path / "mine.yaml"
    config.write_text(yaml.safe_dump({"name": "own", **keys, "mesh_intervals": MESH}))
    study = read(config)
    folder = tmp_path / "results" / "own"
    runners = folder / "benchmarks" / "runners"
    runners.mkdir(parents=True)
    shutil.copyfile(config, folder / "config.yaml")
    (runners / "my_runner.tsv").write_text("s\tmax_rss\n17\t300\n")
    for case in cases(study):
        path = folder / "benchmarks" / case.case / "inverse.tsv"
        path.parent.mkdir()
        path.write_text("s\tmax_rss\tcpu_time\n12.0\t300\t20.0\n")
    (folder / "benchmarks" / "report.tsv").write_text("s\tmax_rss\n5\t300\n")
    found = cost.measure([folder])
    assert set(found) == {cost.MEASURED}
    assert found[cost.MEASURED][cost.REST]["seconds"] == 5.0
    assert found[cost.MEASURED][cost.INVERSE]["seconds"] == 20.0
    steps = {s: {"seconds": 1.0, "memory_mb": 9.0, "mesh": MESH} for s in cost.ANALYSIS}
    costs = COSTS | {cost.MEASURED: found[cost.MEASURED] | steps}
    left = cost.estimate(Layout(study, tmp_path / "elsewhere"), costs, 2)
    assert left.core_s == pytest.approx(17 + 2 * (20 + 3) + 5)


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
    ended = python("study.cost", "--config", FULL, "--cores", "64", cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.startswith("study full: ")
    assert " solves for " in ended.stdout
    assert not (tmp_path / "results").exists()
    assert python("study.cost", "--cores", "0", cwd=CHECKOUT).stderr.startswith("error: --cores 0")


def test_a_speed_without_a_certified_run_is_told(write_config: Write, tmp_path: Path) -> None:
    """4.5 m/s was tried and 2 m/s never; one certified run in the folder of results is enough."""
    study = read(write_config(speeds_m_s=[3.5, 4.5, 2]))
    assert [line.split(" so far ")[0] for line in speeds.warnings(cases(study), tmp_path)] == [
        "note: no run of the planar runner has been certified at 4.5 m/s",
        "note: no run of the planar runner has been certified at 2 m/s",
    ]
    assert "15 of 15 converged" in speeds.warnings(cases(study), tmp_path)[0]
    (tmp_path / "one").mkdir()
    table = tmp_path / "one" / "outcomes.csv"
    table.write_text("runner,speed_m_s,status\nplanar,4.5,failed\nplanar,2,certified\n")
    assert len(speeds.warnings(cases(study), tmp_path)) == 1


def test_the_note_on_a_speed_comes_before_the_cost(write_config: Write, tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        said: list[str] = []
        patch.setattr("builtins.print", lambda *words, **_: said.append(" ".join(map(str, words))))
        patch.setattr(cost, "consent", lambda *_: False)
        config = write_config(speeds_m_s=[4.5])
        assert launch.run(read(config), str(config), 1, tmp_path) == 0
    kinds = [line.split()[0] for line in said]
    assert kinds == ["study", "note:", "4", "not"]


def test_people_cost_what_they_are_in_number(write_config: Write, tmp_path: Path) -> None:
    """A thousand people cost a hundred times as much as ten, but for the two runners below them."""
    plain = {"runners": ["people"], "mesh_intervals": 40}
    ten, hundred, thousand = (
        told(write_config(people=number, **plain), tmp_path).core_s for number in (10, 100, 1000)
    )
    assert hundred - ten == pytest.approx(90 * (thousand - hundred) / 900)
    assert thousand == pytest.approx(100 * ten, rel=0.1)

"""The benchmark's own arithmetic and reading of logs; neither engine runs here."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks import (
    against_moco,
    case_speed,
    commands,
    default_study,
    moco_side,
    speed_table,
)
from benchmarks.machine import machine, peak_memory_gib
from benchmarks.records import Ready, Timed
from benchmarks.tables import renew, table
from formats.run_record import RunRecord
from study.keys import read

from .conftest import CHECKOUT, python

LOG = """\
[info] Number of threads: 2
Total number of variables............................:     1085
Total number of equality constraints.................:      901
Total number of inequality constraints...............:        0
iter    objective    inf_pr   inf_du lg(mu)  ||d||  lg(rg) alpha_du alpha_pr  ls
   0  1.9262982e+00 3.42e-11 3.36e+00   0.0 0.00e+00    -  0.00e+00 0.00e+00   0
   1r 2.5000000e+00 1.00e+01 3.36e+00   0.0 0.00e+00    -  0.00e+00 0.00e+00   0
   2 -4.5000000e+00 1.00e-01 3.36e+00   0.0 0.00e+00    -  0.00e+00 0.00e+00   0
Number of Iterations....: 2
   nlp_grad_f  |  52.66 s (  6.58 s)  61.01 s (  7.63 s)         8
    nlp_jac_g  |   5.00 s (500.00ms)   6.00 s (600.00ms)        10
        total  | 165.68 s (165.68 s) 188.85 s (188.85 s)         1
"""


@pytest.fixture
def sides() -> tuple[dict[str, Any], dict[str, Any]]:
    terms = (
        "metabolic",
        "excitation",
        "acceleration",
        "tendon",
        "actuator",
        "habit",
        "stride_time",
    )
    engine = {
        "unknowns": 1091,
        "constraints": 907,
        "threads": 1,
        "solve": {
            "finished": True,
            "status": "Solve_Succeeded",
            "iterations": 100,
            "seconds": 8.0,
            "seconds_per_iteration": 0.08,
            "processor_seconds_per_iteration": 0.07,
            "objective": dict.fromkeys(terms, 0.5),
            "objective_total": 3.5,
        },
        "limited_memory": {"seconds_per_iteration": 0.05},
        "machine": {"cpu": "A CPU", "cores": 2, "memory_gib": 4.0, "system": "Linux x86_64"},
        "versions": {"python": "3.11.7", "casadi": "3.8.2"},
    }
    moco = {
        "unknowns": 1085,
        "constraints": 901,
        "threads": 2,
        "solve": {
            "finished": False,
            "iterations": 5,
            "seconds": 40.0,
            "seconds_per_iteration": 4.0,
            "processor_seconds_per_iteration": 5.6,
        },
        "at_engine_solution": {
            "constraint_violation": 3.4e-11,
            "objective": {"effort": 1.0, "metabolic": 0.25, "habit": 0.5},
            "objective_total": 1.75,
        },
        "versions": {"python": "3.11.7", "opensim": "4.6"},
    }
    return engine, moco


def test_ratios_are_moco_over_engine(sides: tuple[dict[str, Any], dict[str, Any]]) -> None:
    found = against_moco.ratios(*sides)
    assert found["per_iteration"] == pytest.approx(50)
    assert found["per_iteration_limited_memory"] == pytest.approx(80)
    assert found["per_iteration_idle"] == pytest.approx(40)
    assert found["per_solve"] == pytest.approx(5)
    assert found["per_solve_is_lower_bound"]


def test_report_says_what_did_not_finish(sides: tuple[dict[str, Any], dict[str, Any]]) -> None:
    text = against_moco.report(*sides, intervals=25)
    assert "not finished after 5 iterations, 40 s" in text
    assert ">= 5" in text
    assert "A CPU, 2 cores" in text and "casadi 3.8.2, opensim 4.6" in text
    sides[1]["solve"]["finished"] = True
    finished = against_moco.report(*sides, intervals=25)
    assert "not finished" not in finished and ">=" not in finished


def test_terms_stand_beside_moco_terms(sides: tuple[dict[str, Any], dict[str, Any]]) -> None:
    rows = against_moco.objectives(*sides)
    assert ["excitation + actuator", "1.000000", "1.000000"] in rows
    assert ["tendon", "0.500000", "-"] in rows
    assert rows[-1] == ["sum", "3.500000", "1.750000"]


def test_table_lines_up() -> None:
    lines = table(["a", "long"], [["first", "1"], ["b", "22"]]).splitlines()
    assert lines == [
        "| a     | long |",
        "| ----- | ---: |",
        "| first |    1 |",
        "| b     |   22 |",
    ]


def test_log_of_moco_is_read() -> None:
    lines = [(float(i), line) for i, line in enumerate(LOG.splitlines())]
    found = moco_side.read_log(lines)
    assert (found["unknowns"], found["constraints"], found["threads"]) == (1085, 901, 2)
    assert [i["number"] for i in found["iterations"]] == [0, 1, 2]
    assert found["iterations"][2]["objective"] == -4.5
    assert found["iterations"][0]["violation"] == 3.42e-11
    assert found["processor_s"] == pytest.approx({"nlp_grad_f": 6.58, "nlp_jac_g": 0.5})
    assert moco_side.per_iteration(found["iterations"]) == pytest.approx(1.0)
    with pytest.raises(ValueError, match="no iteration"):
        moco_side.per_iteration(found["iterations"][:1])


def test_clock_stands_beside_each_line(tmp_path: Path) -> None:
    script = "import time\nfor i in range(3):\n print(i)\n time.sleep(0.2)"
    began = time.perf_counter()
    lines = moco_side.watched([sys.executable, "-c", script], tmp_path)
    assert [text for _, text in lines] == ["0", "1", "2"]
    steps = np.diff([clock for clock, _ in lines])
    assert np.all(steps > 0.15), "lines came in one lump"
    assert lines[-1][0] <= time.perf_counter() - began
    with pytest.raises(ValueError, match="code 3: no"):
        moco_side.watched([sys.executable, "-c", "print('no'); raise SystemExit(3)"], tmp_path)


def test_options_are_parsed_and_checked() -> None:
    args = against_moco.parse(["--intervals", "10", "--out", "somewhere"])
    assert (args.intervals, args.moco_iterations, args.out) == (10, 5, Path("somewhere"))
    assert args.norms.is_file()
    for words in (["--intervals", "1"], ["--moco-iterations", "0"]):
        with pytest.raises(ValueError, match="must be at least"):
            against_moco.parse(words)


def test_bad_option_is_one_line(tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = python("benchmarks.against_moco", "--intervals", "0", "--out", out, cwd=CHECKOUT)
    assert done.returncode == 2
    assert done.stderr.splitlines() == ["error: --intervals 0: must be at least 2"]
    assert not out.exists()


def test_failing_stage_says_why(tmp_path: Path) -> None:
    missing = {"runner": tmp_path / "nowhere", "out": tmp_path / "out"}
    with pytest.raises(ValueError, match=r"benchmarks\.engine_side ended with code 2: .*nowhere"):
        commands.run("benchmarks.engine_side", missing)


def test_machine_is_described() -> None:
    here = machine()
    assert here["cores"] >= 1 and here["cpu"] and here["memory_gib"] > 0
    assert 0.01 < peak_memory_gib() < 100


def made_solve(seconds: float, converged: bool = True) -> Timed:
    return {
        "converged": converged,
        "status": "Solve_Succeeded" if converged else "Restoration_Failed",
        "unknowns": 100,
        "iterations": 10,
        "seconds": seconds,
        "processor_seconds": seconds / 2,
        "seconds_per_iteration": seconds / 10,
        "processor_seconds_per_iteration": seconds / 20,
        "profile": {"jacobian": 1.0},
        "peak_memory_gib": 0.5,
    }


def test_rows_of_speed_add_up() -> None:
    planar = {"cold": made_solve(20.0), "warm": made_solve(1.0, converged=False)}
    spatial = {"lifted": made_solve(30.0), "warm": made_solve(4.0)}
    ready: Ready = {
        "starting": 0.5,
        "reading": 0.1,
        "processor_seconds": 0.3,
        "seconds": 0.4,
        "unknowns": 9,
    }
    rows = {row.what: row for row in speed_table.solve_rows(ready, planar, spatial)}
    cold = rows["three dimensions from the norm curves"]
    assert (cold.clock, cold.used, cold.note) == (50.0, 25.0, "20 iterations")
    assert "Restoration_Failed" in rows["planar neighbouring dose, solve"].note
    whole = speed_table.together([planar["cold"], spatial["lifted"]])
    assert whole["profile"] == {"jacobian": 2.0} and whole["seconds_per_iteration"] == 2.5
    assert not speed_table.together([planar["warm"], spatial["warm"]])["converged"]


def test_times_on_a_busy_machine_are_marked() -> None:
    row = speed_table.Row("a solve", "9 s", "1 s", 2.0, 1.0)
    idle, busy = (speed_table.report([row], "abc", "2 cores", loaded) for loaded in (0.0, 9.0))
    assert "2.00 s |" in idle and "2.00 s* |" in busy and "1.00 s |" in busy
    assert "Other work took 9.0 cores" in busy and "Other work" not in idle


def test_study_without_a_whole_run_has_no_time() -> None:
    assert speed_table.study_row(None).clock is None
    kept: RunRecord = {
        "commit": "0123456789",
        "changed": False,
        "ended": "2026-01-01T00:00:00+00:00",
        "processor": "A CPU",
        "cores": 2,
        "whole": True,
        "solves": 21,
        "forecast_s": 600.0,
        "forecast_core_s": 1200.0,
        "seconds": 750.0,
        "processor_seconds": 1000.0,
    }
    row = speed_table.study_row(kept)
    assert row.clock == pytest.approx(12.5) and row.made == "0123456"
    assert "0.80 on the clock, 1.20 of processor time" in row.note
    assert speed_table.study_row(kept | {"whole": False}).clock is None


def test_what_stands_between_marks_is_replaced(tmp_path: Path) -> None:
    page, marks = tmp_path / "page.md", ("<!-- a -->", "<!-- b -->")
    page.write_text("before\n<!-- a -->\nold\n<!-- b -->\nafter\n")
    renew(page, "new", marks)
    assert page.read_text() == "before\n<!-- a -->\nnew\n<!-- b -->\nafter\n"
    page.write_text("<!-- b --> <!-- a -->")
    with pytest.raises(ValueError, match="must stand there once, in order"):
        renew(page, "new", marks)


def test_page_has_the_marks_of_its_tables() -> None:
    text = (CHECKOUT / "docs" / "performance.md").read_text()
    for mark in speed_table.MARKS:
        assert text.count(mark) == 1


def test_step_of_a_case_is_timed_and_fails_loudly() -> None:
    taken = case_speed.step("formats.checkout")
    assert taken["processor_seconds"] > 0 and 0.005 < taken["peak_memory_gib"] < 2
    with pytest.raises(ValueError, match="no_such_module failed"):
        case_speed.step("no_such_module")


def test_default_study_is_what_is_posed() -> None:
    wanted = default_study.asked()
    study = read(default_study.STUDY)
    assert wanted.objective in study.objectives and wanted.habit_weight == study.habit_weights[0]
    row = wanted.case(80.0)
    assert row["mesh_intervals"] == study.mesh_intervals and row["cadence"] == "free"

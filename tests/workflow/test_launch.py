"""The launcher: one run of a study at a time, and the table it closes with."""

from __future__ import annotations

import fcntl
import subprocess
import sys
import time
from pathlib import Path

import pytest

from analysis.status import lines
from study.launch import check_profile
from tests.workflow.conftest import CHECKOUT, Write, python


def test_second_run_of_a_study_is_refused(write_config: Write, tmp_path: Path) -> None:
    folder = tmp_path / "results" / "quick"
    folder.mkdir(parents=True)
    with (folder / ".lock").open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        ended = python("study.launch", "--config", write_config(), cwd=tmp_path)
    assert ended.returncode == 2
    assert ended.stderr == (
        "error: results/quick: another run of this study is going on; wait for it\n"
    )


def test_closing_table_names_what_failed() -> None:
    good = {"case": "a", "status": "certified", "iterations": "36.0", "solve_time_s": "4.21"}
    bad = {"case": "bb", "status": "failed", "reason": "Ipopt: out of iterations"}
    assert lines([good, bad]) == [
        "case  status     iterations  seconds",
        "a     certified          36      4.2",
        "bb    failed              -        -",
        "failed: bb: Ipopt: out of iterations",
        "1 of 2 certified; failed: bb",
    ]
    assert lines([good])[-1] == "1 of 1 certified"


def test_closing_table_gives_both_scorecards() -> None:
    row = {"case": "a", "status": "certified", "dose_percent": "100", "norms_passed": "False"}
    row |= {"norms_kinematic_within_2_sd_percent": "91.667", "norms_kinematic_beyond_4_sd": "0"}
    row |= {"norms_kinetic_within_2_sd_percent": "71.43", "norms_kinetic_beyond_4_sd": "1.0"}
    told = "not believable: a: kinematic 92 % within 2 SD, 0 beyond 4; "
    told += "kinetic 71 % within 2 SD, 1 beyond 4"
    assert told in lines([row])
    for other in ({"dose_percent": "60"}, {"status": "failed"}, {"norms_passed": ""}):
        assert not any("believable" in line for line in lines([row | other]))


def test_model_that_cannot_run_ends_in_one_line(write_config: Write, tmp_path: Path) -> None:
    model = tmp_path / "mine.osim"
    model.write_text('<OpenSimDocument Version="40600"><Model name="mine"/></OpenSimDocument>')
    config = write_config(base_model=str(model))
    ended = python("study.launch", "--config", config, "--cores", "1", cwd=tmp_path)
    assert ended.returncode == 1
    errors = [line for line in ended.stdout.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1
    assert "Traceback" not in ended.stdout + ended.stderr
    assert ended.stderr == "error: a step failed, see above and results/quick/logs\n"
    assert not (tmp_path / "results" / "quick" / "runners").exists()
    assert not (tmp_path / "results" / "quick" / "outcomes.csv").exists()


def test_a_profile_without_its_plugin_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("executor: unheard-of\njobs: 3\n")
    with pytest.raises(ValueError, match="executor unheard-of needs the package snakemake-exec"):
        check_profile(tmp_path)
    (tmp_path / "config.yaml").write_text("cores: 3\n")
    check_profile(tmp_path)


PARENT = """
import os, subprocess
from study.child import end_with
own = os.getpid()
child = subprocess.Popen(["sleep", "60"], preexec_fn=lambda: end_with(own))
print(child.pid, flush=True)
child.wait()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
def test_snakemake_ends_with_a_killed_command() -> None:
    """Left behind, it would hold the study's folder for ever."""
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], cwd=CHECKOUT, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert Path(f"/proc/{child}").exists()
        parent.kill()
    status = Path(f"/proc/{child}/status")
    end = time.monotonic() + 10
    while time.monotonic() < end and status.exists() and "zombie" not in status.read_text():
        time.sleep(0.05)
    assert not status.exists() or "zombie" in status.read_text()

"""What a study prints while it runs, from Snakemake's own events."""

from __future__ import annotations

import json
from logging import ERROR, INFO, makeLogRecord
from pathlib import Path
from typing import Any

import pytest
from snakemake.settings.types import OutputSettings
from snakemake_interface_logger_plugins.common import LogEvent

from study import child, progress
from study.progress import LogHandler, TimeLeft, Told, step
from tests.workflow.conftest import CHECKOUT

TINY = CHECKOUT / "tests" / "workflow" / "tiny.yaml"


@pytest.fixture
def handler(monkeypatch: pytest.MonkeyPatch) -> LogHandler:
    monkeypatch.setattr(progress, "TOLD", Told(expected={"predict": 10.0}, cores=2))
    return LogHandler(OutputSettings(), None)


def tell(handler: LogHandler, event: LogEvent | None, **fields: Any) -> None:
    level = ERROR if event in (LogEvent.ERROR, LogEvent.JOB_ERROR) else INFO
    handler.emit(makeLogRecord({"event": event, "levelno": level, **fields}))


def test_each_finished_step_is_a_line(
    handler: LogHandler, capsys: pytest.CaptureFixture[str]
) -> None:
    tell(handler, LogEvent.RUN_INFO, stats={"predict": 2, "total": 2})
    for job in (1, 2):
        tell(
            handler,
            LogEvent.JOB_INFO,
            jobid=job,
            rule_name="predict",
            wildcards={"case": f"c{job}"},
        )
    tell(handler, None, msg="Building DAG of jobs...")
    tell(handler, LogEvent.JOB_FINISHED, job_id=2)
    tell(
        handler,
        LogEvent.JOB_ERROR,
        jobid=1,
        rule_name="predict",
        wildcards=None,
        log=["logs/a.log"],
    )
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "2 steps to run"
    assert lines[1].startswith("[1/2] predict c2: 0 s; about ")
    assert lines[1].endswith(" left")
    assert lines[2:] == ["failed: predict c1, see logs/a.log"]
    assert progress.TOLD.summary() == {
        "steps": 2, "failed": ["predict c1"], "cases": ["c1", "c2"]
    }  # fmt: skip


def test_an_error_is_one_line(handler: LogHandler, capsys: pytest.CaptureFixture[str]) -> None:
    text = 'Traceback (most recent call last):\n  File "a", line 1\nValueError: no such runner'
    tell(handler, LogEvent.ERROR, msg=text, exception="ValueError")
    tell(handler, LogEvent.ERROR, msg="WorkflowError:\nno rule\nfor it", exception="WorkflowError")
    tell(handler, LogEvent.ERROR, msg="RuleException: said before", exception="RuleException")
    assert capsys.readouterr().out.splitlines() == [
        "error: ValueError: no such runner",
        "error: WorkflowError: no rule for it",
    ]


def test_time_left_follows_the_pace() -> None:
    """Before anything is done, the steps' known times on all cores; then what the pace has been."""
    left = TimeLeft({"predict": 100.0, "figure": 10.0}, cores=2, started=0.0)
    left.planned({"predict": 20, "figure": 10})
    assert left.seconds(0.0) == pytest.approx(2100 / 2)
    for _ in range(10):
        left.finished("predict")
    half = left.seconds(500.0)
    assert half == pytest.approx(1100 / ((1000 + 120) / 560))
    assert left.seconds(5000.0) > 4 * half, "ten times slower than thought"
    assert TimeLeft({}, 1, 0.0).seconds(0.0) == 0.0


def test_names_of_steps() -> None:
    assert step("again", {"case": "a_v3.5", "how": "fine"}) == "again a_v3.5 fine"


def test_snakemake_tells_the_cases_that_have_a_step_to_run(tmp_path: Path) -> None:
    """By its own events: nothing of its text is read."""
    results = tmp_path / "results"
    ended = child.run([*child.arguments(str(TINY), results), "--dry-run"])
    assert ended.code == 0
    assert ended.steps > 20
    assert len(ended.cases) == 2
    assert json.dumps(ended.cases).count("planar_v3.5_") == 2
    assert not ended.failed

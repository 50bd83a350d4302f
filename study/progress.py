"""A log handler of Snakemake: one line for each finished step, with the time that is left.

Snakemake tells its log handlers events (a job is planned, started, finished, failed), not text;
study.steps registers this one. `TOLD` is what a run said, for the command that started it.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from logging import ERROR, LogRecord
from typing import TypedDict

from snakemake_interface_logger_plugins.base import LogHandlerBase
from snakemake_interface_logger_plugins.common import LogEvent

from formats.files import DEBUG
from study.cost import duration

USUAL_S = 2.0
"""Seconds of a step whose time was never measured."""
PRIOR_S = 60.0
"""Seconds of work at full use that the estimate starts from, before any step has ended."""
OF_JOBS = ("RuleException", "CalledProcessError")
"""Errors that repeat what the event of a failed job has said."""


class Summary(TypedDict):
    """What the command that started a run asks for: steps to run, those that failed, its cases."""

    steps: int
    failed: list[str]
    cases: list[str]


@dataclass
class Told:
    """What a run of Snakemake told.

    steps: how many it has to run; cases: those that it has a step to run for; failed: its steps.
    expected: seconds of a step by the name of its rule; cores: how many run at the same time.
    quiet: say nothing more, as when it is told to stop or plans without running.
    """

    steps: int = 0
    cases: dict[str, bool] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    expected: dict[str, float] = field(default_factory=dict)
    cores: int = 1
    quiet: bool = False

    def summary(self) -> Summary:
        """For JSON."""
        return {"steps": self.steps, "failed": self.failed, "cases": list(self.cases)}


TOLD = Told()


class TimeLeft:
    """Seconds until the last step ends, from the steps' known times and the pace so far."""

    def __init__(self, expected: dict[str, float], cores: int, started: float) -> None:
        self.expected, self.cores, self.started = expected, cores, started
        self.left: Counter[str] = Counter()
        self.done_s = 0.0

    def planned(self, counts: dict[str, int]) -> None:
        """How many steps of each rule are to be run."""
        self.left = Counter(counts)

    def finished(self, rule: str) -> None:
        """A step has ended."""
        self.left[rule] -= 1
        self.done_s += self._seconds(rule)

    def seconds(self, now: float) -> float:
        """The estimate at a time (s, on the clock that `started` was read from)."""
        pace = (self.done_s + PRIOR_S * self.cores) / (now - self.started + PRIOR_S)
        todo = sum(max(count, 0) * self._seconds(rule) for rule, count in self.left.items())
        return todo / max(pace, 1e-6)

    def _seconds(self, rule: str) -> float:
        return self.expected.get(rule, USUAL_S)


class LogHandler(LogHandlerBase):
    """Prints how a study goes; of Snakemake's own words, warnings and errors alone."""

    def __post_init__(self) -> None:
        self.jobs: dict[int, tuple[str, str, float]] = {}
        self.done = 0
        self.left = TimeLeft(TOLD.expected, TOLD.cores, time.monotonic())

    @property
    def writes_to_stream(self) -> bool:
        """In place of Snakemake's own handler."""
        return True

    @property
    def writes_to_file(self) -> bool:
        """Snakemake keeps its own log."""
        return False

    @property
    def has_filter(self) -> bool:
        """Every event comes here."""
        return True

    @property
    def has_formatter(self) -> bool:
        """Events are put into words here."""
        return True

    @property
    def needs_rulegraph(self) -> bool:
        """Not drawn."""
        return False

    def emit(self, record: LogRecord) -> None:
        """Count an event, and say it if it is for people."""
        event = getattr(record, "event", None)
        fields = record.__dict__
        if event == LogEvent.RUN_INFO:
            counts = dict(fields["stats"])
            TOLD.steps = int(counts.pop("total", 0))
            self.left.planned(counts)
            if TOLD.steps:
                self._say(f"{TOLD.steps} steps to run")
        elif event == LogEvent.JOB_INFO:
            wildcards = dict(fields["wildcards"] or {})
            self._planned(int(fields["jobid"]), str(fields["rule_name"]), wildcards)
        elif event == LogEvent.JOB_FINISHED:
            self._finished(int(fields["job_id"]))
        elif event == LogEvent.JOB_ERROR:
            name = step(fields["rule_name"], fields.get("wildcards") or {})
            known = self.jobs.get(int(fields["jobid"]))
            name = known[1] if known else name
            TOLD.failed.append(name)
            logs = ", ".join(map(str, fields.get("log") or []))
            self._say(f"failed: {name}{f', see {logs}' if logs else ''}")
        elif event == LogEvent.ERROR:
            self._error(str(record.getMessage()), str(fields.get("exception")))
        elif event is None and record.levelno >= ERROR:
            self._error(str(record.getMessage()), "")

    def _planned(self, job: int, rule: str, wildcards: Mapping[str, str]) -> None:
        if "case" in wildcards:
            TOLD.cases[str(wildcards["case"])] = True
        self.jobs[job] = (rule, step(rule, wildcards), time.monotonic())

    def _finished(self, job: int) -> None:
        rule, name, began = self.jobs.get(job, ("", f"step {job}", time.monotonic()))
        now = time.monotonic()
        self.done += 1
        self.left.finished(rule)
        left = self.left.seconds(now)
        rest = f"; about {duration(left)} left" if self.done < TOLD.steps else ""
        self._say(f"[{self.done}/{TOLD.steps}] {name}: {duration(now - began)}{rest}")

    def _error(self, text: str, kind: str) -> None:
        if kind in OF_JOBS or text.startswith("Exiting because a job execution failed"):
            return
        if os.environ.get(DEBUG):
            self._say(text)
            return
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        lines = [line for line in lines if not line.startswith(('File "', "Traceback", "^"))]
        if lines and "At least one job did not complete" not in text:
            # A traceback ends with what is wrong, Snakemake's own errors begin with their kind.
            self._say(f"error: {lines[-1] if 'Traceback' in text else ' '.join(lines)}")

    def _say(self, text: str) -> None:
        if not TOLD.quiet:
            print(text, flush=True)


def step(rule: str, wildcards: Mapping[str, str]) -> str:
    """A step's name for people: its rule and what it is done for."""
    return " ".join([rule, *map(str, wildcards.values())])

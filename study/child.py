"""Snakemake in a process of its own, which ends with this one."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from formats import imports
from formats.checkout import CHECKOUT
from study import stopping
from study.results import for_snakemake as results_option

STEPS = CHECKOUT / "study" / "steps.py"
PR_SET_PDEATHSIG = 1  # linux/prctl.h


@dataclass(frozen=True)
class Ended:
    """How a run of Snakemake ended.

    code: its exit code; steps: how many it had to run; cases: those that had one; failed: steps.
    """

    code: int
    steps: int = 0
    cases: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


def arguments(config: str, results: Path, again: bool = False) -> list[str]:
    """Options of Snakemake that name a study. again: solve again what older code solved."""
    return [
        *("--snakefile", str(CHECKOUT / "Snakefile"), "--configfile", config),
        *("--config", results_option(str(results)), *(["again=1"] if again else [])),
        *("--nolock", "--rerun-incomplete"),
    ]


def run(
    options: Sequence[str],
    expected: Mapping[str, float] | None = None,
    cores: int = 1,
    held: int | None = None,
) -> Ended:
    """Run Snakemake, which prints how it goes, to its end.

    options: as on its command line. expected: seconds of a step by rule, for the time left.
    held: number of an open lock that Snakemake inherits: it is held as long as Snakemake lives.
    Told to stop (KeyboardInterrupt), no step is left behind.
    """
    own = os.getpid()
    known = json.dumps({"seconds": dict(expected or {}), "cores": cores})
    with tempfile.TemporaryFile("w+", encoding="utf-8") as told:
        command = [sys.executable, str(STEPS), str(told.fileno()), known, *options]
        with subprocess.Popen(
            command,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # an interrupt at the terminal comes here alone
            env=imports.for_snakemake(os.environ),
            pass_fds=[told.fileno(), *([held] if held is not None else [])],
            preexec_fn=lambda: end_with(own),
        ) as process:
            try:
                process.wait()
            except KeyboardInterrupt:
                stopping.end(process)
                raise
        told.seek(0)
        with contextlib.suppress(ValueError):  # killed before it could tell
            return Ended(process.returncode, **json.load(told))
    return Ended(process.returncode or 1)


def end_with(parent: int) -> None:
    """Called by a child process: let the system kill it when `parent` ends (Linux only).

    A Snakemake whose command was killed would run on unseen, holding the study's folder.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)

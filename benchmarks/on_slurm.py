"""A small study through a real SLURM on this machine, with a killed job and a failing node.

    python -m benchmarks.on_slurm [--reference results/tiny] [--out docs/slurm.md]

As root (scripts/local_slurm.sh). The study runs through profiles/slurm; one solve is killed with
kill -9 while it runs, and a node dies under another. In the end outcomes.csv must be that of a run
without SLURM.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import yaml

from benchmarks import faults
from benchmarks.commands import ROOT, environment
from benchmarks.faults import Study
from benchmarks.machine import machine
from benchmarks.tables import table
from formats.files import run_command, write_text
from formats.yaml import read as read_yaml

TINY = ROOT / "tests" / "workflow" / "tiny.yaml"
SCRIPT = ROOT / "scripts" / "local_slurm.sh"
# What differs from a cluster: no accounting to ask, and no minutes to wait for an answer.
LOCAL = {
    "slurm-status-command": "squeue",
    "slurm-init-seconds-before-status-checks": 3,
    "seconds-between-status-checks": 3,
    "latency-wait": 10,
}
LIMIT_S = 3600


def profile(folder: Path) -> Path:
    """profiles/slurm, with what a SLURM of one machine needs."""
    content = read_yaml(ROOT / "profiles" / "slurm" / "config.yaml")
    folder.mkdir()
    (folder / "config.yaml").write_text(yaml.safe_dump(content | LOCAL))
    return folder


def solves() -> Iterator[psutil.Process]:
    """Solves that run on a node now, youngest last."""
    for process in psutil.process_iter(["cmdline", "create_time"]):
        words = process.info["cmdline"] or []
        if "-m" in words and any(w in ("simulations.track", "simulations.predict") for w in words):
            with contextlib.suppress(psutil.NoSuchProcess):
                if any("slurmstepd" in parent.name() for parent in process.parents()):
                    yield process


def kill_job() -> str:
    """kill -9 of one solve on its node."""
    process = next(solves())
    words = process.cmdline()
    process.kill()
    return words[words.index("-m") + 1]


def kill_node() -> str:
    """kill -9 of all that runs on the node of one solve: its jobs, then its daemon."""
    process = next(solves())
    step = next(parent for parent in process.parents() if "slurmstepd" in parent.name())
    node = process.environ()["SLURMD_NODENAME"]
    for victim in [*step.children(recursive=True), step]:
        with contextlib.suppress(psutil.NoSuchProcess):
            victim.kill()
    for daemon in psutil.process_iter(["name", "cmdline"]):
        if daemon.info["name"] == "slurmd" and node in daemon.info["cmdline"]:
            daemon.kill()
    return node


def wait_for_solve(process: subprocess.Popen[bytes], old: set[int]) -> bool:
    """Wait until a solve runs that was not there before. Whether the study still runs."""
    while process.poll() is None:
        if any(solve.pid not in old for solve in solves()):
            time.sleep(2)
            return True
        time.sleep(0.5)
    return False


def through(study: Study, folder: Path) -> tuple[int, list[list[str]], float]:
    """Run a study through the profile, with both faults. Exit code, what was done, seconds."""
    command = [sys.executable, "-m", "study.launch", "--config", str(study.config)]
    command += ["--results", str(study.results), "--profile", str(profile(folder))]
    done, seen = [], set[int]()
    start = time.monotonic()
    with (
        (study.cwd / "slurm.log").open("wb") as log,
        subprocess.Popen(
            command, cwd=study.cwd, env=environment(), stdout=log, stderr=log
        ) as process,
    ):
        if wait_for_solve(process, seen):
            seen |= {solve.pid for solve in solves()}
            done.append(["a solve killed on its node (kill -9)", kill_job()])
        if wait_for_solve(process, seen):
            seen |= {solve.pid for solve in solves()}
            node = kill_node()
            done.append(["a node that dies under a solve", node])
            while process.poll() is None and not _down(node):
                time.sleep(1)
            subprocess.run(["slurmd", "-N", node], check=True)
        try:
            code = process.wait(LIMIT_S)
        except subprocess.TimeoutExpired:
            os.kill(process.pid, signal.SIGINT)
            code = process.wait()
    return code, done, time.monotonic() - start


def _down(node: str) -> bool:
    said = subprocess.run(
        ["sinfo", "--noheader", "--nodes", node, "--format=%t"], capture_output=True, text=True
    ).stdout
    return "down" in said


def jobs() -> list[list[str]]:
    """States of all jobs that SLURM ran, counted."""
    command = ["squeue", "--states=all", "--noheader", "--format=%T"]
    states = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    return [[state.lower(), str(states.count(state))] for state in sorted(set(states))]


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Run a small study through SLURM, with faults.")
    parser.add_argument("--reference", type=Path, help="folder of the same study without SLURM")
    parser.add_argument("--out", type=Path, help="file for the report")
    arguments = parser.parse_args()
    subprocess.run([str(SCRIPT), "start"], check=True)
    try:
        with tempfile.TemporaryDirectory(prefix="slurm.", ignore_cleanup_errors=True) as name:
            work = Path(name)
            reference = arguments.reference
            if reference is None:
                here = Study(TINY, work, work / "here", "tiny")
                code, said = here.finish()
                if code:
                    raise ValueError(f"without SLURM: {said.strip().splitlines()[-1]}")
                reference = here.folder
            study = Study(TINY, work, work / "there", "tiny")
            code, done, seconds = through(study, work / "profile")
            log = (work / "slurm.log").read_text().strip().splitlines()
            if code:
                raise ValueError(f"through SLURM: {log[-1]} (code {code})")
            losses, largest = faults.differences(study.folder, reference)
            losses += faults.unreadable(study.folder)
            states = jobs()
    finally:
        subprocess.run([str(SCRIPT), "stop"], check=False)
    host = machine()
    version = subprocess.run(["slurmd", "-V"], capture_output=True, text=True).stdout.strip()
    text = f"""`python -m benchmarks.on_slurm`: {version}, two nodes on loopback, {
        host["cores"]
    } cores
({host["cpu"]}); {seconds / 60:.0f} min. Outcomes against the run without SLURM: {
        "as without it" if not losses else "; ".join(losses)
    }, largest relative difference {largest:.1e}.

{table(["fault while the study ran", "of"], done)}

{table(["SLURM jobs", "number"], states)}
"""
    print(text)
    if arguments.out:
        write_text(arguments.out, text)
    if losses or len(done) < 2:
        sys.exit(1)


if __name__ == "__main__":
    run_command(main)

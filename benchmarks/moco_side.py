"""The benchmark's problem through OpenSim Moco: what an iteration takes, whether it is alike.

Two runs of benchmarks.moco_study, one after the other, each in an empty folder (an ipopt.opt in the
working directory would change Moco's results):

timed   from the engine's first guess, so many iterations; a clock stands beside Moco's log
check   no iteration, at the engine's solution: by how much Moco's own constraints are violated
        there, and its objective; this is what makes the two discretised problems comparable

    python -m benchmarks.moco_side --runner DIR --problem DIR/problem.json --iterations 5 --out DIR
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Literal

from benchmarks import commands
from benchmarks.machine import machine, versions
from benchmarks.records import Iteration, Log, MocoRun
from formats.files import run_command, write_json, write_text

# Ipopt's line of an iteration: number, objective, constraint violation, ...
_ITERATION = re.compile(r"^\s*(\d+)[rR]?\s+(-?\d\.\d+e[+-]\d+)\s+(\d\.\d+e[+-]\d+)\s")
Count = Literal["unknowns", "constraints", "threads"]
_COUNTS: dict[Count, re.Pattern[str]] = {
    "unknowns": re.compile(r"^Total number of variables\.*:\s*(\d+)"),
    "constraints": re.compile(r"^Total number of equality constraints\.*:\s*(\d+)"),
    "threads": re.compile(r"Number of threads: (\d+)"),
}
# CasADi's line of a function: processor time of all threads (mean), wall time (mean), calls.
_FUNCTION = re.compile(r"^\s*(nlp_\w+)\s*\|\s*[\d.]+ ?[mun]?s\s*\(\s*([\d.]+) ?([mun]?)s\)")
_UNITS = {"": 1.0, "m": 1e-3, "u": 1e-6, "n": 1e-9}
# Ipopt starts exactly at the given point instead of pushing it off its bounds.
_STAY = "".join(f"{name} 1e-12\n" for name in ("bound_push", "bound_frac"))

Line = tuple[float, str]


def read_log(lines: list[Line]) -> Log:
    """Iterations (number, clock, objective, violation), counts, and the processor seconds (all
    threads) of one call of each function, from a log with clock times."""
    found: Log = {"iterations": [], "processor_s": {}}
    for clock, line in lines:
        match = _ITERATION.match(line)
        if match:
            found["iterations"].append(
                {
                    "number": int(match[1]),
                    "clock_s": clock,
                    "objective": float(match[2]),
                    "violation": float(match[3]),
                }
            )
        match = _FUNCTION.match(line)
        if match:
            found["processor_s"][match[1]] = float(match[2]) * _UNITS[match[3]]
        for name, pattern in _COUNTS.items():
            match = pattern.search(line)
            if match:
                found[name] = int(match[1])
    return found


def per_iteration(iterations: list[Iteration]) -> float:
    """Seconds per iteration: first to last line of the log, set-up left out."""
    first, last = iterations[0], iterations[-1]
    steps = last["number"] - first["number"]
    if steps < 1:
        raise ValueError("Moco made no iteration; ask for at least one with --iterations")
    return float((last["clock_s"] - first["clock_s"]) / steps)


def watched(command: list[str], folder: Path) -> list[Line]:
    """Run a command and put the clock (s since its start) to every line that it prints.

    It prints to a terminal of its own: to a pipe the lines would come in lumps.
    """
    ours, theirs = os.openpty()
    began = time.perf_counter()
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=commands.environment(),
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    lines: list[Line] = []
    with os.fdopen(ours, "r", errors="replace") as stream:
        try:
            for line in stream:
                lines.append((time.perf_counter() - began, line.rstrip()))
        except OSError:
            pass  # how Linux says that the other end of a terminal is closed
    if process.wait():
        told = [text for _, text in lines if text][-1:] or ["no message"]
        raise ValueError(f"Moco ended with code {process.returncode}: {told[0]}")
    return lines


def moco(
    runner: Path, problem: Path, start: str, iterations: int, options: str, log: Path
) -> tuple[MocoRun, Log]:
    """One run of Moco: what it returned, and what its log says."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if options:
            (folder / "ipopt.opt").write_text(options)
        out = folder / "moco.json"
        chosen: dict[str, object] = {"runner": runner.resolve(), "problem": problem.resolve()}
        chosen |= {"start": start, "iterations": iterations, "out": out}
        lines = watched(commands.command("benchmarks.moco_study", chosen), folder)
        write_text(log, "".join(f"{clock:9.3f} {line}\n" for clock, line in lines))
        return json.loads(out.read_text()), read_log(lines)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Time Moco on the benchmark's problem.")
    parser.add_argument("--runner", type=Path, required=True, help="folder without couplings")
    parser.add_argument("--problem", type=Path, required=True, help="problem.json")
    parser.add_argument("--iterations", type=int, default=5, help="of the timed run")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()

    timed, log = moco(
        args.runner, args.problem, "guess", args.iterations, "", args.out / "moco_timed.log"
    )
    seconds = per_iteration(log["iterations"])
    check, at = moco(args.runner, args.problem, "solution", 0, _STAY, args.out / "moco_check.log")
    write_json(
        args.out / "moco.json",
        {
            "unknowns": log["unknowns"],
            "constraints": log["constraints"],
            "threads": log["threads"],
            "solve": {
                **timed,
                "seconds_per_iteration": seconds,
                # An iteration takes one gradient and one Jacobian; the rest is next to nothing.
                "processor_seconds_per_iteration": sum(log["processor_s"].values()),
            },
            "at_engine_solution": {
                "constraint_violation": at["iterations"][0]["violation"],
                "objective": check["objective"],
                "objective_total": check["objective_total"],
            },
            "machine": machine(),
            "versions": versions("opensim", "numpy"),
        },
    )


if __name__ == "__main__":
    run_command(main)

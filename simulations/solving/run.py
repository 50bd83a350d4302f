"""From a posed problem to a case folder: solve, unroll, write, record."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from formats.files import write_json, write_text
from formats.origin import origin, versions
from formats.solve_records import EasedBy, FailRecord, Rung, SolveRecord
from formats.untrusted import read_object
from simulations.output import motion
from simulations.problems.problem import Problem
from simulations.solving import solution
from simulations.solving.ipopt import Guess, announce
from simulations.solving.solve import Solution, solve


def run(
    problem: Problem,
    guess: Guess,
    out: Path,
    *,
    label: str,
    max_iterations: int = 1000,
    ladder: list[Rung] | None = None,
) -> Solution:
    """Solve and write the case folder; solver.json comes last and says whether it converged.

    ladder: records of the easier problems that were solved on the way to the guess.
    """
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    size = problem.program.n_x
    start = "warm" if guess.warm else "cold"
    print(f"[{label}] {start} start, {size} unknowns", file=sys.stderr, flush=True)
    found = solve(problem, guess, max_iterations=max_iterations, log=out / "ipopt.log")
    stride = motion.unroll(problem, found.x)
    motion.write(out, problem.runner, stride, motion.ground_forces(problem.runner, stride))
    solution.store(out, problem, found, stride.block("q"))
    told: SolveRecord = {**record(problem, found, start), "ladder": ladder or []}
    write_json(out / "solver.json", told)
    announce(label, found.reason, found.iterations, found.solve_time_s)
    return found


def climb(
    rungs: Iterable[tuple[EasedBy, float, Problem]],
    start: Guess,
    out: Path,
    *,
    label: str,
    max_iterations: int = 1000,
) -> tuple[Guess, list[Rung]]:
    """Solve easier problems one after the other; the last one's solution, and a record of each.

    rungs: what differs ("weight", "stride_time_s"), its value, and the problem; posed as needed.
    Their logs stand in `out`. One that does not converge is recorded, and its iterate goes on.
    """
    records: list[Rung] = []
    for what, value, problem in rungs:
        log = Path(out) / f"ipopt_{what}_{value:.4g}.log"
        found = solve(problem, start, max_iterations=max_iterations, log=log, sharpen=False)
        rung: Rung = {}
        rung[what] = float(value)
        rung["status"] = found.return_status
        rung["iterations"] = found.iterations
        rung["solve_time_s"] = found.solve_time_s
        records.append(rung)
        said = f"{what} {value:.4g}: {found.return_status}, {found.iterations} iterations"
        print(f"[{label}] {said}", file=sys.stderr, flush=True)
        start = Guess(found.x, found.lam_x, found.lam_g, corner=found.corner)
    return start, records


def record(problem: Problem, found: Solution, start: str) -> SolveRecord:
    """What happened, as JSON: status, iterations, time, objective by term, active bounds."""
    program = problem.program
    duration = float(found.x[0])
    return {
        "status": "converged" if found.converged else "failed",
        "reason": found.reason,
        "return_status": found.return_status,
        "start": start,
        "iterations": found.iterations,
        "solve_time_s": found.solve_time_s,
        "constraint_violation": found.constraint_violation,
        "friction_corner": {
            "rounding_n": found.corner,
            "force": found.sharpness.force,
            "acceleration": found.sharpness.acceleration,
        },
        "objective": found.objective,
        "active_bounds": found.active_bounds,
        "speed_m_s": problem.speed,
        "stride_time_s": duration * program.spans,
        "mesh_intervals": program.scheme.intervals,
        "scheme": program.scheme.name,
        "unknowns": program.n_x,
        "made": origin(),
        "versions": versions(),
    }


def fail(out: Path, label: str, reason: str) -> None:
    """Record a case that could not be started.

    Each file that a solve writes is left empty: it stands for what this one did not make, and
    nothing of an earlier run stays.
    """
    print(f"[{label}] FAILED: {reason}", file=sys.stderr, flush=True)
    for name in (*motion.FILES, solution.FILE):
        write_text(Path(out) / name, "")
    told: FailRecord = {
        "status": "failed",
        "reason": reason,
        "iterations": 0,
        "solve_time_s": 0.0,
        "made": origin(),
        "versions": versions(),
    }
    write_json(Path(out) / "solver.json", told)


def usable(folder: Path) -> bool:
    """Whether a folder holds a converged solution, which others may start from."""
    try:
        status = read_object(Path(folder) / "solver.json").get("status")
    except ValueError:
        return False
    return bool(status == "converged") and (Path(folder) / solution.FILE).exists()

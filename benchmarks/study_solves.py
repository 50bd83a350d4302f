"""The default study's own solves, posed and climbed to as its commands do, and what each took.

Time is told twice: `seconds` on the clock, and `processor_seconds` of all threads, in which other
work on the machine counts little.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks import commands, instrument
from benchmarks.default_study import Asked
from benchmarks.machine import peak_memory_gib
from benchmarks.records import Timed
from benchmarks.tables import table
from formats.description import RunnerDescription
from formats.files import write_json
from simulations import predict
from simulations.output import motion
from simulations.problems import reference, tracking
from simulations.problems.problem import Mesh, Problem
from simulations.solving import guess, habit_continuation, run, solution, stride_time_kicks
from simulations.solving import planar_to_spatial as lift
from simulations.solving.ipopt import Guess
from simulations.solving.solve import Solution, solve

NORMS = commands.ROOT / "analysis" / "norm_curves.csv"
PLANAR_MUSCLES = commands.ROOT / "models" / "parameters" / "planar_muscles.csv"


def timed(problem: Problem, action: Callable[[], Solution]) -> tuple[Solution, Timed]:
    """An action that solves, with the easier problems on its way; the record says what it took."""
    began, used = time.perf_counter(), time.process_time()
    with instrument.recording() as profile:
        found = action()
    seconds, used = time.perf_counter() - began, time.process_time() - used
    return found, {
        "converged": found.converged,
        "status": found.return_status,
        "unknowns": problem.program.n_x,
        "iterations": profile.iterations,
        "seconds": seconds,
        "processor_seconds": used,
        "seconds_per_iteration": seconds / max(profile.iterations, 1),
        "processor_seconds_per_iteration": used / max(profile.iterations, 1),
        "profile": profile.seconds("proc"),
        "peak_memory_gib": peak_memory_gib(),
    }


def carried(found: Solution) -> Guess:
    """A solution and its multipliers as the next solve's start."""
    return Guess(found.x, found.lam_x, found.lam_g, corner=found.corner)


def follow_norms(
    runner: RunnerDescription, wanted: Asked, out: Path, *, lifted: Path | None = None
) -> Timed:
    """The run that all of a study start from: it follows the norm curves, and is kept in `out`.

    From the curves themselves down the ladder of weights, or `lifted` from a planar solution.
    """
    target = reference.from_norm_curves(NORMS, wanted.speed_m_s, runner)
    posed = tracking.problem(
        runner,
        target,
        speed=wanted.speed_m_s,
        weight=wanted.tracking_weight,
        mesh=Mesh(wanted.mesh_intervals),
        objective_name=wanted.objective,
    )

    def action() -> Solution:
        if lifted is not None:
            start = lift.lifted(posed, solution.load(lifted), lift.merged_heads(PLANAR_MUSCLES))
            return solve(posed, start)
        weights = tracking.rungs(wanted.tracking_weight)
        start, _ = run.climb(
            (("weight", weight, posed.at_weight(weight)) for weight in weights),
            guess.cold(posed, target),
            out,
            label=out.name,
        )
        return solve(posed, start)

    out.mkdir(parents=True, exist_ok=True)
    found, record = timed(posed, action)
    keep(out, posed, found)
    return record


def free_run(
    runner: RunnerDescription, wanted: Asked, dose: float, followed: Path, start_from: Path
) -> tuple[Problem, Callable[[], Solution]]:
    """A case posed as a study poses it, and the action that solves it.

    followed, start_from: folders of the run that follows the norm curves, and of that which the
    case starts from.
    """
    habit, baseline = solution.load(followed), solution.load(start_from)
    first = followed == start_from
    posed = predict.problem(runner, wanted.case(dose), habit, baseline)
    held_by = wanted.tracking_weight if first else 0.0

    def action() -> Solution:
        easier = habit_continuation.rungs(posed, wanted.habit_weight, held_by)
        label = f"dose {dose:g}"
        start, _ = run.climb(easier, guess.neighbour(posed, baseline), start_from, label=label)
        if first:
            start, _ = stride_time_kicks.lowest(posed, start, start_from, label=label)
        return solve(posed, start)

    return posed, action


def keep(out: Path, problem: Problem, found: Solution) -> None:
    """Keep a solution for runs that start from it."""
    out.mkdir(parents=True, exist_ok=True)
    solution.store(out, problem, found, motion.unroll(problem, found.x).block("q"))
    write_json(out / "solver.json", run.record(problem, found, "warm"))


def report(records: dict[str, Timed]) -> str:
    """Markdown table: a row per solve; its parts in seconds of processor time."""
    parts = [instrument.BUILD, *instrument.FUNCTIONS.values(), instrument.REST]
    header = ["solve", "ended", "iterations", "waited for (s)", "processor (s)", *parts, "GiB"]
    rows = []
    for name, record in records.items():
        row = [name, record["status"], str(record["iterations"]), f"{record['seconds']:.1f}"]
        row.append(f"{record['processor_seconds']:.1f}")
        row += [f"{record['profile'].get(part, np.nan):.2f}" for part in parts]
        rows.append([*row, f"{record['peak_memory_gib']:.2f}"])
    return table(header, rows)

"""What a study's solves take with this engine, and where the time goes. One thread.

cold    norm curves tracked with weight 1, from the curves themselves with quiet muscles
freed   the same with weight 0.1, from the cold solution
own     100 % strength, held to its own motion with weight 0.1 (a study's baseline)
warm    hip flexors at 80 %, from the baseline and its multipliers (a study's neighbouring dose)

    python -m benchmarks.engine_speed --runner DIR [--intervals 50] [--out results/benchmark]
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from benchmarks import commands, instrument
from benchmarks.machine import machine, peak_memory_gib, versions
from benchmarks.records import Timed
from benchmarks.tables import table
from formats import description
from formats.description import RunnerDescription
from formats.files import run_command, write_json, write_text
from simulations.collocation import objective
from simulations.output import motion
from simulations.problems import reference
from simulations.problems.problem import Mesh, Problem, pose
from simulations.problems.reference import Reference
from simulations.solving import guess
from simulations.solving.ipopt import Guess
from simulations.solving.solve import Solution, solve

ARM, DOSE = "hip_flexors", 80
_HABIT = 0.1
# What is asked of a planar problem of 50 intervals (s of solver time).
LIMITS_S = {"cold": 60.0, "warm": 10.0}


def timed(problem: Problem, start: Guess) -> tuple[Solution, Timed]:
    """Solve as a study does; the record says what it took."""
    with instrument.recording() as profile:
        found = solve(problem, start)
    return found, {
        "converged": found.converged,
        "status": found.return_status,
        "unknowns": problem.program.n_x,
        "iterations": found.iterations,
        "seconds": found.solve_time_s,
        "seconds_per_iteration": found.solve_time_s / max(found.iterations, 1),
        "profile": profile.seconds(),
        "peak_memory_gib": peak_memory_gib(),
    }


def own_motion(problem: Problem, found: Solution) -> Reference:
    """A solution's whole stride, as the motion that a habit holds to."""
    coordinates = motion.unroll(problem, found.x).block("q")
    time = float(found.x[0]) * problem.program.spans
    return Reference(np.linspace(0, 1, coordinates.shape[1]), coordinates, time)


def carried(found: Solution) -> Guess:
    """A solution and its multipliers as the next solve's start."""
    return Guess(found.x, found.lam_x, found.lam_g, corner=found.corner)


def measure(
    runner: RunnerDescription, weaker: RunnerDescription, norms: Path, speed: float, mesh: Mesh
) -> dict[str, Timed]:
    """The four solves in turn, each from the one before."""
    target = reference.from_norm_curves(norms, speed, runner)

    def posed(who: RunnerDescription, held: Reference, weight: float) -> Problem:
        return pose(
            who,
            speed=speed,
            mesh=mesh,
            objective=objective.objective("metabolic_mix"),
            reference=held,
            habit_weight=weight,
        )

    records: dict[str, Timed] = {}
    problem = posed(runner, target, 1.0)
    found, records["cold"] = timed(problem, guess.cold(problem, target))
    problem = posed(runner, target, _HABIT)
    found, records["freed"] = timed(problem, carried(found))
    habit = own_motion(problem, found)
    found, records["own"] = timed(posed(runner, habit, _HABIT), carried(found))
    _, records["warm"] = timed(posed(weaker, habit, _HABIT), carried(found))
    return records


def report(records: dict[str, Timed]) -> str:
    """Markdown table: a row per solve, seconds by part."""
    parts = [*instrument.FUNCTIONS.values(), instrument.REST]
    header = ["solve", "ended", "iterations", "seconds", "per iteration", *parts, "peak GiB"]
    rows = []
    for name, record in records.items():
        row = [name, record["status"], str(record["iterations"]), f"{record['seconds']:.1f}"]
        row.append(f"{record['seconds_per_iteration']:.3f}")
        row += [f"{record['profile'].get(part, 0.0):.2f}" for part in parts]
        rows.append([*row, f"{record['peak_memory_gib']:.2f}"])
    return table(header, rows)


def verdicts(records: dict[str, Timed], limits: dict[str, float]) -> list[str]:
    """Each limit (s) beside what was measured."""
    lines = []
    for name, limit in limits.items():
        record = records[name]
        kept = record["converged"] and record["seconds"] <= limit
        said = "kept" if kept else "MISSED"
        ended = "" if record["converged"] else f" ({record['status']})"
        lines.append(f"{name}: {record['seconds']:.1f} s{ended}, limit {limit:.0f} s: {said}")
    return lines


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Time a study's solves and where the time goes.")
    parser.add_argument("--runner", type=Path, required=True, help="folder of the runner")
    parser.add_argument("--norms", type=Path, default=Path("analysis/norm_curves.csv"))
    parser.add_argument("--speed", type=float, default=3.5, help="m/s")
    parser.add_argument("--intervals", type=int, default=50, help="of half a stride")
    parser.add_argument("--out", type=Path, default=Path("results/benchmark"))
    args = parser.parse_args()

    weaker = args.out / f"runner_{DOSE}"
    options = {"runner": args.runner, "arm": ARM, "dose": DOSE, "out": weaker}
    commands.run("models.strength", options)
    records = measure(
        description.read(args.runner / "runner.json"),
        description.read(weaker / "runner.json"),
        args.norms,
        args.speed,
        Mesh(args.intervals),
    )
    content = {
        "intervals": args.intervals,
        "speed_m_s": args.speed,
        "solves": records,
        "limits_s": LIMITS_S,
        "machine": machine(),
        "versions": versions("casadi", "numpy"),
    }
    text = "\n".join([report(records), "", *verdicts(records, LIMITS_S)])
    write_json(args.out / "engine_speed.json", content)
    write_text(args.out / "engine_speed.md", text + "\n")
    print(text)


if __name__ == "__main__":
    run_command(main)

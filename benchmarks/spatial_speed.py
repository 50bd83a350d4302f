"""What the solves of a study in three dimensions take, and what each step of the engine brings.

planar    norm curves tracked by the planar runner, weight 1 and then 0.1: the rung below
lifted    norm curves tracked by the spatial runner with weight 0.1, from the planar solution
curves    the same from the curves themselves with quiet muscles, weight 1 and then 0.1
own       100 % strength, held to its own motion (a study's baseline), from `lifted`
warm      hip flexors at 80 %, from the baseline and its multipliers
beside    the same twice at the same time, as a study on two cores runs its doses

Derivatives: one evaluation at the solution, assembled by nodes on one thread and on two, and as
CasADi takes them from the whole program.

    python -m benchmarks.spatial_speed --planar DIR --spatial DIR [--intervals 50] [--out DIR]
"""

from __future__ import annotations

import argparse
import multiprocessing
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import casadi as ca
import numpy as np

from benchmarks import commands
from benchmarks.engine_speed import ARM, DOSE, carried, own_motion, report, timed, verdicts
from benchmarks.machine import machine, peak_memory_gib, versions
from benchmarks.records import Timed
from benchmarks.tables import table
from formats import description
from formats.description import RunnerDescription
from formats.files import run_command, write_json, write_text
from simulations.collocation import objective
from simulations.collocation.assembly import Program
from simulations.output import motion
from simulations.problems import reference
from simulations.problems.problem import Mesh, Problem, pose
from simulations.problems.reference import Reference
from simulations.solving import guess, solution
from simulations.solving import planar_to_spatial as lift

HABIT = 0.1
PLANAR_MUSCLES = commands.ROOT / "models" / "parameters" / "planar_muscles.csv"
# What is asked of a spatial problem of 50 intervals on two cores (s of solver time).
LIMITS_S = {"lifted": 600.0, "warm": 180.0, "beside": 180.0}
MEMORY_LIMIT_GIB = 6.0
REPEATS = 5


def measure(
    runners: dict[str, RunnerDescription], norms: Path, speed: float, mesh: Mesh, out: Path
) -> tuple[dict[str, Timed], Problem, np.ndarray]:
    """The solves in turn; also the spatial baseline's problem and solution.

    runners: `planar`, `spatial`, and the spatial one with weaker muscles, `weaker`.
    """

    def posed(who: str, held: Reference, weight: float, threads: int = 1) -> Problem:
        return pose(
            runners[who],
            speed=speed,
            mesh=mesh,
            objective=objective.objective("metabolic_mix"),
            reference=held,
            habit_weight=weight,
            threads=threads,
        )

    records: dict[str, Timed] = {}
    target = {who: reference.from_norm_curves(norms, speed, runners[who]) for who in runners}
    problem = posed("planar", target["planar"], 1.0)
    found, _ = timed(problem, guess.cold(problem, target["planar"]))
    problem = posed("planar", target["planar"], HABIT)
    found, records["planar"] = timed(problem, carried(found))
    solution.store(out, problem, found, motion.unroll(problem, found.x).block("q"))

    problem = posed("spatial", target["spatial"], 1.0, threads=2)
    found, first = timed(problem, guess.cold(problem, target["spatial"]))
    problem = posed("spatial", target["spatial"], HABIT, threads=2)
    _, second = timed(problem, carried(found))
    records["curves"] = both(first, second)
    start = lift.lifted(problem, solution.load(out), lift.merged_heads(PLANAR_MUSCLES))
    found, records["lifted"] = timed(problem, start)

    held = own_motion(problem, found)
    baseline = posed("spatial", held, HABIT, threads=2)
    found, records["own"] = timed(baseline, carried(found))
    dose = posed("weaker", held, HABIT)
    _, records["warm"] = timed(dose, carried(found))
    records["beside"] = beside(lambda: timed(dose, carried(found))[1])
    return records, baseline, found.x


def both(first: Timed, second: Timed) -> Timed:
    """Two solves that lead to one, as one record."""
    parts = {**second["profile"]}
    for part, spent in first["profile"].items():
        parts[part] = parts.get(part, 0.0) + spent
    iterations = first["iterations"] + second["iterations"]
    seconds = first["seconds"] + second["seconds"]
    return {
        **second,
        "iterations": iterations,
        "seconds": seconds,
        "seconds_per_iteration": seconds / max(iterations, 1),
        "profile": parts,
    }


def beside(solve_once: Callable[[], Timed]) -> Timed:
    """The same solve in two processes at once; the record of the slower one."""
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    workers = [context.Process(target=lambda: queue.put(solve_once())) for _ in range(2)]
    for worker in workers:
        worker.start()
    records = [queue.get() for _ in workers]
    for worker in workers:
        worker.join()
    return max(records, key=lambda record: record["seconds"])


def seconds_each(function: ca.Function, *values: Any) -> float:
    """Seconds of one evaluation, the mean of a few after a first."""
    function(*values)
    began = time.perf_counter()
    for _ in range(REPEATS):
        function(*values)
    return (time.perf_counter() - began) / REPEATS


def derivatives(
    runner: RunnerDescription, problem: Problem, x: np.ndarray, speed: float, mesh: Mesh
) -> list[list[str]]:
    """Rows: what is evaluated, milliseconds on one thread, on two, from the whole program."""

    def program(threads: int) -> Program:
        posed = pose(
            runner, speed=speed, mesh=mesh, objective=objective.objective("metabolic_mix"),
            reference=reference.Reference(
                np.linspace(0, 1, mesh.intervals + 1),
                np.zeros((len(runner.coordinates), mesh.intervals + 1)), 0.7,
            ),
            habit_weight=HABIT, threads=threads,
        )  # fmt: skip
        return posed.program

    p = problem.parameters
    one, two = program(1), program(2)
    multipliers = np.random.default_rng(1).normal(size=one.nlp.size1_out(1))
    whole = one.nlp.factory("whole", ["x", "p"], ["jac:g:x"])
    rows = []
    for name, pick, given, other in (
        ("objective and constraints", "nlp", (x, p), None),
        ("Jacobian", "jac_g", (x, p), whole),
        ("Hessian of the Lagrangian", "hess_lag", (x, p, 1.0, multipliers), None),
    ):
        own = [1e3 * seconds_each(getattr(each, pick), *given) for each in (one, two)]
        last = f"{1e3 * seconds_each(other, x, p):.0f}" if other is not None else ""
        rows.append([name, *(f"{ms:.0f}" for ms in own), last])
    return rows


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Time a spatial study's solves.")
    parser.add_argument("--planar", type=Path, required=True, help="folder of the planar runner")
    parser.add_argument("--spatial", type=Path, required=True, help="folder of the spatial runner")
    parser.add_argument("--norms", type=Path, default=Path("analysis/norm_curves.csv"))
    parser.add_argument("--speed", type=float, default=3.5, help="m/s")
    parser.add_argument("--intervals", type=int, default=50, help="of half a stride")
    parser.add_argument("--out", type=Path, default=Path("results/benchmark"))
    args = parser.parse_args()

    weaker = args.out / f"runner_spatial_{DOSE}"
    options = {"runner": args.spatial, "arm": ARM, "dose": DOSE, "out": weaker}
    commands.run("models.strength", options)
    folders = {"planar": args.planar, "spatial": args.spatial, "weaker": weaker}
    runners = {who: description.read(folder / "runner.json") for who, folder in folders.items()}
    mesh = Mesh(args.intervals)
    records, problem, x = measure(runners, args.norms, args.speed, mesh, args.out)
    rows = derivatives(runners["spatial"], problem, x, args.speed, mesh)
    content = {
        "intervals": args.intervals,
        "speed_m_s": args.speed,
        "solves": records,
        "limits_s": LIMITS_S,
        "derivatives_ms": rows,
        "peak_memory_gib": peak_memory_gib(),
        "memory_limit_gib": MEMORY_LIMIT_GIB,
        "machine": machine(),
        "versions": versions("casadi", "numpy"),
    }
    header = ["evaluation (ms)", "by nodes, one thread", "two threads", "whole program"]
    text = "\n".join(
        [
            report(records),
            "",
            *verdicts(records, LIMITS_S),
            f"memory: {peak_memory_gib():.2f} GiB, limit {MEMORY_LIMIT_GIB:g} GiB a solve",
            "",
            table(header, rows),
        ]
    )
    write_json(args.out / "spatial_speed.json", content)
    write_text(args.out / "spatial_speed.md", text + "\n")
    print(text)


if __name__ == "__main__":
    run_command(main)

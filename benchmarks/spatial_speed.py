"""What the solves of a study in three dimensions take, and what each step of the engine brings.

lifted    norm curves followed with weight 0.1, from the planar runner's solution of the same
curves    the same from the curves themselves, weight 1 and then 0.1 (with --curves)
own       100 % strength, free as the default study is (a study's baseline), from `lifted`
warm      hip flexors at 80 %, from the baseline and its multipliers (a study's neighbouring dose)
beside    the same twice at the same time, as a study on two cores runs its doses
told      how every outcome of the baseline changes with every number of the runner
          (simulations.sensitivity), without solving again

Also one evaluation of each derivative, and the skeleton's functions, compiled and interpreted.

    python -m benchmarks.spatial_speed --planar-solution DIR --runner DIR [--out DIR]
"""

from __future__ import annotations

import argparse
import multiprocessing
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import casadi as ca
import numpy as np

from benchmarks import commands
from benchmarks.default_study import DOSE, Asked, asked
from benchmarks.machine import machine, peak_memory_gib, versions
from benchmarks.records import Timed, Told
from benchmarks.study_solves import (
    follow_norms,
    free_run,
    keep,
    report,
    timed,
)
from benchmarks.tables import table
from formats import description
from formats.description import RunnerDescription
from formats.files import run_command, write_json, write_text
from simulations import sensitivity
from simulations.collocation import elements
from simulations.problems.problem import Problem
from simulations.solving.kkt import Settled, settled
from simulations.solving.solve import Solution

REPEATS = 5


def told(problem: Problem, found: Solution) -> Told:
    """What the derivatives of all outcomes take once the case is solved: without its barrier
    first (`settling`), then one factorisation and an adjoint solve an outcome (`telling`)."""
    began, used = time.perf_counter(), time.process_time()
    at = Settled(found.x, found.lam_x, found.lam_g, found.corner, 0, converged=True)
    at = settled(problem, at, sensitivity.CORNER_N)
    middle, half = time.perf_counter(), time.process_time()
    outcomes, changed, _ = sensitivity.derivatives(problem, at, "r")
    return {
        "settling_seconds": middle - began,
        "settling_processor_seconds": half - used,
        "seconds": time.perf_counter() - middle,
        "processor_seconds": time.process_time() - half,
        "settled": at.converged,
        "outcomes": len(outcomes.names),
        "parameters": len(changed.names),
        "muscles": len(problem.runner.muscles),
    }


def measure(
    runners: dict[str, RunnerDescription], wanted: Asked, planar: Path, out: Path, curves: bool
) -> tuple[dict[str, Timed], Told, Problem, np.ndarray]:
    """The solves in turn; what the derivatives took; the baseline's problem and solution.

    runners: `runner` and the same with weaker muscles, `weaker`. planar: folder of the planar
    solution. out: keeps the solutions.
    """
    runner, weaker = runners["runner"], runners["weaker"]
    followed, own = out / "reference", out / "baseline"
    records = {"lifted": follow_norms(runner, wanted, followed, lifted=planar)}
    if curves:
        records["curves"] = follow_norms(runner, wanted, out / "curves")
    problem, action = free_run(runner, wanted, 100.0, followed, followed)
    found, records["own"] = timed(problem, action)
    keep(own, problem, found)
    dose = free_run(weaker, wanted, DOSE, followed, own)
    _, records["warm"] = timed(*dose)
    records["beside"] = beside(lambda: timed(*dose)[1])
    return records, told(problem, found), problem, found.x


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


def milliseconds(function: ca.Function, *values: Any) -> float:
    """Processor time of one evaluation (ms), the mean of a few after a first."""
    function(*values)
    began = time.process_time()
    for _ in range(REPEATS):
        function(*values)
    return 1e3 * (time.process_time() - began) / REPEATS


def derivatives(problem: Problem, x: np.ndarray) -> list[list[str]]:
    """Rows: what is evaluated, ms."""
    program, p = problem.program, problem.parameters
    multipliers = np.random.default_rng(1).normal(size=program.nlp.size1_out(1))
    evaluated: list[tuple[str, ca.Function, tuple[Any, ...]]] = [
        ("objective and constraints", program.nlp, (x, p)),
        ("Jacobian", program.jac_g, (x, p)),
        ("Hessian of the Lagrangian", program.hess_lag, (x, p, 1.0, multipliers)),
    ]
    return [[name, f"{milliseconds(own, *given):.0f}"] for name, own, given in evaluated]


def skeleton(problem: Problem, x: np.ndarray) -> list[list[str]]:
    """Rows: a function of the skeleton, instructions a node, ms compiled and interpreted."""
    functions = elements.skeleton_functions(problem.runner)
    nodes, layout = problem.scheme.nodes, problem.layout
    z = problem.program.unpack(x)[1]
    columns = np.concatenate([layout.block(name) for name in ("q", "u", "du")])
    numbers = problem.parameters[problem.program.parameters.place("skeleton")]
    rounding = np.full((1, nodes), 0.2)
    instances = np.tile(numbers[:, None], nodes)
    rows = []
    for kind in ("value", "jacobian", "hessian"):
        given = [z[columns], rounding, instances]
        one = functions.of(kind)
        if kind == "hessian":
            given.append(np.ones((one.size1_in(3), nodes)))
        times = [milliseconds(f, *given) for f in (functions.mapped(kind, nodes), one.map(nodes))]
        rows.append(
            [f"skeleton, {kind}", str(one.n_instructions()), *(f"{ms:.1f}" for ms in times)]
        )
    return rows


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Time a spatial study's solves.")
    parser.add_argument("--runner", type=Path, required=True, help="folder of the spatial runner")
    parser.add_argument("--planar-solution", type=Path, required=True, help="to be lifted from")
    parser.add_argument("--intervals", type=int, help="of half a stride; the default study's")
    parser.add_argument("--curves", action="store_true", help="also from the norm curves at once")
    parser.add_argument("--out", type=Path, default=Path("results/benchmark"))
    args = parser.parse_args()

    wanted = asked()
    if args.intervals:
        wanted = replace(wanted, mesh_intervals=args.intervals)
    weaker = args.out / "runner_weaker"
    options = {"runner": args.runner, "arm": wanted.arm, "dose": DOSE, "out": weaker}
    commands.run("models.strength", options)
    folders = {"runner": args.runner, "weaker": weaker}
    runners = {who: description.read(folder / "runner.json") for who, folder in folders.items()}
    records, known, problem, x = measure(
        runners, wanted, args.planar_solution, args.out, args.curves
    )
    evaluated, inside = derivatives(problem, x), skeleton(problem, x)
    text = [
        report(records),
        "",
        f"`told`: {known['outcomes']} outcomes by {known['parameters']} parameters in "
        f"{known['processor_seconds']:.2f} s, after {known['settling_processor_seconds']:.2f} s "
        "without the barrier.",
        "",
        table(["one evaluation", "processor time (ms)"], evaluated),
        "",
        table(["", "instructions a node", "machine (ms)", "interpreter (ms)"], inside),
    ]
    content: dict[str, Any] = {
        "intervals": wanted.mesh_intervals,
        "speed_m_s": wanted.speed_m_s,
        "objective": wanted.objective,
        "habit_weight": wanted.habit_weight,
        "solves": records,
        "told": known,
        "derivatives_ms": evaluated,
        "skeleton_ms": inside,
        "peak_memory_gib": peak_memory_gib(),
        "machine": machine(),
        "versions": versions("casadi", "numpy"),
    }
    write_json(args.out / "spatial_speed.json", content)
    write_text(args.out / "spatial_speed.md", "\n".join(text) + "\n")
    print("\n".join(text))


if __name__ == "__main__":
    run_command(main)

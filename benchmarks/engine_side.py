"""The benchmark's problem through this engine, and the same problem written down for Moco.

Running is tracked at a prescribed stride time, so that both sides minimise the same integral over
the same half stride. Written into the folder --out:

problem.json   the problem in plain numbers: nodes, bounds, weights, reference, guess, solution
engine.json    what it took: unknowns, iterations, seconds, objective by term

    python -m benchmarks.engine_side --runner DIR --out DIR
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np

from benchmarks import instrument
from benchmarks.machine import machine, versions
from benchmarks.records import EngineSolve, PlainProblem
from formats import description
from formats.files import run_command, write_json
from simulations.collocation import objective
from simulations.problems import reference
from simulations.problems.problem import Mesh, Problem, node_bounds, pose, unknown_names
from simulations.problems.reference import Reference
from simulations.solving import guess
from simulations.solving.ipopt import Guess
from simulations.solving.solve import Solution, solve

# Points over the half stride at which the reference is handed over: Moco fits its own spline.
_REFERENCE_POINTS = 101
_LIMITED_MEMORY_ITERATIONS = 30


def posed(runner: Path, norms: Path, speed: float, weight: float, mesh: Mesh) -> Problem:
    """Tracking of the norm curves at `speed` (m/s), stride time prescribed."""
    read = description.read(runner / "runner.json")
    target = reference.from_norm_curves(norms, speed, read)
    return pose(
        read,
        speed=speed,
        mesh=mesh,
        objective=objective.objective("metabolic_mix"),
        reference=target,
        habit_weight=weight,
        stride_time=target.stride_time,
    )


def plain(problem: Problem, target: Reference, weight: float, **points: np.ndarray) -> PlainProblem:
    """The problem in physical units, without this engine's types.

    points: unknowns x by name (guess, solution), as one row per quantity and a column per node.
    """
    program, runner = problem.program, problem.runner
    layout, mix = program.layout, objective.objective("metabolic_mix")
    scale = layout.scale
    lower, upper = (bound * scale for bound in node_bounds(runner, layout))
    names = unknown_names(problem)
    held = np.ones(layout.nq) if target.held is None else target.held
    with np.errstate(divide="ignore"):  # what is not held at all has no SD
        sd = objective.habit_sd(runner) / np.sqrt(held)
    volume = np.array([m.max_isometric_force * m.optimal_fiber_length for m in runner.muscles])
    phase = np.linspace(0, 1 / program.spans, _REFERENCE_POINTS)
    coordinates = [c.name for c in runner.coordinates]
    content: PlainProblem = {
        "speed_m_s": problem.speed,
        "duration_s": target.stride_time / program.spans,
        "intervals": program.scheme.intervals,
        "scheme": program.scheme.name,
        "phase": program.scheme.phase.tolist(),
        "bounds": {
            name: [low, high]
            for name, low, high in zip(names, lower.tolist(), upper.tolist(), strict=True)
        },
        "weights": dict(zip(objective.TERMS, objective.weights(mix, weight).tolist(), strict=True)),
        "acceleration_unit": 300.0,
        "tendon_rate_unit": 10.0,
        "effort_share": dict(
            zip([m.name for m in runner.muscles], (volume / volume.sum()).tolist(), strict=True)
        ),
        "sd": {n: s for n, s in zip(coordinates, sd.tolist(), strict=True) if np.isfinite(s)},
        "reference": {
            "time": (phase * target.stride_time).tolist(),
            "coordinates": dict(zip(coordinates, target.at(phase).tolist(), strict=True)),
        },
        "points": {},
    }
    for key, x in points.items():
        values = program.unpack(x)[1] * scale[:, None]
        content["points"][key] = dict(zip(names, values.tolist(), strict=True))
    return content


def full_solve(problem: Problem, start: Guess) -> tuple[Solution, EngineSolve]:
    """Solve to the end as a study does, and where the time went."""
    began = time.process_time()
    with instrument.recording() as profile:
        found = solve(problem, start, max_iterations=3000)
    processor = time.process_time() - began
    return found, {
        "finished": found.converged,
        "status": found.return_status,
        "iterations": found.iterations,
        "seconds": found.solve_time_s,
        "seconds_per_iteration": found.solve_time_s / max(found.iterations, 1),
        "processor_seconds_per_iteration": processor / max(found.iterations, 1),
        "objective": found.objective,
        "objective_total": sum(found.objective.values()),
        "profile": profile.seconds(),
    }


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Solve the benchmark's problem with this engine.")
    parser.add_argument("--runner", type=Path, required=True, help="folder with runner.json")
    parser.add_argument("--norms", type=Path, default=Path("analysis/norm_curves.csv"))
    parser.add_argument("--speed", type=float, default=3.5, help="m/s")
    parser.add_argument("--weight", type=float, default=1.0, help="tracking weight")
    parser.add_argument("--intervals", type=int, default=25, help="of half a stride")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()

    problem = posed(args.runner, args.norms, args.speed, args.weight, Mesh(args.intervals))
    target = reference.from_norm_curves(args.norms, args.speed, problem.runner)
    start = guess.cold(problem, target)
    found, record = full_solve(problem, start)
    limited = instrument.limited_memory(problem, start, _LIMITED_MEMORY_ITERATIONS)
    program = problem.program
    write_json(
        args.out / "problem.json",
        plain(problem, target, args.weight, guess=start.x, solution=found.x),
    )
    write_json(
        args.out / "engine.json",
        {
            "unknowns": int(np.count_nonzero(problem.lower < problem.upper)),
            "constraints": program.n_path + program.n_collocation + program.n_boundary,
            "solve": record,
            "limited_memory": limited,
            "threads": 1,
            "machine": machine(),
            "versions": versions("casadi", "numpy"),
        },
    )


if __name__ == "__main__":
    run_command(main)

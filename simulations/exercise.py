"""An exercise: the joints' paths are prescribed, the floor carries the body, the muscles share.

    python -m simulations.exercise --case DIR --exercises FILE [FILE ..]

case.json names exercise, band and kind: `static` (the grid's postures, each at rest) or `movement`
(one repetition). Writes the files of a solved case, supports.sto (what the floor does to other
bodies than the feet), exercise.json (moments, supports, reserves) and solver.json last.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from formats import case, description, exercises
from formats.case import SUPPORTS, ExerciseSettings
from formats.files import run_command, write_json, write_text
from formats.solve_records import EXERCISE, ExerciseRecord, ReserveTorque
from formats.storage import write_storage
from simulations.collocation import objective
from simulations.collocation.scheme import scheme
from simulations.output import motion
from simulations.problems import exercise, sharing, strength_needed
from simulations.problems.exercise import Exerciser, Posed, Unposable
from simulations.problems.prescribed import FEET, Demand
from simulations.problems.problem import Problem
from simulations.problems.sharing import Shared
from simulations.solving import load_sharing as share
from simulations.solving.load_sharing import Sharer

INTERVALS_PER_SECOND = 12
"""Mesh of a movement: activation and tendons follow within 0.1 s, and nothing is quicker here."""
STARTS = ((0.1, 0.1),)
STATIC = "static"


def solve(
    runner: description.RunnerDescription,
    settings: ExerciseSettings,
    book: exercises.Exercises,
    log: Path,
    threads: int = 1,
    max_iterations: int = 500,
) -> tuple[Posed, Shared]:
    """Pose and solve the exercise that `settings` (case.json) names."""
    name = settings["exercise"]
    made = Exerciser(runner, book.get(name), book.supports(name))
    still = settings["kind"] == STATIC
    count = 1 if still else round(INTERVALS_PER_SECOND * made.exercise.seconds)
    grid = scheme("trapezoidal", count)
    posed = made.grid() if still else made.movement(grid.phase * made.exercise.seconds)
    goal = objective.objective(settings["objective"])
    program = sharing.program(runner, grid, goal, threads)
    sharer = Sharer(runner, goal, grid, made.prescriber, program, threads)

    def change(problem: Problem) -> Problem:
        problem = exercise.slackened(problem)
        problem = exercise.at_rest(problem) if still else problem
        return exercise.passive(problem) if made.exercise.passive else problem

    def share_out(demand: Demand) -> Shared:
        return sharer.solve(
            demand,
            max_iterations=max_iterations,
            log=log,
            starts=STARTS,
            change=change,
            take_up_slack=False,
        )

    if not still:
        label = f"[{settings['case']}] {program.layout.size * grid.nodes} unknowns"
        print(label, file=sys.stderr, flush=True)
        return posed, share_out(posed.demand)
    each = [share_out(exercise.one_posture(posed.demand, i)) for i in range(len(posed.progress))]
    worst = min(each, key=lambda one: one.stop.converged)
    return posed, replace(
        worst,
        demand=posed.demand,
        values=np.stack([one.values[:, 0] for one in each], axis=1),
        seconds=sum(one.seconds for one in each),
        starts=[told for one in each for told in one.starts],
    )


def write(out: Path, settings: ExerciseSettings, posed: Posed, shared: Shared) -> None:
    """Write the case folder's files, solver.json last."""
    demand, runner = posed.demand, shared.problem.runner
    feet = {side: demand.wrenches[side] for side in FEET}
    motion.write(out, runner, share.whole(shared), motion.ground_table(demand.time, feet))
    others = [name for name in demand.wrenches if name not in FEET]
    table = {"time": demand.time}
    for name in others:
        for i, what in enumerate(
            ("force_x", "force_y", "force_z", "moment_x", "moment_y", "moment_z")
        ):
            table[f"{name}_{what}"] = demand.wrenches[name][i]
    write_storage(out / SUPPORTS, pd.DataFrame(table))
    write_json(out / EXERCISE, report(settings, posed, shared))
    told = share.record(shared, 0.0)
    write_json(out / "solver.json", told)
    share.announce(settings["case"], told["reason"], told["iterations"], told["solve_time_s"])


def refuse(out: Path, settings: ExerciseSettings, reason: str) -> None:
    """Write the record of an exercise that no body can do, and its files empty."""
    for name in (*motion.FILES, SUPPORTS, EXERCISE):
        write_text(out / name, "")
    write_json(out / "solver.json", {"status": "failed", "reason": reason})
    share.announce(settings["case"], reason, 0, 0.0)


def report(settings: ExerciseSettings, posed: Posed, shared: Shared) -> ExerciseRecord:
    """Moments (N m) that are asked, what reserves give, the floor's forces (N), by node."""
    demand, runner = posed.demand, shared.problem.runner
    names = [c.name for c in runner.coordinates]
    helped = sharing.muscled(runner) - sharing.beyond_the_force(runner)
    control = shared.block("c")
    reserves: dict[str, ReserveTorque] = {}
    for i, actuator in enumerate(runner.actuators):
        if actuator.coordinate in helped:
            moment = actuator.optimal_force * control[i]
            peak = float(np.abs(demand.moments[names.index(actuator.coordinate)]).max())
            reserves[actuator.coordinate] = {
                "torque_nm": moment.tolist(),
                "largest_nm": float(np.abs(moment).max()),
                "peak_moment_nm": peak,
            }
    base = exercise.base_coordinates(runner)
    needed = strength_needed.needed(runner, demand, exercises.RESERVE_LIMIT_NM)
    return {
        "exercise": settings["exercise"],
        "kind": settings["kind"],
        "band": settings["band"],
        "time_s": demand.time.tolist(),
        "progress": posed.progress.tolist(),
        "moments_nm": {
            name: demand.moments[i].tolist() for i, name in enumerate(names) if i not in base
        },
        "passive_tissue_nm": {
            name: demand.passive[i].tolist() for i, name in enumerate(names) if i not in base
        },
        "reserves": reserves,
        "strength_needed": [x if np.isfinite(x) else None for x in needed.strength.tolist()],
        "strength_needed_for": needed.coordinate,
        "base_residual": float(np.abs(demand.moments[base]).max()),
        "supports_n": {
            name: {"force": force.T.tolist(), "place_m": place.T.tolist()}
            for name, (force, place) in posed.supports.items()
        },
    }


def main() -> None:
    """Solve one exercise."""
    parser = argparse.ArgumentParser(description="Find the muscles' shares in an exercise.")
    parser.add_argument("--case", type=Path, required=True, help="folder: case.json, runner.json")
    parser.add_argument("--exercises", type=Path, required=True, help="file of exercises")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--max-iterations", type=int, default=500)
    args = parser.parse_args()
    runner = description.read(args.case / "runner.json")
    settings = case.read_exercise(args.case)
    (args.case / "solver.json").unlink(missing_ok=True)
    try:
        posed, shared = solve(
            runner,
            settings,
            exercises.read(args.exercises),
            args.case / "ipopt.log",
            args.threads,
            args.max_iterations,
        )
    except Unposable as error:
        refuse(args.case, settings, str(error))
        return
    write(args.case, settings, posed, shared)


if __name__ == "__main__":
    run_command(main)

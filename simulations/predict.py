"""Predict: nothing is prescribed but the speed; a habit may hold the runner to its own motion."""

from __future__ import annotations

import argparse
import itertools
import math
from collections.abc import Iterator
from pathlib import Path

from formats import case as settings
from formats import description
from formats.case import STEP_RATES, CaseSettings
from formats.description import RunnerDescription
from formats.files import alone, run_command
from formats.solve_records import EasedBy
from simulations.collocation import objective
from simulations.problems.mechanisms import Mechanisms, Thigh
from simulations.problems.problem import Mesh, Problem, pose
from simulations.solving import guess, run, solution, stride_time_kicks
from simulations.solving import habit_continuation as held
from simulations.solving import step_rate_continuation as pace
from simulations.solving.solution import StoredSolution


def mechanisms(
    runner: RunnerDescription, case: CaseSettings, baseline: StoredSolution
) -> Mechanisms:
    """The mechanisms of a case; baseline: the run whose peak of thigh flexion a drive changes."""
    sizes = settings.MECHANISMS | settings.mechanisms(case)
    drive = sizes["drive_percent"] / 100
    return Mechanisms(
        drive,
        Thigh.of(baseline.reference(), runner) if drive else None,
        sizes["reciprocal_inhibition"],
        sizes["gluteal_ceiling"],
        math.radians(sizes["pelvic_tilt_deg"]),
    )


def problem(
    runner: RunnerDescription,
    case: CaseSettings,
    habit: StoredSolution,
    baseline: StoredSolution,
    *,
    chosen: Mechanisms | None = None,
    threads: int = 1,
) -> Problem:
    """Pose a case: one row of cases.csv.

    habit: the 100 % runner's own motion. baseline: the solution whose step rate a locked cadence
    keeps, or exceeds and undercuts by 5 or 10 %. mesh_intervals are those of half a stride; a dose
    on one side takes the whole stride and twice as many. chosen: mechanisms in place of the case's.
    """
    cadence = case["cadence"]
    if cadence != "free" and cadence not in STEP_RATES:
        allowed = ", ".join(["free", *STEP_RATES])
        raise ValueError(f"case {case['case']}: cadence {cadence!r}; allowed: {allowed}")
    mirrored = case["side"] == "both" or case["dose_percent"] == 100
    intervals = case["mesh_intervals"] * (1 if mirrored else 2)
    return pose(
        runner,
        speed=case["speed_m_s"],
        mesh=Mesh(intervals, case.get("scheme", "trapezoidal")),
        objective=objective.objective(case["objective"]),
        reference=habit.reference(),
        habit_weight=case["habit_weight"],
        stride_time=None if cadence == "free" else baseline.stride_time / STEP_RATES[cadence],
        mirrored=mirrored,
        threads=threads,
        mechanisms=chosen or mechanisms(runner, case, baseline),
    )


def towards(
    runner: RunnerDescription,
    case: CaseSettings,
    habit: StoredSolution,
    baseline: StoredSolution,
    threads: int,
) -> Iterator[tuple[EasedBy, float, Problem]]:
    """The problems on the way to a case's mechanisms, as solving.run.climb takes them."""
    for what, size, chosen in mechanisms(runner, case, baseline).rungs():
        posed = problem(runner, case, habit, baseline, chosen=chosen, threads=threads)
        yield what, size, posed


def main() -> None:
    """Solve one case."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--case", type=Path, required=True, help="folder: case.json, runner.json")
    parser.add_argument("--reference", type=Path, required=True, help="the 100 %% runner's motion")
    parser.add_argument("--guess", type=Path, required=True, help="folder of the baseline solution")
    parser.add_argument(
        "--tracking-weight", type=float, default=math.inf, help="that the reference was found with"
    )
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--max-iterations", type=int, default=1000)
    args = parser.parse_args()

    runner = description.read(args.case / "runner.json")
    case = settings.read(args.case)
    with alone(args.case):
        for needed in (args.reference, args.guess):
            if not run.usable(needed):
                run.fail(args.case, case["case"], f"the run it starts from failed: {needed.name}")
                return
        habit, baseline = solution.load(args.reference), solution.load(args.guess)
        posed = problem(runner, case, habit, baseline, threads=args.threads)
        label = case["case"]
        if case["start"] == "cold":
            start, held_by = guess.cold(posed, habit.reference()), math.inf
        else:
            start = guess.neighbour(posed, baseline)
            held_by = args.tracking_weight if args.guess == args.reference else 0.0
        start, steps = run.climb(
            itertools.chain(
                held.rungs(posed, case["habit_weight"], held_by),
                () if case["start"] == "cold" else pace.rungs(posed, baseline.stride_time),
                towards(runner, case, habit, baseline, args.threads),
            ),
            start,
            args.case,
            label=label,
            max_iterations=args.max_iterations,
        )
        if args.guess == args.reference and case["start"] != "cold":
            start, kicks = stride_time_kicks.lowest(
                posed, start, args.case, label=label, max_iterations=args.max_iterations
            )
            steps += kicks
        run.run(
            posed, start, args.case, label=label, max_iterations=args.max_iterations, ladder=steps
        )


if __name__ == "__main__":
    run_command(main)

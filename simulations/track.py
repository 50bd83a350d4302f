"""Track: the runner follows published mean curves softly, dynamics exact, contact carrying him."""

from __future__ import annotations

import argparse
from pathlib import Path

from simulations import description, guess, objective, reference, run, solution
from simulations.description import RunnerDescription
from simulations.files import run_command
from simulations.problem import Mesh, Problem, pose
from simulations.reference import Reference


def problem(
    runner: RunnerDescription,
    target: Reference,
    *,
    speed: float,
    weight: float,
    mesh: Mesh,
    objective_name: str = "metabolic_mix",
    threads: int = 1,
) -> Problem:
    """Pose tracking of `target` at `speed` (m/s) with a tracking `weight`."""
    return pose(
        runner,
        speed=speed,
        mesh=mesh,
        objective=objective.objective(objective_name),
        reference=target,
        habit_weight=weight,
        threads=threads,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runner", type=Path, required=True, help="folder with runner.json")
    parser.add_argument("--norms", type=Path, required=True, help="table of mean curves")
    parser.add_argument("--speed", type=float, required=True, help="m/s")
    parser.add_argument("--weight", type=float, required=True, help="tracking weight")
    parser.add_argument("--objective", default="metabolic_mix")
    parser.add_argument("--mesh", type=int, default=50, help="intervals in half a stride")
    parser.add_argument("--scheme", default="trapezoidal")
    parser.add_argument("--guess", type=Path, help="folder of a solution to start from")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--max-iterations", type=int, default=1000)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()

    runner = description.read(args.runner / "runner.json")
    target = reference.from_norm_curves(args.norms, args.speed, runner)
    posed = problem(
        runner,
        target,
        speed=args.speed,
        weight=args.weight,
        mesh=Mesh(args.mesh, args.scheme),
        objective_name=args.objective,
        threads=args.threads,
    )
    start = (
        guess.neighbour(posed, solution.load(args.guess))
        if args.guess
        else guess.cold(posed, target)
    )
    run.run(posed, start, args.out, label=args.out.name, max_iterations=args.max_iterations)


if __name__ == "__main__":
    run_command(main)

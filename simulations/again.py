"""Again: the same case on a finer mesh, or from another start, to see whether its numbers stay.

    python -m simulations.again --case DIR --how elsewhere3 ..      from the third start

A start elsewhere is drawn: its number is the seed (simulations.solving.guess.bent).
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path

from formats import case as settings
from formats import description
from formats.case import CaseSettings
from formats.files import alone, run_command, write_bytes, write_json
from formats.solve_records import Rung
from formats.solved_again import start_of
from simulations.predict import problem
from simulations.solving import guess, run, solution
from simulations.solving import habit_continuation as held


def main() -> None:
    """Solve a case again; writes a case folder of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--case", type=Path, required=True, help="folder of the solved case")
    parser.add_argument("--reference", type=Path, required=True, help="the 100 %% runner's motion")
    parser.add_argument("--guess", type=Path, required=True, help="folder of the baseline solution")
    parser.add_argument(
        "--how", required=True,
        help="fine: on twice the intervals from its own solution; elsewhere1, elsewhere2 ..: "
        "from a start far from it",
    )  # fmt: skip
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--max-iterations", type=int, default=1000)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()

    number = start_of(args.how)
    case = settings.read(args.case)
    label = f"{case['case']} again, {args.how}"
    times = 2 if number is None else 1
    again: CaseSettings = {**case, "mesh_intervals": times * case["mesh_intervals"]}
    runner = description.read(args.case / "runner.json")
    steps: list[Rung] = []
    with alone(args.out):
        write_json(args.out / "case.json", again)
        for name in ("runner.osim", "runner.json"):
            write_bytes(args.out / name, (args.case / name).read_bytes())
        if not run.usable(args.case):
            run.fail(args.out, label, "the case itself has no solution")
            return
        habit, baseline = solution.load(args.reference), solution.load(args.guess)
        posed = problem(runner, again, habit, baseline, threads=args.threads)
        if number is None:
            start = guess.neighbour(posed, solution.load(args.case))
        else:
            # Held at first to the motion it starts from: a runner who is free goes their own way.
            other = guess.bent(posed, habit.reference(), number)
            start, steps = run.climb(
                held.rungs(posed.following(other), case["habit_weight"], math.inf),
                guess.cold(posed, other),
                args.out,
                label=label,
                max_iterations=args.max_iterations,
            )
        run.run(
            posed, start, args.out, label=label, max_iterations=args.max_iterations, ladder=steps
        )


if __name__ == "__main__":
    run_command(main)

"""Refine: the same case on a finer mesh, from its own solution, to see whether its numbers stay."""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path

from simulations import description, guess, run, solution
from simulations.files import run_command, write_json
from simulations.predict import problem


def main() -> None:
    """Solve a case again on a multiple of its intervals; writes a case folder of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--case", type=Path, required=True, help="folder of the solved case")
    parser.add_argument("--reference", type=Path, required=True, help="the 100 %% runner's motion")
    parser.add_argument("--guess", type=Path, required=True, help="folder of the baseline solution")
    parser.add_argument("--times", type=int, default=2, help="finer by this factor")
    parser.add_argument("--max-iterations", type=int, default=1000)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()

    case = json.loads((args.case / "case.json").read_text())
    label = f"{case['case']} on a finer mesh"
    fine = case | {"mesh_intervals": args.times * case["mesh_intervals"]}
    write_json(args.out / "case.json", fine)
    for name in ("runner.osim", "runner.json"):
        shutil.copyfile(args.case / name, args.out / name)
    if not run.usable(args.case):
        run.fail(args.out, label, "the case itself has no solution")
        return
    runner = description.read(args.case / "runner.json")
    own = solution.load(args.case)
    habit, baseline = solution.load(args.reference), solution.load(args.guess)
    posed = problem(runner, fine, habit, baseline)
    start = guess.neighbour(posed, own)
    run.run(posed, start, args.out, label=label, max_iterations=args.max_iterations)


if __name__ == "__main__":
    run_command(main)

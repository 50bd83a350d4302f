"""Inverse: motion and ground force are measured; the muscles share the joint moments.

Activation and tendons keep their dynamics; reserve actuators give what the muscles cannot, at a
price, and their size is reported (inverse.json). Of several strides the first goes into the case's
folder, the others into its folders stride_2 and so on (the number in the trial).
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from formats import case, description
from formats.description import RunnerDescription
from formats.files import run_command, write_text
from formats.table import csv_text
from formats.trial.reading import for_runner
from simulations.collocation import objective
from simulations.collocation.scheme import scheme
from simulations.output import balance, shares_table
from simulations.problems import sharing
from simulations.solving import load_sharing as share
from simulations.solving.load_sharing import Sharer


def check_runner(runner: RunnerDescription) -> None:
    """Refuse a runner in which a coordinate that muscles cross, or nothing moves, has no actuator.

    Measured motion asks for moments that no muscle may be able to give; without a reserve the
    problem would have no solution.
    """
    moved = {a.coordinate for a in runner.actuators}
    lacking = [
        runner.coordinates[i].name
        for i in sharing.balanced(runner)
        if runner.coordinates[i].name not in moved
    ]
    if lacking:
        raise ValueError(
            f"runner {runner.name}: coordinate {lacking[0]} has no actuator; a measured runner "
            "needs a reserve on each, python -m models.own adds them"
        )


def main() -> None:
    """Solve one measured case."""
    parser = argparse.ArgumentParser(description="Find the muscles' shares in a measured motion.")
    parser.add_argument("--case", type=Path, required=True, help="folder: case.json, runner.json")
    parser.add_argument("--trial", type=Path, required=True, help="folder of the measured trial")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--max-iterations", type=int, default=500)
    args = parser.parse_args()

    runner = description.read(args.case / "runner.json")
    settings = case.read(args.case)
    check_runner(runner)
    trial = for_runner(args.trial, runner)
    # mesh_intervals are those of half a stride, as everywhere; a measured stride is a whole one.
    grid = scheme(settings.get("scheme", "trapezoidal"), 2 * settings["mesh_intervals"])
    sharer = Sharer.build(runner, objective.objective(settings["objective"]), grid, args.threads)
    (args.case / "solver.json").unlink(missing_ok=True)
    # The main stride comes last: its solver.json says that all is done.
    chosen = trial.chosen()
    for stride in reversed(chosen):
        main_one = stride == chosen[0]
        out = args.case if main_one else args.case / f"stride_{stride.number}"
        out.mkdir(exist_ok=True)
        label = settings["case"] if main_one else f"{settings['case']} stride {stride.number}"
        demand = sharer.demand(trial, stride.start, stride.end)
        size = sharer.program.layout.size * grid.nodes
        print(f"[{label}] cold start, {size} unknowns", file=sys.stderr, flush=True)
        found = sharer.solve(demand, max_iterations=args.max_iterations, log=out / "ipopt.log")
        text = csv_text(shares_table.table(trial, stride, sharer, found), "%.6g")
        write_text(out / shares_table.FILE, text)
        share.write(out, found, label, balance.report(trial, stride, found), settings["speed_m_s"])


if __name__ == "__main__":
    run_command(main)

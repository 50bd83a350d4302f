"""What it takes until a problem can be solved whose structure is known: another strength or body.

In a process of its own, as a study's steps are: Python and its packages, the runner's description,
and the problem, its functions taken from the cache.

    python -m benchmarks.ready --runner DIR --out FILE
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np

from benchmarks.default_study import asked
from formats import description
from formats.files import run_command, write_json
from simulations.collocation import objective
from simulations.problems.problem import Mesh, pose
from simulations.problems.reference import Reference


def main() -> None:
    """Command line."""
    starting = time.process_time()
    parser = argparse.ArgumentParser(description="Time posing a problem whose structure is known.")
    parser.add_argument("--runner", type=Path, required=True, help="folder of the runner")
    parser.add_argument("--out", type=Path, required=True, help="file to write")
    args = parser.parse_args()
    wanted = asked()
    began = time.process_time()
    runner = description.read(args.runner / "runner.json")
    reading = time.process_time() - began
    count = len(runner.coordinates)
    still = Reference(np.linspace(0, 1, 5), np.zeros((count, 5)), 0.7)
    clock, began = time.perf_counter(), time.process_time()
    problem = pose(
        runner,
        speed=wanted.speed_m_s,
        mesh=Mesh(wanted.mesh_intervals),
        objective=objective.objective(wanted.objective),
        reference=still,
        habit_weight=wanted.habit_weight,
    )
    record = {
        "starting": starting,
        "reading": reading,
        "processor_seconds": time.process_time() - began,
        "seconds": time.perf_counter() - clock,
        "unknowns": problem.program.n_x,
    }
    write_json(args.out, record)


if __name__ == "__main__":
    run_command(main)

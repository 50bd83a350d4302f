"""Calibrate: weights of an objective with which a free runner runs as people do.

    python -m simulations.calibrate --runner DIR --norms analysis/norms.csv \
        --curves analysis/norm_curves.csv --speeds 2.5 3.5 --sets 8 --out calibration.yaml

From a named objective, and from others drawn about it, the outer error (mean squared distance from
the norms, in SDs, all speeds together) is lowered by Levenberg-Marquardt with derivatives from the
KKT matrix. Sets whose error is within --tolerance of the best are kept: what the norms leave open
is part of a study's spread. Measured motion enters as a rough guess and in the outer error alone.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TypedDict

import numpy as np
import yaml

from formats import description
from formats.files import run_command, write_text
from formats.origin import origin
from simulations.calibration import norms as published
from simulations.calibration.inner import LEAN, Runner
from simulations.calibration.search import Fit, descend
from simulations.collocation.objective import TERMS, objective
from simulations.collocation.objectives import Objective
from simulations.output.gait_measures import Measures
from simulations.problems import reference
from simulations.problems.problem import Mesh, pose
from simulations.solving import guess

# The lean is told in degrees; a weight of zero stays zero.
SOUGHT = (*TERMS[:-1], LEAN)
# SD of the natural logarithm by which other starts are drawn about the first.
SCATTER = 0.7


def runners(
    folder: Path, curves: Path, speeds: list[float], start: Objective, mesh: int
) -> dict[float, Runner]:
    """Free runners at the speeds, each settled at the start's weights."""
    runner = description.read(folder / "runner.json")
    measures = Measures(runner)
    found = {}
    for speed in speeds:
        target = reference.from_norm_curves(curves, speed, runner)
        posed = pose(
            runner,
            speed=speed,
            mesh=Mesh(mesh),
            objective=start,
            reference=target,
            habit_weight=0.0,
        )
        found[speed] = Runner(posed, measures, guess.cold(posed, target))
        found[speed].keep(found[speed].settle(start))
    return found


def drawn(start: Objective, number: int) -> Objective:
    """The start itself (0), or with its weights multiplied by lognormal factors (seeded)."""
    if number == 0:
        return start
    generator = np.random.default_rng(number)
    factors = {name: float(np.exp(SCATTER * generator.normal())) for name in TERMS[:-1]}
    return replace(start, **{name: getattr(start, name) * f for name, f in factors.items()})


class WeightSet(TypedDict):
    """A set of weights: how well it fits, what is beyond 2 SD of the norms (z), weights by term."""

    drawn: int
    mean_squared_z: float
    beyond_2_sd: dict[str, float]
    seconds: float
    weights: dict[str, float | bool]


def record(fit: Fit, number: int, seconds: float) -> WeightSet:
    """A set of weights as it is kept: how well it fits, and what it misses."""
    far = {
        f"{name} at {speed:g} m/s": round(z, 2)
        for speed, table in fit.z.items()
        for name, z in table.items()
        if abs(z) > 2
    }
    return {
        "drawn": number,
        "mean_squared_z": round(fit.error, 4),
        "beyond_2_sd": far,
        "seconds": round(seconds, 1),
        "weights": {
            key: float(f"{value:.4g}") if not isinstance(value, bool) else value
            for key, value in fit.objective.numbers().items()
        },
    }


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--runner", type=Path, required=True, help="folder with runner.json")
    parser.add_argument("--norms", type=Path, required=True, help="table of norms")
    parser.add_argument("--curves", type=Path, required=True, help="table of mean curves")
    parser.add_argument("--speeds", type=float, nargs="+", default=[2.5, 3.5])
    parser.add_argument("--start", default="free_running", help="name of an objective")
    parser.add_argument("--sets", type=int, default=8)
    parser.add_argument("--iterations", type=int, default=8)
    parser.add_argument("--tolerance", type=float, default=0.15, help="share above the best error")
    parser.add_argument("--mesh", type=int, default=50)
    parser.add_argument("--out", type=Path, required=True, help="file to write (.yaml)")
    args = parser.parse_args()

    start = objective(args.start)
    table = {speed: published.at_speed(args.norms, speed) for speed in args.speeds}
    settled = runners(args.runner, args.curves, args.speeds, start, args.mesh)
    home = {speed: runner.near for speed, runner in settled.items()}
    kept: list[WeightSet] = []
    number = 0
    while len(_near(kept, args.tolerance)) < args.sets and number < 3 * args.sets:
        began, fit = time.process_time(), None
        for speed, runner in settled.items():
            runner.near = home[speed]
        first = drawn(start, number)
        names = [name for name in SOUGHT if getattr(first, name)]
        try:
            for fit in descend(settled, table, first, names, args.iterations):
                said = f"[calibrate] set {number}: mean squared z {fit.error:.3f}"
                print(said, file=sys.stderr, flush=True)
        except ValueError as error:
            print(f"[calibrate] set {number}: {error}", file=sys.stderr, flush=True)
        if fit is not None:
            kept.append(record(fit, number, time.process_time() - began))
        number += 1
        best = sorted(_near(kept, args.tolerance), key=lambda one: one["mean_squared_z"])
        found = {
            "runner": args.runner.name,
            "speeds_m_s": args.speeds,
            "started_from": args.start,
            "tried": number,
            "made": origin(),
            "sets": best[: args.sets],
        }
        # Written after each set, so that what was found so far is kept whatever happens.
        write_text(args.out, yaml.safe_dump(found, sort_keys=False))


def _near(kept: list[WeightSet], tolerance: float) -> list[WeightSet]:
    """Those whose error is within a share of the best."""
    if not kept:
        return []
    limit = min(one["mean_squared_z"] for one in kept) * (1 + tolerance)
    return [one for one in kept if one["mean_squared_z"] <= limit]


if __name__ == "__main__":
    run_command(main)

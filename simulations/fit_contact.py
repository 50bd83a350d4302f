"""Fit the sole under a measured runner, and how closely he is followed, to one trial.

    python -m simulations.fit_contact --runner DIR --trial FOLDER --start CASE --weight 1 --out OUT

DIR holds runner.json of models.add_contact, CASE a tracked solution to start from. Every try is a
whole solve of simulations.track's problem, kept in OUT/try_00 and so on, from the best so far.
OUT/fit.json says after every try what was tried, failed ones too, and which is the best; its
numbers are the options of models.add_contact and simulations.track.

The search goes along one parameter at a time, both ways, and shortens its steps when none helps:
it needs no derivative, bears solves that fail, and goes the same way each time.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Generator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NotRequired, TypedDict

import numpy as np

from formats import description
from formats.description import RunnerDescription
from formats.files import alone, run_command, write_json, write_text
from formats.sole import Sole, fitted, height
from simulations import compare_trial as mismatch
from simulations.problems import tracking
from simulations.problems.problem import Mesh, Problem
from simulations.solving import guess, run, solution
from simulations.solving.ipopt import Guess
from simulations.solving.solution import StoredSolution

FILE = "fit.json"
# What counts as one unit of mismatch.
UNITS = {"ground_force_rms_bw": 0.1, "leg_angle_rms_deg": 3.0, "stride_time_off_s": 0.012}


@dataclass(frozen=True)
class Point:
    """What is fitted: height of the sole (m), toes' rise (m), stiffness share, tracking weight."""

    sole_height: float
    toe_rise: float
    share: float
    weight: float

    @property
    def sole(self) -> Sole:
        """The part that changes the runner."""
        return Sole(self.sole_height, self.share, self.toe_rise)

    def moved(self, name: str, steps: float) -> Point:
        """So many steps along a parameter: lengths by a distance, the others by a factor."""
        value, step = getattr(self, name), STEPS[name]
        value = value + steps * step if name in LENGTHS else value * step**steps
        return replace(self, **{name: float(f"{value:.6g}")})


STEPS = {"toe_rise": 0.008, "share": 1.5, "weight": 3.0, "sole_height": 0.006}
"""First steps, in the order of the search."""
LENGTHS = ("toe_rise", "sole_height")
LEAST_GAIN = 0.01
"""Share of the cost by which a try must be better to be gone on from: what changes next to nothing
(the sole's height does, for where the pelvis is follows from it) must not start the search anew."""


def parts(report: mismatch.Distance) -> dict[str, float]:
    """The mismatches that count, by name of UNITS, from a report of simulations.compare_trial."""
    force = np.linalg.norm(list(report["ground_force_rms_bw"].values()))
    duration = report["tracked"]["stride_time_s"] - report["measured"]["stride_time_s"]
    values = (float(force), report["leg_angle_rms_deg"], abs(duration))
    return dict(zip(UNITS, values, strict=True))


def cost(found: dict[str, float]) -> float:
    """Mean square of the mismatches, each in its unit."""
    return sum((found[name] / unit) ** 2 for name, unit in UNITS.items()) / len(UNITS)


def search(start: Point, names: tuple[str, ...], halvings: int) -> Generator[Point, float, None]:
    """Points to try, one after the other; send back each one's cost (infinite: no result)."""
    best, least = start, (yield start)
    tried = {start}
    for halving in range(halvings + 1):
        improved = True
        while improved:
            improved = False
            for name in names:
                for sign in (1, -1):
                    point = best.moved(name, sign * 0.5**halving)
                    if point in tried:
                        continue
                    tried.add(point)
                    found = yield point
                    if found < (1 - LEAST_GAIN) * least:
                        best, least, improved = point, found, True
                        break


Try = TypedDict(
    "Try",
    {
        "try": str,
        "sole_height": float,
        "toe_rise": float,
        "share": float,
        "weight": float,
        "status": str,
        "reason": str,
        "iterations": int,
        "solve_time_s": float,
        "cost": NotRequired[float],
        "ground_force_rms_bw": NotRequired[float],
        "leg_angle_rms_deg": NotRequired[float],
        "stride_time_off_s": NotRequired[float],
        "tracked": NotRequired[mismatch.GroundOutcomes],
    },
)
"""A point that was tried, and how its solve ended; of one that converged, its cost and mismatch."""


@dataclass
class Fit:
    """Solves tries and keeps their record.

    usual: the sole that `runner` was grounded with.
    """

    runner: RunnerDescription
    usual: Sole
    trial: Path
    mesh: Mesh
    out: Path
    start: StoredSolution
    threads: int = 1
    max_iterations: int = 250
    tries: list[Try] = field(default_factory=list)
    _posed: tuple[Sole, Problem] | None = None

    def __post_init__(self) -> None:
        self._best, self._at, self._least = self.start, self.usual.height, math.inf

    def problem(self, point: Point) -> Problem:
        """The problem of a point. Built anew for another sole only, for that takes a while."""
        if self._posed is None or self._posed[0] != point.sole:
            runner = fitted(self.runner, self.usual, point.sole)
            trial, target = tracking.measured(self.trial, runner)
            speed = trial.settings.speed_m_s
            posed = tracking.problem(
                runner,
                target,
                speed=speed,
                weight=point.weight,
                mesh=self.mesh,
                threads=self.threads,
            )
            self._posed = (point.sole, posed)
        return self._posed[1].at_weight(point.weight)

    def evaluate(self, point: Point) -> float:
        """Solve a point, record it; its cost, infinite where the solve did not converge."""
        folder = self.out / f"try_{len(self.tries):02d}"
        posed = self.problem(point)
        write_text(folder / "runner.json", posed.runner.model_dump_json(indent=2) + "\n")
        near = lifted(posed, guess.neighbour(posed, self._best), self._at - point.sole_height)
        found = run.run(posed, near, folder, label=folder.name, max_iterations=self.max_iterations)
        told: Try = {
            "try": folder.name,
            "sole_height": point.sole_height,
            "toe_rise": point.toe_rise,
            "share": point.share,
            "weight": point.weight,
            "status": "converged" if found.converged else "failed",
            "reason": found.reason,
            "iterations": found.iterations,
            "solve_time_s": found.solve_time_s,
        }
        value = math.inf
        if found.converged:
            report = mismatch.of_case(folder, self.trial)
            off = parts(report)
            value = told["cost"] = cost(off)
            told["ground_force_rms_bw"] = off["ground_force_rms_bw"]
            told["leg_angle_rms_deg"] = off["leg_angle_rms_deg"]
            told["stride_time_off_s"] = off["stride_time_off_s"]
            told["tracked"] = report["tracked"]
            if value < self._least:
                self._best, self._at = solution.load(folder), point.sole_height
                self._least = value
        self.tries.append(told)
        self.write()
        return value

    def write(self) -> None:
        """Write fit.json: what was tried, and the best of it (none: nothing converged)."""
        solved = [one for one in self.tries if "cost" in one]
        best = min(solved, key=lambda one: one["cost"]) if solved else None
        told = {"trial": self.trial.resolve().name, "units": UNITS, "best": best}
        write_json(self.out / FILE, told | {"tries": self.tries})


def lifted(problem: Problem, near: Guess, by: float) -> Guess:
    """A guess with the pelvis higher by so much (m): a thicker sole lifts the runner."""
    names = [c.name for c in problem.runner.coordinates]
    layout = problem.program.layout
    x = near.x.copy()
    row = layout.block("q")[names.index("pelvis_ty")]
    x[1 + row :: layout.size] += by / layout.scale[row]
    return replace(near, x=x)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Fit the sole and the tracking weight to a trial.")
    parser.add_argument("--runner", type=Path, required=True, help="folder of models.add_contact")
    parser.add_argument("--share", type=float, default=1.0, help="that it was grounded with")
    parser.add_argument("--toe-rise", type=float, default=0.0, help="that it was grounded with")
    parser.add_argument("--trial", type=Path, required=True, help="folder of the measured trial")
    parser.add_argument("--start", type=Path, required=True, help="folder of a tracked solution")
    parser.add_argument("--weight", type=float, required=True, help="first tracking weight")
    parser.add_argument(
        "--parameters", nargs="+", choices=tuple(STEPS), default=list(STEPS), help="to be fitted"
    )
    parser.add_argument("--halvings", type=int, default=1, help="of the steps, until it ends")
    parser.add_argument("--max-tries", type=int, default=40)
    parser.add_argument("--mesh", type=int, default=50, help="intervals in half a stride")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    if not run.usable(args.start):
        raise ValueError(f"{args.start}: no converged solution; track the trial first")
    runner = description.read(args.runner / "runner.json")
    usual = Sole(height(runner), args.share, args.toe_rise)
    with alone(args.out):
        fit = Fit(
            runner,
            usual,
            args.trial,
            Mesh(args.mesh),
            args.out,
            solution.load(args.start),
            args.threads,
        )
        first = Point(round(usual.height, 6), usual.toe_rise, usual.share, args.weight)
        tries = search(first, tuple(args.parameters), args.halvings)
        point = next(tries)
        for _ in range(args.max_tries):
            try:
                point = tries.send(fit.evaluate(point))
            except StopIteration:
                break


if __name__ == "__main__":
    run_command(main)

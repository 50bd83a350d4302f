"""Fit the sole under a measured runner, and how closely they are followed, to their trials.

    python -m simulations.fit_contact --trial FOLDER .. --start CASE .. --weight 1 --out OUT

CASE is a tracked solution of each trial to start from, with runner.json of models.add_contact in
it. Every try is a whole solve of simulations.track's problem for each trial, kept in OUT/try_00
and so on, from the best so far; its cost is the trials' mean. OUT/fit.json says after every try
what was tried, failed ones too, and which is the best; its numbers are `sole` in runner.yaml, and
the options of models.add_contact and simulations.track.

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
from formats.sole import DISSIPATION, HEEL_DROP, SHARE, TOE_RISE, Sole, fitted, height
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
    """What is fitted: height of the sole (m), toes' rise (m), stiffness share, dissipation (s/m),
    heel's drop (m), tracking weight. Of several trials the height is the first one's, the others'
    go with it."""

    sole_height: float
    toe_rise: float
    share: float
    dissipation: float
    heel_drop: float
    weight: float

    @property
    def sole(self) -> Sole:
        """The part that changes the runner."""
        return Sole(self.sole_height, self.share, self.toe_rise, self.dissipation, self.heel_drop)

    def moved(self, name: str, steps: float) -> Point:
        """So many steps along a parameter: lengths by a distance, the others by a factor."""
        value, step = getattr(self, name), STEPS[name]
        value = value + steps * step if name in LENGTHS else value * step**steps
        return replace(self, **{name: float(f"{value:.6g}")})


STEPS = {
    "share": 1.5,
    "dissipation": 2.0,
    "heel_drop": 0.004,
    "toe_rise": 0.004,
    "weight": 3.0,
    "sole_height": 0.006,
}
"""First steps, in the order of the search."""
LENGTHS = ("heel_drop", "toe_rise", "sole_height")
_USUAL = {
    "share": SHARE,
    "toe_rise": TOE_RISE,
    "dissipation": DISSIPATION,
    "heel_drop": HEEL_DROP,
}
LEAST_GAIN = 0.01
"""Share of the cost by which a try must be better to be gone on from: what changes next to nothing
(the sole's height does, for where the pelvis is follows from it) must not start the search anew."""


def parts(report: mismatch.TrackedRecord) -> dict[str, float]:
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


class TrialTried(TypedDict):
    """How a try of a trial ended; from cost on only if it converged.

    ground_force_rms_bw: by axis; the mismatches as in UNITS. tracked: outcomes of the stride found.
    """

    trial: str
    status: str
    reason: str
    iterations: int
    solve_time_s: float
    cost: NotRequired[float]
    ground_force_rms_bw: NotRequired[dict[str, float]]
    leg_angle_rms_deg: NotRequired[float]
    stride_time_off_s: NotRequired[float]
    tracked: NotRequired[mismatch.GroundOutcomes]


_Named = TypedDict("_Named", {"try": str})  # a word of Python, so no key of a class


class Tried(_Named):
    """A try in fit.json: its folder, its point (as `Point`), how each trial ended, their mean cost;
    no cost where one of them did not converge."""

    sole_height: float
    toe_rise: float
    share: float
    dissipation: float
    heel_drop: float
    weight: float
    trials: list[TrialTried]
    cost: NotRequired[float]


@dataclass
class Followed:
    """A trial with the runner that follows it, grounded with the sole `usual`, and the best
    solution so far."""

    runner: RunnerDescription
    usual: Sole
    trial: Path
    best: StoredSolution
    _at: float = field(init=False)
    _posed: tuple[Sole, Problem] | None = None

    def __post_init__(self) -> None:
        self._at = self.usual.height

    def solve(self, point: Point, higher: float, out: Path, settings: Solving) -> TrialTried:
        """Solve a point into a folder, with the sole `higher` (m) than usual; what came out."""
        sole = replace(point.sole, height=self.usual.height + higher)
        posed = self._problem(sole, point.weight, settings)
        write_text(out / "runner.json", posed.runner.model_dump_json(indent=2) + "\n")
        near = lifted(posed, guess.neighbour(posed, self.best), self._at - sole.height)
        found = run.run(posed, near, out, label=out.name, max_iterations=settings.max_iterations)
        told: TrialTried = {
            "trial": self.trial.resolve().name,
            "status": "converged" if found.converged else "failed",
            "reason": found.reason,
            "iterations": found.iterations,
            "solve_time_s": found.solve_time_s,
        }
        if found.converged:
            report = mismatch.of_case(out, self.trial)
            off = parts(report)
            told["cost"] = cost(off)
            told["ground_force_rms_bw"] = report["ground_force_rms_bw"]
            told["leg_angle_rms_deg"] = off["leg_angle_rms_deg"]
            told["stride_time_off_s"] = off["stride_time_off_s"]
            told["tracked"] = report["tracked"]
        return told

    def go_on_from(self, out: Path, point: Point, higher: float) -> None:
        """Start from a stored solution from now on."""
        self.best, self._at = solution.load(out), self.usual.height + higher

    def _problem(self, sole: Sole, weight: float, settings: Solving) -> Problem:
        """The problem of a sole. Built anew for another one only, for that takes a while."""
        if self._posed is None or self._posed[0] != sole:
            runner = fitted(self.runner, self.usual, sole)
            trial, target = tracking.measured(self.trial, runner)
            posed = tracking.problem(
                runner,
                target,
                speed=trial.settings.speed_m_s,
                weight=weight,
                mesh=settings.mesh,
                objective_name=settings.objective,
                threads=settings.threads,
            )
            self._posed = (sole, posed)
        return self._posed[1].at_weight(weight)


@dataclass(frozen=True)
class Solving:
    """How each try is solved."""

    mesh: Mesh
    objective: str
    threads: int = 1
    max_iterations: int = 250


@dataclass
class Fit:
    """Solves tries, each for all trials, and keeps their record. The cost is the trials' mean."""

    followed: list[Followed]
    solving: Solving
    out: Path
    tries: list[Tried] = field(default_factory=list)
    _least: float = math.inf

    def evaluate(self, point: Point) -> float:
        """Solve a point, record it; its cost, infinite where a solve did not converge."""
        name = f"try_{len(self.tries):02d}"
        higher = point.sole_height - self.followed[0].usual.height
        folders = [self._folder(name, one) for one in self.followed]
        told = [
            one.solve(point, higher, folder, self.solving)
            for one, folder in zip(self.followed, folders, strict=True)
        ]
        costs = [one.get("cost", math.inf) for one in told]
        value = float(np.mean(costs))
        row: Tried = {
            "try": name,
            "sole_height": point.sole_height,
            "toe_rise": point.toe_rise,
            "share": point.share,
            "dissipation": point.dissipation,
            "heel_drop": point.heel_drop,
            "weight": point.weight,
            "trials": told,
        }
        if math.isfinite(value):
            row["cost"] = value
        if value < self._least:
            self._least = value
            for one, folder in zip(self.followed, folders, strict=True):
                one.go_on_from(folder, point, higher)
        self.tries.append(row)
        self.write()
        return value

    def _folder(self, name: str, one: Followed) -> Path:
        """Of a try of a trial; of one trial alone the try's own."""
        return self.out / name / (one.trial.resolve().name if len(self.followed) > 1 else "")

    def write(self) -> None:
        """Write fit.json: what was tried, and the best of it (none: nothing converged)."""
        solved = [one for one in self.tries if "cost" in one]
        best = min(solved, key=lambda one: one["cost"]) if solved else None
        names = [one.trial.resolve().name for one in self.followed]
        write_json(
            self.out / FILE, {"trials": names, "units": UNITS, "best": best, "tries": self.tries}
        )


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
    parser = argparse.ArgumentParser(description="Fit the sole and the tracking weight to trials.")
    parser.add_argument("--trial", type=Path, nargs="+", required=True, help="measured trials")
    parser.add_argument(
        "--start", type=Path, nargs="+", required=True, help="a tracked solution of each trial"
    )
    parser.add_argument(
        "--runner", type=Path, nargs="+", help="of models.add_contact; else the solutions' own"
    )
    for name, value in _USUAL.items():
        option = f"--{name.replace('_', '-')}"
        parser.add_argument(option, type=float, default=value, help="that they were grounded with")
    parser.add_argument("--weight", type=float, required=True, help="first tracking weight")
    parser.add_argument("--objective", default="metabolic_mix")
    parser.add_argument(
        "--parameters", nargs="+", choices=tuple(STEPS), default=list(STEPS), help="to be fitted"
    )
    parser.add_argument("--halvings", type=int, default=1, help="of the steps, until it ends")
    parser.add_argument("--max-tries", type=int, default=40)
    parser.add_argument("--max-iterations", type=int, default=250)
    parser.add_argument("--mesh", type=int, default=50, help="intervals in half a stride")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    runners = args.runner or args.start
    if not len(args.trial) == len(args.start) == len(runners):
        raise ValueError(
            f"{len(args.trial)} trials, {len(args.start)} starts, {len(runners)} runners; one "
            "start and one runner is needed for each trial"
        )
    followed = []
    for folder, trial, start in zip(runners, args.trial, args.start, strict=True):
        if not run.usable(start):
            raise ValueError(f"{start}: no converged solution; track the trial first")
        runner = description.read(folder / "runner.json")
        under = Sole(round(height(runner), 6), **{name: getattr(args, name) for name in _USUAL})
        followed.append(Followed(runner, under, trial, solution.load(start)))
    solving = Solving(Mesh(args.mesh), args.objective, args.threads, args.max_iterations)
    with alone(args.out):
        fit = Fit(followed, solving, args.out)
        usual = followed[0].usual
        first = Point(usual.height, weight=args.weight, **{n: getattr(usual, n) for n in _USUAL})
        tries = search(first, tuple(args.parameters), args.halvings)
        point = next(tries)
        for _ in range(args.max_tries):
            try:
                point = tries.send(fit.evaluate(point))
            except StopIteration:
                break


if __name__ == "__main__":
    run_command(main)

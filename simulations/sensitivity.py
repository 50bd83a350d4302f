"""Sensitivity: how each smooth outcome of a solved case changes with every number of the runner.

    python -m simulations.sensitivity --case DIR --reference DIR --guess DIR
        writes DIR/sensitivities.csv

One factorisation of the KKT matrix and one adjoint solve an outcome (solving.kkt); no case is
solved again. With --check NAME .. the case is solved again with each of these parameters 2 %
(--step) smaller and larger, and DIR/sensitivities_check.csv sets both beside each other.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from formats import case as settings
from formats import description
from formats.case import SENSITIVITIES
from formats.files import alone, run_command, write_text
from formats.table import csv_text
from simulations.output.stride_outcomes import Measured, measure
from simulations.predict import problem
from simulations.problems.problem import Problem
from simulations.problems.varied import Varied, varied
from simulations.solving import run, solution
from simulations.solving.ipopt import Guess
from simulations.solving.kkt import Sensitivity, Settled, settled
from simulations.solving.solution import StoredSolution
from simulations.solving.solve import solve

# Least rounding (N) of friction's corner: what holds over some per cent of a parameter.
CORNER_N = 0.2
CHECK = "sensitivities_check.csv"


def stored(posed: Problem, found: StoredSolution) -> Settled:
    """A stored solution in the program's own order."""
    x = posed.program.pack(found.duration, found.z)
    return Settled(x, found.lam_x, found.lam_g, found.corner, 0, converged=True)


def derivatives(posed: Problem, at: Settled, leg: str) -> tuple[Measured, Varied, np.ndarray]:
    """Outcomes of a leg, what is varied, and the outcomes' change per relative change (k x m)."""
    sensitivity = Sensitivity(posed, at)
    found = measure(posed, at.x, sensitivity.parameters, leg)
    changed = varied(posed)
    total = sensitivity.adjoint(found.gradients, found.direct)
    return found, changed, total @ changed.directions


def table(found: Measured, changed: Varied, slopes: np.ndarray) -> pd.DataFrame:
    """One row for each outcome and parameter; the change is that by +1 % of the parameter."""
    count = len(changed.names)
    return pd.DataFrame(
        {
            "outcome": np.repeat(found.names, count),
            "parameter": np.tile(changed.names, len(found.names)),
            "value": np.repeat(found.values, count),
            "parameter_value": np.tile(changed.values, len(found.names)),
            "change_per_percent": slopes.ravel() / 100,
        }
    )


def again(posed: Problem, at: Settled, direction: np.ndarray, leg: str) -> np.ndarray:
    """Outcomes with a parameter changed: solved again, with friction as round as it was."""
    there = replace(posed, parameters=posed.parameters + direction)
    solved = settled(there, at, at.corner)
    if not solved.converged:
        nearer = solve(there, Guess(at.x, at.lam_x, at.lam_g, corner=at.corner))
        solved = settled(there, nearer, at.corner)
    if not solved.converged:
        return np.empty(0)
    return measure(there, solved.x, there.parameters_at(at.corner), leg).values


def check(
    posed: Problem,
    at: Settled,
    leg: str,
    names: list[str],
    told: tuple[Measured, Varied, np.ndarray],
    share: float,
) -> pd.DataFrame:
    """Outcomes solved again with less and more, beside what the derivative says of them."""
    found, changed, slopes = told
    parts = []
    for name in names:
        step = share * changed.of(name)
        down, up = (again(posed, at, sign * step, leg) for sign in (-1, 1))
        if not (down.size and up.size):
            print(f"{name}: did not converge at -+{100 * share:g} %")
            continue
        parts.append(
            pd.DataFrame(
                {
                    "parameter": name,
                    "step_percent": 100 * share,
                    "outcome": found.names,
                    "with_less": down,
                    "as_it_is": found.values,
                    "with_more": up,
                    "change_solved": up - down,
                    "change_told": 2 * share * slopes[:, changed.names.index(name)],
                }
            )
        )
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def main() -> None:
    """Derivatives of one case."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--case", type=Path, required=True, help="folder of the solved case")
    parser.add_argument("--reference", type=Path, required=True, help="the 100 %% runner's motion")
    parser.add_argument("--guess", type=Path, required=True, help="folder of the baseline solution")
    parser.add_argument("--check", nargs="*", default=[], metavar="NAME", help="solve again")
    parser.add_argument("--step", type=float, default=2.0, help="of --check, per cent")
    args = parser.parse_args()

    case = settings.read(args.case)
    with alone(args.case):
        if not run.usable(args.case):
            write_text(args.case / SENSITIVITIES, "")
            print(f"[{case['case']}] no derivatives: the case has no solution")
            return
        runner = description.read(args.case / "runner.json")
        habit, baseline = solution.load(args.reference), solution.load(args.guess)
        posed = problem(runner, case, habit, baseline)
        at = settled(posed, stored(posed, solution.load(args.case)), CORNER_N)
        leg = "l" if case["side"] == "left" else "r"
        told = derivatives(posed, at, leg)
        write_text(args.case / SENSITIVITIES, csv_text(table(*told), "%.8g"))
        how = "" if at.converged else ", at the barrier that the case was solved with"
        outcomes, parameters = len(told[0].names), len(told[1].names)
        print(f"[{case['case']}] {outcomes} outcomes by {parameters} parameters{how}")
        if args.check:
            compared = check(posed, at, leg, args.check, told, args.step / 100)
            write_text(args.case / CHECK, csv_text(compared, "%.8g"))


if __name__ == "__main__":
    run_command(main)

"""The outer problem: weights whose free runners are nearest to the norms, all speeds at once.

Levenberg-Marquardt on the logarithms of the weights: the outer error is the mean squared distance
(SD) of all measures at all speeds, a step that does not lower it is shortened. Weights are held
lightly near where they began, for the norms do not determine each of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from simulations.calibration.norms import residuals
from simulations.collocation.objectives import Objective
from simulations.solving.solve import Solution

if TYPE_CHECKING:
    from simulations.calibration.inner import Runner

Norms = Mapping[str, tuple[float, float]]
# Weights of the outer problem: of the damping at first, of a weight's distance (natural logarithm)
# from where it began, and the longest step (natural logarithm).
_DAMPING, _PRIOR, _LONGEST = 0.15, 0.02, 1.0
_TRIES = 4


@dataclass(frozen=True)
class Fit:
    """error: mean squared z; measures and z by speed (m/s)."""

    objective: Objective
    error: float
    measures: dict[float, dict[str, float]]
    z: dict[float, dict[str, float]]
    found: dict[float, Solution]

    @property
    def vector(self) -> np.ndarray:
        """All z."""
        return np.array([value for table in self.z.values() for value in table.values()])


def evaluate(
    runners: Mapping[float, Runner], norms: Mapping[float, Norms], objective: Objective
) -> Fit | None:
    """The fit of an objective; None where a runner's optimum was not found."""
    found, measures, z = {}, {}, {}
    for speed, runner in runners.items():
        solved = runner.optimum(objective)
        if not solved.converged:
            return None
        found[speed] = solved
        measures[speed] = runner.measured(objective, solved)
        z[speed] = residuals(measures[speed], norms[speed])
    every = np.array([value for table in z.values() for value in table.values()])
    return Fit(objective, float(np.mean(every**2)), measures, z, found)


def jacobian(
    runners: Mapping[float, Runner],
    norms: Mapping[float, Norms],
    fit: Fit,
    names: Sequence[str],
) -> np.ndarray:
    """Derivatives (z x names) of all z by the logarithms of the weights."""
    blocks = []
    for speed, runner in runners.items():
        slopes = runner.slopes(fit.objective, fit.found[speed], names)
        rows = [[s[name] / norms[speed][name][1] for s in slopes] for name in fit.z[speed]]
        blocks.append(np.nan_to_num(np.array(rows)))
    return np.concatenate(blocks)


def moved(objective: Objective, names: Sequence[str], step: np.ndarray) -> Objective:
    """The objective with the named weights multiplied by exp(step)."""
    changes = {
        n: getattr(objective, n) * float(np.exp(s)) for n, s in zip(names, step, strict=True)
    }
    return replace(objective, **changes)


def descend(
    runners: Mapping[float, Runner],
    norms: Mapping[float, Norms],
    start: Objective,
    names: Sequence[str],
    iterations: int,
) -> Iterator[Fit]:
    """Fits of falling error, the first that of the start. Ends where no step lowers the error.

    Raises ValueError where the start's own optimum is not found.
    """
    fit = evaluate(runners, norms, start)
    if fit is None:
        raise ValueError(f"objective {start.name}: no free optimum was found at its own weights")
    yield fit
    damping, travelled = _DAMPING, np.zeros(len(names))
    for _ in range(iterations):
        for speed, runner in runners.items():
            runner.keep(fit.found[speed])
        slopes, z = jacobian(runners, norms, fit, names), fit.vector
        better = None
        for _ in range(_TRIES):
            normal = slopes.T @ slopes / len(z) + (damping + _PRIOR) * np.eye(len(names))
            pull = slopes.T @ z / len(z) + _PRIOR * travelled
            step = np.clip(-np.linalg.solve(normal, pull), -_LONGEST, _LONGEST)
            tried = evaluate(runners, norms, moved(fit.objective, names, step))
            if tried is not None and tried.error < fit.error:
                better = tried
                break
            damping *= 4
        if better is None:
            return
        fit, damping, travelled = better, max(damping / 3, 1e-3), travelled + step
        yield fit

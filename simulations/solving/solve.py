"""Ipopt on a posed problem, from a guess; the answer with its record.

Nothing is hidden: a solve that did not converge says so and keeps its last iterate.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from formats.solve_records import ActiveBound, ActiveLimit
from simulations.collocation import objective as costs
from simulations.problems.problem import Problem, active_bounds, active_limits
from simulations.solving.friction_continuation import FIRST, Descent
from simulations.solving.friction_error import FrictionError, friction_error
from simulations.solving.ipopt import Guess, Options, Stop, ipopt, options


@dataclass(frozen=True)
class Solution:
    """Where the solver stopped, and how."""

    x: np.ndarray
    lam_x: np.ndarray
    lam_g: np.ndarray
    reason: str
    """Why it did not converge; empty if it did."""
    return_status: str
    iterations: int
    solve_time_s: float
    constraint_violation: float
    corner: float
    """Rounding of friction's corner that it ended with (N)."""
    sharpness: FrictionError
    objective: dict[str, float]
    active_bounds: list[ActiveBound] = field(default_factory=list)
    active_limits: list[ActiveLimit] = field(default_factory=list)

    @property
    def converged(self) -> bool:
        return not self.reason


# A rough guess is first brought near with limited-memory steps: far from a solution the exact
# Hessian is indefinite and its steps are short; near it, Newton's method ends in a dozen steps.
_APPROACH_ITERATIONS = 150
# Of Newton's method at the first rounding of friction's corner, and at each that follows: there it
# ends in a dozen iterations or oscillates.
_FIRST_ITERATIONS, _STEP_ITERATIONS = 150, 50
_APPROACH: Options = {
    "mu_strategy": "adaptive",
    "hessian_approximation": "limited-memory",
    "tol": 1e-2,
    "constr_viol_tol": 1e-4,
}
_REFINE: Options = {
    "warm_start_init_point": "yes",
    "mu_init": 1e-5,
    "warm_start_bound_push": 1e-6,
    "warm_start_mult_bound_push": 1e-6,
    "warm_start_slack_bound_push": 1e-6,
}
# The same problem with friction's corner sharper: all that moves is who sits on the corner. The
# barrier stays where Ipopt left it, and a step that breaks the dynamics is refused: both keep
# Newton's method from leaping over the corner, which takes 3 iterations instead of 50 in vain.
_SHARPEN: Options = _REFINE | {"mu_init": 1e-6, "theta_max_fact": 1e-2}
# From a close guess without multipliers: Ipopt estimates them.
_NEAR: Options = {"mu_init": 1e-4, "bound_push": 1e-6, "bound_frac": 1e-6}


def _run(problem: Problem, guess: Guess, settings: Options, corner: float) -> Stop:
    return ipopt(
        problem.program,
        guess,
        settings,
        lower=problem.lower,
        upper=problem.upper,
        parameters=problem.parameters_at(corner),
        rows=problem.row_bounds,
    )


def solve(
    problem: Problem,
    guess: Guess,
    *,
    max_iterations: int = 1000,
    log: Path | None = None,
    sharpen: bool = True,
) -> Solution:
    """Solve from a guess. Never raises for want of convergence.

    A guess without multipliers is approached with limited-memory steps first. Converged means the
    full tolerance, or the cycling described above, with friction's corner sharp enough; not
    sharpen: with any corner, for a solution that only leads to another problem's.
    """
    began = time.perf_counter()
    if log is not None:
        Path(log).unlink(missing_ok=True)
    iterations = 0
    if not guess.warm:
        stage, limit = (_NEAR, max_iterations) if guess.near else (_APPROACH, _APPROACH_ITERATIONS)
        settings = options(stage, min(limit, max_iterations), log)
        first = _run(problem, guess, settings, FIRST)
        iterations = first.iterations
        guess = Guess(first.x, first.lam_x, first.lam_g)
    descent, near = Descent.begin(guess.corner), guess
    while True:
        sharper = descent.reached is not None
        limit = _STEP_ITERATIONS if sharper else _FIRST_ITERATIONS
        left = max(min(max_iterations - iterations, limit), 1)
        corner = descent.corner
        stage = _SHARPEN if sharper else _REFINE
        stop = _run(problem, near, options(stage, left, log), corner)
        iterations += stop.iterations
        sharp = friction_error(problem.program, problem.runner, problem.parameters, stop.x, corner)
        done = stop.converged and (sharp.enough or not sharpen)
        if stop.converged or descent.reached is None:
            near = Guess(stop.x, stop.lam_x, stop.lam_g)
        if done or iterations >= max_iterations or not descent.go_on(stop.converged):
            break
    elapsed = time.perf_counter() - began
    terms = np.array(problem.program.terms(stop.x, problem.parameters)).ravel()
    return Solution(
        stop.x,
        stop.lam_x,
        stop.lam_g,
        "" if done else _reason(stop, sharp),
        stop.status,
        iterations,
        elapsed,
        stop.violation,
        corner,
        sharp,
        dict(zip((*costs.TERMS, "stride_time"), map(float, terms), strict=True)),
        active_bounds(problem, stop.x),
        active_limits(problem, stop.x),
    )


def _reason(stop: Stop, sharp: FrictionError) -> str:
    if not stop.converged:
        return f"Ipopt: {stop.status}"
    return (
        f"friction's corner is too round: OpenSim's would change the ground force by "
        f"{sharp.force:.2g} N, accelerations by {sharp.acceleration:.2g}"
    )

"""Ipopt on a posed problem, from a guess; the answer with its record.

Nothing is hidden: a solve that did not converge says so and keeps its last iterate.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import casadi as ca
import numpy as np

from simulations import objective as costs
from simulations.corner import FIRST, Descent
from simulations.problem import Problem
from simulations.sharpness import Sharpness, sharpness

TOLERANCE = 1e-5
CONSTRAINT_TOLERANCE = 1e-7
_ACTIVE = 1e-4


@dataclass(frozen=True)
class Guess:
    """Start of a solve: unknowns x and, when warm, the multipliers of bounds and constraints."""

    x: np.ndarray
    lam_x: np.ndarray | None = None
    lam_g: np.ndarray | None = None
    near: bool = False
    """Close to a solution, though without multipliers: Newton's method may start at once."""
    corner: float = FIRST
    """Rounding of friction's corner (N) that it was found with."""

    @property
    def warm(self) -> bool:
        return self.lam_g is not None


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
    sharpness: Sharpness
    objective: dict[str, float]
    active_bounds: list[dict[str, Any]] = field(default_factory=list)

    @property
    def converged(self) -> bool:
        return not self.reason


# A rough guess is first brought near with limited-memory steps: far from a solution the exact
# Hessian is indefinite and its steps are short; near it, Newton's method ends in a dozen steps.
_APPROACH_ITERATIONS = 150
# Of Newton's method at the first rounding of friction's corner, and at each that follows: there it
# ends in a dozen iterations or goes to and fro.
_FIRST_ITERATIONS, _STEP_ITERATIONS = 150, 50
_APPROACH = {
    "mu_strategy": "adaptive",
    "hessian_approximation": "limited-memory",
    "tol": 1e-2,
    "constr_viol_tol": 1e-4,
}
_REFINE = {
    "warm_start_init_point": "yes",
    "mu_init": 1e-5,
    "warm_start_bound_push": 1e-6,
    "warm_start_mult_bound_push": 1e-6,
    "warm_start_slack_bound_push": 1e-6,
}


# Inverse dynamics contains the second derivative of the knee's splines; its own derivative jumps
# at their knots. Where a node sits on one, Newton's method cycles by less than 0.001 rad; when that
# lasts, these tolerances, still far below any endpoint's smallest effect, end it.
_CYCLING = {
    "acceptable_iter": 8,
    "acceptable_tol": 1e-3,
    "acceptable_dual_inf_tol": 1e-3,
    "acceptable_constr_viol_tol": 1e-5,
    "acceptable_compl_inf_tol": 1e-5,
}
_CONVERGED = ("Solve_Succeeded", "Solved_To_Acceptable_Level")


# From a close guess without multipliers: Ipopt estimates them.
_NEAR = {"mu_init": 1e-4, "bound_push": 1e-6, "bound_frac": 1e-6}


def _options(stage: dict[str, Any], max_iterations: int, log: Path | None) -> dict[str, Any]:
    ipopt: dict[str, Any] = {
        "tol": TOLERANCE,
        "constr_viol_tol": CONSTRAINT_TOLERANCE,
        **_CYCLING,
        "max_iter": max_iterations,
        "nlp_scaling_method": "none",
        "linear_solver": "mumps",
        "print_level": 0,
        "sb": "yes",
        # Settings come from here alone, never from an ipopt.opt that lies about.
        "option_file_name": "",
    }
    if log is not None:
        ipopt |= {"output_file": str(log), "file_print_level": 5, "file_append": "yes"}
    return ipopt | stage


@dataclass(frozen=True)
class _Stop:
    """Where one run of Ipopt stopped."""

    x: np.ndarray
    lam_x: np.ndarray
    lam_g: np.ndarray
    status: str
    iterations: int
    violation: float

    @property
    def converged(self) -> bool:
        """To the full tolerance, or cycling within the wider ones above."""
        close = self.violation <= _CYCLING["acceptable_constr_viol_tol"]
        return self.status in _CONVERGED and close


def _ipopt(problem: Problem, guess: Guess, options: dict[str, Any], corner: float) -> _Stop:
    program = problem.transcription
    solver = ca.nlpsol(
        "stride",
        "ipopt",
        program.nlp,
        {
            "ipopt": options,
            "grad_f": program.grad_f,
            "jac_g": program.jac_g,
            "hess_lag": program.hess_lag,
            "print_time": False,
            "calc_lam_p": False,
            "no_nlp_grad": True,
            "error_on_fail": False,
        },
    )
    start = {"x0": np.clip(guess.x, problem.lower, problem.upper)}
    if guess.lam_x is not None and guess.lam_g is not None:
        start |= {"lam_x0": guess.lam_x, "lam_g0": guess.lam_g}
    parameters = problem.parameters_at(corner)
    result = solver(**start, p=parameters, lbx=problem.lower, ubx=problem.upper, lbg=0, ubg=0)
    stats = solver.stats()
    if stats["return_status"] == "User_Requested_Stop":
        raise KeyboardInterrupt
    return _Stop(
        np.array(result["x"]).ravel(),
        np.array(result["lam_x"]).ravel(),
        np.array(result["lam_g"]).ravel(),
        str(stats["return_status"]),
        int(stats["iter_count"]),
        float(np.max(np.abs(np.array(result["g"])))),
    )


def solve(
    problem: Problem, guess: Guess, *, max_iterations: int = 1000, log: Path | None = None
) -> Solution:
    """Solve from a guess. Never raises for want of convergence.

    A guess without multipliers is approached with limited-memory steps first. Converged means the
    full tolerance, or the cycling described above, with friction's corner sharp enough.
    """
    began = time.perf_counter()
    if log is not None:
        Path(log).unlink(missing_ok=True)
    iterations = 0
    if not guess.warm:
        stage, limit = (_NEAR, max_iterations) if guess.near else (_APPROACH, _APPROACH_ITERATIONS)
        options = _options(stage, min(limit, max_iterations), log)
        first = _ipopt(problem, guess, options, FIRST)
        iterations = first.iterations
        guess = Guess(first.x, first.lam_x, first.lam_g)
    descent, near = Descent.begin(guess.corner), guess
    while True:
        limit = _STEP_ITERATIONS if descent.reached else _FIRST_ITERATIONS
        left = max(min(max_iterations - iterations, limit), 1)
        corner = descent.corner
        stop = _ipopt(problem, near, _options(_REFINE, left, log), corner)
        iterations += stop.iterations
        sharp = sharpness(problem, stop.x, corner)
        done = stop.converged and sharp.enough
        if stop.converged or descent.reached is None:
            near = Guess(stop.x, stop.lam_x, stop.lam_g)
        if done or iterations >= max_iterations or not descent.go_on(stop.converged):
            break
    elapsed = time.perf_counter() - began
    terms = np.array(problem.transcription.terms(stop.x, problem.parameters)).ravel()
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
    )


def _reason(stop: _Stop, sharp: Sharpness) -> str:
    if not stop.converged:
        return f"Ipopt: {stop.status}"
    return (
        f"friction's corner is too round: OpenSim's would change the ground force by "
        f"{sharp.force:.2g} N, accelerations by {sharp.acceleration:.2g}"
    )


def active_bounds(problem: Problem, x: np.ndarray) -> list[dict[str, Any]]:
    """Bounds met by the solution: variable, 'lower' or 'upper', number of nodes."""
    program = problem.transcription
    found = []
    names = unknown_names(problem)
    _, z = program.unpack(x)
    lower, upper = program.unpack(problem.lower)[1], program.unpack(problem.upper)[1]
    fixed = lower == upper
    for bound, distance in (("lower", z - lower), ("upper", upper - z)):
        hit = (distance < _ACTIVE) & ~fixed
        for i in np.flatnonzero(hit.any(axis=1)):
            found.append({"variable": names[i], "bound": bound, "nodes": int(hit[i].sum())})
    for bound, gap in (("lower", x[0] - problem.lower[0]), ("upper", problem.upper[0] - x[0])):
        if gap < _ACTIVE and problem.lower[0] < problem.upper[0]:
            found.append({"variable": "duration", "bound": bound, "nodes": 1})
    return found


def unknown_names(problem: Problem) -> list[str]:
    """Name of each unknown of a node: 'value/hip_flexion_r', 'excitation/psoas_r' and so on."""
    runner, layout = problem.runner, problem.transcription.layout
    coordinates = [c.name for c in runner.coordinates]
    muscles = [m.name for m in runner.muscles]
    compliant = [muscles[i] for i in layout.compliant]
    blocks = {
        "value": coordinates,
        "speed": coordinates,
        "acceleration": coordinates,
        "activation": muscles,
        "normalized_tendon_force": compliant,
        "excitation": muscles,
        "tendon_force_rate": compliant,
        "control": [a.name for a in runner.actuators],
        "metabolic_rate": ["whole_body"],
    }
    return [f"{kind}/{name}" for kind, names in blocks.items() for name in names]

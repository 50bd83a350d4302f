"""One run of Ipopt on a nonlinear program with its own derivatives."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import casadi as ca
import numpy as np

from simulations.solving.friction_continuation import FIRST

TOLERANCE = 1e-5
CONSTRAINT_TOLERANCE = 1e-7

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


Options = dict[str, str | float]
"""Ipopt's options by name."""


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


METIS = 5
"""Of ICNTL(7) in MUMPS' guide: how the unknowns are ordered before a factorisation."""


def options(stage: Mapping[str, str | float], max_iterations: int, log: Path | None) -> Options:
    """Ipopt's settings: those of every solve, and those of a stage. log: file to write to."""
    ipopt: Options = {
        "tol": TOLERANCE,
        "constr_viol_tol": CONSTRAINT_TOLERANCE,
        **_CYCLING,
        "max_iter": max_iterations,
        "nlp_scaling_method": "none",
        "linear_solver": "mumps",
        # Left to itself MUMPS takes METIS where the stride time is free, but where it is given
        # an order in which an iteration of the spatial runner takes 4.3 s for 1.0.
        "mumps_pivot_order": METIS,
        "print_level": 0,
        "sb": "yes",
        # Settings come from here alone, never from an ipopt.opt that lies about.
        "option_file_name": "",
    }
    if log is not None:
        ipopt |= {"output_file": str(log), "file_print_level": 5, "file_append": "yes"}
    return {**ipopt, **stage}


@dataclass(frozen=True)
class Stop:
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


class Program(Protocol):
    """The functions of a nonlinear program, as CasADi's nlpsol takes them."""

    @property
    def nlp(self) -> ca.Function: ...
    @property
    def grad_f(self) -> ca.Function: ...
    @property
    def jac_g(self) -> ca.Function: ...
    @property
    def hess_lag(self) -> ca.Function: ...


def ipopt(
    program: Program,
    guess: Guess,
    settings: Options,
    *,
    lower: np.ndarray,
    upper: np.ndarray,
    parameters: np.ndarray,
    rows: tuple[np.ndarray, np.ndarray] | None = None,
) -> Stop:
    """Run Ipopt once from a guess, within bounds of the unknowns.

    rows: least and largest values of the constraints; None: all are zero.
    """
    solver = ca.nlpsol(
        "stride",
        "ipopt",
        program.nlp,
        {
            "ipopt": settings,
            "grad_f": program.grad_f,
            "jac_g": program.jac_g,
            "hess_lag": program.hess_lag,
            "print_time": False,
            "calc_lam_p": False,
            "no_nlp_grad": True,
            "error_on_fail": False,
        },
    )
    start = {"x0": np.clip(guess.x, lower, upper)}
    if guess.lam_x is not None and guess.lam_g is not None:
        start |= {"lam_x0": guess.lam_x, "lam_g0": guess.lam_g}
    least, most = (0.0, 0.0) if rows is None else rows
    result = solver(**start, p=parameters, lbx=lower, ubx=upper, lbg=least, ubg=most)
    g = np.array(result["g"]).ravel()
    stats = solver.stats()
    if stats["return_status"] == "User_Requested_Stop":
        raise KeyboardInterrupt
    return Stop(
        np.array(result["x"]).ravel(),
        np.array(result["lam_x"]).ravel(),
        np.array(result["lam_g"]).ravel(),
        str(stats["return_status"]),
        int(stats["iter_count"]),
        float(np.max(np.maximum(least - g, g - most))),
    )


def announce(label: str, reason: str, iterations: int, seconds: float) -> None:
    """Say how a solve ended; reason: why it did not converge, empty if it did."""
    verdict = f"FAILED ({reason})" if reason else "converged"
    said = f"[{label}] {verdict} after {iterations} iterations, {seconds:.1f} s"
    print(said, file=sys.stderr, flush=True)

"""What a converged solution tells of its neighbours: the KKT matrix, factorised once.

Where the solver stopped, the Lagrangian's gradient and the constraints are zero whatever the
program's parameters are, so unknowns and multipliers move with a parameter p as

    [ H + S   J' ] [ dx   ]     [ d(grad L)/dp ]
    [   J     0  ] [ dlam ] = - [    dg/dp     ]

with S the barrier's curvature: at a bound that is met, its multiplier over the distance to it. So a
bound with a large multiplier holds its unknown (S is huge), one that is hardly met lets go as
Ipopt's barrier would, and nothing has to be declared active. Unknowns that are fixed leave the
system. Friction is that of the rounding that the solution was found with, a parameter like others.

A case ends at a barrier of 1e-6, where muscles that are hardly used still feel the lower bound of
their excitation; its derivatives are those of that barrier. And it ends with friction's corner so
sharp that a toe which slides there answers to a change of 1e-4 otherwise than to one of 1e-2.
`settled` follows the same solution down to a barrier of 1e-9, with the corner as round as wanted:
what is told then is the problem's own, and holds over some per cent.

The matrix is symmetric: `forward` (a few parameters, the whole solution) and `adjoint` (a few
outcomes, all parameters) use the same factors.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.sparse as sp

from simulations.collocation.by_parameters import ByParameters
from simulations.problems.problem import Problem
from simulations.solving import saddle_point
from simulations.solving.ipopt import Guess, Options, ipopt, options
from simulations.solving.solution import Found

# Distance (scaled) to a bound, at least: Ipopt lets unknowns pass it by 1e-8.
_LEAST_GAP = 1e-9
# Share of a direction for differences by parameters: friction's corner bends within 1e-6.
_STEP = 1e-7


# Ipopt's settings: the same minimum with next to no barrier.
_SETTLE: Options = {
    "warm_start_init_point": "yes",
    "mu_init": 1e-8,
    "tol": 1e-8,
    "warm_start_bound_push": 1e-9,
    "warm_start_mult_bound_push": 1e-9,
    "theta_max_fact": 1e-2,
    "acceptable_iter": 0,
}
_SETTLING_ITERATIONS = 60


@dataclass(frozen=True)
class Settled:
    """A solution followed down to next to no barrier.

    corner: rounding of friction's corner (N). converged: False where it did not get there.
    """

    x: np.ndarray
    lam_x: np.ndarray
    lam_g: np.ndarray
    corner: float
    iterations: int
    converged: bool


def settled(problem: Problem, found: Found, corner: float = 0.0) -> Settled:
    """The same minimum at a barrier of 1e-9. corner (N): least rounding of friction's corner.

    Where Ipopt does not get there the solution comes back as it was.
    """
    rounding = max(corner, found.corner)
    stop = ipopt(
        problem.program,
        Guess(found.x, found.lam_x, found.lam_g),
        options(_SETTLE, _SETTLING_ITERATIONS, None),
        lower=problem.lower,
        upper=problem.upper,
        parameters=problem.parameters_at(rounding),
    )
    count = stop.iterations
    if not stop.converged:
        return Settled(found.x, found.lam_x, found.lam_g, found.corner, count, False)
    return Settled(stop.x, stop.lam_x, stop.lam_g, rounding, count, True)


@dataclass(frozen=True)
class Sensitivity:
    """Derivatives of a problem's solution by the program's parameters (problem.parameters).

    found: a converged solution, in memory or as stored. Raises ValueError when it is of another
    size, or when its KKT system cannot be solved (no strict minimum there).
    """

    problem: Problem
    found: Found

    def __post_init__(self) -> None:
        program = self.problem.program
        if program.limits.count:
            raise ValueError("limits: a problem that has some has no derivatives told here")
        rows = program.n_path + program.n_collocation + program.n_boundary
        if self.found.x.size != program.n_x or self.found.lam_g.size != rows:
            raise ValueError(
                f"solution of {self.found.x.size} unknowns and {self.found.lam_g.size} rows; this "
                f"problem has {program.n_x} and {rows}"
            )

    @cached_property
    def parameters(self) -> np.ndarray:
        """The parameters (np) that the solution was found with, friction's rounding included."""
        return self.problem.parameters_at(self.found.corner)

    @cached_property
    def free(self) -> np.ndarray:
        """Indices of the unknowns that are not fixed."""
        return np.flatnonzero(self.problem.lower < self.problem.upper)

    @cached_property
    def barrier(self) -> np.ndarray:
        """Curvature (n_x) that bounds add: |multiplier| over the distance to the bound."""
        x, lam = self.found.x, self.found.lam_x
        gap = np.where(lam > 0, self.problem.upper - x, x - self.problem.lower)
        curvature: np.ndarray = np.abs(lam) / np.maximum(gap, _LEAST_GAP)
        return curvature

    @cached_property
    def stationarity(self) -> float:
        """Largest entry of the Lagrangian's gradient at the solution: how far it converged."""
        program, x = self.problem.program, self.found.x
        gradient = np.array(program.grad_f(x, self.parameters)[1]).ravel()
        slopes = program.jac_g(x, self.parameters)[1].sparse()
        return float(
            np.abs(gradient + slopes.T @ self.found.lam_g + self.found.lam_x)[self.free].max()
        )

    @cached_property
    def matrix(self) -> sp.csc_matrix:
        """The KKT matrix of free unknowns and multipliers."""
        program, x, free = self.problem.program, self.found.x, self.free
        upper = program.hess_lag(x, self.parameters, 1.0, self.found.lam_g).sparse()
        hessian = upper + sp.triu(upper, 1).T + sp.diags(self.barrier)
        slopes = program.jac_g(x, self.parameters)[1].sparse().tocsc()[:, free]
        return sp.bmat([[hessian.tocsc()[free][:, free], slopes.T], [slopes, None]], format="csc")

    @cached_property
    def _by_parameters(self) -> ByParameters:
        assembly, found = self.problem.program.assembly, self.found
        return ByParameters(assembly, found.x, self.parameters, found.lam_g)

    def forward(self, directions: np.ndarray) -> np.ndarray:
        """dx (n_x x k) for changes of the parameters (np x k), to first order."""
        directions = np.atleast_2d(directions.T).T
        program, step = self.problem.program, _STEP
        free = self.free
        right = np.empty((self.matrix.shape[0], directions.shape[1]))
        for column, direction in enumerate(directions.T):
            sides = [self._conditions(self.parameters + s * step * direction) for s in (1, -1)]
            right[:, column] = (sides[1] - sides[0]) / (2 * step)
        moved = np.zeros((program.n_x, directions.shape[1]))
        moved[free] = saddle_point.solve(self.matrix, free.size, right)[: free.size]
        return moved

    def _conditions(self, parameters: np.ndarray) -> np.ndarray:
        """Gradient of the Lagrangian by the free unknowns, and constraints, at the solution."""
        program, x = self.problem.program, self.found.x
        gradient = np.array(program.grad_f(x, parameters)[1]).ravel()
        rows, slopes = program.jac_g(x, parameters)
        lagrangian = gradient + slopes.sparse().T @ self.found.lam_g
        return np.concatenate([lagrangian[self.free], np.array(rows).ravel()])

    def adjoint(self, gradients: np.ndarray, direct: np.ndarray | None = None) -> np.ndarray:
        """Total derivatives (k x np) of k outcomes by every parameter of the program.

        gradients (k x n_x): of the outcomes by the unknowns; direct (k x np): by the parameters
        themselves, none by default.
        """
        gradients = np.atleast_2d(gradients)
        program, free = self.problem.program, self.free
        right = np.zeros((self.matrix.shape[0], len(gradients)))
        right[: free.size] = gradients[:, free].T
        solved = saddle_point.solve(self.matrix, free.size, right)
        along = np.zeros((program.n_x, len(gradients)))
        along[free] = solved[: free.size]
        found = -self._by_parameters.slopes(along, solved[free.size :]).T
        return found if direct is None else found + direct

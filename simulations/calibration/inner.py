"""The inner problem: a free runner's optimum at given weights, and how its measures move with them.

The optimum moves with the objective's parameters as its KKT matrix tells (solving.kkt), so one
factorisation gives the slopes by all weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from simulations.collocation import objective as costs
from simulations.collocation.objectives import Objective
from simulations.output.gait_measures import Measures
from simulations.problems.landing import Readiness, with_readiness
from simulations.problems.problem import Problem
from simulations.solving import habit_continuation as held
from simulations.solving.ipopt import Guess
from simulations.solving.kkt import Sensitivity
from simulations.solving.solve import Solution, solve

LEAN = "lean_deg"
# Share of a step by which measures are differenced along the solution's derivative.
_STEP = 1e-3
# A neighbour in weights that is not found within these iterations is none.
_ITERATIONS = 250
# Contacts (s) within which two solutions land alike, and the solves until they do.
_ALIKE_S, _SOLVES = 0.004, 8


@dataclass
class Runner:
    """A free runner at one speed. problem: posed with habit weight 0; near: where to start.

    stride_time (s): prescribed, or None for free.
    """

    problem: Problem
    measures: Measures
    near: Guess

    def posed(self, objective: Objective, stride_time: float | None = None) -> Problem:
        """The problem with an objective's weights."""
        problem, places = self.problem, self.problem.program.parameters
        parameters = problem.parameters.copy()
        parameters[places.place("weights")] = costs.weights(objective, 0.0)
        parameters[places.place("costs").stop - 1] = objective.lean
        lower, upper = problem.lower.copy(), problem.upper.copy()
        if stride_time is not None:
            lower[0] = upper[0] = stride_time / problem.program.spans
        return replace(problem, parameters=parameters, lower=lower, upper=upper)

    def settle(self, objective: Objective) -> Solution:
        """The first optimum, from a start that is no solution: the habit lowered by steps."""
        for _, _, problem in held.rungs(self.posed(objective), 0.0, np.inf):
            found = solve(problem, self.near, max_iterations=400, sharpen=False)
            self.near = Guess(found.x, found.lam_x, found.lam_g, corner=found.corner)
        return self.optimum(objective)

    def optimum(self, objective: Objective, stride_time: float | None = None) -> Solution:
        """The optimum near the last one that was kept (`near`), friction's corner left round."""
        posed = self.posed(objective, stride_time)
        return solve(posed, self.near, max_iterations=_ITERATIONS, sharpen=False)

    def ready(self, objective: Objective, found: Solution, asked: Readiness) -> Solution:
        """The optimum of a runner who is ready before contact (problems.landing), near `found`.

        The last one solved, which has not converged, where a solve fails. Raises RuntimeError
        where the contact does not come to rest.
        """
        problem = self.posed(objective)
        for _ in range(_SOLVES):
            contact = self.measures.contact(problem, found.x)
            asking = with_readiness(problem, asked, float(found.x[0]), contact)
            near = Guess(found.x, found.lam_x, found.lam_g, corner=found.corner)
            found = solve(asking, near, max_iterations=_ITERATIONS, sharpen=False)
            if not found.converged:
                return found
            period = float(found.x[0]) * problem.program.spans
            moved = self.measures.contact(problem, found.x) - contact
            if abs((moved + period / 2) % period - period / 2) <= _ALIKE_S:
                return found
        raise RuntimeError(f"readiness: after {_SOLVES} solves the contact still moves")

    def keep(self, found: Solution) -> None:
        """Start the next solves from this one."""
        self.near = Guess(found.x, found.lam_x, found.lam_g, corner=found.corner)

    def measured(self, objective: Objective, found: Solution) -> dict[str, float]:
        """Measures of an optimum."""
        return self.measures.of(self.posed(objective), found.x)

    def slopes(
        self, objective: Objective, found: Solution, names: Sequence[str]
    ) -> list[dict[str, float]]:
        """For each name, the measures' derivatives by the logarithm of that weight (or lean)."""
        posed = self.posed(objective)
        places = posed.program.parameters
        directions = np.zeros((places.size, len(names)))
        for column, name in enumerate(names):
            if name == LEAN:
                directions[places.place("costs").stop - 1, column] = objective.lean
            else:
                row = places.place("weights").start + costs.TERMS.index(name)
                directions[row, column] = getattr(objective, name)
        moved = Sensitivity(posed, found).forward(directions)
        base = self.measures.of(posed, found.x)
        table = []
        for column in moved.T:
            ahead = self.measures.of(posed, found.x + _STEP * column)
            table.append({name: (ahead[name] - base[name]) / _STEP for name in base})
        return table

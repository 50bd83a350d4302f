"""From a motion that a habit holds to the free optimum: the habit's weight lowered by steps.

A runner set free at once from the norm curves, or from a rough guess, is far from any optimum; held
by ever less, they stay in the basin of human running (docs/free_runner.md).
"""

from __future__ import annotations

from collections.abc import Iterator

from formats.solve_records import EasedBy
from simulations.problems.problem import Problem

WEIGHTS = (1.0, 0.1, 0.02)


def rungs(
    problem: Problem, weight: float, held_by: float
) -> Iterator[tuple[EasedBy, float, Problem]]:
    """The problem at the weights below `held_by` and above its own (`weight`), largest first.

    held_by: the weight that the start was found with; infinite for a start that is no solution.
    """
    for step in WEIGHTS:
        if weight < step < held_by:
            yield "weight", step, problem.at_weight(step)

"""From one stride time to a prescribed one in small steps.

Newton's method follows a stride hurried by a few per cent in some twenty iterations; hurried by ten
at once, contacts move by more than a node and it oscillates about friction's corner.
"""

from __future__ import annotations

import math
from dataclasses import replace

from formats.solve_records import EasedBy
from simulations.problems.problem import Problem

# Largest change of the stride time from one solve to the next (share).
LARGEST_STEP = 0.04


def rungs(problem: Problem, stride_time: float) -> list[tuple[EasedBy, float, Problem]]:
    """The problems between a guess of some stride time (s) and `problem`, which prescribes its own.

    Each with its stride time, as solving.run.climb takes them: nearer to the problem's by equal
    factors; none where the guess is near enough, or where the problem leaves the time free.
    """
    if stride_time_free(problem):
        return []
    spans = problem.program.spans
    factor = problem.lower[0] * spans / stride_time
    steps = math.ceil(abs(math.log(factor)) / math.log1p(LARGEST_STEP))
    between = [stride_time * factor ** (step / steps) for step in range(1, steps)]
    return [("stride_time_s", time, with_stride_time(problem, time)) for time in between]


def stride_time_free(problem: Problem) -> bool:
    """Whether the problem leaves the stride time free."""
    return bool(problem.lower[0] != problem.upper[0])


def with_stride_time(problem: Problem, stride_time: float) -> Problem:
    """The problem with its stride time (s) given."""
    lower, upper = problem.lower.copy(), problem.upper.copy()
    lower[0] = upper[0] = stride_time / problem.program.spans
    return replace(problem, lower=lower, upper=upper)

"""The lowest of neighbouring optima: the stride slowed and hurried by a little, and let go again.

Contacts begin and end between nodes, so a free run may rest in a dent of the objective beside a
deeper one: on the spatial runner 4e-5 of it deep, and 0.8 mm of the landing apart. Held a per cent
away and let go again it leaves such a dent; from other starts it is found as well, at ten times the
time.
"""

from __future__ import annotations

from pathlib import Path

from formats.solve_records import Rung
from simulations.problems.problem import Problem
from simulations.solving.ipopt import Guess
from simulations.solving.solve import Solution, solve
from simulations.solving.step_rate_continuation import stride_time_free, with_stride_time

KICKS = (1.01, 0.99)
"""Stride times that are held, over the one that was found."""
LOWER = 1e-6
"""By which share of its size an objective must be lower to count as another optimum's."""


def lowest(
    problem: Problem, start: Guess, out: Path, *, label: str, max_iterations: int = 1000
) -> tuple[Guess, list[Rung]]:
    """The best of the optimum found from `start` and those found after each kick; a record of each.

    Where the stride time is given, or nothing is found from `start`: `start` itself.
    """
    if not stride_time_free(problem):
        return start, []

    def solved(what: Problem, guess: Guess, name: str, sharpen: bool) -> tuple[Solution, Rung]:
        log = Path(out) / f"ipopt_{name}.log"
        found = solve(what, guess, max_iterations=max_iterations, log=log, sharpen=sharpen)
        return found, {
            "stride_time_s": float(found.x[0]) * problem.program.spans,
            "status": found.return_status,
            "iterations": found.iterations,
            "solve_time_s": found.solve_time_s,
            "objective": sum(found.objective.values()),
        }

    best, rung = solved(problem, start, "first", True)
    if not best.converged:
        return start, [rung]
    rungs, own = [rung], best
    for kick in KICKS:
        held_at = with_stride_time(problem, float(own.x[0]) * problem.program.spans * kick)
        held, rung = solved(held_at, _from(own), f"held_{kick:.4g}", False)
        rungs.append(rung)
        freed, rung = solved(problem, _from(held), f"freed_{kick:.4g}", True)
        rungs.append(rung)
        lower = sum(best.objective.values()) * (1 - LOWER)
        if freed.converged and sum(freed.objective.values()) < lower:
            best = freed
    told = ", ".join(f"{one['objective']:.6g}" for one in rungs[::2])
    print(f"[{label}] objective found, and after a kick of the stride time: {told}", flush=True)
    return _from(best), rungs


def _from(found: Solution) -> Guess:
    return Guess(found.x, found.lam_x, found.lam_g, corner=found.corner)

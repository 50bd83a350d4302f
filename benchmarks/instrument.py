"""Where a solve of this engine spends its time: CasADi's own stopwatches around every Ipopt run.

A solve is several runs of Ipopt. While `recording()` is on, every solver that the engine makes is
watched; the engine itself is unchanged. What Ipopt takes beyond the program's functions is linear
algebra (MUMPS) and its own bookkeeping.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import casadi as ca
import numpy as np

from benchmarks.records import Limited
from simulations.problems.problem import Problem
from simulations.solving.friction_continuation import FIRST
from simulations.solving.ipopt import Guess, Options

FUNCTIONS = {
    "nlp_f": "objective",
    "nlp_grad_f": "gradient",
    "nlp_g": "constraints",
    "nlp_jac_g": "jacobian",
    "nlp_hess_l": "hessian",
}
BUILD, REST = "solver set-up", "linear algebra and Ipopt"


@dataclass
class Profile:
    """Sums over the Ipopt runs seen: iterations, seconds by part: on the clock (wall), of the
    processor (proc)."""

    iterations: int = 0
    parts: dict[str, dict[str, float]] = field(default_factory=lambda: {"wall": {}, "proc": {}})

    def add(self, part: str, elapsed: dict[str, float]) -> None:
        """Add to a part's seconds."""
        for kind, seconds in elapsed.items():
            self.parts[kind][part] = self.parts[kind].get(part, 0.0) + seconds

    def count(self, stats: Mapping[str, float], elapsed: dict[str, float]) -> None:
        """Add one run of Ipopt."""
        self.iterations += int(stats["iter_count"])
        for kind, whole in elapsed.items():
            inside = 0.0
            for key, part in FUNCTIONS.items():
                seconds = float(stats.get(f"t_{kind}_{key}", 0.0))
                inside += seconds
                self.add(part, {kind: seconds})
            self.add(REST, {kind: max(whole - inside, 0.0)})

    def seconds(self, kind: str = "wall") -> dict[str, float]:
        """Seconds by part, in the order of the work."""
        order, parts = [BUILD, *FUNCTIONS.values(), REST], self.parts[kind]
        return {part: parts[part] for part in order if part in parts}


class _Stopwatch:
    """Both clocks since it was made."""

    def __init__(self) -> None:
        self._wall, self._proc = time.perf_counter(), time.process_time()

    def elapsed(self) -> dict[str, float]:
        """Seconds by clock."""
        return {
            "wall": time.perf_counter() - self._wall,
            "proc": time.process_time() - self._proc,
        }


class _Watched:
    """A solver whose calls are counted into a profile."""

    def __init__(self, solver: ca.Function, profile: Profile) -> None:
        self._solver, self._profile = solver, profile

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        watch = _Stopwatch()
        result = self._solver(*args, **kwargs)
        self._profile.count(self._solver.stats(), watch.elapsed())
        return result

    def __getattr__(self, name: str) -> Any:
        return getattr(self._solver, name)


@contextmanager
def recording() -> Iterator[Profile]:
    """Watch every solver made meanwhile."""
    profile, make = Profile(), ca.nlpsol

    def watched(*args: Any, **kwargs: Any) -> _Watched:
        watch = _Stopwatch()
        solver = make(*args, **kwargs)
        profile.add(BUILD, watch.elapsed())
        return _Watched(solver, profile)

    ca.nlpsol = watched  # type: ignore[assignment]
    try:
        yield profile
    finally:
        ca.nlpsol = make


def limited_memory(problem: Problem, start: Guess, iterations: int) -> Limited:
    """Seconds per iteration with Ipopt's limited-memory Hessian: the algorithm that Moco uses."""
    program = problem.program
    ipopt: Options = {
        "max_iter": iterations,
        "hessian_approximation": "limited-memory",
        "nlp_scaling_method": "none",
        "print_level": 0,
        "sb": "yes",
        "option_file_name": "",
    }
    with recording() as profile:
        solver = ca.nlpsol(
            "limited",
            "ipopt",
            program.nlp,
            {
                "ipopt": ipopt,
                "grad_f": program.grad_f,
                "jac_g": program.jac_g,
                "print_time": False,
                "calc_lam_p": False,
                "no_nlp_grad": True,
                "error_on_fail": False,
            },
        )
        parameters = problem.parameters_at(FIRST)
        x0 = np.clip(start.x, problem.lower, problem.upper)
        solver(x0=x0, p=parameters, lbx=problem.lower, ubx=problem.upper, lbg=0, ubg=0)
    parts = profile.seconds()
    seconds = sum(value for part, value in parts.items() if part != BUILD)
    return {
        "iterations": profile.iterations,
        "seconds": seconds,
        "seconds_per_iteration": seconds / max(profile.iterations, 1),
        "profile": parts,
    }

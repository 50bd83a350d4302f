"""One stride of a trial: its demand at the nodes, the muscles' shares, the case folder's files."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from formats.description import RunnerDescription
from formats.files import write_json
from formats.origin import origin, versions
from formats.solve_records import INVERSE, InverseRecord, SolveRecord, Start
from formats.trial.reading import Trial
from simulations.collocation.assembly import Program
from simulations.collocation.layout import Layout
from simulations.collocation.objectives import Objective
from simulations.collocation.scheme import Scheme
from simulations.output import motion
from simulations.problems import sharing, slack
from simulations.problems.prescribed import Demand, Prescriber
from simulations.problems.problem import Problem, active_bounds
from simulations.problems.sharing import Shared
from simulations.solving.ipopt import Guess, Stop, announce, ipopt, options
from simulations.solving.several_starts import solve_all

# Where a solve starts: activation and excitation, normalised tendon force of all muscles. Muscles
# with tendons have neighbouring minima, and one start alone may end in a poor one: all are tried.
STARTS = ((0.1, 0.1), (0.3, 0.3), (0.02, 0.4))
_RATE_W_KG = 15.0


EQUILIBRIUM = 1e-6
"""Residual of the tendons (of maximal force) that a certificate allows: a start that ended cycling
above it is taken only where no other did better, however low its objective."""


@dataclass(frozen=True)
class Sharer:
    """A runner with the program that serves all strides of a trial on one mesh."""

    runner: RunnerDescription
    objective: Objective
    scheme: Scheme
    prescriber: Prescriber
    program: Program
    processes: int = 1

    @staticmethod
    def build(
        runner: RunnerDescription, objective: Objective, scheme: Scheme, processes: int = 1
    ) -> Sharer:
        """Write a runner's program. processes: how many starts are solved at a time."""
        program = sharing.program(runner, scheme, objective)
        return Sharer(runner, objective, scheme, Prescriber(runner), program, processes)

    def on(self, scheme: Scheme) -> Sharer:
        """The same on another mesh."""
        program = sharing.program(self.runner, scheme, self.objective)
        return replace(self, scheme=scheme, program=program)

    def demand(self, trial: Trial, start: float, end: float) -> Demand:
        """What a trial asks for from `start` to `end` (s), at the mesh's nodes; time from zero."""
        at = start + self.scheme.phase * (end - start)
        order = [trial.curves.names.index(c.name) for c in self.runner.coordinates]
        q, u, du = (trial.curves.at(at, k)[order] for k in (0, 1, 2))
        wrenches = {side: trial.curves.wrench(side, at) for side in trial.curves.forces}
        return self.prescriber.demand(at - start, q, u, du, wrenches)

    def solve(
        self,
        demand: Demand,
        *,
        max_iterations: int = 500,
        log: Path | None = None,
        starts: tuple[tuple[float, float], ...] = STARTS,
        change: Callable[[Problem], Problem] = lambda posed: posed,
        take_up_slack: bool = True,
    ) -> Shared:
        """Share a demand among the muscles: the best of all starts.

        Never raises for want of convergence. max_iterations: of each start. change: what is to
        be changed of the posed problem first. take_up_slack: whether muscles that are shorter than
        their tendons get next to no force (problems.slack), or `change` sees to them.
        """
        began = time.perf_counter()
        posed = sharing.pose(
            self.runner, self.program, demand, self.objective, take_up_slack=take_up_slack
        )
        posed = change(posed)
        duration = float(posed.lower[0])
        if log is not None:
            log.unlink(missing_ok=True)

        def run(start: tuple[float, float], place: Path | None) -> Stop:
            return ipopt(
                posed.program,
                Guess(posed.program.pack(duration, even(posed, *start))),
                options({}, max_iterations, place),
                lower=posed.lower,
                upper=posed.upper,
                parameters=posed.parameters,
            )

        tried = []
        for (activation, tendon_force), stop in zip(
            starts, solve_all(run, starts, self.processes, log), strict=True
        ):
            told: Start = {
                "activation": activation,
                "normalized_tendon_force": tendon_force,
                "status": stop.status,
                "iterations": stop.iterations,
                "objective": sum(sharing.objective_terms(posed, stop.x).values()),
            }
            tried.append((stop, told))
        tried.sort(
            key=lambda one: (
                not one[0].converged,
                one[0].violation > EQUILIBRIUM,
                one[1]["objective"],
            )
        )
        best = tried[0][0]
        seconds = time.perf_counter() - began
        return Shared(
            demand, posed, best, posed.values(best.x), seconds, [told for _, told in tried]
        )


def even(problem: Problem, activation: float, tendon_force: float) -> np.ndarray:
    """Scaled unknowns (nz x nodes) that a solve starts from: all muscles alike, all the time."""
    layout = problem.layout
    values = np.zeros((layout.size, problem.scheme.nodes))
    for name in ("a", "e"):
        values[layout.block(name)] = activation
    values[layout.block("F")] = tendon_force
    values[layout.block("R")] = _RATE_W_KG
    return values / layout.scale[:, None]


def whole(shared: Shared) -> motion.Stride:
    """The stride with its prescribed motion, as a predicted one is kept."""
    problem, demand = shared.problem, shared.demand
    layout = Layout.of(problem.runner)
    values = np.full((layout.size, len(demand.time)), np.nan)
    for name in ("q", "u", "du"):
        values[layout.block(name)] = getattr(demand, name)
    for name, size in problem.layout.sizes.items():
        if size:
            values[layout.block(name)] = shared.block(name)
    return motion.Stride(demand.time, values, layout)


def write(out: Path, shared: Shared, label: str, report: InverseRecord, speed: float) -> None:
    """Write a case folder: motion and forces, inverse.json (report), solver.json last."""
    demand, runner = shared.demand, shared.problem.runner
    motion.write(out, runner, whole(shared), motion.ground_table(demand.time, demand.wrenches))
    write_json(out / INVERSE, report)
    told = record(shared, speed)
    write_json(out / "solver.json", told)
    announce(label, told["reason"], told["iterations"], told["solve_time_s"])


def shortest(shared: Shared) -> str:
    """The muscles with the shortest fibres, in words, for a reason not to have converged."""
    runner, demand = shared.problem.runner, shared.demand
    fibres = {
        muscle.name: float(slack.fibre_along(muscle, demand.length[i]).min())
        for i, muscle in enumerate(runner.muscles)
    }
    least = sorted(fibres, key=lambda name: fibres[name])[:3]
    named = ", ".join(f"{name} {fibres[name]:.2f}" for name in least)
    return f"shortest fibres (optimal lengths): {named}; look at their tendons in the model"


def record(shared: Shared, speed: float) -> SolveRecord:
    """What happened, as JSON: status, iterations, time, objective by term, active bounds."""
    problem, stop = shared.problem, shared.stop
    return {
        "status": "converged" if stop.converged else "failed",
        "reason": "" if stop.converged else f"Ipopt: {stop.status}; {shortest(shared)}",
        "return_status": stop.status,
        "start": "cold",
        "starts": shared.starts,
        "iterations": stop.iterations,
        "solve_time_s": shared.seconds,
        "constraint_violation": stop.violation,
        "objective": sharing.objective_terms(problem, stop.x),
        "active_bounds": active_bounds(problem, stop.x),
        "speed_m_s": speed,
        "stride_time_s": float(shared.demand.time[-1]),
        "mesh_intervals": problem.scheme.intervals,
        "scheme": problem.scheme.name,
        "unknowns": int(np.sum(problem.lower < problem.upper)),
        "made": origin(),
        "versions": versions(),
    }

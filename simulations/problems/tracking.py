"""Following a motion softly with exact dynamics, posed as a problem."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from formats.description import RunnerDescription
from formats.trial.reading import Trial, for_runner
from simulations.collocation import objective
from simulations.problems import measured_reference
from simulations.problems.problem import Mesh, Problem, pose
from simulations.problems.reference import Reference

_ROOM = 0.2


def problem(
    runner: RunnerDescription,
    target: Reference,
    *,
    speed: float,
    weight: float,
    mesh: Mesh,
    objective_name: str = "metabolic_mix",
    threads: int = 1,
) -> Problem:
    """Pose tracking of `target` at `speed` (m/s) with a tracking `weight`.

    The stride's duration may be what any runner's may, and a fifth off the target's: sprinters take
    less time than the former allows.
    """
    posed = pose(
        runner,
        speed=speed,
        mesh=mesh,
        objective=objective.objective(objective_name),
        reference=target,
        habit_weight=weight,
        threads=threads,
    )
    spans, room = posed.program.spans, np.array([1 - _ROOM, 1 + _ROOM]) * target.stride_time
    posed.lower[0] = min(posed.lower[0], room[0] / spans)
    posed.upper[0] = max(posed.upper[0], room[1] / spans)
    return posed


def measured(folder: Path, runner: RunnerDescription) -> tuple[Trial, Reference]:
    """A trial, and its main stride as a reference.

    Raises ValueError, one line, for a bad trial, or a runner without spheres under its feet.
    """
    if not runner.contacts:
        raise ValueError(
            f"runner {runner.name}: no contact spheres, so nothing can carry him; python -m "
            "models.add_contact adds them"
        )
    trial = for_runner(folder, runner)
    return trial, measured_reference.from_trial(trial, trial.chosen()[0], runner)


def rungs(weight: float) -> list[float]:
    """Tracking weights solved before `weight`: 1, 0.1, .. above it; freed at once, a rough guess
    falls into a poor minimum."""
    steps: list[float] = []
    step = 1.0
    while step > 1.5 * weight and len(steps) < 4:
        steps.append(step)
        step /= 10
    return steps

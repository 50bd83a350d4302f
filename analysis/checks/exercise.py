"""What is asked of an exercise in OpenSim before its outcomes count."""

from __future__ import annotations

import numpy as np

from analysis.checks import bounds
from analysis.checks import stride as checks
from analysis.checks.stride import Check
from analysis.replayed.case import Case
from analysis.replayed.case_model import model_of
from analysis.replayed.quantities import Anatomy, Dynamics
from analysis.replayed.replay import Replay
from formats.solve_records import ExerciseRecord

RESERVE_LIMIT_NM = 5.0
"""A tenth of what a straight leg held above the floor asks of the hip."""
PATH_LIMIT_NM = 1.5
"""The polynomials' own error: up to 1.7 Nm rms at full force in single muscles (paths.csv)."""


def required(
    case: Case, truth: Dynamics, anatomy: Anatomy, told: ExerciseRecord, passive: bool
) -> dict[str, Check]:
    """The checks. told: exercise.json; passive: whether other hands move the leg.

    A grid may hold postures that the muscles cannot: they are told (`lacking`), and count for
    nothing. A movement has to be theirs throughout.
    """
    counted = np.ones(len(case.time), dtype=bool)
    if told["kind"] == "static" and not passive and (lacking(told) <= RESERVE_LIMIT_NM).any():
        counted = lacking(told) <= RESERVE_LIMIT_NM
    found = {
        "acceleration": checks.accelerations(truth),
        "tendon_equilibrium": checks.tendon_equilibrium(truth),
        "joint_moment": paths(truth, anatomy, counted),
        **root(case),
    }
    if told["kind"] == "movement":
        found["active_bounds"] = bounds.active_bounds(case.solver)
        found["collocation"] = checks.collocation(case, truth)
        if not passive:
            found["reserves"] = reserves(told)
    return found


def paths(truth: Dynamics, anatomy: Anatomy, counted: np.ndarray) -> Check:
    """The muscles' moments on anatomical paths against polynomials, the worst coordinate.

    counted (N,): the nodes that are looked at.

    Held against 2 % of the coordinate's peak, as in running, or PATH_LIMIT_NM where that is more:
    an exercise leaves some joints all but unloaded.
    """
    there = anatomy.muscle_moment[counted]
    difference = np.abs(there - truth.generalised["muscles"][counted]).max(axis=0)
    peak = np.abs(there).max(axis=0)
    allowed = np.maximum(checks.PATH_LIMIT_PERCENT / 100.0 * peak, PATH_LIMIT_NM)
    worst = int(np.argmax(difference / allowed))
    return Check(
        float(difference[worst]),
        float(allowed[worst]),
        "Nm",
        "muscles' moment on anatomical paths less that on polynomials, worst coordinate "
        f"({truth.names[worst]}, peak {peak[worst]:.3g} Nm)",
    )


def root(case: Case) -> dict[str, Check]:
    """What the floor leaves to be held at the pelvis, by OpenSim's inverse dynamics."""
    replay = Replay(model_of(case, "polynomial"), case)
    kinds = {c.name: c.motion for c in case.runner.coordinates}
    found = {}
    for name, motion, unit in (
        ("pelvis_force", "translational", "N"),
        ("pelvis_moment", "rotational", "Nm"),
    ):
        left = [
            np.abs(replay.controls[:, replay.control_index(actuator)]).max()
            for coordinate, actuator in replay.model.root.items()
            if kinds[coordinate] == motion
        ]
        what = "largest residual of inverse dynamics with the floor's forces"
        found[name] = Check(float(max(left)), checks.PELVIS_LIMIT, unit, what)
    return found


def lacking(told: ExerciseRecord) -> np.ndarray:
    """(N,) Nm, largest torque beside the muscles at each node."""
    return np.max([np.abs(entry["torque_nm"]) for entry in told["reserves"].values()], axis=0)


def reserves(told: ExerciseRecord) -> Check:
    """The largest torque that is no muscle's, of the coordinates that muscles cross."""
    sizes = {name: float(entry["largest_nm"]) for name, entry in told["reserves"].items()}
    worst = max(sizes, key=lambda name: sizes[name], default="none")
    return Check(
        sizes.get(worst, 0.0),
        RESERVE_LIMIT_NM,
        "Nm",
        f"largest torque beside the muscles ({worst}); more means that these muscles cannot do it",
    )

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
from formats.exercises import RESERVE_LIMIT_NM
from formats.solve_records import ExerciseRecord

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
    found = {}
    if told["kind"] == "movement" and not passive:
        # First: what follows it is often its consequence.
        found["reserves"] = reserves(told, np.degrees(case.coordinate("hip_flexion_r")))
    found |= {
        "acceleration": checks.accelerations(truth),
        "tendon_equilibrium": checks.tendon_equilibrium(truth),
        "joint_moment": paths(truth, anatomy, counted),
        **root(case),
    }
    if told["kind"] == "movement":
        found["active_bounds"] = bounds.active_bounds(case.solver)
        found["collocation"] = checks.collocation(case, truth)
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


def reserves(told: ExerciseRecord, flexion: np.ndarray) -> Check:
    """The largest torque that is no muscle's, of the coordinates that muscles cross.

    flexion (N,): of the moving hip, deg.
    """
    sizes = {name: float(entry["largest_nm"]) for name, entry in told["reserves"].items()}
    worst = max(sizes, key=lambda name: sizes[name], default="none")
    return Check(
        sizes.get(worst, 0.0),
        RESERVE_LIMIT_NM,
        "Nm",
        f"largest torque beside the muscles, {worst}; {wanting(told, flexion)}",
    )


def strength_needed(told: ExerciseRecord) -> np.ndarray:
    """(N,) least share of the runner's strength that each node needs; inf where none does."""
    return np.array([np.inf if x is None else x for x in told["strength_needed"]])


def wanting(told: ExerciseRecord, flexion: np.ndarray) -> str:
    """How much stronger these muscles would have to be, where, and how far they go as they are."""
    share = strength_needed(told)
    worst = int(np.argmax(share))
    if share[worst] <= 1.0:
        return "posture by posture these muscles could, but not at this pace"
    much = f"{100 * share[worst]:.0f} %" if np.isfinite(share[worst]) else "more than any"
    reach = reached(told, flexion)
    return (
        f"at {flexion[worst]:.0f} deg of flexion {told['strength_needed_for'][worst]} needs {much} "
        "of these muscles' strength (a linear bound); as they are they "
        + ("cannot begin" if np.isnan(reach) else f"reach {reach:.0f} deg")
    )


def strength(told: ExerciseRecord, flexion: np.ndarray) -> dict[str, float]:
    """Of the whole grid or repetition: strength needed (per cent, NaN: none does), and reached."""
    most = float(strength_needed(told).max())
    reach = reached(told, flexion) if told["kind"] == "movement" else float("nan")
    needed = 100.0 * most if np.isfinite(most) else float("nan")
    return {"strength_needed_percent": needed, "reached_deg": reach}


def reached(told: ExerciseRecord, flexion: np.ndarray) -> float:
    """Flexion (deg) up to which every node from the start on needs no more than all strength.

    NaN if the first already does.
    """
    within = strength_needed(told) <= 1.0
    if not within[0]:
        return float("nan")
    end = len(within) if within.all() else int(np.argmin(within))
    return float(flexion[:end].max())

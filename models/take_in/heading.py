"""Which way a runner runs over the ground, and the whole trial turned so that this is along x."""

from __future__ import annotations

import numpy as np
from scipy.spatial.transform import Rotation

from formats.trial.measured import Foot, GroundForces, Motion
from models.checks import pace
from models.checks.posed import Posture, Skeleton

# Braking is 0.4 % off there; a stride's mean direction is not known better than to a degree or two.
TURNED_DEG = 5.0


def of(forces: GroundForces, body: Posture, newtons: float) -> float:
    """Angle (rad) about the ground's y axis that brings the runner's direction onto x; 0 where no
    foot is seen from contact to toe-off."""
    feet = pace.feet_on_ground(forces, body, newtons)
    if not len(feet):
        return 0.0
    span = body.time[-1] - body.time[0]
    moved = (body.mass_centre[-1] - body.mass_centre[0])[[0, 2]] / span
    forward, right = moved - np.median(feet, axis=0)
    return float(np.arctan2(right, forward))


def turned(
    motion: Motion, feet: dict[str, Foot], skeleton: Skeleton, angle: float
) -> tuple[Motion, dict[str, Foot]]:
    """Motion and forces turned by an angle (rad) about the ground's y axis. ValueError: the model's
    joint at the ground cannot take such a turn."""
    turn = Rotation.from_euler("y", angle)

    def of_rows(rows: np.ndarray) -> np.ndarray:
        return np.asarray(turn.apply(np.ascontiguousarray(rows.T)).T)

    try:
        values = motion.values | skeleton.turned(motion.values, turn)
    except ValueError as error:
        raise ValueError(f"{motion.path}: {error}") from None
    return (
        Motion(motion.path, motion.time, values),
        {s: Foot(of_rows(f.force), of_rows(f.point), of_rows(f.torque)) for s, f in feet.items()},
    )

"""What a tendon presses on where it wraps over a bone.

A frictionless tendon of tension T that leaves a surface at two tangent points is pulled, at each,
by T along its free stretch. The piece on the surface has no mass, so the surface holds it against
both pulls, and is itself pressed by their sum:

    force on the surface = T (e_before + e_after)

with unit vectors from the tangent point towards the path's neighbour on that side. For iliopsoas in
front of the hip both point backward (one up to the trunk, one down to the lesser trochanter), so it
presses backward.

A model without a wrapping surface there (gait2392, Hamner 2010) holds the tendon at points fixed in
the pelvis. The last of them before the path leaves the pelvis is then where it presses.

OpenSim's wrapping surface belongs to the pelvis, which takes that force; the hip's reaction is then
F on the socket. If the tendon lies on the front of the head instead, femur and head receive it: the
socket has to hold the head against it too, and the force of the head on the socket is F plus the
force on the surface. Muscle forces, motion and joint moments are left as they are, so that the two
readings differ in this one force. A third, the best estimate, splits it by hip angle
(`share_on_head`). It is taken to act through the head's centre, as it would on a
smooth sphere; `offset` says how far from the centre the model's own line passes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from analysis.socket.bearing import tendon_share

MUSCLES = ("psoas", "iliacus")
"""The muscles whose common tendon crosses the front of the femoral head."""


def share_on_head(rotation: np.ndarray) -> np.ndarray:
    """(N,) share of the tendon's force that the femoral head takes, 1 to 0 with hip flexion.

    rotation (N, 3, 3): femur in pelvis; flexion is how far the thigh swings forward.
    """
    limits = tendon_share()
    flexion = np.degrees(np.arctan2(-rotation[:, 0, 1], rotation[:, 1, 1]))
    return np.interp(flexion, [limits.all_below_deg, limits.none_above_deg], [1.0, 0.0])


def wrap_force(points: Sequence[np.ndarray], wrapped: Sequence[bool], tension: float) -> np.ndarray:
    """(3,) force of a path on the surfaces it wraps, N.

    points: (3,) each, in one frame, from origin to insertion; wrapped: whether a point is where the
    path meets or leaves a wrapping surface. Neighbours on the same surface have an arc between.
    """
    force = np.zeros(3)
    for i, on_surface in enumerate(wrapped):
        if on_surface:
            for k in (i - 1, i + 1):
                if 0 <= k < len(points) and not wrapped[k]:
                    line = points[k] - points[i]
                    force += tension * line / np.linalg.norm(line)
    return force


def on_pelvis(
    muscle: Any, state: Any, into_pelvis: np.ndarray, tension: float
) -> tuple[np.ndarray, np.ndarray]:
    """Force (3,) N of a muscle's tendon on its wrapping surface, and where it leaves it (3,) m.

    muscle: OpenSim's, its state realised to position; into_pelvis (3, 3): from ground to pelvis;
    tension: of the tendon, N.
    The place is the mean of the tangent points from ground's origin, in pelvis axes. Without a wrap
    it is the path's last point on its first body; without such a point both are zero.
    """
    path = muscle.getGeometryPath().getCurrentPath(state)
    points, wrapped, bodies = [], [], []
    for i in range(path.getSize()):
        point = path.get(i)
        points.append(into_pelvis @ point.getLocationInGround(state).to_numpy())
        wrapped.append(point.getConcreteClassName() == "PathWrapPoint")
        bodies.append(point.getParentFrame().findBaseFrame().getName())
    if not any(wrapped):
        held = [i for i in range(1, len(bodies) - 1) if bodies[i] == bodies[0]]
        if not held:
            return np.zeros(3), np.zeros(3)
        wrapped[held[-1]] = True
    place = np.mean([p for p, on in zip(points, wrapped, strict=True) if on], axis=0)
    return wrap_force(points, wrapped, tension), place


def of_side(
    model: Any, state: Any, side: str, into_pelvis: np.ndarray, centre: np.ndarray
) -> tuple[np.ndarray, float]:
    """Force (3,) N of a side's iliopsoas on what it wraps, pelvis frame, and its offset (m).

    model: a RunnerModel, its state realised to dynamics; centre (3,) of the hip from ground's
    origin in pelvis axes. offset: from the centre to the force's line, 0 without a force.
    """
    total, moment = np.zeros(3), np.zeros(3)
    for muscle in model.muscles:
        if muscle.getName() in {f"{name}_{side}" for name in MUSCLES}:
            tension = float(muscle.getTendonForce(state))
            force, place = on_pelvis(muscle, state, into_pelvis, tension)
            total += force
            moment += np.cross(place - centre, force)
    size = float(np.linalg.norm(total))
    return total, float(np.linalg.norm(moment)) / size if size > 0 else 0.0

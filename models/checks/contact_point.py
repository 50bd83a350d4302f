"""Whether the ground's force acts at the foot that carries it.

Two looks. The point itself against the foot's sole. And, where the sole leaves room: over a whole
stride angular momentum about the mass centre comes back, so the force's mean moment about it is
next to nothing; divided by the weight it is how far the points are off on average.
"""

from __future__ import annotations

import numpy as np
from scipy.interpolate import make_interp_spline

from formats.trial.measured import GroundForces
from formats.trial.strides import Stride
from models.checks.findings import Finding
from models.checks.posed import Posture
from models.paths.polynomial import Array

FARTHEST_M = 0.30
# Room around the line from heel to ball that a shod sole takes (m): behind the calcaneus' origin,
# before the toes' joint, to either side.
BEHIND_M, BEFORE_M, BESIDE_M = 0.06, 0.10, 0.07
# The calcaneus' origin stands 15 mm above the sole of the bare foot, a running shoe adds up to 40,
# and rises by some 10 cm where the heel lifts.
HEIGHT_WARNED_M, HEIGHT_REFUSED_M = (-0.01, 0.15), (-0.08, 0.25)
# Mass centres of scaled models are off by a centimetre or two, which tilts the moment as far.
MEAN_OFFSET_WARNED_M, MEAN_OFFSET_REFUSED_M = 0.03, 0.15
# The point is looked at where the foot carries this share of its peak: it means nothing without.
_LOADED = 0.3
_NAMES = {"r": "right", "l": "left"}


def check(forces: GroundForces, body: Posture, stride: Stride) -> list[Finding]:
    """Findings on the point of application of both feet, and on the mean moment over a stride."""
    found = []
    for side, foot in forces.feet.items():
        inside = (forces.time >= body.time[0]) & (forces.time <= body.time[-1])
        vertical = foot.force[1]
        loaded = inside & (vertical > _LOADED * vertical[inside].max())
        at, time = foot.point[:, loaded].T, forces.time[loaded]
        own = distance(at, *_foot(body, side, time))
        far = float(np.median(own))
        if far > FARTHEST_M:
            other = float(np.median(distance(at, *_foot(body, "l" if side == "r" else "r", time))))
            found.append(Finding(_far(forces, side, far, other, at), refused=True))
            continue
        found += _height(forces, side, at, _foot(body, side, time)[0])
        outside = beyond(at, *_foot(body, side, time))
        if float(np.quantile(outside, 0.9)) > 0.0:
            found.append(
                Finding(
                    f"{forces.path}: the point of the {_NAMES[side]} foot's force lies up to "
                    f"{100 * float(np.quantile(outside, 0.9)):.0f} cm outside its sole; plates or "
                    "markers in another frame? Joint moments are off by as much"
                )
            )
    if not any(finding.refused for finding in found):
        found += _mean(forces, body, stride)
    if not any(foot.torque.any() for foot in forces.feet.values()):
        found.append(
            Finding(
                f"{forces.path}: the feet's free torque is zero all along: not measured? Rotation "
                "of hip and foot lacks up to some 10 N m of moment"
            )
        )
    return found


def _height(forces: GroundForces, side: str, at: Array, heel: Array) -> list[Finding]:
    """A finding where the foot does not stand at the height of its force's point."""
    height = float(np.median(heel[:, 1] - at[:, 1]))
    (low, high), (lowest, highest) = HEIGHT_WARNED_M, HEIGHT_REFUSED_M
    if low <= height <= high:
        return []
    return [
        Finding(
            f"{forces.path}: the {_NAMES[side]} heel's origin is {height:.2f} m above the point of "
            f"its force (median while it carries; {low} to {high} m are a shod foot's): the ground "
            "of the plates and that of the markers are not one height",
            refused=not lowest <= height <= highest,
        )
    ]


def _far(forces: GroundForces, side: str, own: float, other: float, at: Array) -> str:
    said = (
        f"{forces.path}: the point of the {_NAMES[side]} foot's force lies {own:.2f} m from that "
        f"foot (median while it carries; at most {FARTHEST_M} m are allowed); "
    )
    if other < FARTHEST_M:
        return said + f"it is {other:.2f} m from the other foot: are right and left exchanged?"
    if float(np.abs(at).max()) > 50.0:
        return said + "is it in millimetres? Metres are needed"
    return said + "forces and motion must share one ground frame, metres, x forward and y up"


def _foot(body: Posture, side: str, time: Array) -> tuple[Array, Array]:
    """Heel and ball (N, 3) at other times."""
    return tuple(
        np.asarray(make_interp_spline(body.time, points[side], k=3)(time))
        for points in (body.heel, body.ball)
    )  # type: ignore[return-value]


def distance(point: Array, heel: Array, ball: Array) -> Array:
    """Horizontal distance (N, m) of points (N, 3) from the line between heel and ball."""
    along, beside, length = _in_foot(point, heel, ball)
    over = np.maximum(np.maximum(-along, along - length), 0.0)
    return np.hypot(over, beside)


def beyond(point: Array, heel: Array, ball: Array) -> Array:
    """How far (N, m) points lie outside the sole; negative inside."""
    along, beside, length = _in_foot(point, heel, ball)
    return np.maximum(
        np.maximum(-along - BEHIND_M, along - length - BEFORE_M), np.abs(beside) - BESIDE_M
    )


def _in_foot(point: Array, heel: Array, ball: Array) -> tuple[Array, Array, Array]:
    """Along the foot from the heel, to its right, and the foot's length (N each), in the plane."""
    axis = (ball - heel)[:, [0, 2]]
    length = np.linalg.norm(axis, axis=1)
    axis = axis / length[:, None]
    away = (point - heel)[:, [0, 2]]
    along = np.sum(away * axis, axis=1)
    beside = away[:, 1] * axis[:, 0] - away[:, 0] * axis[:, 1]
    return along, beside, length


def mean_offset(forces: GroundForces, body: Posture, stride: Stride) -> tuple[float, float]:
    """How far forward and to the right (m) the points are off on average over a stride."""
    time = np.linspace(stride.start, stride.end, 1001)
    centre = np.asarray(make_interp_spline(body.time, body.mass_centre, k=5)(time))
    vertical, moment = np.zeros(len(time)), np.zeros((len(time), 3))
    for foot in forces.feet.values():
        force, about = (
            np.stack([np.interp(time, forces.time, row) for row in rows], axis=1)
            for rows in (foot.force, foot.moment)
        )
        vertical += force[:, 1]
        moment += about - np.cross(centre, force)
    total = float(np.trapezoid(vertical, time))
    return (
        float(np.trapezoid(moment[:, 2], time)) / total,
        -float(np.trapezoid(moment[:, 0], time)) / total,
    )


def _mean(forces: GroundForces, body: Posture, stride: Stride) -> list[Finding]:
    forward, right = mean_offset(forces, body, stride)
    size = float(np.hypot(forward, right))
    if size <= MEAN_OFFSET_WARNED_M:
        return []
    where = (
        ("forward" if forward > 0 else "back")
        if abs(forward) > abs(right)
        else ("to the right" if right > 0 else "to the left")
    )
    return [
        Finding(
            f"{forces.path}: over the stride the force turns the body as if its point were "
            f"{100 * size:.1f} cm too far {where} (more than {100 * MEAN_OFFSET_WARNED_M:.0f} cm "
            "are not the model's mass centre alone): point of force or frame are off",
            refused=size > MEAN_OFFSET_REFUSED_M,
        )
    ]

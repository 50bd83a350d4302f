"""Capsular ligaments: elastic lines from pelvis to femur that wrap over the head.

A line's length depends on the hip's angles and on where the head's centre is; it begins to pull at
the length it has in a known posture (taut_at) and stiffens over a toe. Femur and head move
together, so the pull on them is the tension along the line's first stretch, from the head towards
the pelvis. The moment that the lines add is not carried back into the motion; the runner has its
own passive joint moments.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.socket.acetabulum import lateral_sign
from analysis.socket.bearing import Ligament, Socket, ramp


def hip_rotation(angles_deg: tuple[float, float, float], side: str) -> np.ndarray:
    """(3, 3) femur in pelvis at hip flexion, adduction, internal rotation (deg).

    The rotations z, x, y of OpenSim's hip, in that order and body-fixed; x and y turn the other way
    on the left (Rajagopal 2016).
    """
    flexion, adduction, rotation = np.radians(angles_deg)
    mirror = lateral_sign(side)
    return _turn(2, flexion) @ _turn(0, mirror * adduction) @ _turn(1, mirror * rotation)


def _turn(axis: int, angle: float) -> np.ndarray:
    c, s = np.cos(angle), np.sin(angle)
    i, j = (axis + 1) % 3, (axis + 2) % 3
    matrix = np.eye(3)
    matrix[i, i] = matrix[j, j] = c
    matrix[i, j], matrix[j, i] = -s, s
    return matrix


def wrapped_length(
    origin: np.ndarray, end: np.ndarray, radius: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Shortest line outside a sphere at 0: length (N,), its gradient and Hessian in origin.

    origin, end (N, 3), m, outside the sphere of `radius` (or taken as just outside). Gradient
    (N, 3): unit vector of the line's first stretch, from the sphere to origin. Hessian (N, 3, 3).
    """
    outside = 1.0001 * radius
    r = np.linalg.norm(origin, axis=1)
    away = origin / r[:, None]
    r, s = np.maximum(r, outside), np.maximum(np.linalg.norm(end, axis=1), outside)
    cosine = np.clip(np.einsum("ni,ni->n", away, end) / s, -1.0, 1.0)
    angle = np.arccos(cosine)
    arc = angle - np.arccos(radius / r) - np.arccos(radius / s)
    straight, line = origin - end, np.linalg.norm(origin - end, axis=1)
    gradient = straight / line[:, None]
    hessian = (np.eye(3) - gradient[:, :, None] * gradient[:, None, :]) / line[:, None, None]
    length = line.copy()
    on = np.flatnonzero(arc > 0)
    if on.size:
        r, s, away, angle = r[on], s[on], away[on], angle[on]
        free = np.sqrt(r**2 - radius**2)
        length[on] = free + np.sqrt(s**2 - radius**2) + radius * arc[on]
        # Polar coordinates about the end's direction: f_r = free / r, f_angle = radius.
        sine = np.maximum(np.sin(angle), 1e-9)
        around = (np.cos(angle)[:, None] * away - end[on] / s[:, None]) / sine[:, None]
        third = np.cross(away, around)
        gradient[on] = (free / r)[:, None] * away + (radius / r)[:, None] * around
        mixed = -radius / r**2
        terms = [
            (radius**2 / (r**2 * free), away, away),
            (mixed, away, around),
            (mixed, around, away),
            (free / r**2, around, around),
            (free / r**2 + radius / r**2 * np.cos(angle) / sine, third, third),
        ]
        hessian[on] = sum(c[:, None, None] * a[:, :, None] * b[:, None, :] for c, a, b in terms)
    return length, gradient, hessian


@dataclass(frozen=True)
class Capsule:
    """The ligaments of a side over N instants: `pull` at a displacement of the head's centre.

    origins (L, 3): on the pelvis; ends (N, L, 3): on the femur, pelvis frame, both from the cup's
    centre with the head centred there; slack (L,) lengths, m.
    """

    origins: np.ndarray
    ends: np.ndarray
    slack: np.ndarray
    stiffness: np.ndarray
    radius: float
    toe: float

    def pull(self, displacement: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Energy (N,) J, its gradient (N, 3) N and Hessian (N, 3, 3) N/m in displacement (N, 3).

        The gradient is the force needed against the lines: minus that of the lines on the head.
        """
        n = len(displacement)
        energy, gradient, hessian = np.zeros(n), np.zeros((n, 3)), np.zeros((n, 3, 3))
        for i, origin in enumerate(self.origins):
            length, unit, bend = wrapped_length(origin - displacement, self.ends[:, i], self.radius)
            stored, stretch, slope = ramp(length - self.slack[i] - self.toe, self.toe)
            tension = self.stiffness[i] * stretch
            energy += self.stiffness[i] * stored
            gradient -= tension[:, None] * unit
            hessian += tension[:, None, None] * bend + (
                (self.stiffness[i] * slope)[:, None, None] * unit[:, :, None] * unit[:, None, :]
            )
        return energy, gradient, hessian

    def tension(self, displacement: np.ndarray) -> np.ndarray:
        """(N, L) N."""
        columns = [
            stiffness
            * ramp(
                wrapped_length(origin - displacement, self.ends[:, i], self.radius)[0]
                - self.slack[i]
                - self.toe,
                self.toe,
            )[1]
            for i, (origin, stiffness) in enumerate(zip(self.origins, self.stiffness, strict=True))
        ]
        return np.stack(columns, axis=1) if columns else np.zeros((len(displacement), 0))


def capsule(socket: Socket, rotation: np.ndarray, side: str) -> Capsule:
    """The capsule at hip rotations (N, 3, 3), femur in pelvis."""
    mirror = np.array([1.0, 1.0, lateral_sign(side)])

    def points(bone: str) -> np.ndarray:
        return np.array([getattr(line, bone) for line in socket.ligaments]).reshape(-1, 3) * mirror

    origins, insertions = points("pelvis"), points("femur")
    slack = [
        _slack(line, origin, insertion, socket.head_radius, side)
        for line, origin, insertion in zip(socket.ligaments, origins, insertions, strict=True)
    ]
    return Capsule(
        origins=origins,
        ends=np.einsum("nij,lj->nli", rotation, insertions),
        slack=np.array(slack),
        stiffness=np.array([line.stiffness for line in socket.ligaments]),
        radius=socket.head_radius,
        toe=socket.ligament_toe,
    )


def _slack(
    line: Ligament, origin: np.ndarray, insertion: np.ndarray, radius: float, side: str
) -> float:
    end = hip_rotation(line.taut_at, side) @ insertion
    return float(wrapped_length(origin[None], end[None], radius)[0][0]) + line.slack

"""Force plates to feet: each contact on a plate is the foot's that is there."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from scipy.interpolate import make_interp_spline

from formats.storage import Storage
from formats.trial.columns import FootColumns, plates
from formats.trial.measured import Foot
from models.checks.contact_point import FARTHEST_M, distance
from models.checks.posed import Posture
from models.paths.polynomial import Array

THRESHOLD_N = 20.0
_SHORTEST_S = 0.02


def feet(table: Storage, body: Posture) -> tuple[dict[str, Foot], list[str]]:
    """The force of each foot ('r', 'l'), summed over plates, and what each contact was taken for.

    Summed forces act at the point where their moments balance on the ground. Raises ValueError, one
    line, for a contact that is at neither foot.
    """
    count = len(table.time)
    force = {side: np.zeros((3, count)) for side in "rl"}
    moment = {side: np.zeros((3, count)) for side in "rl"}
    told = []
    for name, columns in plates(table.columns).items():
        one = _plate(table, columns)
        about = np.cross(one.point, one.force, axis=0) + one.torque
        for first, last in contacts(table.time, one.force[1]):
            side, far = foot_at(table.time[first:last], one.point[:, first:last].T, body)
            if side is None:
                continue
            if far > FARTHEST_M:
                raise ValueError(
                    f"{table.path}: the contact on plate {name or '1'} from "
                    f"{table.time[first]:.2f} to {table.time[last - 1]:.2f} s is {far:.2f} m from "
                    f"the nearer foot; at most {FARTHEST_M} m are allowed. Plates and motion must "
                    "share one ground frame, metres, x forward and y up"
                )
            force[side][:, first:last] += one.force[:, first:last]
            moment[side][:, first:last] += about[:, first:last]
            told.append(
                f"plate {name or '1'}, {table.time[first]:.2f} to {table.time[last - 1]:.2f} s: "
                f"{'right' if side == 'r' else 'left'} foot ({100 * far:.0f} cm away)"
            )
    return {side: at_ground(force[side], moment[side]) for side in "rl"}, told


def _plate(table: Storage, columns: FootColumns) -> Foot:
    def three(names: list[str]) -> Array:
        rows = [table.columns[name] for name in names] or [np.zeros_like(table.time)] * 3
        return np.nan_to_num(np.stack(rows))

    return Foot(three(columns.force), three(columns.point), three(columns.torque))


def contacts(time: Array, vertical: Array) -> list[tuple[int, int]]:
    """First row and row after the last of each time that a plate is loaded."""
    loaded = np.concatenate([[False], vertical > THRESHOLD_N, [False]])
    edges = np.flatnonzero(np.diff(loaded.astype(int)))
    spans = list(pairwise(edges))[::2]
    step = float(np.median(np.diff(time)))
    return [(int(a), int(b)) for a, b in spans if (b - a) * step >= _SHORTEST_S]


def foot_at(time: Array, point: Array, body: Posture) -> tuple[str | None, float]:
    """The foot nearest to a contact's points (N, 3), and how far it is (m, median).

    None for a contact outside the motion's time.
    """
    inside = (time >= body.time[0]) & (time <= body.time[-1])
    if not inside.any():
        return None, 0.0
    far = {}
    for side in "rl":
        heel, ball = (
            np.asarray(make_interp_spline(body.time, where[side], k=3)(time[inside]))
            for where in (body.heel, body.ball)
        )
        far[side] = float(np.median(distance(point[inside], heel, ball)))
    side = min(far, key=lambda one: far[one])
    return side, far[side]


def at_ground(force: Array, moment: Array) -> Foot:
    """Force and moment about ground's origin (3, N each) as a force at its point on the ground
    (y = 0) with a free moment about the vertical; without load all is zero."""
    vertical = force[1]
    loaded = vertical > THRESHOLD_N
    safe = np.where(loaded, vertical, 1.0)
    point = np.zeros_like(force)
    point[0] = np.where(loaded, moment[2] / safe, 0.0)
    point[2] = np.where(loaded, -moment[0] / safe, 0.0)
    torque = np.zeros_like(force)
    torque[1] = np.where(loaded, moment[1] - (point[2] * force[0] - point[0] * force[2]), 0.0)
    return Foot(np.where(loaded, force, 0.0), point, torque)

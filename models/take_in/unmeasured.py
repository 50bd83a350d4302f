"""Contacts that no plate saw: their force from the motion, where only one foot can carry.

In running one foot at most is on the ground, so the whole body's momentum tells all of the ground's
force: F = m (a - g), and the moment about the mass centre is the rate of angular momentum. What
plates measured stays as it is; what they did not see is computed so. The level of force at which a
computed contact begins and ends is that of the same sum at the ends of the measured ones, because
a filtered motion blurs them. Its point goes along the sole as in the measured contacts: what a
motion lacks in angular momentum would move it by centimetres (measured: 7 to 9 cm rms).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import make_interp_spline

from formats.gait_events import contacts
from formats.trial.measured import GRAVITY, Foot
from formats.trial.reading import Curves
from models.checks.posed import Posture, Skeleton
from models.paths.polynomial import Array
from models.take_in.plates import THRESHOLD_N, at_ground, foot_at

# A contact of a runner lasts at least so long (s), and its peak is at least so many body weights.
_SHORTEST_S, _LEAST_PEAK = 0.08, 0.8
# Of body weight: a blurred contact's end is below.
_HIGHEST_LEVEL = 0.6
# At both ends (s) of the motion accelerations are a filter's.
_EDGE_S = 0.03


@dataclass(frozen=True)
class Computed:
    """A computed contact: foot ('r', 'l') and times (s)."""

    side: str
    start: float
    end: float


def complete(
    feet: dict[str, Foot], time: Array, skeleton: Skeleton, curves: Curves, body: Posture
) -> tuple[dict[str, Foot], list[Computed]]:
    """Feet (at N times, s) with the contacts that no plate measured, and which those are.

    body: postures at the motion's samples. Raises ValueError, one line, without a measured contact.
    """
    inside = (time >= body.time[0] + _EDGE_S) & (time <= body.time[-1] - _EDGE_S)
    force, moment = wrench(skeleton, curves, body, time[inside])
    weight = skeleton.mass * GRAVITY
    measured = sum(foot.force[1] for foot in feet.values())[inside]
    landing, leaving = _levels(time[inside], np.asarray(measured), force[1], weight)
    path = _sole_path(feet, time, body)
    free = ~_near_measured(time[inside], np.asarray(measured))
    rows = {side: np.concatenate([foot.force, foot.moment]) for side, foot in feet.items()}
    found = []
    at = np.flatnonzero(inside)
    for first, last in _runs(free & (force[1] > min(landing, leaving))):
        first += int(np.argmax(force[1, first:last] > landing))
        last -= int(np.argmax(force[1, first:last][::-1] > leaving))
        start, end = float(time[inside][first]), float(time[inside][last - 1])
        if end - start < _SHORTEST_S or force[1, first:last].max() < _LEAST_PEAK * weight:
            continue
        push = at_ground(force[:, first:last], moment[:, first:last])
        side, _ = foot_at(time[inside][first:last], push.point.T, body)
        if side is None:
            continue
        point = _on_sole(path, side, time[inside][first:last], body)
        push = Foot(push.force, point, np.zeros_like(point))
        rows[side][:, at[first:last]] = np.concatenate([push.force, push.moment])
        found.append(Computed(side, start, end))
    return {side: at_ground(row[:3], row[3:]) for side, row in rows.items()}, found


def wrench(skeleton: Skeleton, curves: Curves, body: Posture, time: Array) -> tuple[Array, Array]:
    """Ground's force on the body and its moment about ground's origin (3 x N each; N, N m) that a
    motion asks for at times (N, s)."""
    centre = make_interp_spline(body.time, body.mass_centre, k=5)
    turning = make_interp_spline(body.time, skeleton.angular_momentum(curves, body.time), k=5)
    force = skeleton.mass * (centre(time, 2) - skeleton.gravity)
    return force.T, (turning(time, 1) + np.cross(centre(time), force)).T


def _levels(time: Array, measured: Array, computed: Array, weight: float) -> tuple[float, float]:
    """The computed vertical force (N) at which measured contacts begin, and at which they end."""
    found = []
    for ends in contacts(time, measured.copy(), THRESHOLD_N):
        if not len(ends):
            raise ValueError(
                "no plate saw a whole contact while the motion lasts; at least one must be measured"
            )
        level = float(np.median(np.interp(ends, time, computed)))
        found.append(float(np.clip(level, THRESHOLD_N, _HIGHEST_LEVEL * weight)))
    return found[0], found[1]


def _sole_path(feet: dict[str, Foot], time: Array, body: Posture) -> Array:
    """Where the measured force goes along the sole: from the heel forward, and outward (2 x M, m),
    at M even shares of a contact; mean over the whole measured contacts."""
    share = np.linspace(0.05, 0.95, 37)
    paths = []
    for side, foot in feet.items():
        landing, leaving = contacts(time, foot.force[1].copy(), THRESHOLD_N)
        for start in landing:
            end = leaving[leaving > start]
            if not len(end) or start < body.time[0] or end[0] > body.time[-1]:
                continue
            at = start + share * (end[0] - start)
            heel, forward, outward = _axes(side, at, body)
            away = np.stack([np.interp(at, time, foot.point[i]) for i in (0, 2)], axis=1) - heel
            paths.append([np.sum(away * forward, axis=1), np.sum(away * outward, axis=1)])
    return np.mean(np.array(paths), axis=0)


def _on_sole(path: Array, side: str, time: Array, body: Posture) -> Array:
    """Points (3 x N, m) on the ground at the times of a contact, along a sole's path."""
    heel, forward, outward = _axes(side, time, body)
    share = (time - time[0]) / (time[-1] - time[0])
    along, beside = (np.interp(share, np.linspace(0.05, 0.95, path.shape[1]), row) for row in path)
    at = heel + forward * along[:, None] + outward * beside[:, None]
    return np.stack([at[:, 0], np.zeros(len(time)), at[:, 1]])


def _axes(side: str, time: Array, body: Posture) -> tuple[Array, Array, Array]:
    """A foot's heel, forward and outward directions in the ground's plane (x and z; N, 2 each)."""
    heel, ball = (
        np.asarray(make_interp_spline(body.time, where[side], k=3)(time))[:, [0, 2]]
        for where in (body.heel, body.ball)
    )
    forward = (ball - heel) / np.linalg.norm(ball - heel, axis=1)[:, None]
    right = np.stack([-forward[:, 1], forward[:, 0]], axis=1)
    return heel, forward, right if side == "r" else -right


def _near_measured(time: Array, measured: Array) -> np.ndarray:
    """Whether a plate is loaded within the blur of a filtered motion."""
    blur = int(np.ceil(_EDGE_S / float(np.median(np.diff(time)))))
    near = np.convolve((measured > THRESHOLD_N).astype(float), np.ones(2 * blur + 1), "same")
    return near > 0.5


def _runs(loaded: Array) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], loaded.astype(int), [0]])))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]

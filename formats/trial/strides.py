"""Strides in measured ground forces, and whether those forces can be this runner's."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from formats.gait_events import contacts
from formats.trial.limits import STRIDE_TIME_RANGE_S
from formats.trial.measured import GRAVITY, GroundForces, Motion

MASS_TOLERANCE = 0.10
_LEAST_CORRELATION = 0.5


@dataclass(frozen=True)
class Stride:
    """A foot's stride: number (from 1), times (s) of contact, toe-off and the next contact."""

    number: int
    start: float
    toe_off: float
    end: float

    @property
    def duration(self) -> float:
        return self.end - self.start


def strides(
    forces: GroundForces,
    motion: Motion,
    side: str,
    threshold: float,
    window: tuple[float | None, float | None] = (None, None),
) -> list[Stride]:
    """Whole strides of a foot ('r' or 'l') within the motion, numbered from 1.

    window: times (s) between which they are looked for. Raises ValueError, one line, when there is
    no contact or no whole stride.
    """
    begin = max(motion.time[0], -np.inf if window[0] is None else window[0])
    finish = min(motion.time[-1], np.inf if window[1] is None else window[1])
    foot = {"r": "right", "l": "left"}[side]
    vertical = forces.feet[side].force[1]
    starts, offs = contacts(forces.time, vertical, threshold)
    always = _always_loaded(forces.time, vertical, threshold)
    if not len(starts) and not always:
        raise ValueError(
            f"{forces.path}: no contact of the {foot} foot found; its vertical force lies between "
            f"{vertical.min():.0f} and {vertical.max():.0f} N and must rise over {threshold:g} N"
            f"{_hint(vertical, threshold)}"
        )
    count = int(np.sum((starts >= begin) & (starts <= finish)))
    found: list[Stride] = []
    for start, end in pairwise(starts):
        between = offs[(offs > start) & (offs < end)]
        inside = start >= begin and end <= finish
        if inside and len(between) == 1:
            found.append(Stride(len(found) + 1, float(start), float(between[0]), float(end)))
    if not found and always:
        raise ValueError(
            f"{forces.path}: the vertical force of the {foot} foot stays over {threshold:g} N from "
            f"{always[0]:.2f} to {always[1]:.2f} s; was the plate zeroed? Take off what it shows "
            "unloaded"
        )
    if not found:
        raise ValueError(
            f"{forces.path}: no whole stride of the {foot} foot from {begin:.2f} to "
            f"{finish:.2f} s ({count} of its contacts begin there); two in a row are needed"
        )
    low, high = STRIDE_TIME_RANGE_S
    for stride in found:
        if not low <= stride.duration <= high:
            raise ValueError(
                f"{forces.path}: stride {stride.number} of the {foot} foot lasts "
                f"{stride.duration:.2f} s; running strides last {low} to {high} s"
            )
    return found


def _always_loaded(
    time: np.ndarray, vertical: np.ndarray, threshold: float
) -> tuple[float, float] | None:
    """From when to when (s) a foot is loaded for longer than any stride lasts, or None."""
    loaded = np.concatenate([[False], vertical > threshold, [False]])
    edges = np.flatnonzero(np.diff(loaded.astype(int))).reshape(-1, 2)
    for first, after in edges:
        if time[after - 1] - time[first] > STRIDE_TIME_RANGE_S[1]:
            return float(time[first]), float(time[after - 1])
    return None


def _hint(vertical: np.ndarray, threshold: float) -> str:
    """What a vertical force (N) without a contact looks like, for the message."""
    if not vertical.any():
        return (
            "; where a foot stood on no plate, python -m models.new computes its force from the "
            "motion"
        )
    if -vertical.min() > threshold:
        return "; is its sign that of the force on the plate? That on the foot is needed"
    if 0.0 < vertical.max() < 10.0:
        return "; is it in kN or body weights? Newtons are needed"
    return ""


def mean_vertical(forces: GroundForces, found: list[Stride]) -> float:
    """Mean vertical force (N) of both feet over whole strides."""
    first, last = found[0].start, found[-1].end
    grid = np.linspace(first, last, 200 * len(found) + 1)
    return float(np.trapezoid(np.interp(grid, forces.time, forces.vertical), grid) / (last - first))


def check_mass(
    forces: GroundForces, found: list[Stride], mass: float, source: str, gained: float = 0.0
) -> None:
    """Refuse forces whose mean over whole strides is not the weight of `mass` (kg).

    source: where the mass is said, for the message. gained: vertical speed (m/s) that the body is
    faster by at the end, which the ground has given beside carrying the weight.
    """
    span = found[-1].end - found[0].start
    mean, weight = mean_vertical(forces, found) - mass * gained / span, mass * GRAVITY
    if abs(mean - weight) > MASS_TOLERANCE * weight:
        raise ValueError(
            f"{forces.path}: the mean vertical force over whole strides is {mean:.0f} N, that of "
            f"{mean / GRAVITY:.1f} kg; {source} says {mass:.1f} kg, and at most "
            f"{MASS_TOLERANCE:.0%} apart are allowed"
        )


def check_together(
    forces: GroundForces, motion: Motion, found: list[Stride], rise: np.ndarray
) -> None:
    """Refuse forces that do not go with the motion: the pelvis falls while nothing carries it.

    rise: filtered vertical acceleration of the pelvis (m/s2) at motion.time.
    """
    inside = (motion.time >= found[0].start) & (motion.time <= found[-1].end)
    vertical = np.interp(motion.time[inside], forces.time, forces.vertical)
    together = float(np.corrcoef(vertical, rise[inside])[0, 1])
    if not together >= _LEAST_CORRELATION:
        raise ValueError(
            f"{forces.path}: the vertical force does not go with the pelvis of {motion.path.name} "
            f"(correlation with its acceleration {together:.2f}, at least {_LEAST_CORRELATION} is "
            "needed); are the forces of another trial, or late?"
        )

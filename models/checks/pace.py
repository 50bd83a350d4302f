"""Whether speed and treadmill are as runner.yaml says, and whether the runner runs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from scipy.interpolate import make_interp_spline

from formats.trial import strides as cutting
from formats.trial.measured import GroundForces
from formats.trial.reading import Trial
from formats.trial.strides import Stride
from models.checks.findings import Finding
from models.checks.posed import Posture

# Of the stated speed. The foot on the belt moves with it within 3 % in a treadmill's data.
WARNED, REFUSED = 0.08, 0.15
# Braking and speed along x are 0.4 and 3 % off there.
ASKEW_WARNED_DEG, ASKEW_REFUSED_DEG = 5.0, 15.0
# Of the stance, in which the foot lies flat.
_FLAT = (0.2, 0.5)
LONGEST_CONTACT = 0.5
# Of body weight: so far may whole strides of a treadmill's data be off.
WEIGHT_WARNED = 0.04
# A joint that runs moves by more.
STILL_DEG = 1.0


def check(trial: Trial, body: Posture, stride: Stride) -> list[Finding]:
    """Findings on flight, speed, treadmill and direction over a stride."""
    said = trial.settings
    path = trial.folder / "runner.yaml"
    walking = _walking(trial, stride)
    if walking:
        return walking
    pelvis, foot = speeds(trial, body, stride)
    forward, sideways = pelvis - foot
    found = _direction(trial, float(forward), float(sideways))
    if any(finding.refused for finding in found):
        return found
    carried = abs(float(pelvis[0])) > 0.5 * forward
    if said.treadmill == carried:
        return [*found, _treadmill(path, said.treadmill, float(pelvis[0]))]
    off = abs(forward - said.speed_m_s) / said.speed_m_s
    if off <= WARNED:
        return found
    return [
        *found,
        Finding(
            f"{path}: speed_m_s is {said.speed_m_s:g}, the pelvis passes over the feet on the "
            f"ground at {forward:.2f} m/s ({100 * off:.3g} % apart; up to {100 * REFUSED:.0f} % "
            "are allowed)",
            refused=off > REFUSED,
        ),
    ]


def check_computed(trial: Trial, stride: Stride) -> list[Finding]:
    """A finding where a foot's force within a stride was computed, not measured."""
    given = trial.settings.computed
    spans = {} if given is None else {"right": given.right, "left": given.left}
    named = [
        f"{foot} {start:.2f} to {end:.2f} s"
        for foot, times in spans.items()
        for start, end in times
        if start < stride.end and end > stride.start
    ]
    if not named:
        return []
    return [
        Finding(
            f"{trial.forces.path}: no plate measured {', '.join(named)}; that force is computed "
            "from the motion (off by some 0.1 body weights, its ends by 10 to 30 ms): look at the "
            "measured foot's stance only"
        )
    ]


def check_weight(trial: Trial, mass: float) -> list[Finding]:
    """A finding where the mean vertical force is not quite the weight of the model's mass (kg)."""
    mean = cutting.mean_vertical(trial.forces, trial.strides[trial.settings.side])
    off = mean / (mass * cutting.GRAVITY) - 1.0
    if abs(off) <= WEIGHT_WARNED:
        return []
    return [
        Finding(
            f"{trial.forces.path}: the mean vertical force over whole strides is "
            f"{100 * abs(off):.0f} % {'above' if off > 0 else 'below'} the weight of the model's "
            f"{mass:.1f} kg (more than {100 * WEIGHT_WARNED:.0f} % are no strides' difference): "
            "plates not zeroed, their gain, or the model's mass"
        )
    ]


def check_still(trial: Trial, stride: Stride, legs: set[str]) -> list[Finding]:
    """A finding that names coordinates of the legs that keep still over a stride."""
    time = np.linspace(stride.start, stride.end, 101)
    moved = np.ptp(trial.curves.at(time), axis=1)
    still = [
        name
        for name, span in zip(trial.curves.names, moved, strict=True)
        if name in legs and span < np.radians(STILL_DEG)
    ]
    if not still:
        return []
    return [
        Finding(
            f"{trial.motion.path}: {', '.join(still)} keep still over the stride (under "
            f"{STILL_DEG:g} deg); not measured? Lock such a coordinate in the model, or its moment "
            "is that of a joint held by muscles"
        )
    ]


def _direction(trial: Trial, forward: float, right: float) -> list[Finding]:
    """A finding where the runner does not run along x (m/s, x and z of the ground)."""
    angle = float(np.degrees(np.arctan2(right, forward)))
    if abs(angle) <= ASKEW_WARNED_DEG:
        return []
    return [
        Finding(
            f"{trial.motion.path}: the runner runs {abs(angle):.0f} deg to the "
            f"{'right' if angle > 0 else 'left'} of the ground's x axis, which must be forward (up "
            f"to {ASKEW_REFUSED_DEG:.0f} deg are allowed); python -m models.new turns motion and "
            "forces",
            refused=abs(angle) > ASKEW_REFUSED_DEG,
        )
    ]


def _treadmill(path: Path, treadmill: bool, pelvis: float) -> Finding:
    if treadmill:
        what = "the pelvis moves on at {:.2f} m/s; over ground it is treadmill: false"
    else:
        what = "the pelvis stays in place ({:.2f} m/s); on a belt it is treadmill: true"
    return Finding(f"{path}: treadmill is {str(treadmill).lower()}, " + what.format(pelvis), True)


def _walking(trial: Trial, stride: Stride) -> list[Finding]:
    share = (stride.toe_off - stride.start) / stride.duration
    forces = trial.forces
    inside = (forces.time >= stride.start) & (forces.time <= stride.end)
    none = forces.vertical[inside] < trial.settings.contact_newtons
    if share < LONGEST_CONTACT and none.any():
        return []
    return [
        Finding(
            f"{forces.path}: no flight: the foot is on the ground for {100 * share:.0f} % of the "
            "stride. This is walking; only running is taken",
            refused=True,
        )
    ]


def sole_height(trial: Trial, body: Posture) -> float:
    """Height (m) of the ground in the calcanei's frame: below their origin, on the flat foot."""
    found = []
    for side in "rl":
        landing, leaving = trial.contacts(side)
        for start in landing:
            end = leaving[leaving > start]
            if len(end) and start >= body.time[0] and end[0] <= body.time[-1]:
                flat = start + np.linspace(*_FLAT, 20) * (end[0] - start)
                height = make_interp_spline(body.time, body.heel[side][:, 1], k=3)
                found.append(float(height(flat).min()))
    return -float(np.median(found))


def speeds(trial: Trial, body: Posture, stride: Stride) -> tuple[np.ndarray, np.ndarray]:
    """Mean velocity of the mass centre, and of the feet that lie on the ground: x and z (m/s)."""
    plane = [0, 2]
    centre = make_interp_spline(body.time, body.mass_centre[:, plane], k=3)
    moved = (centre(stride.end) - centre(stride.start)) / stride.duration
    feet = feet_on_ground(trial.forces, body, trial.settings.contact_newtons)
    return np.asarray(moved), np.median(feet, axis=0)


def feet_on_ground(forces: GroundForces, body: Posture, newtons: float) -> np.ndarray:
    """Velocity of each foot while it lies on the ground, x and z (N x 2, m/s): once a stance."""
    feet = []
    for side in "rl":
        middle = 0.5 * (body.heel[side] + body.ball[side])[:, [0, 2]]
        foot = make_interp_spline(body.time, middle, k=3)
        landing, leaving = cutting.contacts(forces.time, forces.feet[side].force[1], newtons)
        for start in landing:
            end = leaving[leaving > start]
            if len(end) and start >= body.time[0] and end[0] <= body.time[-1]:
                first, last = (start + share * (end[0] - start) for share in _FLAT)
                feet.append((foot(last) - foot(first)) / (last - first))
    return np.array(feet)

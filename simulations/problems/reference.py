"""The motion a runner is held to: coordinates over one stride and the stride's duration."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.interpolate import CubicSpline

from formats.description import RunnerDescription
from formats.untrusted import read_table

# Published mean angles by segment, every 2 % of the stride from right initial contact.
_CURVES = (
    "thigh_angle_deg",
    "knee_flexion_deg",
    "foot_pitch_deg",
    "pelvis_tilt_rel_standing_deg",
    "pelvis_height_mm",
)
# Mean stride time (s) by speed of the same runners (Fukuchi 2017, n = 28).
STRIDE_TIME_S = {2.5: 0.745, 3.5: 0.703}

# Where there is no mean curve, the distance is that from a neutral posture, and holds the excursion
# of the stride besides the difference between runners: twice the SD. Held as tightly as the others
# the hips adduct by 3 deg (measured in running: 10-13), let go altogether the pelvis turns by 20.
NEUTRAL_SHARE = 0.25
# Arms are not held at all: they swing against the legs by themselves, as far as that saves effort.
_FREE = ("arm_",)


LARGEST_SPEED = 15.0
"""m/s, faster than anybody ran."""


def check_speed(speed: float) -> None:
    """Raise ValueError for a speed (m/s) that nobody runs at."""
    if not 0 < speed <= LARGEST_SPEED:
        raise ValueError(f"speed: {speed:g} is not allowed; above 0 up to {LARGEST_SPEED:g} m/s is")


@dataclass(frozen=True)
class Reference:
    """Coordinates (nq x samples, rad or m) at phases 0 .. 1 of a stride, and its duration (s).

    The stride begins at right initial contact. pelvis_tx holds the advance from its start.
    """

    phase: np.ndarray
    coordinates: np.ndarray
    stride_time: float
    held: np.ndarray | None = None
    """(nq,) share of the habit's weight with which a coordinate is held; None: one for all."""
    ground: np.ndarray | None = None
    """Ground force (ng x samples, body weights) on the feet that is followed too; None: none."""

    def at(self, phase: np.ndarray) -> np.ndarray:
        """Coordinates (nq x len(phase)) at phases within 0 .. 1."""
        return CubicSpline(self.phase, self.coordinates, axis=1)(phase)

    def ground_at(self, phase: np.ndarray) -> np.ndarray:
        """Ground force (ng x len(phase), body weights) at phases within 0 .. 1."""
        rows = () if self.ground is None else self.ground
        return np.array([np.interp(phase, self.phase, row) for row in rows]).reshape(-1, len(phase))

    def followed_at(self, phase: np.ndarray) -> np.ndarray:
        """Coordinates and, below them, the ground force where it is followed."""
        return np.concatenate([self.at(phase), self.ground_at(phase)])

    def rates(self, phase: np.ndarray, order: int) -> np.ndarray:
        """Time derivative of the given order (1 or 2) at phases, in units per second^order."""
        spline = CubicSpline(self.phase, self.coordinates, axis=1)
        return spline(phase, order) / self.stride_time**order


def from_norm_curves(table: Path, speed: float, runner: RunnerDescription) -> Reference:
    """Mean curves of measured runners, as coordinates of this runner.

    hip flexion = thigh angle - pelvis tilt; ankle = foot pitch - shank angle, where shank angle =
    thigh angle - knee flexion (all forward positive). Speeds between those in the table are
    interpolated; outside them the nearest is taken. The left leg is half a stride later. What has
    no mean curve (a spatial frontal plane) is held to zero, more loosely; arms are free.
    """
    check_speed(speed)
    curves = read_table(table, numbers=("speed_m_s", "percent", *_CURVES))
    percents = {
        tuple(sorted(rows["percent"])) for _, rows in curves.groupby("speed_m_s", sort=False)
    }
    first = min(percents)
    if len(percents) > 1 or len(first) < 4 or (first[0], first[-1]) != (0, 100):
        raise ValueError(
            f"{table}: column percent: each speed needs the same percents, 0 to 100, each once"
        )
    if len(set(first)) < len(first):
        raise ValueError(f"{table}: column percent: a percent of one speed appears twice")
    speeds = sorted(curves.speed_m_s.unique())
    samples = np.stack(
        [curves[curves.speed_m_s == s].sort_values("percent")[list(_CURVES)].T for s in speeds]
    )
    percent = np.sort(curves.percent.unique())
    share = float(np.interp(speed, speeds, np.arange(len(speeds))))
    low = min(int(share), len(speeds) - 2) if len(speeds) > 1 else 0
    high = min(low + 1, len(speeds) - 1)
    mean = samples[low] + (share - low) * (samples[high] - samples[low])
    stride_time = float(np.interp(speed, list(STRIDE_TIME_S), list(STRIDE_TIME_S.values())))

    mean[:, -1] = mean[:, 0] = 0.5 * (mean[:, 0] + mean[:, -1])
    smooth = CubicSpline(percent / 100, mean, axis=1, bc_type="periodic")
    phase = np.linspace(0, 1, 201)
    right, left = smooth(phase), smooth((phase + 0.5) % 1.0)
    thigh, knee, foot, tilt, height = range(5)
    # The pelvis turns alike in both half strides.
    pelvis_tilt = 0.5 * (right[tilt] + left[tilt])
    known = {"pelvis_tilt": pelvis_tilt, "pelvis_tx": np.rad2deg(phase * stride_time * speed)}
    for side, curve in (("r", right), ("l", left)):
        known[f"hip_flexion_{side}"] = curve[thigh] - pelvis_tilt
        known[f"knee_angle_{side}"] = curve[knee]
        known[f"ankle_angle_{side}"] = curve[foot] - (curve[thigh] - curve[knee])
    coordinates = np.zeros((len(runner.coordinates), len(phase)))
    for i, coordinate in enumerate(runner.coordinates):
        if coordinate.name in known:
            coordinates[i] = np.deg2rad(known[coordinate.name])
        elif coordinate.name == "pelvis_ty":
            rise = 0.5 * (right[height] + left[height])
            coordinates[i] = coordinate.default + (rise - rise.mean()) / 1000
    held = np.array([_share(c.name, c.name in known) for c in runner.coordinates])
    return Reference(phase, coordinates, stride_time, held)


def _share(coordinate: str, known: bool) -> float:
    """Share of the tracking weight with which a coordinate is held."""
    if known:
        return 1.0
    return 0.0 if coordinate.startswith(_FREE) else NEUTRAL_SHARE

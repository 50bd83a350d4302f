"""A case's stride as seen by one who runs beside it: points of the body and the ground forces.

From positions.csv, ground_forces.mot and case.json of the case folder. Frame: forward and up, m,
moving forward at the running speed, so that the stride closes; 101 rows, 0 to 100 % of the right
stride from initial contact.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from analysis.replayed.case import speed_of
from analysis.replayed.gait import PERCENT, Cycle
from formats.case import FILE as SETTINGS
from formats.gait_events import THRESHOLD_N, events
from formats.names import SIDES
from formats.records import Settings
from formats.storage import read_storage
from formats.table import read_csv

# Chains of points from the far side of the body to the near one, seen from the right; pelvis:
# midway between the hips.
LIMBS = {
    "arm_l": ("shoulder_l", "elbow_l", "wrist_l"),
    "leg_l": ("hip_l", "knee_l", "ankle_l"),
    "foot_l": ("ankle_l", "heel_l", "toe_joint_l", "toe_tip_l"),
    "trunk": ("pelvis", "lumbar", "neck"),
    "leg_r": ("hip_r", "knee_r", "ankle_r"),
    "foot_r": ("ankle_r", "heel_r", "toe_joint_r", "toe_tip_r"),
    "arm_r": ("shoulder_r", "elbow_r", "wrist_r"),
}
HEAD_RADIUS_M = 0.11


@dataclass(frozen=True)
class Motion:
    """points: (101, 2) forward, up (m) by name; force: (101, 2) N by side; place: (101, 2) m of it.

    stride_time: s; speed: m/s. Where a foot carries under 20 N its force is zero.
    """

    points: dict[str, np.ndarray]
    force: dict[str, np.ndarray]
    place: dict[str, np.ndarray]
    stride_time: float
    speed: float

    def limbs(self) -> dict[str, np.ndarray]:
        """(101, k, 2) of each limb that the runner has, from the far side to the near one."""
        found = {}
        for name, chain in LIMBS.items():
            if all(point in self.points for point in chain):
                found[name] = np.stack([self.points[point] for point in chain], axis=1)
        return found


def read_motion(folder: Path) -> Motion:
    """The motion of a case folder. ValueError, one line, if a file is missing, broken or empty."""
    folder = Path(folder)
    path = folder / "positions.csv"
    table = read_csv(path)
    if len(table) != len(PERCENT):
        raise ValueError(f"{path}: {len(table)} rows; {len(PERCENT)} are needed")
    settings = Settings.of(folder / SETTINGS)
    speed = speed_of(settings, folder)
    ground = read_storage(folder / "ground_forces.mot")
    time = ground["time"].to_numpy() - ground["time"].to_numpy()[0]
    stride_time = float(time[-1])
    share = np.array([1.0, 0.0]) * speed * stride_time
    names = [c.removesuffix("_x_m") for c in table.columns if c.endswith("_x_m")]
    points = {
        name: table[[f"{name}_x_m", f"{name}_y_m"]].to_numpy() - np.outer(PERCENT / 100.0, share)
        for name in names
    }
    points["pelvis"] = 0.5 * (points["hip_r"] + points["hip_l"])
    foot = events(time, ground["ground_force_r_vy"].to_numpy(), stride_time)
    cycle = Cycle(time, foot.contact, periodic=settings.periodic)
    force, place = {}, {}
    for side in SIDES:
        push = cycle.force_curve(ground[[f"ground_force_{side}_v{a}" for a in "xy"]].to_numpy())
        at = ground[[f"ground_force_{side}_p{a}" for a in "xy"]].to_numpy()
        carried = push[:, 1] > THRESHOLD_N
        force[side] = np.where(carried[:, None], push, 0.0)
        place[side] = loaded_path(time, at, ground[f"ground_force_{side}_vy"].to_numpy(), cycle)
        # In ground: the stored time's own travel is taken off, as positions.py does.
        moment = cycle.moments % stride_time
        place[side] = place[side] - np.outer(moment / stride_time, share)
    return Motion(points, force, place, stride_time, speed)


def loaded_path(
    time: np.ndarray,
    place: np.ndarray,
    vertical: np.ndarray,
    cycle: Cycle,
    moments: np.ndarray | None = None,
) -> np.ndarray:
    """(101, k) m of the force's place (N, k), interpolated between loaded rows only.

    moments (s after the first row): other instants than the 101 of the stride.

    An unloaded foot's force has no place; its rows hold zeros that must not be mixed in.
    """
    loaded = vertical > 0.0
    wanted = (cycle.moments if moments is None else moments) % cycle.stride_time
    columns = [np.interp(wanted, time[loaded], values) for values in place[loaded].T]
    return np.stack(columns, axis=1)

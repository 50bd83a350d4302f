"""Measured motion and ground forces, as files give them: read, checked, in SI units.

Nothing here is filtered or cut; trial.reading does that. Angles are radians, lengths metres,
times seconds; forces act on the runner, in the model's ground frame (x forward, y up, z right).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from formats import storage
from formats.storage import Storage
from formats.trial.columns import of_external_loads, usual
from formats.trial.settings import Columns, FootColumns, Settings

MotionType = Literal["rotational", "translational"]
GRAVITY = 9.80665
# A joint that stays within 2 pi of zero in degrees does not run; one beyond it in radians does not
# either.
_TURN = 2 * np.pi
# Force (N, all three together) below which a foot is in the air.
_IDLE_N = 10.0


@dataclass(frozen=True)
class Motion:
    """Coordinates (rad or m) at N times (s), by name."""

    path: Path
    time: np.ndarray
    values: dict[str, np.ndarray]


@dataclass(frozen=True)
class Foot:
    """Ground force on one foot: force (N), its point (m), free torque (N m), 3 x N each."""

    force: np.ndarray
    point: np.ndarray
    torque: np.ndarray

    @property
    def moment(self) -> np.ndarray:
        """Moment about ground's origin (3 x N, N m)."""
        return np.cross(self.point, self.force, axis=0) + self.torque


@dataclass(frozen=True)
class GroundForces:
    """Ground forces on both feet ('r', 'l') at N times (s)."""

    path: Path
    time: np.ndarray
    feet: dict[str, Foot]

    @property
    def vertical(self) -> np.ndarray:
        """Sum of both feet's vertical force (N)."""
        return np.asarray(sum(foot.force[1] for foot in self.feet.values()))


def read_motion(path: Path | str, coordinates: Mapping[str, MotionType]) -> Motion:
    """Read the coordinates named (with their motion type); other columns are passed over.

    A column is a bare name or a path that ends in it ('/jointset/hip_r/hip_flexion_r/value').
    Raises ValueError, one line, for a missing column, a gap, or degrees mistaken for radians.
    """
    table = storage.read(path)
    columns = {_bare(name): name for name in table.columns if not name.endswith("/speed")}
    values = {}
    for name in coordinates:
        if name not in columns:
            raise ValueError(f"{table.path}: column {name} is missing; the model has it")
        values[name] = table.finite(columns[name])
    angles = [name for name, kind in coordinates.items() if kind == "rotational"]
    degrees = table.degrees
    if degrees is None:  # no joint that runs stays within 2 pi of zero in degrees
        degrees = any(float(np.abs(values[name]).max()) > _TURN for name in angles)
    else:
        _check_unit(table, {name: values[name] for name in angles})
    if degrees:
        for name in angles:
            values[name] = np.deg2rad(values[name])
    return Motion(table.path, table.time, values)


def _bare(name: str) -> str:
    parts = name.split("/")
    if parts[-1] == "value" and len(parts) > 1:
        return parts[-2]
    return parts[-1]


def _check_unit(table: Storage, angles: Mapping[str, np.ndarray]) -> None:
    """Refuse radians said to be degrees, and the other way round."""
    largest = {name: float(np.abs(values).max()) for name, values in angles.items()}
    if not largest:
        return
    name = max(largest, key=lambda key: largest[key])
    size = largest[name]
    if table.degrees and size < _TURN:
        raise ValueError(
            f"{table.path}: no angle exceeds {size:.2f} (column {name}), the header says degrees; "
            "are they radians? Then write inDegrees=no"
        )
    if not table.degrees and size > _TURN:
        raise ValueError(
            f"{table.path}: column {name} reaches {size:.1f}, the header says radians; are they "
            "degrees? Then write inDegrees=yes"
        )


def read_forces(path: Path | str, columns: Columns | None = None) -> GroundForces:
    """Read the ground forces of both feet; columns: their names, None: the usual ones.

    Raises ValueError, one line, for a missing column or a gap.
    """
    table = storage.read(path)
    chosen = columns or usual(table.path, table.columns)
    feet = {"r": _foot(table, chosen.right), "l": _foot(table, chosen.left)}
    return GroundForces(table.path, table.time, feet)


def _foot(table: Storage, columns: FootColumns) -> Foot:
    force = np.stack([table.finite(name) for name in columns.force])
    idle = np.abs(force).sum(axis=0) < _IDLE_N

    def where_loaded(names: list[str]) -> np.ndarray:
        """Point and torque mean nothing without force, and many a plate then gives no number."""
        rows = []
        for name in names:
            values = table.columns.get(name)
            if values is None or np.any(~np.isfinite(values) & ~idle):
                values = table.finite(name)  # says what is missing, or where
            rows.append(np.where(np.isfinite(values), values, 0.0))
        return np.stack(rows) if rows else np.zeros_like(force)

    return Foot(force, where_loaded(columns.point), where_loaded(columns.torque))


def read_folder(
    folder: Path | str, coordinates: Mapping[str, MotionType], settings: Settings
) -> tuple[Motion, GroundForces]:
    """motion.mot and forces.mot of a trial's folder, checked against each other in time."""
    folder = Path(folder)
    columns = settings.columns
    if settings.external_loads is not None:
        columns = of_external_loads(folder / settings.external_loads)
    motion = read_motion(folder / "motion.mot", coordinates)
    forces = read_forces(folder / "forces.mot", columns)
    return covered(motion, forces, (settings.start, settings.end)), forces


def covered(
    motion: Motion, forces: GroundForces, window: tuple[float | None, float | None] = (None, None)
) -> Motion:
    """The motion while forces were measured.

    Raises ValueError, one line, where forces do not cover the motion's time, or what of it lies in
    the window (s) that is asked for: they may be another trial's.
    """
    room = 2.5 * float(np.median(np.diff(motion.time)))
    first = max(motion.time[0], -np.inf if window[0] is None else window[0])
    last = min(motion.time[-1], np.inf if window[1] is None else window[1])
    if first < forces.time[0] - room or last > forces.time[-1] + room or first >= last:
        raise ValueError(
            f"{forces.path}: lasts from {forces.time[0]:.3f} to {forces.time[-1]:.3f} s, "
            f"{motion.path.name} from {motion.time[0]:.3f} to {motion.time[-1]:.3f} s; forces must "
            "cover the motion, are they of another trial? If not, give what both have as start and "
            "end in runner.yaml"
        )
    shared = (motion.time >= forces.time[0] - room) & (motion.time <= forces.time[-1] + room)
    if shared.all():
        return motion
    values = {name: column[shared] for name, column in motion.values.items()}
    return Motion(motion.path, motion.time[shared], values)

"""A measured trial: read, checked, filtered, cut into strides, as smooth curves."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
from scipy.interpolate import BSpline, make_interp_spline

from formats import gait_events
from formats.description import RunnerDescription
from formats.filters import WELL_SAMPLED, zero_lag
from formats.trial import spikes
from formats.trial import strides as cutting
from formats.trial.measured import GRAVITY, GroundForces, Motion, MotionType, read_folder
from formats.trial.settings import Settings, read_settings
from formats.trial.strides import Stride
from formats.untrusted import check_xml

__all__ = ["GRAVITY", "Curves", "Settings", "Trial", "check", "read", "read_settings"]

# Gravity of a model: straight down its y axis, within one degree, and the earth's (m/s2).
_DOWN, _GRAVITY_RANGE = np.cos(np.radians(1.0)), (9.7, 9.9)


@dataclass(frozen=True)
class Curves:
    """Filtered motion and ground forces as functions of time (s).

    names: coordinates in order. Between the measured samples splines are drawn, of fifth order
    through the coordinates (their accelerations are smooth), of third through the forces.
    """

    names: tuple[str, ...]
    motion: BSpline
    forces: dict[str, BSpline]

    def at(self, time: np.ndarray, order: int = 0) -> np.ndarray:
        """Coordinates (n x len(time), rad or m), or their time derivatives of an order."""
        return np.asarray(self.motion(time, order)).T

    def wrench(self, side: str, time: np.ndarray) -> np.ndarray:
        """Ground's force (N) on a foot and its moment about ground's origin (N m): 6 x times."""
        return np.asarray(self.forces[side](time)).T


@dataclass(frozen=True)
class Trial:
    """A checked trial with its curves and the strides of each foot ('r', 'l')."""

    folder: Path
    settings: Settings
    motion: Motion
    forces: GroundForces
    curves: Curves
    strides: dict[str, list[Stride]]

    def chosen(self) -> list[Stride]:
        """The strides that the settings ask for, the main one first."""
        found = {stride.number: stride for stride in self.strides[self.settings.side]}
        for number in self.settings.strides:
            if number not in found:
                leg = self.settings.leg
                raise ValueError(
                    f"{self.folder / 'runner.yaml'}: stride {number} does not exist; "
                    f"{self.forces.path.name} holds whole {leg} strides 1 to {len(found)}"
                )
        return [found[number] for number in self.settings.strides]

    def contacts(self, side: str) -> tuple[np.ndarray, np.ndarray]:
        """Times (s) of a foot's initial contacts and of its toe-offs."""
        vertical = self.forces.feet[side].force[1]
        return gait_events.contacts(self.forces.time, vertical, self.settings.contact_newtons)

    def distance(self, stride: Stride) -> np.ndarray:
        """Root mean square distance of each coordinate's curve from the samples (rad or m)."""
        time = self.motion.time
        inside = (time >= stride.start) & (time <= stride.end)
        raw = np.stack([self.motion.values[name][inside] for name in self.curves.names])
        return np.sqrt(np.mean((self.curves.at(time[inside]) - raw) ** 2, axis=1))


def for_runner(folder: Path, runner: RunnerDescription) -> Trial:
    """A trial's folder, read and checked for a runner. Raises ValueError, one line."""
    kinds = {c.name: c.motion for c in runner.coordinates}
    return read(folder, kinds, sum(body.mass for body in runner.bodies))


def read(
    folder: Path | str, coordinates: Mapping[str, MotionType], mass: float | None = None
) -> Trial:
    """Read a trial for a model with these coordinates and mass (kg; None: not checked).

    Raises ValueError, one line, with whatever is wrong.
    """
    folder = Path(folder)
    settings = read_settings(folder)
    motion, forces = read_folder(folder, coordinates, settings)
    spikes.check_motion(motion.path, motion.time, motion.values, coordinates)
    if mass is not None:
        spikes.check_force(forces.path, forces.time, forces.vertical, mass * GRAVITY)
    curves = smooth(motion, forces, settings.filter_hz, folder)
    strides = _strides(forces, motion, settings)
    main = strides[settings.side]
    gained = 0.0
    if "pelvis_ty" in curves.names:
        height = curves.names.index("pelvis_ty")
        ends = np.array([main[0].start, main[-1].end])
        gained = float(np.diff(curves.at(ends, 1)[height])[0])
        cutting.check_together(forces, motion, main, curves.at(motion.time, 2)[height])
    _check_masses(folder, settings, forces, main, mass, gained)
    trial = Trial(folder, settings, motion, forces, curves, strides)
    trial.chosen()
    return trial


def _strides(forces: GroundForces, motion: Motion, settings: Settings) -> dict[str, list[Stride]]:
    """Whole strides of both legs; the other leg than the one asked for may have none."""
    window = (settings.start, settings.end)
    found = {}
    for side in "rl":
        try:
            found[side] = cutting.strides(forces, motion, side, settings.contact_newtons, window)
        except ValueError as error:
            if side == settings.side or "no contact" in str(error):
                raise
            found[side] = []
    return found


def _check_masses(
    folder: Path,
    settings: Settings,
    forces: GroundForces,
    found: list[Stride],
    mass: float | None,
    gained: float,
) -> None:
    said = settings.mass_kg
    if said is not None:
        cutting.check_mass(forces, found, said, "runner.yaml (mass_kg)", gained)
        if mass is not None and abs(said - mass) > cutting.MASS_TOLERANCE * mass:
            raise ValueError(
                f"{folder / 'runner.yaml'}: mass_kg is {said:.1f}, the model's mass {mass:.1f} kg; "
                f"at most {cutting.MASS_TOLERANCE:.0%} apart are allowed"
            )
    if mass is not None:
        cutting.check_mass(forces, found, mass, "the model", gained)


def smooth(motion: Motion, forces: GroundForces, cutoff: float | None, folder: Path) -> Curves:
    """Curves of a motion and forces, low-pass filtered at `cutoff` (Hz; None: as they are)."""
    names = tuple(motion.values)
    time, samples = _even(motion.time, np.stack([motion.values[n] for n in names], axis=1))
    drawn = make_interp_spline(time, _filtered(time, samples, cutoff, motion.path, folder), k=5)
    feet = {}
    for side, foot in forces.feet.items():
        time, samples = _even(forces.time, np.concatenate([foot.force, foot.moment]).T)
        kept = _filtered(time, samples, cutoff, forces.path, folder)
        feet[side] = make_interp_spline(time, kept, k=3)
    return Curves(names, drawn, feet)


def _even(time: np.ndarray, samples: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Samples (N x columns) at even times, as a filter needs them; rounding made them uneven."""
    even = np.linspace(time[0], time[-1], len(time))
    if np.allclose(even, time, rtol=0, atol=1e-6):
        return even, samples
    return even, np.asarray(make_interp_spline(time, samples, k=3)(even))


def _filtered(
    time: np.ndarray, samples: np.ndarray, cutoff: float | None, path: Path, folder: Path
) -> np.ndarray:
    """Zero-lag low-pass filter of the columns."""
    if cutoff is None:
        return samples
    rate = 1 / (time[1] - time[0])
    if rate < WELL_SAMPLED * cutoff:
        raise ValueError(
            f"{folder / 'runner.yaml'}: filter_hz {cutoff:g} is too high for {path.name} with "
            f"{rate:.0f} rows a second; at most {rate / WELL_SAMPLED:.0f}"
        )
    return zero_lag(samples, rate, cutoff)


def of_model(path: Path) -> tuple[dict[str, MotionType], float]:
    """Free coordinates of an .osim file and the model's mass (kg), read as XML.

    Coordinates named .._tx, _ty, _tz are translations, as every model has it; locked and coupled
    ones need no column. What OpenSim makes of the model is for models.own to say.
    """
    check_xml(path)
    root = ElementTree.parse(path).getroot()
    said = (root.findtext("Model/gravity") or "").split()
    if len(said) == 3:
        check_gravity(np.array(said, dtype=float), path)
    coupled = {
        (c.findtext("dependent_coordinate_name") or "").strip()
        for c in root.iter("CoordinateCouplerConstraint")
    }
    coordinates: dict[str, MotionType] = {}
    for coordinate in root.iter("Coordinate"):
        name = coordinate.get("name", "")
        locked = (coordinate.findtext("locked") or "").strip() == "true"
        if name and name not in coupled and not locked:
            translation = re.search(r"_t[xyz]$", name) is not None
            coordinates[name] = "translational" if translation else "rotational"
    mass = sum(float(body.findtext("mass") or 0) for body in root.iter("Body"))
    if not coordinates or mass <= 0:
        raise ValueError(f"{path}: no coordinates or no mass; an OpenSim model is needed")
    return coordinates, mass


def check_gravity(gravity: np.ndarray, path: Path) -> None:
    """Refuse a model whose gravity (3, m/s2) is not straight down its y axis. ValueError, one line.

    Measured forces and motion have y up, as OpenSim's models do.
    """
    size = float(np.linalg.norm(gravity))
    low, high = _GRAVITY_RANGE
    if not (low <= size <= high and -gravity[1] >= _DOWN * size):
        raise ValueError(
            f"{path}: gravity is ({', '.join(f'{g:.4g}' for g in gravity)}) m/s2; it must point "
            f"down the model's vertical, the y axis, with {low} to {high} m/s2"
        )


def check(folder: Path | str) -> Trial:
    """Read a trial against its own model.osim. Raises ValueError, one line."""
    coordinates, mass = of_model(Path(folder) / "model.osim")
    return read(folder, coordinates, mass)

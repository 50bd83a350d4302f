"""Lengths, moment arms and capacity of a model's muscles along a measured stride.

Curves are De Groote et al. 2016's (Ann Biomed Eng 44:2922), to which muscles are converted
(models.take_in.convert).
"""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from formats.trial.reading import Curves
from models.osim import document
from models.osim.geometry import PathSampler
from models.osim.muscle_curves import (
    active_force_length,
    force_velocity,
    passive_force_length,
    tendon_length,
)
from models.paths.polynomial import Array
from models.take_in import convert

_STEP = 1e-4
"""rad: so short that a difference to one side is off by micrometres of moment arm."""
_MOMENT = 1e-5
"""s, over which a muscle's speed is taken."""
_LARGEST_FORCE = 3.0
"""Times the maximal isometric force: no muscle equilibrium lies beyond."""
_STRETCHY = 0.15
"""A tendon that gives so many optimal fibre lengths at maximal force takes up the muscle's speed:
its fibres are taken as still (soleus, gastrocnemius); those on a shorter tendon move with it."""


@dataclass(frozen=True)
class Muscles:
    """m muscles (model's names) at N times (s).

    length (N, m; m), speed (N, m; m/s), arms (N, m, n; m): -d length / d q about `coordinates`.
    force (m, N): maximal isometric; optimal, slack (m, m): fibre and tendon slack length; width
    (m, m): optimal fibre length times the sine of pennation; tendon_strain, passive_strain (m,), at
    unit force; max_velocity (m, m/s).
    """

    names: list[str]
    coordinates: list[str]
    time: Array
    length: Array
    speed: Array
    arms: Array
    force: Array
    optimal: Array
    slack: Array
    width: Array
    tendon_strain: Array
    passive_strain: Array
    max_velocity: Array

    @property
    def fibre(self) -> Array:
        """Fibre along a slack tendon, in optimal lengths (N, m): not above zero, it hangs loose."""
        return (self.length - self.slack) / self.optimal

    def equilibrium(self, activation: float) -> Array:
        """Tendon force (N, m; N) that fibre and tendon settle at with an activation."""
        low, high = np.zeros_like(self.length), np.full_like(self.length, _LARGEST_FORCE)
        for _ in range(50):
            middle = 0.5 * (low + high)
            above = self._fibre_force(activation, middle) > middle
            low, high = np.where(above, middle, low), np.where(above, high, middle)
        return 0.5 * (low + high) * self.force

    def _fibre_force(self, activation: float, tendon: Array) -> Array:
        """Normalised force of the fibre along the tendon, which bears `tendon`."""
        along = self.length - self.slack * tendon_length(tendon, self.tendon_strain)
        fibre = np.hypot(along, self.width)
        cosine = along / fibre
        still = self.tendon_strain * self.slack > _STRETCHY * self.optimal
        velocity = np.where(still, 0.0, self.speed * cosine / self.max_velocity)
        active = active_force_length(fibre / self.optimal) * force_velocity(velocity)
        passive = passive_force_length(fibre / self.optimal, self.passive_strain)
        return np.where(along > 0, (activation * active + passive) * cosine, 0.0)


def along_stride(model_file: Path, curves: Curves, time: Array, about: Collection[str]) -> Muscles:
    """The muscles of a model file, switched-off ones left out, at times (N, s) of a trial.

    about: the coordinates for which moment arms are wanted.
    """
    with tempfile.TemporaryDirectory() as place:
        tree = document.parse(model_file)
        convert.repair_controls(tree)
        for name in ("ControllerSet", "ProbeSet"):
            document.components(tree, name).clear()
        draft = Path(place) / "whole.osim"
        tree.write(draft, encoding="UTF-8", xml_declaration=True)
        sampler = PathSampler(draft)
        values = convert.muscle_values(sampler.model)
    names = list(values)
    if not names:
        raise ValueError(
            f"{model_file}: it has no muscles; name the scaled model with its muscles (models.new: "
            "--model FILE)"
        )
    free = [name for name in curves.names if name in sampler.coordinates]
    order = [curves.names.index(name) for name in free]
    postures = curves.at(time)[order].T
    crossed = _crossed(sampler, names, free, postures[len(postures) // 2])
    crossed = [name for name in crossed if name in about]
    length = sampler.lengths(names, free, postures)
    arms = np.zeros((len(time), len(names), len(crossed)))
    for together in _pairs(crossed):
        shift = np.zeros(len(free))
        shift[[free.index(name) for name in together]] = _STEP
        slope = (length - sampler.lengths(names, free, postures + shift)) / _STEP
        for name in together:
            own = np.array([_own_side(muscle, name) for muscle in names])
            arms[:, :, crossed.index(name)] = slope * own
    moved = _MOMENT * curves.at(time, 1)[order].T
    speed = (sampler.lengths(names, free, postures + moved) - length) / _MOMENT
    rows: list[Mapping[str, object]] = [values[name] for name in names]
    table = {key: np.array([row[key] for row in rows]) for key in rows[0]}
    optimal = table["optimal_fiber_length"]
    return Muscles(
        names,
        crossed,
        time,
        length,
        speed,
        arms,
        table["max_isometric_force"],
        optimal,
        table["tendon_slack_length"],
        optimal * np.sin(table["pennation_angle_at_optimal"]),
        table["tendon_strain_at_one_norm_force"],
        table["passive_fiber_strain_at_one_norm_force"],
        table["max_contraction_velocity"] * optimal,
    )


def _crossed(sampler: PathSampler, names: list[str], free: list[str], posture: Array) -> list[str]:
    """Coordinates that change some muscle's length in a posture."""
    moved = posture + 0.1 * np.eye(len(free))
    change = sampler.lengths(names, free, moved) - sampler.lengths(names, free, posture[None])
    most = np.abs(change).max(axis=1)
    return [name for name, size in zip(free, most, strict=True) if size > 1e-6]


def _pairs(coordinates: list[str]) -> list[list[str]]:
    """Right and left of a joint together: no muscle of one leg crosses the other's joints."""
    pairs: dict[str, list[str]] = {}
    for name in coordinates:
        pairs.setdefault(name.removesuffix("_r").removesuffix("_l"), []).append(name)
    return list(pairs.values())


def _own_side(muscle: str, coordinate: str) -> bool:
    return {muscle[-2:], coordinate[-2:]} != {"_r", "_l"}

"""Anatomical muscle paths, sampled in OpenSim."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import opensim as osim
from scipy.stats import qmc

from models.osim import document
from models.paths.polynomial import Array


class PathSampler:
    """A model loaded once and moved to many postures.

    coordinates: names of the independent coordinates; ranges: their range (rad or m);
    muscles: names in model order. Coupled coordinates (the patella) follow.
    """

    def __init__(self, model_file: Path) -> None:
        self.model = document.load(model_file)
        self.state = self.model.initSystem()
        self._muscle = {muscle.getName(): muscle for muscle in self.model.getMuscleList()}
        self.muscles = list(self._muscle)
        self._couplings = [
            c
            for c in map(osim.CoordinateCouplerConstraint.safeDownCast, self._constraints())
            if c is not None
        ]
        dependent = {c.getDependentCoordinateName() for c in self._couplings}
        self._coordinate = {c.getName(): c for c in self.model.getCoordinateSet()}
        self.coordinates = [
            name
            for name, coordinate in self._coordinate.items()
            if name not in dependent and not coordinate.getDefaultLocked()
        ]
        self.ranges = {
            name: (self._coordinate[name].getRangeMin(), self._coordinate[name].getRangeMax())
            for name in self.coordinates
        }

    def _constraints(self) -> list[osim.Constraint]:
        found = self.model.getConstraintSet()
        return [found.get(i) for i in range(found.getSize())]

    def postures(
        self,
        count: int,
        coordinates: list[str],
        seed: int,
        ranges: list[tuple[float, float]] | None = None,
    ) -> Array:
        """Latin hypercube over the coordinates' ranges, or those given: (count, coordinates)."""
        low, high = np.transpose(ranges or [self.ranges[name] for name in coordinates])
        unit = qmc.LatinHypercube(len(coordinates), seed=seed).random(count)
        return np.asarray(low + unit * (high - low))

    def move(self, coordinates: list[str], posture: Array) -> None:
        """Set the coordinates (rad, m) and those coupled to them."""
        for name, value in zip(coordinates, posture, strict=True):
            self._coordinate[name].setValue(self.state, float(value), False)
        for coupling in self._couplings:
            source = coupling.getIndependentCoordinateNames().get(0)
            value = self._coordinate[source].getValue(self.state)
            follows = coupling.getFunction().calcValue(osim.Vector(1, value))
            name = coupling.getDependentCoordinateName()
            self._coordinate[name].setValue(self.state, follows, False)
        self.model.realizePosition(self.state)

    def lengths(self, muscles: list[str], coordinates: list[str], postures: Array) -> Array:
        """Muscle-tendon lengths (m): (postures, muscles)."""
        chosen = [self._muscle[name] for name in muscles]
        result = np.empty((len(postures), len(muscles)))
        for row, posture in zip(result, postures, strict=True):
            self.move(coordinates, posture)
            row[:] = [muscle.getLength(self.state) for muscle in chosen]
        return result

    def moment_arms(self, muscles: list[str], coordinates: list[str], postures: Array) -> Array:
        """Moment arms (m) as OpenSim applies forces: (postures, muscles, coordinates).

        A path's lengthening speed where one coordinate moves at 1 rad/s, by duality of power the
        same as computeMomentArm: all muscles at once, where that projects constraints for each.
        """
        chosen = [self._muscle[name] for name in muscles]
        result = np.empty((len(postures), len(muscles), len(coordinates)))
        for block, posture in zip(result, postures, strict=True):
            self.move(coordinates, posture)
            for i, name in enumerate(coordinates):
                self._move_alone(name)
                block[:, i] = [-muscle.getLengtheningSpeed(self.state) for muscle in chosen]
        return result

    def _move_alone(self, moving: str) -> None:
        """Speed 1 of one coordinate, what is coupled to it along with it, 0 of all others."""
        for name, coordinate in self._coordinate.items():
            coordinate.setSpeedValue(self.state, float(name == moving))
        for coupling in self._couplings:
            if (source := coupling.getIndependentCoordinateNames().get(0)) == moving:
                value = osim.Vector(1, self._coordinate[source].getValue(self.state))
                slope = coupling.getFunction().calcDerivative([0], value)
                dependent = self._coordinate[coupling.getDependentCoordinateName()]
                dependent.setSpeedValue(self.state, slope)
        self.model.realizeVelocity(self.state)

    def length_slopes(
        self, muscles: list[str], coordinates: list[str], postures: Array, step: float = 1e-4
    ) -> Array:
        """-d length / d coordinate by central differences: (postures, muscles, coordinates).

        Equal to the moment arms if, and only if, the paths are shortest paths.
        """
        slopes = []
        for i in range(len(coordinates)):
            shift = step * np.eye(len(coordinates))[i]
            ahead = self.lengths(muscles, coordinates, postures + shift)
            behind = self.lengths(muscles, coordinates, postures - shift)
            slopes.append(-(ahead - behind) / (2 * step))
        return np.stack(slopes, axis=2)


def geometry_text(model_file: Path) -> str:
    """All parts of a model file that muscle paths depend on, as text."""
    tree = document.parse(model_file)
    parts = [ET.tostring(document.components(tree, "JointSet"), encoding="unicode")]
    for body in document.components(tree, "BodySet"):
        for wrap in body.iter("WrapObjectSet"):
            parts.append(f"{body.get('name')} {ET.tostring(wrap, encoding='unicode')}")
    parts.append(ET.tostring(document.components(tree, "ConstraintSet"), encoding="unicode"))
    for force in tree.getroot().iter():
        if isinstance(force.tag, str) and force.tag.endswith("Muscle"):
            for part in force:
                if isinstance(part.tag, str) and part.tag.endswith("Path"):
                    parts.append(f"{force.get('name')} {ET.tostring(part, encoding='unicode')}")
    return "\n".join(parts)

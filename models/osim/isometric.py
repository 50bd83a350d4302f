"""Maximal isometric joint torques of a model, muscle by muscle.

Muscles are as active as they can be (max_control) and still (fibre and compliant tendon in
equilibrium, OpenSim's own muscle on its anatomical path); torque = tendon force x moment arm. A
muscle no longer than its tendon has no equilibrium, and bears nothing. Joint limits and springs are
left out.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import opensim as osim

from formats.trial.limits import BLEND, LEAST_FIBRE
from models.osim import geometry

REST = 0.01  # activation of a muscle that is not used


class Dynamometer:
    """A model on the dynamometer's chair."""

    def __init__(self, model_file: Path) -> None:
        self._sampler = geometry.PathSampler(model_file)
        self._muscles = {m.getName(): m for m in self._sampler.model.getMuscleList()}
        self.muscles = list(self._muscles)
        self.mass = float(self._sampler.model.getTotalMass(self._sampler.state))

    def scale(self, muscle: str, factor: float) -> None:
        """Multiply a muscle's active force: its largest activation."""
        found = self._muscles[muscle]
        found.setMaxControl(factor * found.getMaxControl())

    def possible(self, coordinate: str, degrees: float) -> float:
        """An angle (deg), or its opposite where that is nearer to the coordinate's range.

        Families of models differ in the sign of knee flexion.
        """
        low, high = np.degrees(self._sampler.ranges.get(coordinate, (-np.pi, np.pi)))

        def outside(angle: float) -> float:
            return max(low - angle, angle - high, 0.0)

        return -degrees if outside(-degrees) < outside(degrees) else degrees

    def torques(
        self, coordinate: str, posture_deg: dict[str, float], activation: float = 1.0
    ) -> dict[str, float]:
        """Isometric torque (Nm) of each muscle about `coordinate`, its positive sense positive.

        posture_deg: coordinates (deg) that are not at their default.
        """
        sampler = self._sampler
        for name in (coordinate, *posture_deg):
            if name not in sampler.coordinates:
                raise ValueError(f"dynamometer: the runner has no free coordinate {name}")
        state = sampler.state = sampler.model.initSystem()
        sampler.move(list(posture_deg), np.radians([*posture_deg.values()]))
        about = sampler.model.getCoordinateSet().get(coordinate)
        sampler.model.realizeVelocity(state)
        pulling = {}
        for name, muscle in self._muscles.items():
            muscle.setActivation(state, activation * muscle.getMaxControl())
            try:
                muscle.computeEquilibrium(state)
            except RuntimeError:
                if not self._is_slack(muscle):
                    raise
            else:
                pulling[name] = muscle
        sampler.model.realizeDynamics(state)
        return {
            name: muscle.getTendonForce(state) * muscle.computeMomentArm(state, about)
            if name in pulling
            else 0.0
            for name, muscle in self._muscles.items()
        }

    def _is_slack(self, muscle: osim.Muscle) -> bool:
        over = muscle.getLength(self._sampler.state) - muscle.getTendonSlackLength()
        return bool(over / muscle.getOptimalFiberLength() < LEAST_FIBRE + BLEND)

    def residuals(self) -> dict[str, float]:
        """Tendon minus fibre force along the tendon, by maximal isometric force, as last posed."""
        state = self._sampler.state
        return {
            name: (muscle.getTendonForce(state) - muscle.getFiberForceAlongTendon(state))
            / muscle.getMaxIsometricForce()
            for name, muscle in self._muscles.items()
        }

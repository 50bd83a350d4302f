"""What one muscle with its tendon does: joint moments, equilibrium of the tendon, energy."""

from __future__ import annotations

from dataclasses import dataclass

import casadi as ca

from formats.description import Muscle
from simulations.equations.metabolics import Smoothing, metabolic_rate
from simulations.equations.muscle import fiber_state


@dataclass(frozen=True)
class MuscleOutput:
    """Generalised forces (N m) on the path's coordinates, equilibrium residual (normalised; None
    for a rigid tendon), metabolic rate (W), tendon force (N)."""

    moments: ca.SX
    equilibrium: ca.SX | None
    rate: ca.SX
    force: ca.SX


def musculotendon(
    muscle: Muscle,
    length: ca.SX,
    speed: ca.SX,
    gradient: ca.SX,
    activation: ca.SX,
    excitation: ca.SX,
    tendon_force: ca.SX | None,
    tendon_force_rate: ca.SX | None,
    smoothing: Smoothing,
) -> MuscleOutput:
    """A muscle on a path of this length (m), speed (m/s), d length / d q (m, one a coordinate).

    tendon_force, its rate (1/s): normalised; None for a rigid tendon. smoothing: of the metabolic
    rate's kinks.
    """
    fiber = fiber_state(muscle, length, speed, activation, tendon_force, tendon_force_rate)
    along_tendon = (fiber.active + fiber.passive) * fiber.cos_pennation
    equilibrium = None if tendon_force is None else tendon_force - along_tendon
    force = (along_tendon if tendon_force is None else tendon_force) * muscle.max_isometric_force
    rate = metabolic_rate(
        muscle, fiber, activation, excitation, muscle.max_isometric_force, muscle.mass, smoothing
    )
    return MuscleOutput(-gradient * force, equilibrium, rate, force)

"""Metabolic rate of a muscle: Bhargava et al. 2004 as in OpenSim.

OpenSim's Bhargava2004SmoothedMuscleMetabolics with its default settings: constant decay function,
shortening constant 0.25 F for shortening only, negative work included, total power not negative,
heat rate at least 1 W/kg. Its kinks come in two widths: `OPENSIM` is the class with use_smoothing
(tanh, 0.1 W wide, next to a kink); `WIDE` rounds them over what an optimiser can follow. OpenSim
itself reports a runner's cost; the objective takes WIDE, for minimisers sit on kinks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import casadi as ca

from formats.description import Muscle

if TYPE_CHECKING:
    from simulations.equations.muscle import Fiber, Number

BASAL_RATE_W_KG = 1.2
_ACTIVATION_HEAT = (40.0, 133.0)  # slow, fast twitch; W/kg
_MAINTENANCE_HEAT = (74.0, 111.0)
_MINIMUM_HEAT = 1.0


@dataclass(frozen=True)
class Smoothing:
    """How the kinks are rounded: OpenSim's tanh, or hyperbolas of the given widths.

    power: width (W per kg of muscle); velocity: width (m/s); length: width (optimal lengths).
    """

    power: Number | None = None
    velocity: Number | None = None
    length: Number = 0.0

    def above_zero(self, x: ca.SX, width: ca.SX | float | None) -> ca.SX:
        """max(x, 0), rounded."""
        if width is None:
            return x * (0.5 + 0.5 * ca.tanh(10.0 * x))
        return 0.5 * (x + ca.sqrt(x**2 + width**2))

    def larger(self, a: ca.SX | float, b: ca.SX | float) -> ca.SX:
        """max(a, b) of normalised lengths, rounded."""
        return 0.5 * (a + b + ca.sqrt((a - b) ** 2 + self.length**2))


OPENSIM = Smoothing()
WIDE = Smoothing(power=20.0, velocity=0.05, length=0.1)


def metabolic_rate(
    muscle: Muscle,
    fiber: Fiber,
    excitation: ca.SX,
    max_force: Number,
    mass: Number,
    smoothing: Smoothing = OPENSIM,
) -> ca.SX:
    """Rate of energy use (W) of one muscle; max_force (N), mass (kg)."""
    slow_share = muscle.ratio_slow_twitch_fibers
    slow = slow_share * ca.sin(ca.pi / 2 * excitation)
    fast = (1 - slow_share) * (1 - ca.cos(ca.pi / 2 * excitation))
    x = fiber.length
    # Piecewise linear through (0, 0.5) (0.5, 0.5) (1, 1) (1.5, 0).
    rising = smoothing.larger(0.5, x)
    dependence = smoothing.larger(-smoothing.larger(-rising, -(3 - 2 * x)), 0)
    activation_heat = mass * (_ACTIVATION_HEAT[0] * slow + _ACTIVATION_HEAT[1] * fast)
    maintenance_heat = (
        mass * dependence * (_MAINTENANCE_HEAT[0] * slow + _MAINTENANCE_HEAT[1] * fast)
    )
    total_force = (fiber.active + fiber.passive) * max_force
    shortening = smoothing.above_zero(-fiber.velocity_m_s, smoothing.velocity)
    shortening_heat = 0.25 * total_force * shortening
    work_rate = -fiber.active * max_force * fiber.velocity_m_s

    width = None if smoothing.power is None else smoothing.power * mass
    power = activation_heat + maintenance_heat + shortening_heat + work_rate
    heat = smoothing.above_zero(power, width) - work_rate
    minimum = _MINIMUM_HEAT * mass
    return minimum + smoothing.above_zero(heat - minimum, width) + work_rate

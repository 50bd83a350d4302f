"""Metabolic rate of a muscle: Bhargava et al. 2004 as in OpenSim.

OpenSim's Bhargava2004SmoothedMuscleMetabolics with include_negative_mechanical_work false: constant
decay function, heat of shortening that depends on force as in the paper (0.16 of the isometric plus
0.18 of the actual force; lengthening takes up 0.157), heat rate at least 1 W/kg, and work
that is done on a stretched muscle is not refunded (a muscle's total is never below its heat; with
the refund, OpenSim's default, a runner that is free to choose lives on eccentric work). Its kinks
come in two widths: `OPENSIM` is the class with use_smoothing (tanh; 0.1 W and 1 mm/s wide);
`WIDE` rounds them over what an optimiser can follow. OpenSim itself reports a runner's cost; the
objective takes WIDE, for minimisers sit on kinks.

An actuator of the trunk or the arms stands for muscles that are not in the model: it pays for its
work as those would, at the efficiencies of Margaria 1968 (0.25 shortening, -1.2 stretched).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import casadi as ca

from formats.description import Muscle
from formats.muscles import VELOCITY_SMOOTHING

if TYPE_CHECKING:
    from simulations.equations.muscle import Fiber, Number

BASAL_RATE_W_KG = 1.2
_ACTIVATION_HEAT = (40.0, 133.0)  # slow, fast twitch; W/kg
_MAINTENANCE_HEAT = (74.0, 111.0)
_MINIMUM_HEAT = 1.0
_CONCENTRIC_EFFICIENCY, _ECCENTRIC_EFFICIENCY = 0.25, 1.2
# Width (W) over which an actuator's power changes sign.
_ACTUATOR_WIDTH_W = 10.0


@dataclass(frozen=True)
class Smoothing:
    """How the kinks are rounded: OpenSim's tanh, or hyperbolas of the given widths.

    power: width (W per kg of muscle); velocity: width (m/s); length: width (optimal lengths).
    """

    power: Number | None = None
    velocity: Number | None = None
    length: Number = 0.0

    def above_zero(self, x: ca.SX, width: ca.SX | float | None, steepness: float = 10.0) -> ca.SX:
        """max(x, 0), rounded; steepness: of the tanh where there is no width."""
        if width is None:
            return x * (0.5 + 0.5 * ca.tanh(steepness * x))
        return 0.5 * (x + ca.sqrt(x**2 + width**2))

    def larger(self, a: ca.SX | float, b: ca.SX | float) -> ca.SX:
        """max(a, b) of normalised lengths, rounded."""
        return 0.5 * (a + b + ca.sqrt((a - b) ** 2 + self.length**2))


OPENSIM = Smoothing()
WIDE = Smoothing(power=4.0, velocity=0.05, length=0.1)


def metabolic_rate(
    muscle: Muscle,
    fiber: Fiber,
    activation: ca.SX,
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
    shortening, lengthening = (
        smoothing.above_zero(sign * fiber.velocity_m_s, smoothing.velocity, VELOCITY_SMOOTHING)
        for sign in (-1.0, 1.0)
    )
    isometric = activation * fiber.force_length * max_force
    shortening_heat = (0.16 * isometric + 0.18 * total_force) * shortening
    shortening_heat -= 0.157 * total_force * lengthening
    work_rate = -fiber.active * max_force * fiber.velocity_m_s

    width = None if smoothing.power is None else smoothing.power * mass
    heat = activation_heat + maintenance_heat + shortening_heat
    minimum = _MINIMUM_HEAT * mass
    if smoothing.power is None:
        # OpenSim's own tanh goes by the fibre's velocity and lets some refund through next to
        # zero, which its lower bound of the total takes back.
        work = work_rate * (0.5 + 0.5 * ca.tanh(-VELOCITY_SMOOTHING * fiber.velocity_m_s))
        heat = smoothing.above_zero(heat + work, width) - work
        return minimum + smoothing.above_zero(heat - minimum, width) + work
    heat = minimum + smoothing.above_zero(heat - minimum, width)
    return heat + smoothing.above_zero(work_rate, width)


def actuator_rate(power: ca.SX) -> ca.SX:
    """Rate of energy use (W) of the muscles that an actuator of this power (W) stands for."""
    size = ca.sqrt(power**2 + _ACTUATOR_WIDTH_W**2) - _ACTUATOR_WIDTH_W
    paid = 0.5 * (size + power) / _CONCENTRIC_EFFICIENCY
    return paid + 0.5 * (size - power) / _ECCENTRIC_EFFICIENCY

"""Hill-type muscle with compliant or rigid tendon: De Groote et al. 2016 as in OpenSim.

Curves, constants and the implicit equilibrium are those of OpenSim's DeGrooteFregly2016Muscle with
tendon_compliance_dynamics_mode 'implicit'. Forces are normalised by max_isometric_force; a positive
speed lengthens.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import product

import casadi as ca
import numpy as np

from formats.description import Muscle, Path_

Number = float | ca.SX

# Active force-length: three Gaussian-like curves b1 exp(-(x - b2)^2 / 2 (b3 + b4 x)^2).
_GAUSSIANS = (
    (0.8150671134243542, 1.055033428970575, 0.162384573599574, 0.063303448465465),
    (0.433004984392647, 0.716775413397760, -0.029947116970696, 0.200356847296188),
    (0.1, 1.0, 0.353553390593274, 0.0),
)
_KPE = 4.0
_MIN_FIBER_LENGTH = 0.2
_C1, _C2, _C3 = 0.200, 1.0, 0.200
_D1, _D2, _D3, _D4 = -0.3211346127989808, -8.149, -0.374, 0.8825327733249912
_TANH_STEEPNESS = 0.1


def active_force_length(length: ca.SX, width_scale: Number) -> ca.SX:
    """Active force-length multiplier of the normalised fibre length."""
    x = (length - 1.0) / width_scale + 1.0
    total = ca.SX(0)
    for b1, b2, b3, b4 in _GAUSSIANS:
        total = total + b1 * ca.exp(-0.5 * ((x - b2) / (b3 + b4 * x)) ** 2)
    return total


def force_velocity(velocity: ca.SX) -> ca.SX:
    """Force-velocity multiplier of the fibre velocity over its maximum."""
    return _D1 * ca.asinh(_D2 * velocity + _D3) + _D4


def passive_force_length(length: ca.SX, strain_at_one: Number) -> ca.SX:
    """Passive force multiplier of the normalised fibre length, zero at length 0.2."""
    offset = ca.exp(_KPE * (_MIN_FIBER_LENGTH - 1.0) / strain_at_one)
    return (ca.exp(_KPE * (length - 1.0) / strain_at_one) - offset) / (ca.exp(_KPE) - offset)


def tendon_stiffness_factor(strain_at_one: Number) -> Number:
    """k_T of the tendon curve c1 exp(k_T (l - c2)) - c3, from its strain at unit force."""
    return ca.log((1.0 + _C3) / _C1) / (1.0 + strain_at_one - _C2)


def activation_rate(rise: Number, fall: Number, excitation: ca.SX, activation: ca.SX) -> ca.SX:
    """da/dt (1/s), tanh-smoothed between activation and deactivation.

    rise, fall (s): activation and deactivation time constants.
    """
    factor = 0.5 + 1.5 * activation
    rising = 0.5 * ca.tanh(_TANH_STEEPNESS * (excitation - activation))
    rate = (rising + 0.5) / (rise * factor)
    rate = rate + (0.5 - rising) * factor / fall
    return rate * (excitation - activation)


@dataclass(frozen=True)
class Fiber:
    """Fibre: normalised length, velocity (m/s), cos(pennation), multipliers, forces / Fmax."""

    length: ca.SX
    velocity_m_s: ca.SX
    cos_pennation: ca.SX
    force_length: ca.SX
    active: ca.SX
    passive: ca.SX


def fiber_state(
    muscle: Muscle,
    length: ca.SX,
    speed: ca.SX,
    activation: ca.SX,
    tendon_force: ca.SX | None,
    tendon_force_rate: ca.SX | None,
) -> Fiber:
    """Fibre state of a muscle-tendon of `length` (m) and lengthening `speed` (m/s).

    tendon_force, its rate (1/s): normalised; None for a rigid tendon.
    """
    slack, optimal = muscle.tendon_slack_length, muscle.optimal_fiber_length
    tendon_length: ca.SX | float = slack
    tendon_speed: ca.SX | float = 0.0
    if tendon_force is not None and tendon_force_rate is not None:
        k = tendon_stiffness_factor(muscle.tendon_strain_at_one_norm_force)
        tendon_length = slack * (ca.log((tendon_force + _C3) / _C1) / k + _C2)
        tendon_speed = slack * tendon_force_rate / (k * (tendon_force + _C3))
    along = length - tendon_length
    width = optimal * ca.sin(muscle.pennation_angle_at_optimal)
    fiber = ca.sqrt(along**2 + width**2)
    cosine = along / fiber
    velocity = (speed - tendon_speed) * cosine
    v_max = muscle.max_contraction_velocity * optimal
    normalised = fiber / optimal
    force_length = active_force_length(normalised, muscle.active_force_width_scale)
    passive = muscle.fiber_damping * velocity / v_max
    if not muscle.ignore_passive_fiber_force:
        passive = passive + passive_force_length(
            normalised, muscle.passive_fiber_strain_at_one_norm_force
        )
    active = activation * force_length * force_velocity(velocity / v_max)
    return Fiber(normalised, velocity, cosine, force_length, active, passive)


@cache
def exponents(dimension: int, order: int) -> np.ndarray:
    """Exponents of the complete polynomial, as OpenSim's MultivariatePolynomialFunction orders."""
    rows = [e for e in product(range(order + 1), repeat=dimension) if sum(e) <= order]
    found = np.array(rows, dtype=int)
    found.setflags(write=False)  # shared by all that ask
    return found


def path_length(path: Path_, q: list[ca.SX]) -> ca.SX:
    """Muscle-tendon length (m) at the path's own coordinates, by nested Horner schemes."""
    terms = dict(zip(map(tuple, exponents(len(q), path.order)), path.coefficients, strict=True))

    def horner(prefix: tuple[int, ...]) -> ca.SX:
        depth = len(prefix)
        if depth == len(q):
            return ca.SX(terms[prefix])
        value = ca.SX(0)
        for power in range(path.order - sum(prefix), -1, -1):
            value = value * q[depth] + horner((*prefix, power))
        return value

    return horner(())

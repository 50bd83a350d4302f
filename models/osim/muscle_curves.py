"""Curves of OpenSim's DeGrooteFregly2016Muscle (De Groote et al. 2016, Ann Biomed Eng 44:2922), in
plain numbers. Forces are over the maximal isometric force, lengths over the optimal fibre's or the
tendon's slack length, velocities over the largest; lengthening is positive."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from models.paths.polynomial import Array

_GAUSSIANS = (
    (0.8150671134243542, 1.055033428970575, 0.162384573599574, 0.063303448465465),
    (0.433004984392647, 0.716775413397760, -0.029947116970696, 0.200356847296188),
    (0.1, 1.0, 0.353553390593274, 0.0),
)
_D1, _D2, _D3, _D4 = -0.3211346127989808, -8.149, -0.374, 0.8825327733249912
PASSIVE_EXPONENT = 4.0
_LEAST_FIBRE, _C1, _C3 = 0.2, 0.2, 0.2


def active_force_length(length: Array) -> Array:
    """Active force of a fibre at rest."""
    total = np.zeros_like(length)
    for b1, b2, b3, b4 in _GAUSSIANS:
        total = total + b1 * np.exp(-0.5 * ((length - b2) / (b3 + b4 * length)) ** 2)
    return np.asarray(total)


def force_velocity(velocity: Array) -> Array:
    """Force against that at rest."""
    return np.asarray(_D1 * np.arcsinh(_D2 * velocity + _D3) + _D4)


def passive_force_length(length: Array, strain_at_one: Array) -> Array:
    """Passive force of a fibre."""
    offset = np.exp(PASSIVE_EXPONENT * (_LEAST_FIBRE - 1.0) / strain_at_one)
    force = np.exp(PASSIVE_EXPONENT * (length - 1.0) / strain_at_one) - offset
    return np.asarray(force / (np.exp(PASSIVE_EXPONENT) - offset))


def tendon_length(force: Array, strain_at_one: Array) -> Array:
    """Length of a tendon that bears a force."""
    stiffness = np.log((1.0 + _C3) / _C1) / strain_at_one
    return np.asarray(np.log((force + _C3) / _C1) / stiffness + 1.0)

"""Passive joint tissue: springs, end-of-range limits."""

from __future__ import annotations

import casadi as ca

from formats.description import RunnerDescription, Spring


def passive_torque(runner: RunnerDescription, q: ca.SX, u: ca.SX) -> ca.SX:
    """Generalised forces (nq, N m) of passive joint tissue."""
    index = {c.name: i for i, c in enumerate(runner.coordinates)}
    torque = ca.SX(len(index), 1)
    for part in runner.passive:
        i = index[part.coordinate]
        if isinstance(part, Spring):
            torque[i] += -part.stiffness * (q[i] - part.rest_length) - part.viscosity * u[i]
        else:
            torque[i] += part.k1 * ca.exp(part.k2 * (q[i] - part.q1))
            torque[i] += part.k3 * ca.exp(part.k4 * (q[i] - part.q2)) - part.damping * u[i]
    return torque

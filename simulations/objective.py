"""What the runner minimises: a mean over the stride of separable terms, and the habit.

metabolic     (metabolic rate, W/kg)^2, its kinks rounded wide: some 5 W/kg above the rate reported
effort        sum over muscles of volume share x (excitation or activation)^power
acceleration  sum (du / 300)^2
tendon        sum (dF / 10)^2
actuator      sum control^2
habit         sum over coordinates ((q - q_ref) / sd)^2, and ((T - T_ref) / sd_T)^2

Every term is a sum of functions of one unknown, so its Hessian is diagonal.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import casadi as ca
import numpy as np

from simulations.description import RunnerDescription
from simulations.layout import Layout

TERMS = ("metabolic", "effort", "acceleration", "tendon", "actuator", "habit")
DURATION_SD_S = 0.012


@dataclass(frozen=True)
class Objective:
    """Weights of the terms; the habit's weight is given with the case."""

    name: str
    metabolic: float = 0.005
    effort: float = 10.0
    effort_power: int = 2
    effort_of: Literal["excitation", "activation"] = "excitation"
    acceleration: float = 0.002
    tendon: float = 1e-3
    actuator: float = 2.0

    def weights(self, habit: float) -> np.ndarray:
        """Weights in the order of TERMS."""
        return np.array([*(getattr(self, name) for name in TERMS[:-1]), habit])


_MIX = Objective("metabolic_mix")
OBJECTIVES = {
    objective.name: objective
    for objective in (
        _MIX,
        replace(
            _MIX, name="activation_squared", metabolic=0.0, effort_of="activation", effort=20.0
        ),
        replace(
            _MIX,
            name="activation_cubed",
            metabolic=0.0,
            effort_of="activation",
            effort_power=3,
            effort=40.0,
        ),
    )
}


def objective(name: str) -> Objective:
    """The named objective. Raises ValueError naming those that exist."""
    if name not in OBJECTIVES:
        raise ValueError(f"objective: {name!r} is not known; allowed: {', '.join(OBJECTIVES)}")
    return OBJECTIVES[name]


# Between-runner SD of the joint angles (rad) that the habit counts in.
HABIT_SD = {
    "pelvis_tilt": 0.06,
    "pelvis_list": 0.06,
    "pelvis_rotation": 0.06,
    "lumbar": 0.06,
    "hip": 0.09,
    "knee": 0.12,
    "ankle": 0.10,
    "subtalar": 0.10,
    "arm": 0.15,
    "elbow": 0.15,
}


def habit_sd(runner: RunnerDescription) -> np.ndarray:
    """SD (rad) of each coordinate in the habit; infinite for those it does not count."""
    sd = np.full(len(runner.coordinates), np.inf)
    for i, coordinate in enumerate(runner.coordinates):
        for prefix, value in HABIT_SD.items():
            if coordinate.name.startswith(prefix):
                sd[i] = value
    return sd


@dataclass(frozen=True)
class CostFunctions:
    """terms(z, ref) -> (6); gradient(z, ref, w) -> (nz); curvature(z, ref, w) -> diagonal (nz).

    z: scaled unknowns of a node; ref: reference coordinates (nq); w: weights (6).
    """

    terms: ca.Function
    gradient: ca.Function
    curvature: ca.Function


def build(
    runner: RunnerDescription,
    layout: Layout,
    weights: Objective,
    held: np.ndarray | None = None,
) -> CostFunctions:
    """Cost functions of a node. held: (nq,) share of the habit's weight; None: 1."""
    z = ca.SX.sym("z", layout.size)
    reference = ca.SX.sym("ref", layout.nq)
    w = ca.SX.sym("w", len(TERMS))
    x = z * layout.scale

    def block(name: str) -> ca.SX:
        return x[layout.block(name).tolist()]

    volume = np.array([m.max_isometric_force * m.optimal_fiber_length for m in runner.muscles])
    share = ca.DM(volume / volume.sum()) if len(volume) else ca.DM(0, 1)
    effort = block("e" if weights.effort_of == "excitation" else "a")
    counted = np.ones(layout.nq) if held is None else held
    inverse_sd = ca.DM(np.sqrt(counted) / habit_sd(runner))
    terms = ca.vertcat(
        block("R") ** 2,
        ca.dot(share, effort**weights.effort_power),
        ca.sumsqr(block("du") / 300),
        ca.sumsqr(block("dF") / 10),
        ca.sumsqr(block("c")),
        ca.sumsqr((block("q") - reference) * inverse_sd),
    )
    total = ca.dot(w, terms)
    gradient = ca.gradient(total, z)
    curvature = ca.vertcat(*[ca.jacobian(gradient[i], z[i]) for i in range(layout.size)])
    return CostFunctions(
        ca.Function("terms", [z, reference], [ca.densify(terms)]),
        ca.Function("gradient", [z, reference, w], [ca.densify(gradient)]),
        ca.Function("curvature", [z, reference, w], [ca.densify(curvature)]),
    )

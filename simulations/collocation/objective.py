"""What the runner minimises: a mean over the stride of separable terms, and the habit.

metabolic     (metabolic rate, W/kg)^2, its kinks rounded wide: some 5 W/kg above the rate reported
effort        sum over muscles of volume share x (excitation or activation)^power
acceleration  sum (du / 300)^2
tendon        sum (dF / 10)^2
actuator      sum control^2
habit         sum over coordinates ((q - q_ref) / sd)^2, and ((T - T_ref) / sd_T)^2

Weights, volume shares and SDs are parameters of the built functions.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import casadi as ca
import numpy as np

from formats.description import RunnerDescription
from simulations.collocation.differentiated import nonzeros
from simulations.collocation.layout import Layout

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


# Moment (N m) that counts as one where an actuator is a reserve.
RESERVE_UNIT = 5.0
# Where the motion is given, excitation is held down a little beside an effort that counts
# activations: nothing else would keep it from alternating between nodes.
EXCITATION_SHARE = 0.01


def volume_shares(runner: RunnerDescription) -> np.ndarray:
    """Share (nm) of each muscle in the volume of all, maximal force x optimal length."""
    volume = np.array([m.max_isometric_force * m.optimal_fiber_length for m in runner.muscles])
    return volume / volume.sum() if len(volume) else volume


def inverse_sd(runner: RunnerDescription, held: np.ndarray | None) -> np.ndarray:
    """What the habit multiplies each coordinate's distance by (nq, 1/rad).

    held: (nq,) share of the habit's weight; None: 1.
    """
    counted = np.ones(len(runner.coordinates)) if held is None else held
    return np.sqrt(counted) / habit_sd(runner)


@dataclass(frozen=True)
class CostFunctions:
    """Functions of a node's scaled unknowns z, reference coordinates (nq) and numbers p.

    terms(z, reference, p) -> terms, unweighted; gradient(.., weights) -> (nz);
    hessian(.., weights) -> nonzeros at `second` (2 x count) of the upper triangle.
    """

    terms: ca.Function
    gradient: ca.Function
    hessian: ca.Function
    second: np.ndarray


def cost_numbers(layout: Layout) -> int:
    """How many numbers the cost functions take: shares, 1/SD, actuators' units, excitation."""
    return layout.nm + layout.nq + layout.nc + 1


def build(layout: Layout, objective: Objective) -> CostFunctions:
    """Cost functions of a node. Only the objective's kind of effort is built in; the rest is p."""
    z = ca.SX.sym("z", layout.size)
    reference = ca.SX.sym("reference", layout.nq)
    share, per_sd = ca.SX.sym("share", layout.nm), ca.SX.sym("per_sd", layout.nq)
    unit, excitation = ca.SX.sym("unit", layout.nc), ca.SX.sym("excitation")
    p = ca.vertcat(share, per_sd, unit, excitation)
    w = ca.SX.sym("w", len(TERMS))
    x = z * layout.scale

    def block(name: str) -> ca.SX:
        return x[layout.block(name).tolist()]

    power = objective.effort_power
    if objective.effort_of == "excitation":
        effort = ca.dot(share, block("e") ** power)
    else:
        effort = ca.dot(share, block("a") ** power) + excitation * ca.dot(share, block("e") ** 2)
    terms = ca.vertcat(
        ca.sumsqr(block("R")) if layout.rated else ca.SX(0),
        effort,
        ca.sumsqr(block("du") / 300),
        ca.sumsqr(block("dF") / 10),
        ca.sumsqr(unit * block("c")),
        ca.sumsqr((block("q") - reference) * per_sd),
    )
    total = ca.dot(w, terms)
    gradient = ca.gradient(total, z)
    hessian = ca.sparsify(ca.triu(ca.hessian(total, z)[0]))
    arguments = [z, reference, p]
    return CostFunctions(
        ca.Function("terms", arguments, [ca.densify(terms)]),
        ca.Function("gradient", [*arguments, w], [ca.densify(gradient)]),
        ca.Function("hessian", [*arguments, w], [nonzeros(hessian)]),
        np.array(hessian.sparsity().get_triplet(), dtype=int),
    )

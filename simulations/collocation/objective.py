"""What the runner minimises: a mean over the stride of separable terms.

cost                   metabolic rate over speed, J/kg/m, muscles and actuators, kinks rounded
metabolic              (metabolic rate, W/kg)^2
excitation             sum over muscles of volume share x (excitation / capacity)^2
activation, .._cubed   the same of (activation / capacity)^2, ^3
acceleration           sum (du / 300)^2
tendon                 sum (dF / 10)^2: rate of force (Doke, Donelan & Kuo 2005)
actuator               sum control^2
trunk                  sum of ((the trunk's angles in space - lean) / 0.06)^2: pitch of pelvis and
                       torso, list and turn of the torso; lean is that of the pitches, the rest 0;
                       the pelvis may be tilted against it
habit                  sum over coordinates ((q - q_ref) / sd)^2, and ((T - T_ref) / sd_T)^2; where
                       the ground's force is followed, over its components ((G - G_ref) / sd)^2

capacity: a muscle's max_control, 1 unless its active strength is changed. Weights, volume shares,
SDs and the lean are parameters of the built functions.
"""

from __future__ import annotations

from dataclasses import dataclass

import casadi as ca
import numpy as np

from formats.description import RunnerDescription
from simulations.collocation.differentiated import nonzeros
from simulations.collocation.layout import Layout
from simulations.collocation.objectives import OBJECTIVES, Objective

TERMS = (
    *("cost", "metabolic", "excitation", "activation", "activation_cubed"),
    *("acceleration", "tendon", "actuator", "trunk", "habit"),
)
DURATION_SD_S = 0.012
# The trunk's angles in space: sums of pelvis' and lumbar angles, exact in the sagittal plane,
# elsewhere to second order of the angles (some 0.1 rad). Those that lean come first, the pelvis'
# before the torso's.
TRUNK = (
    ("pelvis_tilt",),
    ("pelvis_tilt", "lumbar_extension"),
    ("pelvis_list", "lumbar_bending"),
    ("pelvis_rotation", "lumbar_rotation"),
)
_LEANING = 2
TRUNK_SD = 0.06


def objective(name: str) -> Objective:
    """The named objective. Raises ValueError naming those that exist."""
    if name not in OBJECTIVES:
        raise ValueError(f"objective: {name!r} is not known; allowed: {', '.join(OBJECTIVES)}")
    return OBJECTIVES[name]


def weights(chosen: Objective, habit: float) -> np.ndarray:
    """Weights in the order of TERMS; the habit's is given with the case."""
    return np.array([*(getattr(chosen, name) for name in TERMS[:-1]), habit])


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


# Distance of a component of a foot's ground force (body weights) that the habit counts as one. From
# stride to stride a man's own vary by 0.05 to 0.09 vertically, 0.03 fore-aft, 0.02 sideways (SD in
# stance, 5 and 6 strides at 3 and 4 m/s, Hamner & Delp 2013, subject 01).
GROUND_SD_BW = 0.05


def habit_sd(runner: RunnerDescription) -> np.ndarray:
    """SD (rad) of each coordinate in the habit; infinite for those it does not count."""
    sd = np.full(len(runner.coordinates), np.inf)
    for i, coordinate in enumerate(runner.coordinates):
        for prefix, value in HABIT_SD.items():
            if coordinate.name.startswith(prefix):
                sd[i] = value
    return sd


# Speed (m/s) by which the metabolic rate is divided where nobody travels.
STANDARD_SPEED = 3.5
# Moment (N m) that counts as one where an actuator is a reserve.
RESERVE_UNIT = 5.0


def volume_shares(runner: RunnerDescription) -> np.ndarray:
    """Share (nm) of each muscle in the volume of all, at 100 % strength."""
    volume = np.array([muscle.volume for muscle in runner.muscles])
    return volume / volume.sum() if len(volume) else volume


def capacities(runner: RunnerDescription) -> np.ndarray:
    """The largest activation (nm) of each muscle."""
    return np.array([muscle.max_control for muscle in runner.muscles])


def inverse_sd(runner: RunnerDescription, held: np.ndarray | None) -> np.ndarray:
    """What the habit multiplies each coordinate's distance by (nq, 1/rad).

    held: (nq,) share of the habit's weight; None: 1.
    """
    counted = np.ones(len(runner.coordinates)) if held is None else held
    return np.sqrt(counted) / habit_sd(runner)


def trunk(runner: RunnerDescription) -> np.ndarray:
    """Rows (4 x nq): the trunk's angles in space (TRUNK) from the coordinates (rad)."""
    names = [c.name for c in runner.coordinates]
    rows = np.zeros((len(TRUNK), len(names)))
    for row, parts in zip(rows, TRUNK, strict=True):
        if all(name in names for name in parts):
            row[[names.index(name) for name in parts]] = 1.0
    return rows


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
    """How many numbers the cost functions take (see `numbers`)."""
    return 2 * layout.nm + layout.nq + layout.ng + layout.nc + 3


def numbers(
    runner: RunnerDescription,
    per_sd: np.ndarray,
    units: np.ndarray,
    *,
    speed: float,
    lean: float,
    tilt: float = 0.0,
) -> np.ndarray:
    """What the cost functions take: volume shares, capacities, 1/SD, actuators' units, the rest.

    per_sd: (nq, 1/rad), followed by the ground force's (ng) where it is held; units (nc); speed in
    m/s; lean of pelvis and torso, and tilt of the pelvis against it, in rad, backward positive.
    """
    rest = [speed, lean, tilt]
    return np.concatenate([volume_shares(runner), capacities(runner), per_sd, units, rest])


def build(layout: Layout, trunk_rows: np.ndarray) -> CostFunctions:
    """Cost functions of a node. trunk_rows: see `trunk`; the rest is p (see `numbers`).

    The reference holds coordinates and, where it is followed, the feet's ground force.
    """
    z = ca.SX.sym("z", layout.size)
    held = layout.nq + layout.ng
    reference = ca.SX.sym("reference", held)
    share, capacity = ca.SX.sym("share", layout.nm), ca.SX.sym("capacity", layout.nm)
    per_sd, unit = ca.SX.sym("per_sd", held), ca.SX.sym("unit", layout.nc)
    speed, lean, tilt = (ca.SX.sym(name) for name in ("speed", "lean", "tilt"))
    p = ca.vertcat(share, capacity, per_sd, unit, speed, lean, tilt)
    w = ca.SX.sym("w", len(TERMS))
    x = z * layout.scale

    def block(name: str) -> ca.SX:
        return x[layout.block(name).tolist()]

    activation, excitation = block("a") / capacity, block("e") / capacity
    rate = block("R") if layout.rated else ca.SX(0)
    upright = ca.SX(0)
    if layout.nq:
        angles = ca.mtimes(ca.DM(trunk_rows), block("q"))
        leaning = [lean + tilt, lean] + [0] * (len(TRUNK) - _LEANING)
        upright = ca.sumsqr((angles - ca.vertcat(*leaning)) / TRUNK_SD)
    terms = ca.vertcat(
        rate / speed,
        rate**2,
        ca.dot(share, excitation**2),
        ca.dot(share, activation**2),
        ca.dot(share, activation**3),
        ca.sumsqr(block("du") / 300),
        ca.sumsqr(block("dF") / 10),
        ca.sumsqr(unit * block("c")),
        upright,
        ca.sumsqr((ca.vertcat(block("q"), block("G")) - reference) * per_sd),
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

"""What the outcomes of a stride are read from, at one instant: geometry, ground force, moments.

Functions of coordinates, speeds and accelerations and of the skeleton's numbers, so that an
outcome is differentiated by both. SI and degrees; frames and signs are those of the analysis, which
measures the same in OpenSim.
"""

from __future__ import annotations

import casadi as ca

from formats.description import RunnerDescription
from simulations.equations import numbers
from simulations.equations.multibody import (
    contact_wrenches,
    inverse_dynamics,
    mass_center,
    place_bodies,
)

JOINTS = {"hip": "hip_flexion", "knee": "knee_angle", "ankle": "ankle_angle"}
NAMES = (
    *("ankle_com", "foot_hip", "hip_com", "thigh_angle", "pelvis_tilt", "hip_flexion"),
    *("knee_flexion", "ankle_dorsiflexion", "forward_force", "vertical_force", "height"),
    *("hip_moment", "knee_moment", "ankle_moment"),
)
"""m, deg, BW, Nm/kg; of one leg."""


def quantities(runner: RunnerDescription, side: str) -> tuple[ca.Function, ca.Function]:
    """value(q, u, du, rounding, p) -> NAMES; reverse(.., seeds) -> gradients by q, u, du, p.

    p: the skeleton's numbers; rounding (N): of friction's corner.
    """
    n = len(runner.coordinates)
    names = [c.name for c in runner.coordinates]
    symbolic, p = numbers.skeleton(runner)
    q, u, du, rounding = ca.SX.sym("q", n), ca.SX.sym("u", n), ca.SX.sym("du", n), ca.SX.sym("r")
    bodies, joints = place_bodies(symbolic, q, u, du)
    centre = {placed.joint.child: placed.origin for placed in joints}
    by_coordinate = {
        axis.coordinate: placed.joint.child
        for placed in joints
        for axis in placed.joint.rotations
        if axis.coordinate
    }
    hip, ankle = (centre[by_coordinate[f"{JOINTS[joint]}_{side}"]] for joint in ("hip", "ankle"))
    com, _ = mass_center(symbolic, bodies)
    down = -bodies[by_coordinate[f"{JOINTS['hip']}_{side}"]].rotation[:, 1]
    pelvis = bodies[by_coordinate["pelvis_tilt"]].rotation[:, 0]
    mass = sum(body.mass for body in symbolic.bodies)
    weight = mass * ca.norm_2(numbers.vector(symbolic.gravity))
    force = ca.SX(3, 1)
    for wrench in contact_wrenches(symbolic, bodies, rounding):
        if wrench.body.endswith(f"_{side}"):
            force += wrench.force
    tau = inverse_dynamics(symbolic, q, u, du, rounding)
    knee = knee_sign(runner, side)

    def coordinate(joint: str) -> int:
        return names.index(f"{JOINTS[joint]}_{side}")

    degrees = 180 / ca.pi
    found = ca.vertcat(
        *(ankle[0] - com[0], ankle[0] - hip[0], hip[0] - com[0]),
        degrees * ca.atan2(down[0], -down[1]),
        degrees * ca.atan2(pelvis[1], pelvis[0]),
        degrees * q[coordinate("hip")],
        degrees * knee * q[coordinate("knee")],
        degrees * q[coordinate("ankle")],
        *(force[0] / weight, force[1] / weight, com[1]),
        tau[coordinate("hip")] / mass,
        knee * tau[coordinate("knee")] / mass,
        tau[coordinate("ankle")] / mass,
    )
    seeds = ca.SX.sym("seeds", len(NAMES))
    number = ca.dot(seeds, found)
    given = [q, u, du, rounding, p]
    gradients = [ca.densify(ca.gradient(number, by)) for by in (q, u, du, p)]
    return (
        ca.Function("stride_quantities", given, [ca.densify(found)], {"cse": True}),
        ca.Function("stride_quantities_reverse", [*given, seeds], gradients, {"cse": True}),
    )


def knee_sign(runner: RunnerDescription, side: str) -> float:
    """-1 where the model's knee angle is negative in flexion (Hamner 2010)."""
    name = f"{JOINTS['knee']}_{side}"
    return 1.0 if sum(next(c.range for c in runner.coordinates if c.name == name)) >= 0 else -1.0

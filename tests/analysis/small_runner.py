"""A small planar runner with everything the analysis meets.

Pelvis (tilt, tx, ty), trunk, two legs of thigh, shank, foot; a patella coupled to the knee; five
DeGrooteFregly2016 muscles a leg on straight paths; two contact spheres a foot; passive springs.
See small_description for its runner.json.
"""

from __future__ import annotations

import numpy as np
import opensim

opensim.Logger.setLevelString("error")

BODIES = {  # mass kg, mass centre m, inertia about it kg m2 (xx, yy, zz)
    "pelvis": (11.0, (-0.05, 0.0, 0.0), (0.1, 0.09, 0.06)),
    "torso": (34.0, (-0.01, 0.30, 0.0), (1.4, 0.7, 1.4)),
    "femur": (9.0, (0.0, -0.17, 0.0), (0.13, 0.03, 0.14)),
    "patella": (0.08, (0.0, 0.0, 0.0), (1e-4, 1e-4, 1e-4)),
    "tibia": (3.6, (0.0, -0.19, 0.0), (0.05, 0.005, 0.05)),
    "calcn": (1.3, (0.09, 0.02, 0.0), (0.002, 0.004, 0.004)),
}
ORIGINS = {"hip": (-0.06, -0.08, 0.08), "walker_knee": (0.0, -0.41, 0.0), "ankle": (0, -0.42, 0)}
HEEL = (-0.05, -0.04, 0.0)  # ankle joint centre to the calcaneus' origin, m
COUPLING = (0.08, 0.6, 0.02)  # patella angle of the knee angle, highest power first

REFERENCE = {"hip_flexion": 0.15, "knee_angle": 0.43, "ankle_angle": 0.15}  # fibres optimal here
# name: force N, fibre m, pennation, [(body, point)], coordinates
MUSCLES = {
    "psoas": (
        2000,
        0.12,
        0.18,
        [("pelvis", (0.0, 0.12, 0.03)), ("femur", (0.01, -0.07, 0))],
        ["hip_flexion"],
    ),
    "glmax2": (
        3500,
        0.16,
        0.2,
        [("pelvis", (-0.14, 0.06, 0.05)), ("femur", (-0.02, -0.08, 0.03))],
        ["hip_flexion"],
    ),
    "semimem": (
        3000,
        0.10,
        0.15,
        [("pelvis", (-0.12, -0.11, 0.07)), ("tibia", (-0.035, -0.04, 0.0))],
        ["hip_flexion", "knee_angle"],
    ),
    "vaslat": (
        9000,
        0.10,
        0.2,
        [("femur", (0.05, -0.13, 0.0)), ("patella", (0.0, 0.0, 0)), ("tibia", (0.035, -0.07, 0.0))],
        ["knee_angle"],
    ),
    "soleus": (
        8000,
        0.06,
        0.4,
        [("tibia", (-0.02, -0.10, 0.0)), ("calcn", (-0.01, 0.02, 0))],
        ["ankle_angle"],
    ),
}
MASS = {"psoas": 0.4, "glmax2": 0.8, "semimem": 0.5, "vaslat": 1.8, "soleus": 1.1}
RANGES = {
    "pelvis_tilt": (-1.0, 1.0), "pelvis_tx": (-50.0, 50.0), "pelvis_ty": (-1.0, 2.0),
    "lumbar_extension": (-1.0, 1.0), "hip_flexion": (-1.0, 1.5), "knee_angle": (-0.7, 2.0),
    "ankle_angle": (-0.9, 0.7),
}  # fmt: skip
CONTACT = {
    "stiffness": 3e5, "dissipation": 1.5, "static_friction": 0.8, "dynamic_friction": 0.8,
    "viscous_friction": 0.5, "transition_velocity": 0.2,
}  # fmt: skip
SPHERES = {"heel": (0.02, 0.01, 0.0), "ball": (0.19, 0.0, 0.0)}
SPRINGS = {"lumbar_extension": (300.0, 5.0), "ankle_angle": (40.0, 1.0), "knee_angle": (30.0, 1.0)}


def _planar_ground(model: opensim.Model, pelvis: opensim.Body) -> None:
    joint = opensim.PlanarJoint("ground_pelvis", model.getGround(), pelvis)
    for i, name in enumerate(["pelvis_tilt", "pelvis_tx", "pelvis_ty"]):
        joint.upd_coordinates(i).setName(name)
    model.addJoint(joint)


def _pin(model, name, parent, where, child, coordinate, sign=1.0):  # type: ignore[no-untyped-def]
    turn = opensim.Vec3(0, 0, 0) if sign > 0 else opensim.Vec3(0, np.pi, 0)
    joint = opensim.PinJoint(name, parent, opensim.Vec3(*where), turn, child, opensim.Vec3(0), turn)
    joint.upd_coordinates(0).setName(coordinate)
    model.addJoint(joint)


def mirrored(where, side):  # type: ignore[no-untyped-def]
    return (where[0], where[1], where[2] if side == "r" else -where[2])


def build() -> opensim.Model:
    """The model with anatomical (straight) paths."""
    model = opensim.Model()
    model.setName("small")
    bodies = {}

    def body(kind: str, name: str) -> opensim.Body:
        mass, centre, inertia = BODIES[kind]
        bodies[name] = opensim.Body(
            name, mass, opensim.Vec3(*centre), opensim.Inertia(*inertia, 0, 0, 0)
        )
        model.addBody(bodies[name])
        return bodies[name]

    _planar_ground(model, body("pelvis", "pelvis"))
    _pin(model, "back", bodies["pelvis"], (-0.1, 0.08, 0), body("torso", "torso"),
         "lumbar_extension")  # fmt: skip
    floor = opensim.ContactHalfSpace(
        opensim.Vec3(0), opensim.Vec3(0, 0, -np.pi / 2), model.getGround(), "floor"
    )
    model.addContactGeometry(floor)
    for s in "rl":
        for kind in ("femur", "patella", "tibia", "calcn"):
            body(kind, f"{kind}_{s}")
        thigh, shank = bodies[f"femur_{s}"], bodies[f"tibia_{s}"]
        _pin(model, f"hip_{s}", bodies["pelvis"], mirrored(ORIGINS["hip"], s), thigh,
             f"hip_flexion_{s}")  # fmt: skip
        _pin(model, f"walker_knee_{s}", thigh, ORIGINS["walker_knee"], shank, f"knee_angle_{s}", -1)
        _pin(model, f"patellofemoral_{s}", thigh, (0.045, -0.40, 0), bodies[f"patella_{s}"],
             f"knee_angle_{s}_beta", -1)  # fmt: skip
        foot = bodies[f"calcn_{s}"]
        ankle = opensim.PinJoint(
            f"ankle_{s}", shank, opensim.Vec3(*ORIGINS["ankle"]), opensim.Vec3(0),
            foot, opensim.Vec3(*(-np.array(HEEL))), opensim.Vec3(0),
        )  # fmt: skip
        ankle.upd_coordinates(0).setName(f"ankle_angle_{s}")
        model.addJoint(ankle)
        coupler = opensim.CoordinateCouplerConstraint()
        coupler.setName(f"patella_{s}")
        independent = opensim.ArrayStr()
        independent.append(f"knee_angle_{s}")
        coupler.setIndependentCoordinateNames(independent)
        coupler.setDependentCoordinateName(f"knee_angle_{s}_beta")
        coupler.setFunction(
            opensim.PolynomialFunction(opensim.Vector.createFromMat(np.array(COUPLING)))
        )
        model.addConstraint(coupler)
        for spot, where in SPHERES.items():
            ball = opensim.ContactSphere(0.03, opensim.Vec3(*where), foot, f"{spot}_{s}")
            model.addContactGeometry(ball)
            force = opensim.SmoothSphereHalfSpaceForce(f"contact_{spot}_{s}", ball, floor)
            for key, value in CONTACT.items():
                getattr(force, f"set_{key}")(value)
            model.addForce(force)
        for name, (force_n, fibre, pennation, points, _) in MUSCLES.items():
            muscle = opensim.DeGrooteFregly2016Muscle()
            muscle.setName(f"{name}_{s}")
            muscle.set_max_isometric_force(force_n)
            muscle.set_optimal_fiber_length(fibre)
            muscle.set_pennation_angle_at_optimal(pennation)
            muscle.set_ignore_tendon_compliance(False)
            muscle.set_tendon_compliance_dynamics_mode("implicit")
            muscle.set_fiber_damping(0.01)
            for i, (owner, where) in enumerate(points):
                own = bodies[owner if owner == "pelvis" else f"{owner}_{s}"]
                muscle.addNewPathPoint(f"p{i}", own, opensim.Vec3(*mirrored(where, s)))
            model.addForce(muscle)
    for name, (stiffness, viscosity) in SPRINGS.items():
        for coordinate in [name] if name.startswith("lumbar") else [f"{name}_r", f"{name}_l"]:
            spring = opensim.SpringGeneralizedForce(coordinate)
            spring.setName(f"passive_{coordinate}")
            spring.setStiffness(stiffness)
            spring.setRestLength(0.0)
            spring.setViscosity(viscosity)
            model.addForce(spring)
    motor = opensim.CoordinateActuator("lumbar_extension")
    motor.setName("lumbar")
    motor.setOptimalForce(100.0)
    model.addForce(motor)
    _set_slack(model)
    return model


def posture(model, state, values) -> None:  # type: ignore[no-untyped-def]
    """Set coordinates (rad), the patellae following."""
    for name, value in values.items():
        model.getCoordinateSet().get(name).setValue(state, float(value), False)
        if name.startswith("knee"):
            beta = model.getCoordinateSet().get(f"{name}_beta")
            beta.setValue(state, float(np.polyval(COUPLING, value)), False)
    model.realizePosition(state)


def _set_slack(model: opensim.Model) -> None:
    """Tendons as long as to leave every fibre its optimal length in the reference posture."""
    state = model.initSystem()
    posture(model, state, {f"{n}_{s}": v for n, v in REFERENCE.items() for s in "rl"})
    slack = {}
    for name, (_, fibre, pennation, *_) in MUSCLES.items():
        for s in "rl":
            muscle = opensim.Muscle.safeDownCast(model.getComponent(f"/forceset/{name}_{s}"))
            length = muscle.getPath().getLength(state)
            slack[f"{name}_{s}"] = length - fibre * float(np.cos(pennation))
    for name, length in slack.items():
        opensim.Muscle.safeDownCast(
            model.getComponent(f"/forceset/{name}")
        ).set_tendon_slack_length(length)
    model.finalizeFromProperties()

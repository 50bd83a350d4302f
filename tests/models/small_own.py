"""A small model of the gait10dof18musc kind, with its names, and a made-up trial of its motion.

Planar; hips, knees (flexion negative) and ankles are pins, the toes' joint is locked; nine muscles
a leg on straight paths, Thelen's, Millard's or De Groote's. The trial's mass bounces on half-sine
stances (tests.simulations.trial_folder).
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import opensim as osim

from tests.simulations import trial_folder

LEG = {"femur": 8.5, "tibia": 3.6, "calcn": 1.1, "toes": 0.2}
MASSES = {"pelvis": 11.0, "torso": trial_folder.MASS - 11.0 - 2 * sum(LEG.values())}
# name: force N, fibre m, points
MUSCLES: dict[str, tuple[float, float, list[tuple[str, tuple[float, float]]]]] = {
    "hamstrings": (2594, 0.109, [("pelvis", (-0.13, -0.10)), ("tibia", (-0.03, -0.04))]),
    "bifemsh": (804, 0.173, [("femur", (0.005, -0.21)), ("tibia", (-0.03, -0.04))]),
    "glut_max": (1944, 0.147, [("pelvis", (-0.14, 0.00)), ("femur", (-0.03, -0.10))]),
    "iliopsoas": (2342, 0.100, [("pelvis", (0.00, 0.08)), ("femur", (0.02, -0.06))]),
    "rect_fem": (1169, 0.114, [("pelvis", (-0.03, -0.03)), ("tibia", (0.05, 0.02))]),
    "vasti": (5000, 0.107, [("femur", (0.03, -0.19)), ("tibia", (0.05, 0.02))]),
    "gastroc": (2500, 0.060, [("femur", (-0.02, -0.40)), ("calcn", (-0.05, 0.03))]),
    "soleus": (5137, 0.050, [("tibia", (-0.01, -0.15)), ("calcn", (-0.05, 0.03))]),
    "tib_ant": (3000, 0.098, [("tibia", (0.03, -0.16)), ("calcn", (0.10, 0.02))]),
}
KINDS: dict[str, Callable[..., osim.Muscle]] = {
    "thelen": osim.Thelen2003Muscle,
    "millard": osim.Millard2012EquilibriumMuscle,
    "degroote": osim.DeGrooteFregly2016Muscle,
}
PENNATION = 0.1


def model(kind: str = "thelen") -> osim.Model:
    """The whole model, its muscles of one kind."""
    made = osim.Model()
    made.setName("small_own")
    bodies: dict[str, osim.Body] = {}

    def body(name: str, mass: float) -> osim.Body:
        bodies[name] = osim.Body(
            name, mass, osim.Vec3(0, -0.1, 0), osim.Inertia(0.1, 0.1, 0.1, 0, 0, 0)
        )
        made.addBody(bodies[name])
        return bodies[name]

    def pin(name: str, parent: osim.Body, where: tuple[float, ...], child: str, q: str) -> None:
        joint = osim.PinJoint(
            name, parent, osim.Vec3(*where), osim.Vec3(0), bodies[child], osim.Vec3(0), osim.Vec3(0)
        )
        joint.upd_coordinates(0).setName(q)
        joint.upd_coordinates(0).setRangeMin(-2.5)
        joint.upd_coordinates(0).setRangeMax(2.5 if not q.startswith("knee") else 0.1)
        made.addJoint(joint)

    root = osim.PlanarJoint("ground_pelvis", made.getGround(), body("pelvis", MASSES["pelvis"]))
    for i, name in enumerate(("pelvis_tilt", "pelvis_tx", "pelvis_ty")):
        root.upd_coordinates(i).setName(name)
    made.addJoint(root)
    body("torso", MASSES["torso"])
    pin("back", bodies["pelvis"], (-0.1, 0.08, 0.0), "torso", "lumbar_extension")
    for s, z in (("r", 0.08), ("l", -0.08)):
        for name, mass in LEG.items():
            body(f"{name}_{s}", mass)
        pin(f"hip_{s}", bodies["pelvis"], (-0.07, -0.06, z), f"femur_{s}", f"hip_flexion_{s}")
        pin(f"knee_{s}", bodies[f"femur_{s}"], (0, -0.41, 0), f"tibia_{s}", f"knee_angle_{s}")
        pin(f"ankle_{s}", bodies[f"tibia_{s}"], (0, -0.42, 0), f"calcn_{s}", f"ankle_angle_{s}")
        pin(f"mtp_{s}", bodies[f"calcn_{s}"], (0.13, -0.03, 0), f"toes_{s}", f"mtp_angle_{s}")
        joint = made.updJointSet().get(f"mtp_{s}")
        joint.upd_coordinates(0).setDefaultLocked(True)
        joint.upd_coordinates(0).setDefaultValue(0.1)
        for name, (force, fibre, points) in MUSCLES.items():
            muscle = KINDS[kind]()
            muscle.setName(f"{name}_{s}")
            muscle.setMaxIsometricForce(float(force))
            muscle.setOptimalFiberLength(fibre)
            muscle.setPennationAngleAtOptimalFiberLength(PENNATION)
            for i, (owner, (x, y)) in enumerate(points):
                on = bodies[owner if owner == "pelvis" else f"{owner}_{s}"]
                muscle.addNewPathPoint(f"p{i}", on, osim.Vec3(x, y, z if owner == "pelvis" else 0))
            made.addForce(muscle)
    made.finalizeConnections()
    _set_slack(made)
    return made


def _set_slack(model: osim.Model) -> None:
    """Tendons as long as to leave every fibre its optimal length in the middle of the stride."""
    state = model.initSystem()
    for side in "rl":
        for name, degrees in (("hip_flexion", 15), ("knee_angle", -45), ("ankle_angle", 5)):
            coordinate = model.getCoordinateSet().get(f"{name}_{side}")
            coordinate.setValue(state, float(np.radians(degrees)), False)
    model.realizePosition(state)
    muscles = model.getMuscles()
    lengths = [muscles.get(i).getLength(state) for i in range(muscles.getSize())]
    for i, length in enumerate(lengths):
        fibre = muscles.get(i).getOptimalFiberLength() * np.cos(PENNATION)
        muscles.get(i).setTendonSlackLength(float(length - fibre))


def edited(file: Path, change: Callable[[ET.Element], None]) -> None:
    """Change a model file's XML; change: takes the Model element."""
    tree = ET.parse(file)
    root = tree.getroot().find("Model")
    assert root is not None
    change(root)
    tree.write(file, encoding="UTF-8", xml_declaration=True)


def write(folder: Path, kind: str = "thelen", **settings: Any) -> Path:
    """A trial's folder: the model, its motion and forces."""
    motion, _ = trial_folder.tables()
    phase = 2 * np.pi * (motion["time"] - trial_folder.FIRST) / trial_folder.PERIOD
    motion = motion.drop(columns="knee_angle_r")
    motion["pelvis_tx"] = 0.0  # on a treadmill, the force's point below the pelvis
    motion["pelvis_tilt"] = -8 + 2 * np.sin(2 * phase)
    motion["lumbar_extension"] = 5 + 2 * np.sin(2 * phase)
    for side, shift in (("r", 0.0), ("l", np.pi)):
        motion[f"hip_flexion_{side}"] = 15 + 25 * np.cos(phase + shift)
        motion[f"knee_angle_{side}"] = -45 + 35 * np.cos(2 * (phase + shift))
        motion[f"ankle_angle_{side}"] = 5 + 15 * np.sin(2 * (phase + shift))
    trial_folder.write(folder, motion, **settings)
    model(kind).printToXML(str(folder / "model.osim"))
    return folder

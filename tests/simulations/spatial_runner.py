"""Three-dimensional models for the tests of the engine, in OpenSim: run as a command.

legs   Rajagopal 2015 with all its joints free and moving in space (splined knees, coupled
       patellae, oblique ankles, universal wrists), a few of its muscles, one with a rigid tendon.
held   the same, the knee's third rotation held. Where three rotations follow one coordinate,
       Simbody's accelerations miss the change of its own velocities by a little (1e-5 of the
       acceleration); with two they are exact.
chain  one joint of every supported type, one body after the other.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from formats.files import write_json
from models import build
from models.osim import document
from models.rajagopal import contact, muscles, passive, spatial
from models.rajagopal.base import base_model
from tests.models.test_describe import every_joint

# Of two to four coordinates, of one joint and of two.
MUSCLES = ("psoas", "recfem", "gasmed", "edl", "soleus")
RIGID = "edl"
COUPLING = (0.08, 0.9, 0.02)  # patella angle of the knee angle, highest power first
LIMITS = {"min_control": -1.0, "max_control": 1.0}
ACTUATORS = {
    "lumbar_ext": {"coordinate": "lumbar_extension", "optimal_force": 150.0, **LIMITS},
    "lumbar_bend": {"coordinate": "lumbar_bending", "optimal_force": 100.0, **LIMITS},
    "shoulder_r": {"coordinate": "arm_flex_r", "optimal_force": 20.0, **LIMITS},
    "shoulder_l": {"coordinate": "arm_flex_l", "optimal_force": 20.0, **LIMITS},
}


def legs(file: Path) -> None:
    """Write the three-dimensional Rajagopal model."""
    tree = document.current(base_model())
    spatial.mirror_toes(document.components(tree, "JointSet"))
    muscles.replace_muscles(tree, {name: [name] for name in MUSCLES})
    forces = document.components(tree, "ForceSet")
    for side in "rl":
        rigid = document.named(forces, f"{RIGID}_{side}", "muscle")
        document.set_property(rigid, "ignore_tendon_compliance", True)
    for coordinate in document.components(tree, "JointSet").iter("Coordinate"):
        document.set_property(coordinate, "locked", False)
        document.set_property(coordinate, "clamped", False)
    passive.add_actuators(tree, ACTUATORS)
    contact.add_contact(tree)
    passive.add_passive(tree)
    # Spheres off the foot's midline, so that contact turns the foot about all axes.
    for geometry in document.components(tree, "ContactGeometrySet"):
        name = geometry.get("name", "")
        if name.endswith(("_r", "_l")):
            x, y, _ = (geometry.findtext("location") or "").split()
            lateral = {"heel": -0.01, "ball": 0.03, "toe": -0.02}[name[:-2]]
            lateral *= 1 if name.endswith("_r") else -1
            document.set_property(geometry, "location", (float(x), float(y), lateral))
    document.save(tree, file)


def hold(folder: Path, out: Path) -> None:
    """Write the runner of `folder`, third knee rotation held at zero, coupling curved."""
    tree = document.current(folder / "runner.osim")
    joints = document.components(tree, "JointSet")
    runner = json.loads((folder / "runner.json").read_text())
    described = {joint["name"]: joint for joint in runner["joints"]}
    for name in ("walker_knee_r", "walker_knee_l"):
        for axis in document.named(joints, name, "joint").iterfind(
            "SpatialTransform/TransformAxis"
        ):
            if axis.get("name") == "rotation3":
                document.hold_axis(axis)
        still = {"coordinate": None, "function": {"type": "constant", "value": 0.0}}
        described[name]["rotations"][2].update(still)
    for constraint in document.components(tree, "ConstraintSet"):
        function = constraint.find("coupled_coordinates_function")
        assert function is not None
        function.clear()
        function.append(document.element("PolynomialFunction", coefficients=COUPLING))
    for coupling in runner["couplings"]:
        coupling["function"] = {"type": "polynomial", "coefficients": COUPLING}
    document.save(tree, out / "runner.osim")
    write_json(out / "runner.json", runner)


def main(out: Path) -> None:
    """Write all three into folders of `out`."""
    for name, write in (("legs", legs), ("chain", every_joint)):
        folder = out / name
        folder.mkdir(parents=True, exist_ok=True)
        write(folder / "given.osim")
        build.build("given", folder / "given.osim", folder)
    hold(out / "legs", out / "held")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

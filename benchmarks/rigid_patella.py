"""The runner whose patellae are fixed to the femora: a model without constraints, for both sides.

Moco 4.6 takes a constraint between coordinates only with the Hermite-Simpson scheme (Posa) or with
more unknowns (Bordalba). So that trapezoidal meshes can be compared, each coupled joint (the
patella on the knee) is welded where it stands at HELD_RAD of the coordinate it follows; muscle
paths stay the runner's polynomials, which do not see the patella. Both files are changed alike.

    python -m benchmarks.rigid_patella --runner DIR --out DIR
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from scipy.interpolate import CubicHermiteSpline
from scipy.spatial.transform import Rotation

from formats import description as d
from formats.files import run_command, write_text
from models.osim import document

# Middle of the knee's range in running.
HELD_RAD = 0.7


def value(function: d.Function, x: float) -> float:
    """A description's function at x; linear outside a spline's knots."""
    if isinstance(function, d.Constant):
        return function.value
    if isinstance(function, d.Linear):
        return function.slope * x + function.intercept
    if isinstance(function, d.Polynomial):
        return float(np.polyval(function.coefficients, x))
    inside = float(np.clip(x, function.x[0], function.x[-1]))
    spline = CubicHermiteSpline(function.x, function.y, function.dy)
    return float(spline(inside) + spline(inside, 1) * (x - inside))


def pose(joint: d.Joint, held: dict[str, float]) -> tuple[np.ndarray, np.ndarray]:
    """Translation (m) and rotation matrix of a joint's child frame in its parent body."""

    def shift(axis: d.Axis) -> float:
        return value(axis.function, held.get(axis.coordinate or "", 0.0))

    turn = Rotation.identity()
    for axis in joint.rotations:
        turn = turn * Rotation.from_rotvec(shift(axis) * np.array(axis.axis))
    offset = sum(shift(axis) * np.array(axis.axis) for axis in joint.translations)
    base = np.array(joint.parent_frame.rotation)
    translation = np.array(joint.parent_frame.translation) + base @ offset
    return translation, base @ turn.as_matrix()


def _still(joint: d.Joint, translation: np.ndarray, rotation: np.ndarray) -> d.Joint:
    def axes(given: list[d.Axis]) -> list[d.Axis]:
        still = {"coordinate": None, "function": d.Constant(value=0.0)}
        return [axis.model_copy(update=still) for axis in given]

    return joint.model_copy(
        update={
            "kind": "WeldJoint",
            "parent_frame": d.Frame(translation=translation.tolist(), rotation=rotation.tolist()),
            "rotations": axes(joint.rotations),
            "translations": axes(joint.translations),
        }
    )


def hold(runner: Path, out: Path) -> None:
    """Write runner.osim and runner.json with coupled joints welded into the folder `out`."""
    read = d.read(runner / "runner.json")
    tree = document.parse(runner / "runner.osim")
    held = {c.dependent: value(c.function, HELD_RAD) for c in read.couplings}
    welded = {c.joint for c in read.couplings}
    joints = []
    for joint in read.joints:
        if joint.name in welded:
            translation, rotation = pose(joint, held)
            angles = Rotation.from_matrix(rotation).as_euler("XYZ")
            element = document.named(document.components(tree, "JointSet"), joint.name, "joint")
            document.weld(element, translation.tolist(), angles.tolist())
            joint = _still(joint, translation, rotation)
        joints.append(joint)
    document.components(tree, "ConstraintSet").clear()
    document.save(tree, out / "runner.osim")
    changed = read.model_copy(update={"joints": joints, "couplings": []})
    write_text(out / "runner.json", changed.model_dump_json(indent=2) + "\n")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Weld a runner's coupled joints.")
    parser.add_argument("--runner", type=Path, required=True, help="folder of the runner")
    parser.add_argument("--out", type=Path, required=True, help="folder to write the runner into")
    args = parser.parse_args()
    hold(args.runner, args.out)


if __name__ == "__main__":
    run_command(main)

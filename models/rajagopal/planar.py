"""The planar runner: Rajagopal 2015 held in the sagittal plane.

Twelve coordinates: pelvis (tilt, tx, ty), hips, knees, ankles, toes and lumbar extension. All
rotation axes are parallel to z, so each leg moves in a plane of its own. Masses, inertias, muscle
paths and the patella's coupling stay those of the base model.
"""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET
from pathlib import Path

from models.osim import document
from models.rajagopal import contact, muscles, passive, skeleton
from models.rajagopal import splines_to_polynomials as smooth
from models.rajagopal.tables import settings

NAME = "runner_planar"
MUSCLES = "planar_muscles"
# Right knee frame: x axis is the body's -z (knee flexion positive), y up and z forward, in which
# the base model's coupled knee translations are given. The left one is its mirror image (x and z
# turned about, which the base model's left functions expect).
KNEE_ORIENTATION = {
    "r": (-math.pi / 2, math.pi / 2, math.pi / 2),
    "l": (math.pi / 2, -math.pi / 2, math.pi / 2),
}
# z axis is the body's -z: the base model's sign of the toe angle.
TOE_ORIENTATION = (math.pi, 0.0, 0.0)


def build(base: Path, out: Path) -> None:
    """Write the planar runner made from the base model to `out` (.osim)."""
    values = settings("planar")
    tree = document.current(base)
    joints = document.components(tree, "JointSet")
    skeleton.weld_for_good(tree, base, values["welded"])
    kept = skeleton.sided(values["coordinates"])
    document.hold_coordinates(document.named(joints, "ground_pelvis", "joint"), kept)
    document.hold_coordinates(document.named(joints, "back", "joint"), kept)
    for side in ("r", "l"):
        document.hold_coordinates(document.named(joints, f"hip_{side}", "joint"), kept)
        _flatten_knee(document.named(joints, f"walker_knee_{side}", "joint"), side)
        _orient(document.named(joints, f"ankle_{side}", "joint"), (0.0, 0.0, 0.0))
        _orient(document.named(joints, f"mtp_{side}", "joint"), TOE_ORIENTATION)
    skeleton.set_ranges(joints, kept)
    smooth.smooth_joints(joints, skeleton.KNEE_JOINTS, *kept["knee_angle_r"])
    muscles.replace_muscles(tree, muscles.groups_of(MUSCLES))
    passive.add_actuators(tree, values["actuators"])
    contact.add_contact(tree)
    passive.add_passive(tree)
    skeleton.tidy(tree, NAME)
    document.save(tree, out)


def _orient(joint: ET.Element, orientation: tuple[float, float, float]) -> None:
    """Turn both joint frames alike: the axis changes, the neutral pose does not."""
    for socket in ("parent_frame", "child_frame"):
        document.set_property(document.offset_frame(joint, socket), "orientation", orientation)


def _flatten_knee(joint: ET.Element, side: str) -> None:
    _orient(joint, KNEE_ORIENTATION[side])
    for axis in joint.iterfind("SpatialTransform/TransformAxis"):
        if axis.get("name") in ("rotation2", "rotation3"):
            document.hold_axis(axis)

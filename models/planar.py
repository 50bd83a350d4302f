"""The planar runner: Rajagopal 2015 held in the sagittal plane.

Twelve coordinates: pelvis (tilt, tx, ty), hips, knees, ankles, toes and lumbar extension. All
rotation axes are parallel to z, so each leg moves in a plane of its own. Masses, inertias, muscle
paths and the patella's coupling stay those of the base model.
"""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET
from pathlib import Path

import opensim as osim

from models import contact, document, muscles, passive
from models.tables import settings

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
    poses = _welded_poses(base, values["welded"])
    joints = document.components(tree, "JointSet")
    for name, (translation, orientation) in poses.items():
        document.weld(document.named(joints, name, "joint"), translation, orientation)
    kept = _sided(values["coordinates"])
    document.hold_coordinates(document.named(joints, "ground_pelvis", "joint"), kept)
    document.hold_coordinates(document.named(joints, "back", "joint"), kept)
    for side in ("r", "l"):
        document.hold_coordinates(document.named(joints, f"hip_{side}", "joint"), kept)
        _flatten_knee(document.named(joints, f"walker_knee_{side}", "joint"), side)
        _orient(document.named(joints, f"ankle_{side}", "joint"), (0.0, 0.0, 0.0))
        _orient(document.named(joints, f"mtp_{side}", "joint"), TOE_ORIENTATION)
    _set_ranges(joints, kept)
    muscles.replace_muscles(tree, muscles.groups_of(MUSCLES))
    passive.add_actuators(tree, values["actuators"])
    contact.add_contact(tree)
    passive.add_passive(tree)
    _tidy(tree)
    document.save(tree, out)


def _sided(coordinates: dict[str, list[float]]) -> dict[str, tuple[float, float]]:
    """Range of each coordinate in rad or m, leg coordinates for both sides."""
    ranges = {}
    for name, (low, high) in coordinates.items():
        unit = 1.0 if name.endswith(("_tx", "_ty")) else math.pi / 180
        sides = ("",) if name.startswith(("pelvis", "lumbar")) else ("_r", "_l")
        for side in sides:
            ranges[name + side] = (low * unit, high * unit)
    return ranges


def _welded_poses(
    base: Path, welded: dict[str, dict[str, float]]
) -> dict[str, tuple[list[float], list[float]]]:
    """Where the parent frame of each welded joint must lie so that the pose is kept for good.

    Returns joint name -> translation (m), body-fixed x-y-z angles (rad) in the parent body.
    """
    model = document.load(base)
    state = model.initSystem()
    joints = {joint.getName(): joint for joint in model.getJointList()}
    wanted: dict[str, dict[str, float]] = {}
    for name, pose in welded.items():
        for side in ("r", "l"):
            wanted[f"{name}_{side}"] = {f"{key}_{side}": value for key, value in pose.items()}
    poses = {}
    for name, pose in wanted.items():
        if name not in joints:
            raise ValueError(f"base model: it has no joint called {name}, needed by this runner")
        joint = joints[name]
        for i in range(joint.numCoordinates()):
            coordinate = joint.get_coordinates(i)
            coordinate.setLocked(state, False)
            value = math.radians(pose.get(coordinate.getName(), 0.0))
            coordinate.setValue(state, value, False)
        model.realizePosition(state)
        parent, child = joint.getParentFrame(), joint.getChildFrame()
        transform = child.findTransformBetween(state, parent.findBaseFrame())
        angles = transform.R().convertRotationToBodyFixedXYZ()
        poses[name] = (_list(transform.p()), _list(angles))
    return poses


def _list(vector: osim.Vec3) -> list[float]:
    return [float(vector.get(i)) for i in range(3)]


def _orient(joint: ET.Element, orientation: tuple[float, float, float]) -> None:
    """Turn both joint frames alike: the axis changes, the neutral pose does not."""
    for socket in ("parent_frame", "child_frame"):
        document.set_property(document.offset_frame(joint, socket), "orientation", orientation)


def _flatten_knee(joint: ET.Element, side: str) -> None:
    _orient(joint, KNEE_ORIENTATION[side])
    for axis in joint.iterfind("SpatialTransform/TransformAxis"):
        if axis.get("name") in ("rotation2", "rotation3"):
            document.hold_axis(axis)


def _set_ranges(joints: ET.Element, ranges: dict[str, tuple[float, float]]) -> None:
    found = set()
    for coordinate in joints.iter("Coordinate"):
        document.set_property(coordinate, "clamped", False)
        document.set_property(coordinate, "locked", False)
        name = coordinate.get("name", "")
        if name in ranges:
            document.set_property(coordinate, "range", ranges[name])
            found.add(name)
    for name in ranges:
        if name not in found:
            raise ValueError(f"base model: it has no coordinate called {name}")


def _tidy(tree: document.Tree) -> None:
    """Name the model; drop controllers, probes and force groups of the base model."""
    model = document.model_of(tree)
    model.set("name", NAME)
    for folder in ("ControllerSet", "ProbeSet", "defaults"):
        found = model.find(folder)
        if found is not None:
            model.remove(found)
    groups = model.find("ForceSet/groups")
    if groups is not None:
        groups.clear()

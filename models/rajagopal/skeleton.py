"""Edits of the base model's skeleton that every runner made from it shares."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET
from pathlib import Path

import opensim as osim

from models.osim import document

MIDLINE = ("pelvis", "lumbar")
# Their splines follow the knee's angle.
KNEE_JOINTS = ["walker_knee_r", "walker_knee_l", "patellofemoral_r", "patellofemoral_l"]


def sided(coordinates: dict[str, list[float]]) -> dict[str, tuple[float, float]]:
    """Range of each coordinate in rad or m, limb coordinates for both sides."""
    ranges = {}
    for name, (low, high) in coordinates.items():
        unit = 1.0 if name.endswith(("_tx", "_ty", "_tz")) else math.pi / 180
        sides = ("",) if name.startswith(MIDLINE) else ("_r", "_l")
        for side in sides:
            ranges[name + side] = (low * unit, high * unit)
    return ranges


def weld_for_good(tree: document.Tree, base: Path, welded: dict[str, dict[str, float]]) -> None:
    """Weld joints of both sides (name -> coordinate -> deg) in the pose given, else at zero."""
    joints = document.components(tree, "JointSet")
    for name, (translation, orientation) in _welded_poses(base, welded).items():
        document.weld(document.named(joints, name, "joint"), translation, orientation)


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


def set_ranges(joints: ET.Element, ranges: dict[str, tuple[float, float]]) -> None:
    """Free all coordinates (no lock, no clamp) and set the ranges (rad, m) of those in `ranges`."""
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


def tidy(tree: document.Tree, name: str) -> None:
    """Name the model; drop controllers, probes and force groups of the base model."""
    model = document.model_of(tree)
    model.set("name", name)
    for folder in ("ControllerSet", "ProbeSet", "defaults"):
        found = model.find(folder)
        if found is not None:
            model.remove(found)
    groups = model.find("ForceSet/groups")
    if groups is not None:
        groups.clear()

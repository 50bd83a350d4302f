"""Take in a model as it is: newest file version, Ball and Free joints as CustomJoints.

OpenSim's Ball and Free joints have angular velocities as speeds; a CustomJoint with the same
coordinates reaches the same poses and its speeds are the coordinates' derivatives, which is what
the equations need.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

from models.osim import document

# Body-fixed x-y-z rotations, then (Free) shifts along x, y, z: the joints' own coordinates.
CONVERTED = {"BallJoint": 3, "FreeJoint": 6}
AXES = ("1 0 0", "0 1 0", "0 0 1")


def build(base: Path, out: Path) -> None:
    """Write `base` to `out` with its Ball and Free joints converted."""
    tree = document.current(base)
    for joint in document.components(tree, "JointSet"):
        if joint.tag in CONVERTED:
            to_custom_joint(joint)
    document.save(tree, out)


def to_custom_joint(joint: ET.Element) -> None:
    """Turn a BallJoint or FreeJoint into the CustomJoint of the same poses."""
    driven = document.free_coordinates(joint)
    if len(driven) != CONVERTED[joint.tag]:
        raise ValueError(
            f"joint {joint.get('name')}: {joint.tag} with {len(driven)} named coordinates; "
            f"allowed is {CONVERTED[joint.tag]}"
        )
    joint.tag = "CustomJoint"
    transform = ET.SubElement(joint, "SpatialTransform")
    for i in range(6):
        kind = "rotation" if i < 3 else "translation"
        axis = document.element("TransformAxis", f"{kind}{i % 3 + 1}")
        document.set_property(axis, "coordinates", driven[i] if i < len(driven) else "")
        document.set_property(axis, "axis", AXES[i % 3])
        if i < len(driven):
            axis.append(document.element("LinearFunction", "function", coefficients=(1.0, 0.0)))
        else:
            axis.append(document.element("Constant", "function", value=0.0))
        transform.append(axis)

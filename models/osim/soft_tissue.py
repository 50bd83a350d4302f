"""Soft tissue that moves on its bone: a mass on a spring and a damper along a segment's long axis.

Real bodies on slider joints in the OpenSim model, so that inverse dynamics, mass centre and energy
balance include them. A segment's mass and inertia are shared between bone and soft tissue about the
same mass centre: at rest the runner is the one without. The spring is at rest where it carries the
soft tissue's weight in an upright segment. Numbers and sources: models/parameters/soft_tissue.yaml.
"""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET

from models.osim import document
from models.rajagopal.tables import SoftTissue, settings

GRAVITY = 9.80665
# Joint frames' x axis, along which a SliderJoint shifts, is the body's y: the segment's long axis.
ALONG_Y = (0.0, 0.0, math.pi / 2)


def add(tree: document.Tree, values: SoftTissue | None = None) -> None:
    """Put soft tissue on the segments of soft_tissue.yaml (or of `values`, the same keys).

    Raises ValueError naming a segment that the model has no body for, or a share that is not
    between 0 and 1.
    """
    values = settings("soft_tissue") if values is None else values
    for segment, own in values["segments"].items():
        if not 0.0 < own["share"] < 1.0:
            raise ValueError(
                f"soft tissue of {segment}: share {own['share']}: must be between 0 and 1"
            )
        for side in ("_r", "_l") if own["sides"] else ("",):
            _loosen(tree, segment, side, own["share"], values)


def coordinate_name(segment: str, side: str) -> str:
    """Name of the coordinate (m, along the segment) that the soft tissue of a segment moves in."""
    return f"{segment}_soft_tissue{side}"


def _loosen(tree: document.Tree, segment: str, side: str, share: float, values: SoftTissue) -> None:
    bodies = document.components(tree, "BodySet")
    bone = document.named(bodies, segment + side, "body")
    name = coordinate_name(segment, side)
    mass, inertia = _numbers(bone, "mass")[0], _numbers(bone, "inertia")
    document.set_property(bone, "mass", (1.0 - share) * mass)
    document.set_property(bone, "inertia", [(1.0 - share) * part for part in inertia])
    loose = share * mass
    bodies.append(
        document.element(
            "Body",
            name,
            mass=loose,
            mass_center=(0.0, 0.0, 0.0),
            inertia=[share * part for part in inertia],
        )
    )
    place = tuple(_numbers(bone, "mass_center"))
    document.components(tree, "JointSet").append(
        _slider(name, segment + side, place, float(values["range"]))
    )
    turning = 2.0 * math.pi * values["frequency"]
    stiffness = loose * turning**2
    document.components(tree, "ForceSet").append(
        document.element(
            "SpringGeneralizedForce",
            f"spring_{name}",
            coordinate=name,
            stiffness=stiffness,
            rest_length=loose * GRAVITY / stiffness,
            viscosity=2.0 * values["damping_ratio"] * loose * turning,
        )
    )


def _slider(name: str, bone: str, place: tuple[float, ...], limit: float) -> ET.Element:
    """A SliderJoint between a bone's mass centre and the soft-tissue body of the same name."""
    joint = document.element(
        "SliderJoint",
        name,
        socket_parent_frame=f"{bone}_offset",
        socket_child_frame=f"{name}_offset",
    )
    coordinates = ET.SubElement(joint, "coordinates")
    coordinates.append(
        document.element("Coordinate", name, default_value=0.0, range=(-limit, limit))
    )
    frames = ET.SubElement(joint, "frames")
    for body, where in ((bone, place), (name, (0.0, 0.0, 0.0))):
        frames.append(
            document.element(
                "PhysicalOffsetFrame",
                f"{body}_offset",
                socket_parent=f"/bodyset/{body}",
                translation=where,
                orientation=ALONG_Y,
            )
        )
    return joint


def _numbers(element: ET.Element, name: str) -> list[float]:
    return [float(part) for part in (element.findtext(name) or "").split()]

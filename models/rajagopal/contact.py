"""Foot-ground contact: smooth Hunt-Crossley spheres under both feet on a flat half space."""

from __future__ import annotations

import math
from collections.abc import Mapping

from models.osim import document
from models.rajagopal.tables import Sphere, settings


def add_contact(
    tree: document.Tree,
    spheres: Mapping[str, Sphere] | None = None,
    sole_height: float | None = None,
) -> None:
    """Add the ground, the spheres of both feet and their forces (models/parameters/contact.yaml).

    spheres: in place of those of contact.yaml (three, along the foot's middle). The lowest points
    of all lie at one height, `sole_height` (m; None: contact.yaml's) in the calcaneus frame, at
    neutral ankle and toes, or by a sphere's `rise` (m) above it; what a sphere has of `properties`
    stands in place of contact.yaml's common ones.
    """
    values = settings("contact")
    lowest = values["sole_height"] if sole_height is None else sole_height
    geometry = document.components(tree, "ContactGeometrySet")
    forces = document.components(tree, "ForceSet")
    # OpenSim's half space fills x > 0 of its own frame: turned so that it lies below y = 0.
    ground = document.element("ContactHalfSpace", "floor", socket_frame="/ground")
    document.set_property(ground, "location", (0.0, 0.0, 0.0))
    document.set_property(ground, "orientation", (0.0, 0.0, -math.pi / 2))
    geometry.append(ground)
    for side in ("r", "l"):
        lift = _height_above_calcaneus(tree, side)
        for name, sphere in (spheres or values["spheres"]).items():
            body = f"{sphere['body']}_{side}"
            y = lowest + sphere["radius"] - lift[body] + sphere.get("rise", 0.0)
            z = sphere["z"] if side == "r" else -sphere["z"]
            geometry.append(
                document.element(
                    "ContactSphere",
                    f"{name}_{side}",
                    socket_frame=f"/bodyset/{body}",
                    location=(sphere["x"], y, z),
                    orientation=(0.0, 0.0, 0.0),
                    radius=sphere["radius"],
                )
            )
            forces.append(
                document.element(
                    "SmoothSphereHalfSpaceForce",
                    f"contact_{name}_{side}",
                    socket_sphere=f"/contactgeometryset/{name}_{side}",
                    socket_half_space="/contactgeometryset/floor",
                    stiffness=stiffness(
                        sphere.get("share", 1.0) * values["hertz_constant"], sphere["radius"]
                    ),
                    **(values["common"] | sphere.get("properties", {})),
                )
            )


def stiffness(hertz_constant: float, radius: float) -> float:
    """OpenSim's stiffness E (Pa) of a sphere that resists with hertz_constant x depth^1.5 (N, m).

    SmoothSphereHalfSpaceForce: force = 4/3 k sqrt(radius k) depth^1.5 with k = E^(2/3) / 2.
    """
    k = (0.75 * hertz_constant / math.sqrt(radius)) ** (2.0 / 3.0)
    return float((2.0 * k) ** 1.5)


def _height_above_calcaneus(tree: document.Tree, side: str) -> dict[str, float]:
    """Height of each foot body's origin in the calcaneus frame, joints at zero (m)."""
    joint = document.named(document.components(tree, "JointSet"), f"mtp_{side}", "joint")
    frame = document.offset_frame(joint, "parent_frame")
    return {
        f"calcn_{side}": 0.0,
        f"toes_{side}": float((frame.findtext("translation") or "").split()[1]),
    }

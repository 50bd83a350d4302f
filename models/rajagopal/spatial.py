"""The spatial runner: the whole of Rajagopal 2015, with arms that swing.

Twenty-five coordinates: pelvis 6, hips 3 each, knees 1 each (the base model's own coupled axial
rotation and translations; the patella follows), ankles, subtalar joints and toes (the base model's
oblique axes), lumbar 3, shoulder flexion. All eighty muscles on their anatomical paths. Masses and
inertias stay those of the base model.
"""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

from models.osim import document
from models.paths.accuracy import Goal
from models.rajagopal import contact, muscles, passive, skeleton
from models.rajagopal import splines_to_polynomials as smooth
from models.rajagopal.tables import PathGoal, SpatialTable, settings, table

NAME = "runner_spatial"


def goal() -> Goal:
    """How accurate its path polynomials should be: the optimiser pays for every term of them."""
    return goal_of(settings("spatial")["paths"])


def goal_of(values: PathGoal) -> Goal:
    """The goal that a table of parameters states."""
    common = {
        name: (math.radians(low), math.radians(high))
        for name, (low, high) in values["common"].items()
    }
    return Goal(values["length"], values["moment_arm"], values["torque"], common)


def build(base: Path, out: Path) -> None:
    """Write the spatial runner made from the base model to `out` (.osim)."""
    write(base, out, settings("spatial"), NAME)


def write(
    base: Path,
    out: Path,
    values: SpatialTable,
    name: str,
    finish: Callable[[document.Tree], None] | None = None,
) -> None:
    """The same by a table of parameters. finish: adds what else the runner has."""
    tree = document.current(base)
    joints = document.components(tree, "JointSet")
    skeleton.weld_for_good(tree, base, values["welded"])
    kept = skeleton.sided(values["coordinates"])
    for side in ("r", "l"):
        document.hold_coordinates(document.named(joints, f"acromial_{side}", "joint"), kept)
        _steady_knee(document.named(joints, f"walker_knee_{side}", "joint"))
    mirror_toes(joints)
    skeleton.set_ranges(joints, kept)
    smooth.smooth_joints(joints, skeleton.KNEE_JOINTS, *kept["knee_angle_r"])
    heads = [row["muscle"] for row in table("lai_uhlrich_2022")]
    muscles.replace_muscles(tree, {head: [head] for head in heads}, values["rigid_tendon_below"])
    passive.add_actuators(tree, values["actuators"])
    if values["spheres"]:
        contact.add_contact(tree, values["spheres"])
    passive.add_passive(tree)
    passive.add_torques(tree, values["springs"], values["limits"], values["midline_limits"])
    if finish is not None:
        finish(tree)
    skeleton.tidy(tree, name)
    document.save(tree, out)


def mirror_toes(joints: ET.Element) -> None:
    """Make the left toe joint the exact mirror image of the right one.

    The base model rounds half a turn to -3.14159 on both sides: a bend of 5e-6 rad between them,
    which a symmetric stride would carry as an error.
    """
    for socket in ("parent_frame", "child_frame"):
        frames = {
            side: document.offset_frame(document.named(joints, f"mtp_{side}", "joint"), socket)
            for side in ("r", "l")
        }
        x, y, z = (float(part) for part in (frames["r"].findtext("orientation") or "").split())
        document.set_property(frames["l"], "orientation", (-x, -y, z))


def _steady_knee(joint: ET.Element) -> None:
    """Hold the knee's coupled adduction (at most 1.9 deg), keep its rotation and translations.

    With all three rotations following the one coordinate OpenSim 4.6's accelerations in motion miss
    the derivative of its own velocities; with two they agree to rounding.
    """
    for axis in joint.iterfind("SpatialTransform/TransformAxis"):
        if axis.get("name") == "rotation2":
            document.hold_axis(axis)

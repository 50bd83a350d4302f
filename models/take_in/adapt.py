"""Make somebody's model fit for the equations: what stays, what goes, ranges, torque actuators."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import opensim as osim

from models.osim import document, geometry
from models.paths import fitting as paths
from models.paths.polynomial import Array
from models.rajagopal import passive
from models.rajagopal.tables import settings
from models.take_in import convert, intake
from models.take_in.report import Intake

_LIMIT = "acts at the ends of a joint's range only"
_MEASURED = "the ground force is measured"
_ACTUATOR = "torque actuators are made anew"
DROPPED = {
    "CoordinateLimitForce": _LIMIT,
    "HuntCrossleyForce": _MEASURED,
    "ElasticFoundationForce": _MEASURED,
    "SmoothSphereHalfSpaceForce": _MEASURED,
    "ExternalForce": _MEASURED,
    "PrescribedForce": _MEASURED,
    "CoordinateActuator": _ACTUATOR,
    "ActivationCoordinateActuator": _ACTUATOR,
    "TorqueActuator": _ACTUATOR,
    "PointActuator": _ACTUATOR,
}
KEPT = (*convert.KINDS, "SpringGeneralizedForce", "ExpressionBasedCoordinateForce")
SETS = {"ControllerSet": "muscles are not controlled by it here", "ProbeSet": "it measures only"}


def simple_joints(tree: document.Tree) -> list[str]:
    """Turn Ball and Free joints into CustomJoints of the same poses; returns their names."""
    changed = []
    for joint in document.components(tree, "JointSet"):
        if joint.tag in intake.CONVERTED:
            intake.to_custom_joint(joint)
            changed.append(joint.get("name", ""))
    return changed


def drop_unsupported(tree: document.Tree) -> dict[str, str]:
    """Take out what has no part in the equations; returns name -> why.

    Raises ValueError for a force that does have a part and cannot be expressed.
    """
    locked = {
        c.get("name", "")
        for c in document.components(tree, "JointSet").iter("Coordinate")
        if (c.findtext("locked") or "").strip() == "true"
    }
    gone: dict[str, str] = {}
    forces = document.components(tree, "ForceSet")
    for force in [f for f in forces if isinstance(f.tag, str)]:
        why = _why_out(force, locked)
        if why:
            forces.remove(force)
            gone[force.get("name", "")] = f"{force.tag}: {why}"
    groups = document.model_of(tree).find("ForceSet/groups")
    if groups is not None:
        groups.clear()  # they name muscles, which are renamed
    for name, why in SETS.items():
        objects = document.components(tree, name)
        for part in list(objects):
            gone[part.get("name", "")] = f"{part.tag}: {why}"
            objects.remove(part)
    constraints = document.components(tree, "ConstraintSet")
    for constraint in list(constraints):
        if (constraint.findtext("isEnforced") or "true").strip() == "false":
            constraints.remove(constraint)
            gone[constraint.get("name", "")] = f"{constraint.tag}: it is switched off"
    return gone


def _why_out(force: ET.Element, locked: set[str]) -> str | None:
    """Why a force is left out; None: it stays."""
    if force.tag in DROPPED:
        return DROPPED[force.tag]
    if force.tag not in KEPT:
        if force.tag.endswith("Muscle"):
            raise ValueError(
                f"muscle {force.get('name')}: type {force.tag} is not supported; allowed are "
                f"{', '.join(convert.KINDS)}"
            )
        raise ValueError(
            f"force {force.get('name')}: type {force.tag} is not supported; allowed are "
            f"{', '.join(KEPT)}; left out are {', '.join(DROPPED)}"
        )
    if force.tag in convert.KINDS:
        return None
    if (force.findtext("appliesForce") or "true").strip() == "false":
        return "it is switched off"
    coordinate = (force.findtext("coordinate") or "").strip()
    if coordinate in locked:
        return f"{coordinate} is locked"
    if force.tag.startswith("Expression"):
        expression = force.findtext("expression") or ""
        if passive.parse_limit(expression) is None:
            raise ValueError(
                f"force {force.get('name')}: expression {expression!r} is not supported; allowed "
                f"is the form {passive.LIMIT_FORM}"
            )
    return None


def set_ranges(
    tree: document.Tree, model: osim.Model, motion: Mapping[str, Array]
) -> dict[str, dict[str, list[float]]]:
    """Let each joint's coordinates range as far as the trial, both sides alike, and a margin.

    The model's own range bounds the margin, not the trial. The root's coordinates, on which no path
    depends, keep their range. Returns coordinate -> model's and runner's range (rad or m).
    """
    margin = settings("own")["margin"]
    elements = {
        c.get("name", ""): c for c in document.components(tree, "JointSet").iter("Coordinate")
    }
    report = {}
    for name, values in motion.items():
        coordinate = model.getCoordinateSet().get(name)
        own = [coordinate.getRangeMin(), coordinate.getRangeMax()]
        if coordinate.getJoint().getParentFrame().findBaseFrame().getName() == "ground":
            low, high = min(own[0], values.min()), max(own[1], values.max())
        else:
            other = motion.get(name[:-2] + {"_r": "_l", "_l": "_r"}.get(name[-2:], ""), values)
            first, last = min(values.min(), other.min()), max(values.max(), other.max())
            turning = coordinate.getMotionType() != osim.Coordinate.Translational
            room = np.radians(margin["rotational"]) if turning else margin["translational"]
            low = min(first, max(own[0], first - room))
            high = max(last, min(own[1], last + room))
        # The default posture belongs to the range, too: OpenSim wants it so.
        low, high = min(low, coordinate.getDefaultValue()), max(high, coordinate.getDefaultValue())
        found = [round(float(low), 6) - 1e-6, round(float(high), 6) + 1e-6]
        document.set_property(elements[name], "range", tuple(found))
        report[name] = {"model": own, "runner": found}
    return report


def crossed(model_file: Path) -> tuple[list[str], set[str]]:
    """Muscles whose length no free coordinate changes, and coordinates that change one's length."""
    found = paths.coordinates_of_any(geometry.PathSampler(model_file))
    return [m for m, by in found.items() if not by], {c for by in found.values() for c in by}


def add_actuators(
    tree: document.Tree,
    model: osim.Model,
    free: Sequence[str],
    crossed_by_muscles: set[str],
    idle: Sequence[str],
) -> dict[str, str]:
    """Add a torque actuator to each free coordinate but the root's; take idle muscles out.

    reserve_<coordinate> helps muscles, torque_<coordinate> drives what no muscle crosses. Returns
    name -> 'reserve' or 'torque'.
    """
    forces = document.components(tree, "ForceSet")
    for name in idle:
        forces.remove(document.named(forces, name, "muscle"))
    made = {}
    for name in free:
        coordinate = model.getCoordinateSet().get(name)
        if coordinate.getJoint().getParentFrame().findBaseFrame().getName() == "ground":
            continue
        kind = "reserve" if name in crossed_by_muscles else "torque"
        values = settings("own")[kind]
        forces.append(
            document.element(
                "CoordinateActuator",
                f"{kind}_{name}",
                coordinate=name,
                optimal_force=values["optimal_force"],
                min_control=-values["control"],
                max_control=values["control"],
            )
        )
        made[f"{kind}_{name}"] = kind
    return made


def summary(report: Intake) -> list[str]:
    """The report of an intake in a few lines."""
    kinds = sorted({muscle["was"] for muscle in report["muscles"]})
    lines = [f"{len(report['muscles'])} muscles, {', '.join(kinds)}, are {convert.DE_GROOTE} now"]
    if report["min_control_repaired"]:
        lines.append(f"min_control raised to 0.01 of {len(report['min_control_repaired'])} muscles")
    if report["locked"]:
        lines.append(f"locked coordinates stay locked: {', '.join(report['locked'])}")
    reasons: dict[str, list[str]] = {}
    for name, why in (report["dropped"] | report["dropped_muscles"]).items():
        reasons.setdefault(why, []).append(name)
    lines += [f"left out, {why}: {', '.join(parts)}" for why, parts in reasons.items()]
    lines += [f"path point {n}: {what}" for n, what in report["path_points_smoothed"].items()]
    driven = [name for name, kind in report["actuators"].items() if kind == "torque"]
    if driven:
        lines.append(f"no muscle crosses, torques drive: {', '.join(n[7:] for n in driven)}")
    for group, sides in report["missing_groups"].items():
        lines.append(f"no muscle of the group {group} ({sides} side); that arm cannot be studied")
    for muscle, fit in report["paths"].items():
        if not fit["accurate"]:
            lines.append(
                f"{muscle}: polynomial off by {fit['length_rms_mm']:.2f} mm in length, "
                f"{fit['moment_arm_rms_mm']:.2f} mm in moment arm (rms); see paths.csv"
            )
    return lines

"""From a supported .osim to the runner description that the equations are built from.

Whatever the description cannot express is refused by name; nothing is dropped in silence.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np
import opensim as osim
from pydantic import ValidationError

from formats import description as d
from formats.errors import sentence
from formats.files import run_command, write_text
from models.osim import document, forces, joints
from models.paths import fitting as paths
from models.paths.accuracy import CLOSE, Fit, Goal

# Axial and lateral motions of the midline change sign in the mirror; pairs _r/_l do not, because
# the left side's axes are mirrored already (Rajagopal 2015's convention).
SIGN_CHANGES = ("list", "rotation", "tz", "bending")
Fitting: TypeAlias = Callable[[Path, Goal], list[Fit]]


def describe(
    model_file: Path, name: str, goal: Goal = CLOSE, fit: Fitting = paths.fit_paths
) -> tuple[d.RunnerDescription, list[Fit]]:
    """Description of a model, and the errors of its path polynomials (as accurate as `goal`).

    fit: what makes the polynomials.

    Raises ValueError naming the first component that is not supported, its type, what is allowed.
    """
    model = document.load(model_file)
    if not model.getCoordinateSet().getSize():
        raise ValueError(
            f"model {model.getName()}: nothing in it moves; a runner needs joints that do"
        )
    _refuse_unknown(model)
    tree, couplings = tree_of(model), _couplings(model)
    fits = fit(model_file, goal)
    try:
        return _described(model, name, tree, couplings, fits), fits
    except ValidationError as error:
        said = sentence(error, d.RunnerDescription)
        raise ValueError(f"model {model_file}: {said}") from None


def write(model_file: Path, name: str, out: Path, goal: Goal = CLOSE) -> list[Fit]:
    """Write runner.json and paths.csv beside each other into the folder `out`."""
    description, fits = describe(model_file, name, goal)
    write_text(out / "runner.json", description.model_dump_json(indent=2) + "\n")
    write_text(out / "paths.csv", paths.table(fits))
    return fits


def _held(model: osim.Model) -> dict[str, float]:
    """Locked coordinates and their values: they are constants of the runner."""
    return {
        c.getName(): c.getDefaultValue() for c in model.getCoordinateSet() if c.getDefaultLocked()
    }


def bodies_of(model: osim.Model) -> list[d.Body]:
    """All bodies with their inertia."""
    return [_body(body) for body in list(model.getBodyList())]


def tree_of(model: osim.Model) -> list[d.Joint]:
    """The joints from ground outward; locked coordinates are constants in them."""
    held = _held(model)
    return joints.in_tree_order([joints.joint_of(j, held) for j in list(model.getJointList())])


def _described(
    model: osim.Model,
    name: str,
    tree: list[d.Joint],
    couplings: list[d.Coupling],
    fits: list[Fit],
) -> d.RunnerDescription:
    state = model.initSystem()
    not_free = {coupling.dependent for coupling in couplings} | set(_held(model))
    independent = [c for c in _in_order(model, tree) if c.getName() not in not_free]
    names = {c.getName() for c in independent}
    gravity = model.getGravity()
    return d.RunnerDescription(
        name=name,
        model_mass=model.getTotalMass(state),
        leg_length=leg_length(model),
        gravity=[gravity.get(i) for i in range(3)],
        coordinates=[_coordinate(c, names) for c in independent],
        couplings=couplings,
        bodies=bodies_of(model),
        joints=tree,
        muscles=forces.muscles(model, {fit.muscle: fit for fit in fits}),
        contacts=forces.contacts(model),
        actuators=forces.actuators(model, mirror_sign),
        passive=forces.passive_torques(model),
        bands=forces.bands(model),
    )


def _in_order(model: osim.Model, tree: list[d.Joint]) -> Iterable[osim.Coordinate]:
    for joint in tree:
        owner = model.getJointSet().get(joint.name)
        for i in range(owner.numCoordinates()):
            yield owner.get_coordinates(i)


def _coordinate(coordinate: osim.Coordinate, names: set[str]) -> d.Coordinate:
    name = coordinate.getName()
    mirror = mirror_name(name)
    if mirror not in names:
        raise ValueError(
            f"coordinate {name}: its mirror image {mirror} is missing or held; a runner needs both"
        )
    if coordinate.get_prescribed():
        raise ValueError(f"coordinate {name}: a prescribed motion is not supported")
    turning = coordinate.getMotionType() == osim.Coordinate.Rotational
    return d.Coordinate(
        name=name,
        joint=coordinate.getJoint().getName(),
        motion="rotational" if turning else "translational",
        range=[coordinate.getRangeMin(), coordinate.getRangeMax()],
        default=coordinate.getDefaultValue(),
        mirror=mirror,
        mirror_sign=mirror_sign(name),
    )


def mirror_name(name: str) -> str:
    """Name of the part on the other side; midline parts are their own image."""
    if name.endswith("_r"):
        return name[:-2] + "_l"
    return name[:-2] + "_r" if name.endswith("_l") else name


def mirror_sign(name: str) -> Literal[1, -1]:
    """-1 for a midline coordinate that turns or shifts sideways, else 1."""
    midline = mirror_name(name) == name
    return -1 if midline and name.rsplit("_", 1)[-1] in SIGN_CHANGES else 1


def _couplings(model: osim.Model) -> list[d.Coupling]:
    found = []
    owners = {c.getName(): c.getJoint().getName() for c in model.getCoordinateSet()}
    constraints = model.getConstraintSet()
    for i in range(constraints.getSize()):
        constraint = constraints.get(i)
        name = constraint.getName()
        coupler = osim.CoordinateCouplerConstraint.safeDownCast(constraint)
        if coupler is None:
            raise ValueError(
                f"constraint {name}: type {constraint.getConcreteClassName()} is not supported; "
                "allowed is CoordinateCouplerConstraint"
            )
        if not coupler.get_isEnforced():
            raise ValueError(f"constraint {name}: it is switched off (isEnforced); remove it")
        sources = coupler.getIndependentCoordinateNames()
        if sources.size() != 1:
            raise ValueError(f"constraint {name}: it has {sources.size()} sources; allowed is one")
        scale = coupler.getPropertyByName("scale_factor").toString()
        if float(scale) != 1.0:
            raise ValueError(f"constraint {name}: scale_factor {scale}; allowed is 1")
        dependent = coupler.getDependentCoordinateName()
        found.append(
            d.Coupling(
                dependent=dependent,
                joint=owners[dependent],
                independent=sources.get(0),
                function=joints.function_of(coupler.getFunction(), f"constraint {name}"),
            )
        )
    return found


def _body(body: osim.Body) -> d.Body:
    inertia = body.get_inertia()
    return d.Body(
        name=body.getName(),
        mass=body.getMass(),
        mass_center=[body.get_mass_center().get(i) for i in range(3)],
        inertia=[inertia.get(i) for i in range(6)],
    )


def leg_length(model: osim.Model) -> float:
    """Hip joint centre to ankle joint centre, right leg, model's default posture (m)."""
    state = model.initSystem()
    try:
        hip = model.getJointSet().get("hip_r").getChildFrame().getPositionInGround(state)
        ankle = model.getJointSet().get("ankle_r").getParentFrame().getPositionInGround(state)
    except RuntimeError:
        raise ValueError(
            "model: no joints called hip_r and ankle_r, between which leg length is measured"
        ) from None
    return float(np.linalg.norm([hip.get(i) - ankle.get(i) for i in range(3)]))


def _refuse_unknown(model: osim.Model) -> None:
    """Refuse every force and controller that is not described.

    Joints, constraints and functions are refused with their own message when they are described.
    """
    acting = [
        component
        for component in list(model.getComponentsList())
        if osim.Force.safeDownCast(component) is not None
        or osim.Controller.safeDownCast(component) is not None
    ]
    for component in acting:
        kind = component.getConcreteClassName()
        if kind not in forces.ALLOWED:
            raise ValueError(
                f"component {component.getAbsolutePathString()}: type {kind} is not supported; "
                f"allowed are {', '.join(forces.ALLOWED)}"
            )


def main() -> None:
    """Command line: describe a model."""
    parser = argparse.ArgumentParser(description="Describe an OpenSim model for the engine.")
    parser.add_argument("--model", type=Path, required=True, help=".osim file")
    parser.add_argument("--name", default="runner", help="name kept in the description")
    parser.add_argument("--out", type=Path, required=True, help="folder for runner.json, paths.csv")
    arguments = parser.parse_args()
    write(arguments.model, arguments.name, arguments.out)


if __name__ == "__main__":
    run_command(main)

"""A measured stride in OpenSim: the ground pushes as it was measured, the root holds what is left.

Motion and ground force of a measured runner (problem `inverse`) do not agree exactly. What inverse
dynamics misses at the root joint (the pelvis) is put there by coordinate actuators, so that
OpenSim's accelerations, and with them the joint reactions, are those of the measured motion. It is
told in the certificate, never held against the case. The ground force acts on the calcanei as an
OpenSim PrescribedForce through the nodes of ground_forces.mot.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import opensim

from analysis.replayed import supports
from analysis.replayed.case import SIDES, Case, read_json
from analysis.replayed.gait import Events
from analysis.replayed.model import Paths, RunnerModel

INVERSE = "inverse.json"
FOOT = "calcn"
ROOT = "root_residual_"


def is_measured(case: Case) -> bool:
    """Whether a case's motion and outer forces are given: measured, or an exercise's."""
    return not case.periodic


def model_of(
    case: Case, paths: Paths, extend: Callable[[RunnerModel], Any] | None = None
) -> RunnerModel:
    """The model of a case, with the measured ground force where there is one.

    extend: adds further components before the paths are exchanged.
    """

    def add(unfinished: RunnerModel) -> None:
        if is_measured(case):
            _add_ground(unfinished, case)
            supports.add(unfinished, case)
            _add_root(unfinished)
        if extend is not None:
            extend(unfinished)

    return RunnerModel(case.folder / "runner.osim", case.runner, paths, extend=add)


def _add_ground(model: RunnerModel, case: Case) -> None:
    bodies = {body.getName(): body for body in model.model.getBodyList()}
    for side in SIDES:
        name = f"{FOOT}_{side}"
        if name not in bodies:
            raise ValueError(f"runner.osim: no body {name}, on which the ground force acts")
        force = opensim.PrescribedForce(f"ground_force_{side}", bodies[name])
        force.set_forceIsGlobal(True)
        force.set_pointIsGlobal(True)
        for set_functions, what in (
            (force.setForceFunctions, "force"),
            (force.setPointFunctions, "point"),
            (force.setTorqueFunctions, "torque"),
        ):
            set_functions(*supports.functions(case.time, case.ground_force(side, what)))
        model.model.addForce(force)
        model.ground[side] = force


def _add_root(model: RunnerModel) -> None:
    """An actuator of optimal force 1 (N or Nm) on each coordinate of the root joint."""
    root = {joint.name for joint in model.runner.joints if joint.parent == "ground"}
    for coordinate in model.runner.coordinates:
        if coordinate.joint in root:
            actuator = opensim.CoordinateActuator(coordinate.name)
            actuator.setName(f"{ROOT}{coordinate.name}")
            actuator.setOptimalForce(1.0)
            model.model.addForce(actuator)
            model.root[coordinate.name] = actuator


def read_report(folder: Path) -> dict[str, Any]:
    """inverse.json: reserves, root residual, the stride's times."""
    found = read_json(Path(folder) / INVERSE)
    for key in ("stride", "reserves", "base_residual"):
        if key not in found:
            raise ValueError(f"{Path(folder) / INVERSE}: no entry {key}")
    return found


def footfalls(case: Case) -> dict[str, Events]:
    """Each foot's events, from the force plate's own, unfiltered signal (inverse.json).

    The filtered force of ground_forces.mot never comes to nothing between two steps.
    """
    said = read_report(case.folder)["stride"]
    start, length = float(said["start_s"]), case.stride_time
    found = {}
    for side, landing, leaving in (
        ("r", said["start_s"], said["toe_off_s"]),
        ("l", said.get("left_contact_s"), said.get("left_toe_off_s")),
    ):
        if landing is None or leaving is None:
            raise ValueError(
                f"{case.folder / INVERSE}: foot {side} neither lands nor leaves within the stride"
            )
        contact = float(landing) - start
        stance = (float(leaving) - float(landing)) % length
        found[side] = Events(contact, contact + stance, length, 1)
    return found

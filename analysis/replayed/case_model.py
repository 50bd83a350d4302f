"""The OpenSim model of a case; where the stride is measured, the ground pushes as it was measured.

Motion and ground force of a measured runner (problem `inverse`) do not agree exactly. What inverse
dynamics misses at the root joint (the pelvis) is put there by coordinate actuators, so that
OpenSim's accelerations, and with them the joint reactions, are those of the measured motion. It is
told in the certificate, never held against the case. The ground force acts on the calcanei as an
OpenSim PrescribedForce through the nodes of ground_forces.mot.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import opensim

from analysis.replayed import supports
from analysis.replayed.case import Case
from analysis.replayed.measured import is_measured
from analysis.replayed.model import Paths, RunnerModel
from formats.names import FOOT, SIDES

ROOT = "root_residual_"


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

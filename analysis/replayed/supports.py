"""What the floor does in an exercise to other bodies than the feet: forces of supports.sto.

Columns <body>_force_x .. (N, ground) and <body>_moment_x .. (N m, about ground's origin).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import opensim

from analysis.replayed.case import Case
from formats.case import SUPPORTS as FILE
from formats.storage import read_storage

if TYPE_CHECKING:
    from analysis.replayed.model import RunnerModel


def functions(time: np.ndarray, values: np.ndarray) -> list[opensim.PiecewiseLinearFunction]:
    """One function of time (s) for each column of (N, 3) values; exact at the nodes."""
    made = []
    for column in values.T:
        function = opensim.PiecewiseLinearFunction()
        for t, value in zip(time, column, strict=True):
            function.addPoint(float(t), float(value))
        made.append(function)
    return made


def add(model: RunnerModel, case: Case) -> None:
    """Put the supports' forces into an unfinished model as PrescribedForces. ValueError for a body
    that it has not."""
    path = case.folder / FILE
    if not path.is_file():
        return
    table = read_storage(path)
    bodies = {body.getName(): body for body in model.model.getBodyList()}
    names = dict.fromkeys(c.rsplit("_", 2)[0] for c in table.columns if c != "time")
    for name in names:
        if name not in bodies:
            raise ValueError(f"{path}: no body {name} in runner.osim")
        force = opensim.PrescribedForce(f"support_{name}", bodies[name])
        force.set_forceIsGlobal(True)
        force.set_pointIsGlobal(True)
        values = {
            what: table[[f"{name}_{what}_{axis}" for axis in "xyz"]].to_numpy()
            for what in ("force", "moment")
        }
        force.setForceFunctions(*functions(case.time, values["force"]))
        force.setPointFunctions(*functions(case.time, np.zeros_like(values["force"])))
        force.setTorqueFunctions(*functions(case.time, values["moment"]))
        model.model.addForce(force)

"""A runner in OpenSim, posed quickly and read by name. SI units, vectors in ground.

Built on OpenSim's Model, DeGrooteFregly2016Muscle (implicit tendon mode: the explicit mode leaves
out fibre damping), FunctionBasedPath, InverseDynamicsSolver.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
import opensim

from formats.description import RunnerDescription
from formats.names import SIDES
from formats.untrusted import check_xml

opensim.Logger.setLevelString("error")

Paths = Literal["anatomical", "polynomial"]
CONTACTS = ("SmoothSphereHalfSpaceForce", "PrescribedForce")
GROUPS = ("muscles", "contacts", "actuators", "passive")


class RunnerModel:
    """An initialised OpenSim model of a runner, and the order of its numbers.

    speeds: names of the coordinates in Simbody's order of speeds, which is not that of the
    coordinate set; found by setting one at a time. coordinates: the independent ones, in the
    description's order.
    """

    def __init__(
        self,
        osim: Path,
        runner: RunnerDescription,
        paths: Paths,
        extend: Callable[[RunnerModel], Any] | None = None,
    ) -> None:
        self.runner = runner
        # Of a measured stride (measured): side -> the ground's force, root coordinate -> actuator.
        self.ground: dict[str, opensim.PrescribedForce] = {}
        self.root: dict[str, opensim.CoordinateActuator] = {}
        self.model = opensim.Model(_as_in_file(osim, *_stamp(osim)))
        self.model.finalizeConnections()
        if extend is not None:  # components to add, before the paths change (see below)
            extend(self)
        self._prepare_muscles(paths)
        # It also connects the new paths: to connect or add anything between crashes OpenSim 4.6.
        self.default = self.model.initSystem()
        self.matter = self.model.getMatterSubsystem()
        self.inverse_dynamics = opensim.InverseDynamicsSolver(self.model)
        self.mass = float(self.model.getTotalMass(self.default))
        self.gravity = self.model.getGravity().to_numpy()
        self.weight = self.mass * float(np.linalg.norm(self.gravity))
        self.coordinates = [c.name for c in runner.coordinates]
        self.bodies = {b.getName(): b for b in self.model.getBodyList()}
        self.joints = {j.getName(): j for j in self.model.getJointList()}
        self.muscles = [self.component(m.force_path) for m in runner.muscles]
        self._index_states()
        self._group_forces()

    def component(self, path: str) -> Any:
        """The model's component at an absolute path, as its own class."""
        try:
            return self.model.getComponent(path)
        except RuntimeError:
            raise ValueError(f"runner.osim: no component {path}, which runner.json names") from None

    def joint_of(self, coordinate: str) -> Any:
        """The joint that a coordinate belongs to. ValueError if the model has no such."""
        for item in [*self.runner.coordinates]:
            if item.name == coordinate:
                return self.joints[item.joint]
        raise ValueError(f"runner.json: the analysis needs a coordinate {coordinate}")

    def _prepare_muscles(self, paths: Paths) -> None:
        for muscle in self.runner.muscles:
            component = self.component(muscle.force_path)
            component.set_tendon_compliance_dynamics_mode("implicit")
            if paths == "polynomial":
                owners = [self.coordinate_path(name) for name in muscle.path.coordinates]
                coefficients = opensim.Vector.createFromMat(np.array(muscle.path.coefficients))
                path = opensim.FunctionBasedPath()
                names = opensim.StdVectorString()
                for owner in owners:
                    names.append(owner)
                path.setCoordinatePaths(names)
                path.setLengthFunction(
                    opensim.MultivariatePolynomialFunction(
                        coefficients, len(owners), muscle.path.order
                    )
                )
                component.set_path(path)

    def coordinate_path(self, name: str) -> str:
        """Absolute path of an independent coordinate."""
        joint = next(c.joint for c in self.runner.coordinates if c.name == name)
        return f"/jointset/{joint}/{name}"

    def _index_states(self) -> None:
        """Where each state variable stands in Simbody's y = (q, u, z)."""
        self.default_y = self.default.getY().to_numpy().copy()
        names = self.model.getStateVariableNames()
        self.y_index: dict[str, int] = {}
        state = opensim.State(self.default)  # a locked coordinate cannot be moved
        for coordinate in self.model.getCoordinateSet():
            coordinate.setLocked(state, False)
        # Each is moved by a step of its own, all at once: where a step shows, there the state is.
        steps = 1e-3 * np.arange(1, names.getSize() + 1)
        old = self.model.getStateVariableValues(state).to_numpy()
        values = opensim.Vector.createFromMat(old + steps)
        self.model.setStateVariableValues(state, values)
        shown = state.getY().to_numpy() - self.default_y
        for i, step in enumerate(steps):
            moved = np.flatnonzero(np.abs(shown - step) < 1e-9)
            if len(moved) != 1:
                raise ValueError(f"runner.osim: state {names.get(i)} is not one number")
            self.y_index[names.get(i)] = int(moved[0])
        first = self.default.getNQ()
        by_index = {
            index - first: name.split("/")[-2]
            for name, index in self.y_index.items()
            if name.endswith("/speed")
        }
        self.speeds = [by_index[i] for i in range(self.default.getNU())]

    def _group_forces(self) -> None:
        self.groups: dict[str, list[Any]] = {name: [] for name in GROUPS}
        self.actuators: dict[str, opensim.Actuator] = {}
        for item in list(self.model.getComponentsList()):
            force = opensim.Force.safeDownCast(item)
            if force is None:
                continue
            if opensim.Muscle.safeDownCast(item) is not None:
                self.groups["muscles"].append(force)
            elif item.getConcreteClassName() in CONTACTS:
                self.groups["contacts"].append(force)
            elif opensim.Actuator.safeDownCast(item) is not None:
                self.groups["actuators"].append(force)
                self.actuators[item.getAbsolutePathString()] = self.component(
                    item.getAbsolutePathString()
                )
            else:
                self.groups["passive"].append(force)
        self.contacts: dict[str, list[Any]] = {side: [] for side in SIDES}
        for sphere in self.runner.contacts:
            side = sphere.body[-1]
            if side not in SIDES or sphere.body[-2:-1] != "_":
                raise ValueError(f"contact {sphere.name}: body {sphere.body} is not _r or _l")
            self.contacts[side].append(self.component(sphere.force_path))

    def state(self, groups: Iterable[str] = GROUPS) -> Any:
        """A new state in which only the named groups of forces act (and gravity, always)."""
        wanted = set(groups)
        state = opensim.State(self.default)
        for name, forces in self.groups.items():
            for force in forces:
                force.setAppliesForce(state, name in wanted)
        return state

    def contact_force(self, state: Any, side: str) -> np.ndarray:
        """(3,) force of the ground on one foot, N, in ground: its spheres', or as measured."""
        total = np.zeros(3)
        if side in self.ground:
            total += self.ground[side].getForceAtTime(state.getTime()).to_numpy()
        for contact in self.contacts[side]:
            total += contact.getSphereForce(state).get(1).to_numpy()
        return total


def _stamp(path: Path) -> tuple[int, int]:
    """What changes when a file does."""
    try:
        found = Path(path).stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size


@lru_cache(maxsize=2)
def _as_in_file(osim: Path, *_: int) -> Any:
    """The model as the file has it, read once in a process: to be copied, never changed."""
    check_xml(osim)
    try:
        return opensim.Model(str(osim))
    except RuntimeError as error:
        raise ValueError(f"{osim}: OpenSim cannot read it ({first_line(error)})") from None


def first_line(error: BaseException) -> str:
    """The first line of an OpenSim error that says something."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__

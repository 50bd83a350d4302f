"""A solved stride posed in OpenSim, node by node, with the forces that act there.

Generalised forces are those of the independent coordinates: what acts on a dependent coordinate
(patella) is carried to the one it follows by virtual work, tau_i + f'(q_i) tau_dependent.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import opensim

from analysis.replayed.case import Case
from analysis.replayed.coupling import evaluate
from analysis.replayed.model import RunnerModel
from formats.case import MOTION_FILES
from formats.names import TENDON_RATE


class Replay:
    """A case on a model: `pose(state, node)`, then OpenSim answers for that node.

    y (N, ny): Simbody's states; udot (N, nu): the solver's accelerations in Simbody's order;
    slope (N, n dependent): f' of each coupling.
    """

    def __init__(self, model: RunnerModel, case: Case) -> None:
        self.model, self.case = model, case
        self.nodes = len(case.time)
        self.y = self._states()
        self.couplings = case.runner.couplings
        self.slope = np.zeros((self.nodes, len(self.couplings)))
        self.udot = self._accelerations()
        self.tendon_rates = [
            (muscle, self._derivative(f"{item.force_path}/{TENDON_RATE}"))
            for muscle, item in zip(model.muscles, case.runner.muscles, strict=True)
            if item.compliant_tendon
        ]
        self.controls = self._controls()
        speeds = model.speeds
        self._keep = np.array([speeds.index(name) for name in model.coordinates])
        self._carry = [
            (speeds.index(c.dependent), model.coordinates.index(c.independent))
            for c in self.couplings
        ]
        self.hold_root()

    def _states(self) -> np.ndarray:
        table = self.case.motion
        unknown = [c for c in table.columns[1:] if c not in self.model.y_index]
        missing = [c for c in self.model.y_index if c not in table.columns and not self._held(c)]
        where = self.case.folder / MOTION_FILES["motion"]
        if unknown:
            raise ValueError(f"{where}: column {unknown[0]} is no state of runner.osim")
        if missing:
            raise ValueError(f"{where}: state {missing[0]} of runner.osim has no column")
        y = np.tile(self.model.default_y, (self.nodes, 1))
        for name, index in self.model.y_index.items():
            if name in table.columns:
                y[:, index] = table[name]
        return y

    def _held(self, state: str) -> bool:
        """Whether a state is a locked coordinate's, which stays at its default."""
        name = state.split("/")[-2]
        coordinates = self.model.model.getCoordinateSet()
        return bool(coordinates.contains(name) and coordinates.get(name).getDefaultLocked())

    def _derivative(self, name: str) -> np.ndarray:
        if name not in self.case.derivatives.columns:
            raise ValueError(f"{self.case.folder / MOTION_FILES['derivatives']}: no column {name}")
        return self.case.derivatives[name].to_numpy()

    def _accelerations(self) -> np.ndarray:
        """Those of the file; a dependent coordinate follows: q'' = f' qi'' + f'' qi'^2."""
        model, case = self.model, self.case
        udot = np.zeros((self.nodes, len(model.speeds)))
        for name in model.coordinates:
            path = model.coordinate_path(name)
            udot[:, model.speeds.index(name)] = self._derivative(f"{path}/accel")
        for i, coupling in enumerate(self.couplings):
            q = case.coordinate(coupling.independent)
            u = case.coordinate(coupling.independent, "speed")
            a = udot[:, model.speeds.index(coupling.independent)]
            _, slope, curvature = evaluate(coupling, q)
            self.slope[:, i] = slope
            udot[:, model.speeds.index(coupling.dependent)] = slope * a + curvature * u**2
        return udot

    def _controls(self) -> np.ndarray:
        """(N, n controls) excitations and actuator controls in the model's order."""
        controls = np.zeros((self.nodes, self.model.model.getNumControls()))
        owners = {
            m.force_path: self.model.component(m.force_path) for m in self.case.runner.muscles
        }
        root = {actuator.getAbsolutePathString() for actuator in self.model.root.values()}
        taken: dict[int, str] = {}
        for path, owner in (owners | self.model.actuators).items():
            if path in root:
                continue
            if path not in self.case.controls.columns:
                raise ValueError(f"{self.case.folder / MOTION_FILES['controls']}: no column {path}")
            index = self.control_index(owner)
            if index in taken:
                raise ValueError(f"runner.osim: {path} and {taken[index]} share a control")
            taken[index] = path
            controls[:, index] = self.case.controls[path]
        return controls

    def control_index(self, owner: Any) -> int:
        """Where an actuator's only control stands in the model's."""
        marker = opensim.Vector(self.model.model.getNumControls(), 0.0)
        one = opensim.Vector(1, 1.0)
        owner.addInControls(one, marker)
        found = np.flatnonzero(marker.to_numpy())
        if len(found) != 1:
            raise ValueError(
                f"runner.osim: {owner.getAbsolutePathString()} has {len(found)} controls; one is "
                "allowed"
            )
        return int(found[0])

    def hold_root(self) -> None:
        """Let the root's actuators (measured strides only) give what inverse dynamics misses."""
        rows = {name: self.model.coordinates.index(name) for name in self.model.root}
        columns = {name: self.control_index(owner) for name, owner in self.model.root.items()}
        state = self.model.state()
        self.controls[:, list(columns.values())] = 0.0
        for node in range(self.nodes if rows else 0):
            self.pose(state, node)
            missing = self.residual(state, node)
            for name, row in rows.items():
                self.controls[node, columns[name]] = missing[row]

    def pose(self, state: Any, node: int) -> None:
        """Set all states, tendon rates and controls of a node; realised to velocity."""
        state.setY(vector(self.y[node]))
        state.setTime(float(self.case.time[node]))
        for muscle, rate in self.tendon_rates:
            muscle.setDiscreteVariableValue(state, TENDON_RATE, float(rate[node]))
        self.model.model.realizeVelocity(state)
        self.model.model.setControls(state, vector(self.controls[node]))

    def residual(self, state: Any, node: int) -> np.ndarray:
        """(n coordinates) M udot + C - (the state's forces and gravity), N or Nm.

        With udot the solver's accelerations: what is missing for the motion to be true.
        """
        tau = self.model.inverse_dynamics.solve(state, vector(self.udot[node])).to_numpy()
        return self.independent(tau, node)

    def independent(self, tau: np.ndarray, node: int) -> np.ndarray:
        """Generalised forces in Simbody's order to those of the independent coordinates."""
        reduced = tau[self._keep].copy()
        for i, (dependent, target) in enumerate(self._carry):
            reduced[target] += self.slope[node, i] * tau[dependent]
        return reduced

    def generalised(self, groups: Iterable[str]) -> dict[str, np.ndarray]:
        """(N, n coordinates) generalised force of each group, and `net`, those of all but contact.

        net = M udot + C - gravity - contact: the joint moments of inverse dynamics, the sum of
        muscles, passive tissue and actuators. Names: muscles, contacts, actuators, passive.
        """
        wanted = [*dict.fromkeys(["contacts", *groups])]
        free = self.model.state(())
        states = {name: self.model.state([name]) for name in wanted}
        shape = (self.nodes, len(self.model.coordinates))
        forces = {name: np.zeros(shape) for name in ["net", *wanted]}
        for node in range(self.nodes):
            self.pose(free, node)
            needed = self.residual(free, node)
            for name, state in states.items():
                self.pose(state, node)
                forces[name][node] = needed - self.residual(state, node)
            forces["net"][node] = needed - forces["contacts"][node]
        return forces


def vector(values: np.ndarray) -> Any:
    """A SimTK vector of an array (n,)."""
    return opensim.Vector.createFromMat(np.ascontiguousarray(values, dtype=float))

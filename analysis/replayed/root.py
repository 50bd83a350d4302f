"""Force and moment missing at the root joint when ground_forces.mot acts on the calcanei.

Inverse dynamics of the stored motion and accelerations (OpenSim's InverseDynamicsSolver, no force
in the model but gravity), less the file's forces at their points: nothing of the engine's own
equations is used.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import opensim

from analysis.replayed.replay import Replay
from formats.names import FOOT, SIDES


class Root:
    """The root joint's coordinates of a replayed case; missing: of each (N,) N or Nm."""

    def __init__(self, replay: Replay) -> None:
        case = replay.case
        joints = {j.name for j in case.runner.joints if j.parent == "ground"}
        self.rows = {
            c.name: i for i, c in enumerate(case.runner.coordinates) if c.joint in joints
        }  # positions among the independent coordinates
        self.replay = replay
        self.missing = {name: np.zeros(replay.nodes) for name in self.rows}
        self._force, self._point, self._torque = (
            {s: case.ground_force(s, what) for s in SIDES} for what in ("force", "point", "torque")
        )
        self._tau = opensim.Vector()

    def note(self, state: Any, node: int) -> None:
        """Set a node's values; state: posed there, no force acts in it but gravity."""
        replay = self.replay
        missing = replay.residual(state, node)
        for side in SIDES:
            foot = replay.model.bodies[f"{FOOT}_{side}"]
            force = self._force[side][node]
            arm = self._point[side][node] - foot.getPositionInGround(state).to_numpy()
            moment = self._torque[side][node] + np.cross(arm, force)
            spatial = opensim.SpatialVec(opensim.Vec3(*moment), opensim.Vec3(*force))
            replay.model.matter.multiplyByFrameJacobianTranspose(
                state, foot.getMobilizedBodyIndex(), opensim.Vec3(0), spatial, self._tau
            )
            missing -= replay.independent(self._tau.to_numpy(), node)
        for name, row in self.rows.items():
            self.missing[name][node] = missing[row]

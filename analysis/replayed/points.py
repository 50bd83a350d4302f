"""Where joints, feet and head are in OpenSim: the points that a stick figure is drawn from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import opensim

from analysis.replayed.bones import TORSO
from analysis.replayed.case import Case
from analysis.replayed.model import RunnerModel
from analysis.replayed.replay import Replay
from formats.names import FOOT, JOINTS, SIDES

# A point fixed in a body: the body's name, place in its frame (m), and how far below it lies (m).
Station = tuple[str, Sequence[float], float]
# Joints of toes and arms by their own names, for they may be welded; a model may have none.
OTHERS = {
    "toe_joint": "mtp",
    "shoulder": "acromial",
    "elbow": "elbow",
    "wrist": "radius_hand",
}


class Points:
    """Points of a replayed case; places: of each (N, 3) m in ground."""

    def __init__(self, replay: Replay) -> None:
        model = self.model = replay.model
        frames = {
            f"{name}_{side}": model.joint_of(f"{coordinate}_{side}").getChildFrame()
            for name, coordinate in JOINTS.items()
            for side in SIDES
        }
        frames |= {
            f"{name}_{side}": model.joints[f"{joint}_{side}"].getChildFrame()
            for name, joint in OTHERS.items()
            for side in SIDES
            if f"{joint}_{side}" in model.joints
        }
        frames["lumbar"] = model.joint_of("lumbar_extension").getChildFrame()
        stations: dict[str, Station] = {
            name: ("torso", place, 0.0) for name, place in TORSO.items()
        }
        for side in SIDES:
            stations |= _foot(model, replay.case, side)
        self._frames, self._stations = frames, stations
        self.places = {name: np.zeros((replay.nodes, 3)) for name in (*frames, *stations)}

    def note(self, state: Any, node: int) -> None:
        """Set a node's values; state: posed there."""
        for name, frame in self._frames.items():
            self.places[name][node] = frame.getPositionInGround(state).to_numpy()
        for name, (body, place, radius) in self._stations.items():
            at = self.model.bodies[body].findStationLocationInGround(state, opensim.Vec3(*place))
            self.places[name][node] = at.to_numpy() - [0.0, radius, 0.0]


def _foot(model: RunnerModel, case: Case, side: str) -> dict[str, Station]:
    """Heel and tip of the toes: the outermost contact spheres, else origin and mass centre."""
    spheres = [s for s in case.runner.contacts if s.body.endswith(f"_{side}")]
    found: dict[str, Station] = {}
    for name, body in (("heel", f"{FOOT}_{side}"), ("toe_tip", f"toes_{side}")):
        own = [s for s in spheres if s.body == body] or spheres
        if own:
            end = min if name == "heel" else max
            sphere = end(own, key=lambda s: s.location[0])
            found[f"{name}_{side}"] = (sphere.body, sphere.location, sphere.radius)
        elif body in model.bodies:
            middle = model.bodies[body].getMassCenter().to_numpy()
            found[f"{name}_{side}"] = (body, (0.0, 0.0, 0.0) if name == "heel" else middle, 0.0)
    return found

"""Where the runner is over the right stride: what stick figures, viewer and film are drawn from.

    python -m analysis.positions --case results/study/<case>
        writes positions.csv, scene.json and coordinates.mot

scene.json: bodies, muscle paths, activations and forces (analysis/replayed/scene.py).
positions.csv: percent of the stride from right initial contact, then for each joint, feet and head
<name>_x_m, _y_m and _z_m in ground (forward, up, right). coordinates.mot: the stored stride by the
coordinates' own names (s; rad, m), for programs that do not know paths of states. A case that has
no stride gets headings only, and an empty scene.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import opensim
import pandas as pd

from analysis.replayed import muscle_paths, scene
from analysis.replayed.bones import TORSO
from analysis.replayed.case import SIDES, Case, read_case, read_solver
from analysis.replayed.gait import PERCENT, Cycle, Events, events
from analysis.replayed.measured import footfalls, is_measured, model_of
from analysis.replayed.model import RunnerModel
from analysis.replayed.replay import Replay
from analysis.replayed.tables import write_storage
from formats.files import run_command, write_text
from formats.table import csv_text

FILE, COORDINATES = "positions.csv", "coordinates.mot"
# A point fixed in a body: the body's name, place in its frame (m), and how far below it lies (m).
Station = tuple[str, Sequence[float], float]
JOINTS = {
    "hip": "hip_flexion",
    "knee": "knee_angle",
    "ankle": "ankle_angle",
}
# Joints of toes and arms by their own names, for they may be welded; a model may have none.
OTHERS = {
    "toe_joint": "mtp",
    "shoulder": "acromial",
    "elbow": "elbow",
    "wrist": "radius_hand",
}


def points(case: Case) -> dict[str, np.ndarray]:
    """(N, 3) positions of each point at the nodes, ground frame, m."""
    model = model_of(case, "anatomical")
    replay = Replay(model, case)
    state = model.state(())
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
    stations: dict[str, Station] = {name: ("torso", place, 0.0) for name, place in TORSO.items()}
    for side in SIDES:
        stations |= _foot(model, case, side)
    found = {name: np.zeros((replay.nodes, 3)) for name in (*frames, *stations)}
    for node in range(replay.nodes):
        replay.pose(state, node)
        for name, frame in frames.items():
            found[name][node] = frame.getPositionInGround(state).to_numpy()
        for name, (body, place, radius) in stations.items():
            at = model.bodies[body].findStationLocationInGround(state, opensim.Vec3(*place))
            found[name][node] = at.to_numpy() - [0.0, radius, 0.0]
    return found


def _foot(model: RunnerModel, case: Case, side: str) -> dict[str, Station]:
    """Heel and tip of the toes: the outermost contact spheres, else origin and mass centre."""
    spheres = [s for s in case.runner.contacts if s.body.endswith(f"_{side}")]
    found: dict[str, Station] = {}
    for name, body in (("heel", f"calcn_{side}"), ("toe_tip", f"toes_{side}")):
        own = [s for s in spheres if s.body == body] or spheres
        if own:
            end = min if name == "heel" else max
            sphere = end(own, key=lambda s: s.location[0])
            found[f"{name}_{side}"] = (sphere.body, sphere.location, sphere.radius)
        elif body in model.bodies:
            middle = model.bodies[body].getMassCenter().to_numpy()
            found[f"{name}_{side}"] = (body, (0.0, 0.0, 0.0) if name == "heel" else middle, 0.0)
    return found


def right_foot(case: Case) -> Events:
    """The right foot's events. ValueError if it never lands."""
    if is_measured(case):
        return footfalls(case)["r"]
    return events(case.time, case.ground_force("r")[:, 1], case.stride_time)


def table(case: Case) -> pd.DataFrame:
    """101 rows, 0 to 100 % of the right stride. ValueError if the right foot never lands."""
    foot = right_foot(case)
    cycle = Cycle(case.time, foot.contact, periodic=case.periodic)
    columns: dict[str, np.ndarray] = {"percent": PERCENT.astype(float)}
    for name, path in points(case).items():
        # Without the travel a predicted path is periodic; it is put back from contact on.
        travel = path[-1] - path[0]
        share = case.time / case.stride_time
        curve = cycle.curve(path - np.outer(share, travel)) + np.outer(PERCENT / 100, travel)
        columns |= {f"{name}_{axis}_m": curve[:, i] for i, axis in enumerate("xyz")}
    return pd.DataFrame(columns)


def coordinates(case: Case) -> pd.DataFrame:
    """`time` (s) and each coordinate (rad or m) by its own name; a row for each stored one."""
    values = [name for name in case.motion.columns if name.endswith("/value")]
    return case.motion[["time", *values]].rename(
        columns=lambda name: name.split("/")[-2] if "/" in name else name
    )


def compute(folder: Path) -> None:
    """Write a case's files (see above), empty for a case without a motion."""
    found, seen = pd.DataFrame(columns=["percent"]), None
    named = pd.DataFrame(columns=["time"])
    if read_solver(folder).get("status") == "converged":
        try:
            case = read_case(folder)
            found = table(case)
            seen = scene.scene(case, muscle_paths.record(case), right_foot(case))
            named = coordinates(case)
        except ValueError as error:
            print(f"[{folder.name}] no positions: {error}", file=sys.stderr)
    write_text(folder / FILE, csv_text(found, "%.6g"))
    scene.write(folder, seen)
    write_storage(folder / COORDINATES, named)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Write where a case's runner is.")
    parser.add_argument("--case", type=Path, required=True, help="folder of the case")
    compute(parser.parse_args().case)


if __name__ == "__main__":
    run_command(main)

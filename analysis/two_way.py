"""Two-way check: does the head's own displacement change the force that displaced it?

    python -m analysis.two_way --case DIR     writes DIR/two_way.json

Needs DIR/hip_loads.csv and DIR/head.json (analysis.femoral_head).

The head is found under the force of a model whose hip cannot move. Here its displacement is put
back into OpenSim, at the instants of largest displacement and of largest force: the pelvis moves
against both legs, so that legs, feet and ground forces stay where they are and only the lines of
the muscles across the hip change. States (angles, speeds, activations, tendon forces) are kept. The
head is then put into its socket again under the new force.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import opensim

from analysis.femoral_head import FILE as HEAD
from analysis.femoral_head import Head, equilibria
from analysis.measures import hip_loads
from analysis.measures.hip_loads import HipLoads
from analysis.measures.tendon_readings import BRACKET
from analysis.replayed.anatomy import hip_force
from analysis.replayed.case import Case, read_case, read_json
from analysis.replayed.case_model import model_of
from analysis.replayed.frames import body_of, rotation
from analysis.replayed.model import RunnerModel
from analysis.replayed.replay import Replay
from analysis.socket import tendon
from analysis.socket.bearing import Socket, loosened, socket_of
from analysis.socket.equilibrium import Equilibrium, solve
from formats.files import run_command, write_json
from formats.names import SIDES
from formats.records import Row

FILE = "two_way.json"


def displaced(
    case: Case, side: str, node: int, displacement: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Hip force and tendon force (3,) N at a node, both hip centres moved by (3,) m in the pelvis.

    Both frames of force are the pelvis's. A displacement of zero gives the case's own forces.
    """
    names = {c.name: c.joint for c in case.runner.coordinates}

    def move(unfinished: RunnerModel) -> None:
        for leg in SIDES:
            joint = unfinished.model.updJointSet().get(names[f"hip_flexion_{leg}"])
            frame = opensim.PhysicalOffsetFrame.safeDownCast(joint.upd_frames(0))
            if frame is None or frame.getName() != joint.getParentFrame().getName():
                raise ValueError(f"{joint.getName()}: its first frame is not its parent's offset")
            moved = frame.get_translation().to_numpy() + displacement
            frame.set_translation(opensim.Vec3(*moved))

    model = model_of(case, "anatomical", move)
    replay, state = Replay(model, case), model.state()
    joint = model.joint_of(f"hip_flexion_{side}")
    pelvis = body_of(joint.getParentFrame())
    replay.pose(state, node)
    for axis, shift in zip("xyz", rotation(pelvis, state) @ displacement, strict=True):
        name = f"pelvis_t{axis}"
        if name in model.coordinates:  # a planar runner's legs do not feel a sideways move
            replay.y[:, model.y_index[f"{model.coordinate_path(name)}/value"]] -= shift
    replay.hold_root()
    replay.pose(state, node)
    model.model.realizeAcceleration(state)
    into_pelvis = rotation(pelvis, state).T
    centre = into_pelvis @ joint.getChildFrame().getPositionInGround(state).to_numpy()
    pressed, _ = tendon.of_side(model, state, side, into_pelvis, centre)
    return hip_force(joint, state, into_pelvis), pressed


def check(
    case: Case,
    loads: HipLoads,
    socket: Socket,
    rests_of: Mapping[str, Equilibrium] | None = None,
) -> list[Row]:
    """A row for each reading and instant: how much force, direction and displacement change.

    rests_of: the head's equilibria by reading, if known.
    """
    rows: list[Row] = []
    answered: dict[tuple[str, int], tuple[np.ndarray, np.ndarray]] = {}
    every = rests_of or equilibria(loads, socket)
    for suffix in BRACKET:  # of the shared tendon what both give
        rests = every[suffix]
        size = np.where(rests.status == "", np.linalg.norm(rests.displacement, axis=1), -1.0)
        force = loads.reading(suffix)
        strength = np.where(size < 0, -1.0, np.linalg.norm(force, axis=1))
        for what, ranked in (("largest displacement", size), ("largest force", strength)):
            node = int(np.argmax(ranked))
            if size[node] < 0:
                continue
            moved = rests.displacement[node]
            key = (suffix, node)
            if key not in answered:  # both instants are often the same
                answered[key] = displaced(case, loads.side, node, moved)
            hip, pressed = answered[key]
            new = hip + pressed if suffix else hip
            again = solve(socket, new[None], loads.rotation[[node]], loads.side)
            cosine = new @ force[node] / np.linalg.norm(new) / np.linalg.norm(force[node])
            rows.append(
                {
                    "reading": suffix.strip("_") or "tendon_on_pelvis",
                    "instant": what,
                    "percent": float(loads.percent[node]),
                    "head_displacement_mm": 1e3 * float(size[node]),
                    "hip_force_bw": float(np.linalg.norm(force[node]) / loads.weight),
                    "hip_force_change_bw": float(np.linalg.norm(new - force[node]) / loads.weight),
                    "hip_force_turn_deg": float(np.degrees(np.arccos(min(1.0, cosine)))),
                    "head_displacement_change_mm": 1e3
                    * float(np.linalg.norm(again.displacement[0] - moved)),
                    "head_status": str(again.status[0]),
                }
            )
    return rows


def compute(folder: Path, case: Case | None = None, head: Head | None = None) -> list[Row]:
    """Write a case's two_way.json; gives its instants, none for a case without a head.

    case, head: of that folder, if they are known.
    """
    row = head.row if head else read_json(folder / HEAD)
    if "head_displacement_max_mm" not in row:
        write_json(folder / FILE, {"reason": row["head_status"], "instants": []})
        return []
    loads = (head.loads if head else None) or hip_loads.read(folder)
    own = case or read_case(folder)
    socket = loosened(socket_of(own.runner), own.settings.capsule_slack_mm)
    rows = check(own, loads, socket, head.rests if head else None)
    for row in rows:  # NaN is not JSON
        if row["head_status"]:
            row["head_displacement_change_mm"] = None
    write_json(folder / FILE, {"reason": "", "instants": rows})
    return rows


def said(row: Row) -> str:
    """A row of two_way.json in words."""
    return (
        f"{row['reading']}, {row['instant']}: {row['head_displacement_mm']:.3f} mm change the hip"
        f" force by {row['hip_force_change_bw']:.4f} of {row['hip_force_bw']:.2f} BW,"
        f" {row['hip_force_turn_deg']:.3f} deg"
    )


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Put the head's displacement back into OpenSim.")
    parser.add_argument("--case", type=Path, required=True, help="case folder")
    folder = parser.parse_args().case
    for row in compute(folder):
        print(f"[{folder.name}] {said(row)}")


if __name__ == "__main__":
    run_command(main)

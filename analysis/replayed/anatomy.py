"""What OpenSim says of a stride on anatomical muscle paths: geometry, and the load on the hips.

Joint reactions need real lines of action: a function-based path applies generalised forces only,
and the muscles would be missing from the reaction. SI; frames are named.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from analysis.replayed.case import Case
from analysis.replayed.case_model import model_of
from analysis.replayed.frames import body_of, rotation, spin
from analysis.replayed.model import GROUPS
from analysis.replayed.muscle_paths import Recorder
from analysis.replayed.points import Points
from analysis.replayed.quantities import Anatomy
from analysis.replayed.replay import Replay, vector
from analysis.replayed.root import Root
from analysis.socket import tendon
from formats.names import FOOT, JOINTS, SIDES

DENSE = 8
"""Points per collocation interval at which the contact force is looked at for events."""


def compute(case: Case) -> Anatomy:
    """Replay a case on the anatomical paths of runner.osim, in one pass over the nodes."""
    model = model_of(case, "anatomical")
    replay = Replay(model, case)
    state, unmuscled = model.state(), model.state(g for g in GROUPS if g != "muscles")
    free, points, root = model.state(()), Points(replay), Root(replay)
    recorder = Recorder(model, replay.nodes)
    joints = {f"{k}_{s}": model.joint_of(f"{c}_{s}") for k, c in JOINTS.items() for s in SIDES}
    thighs = {side: body_of(joints[f"hip_{side}"].getChildFrame()) for side in SIDES}
    pelvis = body_of(joints["hip_r"].getParentFrame())
    n = replay.nodes
    centres = {name: np.zeros((n, 3)) for name in joints}
    heels = {side: np.zeros((n, 3)) for side in SIDES}
    angles = {f"thigh_{side}": np.zeros(n) for side in SIDES}
    tilt = np.zeros(n)
    force, tendon_force, rate = ({side: np.zeros((n, 3)) for side in SIDES} for _ in range(3))
    offset = {side: np.zeros(n) for side in SIDES}
    turn = {side: np.zeros((n, 3, 3)) for side in SIDES}
    muscle_moment = np.zeros((n, len(model.coordinates)))
    for node in range(n):
        replay.pose(state, node)
        model.model.realizeAcceleration(state)
        recorder.look(state, node)
        replay.pose(unmuscled, node)
        replay.pose(free, node)
        points.note(free, node)
        root.note(free, node)
        # One pose with muscles: theirs are the wrapped paths, which take the time.
        muscle_moment[node] = replay.residual(unmuscled, node) - replay.residual(state, node)
        into_pelvis = rotation(pelvis, state).T
        forward = rotation(pelvis, state)[:, 0]
        tilt[node] = np.arctan2(forward[1], forward[0])
        for name, joint in joints.items():
            centres[name][node] = joint.getChildFrame().getPositionInGround(state).to_numpy()
        for side in SIDES:
            heels[side][node] = model.bodies[f"{FOOT}_{side}"].getPositionInGround(state).to_numpy()
            angles[f"thigh_{side}"][node] = swing_down(rotation(thighs[side], state))
            force[side][node] = hip_force(joints[f"hip_{side}"], state, into_pelvis)
            turn[side][node] = into_pelvis @ rotation(thighs[side], state)
            rate[side][node] = into_pelvis @ (spin(thighs[side], state) - spin(pelvis, state))
            centre = into_pelvis @ centres[f"hip_{side}"][node]
            tendon_force[side][node], offset[side][node] = tendon.of_side(
                model, state, side, into_pelvis, centre
            )
    dense_time, dense = _dense_contact(replay)
    return Anatomy(
        centres=centres,
        heels=heels,
        segment_angle=angles,
        pelvis_angle=tilt,
        hip_force=force,
        tendon_force=tendon_force,
        tendon_offset=offset,
        hip_rotation=turn,
        hip_rate=rate,
        muscle_moment=muscle_moment,
        dense_time=dense_time,
        dense_force=dense,
        points=points.places,
        missing_at_root=root.missing,
        sights=recorder.sights(),
    )


def hip_force(joint: Any, state: Any, into_pelvis: np.ndarray) -> np.ndarray:
    """(3,) N, force of the femoral head on the socket; into_pelvis (3, 3): from ground."""
    on_femur = joint.calcReactionOnChildExpressedInGround(state)
    return into_pelvis @ -on_femur.get(1).to_numpy()


def swing_down(matrix: np.ndarray) -> float:
    """Angle of a segment's -y axis from the downward vertical, rad, forward positive."""
    down = -matrix[:, 1]
    return float(np.arctan2(down[0], -down[1]))


def _dense_contact(replay: Replay) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Contact force between the nodes: states by cubic Hermite interpolation.

    q from q and u, u from u and its derivative: the force rises too fast for its own interpolation.
    """
    model, time = replay.model, replay.case.time
    if model.ground:  # measured: a table, and no model of contact
        return time, {side: replay.case.ground_force(side) for side in SIDES}
    state = model.state(["contacts"])
    nq = state.getNQ()
    nu = len(model.speeds)
    q, u = replay.y[:, :nq], replay.y[:, nq : nq + nu]
    y = replay.y.copy()
    times, forces = [], {side: [] for side in SIDES}  # type: ignore[var-annotated]
    for node in range(replay.nodes - 1):
        h = time[node + 1] - time[node]
        for s in np.arange(DENSE) / DENSE:
            row = y[node].copy()
            row[:nq] = hermite(s, h, q[node], q[node + 1], u[node], u[node + 1])
            row[nq : nq + nu] = hermite(
                s, h, u[node], u[node + 1], replay.udot[node], replay.udot[node + 1]
            )
            state.setY(vector(row))
            model.model.realizeVelocity(state)
            times.append(time[node] + s * h)
            for side in SIDES:
                forces[side].append(model.contact_force(state, side))
    return np.array(times), {side: np.array(values) for side, values in forces.items()}


def hermite(
    s: float, h: float, a: np.ndarray, b: np.ndarray, da: np.ndarray, db: np.ndarray
) -> np.ndarray:
    """Cubic through values a, b with slopes da, db at the share s (0..1) of an interval h (s)."""
    r = 1 - s
    return (1 + 2 * s) * r * r * a + s * s * (3 - 2 * s) * b + h * s * r * (r * da - s * db)

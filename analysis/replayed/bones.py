"""The runner's bones as chains of round segments, each fixed in a body: what viewer and film draw.

From the description alone: joint centres give every bone its length, so the bones of any scaled
runner fit. What is no joint centre (trochanter, condyles, ribs, skull) is placed in shares of a
length of that body, after the proportions of Rajagopal 2015. They are drawn, never computed with.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from formats.description import RunnerDescription
from formats.names import SIDES

# Points of the torso (m, its own frame): base of the neck and middle of the head, Rajagopal 2015.
TORSO = {"neck": (0.0, 0.40, 0.0), "head": (0.03, 0.57, 0.0)}
ROUND = np.linspace(0.0, 2 * np.pi, 11)


@dataclass(frozen=True)
class Bone:
    """points (n, 3) m in the body's frame; radii (n,) m."""

    body: str
    points: np.ndarray
    radii: np.ndarray


def bones(runner: RunnerDescription) -> list[Bone]:
    """All bones of a runner; a body that it lacks has none."""
    origin = {joint.child: np.array(joint.child_frame.translation) for joint in runner.joints}
    ends: dict[str, dict[str, np.ndarray]] = {}
    for joint in runner.joints:
        ends.setdefault(joint.parent, {})[joint.child] = np.array(joint.parent_frame.translation)
    known = {body.name for body in runner.bodies}
    found = _pelvis(ends.get("pelvis", {})) + _torso(origin, ends)
    for side, outward in zip(SIDES, (1.0, -1.0), strict=True):
        found += _leg(side, outward, origin, ends)
        found += _arm(side, origin, ends)
    return [bone for bone in found if bone.body in known]


def _chain(body: str, *knots: tuple[np.ndarray, float]) -> Bone:
    points, radii = zip(*knots, strict=True)
    return Bone(body, np.array(points, dtype=float), np.array(radii))


def _pelvis(ends: dict[str, np.ndarray]) -> list[Bone]:
    """Sacrum, and on each side the wing: sacrum, crest, hip, pubis, sit bone."""
    if not all(f"femur_{side}" in ends for side in SIDES):
        return []
    hips = {side: ends[f"femur_{side}"] for side in SIDES}
    middle = 0.5 * (hips["r"] + hips["l"])
    half = abs(hips["r"][2] - middle[2])
    back = ends.get("torso", middle + np.array([-0.4, 1.2, 0.0]) * half)
    found = [_chain("pelvis", (back, 0.024), (back + np.array([-0.5, -0.7, 0.0]) * half, 0.018))]
    for side, out in zip(SIDES, (1.0, -1.0), strict=True):
        hip = hips[side]

        def at(x: float, y: float, z: float, hip: np.ndarray = hip, out: float = out) -> np.ndarray:
            return hip + np.array([x, y, z * out]) * half

        crest = [at(-0.9, 1.0, -0.45), at(-0.75, 1.55, -0.1), at(0.0, 1.75, 0.45)]
        front = [at(0.55, 1.25, 0.6), at(0.4, 0.7, 0.3), at(0.25, 0.2, -0.1)]
        wing = [(point, 0.010) for point in (*crest, *front)]
        found.append(_chain("pelvis", *wing))
        pubis = middle + np.array([0.75, -0.35, 0.15 * out]) * half
        sit = at(-0.35, -0.85, -0.35)
        found.append(_chain("pelvis", (at(0.25, 0.2, -0.1), 0.012), (pubis, 0.012), (sit, 0.012)))
        found.append(
            _chain("pelvis", (sit, 0.013), (at(-0.3, 0.2, -0.1), 0.014), (crest[0], 0.012))
        )
    return found


def _torso(origin: dict[str, np.ndarray], ends: dict[str, dict[str, np.ndarray]]) -> list[Bone]:
    if "torso" not in origin:
        return []
    low, neck = origin["torso"], np.array(TORSO["neck"])
    up = neck - low
    length = float(np.linalg.norm(up))
    spine = [(low + share * up - [0.055 * length, 0, 0], 0.017) for share in (0, 0.35, 0.7, 1)]
    head = np.array(TORSO["head"])
    found = [
        _chain("torso", *spine, (neck + 0.5 * (head - neck), 0.016)),
        _chain("torso", (head + [-0.015, 0.025, 0.0], 0.082), (head + [0.02, 0.005, 0.0], 0.074)),
        _chain("torso", (head + [0.035, -0.055, 0.0], 0.050), (head + [0.05, -0.07, 0.0], 0.036)),
    ]
    for share, depth, breadth in (
        *((0.42, 0.20, 0.29), (0.52, 0.24, 0.32), (0.62, 0.26, 0.33), (0.72, 0.25, 0.31)),
        *((0.82, 0.22, 0.27), (0.92, 0.16, 0.19)),
    ):
        centre = low + share * up + np.array([0.10, 0.0, 0.0]) * length
        tilt = -0.25 * depth * np.cos(ROUND)
        ring = np.stack([depth * np.cos(ROUND), tilt, breadth * np.sin(ROUND)], axis=1) * length
        # Half as deep as the trunk is long there; the numbers are shares of its length.
        ring[:, 0] *= 0.9
        found.append(_chain("torso", *((centre + point, 0.006) for point in ring)))
    breast = [
        low + share * up + np.array([0.10 + deep, 0, 0]) * length
        for share, deep in ((0.50, 0.22), (0.68, 0.22), (0.90, 0.14))
    ]
    found.append(_chain("torso", *((point, 0.011) for point in breast)))
    for side in SIDES:
        shoulder = ends.get("torso", {}).get(f"humerus_{side}")
        if shoulder is not None:
            found.append(_chain("torso", (breast[-1], 0.009), (shoulder, 0.011)))
            blade = shoulder + np.array([-0.06, -0.13, -0.35 * shoulder[2]])
            found.append(_chain("torso", (shoulder, 0.010), (blade, 0.009)))
    return found


def _leg(
    side: str, out: float, origin: dict[str, np.ndarray], ends: dict[str, dict[str, np.ndarray]]
) -> list[Bone]:
    found = []

    def end(body: str, child: str) -> np.ndarray | None:
        return ends.get(f"{body}_{side}", {}).get(f"{child}_{side}")

    knee, hip = end("femur", "tibia"), origin.get(f"femur_{side}")
    if knee is not None and hip is not None:
        length = float(np.linalg.norm(knee - hip))
        trochanter = hip + np.array([-0.015, -0.04, 0.12 * out]) * length
        shaft = hip + 0.35 * (knee - hip) + np.array([0.03, 0.0, 0.06 * out]) * length
        wide = np.array([0.0, 0.0, 0.06 * length])
        body = f"femur_{side}"
        found += [
            _chain(body, (hip, 0.024), (hip + 0.35 * (trochanter - hip), 0.016)),
            _chain(body, (hip, 0.015), (trochanter, 0.018), (shaft, 0.014), (knee, 0.017)),
            _chain(body, (knee - wide, 0.021), (knee + wide, 0.021)),
        ]
    ankle, top = end("tibia", "talus"), origin.get(f"tibia_{side}")
    if ankle is not None and top is not None:
        length = float(np.linalg.norm(ankle - top))
        wide = np.array([0.0, 0.0, 0.06 * length])
        body = f"tibia_{side}"
        plateau = top + 0.07 * (ankle - top)
        outer = np.array([-0.02, 0.0, 0.10 * out]) * length
        found += [
            _chain(body, (plateau - wide, 0.019), (plateau + wide, 0.019)),
            _chain(body, (plateau, 0.020), (top + 0.3 * (ankle - top), 0.013), (ankle, 0.014)),
            _chain(body, (top + 0.1 * (ankle - top) + outer, 0.008), (ankle + 0.5 * outer, 0.009)),
        ]
    ball, heel = end("calcn", "toes"), origin.get(f"calcn_{side}")
    if ball is not None and heel is not None:
        length = float(np.linalg.norm(ball - heel))
        talus = heel + np.array([0.27, 0.20, 0.0]) * length
        body = f"calcn_{side}"
        wide = np.array([0.0, 0.0, 0.16 * length])
        found += [
            _chain(body, (heel + np.array([0.02, 0.10, 0.0]) * length, 0.021), (talus, 0.020)),
            _chain(body, (talus, 0.018), (ball - wide + [0, 0.004, 0], 0.011)),
            _chain(
                body,
                (heel + np.array([0.1, 0.06, 0.03 * out]) * length, 0.018),
                (ball + wide, 0.010),
            ),
        ]
        toes = origin.get(f"toes_{side}")
        if toes is not None:
            tip = toes + np.array([0.36, -0.02, 0.0]) * length
            for share in (-1.0, 0.0, 1.0):
                found.append(
                    _chain(
                        f"toes_{side}", (toes + share * wide, 0.010), (tip + share * wide, 0.008)
                    )
                )
    return found


def _arm(
    side: str, origin: dict[str, np.ndarray], ends: dict[str, dict[str, np.ndarray]]
) -> list[Bone]:
    found = []
    for body, child, thick, thin in (
        ("humerus", "ulna", 0.019, 0.015),
        ("ulna", "radius", 0.014, 0.013),
        ("radius", "hand", 0.012, 0.011),
    ):
        start = origin.get(f"{body}_{side}")
        end = ends.get(f"{body}_{side}", {}).get(f"{child}_{side}")
        if start is not None and end is not None:
            found.append(_chain(f"{body}_{side}", (start, thick), (end, thin)))
    hand = origin.get(f"hand_{side}")
    if hand is not None:
        down = np.array([0.0, -0.085, 0.0])
        found.append(_chain(f"hand_{side}", (hand, 0.018), (hand + down, 0.016)))
    return found

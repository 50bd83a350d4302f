"""Path points that come and go at a joint angle, made to go in small steps.

Models of the Hamner 2010 and gait2392 kind hold psoas and iliacus at a point of the pelvis up to 45
deg of hip flexion and let it go there: length and moment arms jump (by 1 and 10 mm), and with them
the joint moment of a runner, who passes that angle in every stride. Such a point goes here in steps
to its neighbour on the same bone, where it has no effect: a row of points, one after the other on
the path, each over an angle of two degrees. (One sliding point would do, but OpenSim 4.6 leaves the
pull of a neighbour on the same bone out of a MovingPathPoint's moment arm.) Points that switch
without a jump stay as they are.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np

from models.osim import document, geometry
from models.paths import fitting as paths
from models.paths.polynomial import Array

JUMP = 0.001  # m: a moment arm that changes by more at the switch is not continuous
# Half of the interval over which a point goes. OpenSim leaves the going itself out of the moment
# arm, so that no length has just these moment arms: the narrower, the further polynomials miss
# them (at 4 m/s by 2.1 % of the hip's peak moment over 16 deg).
WIDTH = np.radians(20.0)
BESIDE = np.radians(0.05)
STEPS = 16


def soften(tree: document.Tree, model_file: Path) -> dict[str, str]:
    """Exchange the points of `tree` that jump; model_file: the same, as a file.

    Returns point -> what was done. A point without a neighbour on its bone stays, and is told.
    """
    sampler = geometry.PathSampler(model_file)
    done: dict[str, str] = {}
    for path in list(tree.getroot().iter("GeometryPath")):
        points = path.find("PathPointSet/objects")
        muscle = next((m for m in tree.getroot().iter() if path in list(m)), None)
        if points is None or muscle is None or muscle.get("name") not in sampler.muscles:
            continue
        for point in [p for p in points if p.tag == "ConditionalPathPoint"]:
            coordinate = _last(point, "socket_coordinate")
            if coordinate not in sampler.coordinates:
                continue
            low, high = sampler.ranges[coordinate]
            for end, switch in enumerate(_numbers(point, "range")):
                if not low + BESIDE < switch < high - BESIDE:
                    continue
                jump = _jump(sampler, muscle.get("name", ""), coordinate, switch)
                if jump < JUMP:
                    continue
                done[point.get("name", "")] = _exchange(points, point, switch, end, jump)
                break
    return done


def _exchange(points: ET.Element, point: ET.Element, switch: float, end: int, jump: float) -> str:
    coordinate = _last(point, "socket_coordinate")
    what = f"moment arm jumped by {1000 * jump:.1f} mm at {np.degrees(switch):.0f} deg {coordinate}"
    neighbour = _neighbour(points, point)
    if neighbour is None:
        return f"{what}; it stays, for no point of the path is beside it on the same bone"
    here, there = (np.array(_numbers(p, "location")) for p in (point, neighbour))
    edges = np.linspace(switch - WIDTH, switch + WIDTH, STEPS + 1)
    # Of the way to the neighbour; evenly, for the fastest part of the way is what counts.
    gone = (np.arange(STEPS) + 0.5) / STEPS
    low, high = _numbers(point, "range")
    first = (low, float(edges[0])) if end == 1 else (float(edges[-1]), high)
    made = [_point(point, "", here, first)]
    for i, part in enumerate(gone if end == 1 else gone[::-1]):
        within = (float(edges[i]), float(edges[i + 1]))
        made.append(_point(point, f"_{i + 1}", here + part * (there - here), within))
    place = list(points).index(point)
    if place > list(points).index(neighbour):
        made.reverse()  # where two meet both are on the path, which must not turn back on itself
    points[place : place + 1] = made
    return f"{what}; it goes to {neighbour.get('name')} in {STEPS} steps, {2 * WIDTH:.2f} rad"


def _point(point: ET.Element, suffix: str, where: Array, within: tuple[float, float]) -> ET.Element:
    return document.element(
        "ConditionalPathPoint",
        f"{point.get('name')}{suffix}",
        socket_parent_frame=(point.findtext("socket_parent_frame") or "").strip(),
        location=tuple(map(float, where)),
        socket_coordinate=(point.findtext("socket_coordinate") or "").strip(),
        range=within,
    )


def _jump(sampler: geometry.PathSampler, muscle: str, coordinate: str, switch: float) -> float:
    """Largest change of a moment arm (m) from one side of the switch to the other."""
    rows = sampler.postures(8, sampler.coordinates, paths.SEED)
    sides = []
    for shift in (-BESIDE, BESIDE):
        postures = rows.copy()
        postures[:, sampler.coordinates.index(coordinate)] = switch + shift
        sides.append(sampler.moment_arms([muscle], sampler.coordinates, postures))
    return float(np.abs(sides[1] - sides[0]).max())


def _neighbour(points: ET.Element, point: ET.Element) -> ET.Element | None:
    """The plain path point before or after, on the same bone; of two the nearer."""
    every = list(points)
    i, frame = every.index(point), (point.findtext("socket_parent_frame") or "").strip()
    here = np.array(_numbers(point, "location"))
    beside = [
        p
        for k in (i - 1, i + 1)
        if 0 <= k < len(every)
        for p in [every[k]]
        if p.tag == "PathPoint" and (p.findtext("socket_parent_frame") or "").strip() == frame
    ]
    return min(
        beside,
        key=lambda p: float(np.linalg.norm(np.array(_numbers(p, "location")) - here)),
        default=None,
    )


def _numbers(element: ET.Element, name: str) -> list[float]:
    return [float(part) for part in (element.findtext(name) or "").split()]


def _last(element: ET.Element, name: str) -> str:
    return (element.findtext(name) or "").strip().split("/")[-1]

"""What is seen of a runner node by node: body frames, muscle paths and forces.

A path is OpenSim's own (GeometryPath.getCurrentPath): its path points, and where it lies on a
wrapping surface the points on that surface. Each muscle keeps the same number of points over the
whole stride, so that two nodes, and two runners, can be compared point by point.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import opensim

from analysis.replayed.frames import rotation
from analysis.replayed.model import RunnerModel
from analysis.replayed.quantities import Sights

ON_SURFACE = 5
"""Points that a path keeps on each wrapping surface, first and last touch included."""
Slot = tuple[int, str]
"""Where a point stands in a path: the number of the path point that it is or follows, and the
surface it lies on (empty: a path point)."""


class Recorder:
    """Takes down what is seen at each node: `look(state, node)`, at last `sights()`."""

    def __init__(self, model: RunnerModel, nodes: int) -> None:
        self.model, self.nodes = model, nodes
        self.geometry = [opensim.GeometryPath.safeDownCast(m.getPath()) for m in model.muscles]
        self.numbers = [numbered(path) for path in self.geometry]
        bodies, muscles = len(model.bodies), len(model.muscles)
        self.translation = np.zeros((nodes, bodies, 3))
        self.rotation = np.zeros((nodes, bodies, 3, 3))
        self.activation, self.tendon_force = np.zeros((2, nodes, muscles))
        self.lines: list[list[dict[Slot, np.ndarray]]] = [[] for _ in model.muscles]

    def look(self, state: Any, node: int) -> None:
        """Nodes in their order; the state is realised to dynamics, with all forces."""
        for i, body in enumerate(self.model.bodies.values()):
            self.translation[node, i] = body.getPositionInGround(state).to_numpy()
            self.rotation[node, i] = rotation(body, state)
        for i, (muscle, path) in enumerate(zip(self.model.muscles, self.geometry, strict=True)):
            self.activation[node, i] = muscle.getActivation(state)
            self.tendon_force[node, i] = muscle.getTendonForce(state)
            self.lines[i].append(current(path, state, self.numbers[i]))

    def sights(self) -> Sights:
        """All nodes together."""
        paths = [even(lines) for lines in self.lines]
        return Sights(
            bodies=list(self.model.bodies),
            translation=self.translation,
            rotation=self.rotation,
            muscles=[muscle.name for muscle in self.model.runner.muscles],
            counts=[path.shape[1] for path in paths],
            paths=np.concatenate(paths, axis=1) if paths else np.zeros((self.nodes, 0, 3)),
            activation=self.activation,
            tendon_force=self.tendon_force,
        )


def numbered(path: Any) -> dict[str, int]:
    """Name of each path point -> its number."""
    own = path.getPathPointSet()
    return {own.get(i).getName(): i for i in range(own.getSize())}


def current(path: Any, state: Any, numbers: Mapping[str, int]) -> dict[Slot, np.ndarray]:
    """Slot -> (1, 3) or (ON_SURFACE, 3) points in ground, m, from origin to insertion.

    numbers: of the path's points (`numbered`).
    """
    points, found = path.getCurrentPath(state), {}
    segment, begun = -1, np.zeros(3)
    for i in range(points.getSize()):
        point = points.get(i)
        place = point.getLocationInGround(state).to_numpy()
        on_surface = opensim.PathWrapPoint.safeDownCast(point)
        if on_surface is None:
            segment = numbers[point.getName()]
            found[(segment, "")] = place[None]
            continue
        # Two points a surface; the path between them is kept with the second.
        inner = on_surface.getWrapPath(state)
        if inner.size() == 0:
            begun = place
            continue
        frame = point.getParentFrame().getTransformInGround(state)
        bent = [frame.shiftFrameStationToBase(inner.get(j)).to_numpy() for j in range(inner.size())]
        name = on_surface.getWrapObject().getName()
        found[(segment, name)] = along(np.array([begun, *bent, place]), ON_SURFACE)
    return found


def along(line: np.ndarray, count: int) -> np.ndarray:
    """(count, 3) points at even distances along a line (n, 3), its ends included."""
    gone = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    wanted = np.linspace(0.0, gone[-1], count)
    return np.stack([np.interp(wanted, gone, line[:, i]) for i in range(3)], axis=1)


def even(lines: list[dict[Slot, np.ndarray]]) -> np.ndarray:
    """(N, p, 3) m: one muscle's path at N nodes with the points of every slot that it ever has.

    A point that exists at some nodes alone (OpenSim's ConditionalPathPoint) lies at the others on
    the next one. Where the path does not touch a surface that it touches at other nodes, that
    surface's points lie on the straight line between their neighbours, at the mean of their shares
    of it there.
    """
    knots = sorted({slot for line in lines for slot in line if not slot[1]})
    parts = [(float(knot[0]), _filled([line.get(knot) for line in lines])) for knot in knots]
    for i in reversed(range(len(knots) - 1)):  # with the next point where it does not exist
        absent = np.isnan(parts[i][1])
        parts[i][1][absent] = parts[i + 1][1][absent]
    for i in range(1, len(knots)):
        absent = np.isnan(parts[i][1])
        parts[i][1][absent] = parts[i - 1][1][absent]
    at = {knot[0]: i for i, knot in enumerate(knots)}
    for slot in dict.fromkeys(slot for line in lines for slot in line if slot[1]):
        segment, _ = slot
        start, end = parts[at[segment]][1], parts[at[segment] + 1][1]
        touching = np.array([slot in line for line in lines])
        bent = np.zeros((len(lines), ON_SURFACE, 3))
        bent[touching] = [line[slot] for line in lines if slot in line]
        way = (end - start)[touching]
        shares = ((bent[touching] - start[touching]) * way).sum(axis=2) / (way**2).sum(axis=2)
        share, free = shares.mean(axis=0), ~touching
        bent[free] = start[free] + share[:, None] * (end - start)[free]
        parts.append((segment + float(np.clip(share.mean(), 0.01, 0.99)), bent))
    return np.concatenate([points for _, points in sorted(parts, key=lambda one: one[0])], axis=1)


def _filled(places: list[np.ndarray | None]) -> np.ndarray:
    """(N, 1, 3) m: a path point at N nodes, not a number where it does not exist."""
    none = np.full((1, 3), np.nan)
    return np.array([none if place is None else place for place in places])

"""The runner of a scene in a drawing: bones and muscles as round segments, the near before the far.

Seen along a direction without perspective, a round segment is a line with round ends, as wide as it
is thick. Frames as in analysis.replayed.scene; right of the picture is forward where the azimuth is
zero (a look from the right side), up is up.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import LinearSegmentedColormap, to_rgb

from analysis.replayed.scene import Scene, matrices

BONE = "#e6dcc3"
ACTIVATION = LinearSegmentedColormap.from_list(
    "activation", ["#9eb5cc", "#edad5c", "#c22121", "#6b0515"]
)
"""Of a muscle from 0 to 1; as in the report's viewer."""
GROUND_FORCE, HIP_FORCE = "#009E73", "#7b3394"
M_PER_BW, HIP_M_PER_BW = 0.35, 0.05
"""Lengths at which forces of one body weight are drawn."""
BELLY_M = (0.004, 0.016)
BELLY_M_PER_SQRT_N = 0.00026
"""A muscle's half thickness grows with the square root of its strength, as its cross section."""


@dataclass(frozen=True)
class View:
    """azimuth: how far the eye is turned from the runner's right side to the front, rad;
    elevation, rad.
    """

    azimuth: float = 0.5
    elevation: float = 0.12

    def axes(self) -> np.ndarray:
        """(3, 3) rows: right and up in the picture, and towards the eye, in ground."""
        c, s = np.cos(self.azimuth), np.sin(self.azimuth)
        eye = np.array([s * np.cos(self.elevation), np.sin(self.elevation), c])
        eye[2] *= np.cos(self.elevation)
        right = np.array([c, 0.0, -s])
        return np.stack([right, np.cross(eye, right), eye])


@dataclass(frozen=True)
class Segments:
    """ends (n, 2, 3) m in ground, radii (n,) m, colours (n, 3)."""

    ends: np.ndarray
    radii: np.ndarray
    colours: np.ndarray

    def __add__(self, other: Segments) -> Segments:
        return Segments(
            np.concatenate([self.ends, other.ends]),
            np.concatenate([self.radii, other.radii]),
            np.concatenate([self.colours, other.colours]),
        )


def bones(scene: Scene, frame: int, colour: str = BONE) -> Segments:
    """All bones at a frame."""
    turn, place = matrices(scene.rotation[frame]), scene.translation[frame]
    ends, radii = [], []
    for bone in scene.bones:
        body = scene.bodies.index(bone.body)
        points = bone.points @ turn[body].T + place[body]
        ends.append(np.stack([points[:-1], points[1:]], axis=1))
        radii.append(0.5 * (bone.radii[:-1] + bone.radii[1:]))
    together = np.concatenate(radii)
    return Segments(np.concatenate(ends), together, np.tile(to_rgb(colour), (len(together), 1)))


def muscles(
    scene: Scene, frame: int, pieces: int = 3, colours: np.ndarray | None = None
) -> Segments:
    """All muscles at a frame, thickest midway; colours (M, 3): in place of their activation's."""
    shades = ACTIVATION(scene.activation[frame])[:, :3] if colours is None else colours
    ends, radii, tints = [], [], []
    start = 0
    for count, strength, shade in zip(scene.counts, scene.strength, shades, strict=True):
        path = scene.paths[frame, start : start + count]
        start += count
        # Each straight piece in parts, so that a muscle of two points has a belly too.
        shares = np.linspace(0, count - 1, pieces * (count - 1) + 1)
        line = np.stack([np.interp(shares, np.arange(count), path[:, i]) for i in range(3)], axis=1)
        steps = np.linalg.norm(np.diff(line, axis=0), axis=1)
        middle = (np.cumsum(steps) - 0.5 * steps) / max(steps.sum(), 1e-9)
        belly = np.clip(BELLY_M_PER_SQRT_N * np.sqrt(strength), *BELLY_M)
        ends.append(np.stack([line[:-1], line[1:]], axis=1))
        radii.append(belly * (0.35 + 0.65 * np.sin(np.pi * middle)))
        tints.append(np.tile(shade, (len(steps), 1)))
    if not ends:
        return Segments(np.zeros((0, 2, 3)), np.zeros(0), np.zeros((0, 3)))
    return Segments(np.concatenate(ends), np.concatenate(radii), np.concatenate(tints))


def forces(scene: Scene, frame: int) -> Segments:
    """Arrows: the ground's force on each foot, and the right hip's on its socket."""
    arrows = [
        (scene.ground_place[frame, i], M_PER_BW * scene.ground_force[frame, i], GROUND_FORCE, 0.011)
        for i in range(2)
    ]
    pelvis = matrices(scene.rotation[frame, scene.bodies.index("pelvis")])
    push = HIP_M_PER_BW * (pelvis @ scene.hip_force[frame, 0])
    arrows.append((scene.hip_centre[frame, 0], push, HIP_FORCE, 0.009))
    ends, radii, colours = [], [], []
    for place, way, colour, radius in arrows:
        size = float(np.linalg.norm(way))
        if size < 0.01:
            continue
        head = min(6 * radius, 0.5 * size) / size
        for share, end, width in (
            (0.0, 1 - head, 1.0),
            (1 - head, 1 - 0.5 * head, 2.2),
            (1 - 0.5 * head, 1.0, 1.1),
        ):
            ends.append([place + share * way, place + end * way])
            radii.append(width * radius)
            colours.append(to_rgb(colour))
    if not ends:
        return Segments(np.zeros((0, 2, 3)), np.zeros(0), np.zeros((0, 3)))
    return Segments(np.array(ends), np.array(radii), np.array(colours))


class Picture:
    """A runner on axes whose aspect is equal, `right` m from their origin; `show` moves them."""

    def __init__(self, axes: Axes, points_per_m: float, view: View, right: float = 0.0) -> None:
        self.points_per_m, self.axes, self.right = points_per_m, view.axes(), right
        self.lines = LineCollection([], capstyle="round", zorder=3)
        self.arrows = LineCollection([], capstyle="round", zorder=4)
        axes.add_collection(self.lines)
        axes.add_collection(self.arrows)

    def show(self, segments: Segments, over: Segments | None = None) -> list[Artist]:
        """Move to these segments; `over` (arrows) lies over all others, wherever it is."""
        self._put(self.lines, segments)
        if over is not None:
            self._put(self.arrows, over)
        return [self.lines, self.arrows]

    def _put(self, lines: LineCollection, segments: Segments) -> None:
        """Draw the far first; each segment dark, with a lighter core a little higher."""
        flat = segments.ends @ self.axes[:2].T + [self.right, 0.0]
        order = np.argsort((segments.ends @ self.axes[2]).mean(axis=1))
        flat, radii, colours = flat[order], segments.radii[order], segments.colours[order]
        lit = flat + [0.0, 1.0] * (0.22 * radii)[:, None, None]
        both = np.stack([flat, lit], axis=1).reshape(-1, 2, 2)
        widths = np.stack([radii, 0.62 * radii], axis=1).reshape(-1) * 2 * self.points_per_m
        shades = np.stack([0.72 * colours, 1 - 0.9 * (1 - colours)], axis=1).reshape(-1, 3)
        lines.set_segments(list(both))
        lines.set(linewidth=widths, color=list(map(tuple, np.clip(shades, 0, 1))))

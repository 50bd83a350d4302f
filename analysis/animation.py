"""The weakest, the normal and the strongest runner side by side, with the force of the ground.

    python -m analysis.animation --study results/study
        writes animation/running.mp4 and running.gif in the study's folder

Drawn from the certified motions of the study's first series, in step: each at the same per cent of
its own stride. Side view from the right; the near limbs in the dose's colour, the far ones light.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import imageio_ffmpeg
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.animation import AbstractMovieWriter, FFMpegWriter, FuncAnimation, PillowWriter
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle

from analysis.figures.study import Series, read_study
from analysis.figures.style import dose_styles, figure_main
from analysis.replayed.motion import HEAD_RADIUS_M, Motion, read_motion
from formats.files import write_bytes

FOLDER = "animation"
WIDTH_IN, HEIGHT_IN, DPI = 7.2, 3.2, 100
M_PER_BW = 0.35
"""Length at which a force of one body weight is drawn."""
SLOW = 0.35
"""Speed of the film over that of the runner."""
WIDTHS_PT = {"trunk": 9.0, "leg": 6.0, "foot": 3.5, "arm": 4.0}
FAR, FORCE = "0.72", "#009E73"
TILES_M = 0.5
FRAMES = {"mp4": 50, "gif": 25}
"""Pictures of one stride; a film is played in a loop."""


def chosen(series: Series) -> list[float]:
    """The least, the 100 % and the greatest of the certified doses, each once."""
    doses = [float(dose) for dose in series.certified["dose_percent"]]
    if not doses:
        return []
    return sorted({min(doses), max(doses)} | ({100.0} & set(doses)))


class Runner:
    """One runner's picture: made once, moved by `show`."""

    def __init__(self, axes: Axes, motion: Motion, title: str, colour: str, weight: float) -> None:
        self.motion, self.weight = motion, weight
        self.limbs = motion.limbs()
        self.lines = {}
        for order, name in enumerate(self.limbs):
            part, _, side = name.partition("_")
            shade = {"l": FAR, "r": colour}.get(side, "0.35")
            (self.lines[name],) = axes.plot(
                [], [], color=shade, linewidth=WIDTHS_PT[part], zorder=3 + order
            )
            self.lines[name].set_solid_capstyle("round")
            self.lines[name].set_solid_joinstyle("round")
        self.head = Circle((0, 0), HEAD_RADIUS_M, color="0.35", zorder=3)
        axes.add_patch(self.head)
        self.arrows = {
            side: axes.quiver(
                [0], [0], [0], [0], angles="xy", scale_units="xy", scale=1, color=FORCE, width=0.012
            )
            for side in motion.force
        }
        for arrow in self.arrows.values():
            arrow.set_zorder(20)
        self.tiles = axes.plot([], [], "|", color="0.6", markersize=5, clip_on=True)[0]
        axes.axhline(0, color="0.4", linewidth=1.0, zorder=1)
        axes.set_xlim(-1.05, 1.05)
        axes.set_ylim(-0.12, 2.0)
        axes.set_aspect("equal")
        axes.axis("off")
        axes.set_title(title, fontsize=9, color=colour)
        self.middle = float(motion.points["pelvis"][:, 0].mean())

    def show(self, percent: float) -> list[Artist]:
        """Move to a per cent of the stride, 0 to below 100, and give what moved."""
        row, shift = round(percent) % 100, np.array([self.middle, 0.0])
        for name, line in self.lines.items():
            line.set_data(*(self.limbs[name][row] - shift).T)
        self.head.set_center(tuple(self.motion.points["head"][row] - shift))
        for side, arrow in self.arrows.items():
            arrow.set_offsets([self.motion.place[side][row] - shift])
            push = self.motion.force[side][row] / self.weight * M_PER_BW
            arrow.set_UVC([push[0]], [push[1]])
            arrow.set_visible(bool(push.any()))
        gone = self.motion.speed * self.motion.stride_time * row / 100.0
        tiles = np.arange(-2, 3) * TILES_M
        self.tiles.set_data((tiles - gone % TILES_M), np.full(len(tiles), -0.03))
        return [*self.lines.values(), self.head, *self.arrows.values(), self.tiles]


def scene(series: Series) -> tuple[Figure, Callable[[float], list[Artist]], float]:
    """The picture, the function that moves it to a per cent of the stride, and its stride time."""
    page = plt.figure(figsize=(WIDTH_IN, HEIGHT_IN), dpi=DPI)
    page.set_layout_engine("none")
    doses, styles = chosen(series), dose_styles(series.doses)
    rows = series.certified.set_index("dose_percent")
    runners = []
    for place, dose in enumerate(doses):
        axes = page.add_axes((place / len(doses), 0.09, 1 / len(doses), 0.79))
        motion = read_motion(series.folder / str(rows.loc[dose, "case"]))
        weight = float(rows.loc[dose, "body_mass_kg"]) * 9.80665
        title = f"{dose:g} % hip-flexor strength"
        if str(rows.loc[dose, "arm"]) not in {"baseline", "hip_flexors"}:
            title = f"{dose:g} % of {str(rows.loc[dose, 'arm']).replace('_', ' ')}"
        if dose == 100:
            title = "100 %, as built"
        runners.append(Runner(axes, motion, title, styles[dose]["color"], weight))
    if not runners:
        page.text(0.5, 0.5, f"{series.label}: no certified run to show", ha="center")
    foot = f"{series.label}; {SLOW:g} times real speed; arrows: force of the ground"
    page.text(0.5, 0.02, foot, ha="center", va="bottom", fontsize=8, color="0.35")
    clock = page.text(0.985, 0.02, "", ha="right", va="bottom", fontsize=8, color="0.35")
    seconds = max((one.motion.stride_time for one in runners), default=1.0)

    def show(percent: float) -> list[Artist]:
        clock.set_text(f"{percent:.0f} %")
        return [clock, *(artist for one in runners for artist in one.show(percent))]

    return page, show, seconds


def film(series: Series, frames: int, writer: AbstractMovieWriter, kind: str) -> bytes:
    """One stride's film of so many frames, as the content of its file."""
    page, show, _ = scene(series)
    made = FuncAnimation(page, show, frames=np.arange(frames) * 100.0 / frames, blit=False)
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / f"film.{kind}"
        made.save(path, writer=writer, dpi=DPI)
        plt.close(page)
        return path.read_bytes()


def draw(folder: Path) -> None:
    """Both films of a study's folder."""
    series = next(one for one in read_study(folder) if one.as_built)
    *_, seconds = scene(series)
    plt.close("all")
    plt.rcParams["animation.ffmpeg_path"] = imageio_ffmpeg.get_ffmpeg_exe()
    for kind, frames in FRAMES.items():
        rate = round(frames * SLOW / seconds)
        writer: AbstractMovieWriter
        if kind == "mp4":
            # In this coding every player knows it.
            options = ["-pix_fmt", "yuv420p", "-crf", "23", "-movflags", "+faststart"]
            writer = FFMpegWriter(fps=rate, codec="libx264", extra_args=options)
        else:
            writer = PillowWriter(fps=rate)
        write_bytes(folder / FOLDER / f"running.{kind}", film(series, frames, writer, kind))


if __name__ == "__main__":
    figure_main(draw)

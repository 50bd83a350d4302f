"""The weakest, the normal and the strongest runner in three dimensions, side by side and overlaid.

    python -m analysis.animation --study results/study
        writes animation/running.mp4 and running.gif in the study's folder, and beside_runners.mp4
        and .gif: the 100 % runner's stick figure beside runners' mean (analysis/norm_film.py)

Drawn from the certified strides of the study's first series (scene.json), in step: each at the same
per cent of its own stride. Muscles in the colour of their activation; green arrows: the force of
the ground, purple: that of the right femoral head on its socket. The last panel lays all over each
other, what differs from the 100 % run made larger, at most MOST_LARGER times.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import imageio_ffmpeg
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.animation import FFMpegWriter, FuncAnimation
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.figure import Figure
from PIL import Image

from analysis import norm_film
from analysis.figures import body
from analysis.figures.study import Series, read_study
from analysis.figures.style import dose_styles, figure_main
from analysis.norm_film import Show
from analysis.replayed.scene import PERCENT, Scene, read
from formats.files import write_bytes

FOLDER = "animation"
WIDTH_IN, HEIGHT_IN, DPI = 9.6, 4.0, 100
SLOW = 0.35
"""Speed of the film over that of the runner."""
MOST_LARGER, SEEN_M = 10.0, 0.15
"""Differences are drawn so many times as large, the largest no larger than this."""
TILES_M = 0.5
FRAMES = {"mp4": 50, "gif": 25}
"""Pictures of one stride; a film is played in a loop."""
GIF_COLOURS = 80
LIMITS_M = (-0.72, 0.72, -0.16, 1.86)
VIEW = body.View()


class Panel:
    """Axes with ground that moves and one or more runners."""

    def __init__(self, axes: Axes, title: str, colour: str) -> None:
        low, high, bottom, top = LIMITS_M
        axes.set(xlim=(low, high), ylim=(bottom, top), aspect="equal")
        axes.axis("off")
        axes.set_title(title, fontsize=9, color=colour, y=0.97)
        box = axes.get_position().height * HEIGHT_IN * 72
        wide = axes.get_position().width * WIDTH_IN * 72
        scale = min(box / (top - bottom), wide / (high - low))
        self.picture = body.Picture(axes, scale, VIEW)
        self.tiles = [axes.plot([], [], color="0.75", linewidth=0.8, zorder=1)[0] for _ in range(5)]

    def show(
        self, segments: body.Segments, gone: float, over: body.Segments | None = None
    ) -> list[Artist]:
        """Move runner and ground; gone: m that the runner has come forward."""
        flat = VIEW.axes()[:2]
        for k, line in enumerate(self.tiles):
            x = (k - 2) * TILES_M - gone % TILES_M
            across = np.array([[x, 0.0, -0.45], [x, 0.0, 0.45]]) @ flat.T
            line.set_data(*across.T)
        return [*self.picture.show(segments, over), *self.tiles]


def times(scenes: Iterable[Scene], own: Scene) -> float:
    """How many times as large differences from the 100 % run are drawn: a whole number.

    The bodies of a scene are moved each by itself, so that joints open when it is too much.
    """
    apart = [np.linalg.norm(one.translation - own.translation, axis=-1).max() for one in scenes]
    return float(np.clip(SEEN_M // max(*apart, 1e-3), 1.0, MOST_LARGER))


def larger(one: Scene, own: Scene, times: float) -> Scene:
    """A scene whose difference from another's bodies is so many times as large."""
    apart = one.rotation * np.sign((one.rotation * own.rotation).sum(axis=-1, keepdims=True))
    turned = own.rotation + times * (apart - own.rotation)
    moved = own.translation + times * (one.translation - own.translation)
    return replace(one, translation=moved, rotation=turned)


def scene(series: Series) -> tuple[Figure, Show, float]:
    """The picture, the function that moves it to a per cent of the stride, and its stride time.

    A dose whose scene is lacking has no panel; the foot of the picture says so.
    """
    page = plt.figure(figsize=(WIDTH_IN, HEIGHT_IN), dpi=DPI)
    page.set_layout_engine("none")
    styles = dose_styles(series.doses)
    rows = series.certified.set_index("dose_percent")
    scenes, lacking = {}, []
    for dose in series.extremes:
        try:
            scenes[dose] = read(series.folder / str(rows.loc[dose, "case"]))
        except ValueError:
            lacking.append(f"{dose:g} %")
    overlaid = 100.0 in scenes and len(scenes) > 1
    count = len(scenes) + overlaid
    panels = []
    for place, dose in enumerate(scenes):
        axes = page.add_axes((place / count, 0.10, 1 / count, 0.82))
        title = f"{dose:g} % of {str(rows.loc[dose, 'arm']).replace('_', ' ')}"
        if str(rows.loc[dose, "arm"]) == "hip_flexors":
            title = f"{dose:g} % hip-flexor strength"
        if dose == 100:
            title = "100 %, as built"
        panels.append((Panel(axes, title, styles[dose]["color"]), scenes[dose]))
    together, factor = None, 1.0
    if overlaid:
        axes = page.add_axes(((count - 1) / count, 0.10, 1 / count, 0.82))
        factor = times(scenes.values(), scenes[100.0])
        together = Panel(axes, f"overlaid, differences × {factor:g}", "0.25")
    if not scenes:
        page.text(0.5, 0.5, f"{series.label}: no certified run to show", ha="center")
    else:
        bar = page.add_axes((0.012, 0.045, 0.09, 0.022))
        page.colorbar(ScalarMappable(cmap=body.ACTIVATION), cax=bar, orientation="horizontal")
        bar.set_xticks([0, 1], ["0", "1"], fontsize=7)
        bar.set_title("activation", fontsize=7, pad=2)
    foot = f"{series.label}; {SLOW:g} times real speed; green: force of the ground, purple: hip"
    foot += f"; not shown: {', '.join(lacking)}" if lacking else ""
    page.text(0.5, 0.02, foot, ha="center", va="bottom", fontsize=8, color="0.35")
    clock = page.text(0.985, 0.02, "", ha="right", va="bottom", fontsize=8, color="0.35")
    seconds = max((one.stride_time for one in scenes.values()), default=1.0)

    def show(percent: float) -> list[Artist]:
        frame = round(percent / 100 * len(PERCENT)) % len(PERCENT)
        clock.set_text(f"{percent:.0f} %")
        moved: list[Artist] = [clock]
        for panel, one in panels:
            gone = one.speed * one.stride_time * percent / 100
            drawn = body.bones(one, frame) + body.muscles(one, frame)
            moved += panel.show(drawn, gone, body.forces(one, frame))
        if together is not None:
            own = scenes[100.0]
            bones = [
                body.bones(larger(one, own, factor), frame, styles[dose]["color"])
                for dose, one in scenes.items()
            ]
            drawn = bones[0]
            for other in bones[1:]:
                drawn = drawn + other
            thin = replace(drawn, radii=0.6 * drawn.radii)
            moved += together.show(thin, own.speed * own.stride_time * percent / 100)
        return moved

    return page, show, seconds


def movie(page: Figure, show: Show, frames: int, rate: int) -> bytes:
    """One stride as the content of an MP4 file (H.264, in a coding that every player knows)."""
    made = FuncAnimation(page, show, frames=np.arange(frames) * 100.0 / frames, blit=False)
    options = ["-pix_fmt", "yuv420p", "-crf", "26", "-movflags", "+faststart"]
    writer = FFMpegWriter(fps=rate, codec="libx264", extra_args=options)
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "film.mp4"
        made.save(path, writer=writer, dpi=DPI)
        plt.close(page)
        return path.read_bytes()


def gif(page: Figure, show: Show, frames: int, rate: int) -> bytes:
    """One stride as the content of a GIF file that repeats; one palette for all its pictures."""
    pictures = []
    for percent in np.arange(frames) * 100.0 / frames:
        show(percent)
        page.canvas.draw()
        pixels = np.asarray(page.canvas.buffer_rgba())[..., :3]  # type: ignore[attr-defined]
        pictures.append(Image.fromarray(pixels))
    plt.close(page)
    together = np.concatenate([np.asarray(one) for one in pictures[:: max(1, frames // 5)]])
    palette = Image.fromarray(together).quantize(GIF_COLOURS, dither=Image.Dither.NONE)
    flat = [one.quantize(palette=palette, dither=Image.Dither.NONE) for one in pictures]
    made = io.BytesIO()
    flat[0].save(
        made, "GIF", save_all=True, append_images=flat[1:], duration=round(1000 / rate), loop=0
    )
    return made.getvalue()


def draw(folder: Path) -> None:
    """All films of a study's folder."""
    series = next(one for one in read_study(folder) if one.as_built)
    plt.rcParams["animation.ffmpeg_path"] = imageio_ffmpeg.get_ffmpeg_exe()
    for name, made in {"running": scene, "beside_runners": norm_film.scene}.items():
        for kind, frames in FRAMES.items():
            page, show, seconds = made(series)
            rate = round(frames * SLOW / seconds)
            film = {"mp4": movie, "gif": gif}[kind](page, show, frames, rate)
            write_bytes(folder / FOLDER / f"{name}.{kind}", film)


if __name__ == "__main__":
    figure_main(draw)

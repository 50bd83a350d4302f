"""Bones and muscles at phases of the stride: activation at 100 %, and what other strengths change.

A row for the weakest, the 100 % and the strongest certified run. Muscles of the 100 % run take the
colour of their activation, those of the others that of its difference from the 100 % run at the
same per cent of the stride. Paths are OpenSim's (scene.json); seen from the right and a little from
the front.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.figure import Figure

from analysis.figures import body
from analysis.figures.study import Series
from analysis.figures.style import PAGE, dose_styles, figure, figure_command, note
from analysis.replayed.scene import PERCENT, Scene, read
from formats.files import said

NAME = "muscles_in_motion"
PHASES = (0, 10, 24, 40, 60, 80)
SPACING_M = 1.02
LIMITS_M = (-0.12, 1.84)
WORDS = 10.0
"""Order of what is drawn over the runners."""
VIEW = body.View(0.45, 0.10)
DIFFERENCE = LinearSegmentedColormap.from_list(
    "difference", ["#00487f", "#57a8e0", "#cccccc", "#ed9933", "#b84000"]
)
COLUMNS = ["dose_percent", "percent", "muscle", "activation", "less_100_percent_run"]


def scenes(series: Series) -> tuple[dict[float, Scene], list[str]]:
    """The scenes shown by dose, and why others are not."""
    found, lacking = {}, []
    rows = series.certified.set_index("dose_percent")
    for dose in series.extremes:
        try:
            found[dose] = read(series.folder / str(rows.loc[dose, "case"]))
        except ValueError as error:
            lacking.append(f"{dose:g} %: {said(error)}")
    return found, lacking


def changes(found: dict[float, Scene]) -> dict[float, np.ndarray]:
    """Dose -> (F, M) activation less that of the 100 % run, where both have the same muscles."""
    normal = found.get(100.0)
    return {
        dose: one.activation - normal.activation
        for dose, one in found.items()
        if normal is not None and dose != 100 and one.muscles == normal.muscles
    }


def draw_row(axes: Axes, one: Scene, colours: np.ndarray, points_per_m: float) -> None:
    """A runner at each phase, side by side; colours (F, M, 3) of the muscles."""
    for column, phase in enumerate(PHASES):
        frame = int(np.argmin(np.abs(PERCENT - phase)))
        drawn = body.bones(one, frame) + body.muscles(one, frame, colours=colours[frame])
        picture = body.Picture(axes, points_per_m, VIEW, column * SPACING_M)
        picture.show(drawn, body.forces(one, frame))
    # Thousands of lines: one image in PDF and SVG; letters stay letters.
    axes.set_rasterization_zorder(WORDS)
    axes.axis("off")


def draw(series: Series) -> Figure:
    """The page of a series."""
    found, lacking = scenes(series)
    wide = LIMITS_M[1] - LIMITS_M[0]
    across = len(PHASES) * SPACING_M + 0.35
    rows = max(1, len(found))
    page = figure(PAGE, 18 + 170 * wide / across * rows)
    page.set_layout_engine("none")
    width, height = (size * 72 for size in page.get_size_inches())
    scale = min(width / across, (height - 40) / (rows * wide))
    differences = changes(found)
    most = max((float(np.abs(d).max()) for d in differences.values()), default=0.1)
    shade, styles = Normalize(-most, most), dose_styles(series.doses)
    for place, (dose, one) in enumerate(found.items()):
        axes = page.add_axes((0, 1 - (place + 1) * wide * scale / height, 1, wide * scale / height))
        left = -0.5 * SPACING_M - 0.35
        axes.set_xlim(left, left + width / scale)
        axes.set_ylim(*LIMITS_M)
        colours = body.ACTIVATION(one.activation)[..., :3]
        if dose in differences:
            colours = DIFFERENCE(shade(differences[dose]))[..., :3]
        draw_row(axes, one, np.asarray(colours), scale)
        axes.text(
            *(left + 0.03, 1.2, f"{dose:g} %"),
            fontweight="bold",
            color=styles[dose]["color"],
            zorder=WORDS,
        )
        for column, phase in enumerate(PHASES if place == 0 else ()):
            x, y = column * SPACING_M, LIMITS_M[1] - 0.02
            axes.text(x, y, f"{phase} %", ha="center", va="top", zorder=WORDS)
    if not found:
        page.text(0.5, 0.5, "no certified run to show", ha="center", va="center")
    for left, colours, norm, label in (
        (
            (0.06, body.ACTIVATION, Normalize(0, 1), "activation (100 %)"),
            (0.56, DIFFERENCE, shade, "activation less 100 %"),
        )[: 1 + bool(differences)]
        if found
        else ()
    ):
        bar = page.add_axes((left + 0.17, 17 / height, 0.2, 6 / height))
        page.colorbar(ScalarMappable(norm, colours), cax=bar, orientation="horizontal")
        page.text(left + 0.16, 20 / height, label, ha="right", va="center")
    note(page, "\n".join([series.lacking().strip(), *lacking]))
    return page


def caption(series: Series) -> str:
    """What the page shows."""
    return (
        f"Bones and muscles at phases of the stride (per cent from right contact), {series.told()} "
        "Muscles of the 100 % run in the colour of their activation, of the weakest and strongest "
        "in that of its difference from the 100 % run. Green: force of the ground, "
        f"{100 * body.M_PER_BW:.0f} cm for a body weight; purple: of the right femoral head on its "
        f"socket, {100 * body.HIP_M_PER_BW:.0f} cm for one."
    )


def drawn(series: Series) -> pd.DataFrame:
    """A row for each dose, phase and muscle."""
    found, _ = scenes(series)
    differences, parts = changes(found), []
    for dose, one in found.items():
        for phase in PHASES:
            frame = int(np.argmin(np.abs(PERCENT - phase)))
            less = differences[dose][frame] if dose in differences else np.nan
            values = {"dose_percent": dose, "percent": PERCENT[frame], "muscle": one.muscles}
            values |= {"activation": one.activation[frame], "less_100_percent_run": less}
            parts.append(pd.DataFrame(values))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=COLUMNS)


if __name__ == "__main__":
    figure_command(NAME, draw, drawn, caption)

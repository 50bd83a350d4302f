"""Where the hip contact force points, in the pelvis frame, by dose; right leg.

The force that the femoral head puts on the socket: (a) from the side and (b) from the front, as the
path of its tip over the stride; (c) its angular margin to the rim of the socket; (d) its size;
(e, f) both less the 100 % run's.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.figures import differences
from analysis.figures.shown import lacks, least_span
from analysis.figures.study import Series
from analysis.figures.style import (
    MARKS,
    PAGE,
    dose_legend,
    dose_styles,
    figure,
    figure_command,
    fits,
    least_axis,
    letter,
    note,
    stride_axis,
    time_marks,
)

ANTERIOR, SUPERIOR, MEDIAL, MARGIN = (
    *("hip_force_anterior_bw", "hip_force_superior_bw", "hip_force_medial_bw", "rim_margin_deg"),
)
COLUMNS = ["percent", ANTERIOR, SUPERIOR, MEDIAL, MARGIN]
HEIGHT_MM = 165


def draw_path(axes: Axes, series: Series, across: str, labels: tuple[str, str]) -> None:
    """The tip of the force over the stride, from its origin at the hip centre; dots at its peak."""
    styles = dose_styles(series.doses)
    for dose, table in series.tables("curves.csv").items():
        axes.plot(table[across], table[SUPERIOR], label=f"{dose:g} %", **styles[dose])
        peak = int(np.argmax(np.linalg.norm(table[[ANTERIOR, SUPERIOR, MEDIAL]], axis=1)))
        colour = styles[dose]["color"]
        axes.plot(table[across][peak], table[SUPERIOR][peak], "o", color=colour, zorder=4)
        path = (table[across].to_numpy(), table[SUPERIOR].to_numpy())
        time_marks(axes, *path, colour, told=9 if dose == 100 and across == ANTERIOR else 0)
    axes.plot(0, 0, "+", color="0.3", markersize=8)
    least_axis(axes, least_span(across), axis="x")
    axes.set_aspect("equal", adjustable="datalim")
    axes.set_xlabel(labels[0])
    axes.set_ylabel(labels[1])


def draw_margin(axes: Axes, series: Series) -> None:
    """Margin to the rim over the stride; its least value as a dot, failed doses named below."""
    styles = dose_styles(series.doses)
    for dose, table in series.tables("curves.csv").items():
        axes.plot(table["percent"], table[MARGIN], **styles[dose])
        least = int(np.argmin(table[MARGIN]))
        colour = styles[dose]["color"]
        axes.plot(table["percent"][least], table[MARGIN][least], "o", color=colour, zorder=4)
    least_axis(axes, least_span(MARGIN))
    low, high = axes.get_ylim()
    low = min(low, -0.12 * high)
    axes.set_ylim(low, high)
    axes.axhspan(-180, 0, color="0.9", zorder=0, linewidth=0)
    middle = max(low, -0.12 * high) / 2
    axes.text(99, middle, "beyond the rim", ha="right", va="center", color="0.4")
    axes.set_ylabel("margin to rim (deg)")
    stride_axis(axes)


def _size(table: pd.DataFrame) -> np.ndarray:
    return np.linalg.norm(table[[ANTERIOR, SUPERIOR, MEDIAL]].to_numpy(dtype=float), axis=1)


def draw_size(axes: Axes, series: Series) -> None:
    """Size of the force over the stride."""
    styles = dose_styles(series.doses)
    for dose, table in series.tables("curves.csv").items():
        axes.plot(table["percent"], _size(table), **styles[dose])
    axes.set_ylim(0, max(axes.get_ylim()[1], least_span("hip_force_bw")))
    axes.set_ylabel("hip contact force (BW)")
    stride_axis(axes)


def draw(series: Series) -> Figure:
    """The page of a series."""
    page = figure(PAGE, HEIGHT_MM)
    if fits(PAGE, HEIGHT_MM):
        panels = page.subplots(3, 2, height_ratios=[1.5, 1, 0.7]).ravel()
    else:  # on a low page the differences stand under their curves, the paths beside them
        panels = page.subplots(2, 3).ravel()[[0, 3, 1, 2, 4, 5]]
    draw_path(panels[0], series, ANTERIOR, ("anterior (BW)", "superior (BW)"))
    draw_path(panels[1], series, MEDIAL, ("medial (BW)", "superior (BW)"))
    draw_margin(panels[2], series)
    draw_size(panels[3], series)
    differences.draw(panels[4], series, differences.column(MARGIN), "deg", like=MARGIN)
    differences.draw(panels[5], series, _size, "BW", like="hip_force_bw")
    titles = ("from the side", "from the front", "", "", "", "")
    for axes, mark, title in zip(panels, "abcdef", titles, strict=True):
        letter(axes, mark)
        axes.set_title(title)
    for axes in panels[2:4]:
        axes.set_xlabel("")
    dose_legend(page, panels[0], series.label)
    note(page, series.lacking())
    return page


def caption(series: Series) -> str:
    """What the page shows."""
    return (
        "Force of the femoral head on the socket over the stride, pelvis frame, iliopsoas tendon "
        f"on the pelvis, {series.told()} a, b: its tip seen from the side and from the front, dots "
        f"at the peak, arrowheads in its direction at {', '.join(map(str, MARKS))} % of the "
        "stride; c: its angle to the rim, dots at the least; d: its size; e, f: both "
        f"{differences.CAPTION}."
    )


def without(series: Series) -> str:
    """Why a series has no page: the rule leaves its runner out."""
    return lacks(series.rows, "hip_force_peak_bw")


def drawn(series: Series) -> pd.DataFrame:
    """The curves shown: one row for each dose and per cent of the stride."""
    parts = [
        table[COLUMNS].assign(dose_percent=dose)
        for dose, table in series.tables("curves.csv").items()
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=COLUMNS)


if __name__ == "__main__":
    figure_command("hip_force_direction", draw, drawn, caption, without)

"""The picture of a film: the 100 % runner's stick figure beside runners' mean, and both overlaid.

From the same points as the figure norm_stick_figures. Where no mean curves were measured at the
speed, or no 100 % run is certified, the picture says so.
"""

from __future__ import annotations

from collections.abc import Callable

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.figures.norm_stick_figures import MEAN_COLOUR, ROWS, both, draw_legs, without
from analysis.figures.stick_figures import draw_runner
from analysis.figures.study import Series
from analysis.figures.style import norm_grey

Show = Callable[[float], list[Artist]]
"""Moves a picture to a per cent of the stride."""
WIDTH_IN, HEIGHT_IN, DPI = 7.2, 3.6, 100
LIMITS_M = (-0.85, 0.85, -0.15, 1.95)
STRIDE_S = 0.7
"""Of a picture without a runner, or one whose stride time is not known."""


def scene(series: Series) -> tuple[Figure, Show, float]:
    """The picture, the function that moves it, and the stride time, s."""
    page = plt.figure(figsize=(WIDTH_IN, HEIGHT_IN), dpi=DPI)
    page.set_layout_engine("none")
    found = both(series)
    if found is None:
        page.text(0.5, 0.5, f"{series.label}: {without(series)}", ha="center", fontsize=8)
        return page, lambda percent: [], STRIDE_S
    own, mean = found
    normal = series.certified.set_index("dose_percent").loc[100.0]
    panels = [page.add_axes((k / 3, 0.06, 1 / 3, 0.86)) for k in range(len(ROWS))]
    for axes, title in zip(panels, ROWS, strict=True):
        axes.set_title(title, fontsize=9, color=MEAN_COLOUR if title == ROWS[1] else "black")
    foot = f"{series.speed:g} m/s, 100 % strength; mean legs: Fukuchi, Fukuchi and Duarte 2017"
    page.text(0.5, 0.02, foot, ha="center", fontsize=8, color="0.35")

    def show(percent: float) -> list[Artist]:
        moved: list[Artist] = []
        for rank, axes in enumerate(panels):
            _empty(axes)
            row, other = (_at(table, percent) for table in (own, mean))
            shift = np.array([-0.5 * (row["hip_r_x_m"] + row["hip_l_x_m"]), 0.0])
            if rank != 1:
                draw_runner(axes, row, shift, "black")
            if rank != 0:
                draw_legs(axes, other, shift, MEAN_COLOUR)
            moved += [*axes.lines, *axes.patches]
        return moved

    return page, show, float(normal.get("stride_time_s", STRIDE_S))


def _empty(axes: Axes) -> None:
    """Take away what was drawn, and draw the ground."""
    for one in [*axes.lines, *axes.patches]:
        one.remove()
    axes.axis("off")
    axes.axhline(0, color=norm_grey(), linewidth=0.8)
    axes.set(xlim=LIMITS_M[:2], ylim=LIMITS_M[2:], aspect="equal")


def _at(table: pd.DataFrame, percent: float) -> pd.Series:
    return table.iloc[int(np.argmin(np.abs(table["percent"] - percent)))]

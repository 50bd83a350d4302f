"""Gluteal activation over the stride by dose, and its mean of stance against dose."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.figures import activation
from analysis.figures.study import Series
from analysis.figures.style import (
    PAGE_MM,
    dose_legend,
    dose_styles,
    figure,
    figure_command,
    letter,
    note,
)

GLUTEI = {"glmax": "gluteus maximus", "glmed": "gluteus medius", "glmin": "gluteus minimus"}


def draw_means(axes: Axes, series: Series, gluteus: str) -> None:
    """Mean activation of stance against dose, failed runs as crosses on the axis."""
    name = f"{gluteus}_activation_stance_mean"
    rows, styles = series.certified, dose_styles(series.doses)
    if name in rows:
        axes.plot(rows["dose_percent"], rows[name], color="0.7", linewidth=0.8, zorder=0)
        for dose, value in zip(rows["dose_percent"], rows[name], strict=True):
            axes.plot(dose, value, "o", color=styles[dose]["color"], markersize=5)
    for dose in series.failed:
        axes.plot(dose, 0, "x", color="0.2", clip_on=False, transform=axes.get_xaxis_transform())
    axes.set_ylim(0, 1.2 * rows[name].max() if name in rows and len(rows) else 1)
    axes.margins(x=0.1)
    axes.set_xticks(series.doses)
    axes.set_xlabel("strength (%)")
    axes.set_ylabel("mean of stance")


def draw(series: Series) -> Figure:
    """The page of a series: a row for each gluteus."""
    found = activation.present(series, GLUTEI) or ["glmax"]
    page = figure(PAGE_MM, 20 + 48 * len(found))
    grid = page.subplots(len(found), 2, squeeze=False, width_ratios=[2.2, 1])
    for row, gluteus in enumerate(found):
        activation.draw(grid[row, 0], series, gluteus)
        grid[row, 0].set_ylabel(f"{GLUTEI[gluteus]} activation")
        draw_means(grid[row, 1], series, gluteus)
        letter(grid[row, 0], "abc"[row])
    dose_legend(page, grid[0, 0], series.label)
    note(page, activation.NOTE)
    return page


def drawn(series: Series) -> pd.DataFrame:
    """The curves shown: one row for each dose and per cent of the stride."""
    return activation.drawn(series, GLUTEI)


if __name__ == "__main__":
    figure_command("gluteal_activation", draw, drawn)

"""Gluteal activation over the stride by dose, and its mean of stance against dose.

A gluteus given as several muscles is shown as their mean weighted by nothing but their number.
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.figures.study import Series
from analysis.figures.style import (
    NORM_GREY,
    PAGE_MM,
    dose_styles,
    figure,
    figure_command,
    letter,
    note,
    stride_axis,
)

GLUTEI = {"glmax": "gluteus maximus", "glmed": "gluteus medius", "glmin": "gluteus minimus"}
# Electromyography of the gluteus maximus in running: on from late swing to mid-stance, per cent of
# the stride (Andersson 1997; Gazendam & Hof 2007).
GLMAX_ON = ((0.0, 20.0), (87.0, 100.0))


def activation(table: pd.DataFrame, gluteus: str) -> np.ndarray | None:
    """(rows,) activation of a gluteus of the right leg, 0 to 1; None if the runner has none."""
    names = [c for c in table.columns if re.fullmatch(rf"{gluteus}\d*_r_activation", c)]
    return table[names].mean(axis=1).to_numpy() if names else None


def draw_curves(axes: Axes, series: Series, gluteus: str) -> None:
    """Activation over the stride, a line for each dose, its toe-off as a tick at the foot."""
    styles = dose_styles(series.doses)
    for dose, table in series.tables("curves.csv").items():
        values = activation(table, gluteus)
        if values is not None:
            axes.plot(table["percent"], values, label=f"{dose:g} %", **styles[dose])
    duty = series.certified.set_index("dose_percent")["duty_factor"]
    for dose, share in duty.items():
        axes.plot(
            [100 * share] * 2,
            [0, 0.05],
            color=styles[dose]["color"],
            transform=axes.get_xaxis_transform(),
            linewidth=1,
        )
    if gluteus == "glmax":
        for begin, end in GLMAX_ON:
            axes.plot(
                [begin, end],
                [1.0, 1.0],
                color=NORM_GREY,
                linewidth=4,
                solid_capstyle="butt",
                transform=axes.get_xaxis_transform(),
                clip_on=False,
            )
    axes.set_ylim(bottom=0)
    axes.set_ylabel(f"{GLUTEI[gluteus]} activation")
    stride_axis(axes)


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


def present(series: Series) -> list[str]:
    """The glutei that the runner has, by the curves of its certified runs."""
    tables = list(series.tables("curves.csv").values())
    return [g for g in GLUTEI if any(activation(table, g) is not None for table in tables)]


def draw(series: Series) -> Figure:
    """The page of a series: a row for each gluteus."""
    found = present(series) or ["glmax"]
    page = figure(PAGE_MM, 20 + 48 * len(found))
    grid = page.subplots(len(found), 2, squeeze=False, width_ratios=[2.2, 1])
    for row, gluteus in enumerate(found):
        draw_curves(grid[row, 0], series, gluteus)
        draw_means(grid[row, 1], series, gluteus)
        letter(grid[row, 0], "abc"[row])
    handles, labels = grid[0, 0].get_legend_handles_labels()
    page.legend(
        handles, labels, loc="outside upper center", ncols=6, title=f"strength: {series.label}"
    )
    note(page, "ticks at the foot: toe-off; grey bar: active in runners' electromyography")
    return page


def drawn(series: Series) -> pd.DataFrame:
    """The curves shown: one row for each dose and per cent of the stride."""
    parts = []
    for dose, table in series.tables("curves.csv").items():
        part = pd.DataFrame({"dose_percent": dose, "percent": table["percent"]})
        for gluteus in present(series):
            part[f"{gluteus}_activation"] = activation(table, gluteus)
        parts.append(part)
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["percent"])


if __name__ == "__main__":
    figure_command("gluteal_activation", draw, drawn)

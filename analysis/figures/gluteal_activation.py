"""What the glutes do, by dose: activation and force over the phases of the stride, and in stance.

A row for each gluteus that the runner has, and in it: activation, with grey bars where runners'
electromyography is active; its difference from the 100 % run; tendon force of all heads; mean
activation of stance.
"""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.figures import activation, differences
from analysis.figures.phases import NAMES, phases, shade
from analysis.figures.shown import least_span
from analysis.figures.study import Series
from analysis.figures.style import (
    PAGE,
    dose_legend,
    dose_styles,
    figure,
    figure_command,
    letter,
    note,
    stride_axis,
)

LEAST_FORCE_N = 10.0
"""The least force that a panel shows: some thousandth of a gluteus's strength."""
GLUTEI = {"glmax": "gluteus maximus", "glmed": "gluteus medius", "glmin": "gluteus minimus"}


def _curve(gluteus: str) -> differences.Curve:
    """The mean activation of a gluteus's heads."""
    return lambda table: activation.curve(table, gluteus)


def draw_force(axes: Axes, series: Series, gluteus: str) -> None:
    """Tendon force over the stride, a line for each dose."""
    styles = dose_styles(series.doses)
    for dose, table in series.tables("curves.csv").items():
        values = activation.force(table, gluteus)
        if values is not None:
            axes.plot(table["percent"], values, **styles[dose])
    axes.set_ylim(0, max(axes.get_ylim()[1], LEAST_FORCE_N))
    axes.set_ylabel("force (N)")


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
    top = 1.2 * rows[name].max() if name in rows and rows[name].notna().any() else 1.0
    axes.set_ylim(0, max(top, least_span(f"{gluteus}_activation")))
    axes.margins(x=0.1)
    # A narrow panel: a number that would lie on that of 100 % is left out, its tick is not.
    ends = sorted({series.doses[0], 100.0, series.doses[-1]})
    apart = 0.4 * max(ends[-1] - ends[0], 1.0)
    axes.set_xticks(ends, [f"{d:g}" if d == 100 or abs(d - 100) > apart else "" for d in ends])
    axes.set_xlabel("strength (%)")
    axes.set_ylabel("mean of stance")


def draw(series: Series) -> Figure:
    """The page of a series: a row for each gluteus."""
    found = activation.present(series, GLUTEI) or ["glmax"]
    page = figure(PAGE, 28 + 46 * len(found))
    grid = page.subplots(len(found), 4, squeeze=False, width_ratios=[1.5, 1.5, 1.5, 1])
    for row, gluteus in enumerate(found):
        activation.draw(grid[row, 0], series, gluteus)
        grid[row, 0].set_ylabel("activation")
        differences.draw(grid[row, 1], series, _curve(gluteus), "", like=f"{gluteus}_activation")
        draw_force(grid[row, 2], series, gluteus)
        draw_means(grid[row, 3], series, gluteus)
        for column, axes in enumerate(grid[row]):
            letter(axes, "abcdefghijkl"[4 * row + column])
        for axes in grid[row, :3]:
            shade(axes, series)
            stride_axis(axes, label=row == len(found) - 1)
        for axes in grid[row, ::2]:
            axes.set_title(GLUTEI[gluteus])
    dose_legend(page, grid[0, 0], series.label)
    ends = ", ".join(f"{n} to {end:.0f} %" for n, _, end in phases(series))
    remark = f"phases, shaded by turns: {ends or ', '.join(NAMES)}"
    note(page, f"{remark}\n{activation.NOTE}{series.lacking()}")
    return page


def caption(series: Series) -> str:
    """What the page shows."""
    return (
        f"Activation and force of the right glutes over the stride, {series.told()} Second column: "
        f"the activation {differences.CAPTION}. Last column: mean activation of the stance by "
        "strength. Phases of the stride shaded by turns; grey bars: active in runners' "
        "electromyography (analysis/muscle_timing.csv)."
    )


def drawn(series: Series) -> pd.DataFrame:
    """The curves shown: one row for each dose and per cent of the stride."""
    return activation.drawn(series, GLUTEI)


if __name__ == "__main__":
    figure_command("gluteal_activation", draw, drawn, caption)

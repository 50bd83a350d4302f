"""Ground force on the right foot by dose: vertical, fore-aft and sideways; right: differences.

Grey bars beside a panel: mean and standard deviation of the norms (analysis/norms.csv), whose time
in the stride is not known. A tick at the foot: toe-off.
"""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from analysis.figures import differences
from analysis.figures.gait_by_dose import PANELS, Panel, draw_panel, norms
from analysis.figures.phases import toe_offs
from analysis.figures.shown import kept, least_span, moving
from analysis.figures.study import Series
from analysis.figures.style import PAGE, dose_legend, figure, figure_command, letter, note

FORCES = (*PANELS[:2], Panel("grf_z_bw", "sideways force (BW), right +"))
SHOWN_PERCENT = 50
ROUNDING_BW = 1e-6
"""A force below it is rounding."""


def panels(series: Series) -> list[Panel]:
    """Those of the forces that the runner has: a planar one has none sideways."""
    tables = list(series.tables("curves.csv").values())
    held = [one for one in FORCES if all(one.column in table for table in tables)]
    least = max(0.5 * least_span(FORCES[-1].column), ROUNDING_BW)
    return [
        one for one in held if any(table[one.column].abs().max() > least for table in tables)
    ] or [*PANELS[:2]]


def draw(series: Series) -> Figure:
    """The page of a series: a panel for each force, over the half of the stride with the stance."""
    shown = panels(series)
    page = figure(PAGE, 22 + 42 * len(shown))
    grid = page.subplots(len(shown), 2, squeeze=False, sharex=True)
    for (left, right), panel, marks in zip(grid, shown, ("ab", "cd", "ef"), strict=False):
        draw_panel(left, panel, series)
        toe_offs(left, series)
        curve = differences.column(panel.column)
        differences.draw(right, series, curve, "BW", like=panel.column)
        for axes, mark in zip((left, right), marks, strict=True):
            letter(axes, mark)
            axes.set_xlim(0, SHOWN_PERCENT)
            axes.set_xticks(range(0, SHOWN_PERCENT + 1, 10))
            if left is not grid[-1, 0]:
                axes.set_xlabel("")
    dose_legend(page, grid[0, 0], series.label)
    measured = "vertical_peak_bw" in norms(series.speed)
    remark = "ticks on the lower axis: toe-off\n"
    norm = "grey bars: runners, mean and SD, at no time" if measured else "no norms at this speed"
    remark += norm
    note(page, remark + series.lacking())
    return page


def caption(series: Series) -> str:
    """What the page shows."""
    if kept(series):
        lines = "the measured force, which strength does not change"
    else:
        lines = "a line for each strength"
    norm = "no norms are known at this speed"
    if "vertical_peak_bw" in norms(series.speed):
        norm = (
            "grey bars beside the panels: peaks of runners, mean and SD, whose time is not known "
            "(analysis/norms.csv)"
        )
    return (
        f"Ground force on the right foot over the first half of the stride, {series.told()} Shown: "
        f"{lines}; braking is the negative part of the fore-aft force; {norm}; "
        f"ticks on the lower axis: toe-off. Right: each force {differences.CAPTION}."
    )


def drawn(series: Series) -> pd.DataFrame:
    """The curves shown: a row for each dose and per cent of the stride."""
    columns = ["percent", *(panel.column for panel in panels(series))]
    parts = [
        table.loc[table["percent"] <= SHOWN_PERCENT, columns].assign(dose_percent=dose)
        for dose, table in moving(series, "curves.csv").items()
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


if __name__ == "__main__":
    figure_command("ground_force", draw, drawn, caption)

"""The motion itself: the runner as a stick figure at phases of the stride, a row for each dose.

Points are those of positions.csv (ground frame, m), moved forward so that the phases stand side by
side; lengths are to scale, the right limbs dark, the left ones light.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle

from analysis.figures.shown import kept, moving
from analysis.figures.study import Series
from analysis.figures.style import PAGE, dose_styles, figure, figure_command, note

PHASES = (0, 10, 20, 30, 40, 55, 70, 85)
SPACING_M = 1.35
LEG = ("hip", "knee", "ankle", "toe_joint", "toe_tip")
FOOT = ("ankle", "heel", "toe_joint")
ARM = ("shoulder", "elbow", "wrist")
TRUNK = ("lumbar", "neck")
HEAD_RADIUS_M = 0.11


def point(row: pd.Series, name: str) -> np.ndarray:
    """(2,) forward and upward position of a point, m."""
    return np.array([row[f"{name}_x_m"], row[f"{name}_y_m"]])


def draw_runner(axes: Axes, row: pd.Series, shift: np.ndarray, colour: object) -> None:
    """One stick figure, moved by `shift` (m)."""
    sides = [("l", "0.65", 1.0), ("r", colour, 1.6)]
    for side, shade, width in sides:
        arm = [ARM] if f"wrist_{side}_x_m" in row else []
        for chain in (LEG, FOOT, *arm):
            names = [f"{name}_{side}" for name in chain]
            line = np.array([point(row, name) for name in names]) + shift
            axes.plot(*line.T, color=shade, linewidth=width, solid_joinstyle="round")
    hips = 0.5 * (point(row, "hip_r") + point(row, "hip_l"))
    trunk = np.array([hips, *(point(row, name) for name in TRUNK)]) + shift
    axes.plot(*trunk.T, color="0.25", linewidth=1.6)
    head = point(row, "head") + shift
    axes.add_patch(Circle(head, HEAD_RADIUS_M, facecolor="none", edgecolor="0.25", linewidth=1.2))


def draw(series: Series) -> Figure:
    """The page of a series: a row for each certified dose, a column for each phase."""
    tables, styles = moving(series, "positions.csv"), dose_styles(series.doses)
    rows = max(1, len(tables))
    page = figure(PAGE, 12 + 31 * rows)
    panels = page.subplots(rows, 1, squeeze=False).ravel()
    for axes in panels:
        axes.axis("off")
    for axes, (dose, table) in zip(panels, tables.items(), strict=False):
        for column, phase in enumerate(PHASES):
            row = table.iloc[int(np.argmin(np.abs(table["percent"] - phase)))]
            pelvis = 0.5 * (row["hip_r_x_m"] + row["hip_l_x_m"])
            shift = np.array([column * SPACING_M - pelvis, 0.0])
            draw_runner(axes, row, shift, styles[dose]["color"])
            if axes is panels[0]:
                axes.text(column * SPACING_M, 2.0, f"{phase} %", ha="center")
        axes.axhline(0, color="0.6", linewidth=0.6)
        name = "measured" if kept(series) else f"{dose:g} %"
        axes.text(-0.6, 1.0, name, ha="right", va="center", fontweight="bold")
        axes.set_aspect("equal")
        axes.set_xlim(-1.1, (len(PHASES) - 0.55) * SPACING_M)
        axes.set_ylim(-0.08, 2.1)
    if not tables:
        panels[0].text(0.5, 0.5, "no certified run to show", ha="center", va="center")
    remark = f"{series.label}; per cent of stride from right contact; right side dark, left grey"
    if series.failed:
        remark += "; not certified: " + ", ".join(f"{d:g} %" for d in series.failed)
    note(page, remark)
    return page


def caption(series: Series) -> str:
    """What the page shows."""
    return (
        f"The runner at phases of the stride (per cent from right contact), {series.told()} Right "
        "limbs dark, left ones grey; lengths to scale."
    )


def drawn(series: Series) -> pd.DataFrame:
    """The points shown: one row for each dose and phase."""
    parts = [
        table[table["percent"].round().isin(PHASES)].assign(dose_percent=dose)
        for dose, table in moving(series, "positions.csv").items()
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["percent"])


if __name__ == "__main__":
    figure_command("stick_figures", draw, drawn, caption)

"""Ground force and joint angles over the stride by dose, over what runners measure.

Grey line: mean curve of 28 runners (analysis/norm_curves.csv). Grey bars: mean and standard
deviation of the norms (analysis/norms.csv), at the runners' own time: that of their mean curve, or
contact. A norm whose time is not known stands beside the panel, at no time.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.figures import differences
from analysis.figures.shown import kept, least_span, moving
from analysis.figures.study import Series
from analysis.figures.style import (
    PAGE,
    dose_styles,
    figure,
    figure_command,
    fits,
    least_axis,
    letter,
    norm_grey,
    note,
    stride_axis,
)

ANALYSIS = Path(__file__).parent.parent
HEIGHT_MM = 178
BESIDE = 1.025
"""Where a norm without a time stands, in widths of the panel."""


@dataclass(frozen=True)
class Panel:
    """A curve of curves.csv; the norms on it as (quantity, where it occurs, its sign).

    Where: max, min, or contact (0 %), the first two within a share of the stride (%).
    """

    column: str
    label: str
    norms: tuple[tuple[str, str, int, tuple[int, int]], ...] = ()


PANELS = (
    Panel("grf_y_bw", "vertical force (BW)", (("vertical_peak_bw", "max", 1, (0, 100)),)),
    Panel("grf_x_bw", "fore-aft force (BW)", (("braking_peak_bw", "min", -1, (0, 100)),)),
    Panel(
        "thigh_angle_deg",
        "thigh angle (deg), forward +",
        (
            ("thigh_contact_deg", "contact", 1, (0, 0)),
            ("thigh_min_deg", "min", 1, (0, 100)),
            ("thigh_max_deg", "max", 1, (0, 100)),
        ),
    ),
    Panel(
        "knee_flexion_deg",
        "knee flexion (deg)",
        (
            ("knee_contact_deg", "contact", 1, (0, 0)),
            ("knee_stance_peak_deg", "max", 1, (0, 30)),
            ("knee_swing_peak_deg", "max", 1, (35, 100)),
        ),
    ),
    Panel(
        "ankle_dorsiflexion_deg",
        "ankle dorsiflexion (deg)",
        (("ankle_max_deg", "max", 1, (0, 100)), ("ankle_min_deg", "min", 1, (0, 100))),
    ),
)


def norm_curves(speed: float) -> pd.DataFrame | None:
    """Mean curves at a speed (m/s) in the columns of curves.csv; None where none were measured.

    ankle dorsiflexion = foot pitch - shank angle, shank angle = thigh angle - knee flexion.
    """
    table = pd.read_csv(ANALYSIS / "norm_curves.csv", comment="#")
    table = table[np.isclose(table["speed_m_s"], speed)]
    if table.empty:
        return None
    shank = table["thigh_angle_deg"] - table["knee_flexion_deg"]
    return table.assign(ankle_dorsiflexion_deg=table["foot_pitch_deg"] - shank)


def norms(speed: float) -> dict[str, tuple[float, float]]:
    """Mean and standard deviation of each norm at a speed (m/s); empty where none is known."""
    table = pd.read_csv(ANALYSIS / "norms.csv", comment="#")
    table = table[np.isclose(table["speed_m_s"], speed)]
    return {
        name: (float(mean), float(sd))
        for name, mean, sd in zip(table["quantity"], table["mean"], table["sd"], strict=True)
    }


def place(percent: np.ndarray, curve: np.ndarray, where: str, within: tuple[int, int]) -> float:
    """Per cent of the stride at which a curve is highest or lowest within a range, or 0."""
    if where == "contact":
        return 0.0
    inside = np.flatnonzero((percent >= within[0]) & (percent <= within[1]))
    best = np.argmax(curve[inside]) if where == "max" else np.argmin(curve[inside])
    return float(percent[inside[best]])


def norm_time(panel: Panel, speed: float, where: str, within: tuple[int, int]) -> float | None:
    """Per cent of the stride at which runners have a norm; None where their curve is not known."""
    mean = norm_curves(speed)
    if where == "contact":
        return 0.0
    if mean is None or panel.column not in mean:
        return None
    return place(mean["percent"].to_numpy(), mean[panel.column].to_numpy(), where, within)


def draw_panel(axes: Axes, panel: Panel, series: Series) -> None:
    """One quantity over the stride: norms in grey, then a line for each dose."""
    styles = dose_styles(series.doses)
    mean, known = norm_curves(series.speed), norms(series.speed)
    if mean is not None and panel.column in mean:
        axes.plot(mean["percent"], mean[panel.column], color=norm_grey(), linewidth=3, alpha=0.6)
    for quantity, where, sign, within in panel.norms:
        if quantity in known:
            value, sd = known[quantity]
            time = norm_time(panel, series.speed, where, within)
            axes.errorbar(
                BESIDE if time is None else time,
                sign * value,
                yerr=sd,
                color=norm_grey(),
                marker="_",
                markersize=9,
                linewidth=2.5,
                capsize=3,
                zorder=1,
                clip_on=False,
                transform=axes.transData if time is not None else axes.get_yaxis_transform(),
            )
    for dose, table in moving(series, "curves.csv").items():
        name = "as measured" if kept(series) else f"{dose:g} %"
        axes.plot(table["percent"], table[panel.column], label=name, **styles[dose])
    if "bw" in panel.column:
        axes.axhline(0, color="0.7", linewidth=0.5, zorder=0)
    axes.set_ylabel(panel.label)
    least_axis(axes, least_span(panel.column, max(map(abs, axes.get_ylim()))))
    stride_axis(axes)


def draw(series: Series) -> Figure:
    """The page of a series: five panels, under each its differences, and the legend."""
    page = figure(PAGE, HEIGHT_MM)
    grid = page.subplots(4, 3, height_ratios=[1, 0.7, 1, 0.7])
    panels, below = grid[[0, 2]].ravel(), grid[[1, 3]].ravel()
    for place, (panel, mark) in enumerate(zip(PANELS, "abcde", strict=True)):
        draw_panel(panels[place], panel, series)
        letter(panels[place], mark)
        panels[place].set_xlabel("")
        curve, unit = differences.column(panel.column), "BW" if "bw" in panel.column else "deg"
        differences.draw(below[place], series, curve, unit, like=panel.column)
    if not fits(PAGE, HEIGHT_MM):  # on a low page a label is longer than its panel
        for axes in grid.flat:
            axes.set_ylabel(axes.get_ylabel().replace(" (", "\n("))
    below[5].axis("off")
    handles, labels = panels[0].get_legend_handles_labels()
    handles.append(panels[0].plot([], [], color=norm_grey(), linewidth=3, alpha=0.6)[0])
    known = norm_curves(series.speed) is not None
    labels.append("runners: mean, bars SD" if known else "no norms at this speed")
    panels[5].axis("off")
    title = f"{series.label}\nstrength, right leg"
    panels[5].legend(handles, labels, loc="center left", title=title, alignment="left")
    remark = "bars beside a panel: the runners' time of it is not known"
    note(page, remark + series.lacking())
    return page


def caption(series: Series) -> str:
    """What the page shows."""
    if norm_curves(series.speed) is None:
        measured = "No norms are known at this speed."
    else:
        measured = (
            "Grey: runners at this speed, mean curve of 28 (analysis/norm_curves.csv) and bars of "
            "mean and SD (analysis/norms.csv), at contact or at the extreme of the mean curve; "
            "bars beside a panel are of quantities whose time is not known."
        )
    one = " One curve, as measured, for every strength." if kept(series) else ""
    return (
        f"Ground force and joint angles of the right leg, {series.told()}{one} {measured} Under "
        f"each: the curves {differences.CAPTION}."
    )


def drawn(series: Series) -> pd.DataFrame:
    """The curves shown: a row for each dose and per cent of the stride; the norms as a dose."""
    columns = ["percent", *(panel.column for panel in PANELS)]
    parts = [
        table[columns].assign(dose_percent=dose)
        for dose, table in moving(series, "curves.csv").items()
    ]
    mean = norm_curves(series.speed)
    if mean is not None:
        parts.append(mean.reindex(columns=columns).assign(dose_percent="norm"))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


if __name__ == "__main__":
    figure_command("gait_by_dose", draw, drawn, caption)

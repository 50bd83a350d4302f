"""Over-striding taken apart: why does the foot land where it does?

(a) ankle - mass centre = thigh's reach + shank's reach + hip - mass centre, with reach the
horizontal part of the segment, L sin(angle): how each changes from the 100 % run. (b) The same
change as a step that got longer (cadence) and a foot set further ahead in a step of that length.
(c) Angles of thigh and shank at contact. (d) Step rate and length.

(b) with step length S and share r of it at which the foot lands, ankle - mass centre = S r:
change = mean r x change of S + mean S x change of r, means of the two runs, without a rest.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.figures.shown import kept, least_span
from analysis.figures.study import Series
from analysis.figures.style import PAGE, figure, figure_command, least_axis, letter, note

TERMS = {
    "thigh_mm": ("thigh", "#0072B2", "//"),
    "shank_mm": ("shank", "#E69F00", ""),
    "hip_mm": ("hip", "#CC79A7", ".."),
}
STEPS = {
    "cadence_mm": ("longer step", "#009E73", "//"),
    "placement_mm": ("further ahead in it", "#56B4E9", ""),
}
ANGLES = {
    "thigh_line_contact_deg": ("thigh", "#0072B2", "o-"),
    "shank_contact_deg": ("shank", "#E69F00", "s-"),
}
RHYTHM = {
    "cadence_steps_min": ("step rate", "#000000", "o-"),
    "step_length_m": ("step length", "#D55E00", "s--"),
}
SHOWN = [*RHYTHM, *ANGLES]
LEAST_PERCENT = 2.0
NEEDED = [
    *("ankle_com_m", "reach_thigh_m", "reach_shank_m", "hip_com_m", "step_length_m"),
    *("cadence_steps_min", *ANGLES),
]


def terms(series: Series) -> pd.DataFrame:
    """A row for each certified dose: its terms (mm, change from the 100 % run), angles, step rate.

    Empty without a certified 100 % run, or where the outcomes lack a column.
    """
    columns = ["dose_percent", "total_mm", *TERMS, *STEPS, *SHOWN]
    if not set(NEEDED) <= set(series.rows.columns):
        return pd.DataFrame(columns=columns)
    rows = series.certified.dropna(subset=NEEDED)
    normal = rows[rows["dose_percent"] == 100]
    if normal.empty:
        return pd.DataFrame(columns=columns)
    own = normal.iloc[0]
    change = {name: 1e3 * (rows[name] - own[name]) for name in NEEDED}
    share, normal_share = (
        rows["ankle_com_m"] / rows["step_length_m"],
        (own["ankle_com_m"] / own["step_length_m"]),
    )
    step = 0.5 * (rows["step_length_m"] + own["step_length_m"])
    table = pd.DataFrame(
        {
            "dose_percent": rows["dose_percent"],
            "total_mm": change["ankle_com_m"],
            "thigh_mm": change["reach_thigh_m"],
            "shank_mm": change["reach_shank_m"],
            "hip_mm": change["hip_com_m"],
            "cadence_mm": 0.5 * (share + normal_share) * change["step_length_m"],
            "placement_mm": 1e3 * step * (share - normal_share),
        }
    )
    return pd.concat([table, rows[SHOWN]], axis=1).reset_index(drop=True)


def draw_bars(
    axes: Axes, table: pd.DataFrame, parts: dict[str, tuple[str, str, str]], doses: list[float]
) -> None:
    """Bars of the parts beside each other at each dose, their sum as a black line."""
    place = np.array([doses.index(dose) for dose in table["dose_percent"]])
    width = 0.75 / len(parts)
    for rank, (name, (label, colour, hatch)) in enumerate(parts.items()):
        x = place + width * (rank - (len(parts) - 1) / 2)
        axes.bar(
            x,
            table[name],
            0.9 * width,
            color=colour,
            hatch=hatch,
            edgecolor="white",
            linewidth=0,
            label=label,
        )
    axes.plot(place, table["total_mm"], "k_", markersize=18, markeredgewidth=1.6, label="sum")
    axes.axhline(0, color="0.4", linewidth=0.6)
    axes.set_xticks(range(len(doses)), [f"{dose:g}" for dose in doses])
    axes.set_xlim(-0.6, len(doses) - 0.4)
    axes.set_xlabel("strength (%)")
    axes.set_ylabel("change of ankle ahead\nof mass centre (mm)")
    least_axis(axes, 1e3 * least_span("ankle_com_m"))
    low, high = axes.get_ylim()
    axes.set_ylim(low, high + 0.45 * (high - low))  # room for the legend
    axes.legend(loc="upper left", ncols=2)


def draw(series: Series) -> Figure:
    """The page of a series."""
    page = figure(PAGE, 118)
    panels = page.subplots(2, 2).ravel()
    table, doses = terms(series), series.doses
    draw_bars(panels[0], table, TERMS, doses)
    draw_bars(panels[1], table, STEPS, doses)
    for name, (label, colour, line) in ANGLES.items():
        panels[2].plot(table["dose_percent"], table[name], line, color=colour, label=label)
    panels[2].set_ylabel("angle at contact (deg), forward +")
    panels[2].legend(loc="upper left")
    low, high = panels[2].get_ylim()
    panels[2].set_ylim(low, high + 0.35 * (high - low))
    least_axis(panels[2], least_span("angle_deg"))
    normal = table[table["dose_percent"] == 100]
    for name, (label, colour, line) in RHYTHM.items():
        change = 100 * (table[name] / normal[name].iloc[0] - 1) if len(normal) else table[name]
        panels[3].plot(table["dose_percent"], change, line, color=colour, label=label)
    panels[3].axhline(0, color="0.7", linewidth=0.6, zorder=0)
    panels[3].set_ylabel("change from 100 % run (%)")
    least_axis(panels[3], LEAST_PERCENT)
    panels[3].legend(loc="upper right")
    for axes in panels[2:]:
        axes.set_xticks(doses)
        axes.set_xlabel("strength (%)")
        axes.margins(x=0.08)
    for axes, mark in zip(panels, "abcd", strict=True):
        letter(axes, mark)
    panels[0].set_title("by segment")
    panels[1].set_title("by step")
    page.suptitle(series.label)
    remark = "changes from the 100 % run; positive: the foot lands further ahead\n"
    remark += "thigh, shank: their reach L sin(angle); hip: hip ahead of mass centre; black: sum"
    if table.empty:
        remark = "no certified 100 % run to compare with, or its geometry is not known: not drawn"
    note(page, remark + series.lacking())
    return page


def caption(series: Series) -> str:
    """What the page shows."""
    return (
        "Change of the ankle's distance ahead of the centre of mass at contact from the 100 % run, "
        f"{series.told()} a: by thigh, shank (their reach, L sin(angle)) and hip; b: by the step's "
        "length and the foot's place in it; black: the sum. c: angles at contact. d: step rate and "
        "length."
    )


def without(series: Series) -> str:
    """Why a series has no page: its motion is a measured runner's."""
    return "the motion is kept as measured, strength cannot move it" if kept(series) else ""


def drawn(series: Series) -> pd.DataFrame:
    """The terms shown: one row for each certified dose."""
    return terms(series)


if __name__ == "__main__":
    figure_command("over_striding", draw, drawn, caption, without)

"""A measured runner's joint moments, right and left, beside what reserves give; the pelvis's rest.

The run nearest to 100 % strength: joint moments do not change with it. A band: mean and standard
deviation over all whole strides of the recording.
"""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.figures.shown import kept, moving
from analysis.figures.study import Series
from analysis.figures.style import (
    PAGE,
    figure,
    figure_command,
    letter,
    norm_grey,
    note,
    stride_axis,
)

TABLE = "shares.csv"
JOINTS = {
    "hip_flexion": "hip flexion",
    "hip_adduction": "hip adduction",
    "hip_rotation": "hip rotation",
    "knee_angle": "knee",
    "ankle_angle": "ankle",
}
PELVIS = {"pelvis_tx": "fore-aft", "pelvis_ty": "vertical", "pelvis_tz": "sideways"}
SIDES = {"r": "right", "l": "left"}
_LINES = ("-", "--", ":")


def without(series: Series) -> str:
    """Why there is no page."""
    if not kept(series):
        return "the motion is found, not measured"
    return "" if series.tables(TABLE) else "no run is certified"


def table_of(series: Series) -> pd.DataFrame:
    """The stride that is shown."""
    return next(iter(moving(series, TABLE).values()))


def joints(table: pd.DataFrame) -> list[str]:
    """Those of the joints that the runner has."""
    return [name for name in JOINTS if f"{name}_r_moment" in table]


def draw(series: Series) -> Figure:
    """A row for each joint, a column for each leg, and the pelvis residual below."""
    table = table_of(series)
    names = joints(table)
    page = figure(PAGE, 24 + 30 * (len(names) + 1))
    grid = page.subplots(len(names) + 1, 2, squeeze=False, sharex=True, sharey="row")
    for row, name in zip(grid[:-1], names, strict=True):
        for axes, side in zip(row, SIDES, strict=True):
            draw_joint(axes, table, f"{name}_{side}")
        row[0].set_ylabel(f"{JOINTS[name]}\n(N m)")
    for axes, side in zip(grid[0], SIDES, strict=True):
        axes.set_title(f"{SIDES[side]} leg")
    draw_residual(grid[-1, 0], table)
    grid[-1, 1].remove()
    stride_axis(grid[-1, 0])
    grid[0, 0].legend(frameon=False)
    for axes, mark in zip(grid[:, 0], "abcdefg", strict=False):
        letter(axes, mark)
    note(page, "band: mean and SD over all whole strides; dotted: what a reserve gives")
    return page


def draw_joint(axes: Axes, table: pd.DataFrame, name: str) -> None:
    """Moment, its spread over strides, reserve of a coordinate."""
    percent, mean = table["percent"], table[f"{name}_moment_mean"]
    spread = table[f"{name}_moment_sd"]
    axes.fill_between(percent, mean - spread, mean + spread, color=norm_grey(), linewidth=0)
    axes.plot(percent, table[f"{name}_moment"], color="black", label="moment")
    if f"{name}_reserve" in table:
        axes.plot(percent, table[f"{name}_reserve"], ":", color="tab:red", label="reserve")
    axes.axhline(0.0, color="0.6", linewidth=0.5)


def draw_residual(axes: Axes, table: pd.DataFrame) -> None:
    """What is missing at the pelvis, in each direction."""
    for line, (name, words) in zip(_LINES, PELVIS.items(), strict=True):
        if f"{name}_moment" in table:
            axes.plot(table["percent"], table[f"{name}_moment"], line, color="black", label=words)
    axes.axhline(0.0, color="0.6", linewidth=0.5)
    axes.set_ylabel("missing at\npelvis (N)")
    axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(1.05, 1.0))


def caption(series: Series) -> str:
    """What the page shows, with its largest reserve and residual."""
    row = series.certified.iloc[0]
    told = f"Joint moments by inverse dynamics, {series.told()} "
    if pd.notna(row.get("reserve_share_largest")):
        told += (
            f"The largest reserve is {100 * row['reserve_share_largest']:.1f} % of its joint's "
            f"peak ({row['reserve_largest_coordinate']}). "
        )
    if pd.notna(row.get("pelvis_residual_force_rms_n")):
        told += (
            f"Motion and force leave {row['pelvis_residual_force_rms_n']:.0f} N and "
            f"{row['pelvis_residual_moment_rms_nm']:.0f} N m (rms) at the pelvis. "
        )
    if pd.notna(row.get("strength_percent")):
        told += (
            f"Muscles at {row['strength_percent']:.0f} % of the model's strength, low-pass filter "
            f"at {row['filter_hz']:g} Hz, stride {row['stride_number']:.0f}. "
        )
    return told + "Band: mean and standard deviation over all whole strides of the recording."


def drawn(series: Series) -> pd.DataFrame:
    """The curves shown."""
    if without(series):
        return pd.DataFrame(columns=["percent"])
    table = table_of(series)
    names = [f"{n}_{s}" for n in joints(table) for s in SIDES]
    columns = [f"{n}_{what}" for n in names for what in ("moment", "moment_mean", "moment_sd")]
    columns += [f"{n}_reserve" for n in names] + [f"{n}_moment" for n in PELVIS]
    return table[["percent", *(c for c in columns if c in table)]]


if __name__ == "__main__":
    figure_command("measured_moments", draw, drawn, caption, without)

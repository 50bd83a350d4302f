"""Curves of a muscle group's activation over the stride, as several figures show them.

The heads of a group count alike. Grey bars: when electromyography finds the group active in runners
(analysis/muscle_timing.csv).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from analysis.figures.phases import toe_offs
from analysis.figures.shown import least_span
from analysis.figures.study import Series
from analysis.figures.style import dose_styles, norm_grey, stride_axis
from analysis.measures.muscle_timing import COLUMN, spans
from formats.muscles import GROUPS

NOTE = "ticks on the lower axis: toe-off; grey bar: active in runners' electromyography"


def curve(table: pd.DataFrame, group: str) -> np.ndarray | None:
    """(rows,) activation of a group of the right leg, 0 to 1; None if the runner has none of it."""
    pattern = re.compile(rf"(?:{GROUPS[group]})_r_activation")
    names = [column for column in table.columns if pattern.fullmatch(column)]
    return table[names].mean(axis=1).to_numpy() if names else None


def force(table: pd.DataFrame, group: str) -> np.ndarray | None:
    """(rows,) tendon force of a group of the right leg, N, all heads; None if it has none of it."""
    pattern = re.compile(rf"(?:{GROUPS[group]})_r_force_n")
    names = [column for column in table.columns if pattern.fullmatch(column)]
    return table[names].sum(axis=1).to_numpy() if names else None


def present(series: Series, groups: Iterable[str]) -> list[str]:
    """Those of the groups that the runner has, by the curves of its certified runs."""
    tables = list(series.tables("curves.csv").values())
    return [g for g in groups if any(curve(table, g) is not None for table in tables)]


def overlaps(series: Series, groups: Iterable[str]) -> dict[str, tuple[float, float, float]]:
    """Overlap (Jaccard) of each group with electromyography: at 100 %, least and greatest.

    Of the certified runs; at 100 % NaN without such a run. Groups without a value are left out.
    """
    rows, found = series.certified, {}
    for group in groups:
        column = COLUMN.format(group)
        if column not in rows or rows[column].isna().all():
            continue
        values = rows.set_index("dose_percent")[column]
        normal = float(values[100.0]) if 100.0 in values.index else float("nan")
        found[group] = (normal, float(values.min()), float(values.max()))
    return found


def draw(axes: Axes, series: Series, group: str) -> None:
    """Activation over the stride, a line for each dose, its toe-off as a tick at the foot."""
    styles = dose_styles(series.doses)
    for dose, table in series.tables("curves.csv").items():
        values = curve(table, group)
        if values is not None:
            axes.plot(table["percent"], values, label=f"{dose:g} %", **styles[dose])
    toe_offs(axes, series)
    for begin, end in spans(group):
        axes.plot(
            [begin, end],
            [1.0, 1.0],
            color=norm_grey(),
            linewidth=4,
            solid_capstyle="butt",
            transform=axes.get_xaxis_transform(),
            clip_on=False,
        )
    top = max(axes.get_ylim()[1], least_span(f"{group}_activation"))
    axes.set_ylim(0, 1.08 * top)  # room for the bars
    stride_axis(axes)


def drawn(series: Series, groups: Iterable[str]) -> pd.DataFrame:
    """The curves shown: one row for each dose and per cent of the stride."""
    parts = []
    found = present(series, groups)
    for dose, table in series.tables("curves.csv").items():
        part = pd.DataFrame({"dose_percent": dose, "percent": table["percent"]})
        for group in found:
            part[f"{group}_activation"] = curve(table, group)
            part[f"{group}_force_n"] = force(table, group)
        parts.append(part)
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["percent"])

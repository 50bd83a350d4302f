"""Phases of the stride: braking and push-off of the stance, early and late swing, toe-off."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from analysis.figures.study import Series
from analysis.figures.style import dose_styles

NAMES = ("braking", "push-off", "early swing", "late swing")


def phases(series: Series) -> list[tuple[str, float, float]]:
    """Name, begin and end (% of the stride) of each phase of the 100 % run, or of the nearest dose.

    Braking ends where the fore-aft force turns forward; swing is halved. Empty without a run.
    """
    tables, rows = series.tables("curves.csv"), series.certified.set_index("dose_percent")
    if not tables:
        return []
    dose = min(tables, key=lambda d: abs(d - 100))
    toe_off = 100.0 * float(rows["duty_factor"][dose])
    ends = [braking_end(tables[dose], toe_off), toe_off, 0.5 * (toe_off + 100.0), 100.0]
    return list(zip(NAMES, [0.0, *ends[:-1]], ends, strict=True))


def braking_end(table: pd.DataFrame, toe_off: float) -> float:
    """Per cent of the stride at which the force, having braked most, begins to push."""
    stance = table[table["percent"] <= toe_off]
    force, percent = stance["grf_x_bw"].to_numpy(), stance["percent"].to_numpy()
    most = int(np.argmin(force))
    forward = np.flatnonzero(force[most:] > 0)
    return float(percent[most + forward[0]]) if len(forward) else 0.5 * toe_off


def shade(axes: Axes, series: Series) -> None:
    """Every second phase in light grey."""
    for _, begin, end in phases(series)[::2]:
        axes.axvspan(begin, end, color="0.94", linewidth=0, zorder=-1)


def toe_offs(axes: Axes, series: Series) -> None:
    """A tick at the foot of a panel at each dose's toe-off."""
    styles = dose_styles(series.doses)
    duty = series.certified.set_index("dose_percent")["duty_factor"]
    for dose, share in duty.items():
        axes.plot(
            [100 * share] * 2,
            [0, 0.05],
            color=styles[dose]["color"],
            transform=axes.get_xaxis_transform(),
            linewidth=1,
        )

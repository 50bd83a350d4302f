"""What strength changes over the stride: each dose's curve less that of the 100 % run.

Curves of doses lie on each other where strength does little; their differences do not. Bands: where
the study has LEAST variants or more of the same stratum (runners, objectives, draws), the 95 %
interval of their mean difference, from Student's t at each per cent by itself. Grey: within a
smallest effect of the rule in the curve's unit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from scipy.stats import t as student

from analysis.figures.shown import kept, least_span
from analysis.figures.study import Series, read_study
from analysis.figures.style import dose_styles, least_axis, stride_axis

LEAST = 3
STRATUM = ("arm", "side", "cadence", "habit_weight", "speed_m_s")
TABLE = "curves.csv"
CAPTION = (
    "less the 100 % run's; grey: within a smallest effect of that unit; bands, where the study has "
    f"{LEAST} variants or more: 95 % interval of their mean"
)
Curve = Callable[[pd.DataFrame], "np.ndarray | None"]


@dataclass(frozen=True)
class Difference:
    """own (101,): of the series; low, high (101,): of the variants' mean, None for too few."""

    own: np.ndarray
    low: np.ndarray | None = None
    high: np.ndarray | None = None


def column(name: str) -> Curve:
    """A column of the table as the curve; None where it has none."""
    return lambda table: table[name].to_numpy(dtype=float) if name in table else None


def of_series(series: Series, curve: Curve, table: str = TABLE) -> dict[float, np.ndarray]:
    """Dose -> (101,) its curve less that of 100 %; empty without a 100 % run."""
    curves = {dose: curve(found) for dose, found in series.tables(table).items()}
    normal = curves.pop(100.0, None)
    if normal is None:
        return {}
    return {
        dose: values - normal
        for dose, values in curves.items()
        if values is not None and len(values) == len(normal)
    }


def variants(series: Series) -> list[Series]:
    """All series of the study in the same stratum, this one among them."""

    def stratum(one: Series) -> tuple[str, ...]:
        own = one.rows[one.rows["dose_percent"] != 100]
        return tuple(str((own if len(own) else one.rows).iloc[0][key]) for key in STRATUM)

    return [one for one in read_study(series.folder) if stratum(one) == stratum(series)]


def differences(series: Series, curve: Curve, table: str = TABLE) -> dict[float, Difference]:
    """Each dose's difference, with the interval of the variants' mean where there are enough."""
    own = of_series(series, curve, table)
    others = [of_series(one, curve, table) for one in variants(series)]
    found = {}
    for dose, values in own.items():
        every = np.array([one[dose] for one in others if dose in one])
        if len(every) < LEAST:
            found[dose] = Difference(values)
            continue
        mean, count = every.mean(axis=0), len(every)
        half = student.ppf(0.975, count - 1) * every.std(axis=0, ddof=1) / np.sqrt(count)
        found[dose] = Difference(values, mean - half, mean + half)
    return found


def draw(
    axes: Axes, series: Series, curve: Curve, unit: str, *, like: str = "", table: str = TABLE
) -> None:
    """A panel of differences over the stride. like: the column whose least axis it shares."""
    span = least_span(like) if like else 0.0
    if span:
        axes.axhspan(-span / 2, span / 2, color="0.93", linewidth=0, zorder=0)
    axes.axhline(0, color="0.7", linewidth=0.5, zorder=0)
    styles = dose_styles(series.doses)
    found = {} if kept(series) else differences(series, curve, table)
    percent = np.arange(101)
    for dose, one in found.items():
        if one.low is not None and one.high is not None:
            colour = styles[dose]["color"]
            axes.fill_between(percent, one.low, one.high, color=colour, alpha=0.25, linewidth=0)
        axes.plot(percent[: len(one.own)], one.own, **styles[dose])
    if not found:
        axes.text(
            0.5,
            0.5,
            "no difference to show",
            ha="center",
            va="center",
            color="0.35",
            transform=axes.transAxes,
        )
        axes.set_ylim(-1, 1)
        axes.set_yticks([0])
    least_axis(axes, 1.1 * span)
    axes.set_ylabel(f"less 100 % ({unit})" if unit else "less 100 %")
    stride_axis(axes)

"""The dose-response over all variants of an arm: each variant's change from its own 100 % run.

A variant is a runner, speed, objective, start or draw of parameters. Thin lines: the variants;
thick line: their mean; band: from the least to the greatest. Only certified runs count; a variant
without a certified 100 % run has nothing to be compared with and is left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from analysis.figures.study import Series
from analysis.figures.style import ARM_COLOURS, ARM_MARKERS, LineStyle

STRATUM = {"habit_weight": "habit {}", "cadence": "cadence {}", "side": "side: {}"}
"""What sets runs apart that are not averaged, beside the arm."""


def strata(
    series: Sequence[Series], first: Mapping[str, Any] = MappingProxyType({})
) -> dict[str, list[Series]]:
    """The series by stratum, in words; `first`: keys and values of the one to begin with."""
    found: dict[tuple[int, str], list[Series]] = {}
    for one in series:
        own = one.rows[one.rows["arm"] != "baseline"]
        row = (own if len(own) else one.rows).iloc[0]
        words = ", ".join(
            text.format(f"{row[key]:g}" if isinstance(row[key], float) else row[key])
            for key, text in STRATUM.items()
        )
        unlike = sum(row[key] != first[key] for key in STRATUM if key in first)
        found.setdefault((unlike, words), []).append(one)
    return {key[1]: found[key] for key in sorted(found, key=lambda key: key[0])}


def by_arm(series: Sequence[Series]) -> dict[str, list[Series]]:
    """The series of a stratum by arm."""
    found: dict[str, list[Series]] = {}
    for one in series:
        found.setdefault(one.arm, []).append(one)
    return found


def changes(series: Sequence[Series], column: str) -> pd.DataFrame:
    """(variants, doses): change of a column from each variant's own 100 % run; NaN: no such run."""
    rows = {}
    for one in series:
        if column not in one.certified:
            continue
        values = one.certified.dropna(subset=[column]).set_index("dose_percent")[column]
        if 100.0 in values.index:
            rows[one.label] = values - values[100.0]
    return pd.DataFrame.from_dict(rows, orient="index").sort_index(axis=1)


def draw(axes: Axes, arms: dict[str, list[Series]], column: str, *, second: bool = False) -> None:
    """One endpoint: the variants of each arm with mean and band; dashed if a second reading."""
    for rank, (arm, series) in enumerate(arms.items()):
        table = changes(series, column)
        if table.empty:
            continue
        colour = ARM_COLOURS[rank % len(ARM_COLOURS)]
        doses = table.columns.to_numpy(dtype=float)
        marked: LineStyle = {"label": f"{arm}: mean of the variants"}
        if second:
            marked = {"linestyle": "--", "markerfacecolor": "white"}
        for _, row in table.iterrows():
            axes.plot(
                doses,
                row,
                color=colour,
                linewidth=0.5,
                alpha=0.6,
                linestyle=marked.get("linestyle", "-"),
                zorder=2,
            )
        axes.fill_between(doses, table.min(), table.max(), color=colour, alpha=0.15, linewidth=0)
        axes.plot(
            doses,
            table.mean(),
            color=colour,
            marker=ARM_MARKERS[rank % len(ARM_MARKERS)],
            zorder=3,
            **marked,
        )

"""What a figure may show of an endpoint: whose it is, and how little may fill an axis.

The rule that a study is judged by says which runners do not have an endpoint (`except_runners`),
and how large a change matters; figures follow both (analysis.figures.rule).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.figures.rule import claims
from analysis.figures.study import Series
from analysis.verdict.variants import ROUNDING
from formats.claims import Endpoint

RELATIVE_SPAN = 0.01
"""Least span of an axis, of the values' size, where the rule gives their unit no effect."""
SUFFIXES = {"m": "_m", "mm": "_mm", "deg": "_deg", "BW": "_bw", "1": "_activation"}
"""How columns of the rule's units end."""


def endpoints() -> dict[str, Endpoint]:
    """Every endpoint that the rule judges or reports, primary ones first."""
    listed = [
        one for claim in claims().claims.values() for one in (*claim.primary, *claim.secondary)
    ]
    listed.sort(key=lambda one: one.smallest is None)
    return {one.endpoint: one for one in reversed(listed)}


def lacks(rows: pd.DataFrame, endpoint: str) -> str:
    """Why the runner of these rows does not have an endpoint, in words; empty if they have it."""
    known = endpoints().get(endpoint)
    runner = str(rows["runner"].iloc[0])
    if known is not None and runner in known.except_runners:
        return f"the rule leaves out the {runner} runner, who does not have it"
    return ""


def cannot_move(series: Series, endpoint: str) -> str:
    """Why strength cannot move an endpoint of these runs, in words; empty if it can.

    The motion of a measured runner is kept, and with it all that follows from the motion alone.
    """
    if not kept(series) or endpoint not in series.certified:
        return ""
    values = series.certified[endpoint].dropna()
    held = len(values) > 0 and np.ptp(values) <= ROUNDING * np.abs(values).max()
    return "kept as measured, strength cannot move it" if held else ""


def kept(series: Series) -> bool:
    """Whether the motion and the ground force of these runs are a measured runner's, kept."""
    return "problem" in series.rows and bool((series.rows["problem"] == "inverse").all())


def moving(series: Series, name: str) -> dict[float, pd.DataFrame]:
    """The table `name` of each certified dose; of a kept motion one, that nearest to 100 %."""
    tables = series.tables(name)
    if kept(series) and tables:
        nearest = min(tables, key=lambda dose: abs(dose - 100))
        return {nearest: tables[nearest]}
    return tables


def not_shown(series: Series, endpoint: str) -> str:
    """Why an endpoint of a series is not in a figure, in words; empty if it is."""
    return lacks(series.rows, endpoint) or cannot_move(series, endpoint)


def _by_unit() -> dict[str, float]:
    """The smallest of the rule's smallest effects in each unit."""
    found: dict[str, float] = {}
    for one in endpoints().values():
        if one.smallest_effect is not None and one.unit is not None:
            found[one.unit] = min(one.smallest_effect, found.get(one.unit, np.inf))
    return found


def least_span(column: str, size: float = 0.0) -> float:
    """The least range that an axis shows of a column, in the column's unit.

    Two smallest effects of the rule for that endpoint, or else of its unit; where there is none,
    RELATIVE_SPAN of `size`, the greatest of the values. What moves less hardly shows, as it should.
    """
    known = endpoints().get(column)
    if known is not None and known.smallest_effect is not None and known.smallest_effect_of is None:
        return 2.0 * known.smallest_effect
    for unit, effect in _by_unit().items():
        if unit in SUFFIXES and column.endswith(SUFFIXES[unit]):
            return 2.0 * effect
    return RELATIVE_SPAN * abs(size)

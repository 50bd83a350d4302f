"""Where the spread of an effect comes from: bodies, objectives or parameters.

An effect is known for each person, objective and draw of parameters that was run. The variance of a
source is taken among runs that differ in that source alone, pooled over what they share:

    s2 = sum over groups, sum within (x - mean)^2 / sum (size - 1)

In an additive model that is the variance of the source, without bias, however many of the
combinations were run (a star of one-at-a-time changes is enough); interactions add to the sources
that take part in them. Of crossed, balanced data it is the mean square within, of the analysis of
variance.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from formats.verdicts import Component, Spreading

SOURCES = {"body": "runner", "objective": "objective", "parameters": "draw"}
"""What spreads, and the column of cases.csv that tells it apart."""


def components(variants: Sequence[Spreading], effects: Sequence[float]) -> dict[str, Component]:
    """Standard deviation of each source and its share of the sum of variances (%).

    variants: runner, objective and draw of each effect (those that differ). A source that no two
    runs differ in alone has None. degrees_of_freedom: of the pooled variance.
    """
    table = pd.DataFrame(list(variants))
    table["effect"] = np.asarray(effects, dtype=float)
    found: dict[str, Component] = {}
    for source, column in SOURCES.items():
        others = [name for name in SOURCES.values() if name != column and name in table]
        freedom, squares = 0, 0.0
        if column in table:
            groups = [g for _, g in table.groupby(others, dropna=False)] if others else [table]
            for group in groups:
                levels = group.groupby(column)["effect"].mean()
                freedom += len(levels) - 1
                squares += float(((levels - levels.mean()) ** 2).sum())
        deviation = float(np.sqrt(squares / freedom)) if freedom else None
        found[source] = {
            "deviation": deviation,
            "degrees_of_freedom": freedom,
            "share_percent": None,
        }
    total = sum(one["deviation"] ** 2 for one in found.values() if one["deviation"] is not None)
    for one in found.values():
        if one["deviation"] is not None and total > 0.0:
            one["share_percent"] = 100.0 * one["deviation"] ** 2 / total
    return found

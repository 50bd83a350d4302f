"""A run by its outcomes: what two runs are compared by, from whichever table or file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

import pandas as pd

from formats.records import Row, Value


@dataclass(frozen=True)
class RunOutcomes:
    """Which run it is, how it ended, and all its values by column of cases.csv and outcomes.csv.

    A text that its row lacks is empty. reason: why it is not certified.
    """

    case: str
    runner: str
    status: str
    reason: str
    values: Row = field(repr=False)

    @classmethod
    def of(cls, row: Row) -> Self:
        """The run of a row of those tables, or of outcomes.json."""
        case, runner, status, reason = (
            _text(row.get(name)) for name in ("case", "runner", "status", "reason")
        )
        return cls(case, runner, status, reason, row)

    @property
    def certified(self) -> bool:
        """Whether OpenSim confirms it."""
        return self.status == "certified"

    def number(self, column: str) -> float:
        """A number in the column's unit; NaN where there is none."""
        value = self.values.get(column)
        return float("nan") if value is None else float(value)


def _text(value: Value) -> str:
    return "" if value is None or pd.isna(value) else str(value)

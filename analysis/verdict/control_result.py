"""What a control came to: passed, failed or not run, in one line, and its parts with limits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from formats.case import BASELINE
from formats.verdicts import ControlRecord, PartRecord

PASSED, FAILED, NOT_RUN = "passed", "failed", "not run"
SAME_RUN = ("problem", "runner", "speed_m_s", "habit_weight", "objective", "start", "draw")
"""Columns of cases.csv that a run shares with the one that a control compares it with."""
SAID = {"speed_m_s": "{:g} m/s", "habit_weight": "habit {:g}", "draw": "draw {}"}
"""How a value of these is told; of the others as it stands."""


@dataclass(frozen=True)
class Part:
    """One quantity that a control judges: its value, what it is held against, and whose number.

    value, limit: in words, with units. passed: None where there is no value. runs: whose, where a
    control judges several runners or groups of runs alike.
    """

    quantity: str
    value: str
    limit: str
    source: str
    passed: bool | None
    runs: str = ""

    def record(self) -> PartRecord:
        """For claims.json."""
        return {
            "quantity": self.quantity,
            "value": self.value,
            "limit": self.limit,
            "source": self.source,
            "passed": self.passed,
            "runs": self.runs,
        }

    def __str__(self) -> str:
        """`runs, quantity: value (limit, source): passed`."""
        held = ", ".join(text for text in (self.limit, self.source) if text)
        state = NOT_RUN if self.passed is None else PASSED if self.passed else FAILED
        named = ", ".join(text for text in (self.runs, self.quantity) if text)
        return f"{named}: {self.value} ({held}): {state}"


def result(passed: bool | None, detail: str, parts: Sequence[Part] = ()) -> ControlRecord:
    """A control's status, detail and parts; None: not run."""
    status = NOT_RUN if passed is None else (PASSED if passed else FAILED)
    found: ControlRecord = {"status": status, "detail": detail}
    if parts:
        found["parts"] = [part.record() for part in parts]
    return found


def of_parts(parts: Sequence[Part], lost: Sequence[str] = ()) -> ControlRecord:
    """The result of judged parts: failed if one is, not run if one has no value, else passed.

    lost: names of cases that are not certified; a control that leans on one of them has failed.
    """
    told = [str(part) for part in parts]
    if lost:
        names = ", ".join(dict.fromkeys(lost))
        told.insert(0, f"not certified: {names}")
        parts = [Part("runs", f"not certified: {names}", "all certified", "", False), *parts]
    states = {part.passed for part in parts}
    passed = False if lost or False in states else None if None in states else True
    return result(passed, "; ".join(told), parts)


def whose(runs: Sequence[pd.Series]) -> list[str]:
    """What tells groups of runs apart, of a run of each; empty where there is only one."""
    varied = [name for name in SAME_RUN if len({run[name] for run in runs}) > 1]
    columns = dict.fromkeys(["runner", *varied]) if len(runs) > 1 else {}
    return [", ".join(SAID.get(name, "{}").format(run[name]) for name in columns) for run in runs]


SPRINGS = ("spring_n_m", "spring_nm_rad")
"""Columns of a swing assist's stiffness: a band between the feet; in studies before it, a torsional
spring between the thighs."""


def spring_of(rows: pd.DataFrame, columns: tuple[str, ...] = SPRINGS) -> pd.Series:
    """Stiffness of each row's swing assist; 0 where the study has no such column."""
    none = pd.Series(0.0, index=rows.index)
    return sum((rows.get(column, none).fillna(0.0) for column in columns), none)


def normal(rows: pd.DataFrame) -> pd.DataFrame:
    """The runs at 100 % strength without a swing assist, at any step rate."""
    return rows[(rows["arm"] == BASELINE) & (spring_of(rows) == 0)]


def uncertified(runs: Iterable[pd.Series]) -> list[str]:
    """Names of the runs (rows of outcomes.csv) that are not certified."""
    return [str(row["case"]) for row in runs if row["status"] != "certified"]


def number(row: pd.Series, column: str) -> float:
    """A run's value of a column; NaN where it has none."""
    value = row.get(column)
    return float("nan") if value is None else float(value)

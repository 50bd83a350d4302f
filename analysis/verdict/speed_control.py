"""The control by speed, at 100 % strength and free step rate: what running faster must change.

From 2.5 to 3.5 m/s times, force and moment must change as the means of measured runners do
(analysis/norms.csv): the same way, and by half to twice as much. To 4.5 m/s, where there are no
norms, they must go on the same way. The limits are this study's own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.norms import norms_at
from analysis.verdict.control_result import (
    SAME_RUN,
    Part,
    normal,
    number,
    of_parts,
    result,
    uncertified,
    whose,
)
from formats.case import CONTROL_SPEEDS
from formats.verdicts import ControlRecord

FACTOR = 2.0
"""A change may be this many times less or more than that of the norms."""
SLOW, USUAL, FAST = CONTROL_SPEEDS
"""m/s; there are norms at the first two."""
QUANTITIES = {
    "stride_time_s": ("stride time", "s"),
    "contact_time_s": ("contact time", "s"),
    "vertical_peak_bw": ("peak vertical force", "BW"),
    "hip_flexor_moment_peak_nm_kg": ("peak hip flexor moment", "Nm/kg"),
}
"""Quantities of norms.csv: in words, and their unit."""
NONE = f"no runs at 100 % strength at each of {', '.join(f'{v:g}' for v in CONTROL_SPEEDS)} m/s"


@dataclass(frozen=True)
class Norm:
    """How runners change from SLOW to USUAL; column: of outcomes.csv, filtered as by the source."""

    column: str
    change: float
    source: str


def norm(quantity: str) -> Norm:
    """The change of a quantity between the norms of the two speeds."""
    rows = [norms_at(v).set_index("quantity").loc[quantity] for v in (SLOW, USUAL)]
    column = quantity if pd.isna(rows[0]["column"]) else str(rows[0]["column"])
    return Norm(column, float(rows[1]["mean"] - rows[0]["mean"]), str(rows[0]["source"]))


def groups(rows: pd.DataFrame) -> list[dict[float, pd.Series]]:
    """Runs at free step rate alike but for their speed, by speed; those with all three speeds."""
    chosen = normal(rows)
    chosen = chosen[chosen["cadence"] == "free"]
    same = [name for name in SAME_RUN if name != "speed_m_s"]
    found = []
    for _, group in chosen.groupby(same, dropna=False, sort=False):
        by_speed = {float(row["speed_m_s"]): row for _, row in group.iterrows()}
        if set(CONTROL_SPEEDS) <= set(by_speed):
            found.append({v: by_speed[v] for v in CONTROL_SPEEDS})
    return found


def speed(rows: pd.DataFrame) -> ControlRecord:
    """What changes with speed as in measured runners; rows: of verdict.variants.read_rows."""
    found, lost = groups(rows), []
    parts: list[Part] = []
    for by_speed, where in zip(found, whose([one[USUAL] for one in found]), strict=True):
        wrong = uncertified(by_speed.values())
        lost += wrong
        if not wrong:
            for quantity in QUANTITIES:
                parts += _judge(quantity, by_speed, where)
    return of_parts(parts, lost) if found else result(None, NONE)


def _judge(quantity: str, by_speed: dict[float, pd.Series], where: str) -> list[Part]:
    words, unit = QUANTITIES[quantity]
    runners = norm(quantity)
    values = {speed: number(row, runners.column) for speed, row in by_speed.items()}
    rises = runners.change > 0.0
    low, high = sorted((runners.change / FACTOR, runners.change * FACTOR))
    as_runners = f"{low:+.3g} to {high:+.3g} {unit}, runners {runners.change:+.3g}"
    onward = f"{'rises' if rises else 'falls'} further"
    parts = []
    for first, then, limit, source in (
        (SLOW, USUAL, as_runners, runners.source),
        (USUAL, FAST, onward, ""),
    ):
        name = f"{words}, {first:g} to {then:g} m/s"
        change = values[then] - values[first]
        if np.isnan(change):
            parts.append(Part(name, "no value", limit, source, None, where))
            continue
        if then == USUAL:
            passed = low <= change <= high
        else:
            passed = change > 0.0 if rises else change < 0.0
        value = f"{change:+.3g} {unit} from {values[first]:.3g}"
        parts.append(Part(name, value, limit, source, bool(passed), where))
    return parts

"""Two controls by step rate, at 100 % strength: what it must move, and what it must cost.

step_rate          Heiderscheit et al. 2011 (Med Sci Sports Exerc 43:296; 45 runners at 90, 95, 100,
                   105 and 110 % of their step rate) and Lenhart et al. 2014 (J Orthop Sports Phys
                   Ther 44:766; 30 runners at 90, 100 and 110 %), per step
cost_of_step_rate  Snyder and Farley 2011 (J Exp Biol 214:2089), Lieberman et al. 2015 (J Exp Biol
                   218:3406): a U whose minimum lies near the preferred rate
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

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
from formats.case import ALTERED
from formats.verdicts import ControlRecord

CHANGE = {cadence: float(cadence.removesuffix("%")) for cadence in ALTERED}
"""Change of the step rate, per cent of the free one."""
LEAST_SHARE = 0.5
"""Least change of a quantity, in per cent, per per cent of step rate.

At a given speed the step shortens by as much as its rate rises; half of that is asked for.
"""
HEIDERSCHEIT, LENHART = "Heiderscheit 2011", "Lenhart 2014"


@dataclass(frozen=True)
class Quantity:
    """A column of outcomes.csv, whether it rises with step rate, and the rates it is judged at."""

    column: str
    words: str
    unit: str
    rises: bool
    judged: tuple[str, ...]
    source: str


TENTHS = ("-10%", "+10%")
QUANTITIES = (
    Quantity(
        "knee_loading_response_negative_work_j_kg_step",
        "knee work absorbed, loading response",
        "J/kg per step",
        rises=False,
        # What the paper calls significant; -5 % is shown.
        judged=("-10%", "+5%", "+10%"),
        source=HEIDERSCHEIT,
    ),
    Quantity(
        "braking_impulse_bw_s",
        "braking impulse",
        "BW s per step",
        rises=False,
        judged=ALTERED,
        source=HEIDERSCHEIT,
    ),
    Quantity(
        "heel_com_m",
        "heel ahead of mass centre at contact",
        "m",
        rises=False,
        judged=ALTERED,
        source=HEIDERSCHEIT,
    ),
    Quantity(
        "hamstrings_force_late_swing_peak_n",
        "hamstrings, peak force in late swing",
        "N",
        rises=True,
        judged=TENTHS,
        source=LENHART,
    ),
    Quantity(
        "glmax_force_late_swing_peak_n",
        "gluteus maximus, peak force in late swing",
        "N",
        rises=True,
        judged=TENTHS,
        source=LENHART,
    ),
    Quantity(
        "hip_abductors_force_stance_peak_n",
        "hip abductors, peak force in stance",
        "N",
        rises=False,
        judged=TENTHS,
        source=LENHART,
    ),
)
COST = "metabolic_cost_j_kg_m"
COST_SOURCE = "Snyder & Farley 2011, Lieberman 2015"
MINIMUM_WITHIN_PERCENT = 3.0
RISE_PERCENT = (2.0, 4.0)
"""Rise of the cost 10 % of step rate to either side of its minimum."""


def groups(rows: pd.DataFrame) -> list[dict[str, pd.Series]]:
    """Runs alike but for their step rate, by cadence; those with the free and all altered rates."""
    chosen = normal(rows)
    chosen = chosen[chosen["cadence"].isin(["free", *ALTERED])]
    found = []
    for _, group in chosen.groupby(list(SAME_RUN), dropna=False, sort=False):
        by_rate = {str(row["cadence"]): row for _, row in group.iterrows()}
        if set(by_rate) == {"free", *ALTERED}:
            found.append({rate: by_rate[rate] for rate in (*ALTERED[:2], "free", *ALTERED[2:])})
    return found


NONE = f"no runs at 100 % strength at each of {', '.join(ALTERED)} step rate beside the free one"


def step_rate(rows: pd.DataFrame) -> ControlRecord:
    """What changes with step rate as in measured runners; rows: of verdict.variants.read_rows."""
    found, lost = groups(rows), []
    parts = []
    for by_rate, where in zip(found, whose([one["free"] for one in found]), strict=True):
        wrong = uncertified(by_rate.values())
        lost += wrong
        if not wrong:
            parts += [_judge(quantity, by_rate, where) for quantity in QUANTITIES]
    return of_parts(parts, lost) if found else result(None, NONE)


def _judge(quantity: Quantity, by_rate: dict[str, pd.Series], where: str) -> Part:
    values = {rate: number(row, quantity.column) for rate, row in by_rate.items()}
    verb = "rises" if quantity.rises else "falls"
    limit = f"{verb} with step rate by at least {LEAST_SHARE:g} % per % at {_list(quantity.judged)}"
    if any(np.isnan(value) for value in values.values()) or not values["free"]:
        return Part(quantity.words, "no value", limit, quantity.source, None, where)
    free = values["free"]
    change = {rate: 100.0 * (values[rate] / free - 1.0) for rate in ALTERED}
    sign = 1.0 if quantity.rises else -1.0
    slope = {rate: sign * change[rate] / CHANGE[rate] for rate in quantity.judged}
    shown = ", ".join(f"{change[rate]:+.1f} % at {rate}" for rate in ALTERED)
    value = f"{free:.4g} {quantity.unit}, {shown}"
    passed = min(slope.values()) >= LEAST_SHARE
    return Part(quantity.words, value, limit, quantity.source, passed, where)


def cost_of_step_rate(rows: pd.DataFrame) -> ControlRecord:
    """A parabola through the cost at the five step rates: where its minimum lies, how it rises."""
    found, lost = groups(rows), []
    parts = []
    for by_rate, where in zip(found, whose([one["free"] for one in found]), strict=True):
        wrong = uncertified(by_rate.values())
        lost += wrong
        if not wrong:
            parts += _cost(by_rate, where)
    return of_parts(parts, lost) if found else result(None, NONE)


def _cost(by_rate: dict[str, pd.Series], where: str) -> list[Part]:
    rate = np.array([CHANGE.get(cadence, 0.0) for cadence in by_rate])
    cost = np.array([number(row, COST) for row in by_rate.values()])
    lies, rise = "minimum of the cost", "rise of the cost 10 % beside its minimum"
    within = f"within {MINIMUM_WITHIN_PERCENT:g} % of the free step rate"
    low, high = RISE_PERCENT
    between = f"{low:g} to {high:g} %"
    shown = f"{_list([f'{value:.3f}' for value in cost])} J/kg/m at {_list(by_rate)}"
    if np.isnan(cost).any():
        return [Part(lies, "no value", within, COST_SOURCE, None, where)]
    curve, slope, free = np.polyfit(rate, cost, 2)
    if curve <= 0.0:
        none = f"none, the parabola opens downward, {shown}"
        return [Part(lies, none, within, COST_SOURCE, False, where)]
    at = -slope / (2.0 * curve)
    least = free - slope**2 / (4.0 * curve)
    rises = 100.0 * curve * 10.0**2 / least
    minimum = f"{at:+.1f} % of the free step rate, {shown}"
    near = abs(at) <= MINIMUM_WITHIN_PERCENT
    return [
        Part(lies, minimum, within, COST_SOURCE, bool(near), where),
        Part(rise, f"{rises:.2g} %", between, COST_SOURCE, bool(low <= rises <= high), where),
    ]


def _list(words: Iterable[str]) -> str:
    return ", ".join(words)

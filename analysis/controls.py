"""Does the instrument itself behave? Controls that stand beside every verdict.

null       100 % strength from another start gives the same endpoints
negative   weakening an unrelated group (ankle dorsiflexors) moves no endpoint that matters
step_rate  a higher step rate lands closer, brakes less, and the knee absorbs less (Heiderscheit
           2011, table 2 and 3: 10 % up; the reverse for 10 % down)
spring     a spring between the thighs lowers metabolic cost and shortens the stride (Simpson 2019)
lewis      weak glutes in prone hip extension and weak iliopsoas in supine flexion raise the forward
           force on the hip (Lewis 2007)

Each is passed, failed or not run, with one line of detail.
"""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.case import read_json
from analysis.variants import Effect, strata
from config.cases import BASELINE
from config.claims import Claim, Claims, Endpoint

PASSED, FAILED, NOT_RUN = "passed", "failed", "not run"
ELSEWHERE = "elsewhere/outcomes.json"
FASTER, SLOWER = "+10%", "-10%"
STEP_RATE = {
    "ankle_com_m": "foot ahead of mass centre",
    "braking_impulse_bw_s": "braking impulse",
    "knee_negative_work_j_kg_m": "work absorbed at the knee",
}
"""What falls as step rate rises, of outcomes.csv."""
SPRING = {"metabolic_cost_j_kg_m": "metabolic cost", "stride_length_m": "stride length"}
"""What falls with the spring."""
LIFTS = ("prone_extension", "supine_flexion")
"""Exercises of lewis.json."""


def result(passed: bool | None, detail: str) -> dict[str, str]:
    """A control's status and detail; None: not run."""
    status = NOT_RUN if passed is None else (PASSED if passed else FAILED)
    return {"status": status, "detail": detail}


def controls(folder: Path, rows: pd.DataFrame, claims: Claims) -> dict[str, dict[str, Any]]:
    """For each claim its controls: null and negative on its own primary endpoints, the rest shared.

    folder: of the study; rows: of analysis.variants.read_rows.
    """
    shared = {"step_rate": step_rate(rows), "spring": spring(rows), "lewis": lewis(folder)}
    found: dict[str, dict[str, Any]] = {}
    for name, claim in claims.claims.items():
        every = {
            "null": null(folder, rows, claim, claims),
            "negative": negative(rows, claim, claims),
            **shared,
        }
        found[name] = {control: every[control] for control in claim.controls}
    return found


def _column(endpoint: Endpoint) -> str:
    """Column in the unit of the smallest effect."""
    return endpoint.smallest_effect_of or endpoint.endpoint


def null(folder: Path, rows: pd.DataFrame, claim: Claim, claims: Claims) -> dict[str, str]:
    """The 100 % runs, solved again from elsewhere or from a cold start, move nothing."""
    tolerance = claims.decision.null_tolerance_percent / 100.0
    moved: list[tuple[float, str]] = []
    lost: list[str] = []
    for name, pair in _pairs(folder, rows):
        if pair is None:
            lost.append(name)
            continue
        for one in claim.primary:
            column = _column(one)
            if pair[0]["runner"] in one.except_runners or one.smallest is None:
                continue
            values = [row.get(column) for row in pair]
            if not any(v is None or pd.isna(v) for v in values):
                smallest = one.smallest_at(float(values[0]))
                if smallest:  # 0: in per cent of nothing
                    share = abs(float(values[1]) - float(values[0])) / smallest
                    moved.append((share, f"{column} in {name}"))
    if lost:
        return result(False, f"did not converge from another start: {', '.join(lost)}")
    if not moved:
        return result(None, "no 100 % run was solved from another start")
    worst, where = max(moved)
    detail = f"moved by at most {worst:.2g} smallest effects ({where}), allowed {tolerance:g}"
    return result(worst < tolerance, detail)


def _pairs(folder: Path, rows: pd.DataFrame) -> list[tuple[str, tuple[Any, Any] | None]]:
    """100 % runs with their second solution; None in its place where that did not converge."""
    found: list[tuple[str, tuple[Any, Any] | None]] = []
    normal = rows[(rows["arm"] == BASELINE) & (rows["status"] == "certified")]
    normal = normal[_spring_of(normal) == 0]
    for row in normal.to_dict("records"):
        path = folder / str(row["case"]) / ELSEWHERE
        if path.is_file():
            again = read_json(path)
            failed = again.get("status") == "failed"
            found.append((str(row["case"]), None if failed else (row, again)))
    factors = [*("problem", "runner", "speed_m_s", "cadence", "habit_weight", "objective", "draw")]
    for _, group in normal.groupby(factors, dropna=False):
        first, *others = group.to_dict("records")
        found += [(str(other["case"]), (first, other)) for other in others]
    return found


def negative(rows: pd.DataFrame, claim: Claim, claims: Claims) -> dict[str, str]:
    """Each control arm's effect on each primary endpoint stays below its smallest effect."""
    # Its doses are few: a slope through what there is.
    decision = claims.decision.model_copy(update={"least_doses": 2})
    groups = strata(rows, decision, controls=True)
    shares = []
    for group in groups:
        for one in claim.primary:
            for variant in group.variants:
                found = variant.effect(one, one.endpoint, decision)
                if isinstance(found, Effect) and one.smallest is not None:
                    arm = str(group.what["arm"]).replace("_", " ")
                    shares.append((abs(found.effect) / one.smallest, f"{one.endpoint}, {arm}"))
    if not groups:
        return result(None, "no unrelated group was weakened")
    if not shares:
        return result(None, "no certified runs with another group weakened")
    worst, where = max(shares)
    return result(worst < 1.0, f"at most {worst:.2g} smallest effects per -10 % ({where})")


def step_rate(rows: pd.DataFrame) -> dict[str, str]:
    """At 100 % strength: what falls from step rate -10 % over free to +10 %."""
    normal = rows[(rows["arm"] == BASELINE) & (_spring_of(rows) == 0)]
    normal = normal[normal["cadence"].isin([SLOWER, "free", FASTER])]
    factors = [*("problem", "runner", "speed_m_s", "habit_weight", "objective", "start", "draw")]
    wrong, tried = [], 0
    for _, group in normal.groupby(factors, dropna=False):
        by_rate = {row["cadence"]: row for row in group.to_dict("records")}
        altered = [rate for rate in (SLOWER, FASTER) if rate in by_rate]
        if not altered or "free" not in by_rate:
            continue
        tried += 1
        order = [rate for rate in (SLOWER, "free", FASTER) if rate in by_rate]
        lost = [by_rate[rate]["case"] for rate in order if by_rate[rate]["status"] != "certified"]
        if lost:
            wrong.append(f"not certified: {', '.join(lost)}")
            continue
        for column, words in STEP_RATE.items():
            values = [float(by_rate[rate][column]) for rate in order]
            if not all(a > b for a, b in itertools.pairwise(values)):
                shown = ", ".join(f"{v:.4g} at {r}" for v, r in zip(values, order, strict=True))
                wrong.append(f"{words} does not fall with step rate ({shown})")
    if not tried:
        return result(None, "no run at 100 % strength with another step rate")
    good = f"{', '.join(STEP_RATE.values())} fall as step rate rises"
    return result(not wrong, "; ".join(dict.fromkeys(wrong)) or good)


def spring(rows: pd.DataFrame) -> dict[str, str]:
    """With a spring between the thighs, against the same run without: what falls."""
    tied = rows[_spring_of(rows) > 0]
    if tied.empty:
        return result(None, "no run with a spring between the thighs")
    free = rows[(_spring_of(rows) == 0) & (rows["arm"] == BASELINE) & (rows["cadence"] == "free")]
    factors = [*("problem", "runner", "speed_m_s", "habit_weight", "objective", "start", "draw")]
    good, told = True, []
    for one in tied.to_dict("records"):
        same = free[(free[factors] == pd.Series(one)[factors]).all(axis=1)].to_dict("records")
        lost = [row["case"] for row in (one, *same) if row["status"] != "certified"]
        if lost or not same:
            good = False
            told.append(f"not certified: {', '.join(lost) or 'the run without the spring'}")
            continue
        for column, words in SPRING.items():
            change = 100.0 * (float(one[column]) / float(same[0][column]) - 1.0)
            good = good and change < 0.0
            told.append(f"{words} {change:+.2g} % with {one['spring_nm_rad']:g} Nm/rad")
    return result(good, "; ".join(told))


def _spring_of(rows: pd.DataFrame) -> pd.Series:
    """Stiffness (Nm/rad) of each row's spring; 0 where the study has no such column."""
    return rows.get("spring_nm_rad", pd.Series(0.0, index=rows.index)).fillna(0.0)


def lewis(folder: Path) -> dict[str, str]:
    """What analysis.lewis wrote to lewis.json: does it reproduce, and how the force changed."""
    path = folder / "lewis.json"
    if not path.is_file():
        return result(None, "no prone hip extension was computed")
    found = read_json(path)
    if not isinstance(found.get("reproduces"), bool):
        raise ValueError(f"{path}: key 'reproduces' must be true or false")
    told = [
        f"{group} in {exercise}: {change['direction']} ({reading})".replace("_", " ")
        for exercise, groups in found.items()
        if exercise in LIFTS
        for group, readings in groups.items()
        for reading, change in readings.items()
    ]
    return result(found["reproduces"], f"anterior force with {'; '.join(told)}")

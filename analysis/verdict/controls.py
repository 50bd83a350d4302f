"""Does the instrument itself behave? Controls that stand beside every verdict.

null               100 % strength from other starts gives the same run (verdict.null_control)
negative           an unrelated group moves each primary by less than a third of what the treatment
                   does (verdict.negative_control)
step_rate          a higher step rate does per step what it does in runners (verdict.step_rate)
cost_of_step_rate  the cost is a U about the free step rate (verdict.step_rate)
speed              faster running changes times and forces as in runners (verdict.speed_control)
spring             a band between the feet saves as much as in runners, and quickens the step
lewis              weak glutes in prone hip extension and weak iliopsoas in supine flexion raise the
                   forward force on the hip (Lewis 2007)

Each is passed, failed or not run, by the size of what came out, never by its sign alone; the detail
gives each value with its limit and source. required: whether the rule lists it for the claim.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from analysis.measures.lewis_record import Change
from analysis.replayed.case import read_json
from analysis.verdict.control_result import (
    FAILED,
    NOT_RUN,
    PASSED,
    SAME_RUN,
    SPRINGS,
    Part,
    normal,
    of_parts,
    result,
    spring_of,
)
from analysis.verdict.negative_control import negative
from analysis.verdict.null_control import null
from analysis.verdict.speed_control import speed
from analysis.verdict.step_rate import cost_of_step_rate, step_rate
from formats.claims import Claims
from formats.verdicts import ControlRecord

__all__ = ["FAILED", "NOT_RUN", "PASSED", "controls"]

ALWAYS_SHOWN = ("cost_of_step_rate",)
"""Controls that stand beside every claim, also where its rule does not list them."""
SAVING_PERCENT = (3.6, 9.2)
"""Saving of metabolic cost by a band between the feet: 6.4 +- 2.8 % (Simpson et al. 2019)."""
QUICKER_PERCENT = 0.1
"""Rise of the step rate up to which it counts as none; a finer mesh moves it by a tenth of that."""
SIMPSON = "Simpson 2019"
BAND = SPRINGS[0]
LIFTS = ("prone_extension", "supine_flexion")
"""Exercises of lewis.json."""


def controls(
    folder: Path, rows: pd.DataFrame, claims: Claims
) -> dict[str, dict[str, ControlRecord]]:
    """For each claim its controls: null and negative on its own primary endpoints, the rest shared.

    folder: of the study; rows: of verdict.variants.read_rows. Those that the rule does not list
    for the claim have `required` false: they are shown, and decide nothing.
    """
    shared = {
        "step_rate": step_rate(rows),
        "cost_of_step_rate": cost_of_step_rate(rows),
        "spring": spring(rows),
        "speed": speed(rows),
        "lewis": lewis(folder),
    }
    found: dict[str, dict[str, ControlRecord]] = {}
    for name, claim in claims.claims.items():
        every = {
            "null": null(folder, rows, claim, claims),
            "negative": negative(rows, claim, claims),
            **shared,
        }
        listed = dict.fromkeys([*claim.controls, *ALWAYS_SHOWN])
        unknown = result(None, "no such control was run")
        found[name] = {
            control: {**every.get(control, unknown), "required": control in claim.controls}
            for control in listed
        }
    return found


def spring(rows: pd.DataFrame) -> ControlRecord:
    """With a band between the feet, against the same run without: cost and step rate."""
    tied = rows[spring_of(rows, (BAND,)) > 0]
    if tied.empty:
        return result(None, "no run with a band between the feet")
    free = normal(rows)
    free = free[free["cadence"] == "free"]
    parts, lost = [], []
    for _, one in tied.iterrows():
        keys = list(SAME_RUN)
        same = [row for _, row in free[(free[keys] == one[keys]).all(axis=1)].iterrows()]
        wrong = [str(row["case"]) for row in (one, *same) if row["status"] != "certified"]
        lost += wrong or ([] if same else ["the run without the band"])
        if same and not wrong:
            parts += _spring_parts(one, same[0])
    return of_parts(parts, lost)


def _spring_parts(tied: pd.Series, free: pd.Series) -> list[Part]:
    def change(column: str) -> float:
        with_band, without = (float(row.get(column, float("nan"))) for row in (tied, free))
        return 100.0 * (with_band / without - 1.0)

    low, high = SAVING_PERCENT
    saved, quicker = -change("metabolic_cost_j_kg_m"), change("cadence_steps_min")
    who, rise = str(tied["runner"]), f"rises by more than {QUICKER_PERCENT:g} %"
    cost = f"metabolic cost saved with {tied[BAND]:g} N/m between the feet"
    return [
        _part(who, cost, saved, f"{low:g} to {high:g} %", low, high),
        _part(who, "step rate", quicker, rise, QUICKER_PERCENT),
    ]


def _part(
    who: str, quantity: str, percent: float, limit: str, low: float, high: float = float("inf")
) -> Part:
    if pd.isna(percent):
        return Part(quantity, "no value", limit, SIMPSON, None, who)
    return Part(quantity, f"{percent:+.2g} %", limit, SIMPSON, low < percent <= high, who)


def lewis(folder: Path) -> ControlRecord:
    """What analysis.lewis wrote to lewis.json: does it reproduce, and how the force changed."""
    path = folder / "lewis.json"
    if not path.is_file():
        return result(None, "no prone hip extension was computed")
    found = read_json(path)
    if not isinstance(found.get("reproduces"), bool):
        raise ValueError(f"{path}: key 'reproduces' must be true or false")
    told = [
        f"{group} in {exercise}: {_size(change)} ({reading})".replace("_", " ")
        for exercise, groups in found.items()
        if exercise in LIFTS
        for group, readings in groups.items()
        for reading, change in readings.items()
    ]
    least = found.get("clear_bw")
    limit = "clearly" if least is None else f"by more than {least:g} BW"
    asked = f"both must rise {limit}, tendon on pelvis (Lewis 2007)"
    return result(found["reproduces"], f"anterior force with {'; '.join(told)}; {asked}")


def _size(change: Change) -> str:
    """A change of lewis.json in words, with its size where there is one."""
    size = change.get("anterior_change_bw")
    return str(change["direction"]) if size is None else f"{change['direction']} {size:+.2g} BW"

"""The negative control: an unrelated group moves each primary endpoint far less than the treatment.

A primary moves by its largest departure from the variant's own 100 % run over the control's doses;
the treatment's is taken at the same doses of the same variant. Taken at each dose and not as a
slope, so that moves to either side do not cancel.
"""

from __future__ import annotations

import math

import pandas as pd

from analysis.verdict.control_result import Part, of_parts, result
from analysis.verdict.readings import suffixes
from analysis.verdict.variants import ROUNDING, Stratum, Variant, strata
from formats.case import NEGATIVE
from formats.claims import Claim, Claims, Contrasts, Decision, Endpoint
from formats.verdicts import ControlRecord

SHARE = 1.0 / 3.0
"""Of the treatment's move, which the control's must stay below."""
SOURCE = "docs/statistics.md"


def negative(rows: pd.DataFrame, claim: Claim, claims: Claims) -> ControlRecord:
    """The control of one claim; rows: of analysis.verdict.variants.read_rows."""
    every = strata(rows, claims.decision, controls=True)
    weakened = [stratum for stratum in every if stratum.what["arm"] == NEGATIVE]
    if not weakened:
        return result(None, "no unrelated group was weakened")
    parts, lost = [], []
    for stratum in weakened:
        treated = _treatment(rows, stratum, claims.decision)
        for control in stratum.variants:
            lost += list(control.rows.loc[control.rows["status"] != "certified", "case"])
            treatment = next((one for one in treated if one.what == control.what), None)
            for endpoint in claim.primary:
                for suffix in suffixes(claim):
                    parts += _judge(endpoint, endpoint.endpoint + suffix, control, treatment)
    if not parts and not lost:
        return result(None, "no primary endpoint that the unrelated group could move")
    return of_parts(parts, lost)


def _treatment(
    rows: pd.DataFrame, control: Stratum, decision: Decision | Contrasts
) -> list[Variant]:
    """Variants of the primary arm (or the first there is), all else as in the control's stratum."""
    others = {key: value for key, value in control.what.items() if key != "arm"}
    same = [s for s in strata(rows, decision) if others.items() <= s.what.items()]
    primary = [s for s in same if s.what["arm"] == decision.primary.arm]
    return [variant for stratum in (primary or same)[:1] for variant in stratum.variants]


def _judge(
    endpoint: Endpoint, column: str, control: Variant, treatment: Variant | None
) -> list[Part]:
    """The part of one column; none where the runner does not have it or cannot move it."""
    if control.what.get("runner") in endpoint.except_runners:
        return []
    doses = sorted(set(control.rows["dose_percent"]) - {100.0})
    shown = ", ".join(f"{dose:g}" for dose in doses)
    moved = departure(control, column, doses)
    wanted = math.nan if treatment is None else departure(treatment, column, doses)
    level = abs(float(control.rows[column].mean())) if column in control.rows else math.nan
    if (control.rows["problem"] == "inverse").all() and moved <= ROUNDING * level:
        return []  # prescribed by the measured motion
    quantity, who = f"{column} moved at {shown} % strength", str(control.what["runner"])
    limit = (
        f"below a third of what {'the hip flexors' if treatment is None else _arm(treatment)} do"
    )
    if math.isnan(moved) or math.isnan(wanted):
        return [Part(quantity, "no value", limit, SOURCE, None, who)]
    value = f"{moved:.2g} against {wanted:.2g}"
    return [Part(quantity, value, limit, SOURCE, moved < SHARE * wanted, who)]


def _arm(treatment: Variant) -> str:
    dosed = treatment.rows[treatment.rows["dose_percent"] != 100]
    return f"the {str(dosed['arm'].iloc[0]).replace('_', ' ')}"


def departure(variant: Variant, column: str, doses: list[float]) -> float:
    """Largest change of a column from the certified 100 % run at these doses; NaN if one lacks."""
    if column not in variant.rows:
        return math.nan
    level = variant.certified.groupby("dose_percent")[column].mean()
    wanted = [100.0, *doses]
    if not doses or not set(wanted) <= set(level.index) or level[wanted].isna().any():
        return math.nan
    return float((level[doses] - level[100.0]).abs().max())

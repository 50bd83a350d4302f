"""One endpoint in one contrast: what another strength does to it, over people (second edition).

An effect is the value at the contrast's strength less that at 100 %, of the same person. A person
is one observation: variants of the same person (objectives, draws of parameters) are averaged
first, and what they differ by is told apart (analysis.verdict.components).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis.verdict import components, dose_range
from analysis.verdict.endpoints import (
    CONTRADICTED,
    INCONCLUSIVE,
    NO_EFFECT,
    NOT_JUDGED,
    REAL_BUT_SMALL,
    SUPPORTED,
    Judgement,
    same_sign_percent,
)
from analysis.verdict.statistics import (
    Spread,
    against_smallest_effect,
    apart_from_zero,
    bca,
    detectable,
    rank_correlation,
)
from analysis.verdict.variants import Effect, Stratum, Variant, torque_column
from formats.claims import Contrast, Contrasts, Endpoint
from formats.verdicts import EndpointVerdict, OverRange, Power, Steepest, UnusedVariant

PEOPLE_TOLD = (8, 24)
"""Numbers of people for which it is told what effect they could show, beside those at hand."""


def dose_of(variant: Variant, contrast: Contrast) -> float | str:
    """The dose (%) of a contrast in a variant, or why it has none.

    A torque lies between two doses studied; torque is linear in strength, so it is interpolated.
    """
    if contrast.dose_percent is not None:
        return contrast.dose_percent
    assert contrast.torque_nm_kg is not None and contrast.hip_flexion_deg is not None
    column = torque_column(contrast.hip_flexion_deg)
    if column not in variant.rows or variant.rows[column].isna().all():
        return f"no isometric torque is known at {contrast.hip_flexion_deg:g} deg"
    known = variant.rows.dropna(subset=[column]).groupby("dose_percent")[column].mean()
    doses, torques = known.index.to_numpy(), known.to_numpy()
    low, high = float(torques.min()), float(torques.max())
    if not low <= contrast.torque_nm_kg <= high or not np.all(np.diff(torques) > 0):
        return f"{contrast.strength} is not among the strengths run ({low:.2f} to {high:.2f} Nm/kg)"
    return float(np.interp(contrast.torque_nm_kg, torques, doses))


def effect_of(
    variant: Variant, endpoint: Endpoint, column: str, contrast: Contrast
) -> Effect | str:
    """Change of a column of outcomes from 100 % to the contrast's strength, in `shown_unit`.

    A text, why there is none. Where the contrast's dose lies between two that were run, the value
    is interpolated between them, and both must be certified.
    """
    known = variant.values(endpoint, column)
    if isinstance(known, str):
        return known
    if 100.0 not in known.index:
        return "no certified 100 % run to measure it by"
    unbelievable = variant.not_believable()
    if unbelievable:
        return unbelievable
    dose = dose_of(variant, contrast)
    if isinstance(dose, str):
        return dose
    around = [dose]
    if contrast.dose_percent is None:
        every = sorted(set(variant.rows["dose_percent"]))
        around = [max(d for d in every if d <= dose), min(d for d in every if d >= dose)]
    lost = sorted({d for d in around if d not in known.index})
    if lost:
        return f"no certified run at {' and '.join(f'{d:g}' for d in lost)} %"
    unit = variant.unit(endpoint, column)
    if unit is None:
        return "no certified 100 % run to measure it by"
    value = float(np.interp(dose, known.index, known.to_numpy()))
    effect = unit * (value - float(known[100.0]))
    rho = rank_correlation(known.index, known) if len(known) > 1 else 0.0
    response = {float(d): unit * float(v) for d, v in known.items()}
    return Effect({**variant.what, "dose_percent": dose}, effect, rho, len(known), response)


@dataclass(frozen=True)
class ContrastFinding:
    """An endpoint's effect in a contrast; effects in `endpoint.shown_unit`.

    effects: of the variants; people: of each person, by the values of the rule's `people`.
    """

    endpoint: Endpoint
    contrast: Contrast
    effects: list[Effect]
    people: dict[tuple[Any, ...], float]
    unused: list[UnusedVariant]
    spread: Spread | None
    judgement: Judgement
    over_range: OverRange | None
    steepest: Steepest | None
    power: Power | None

    @property
    def effect(self) -> float | None:
        """Mean over people; None without any."""
        return float(np.mean(list(self.people.values()))) if self.people else None

    @property
    def claimed(self) -> str:
        """How the article has the endpoint move in this contrast."""
        return self.contrast.claimed(self.endpoint.claimed)

    def claimed_sign_percent(self) -> float | None:
        """Share (%) of people in whom the endpoint moves as claimed; a zero has no sign."""
        if not self.people:
            return None
        sign = 1.0 if self.claimed == "rises" else -1.0
        return 100.0 * float(np.mean([sign * one > 0 for one in self.people.values()]))

    def as_dict(self) -> EndpointVerdict:
        """For claims.json."""
        return {
            "endpoint": self.endpoint.endpoint,
            "label": self.endpoint.shown_name,
            "unit": self.endpoint.shown_unit,
            "claimed_when_stronger": self.endpoint.claimed,
            "claimed_when_weaker": "rises" if self.endpoint.claimed == "falls" else "falls",
            "claimed": self.claimed,
            "effect": self.effect,
            "effect_of": self.contrast.strength,
            "interval": list(self.spread.interval) if self.spread else None,
            "smallest_effect": self.endpoint.smallest,
            "smallest_effect_reason": self.endpoint.reason,
            "rho": float(np.median([e.rho for e in self.effects])) if self.effects else None,
            "same_sign_percent": same_sign_percent(list(self.people.values())),
            "claimed_sign_percent": self.claimed_sign_percent(),
            "people_used": len(self.people),
            "variants_used": len(self.effects),
            "p": self.judgement.p,
            "verdict": self.judgement.verdict,
            "reason": self.judgement.reason,
            "over_range": self.over_range,
            "steepest": self.steepest,
            "components": components.components(
                [e.variant for e in self.effects], [e.effect for e in self.effects]
            )
            if self.effects
            else None,
            "power": self.power,
            "by_variant": [
                {**e.variant, "effect": e.effect, "rho": e.rho, "doses": e.doses}
                for e in self.effects
            ],
            "unused_variants": self.unused,
        }


def find(
    endpoint: Endpoint,
    stratum: Stratum,
    decision: Contrasts,
    contrast: Contrast,
    column: str | None = None,
    claims: int = 1,
) -> ContrastFinding:
    """Effect and judgement of an endpoint in a contrast.

    column: of outcomes.csv, where it is another reading of the endpoint than its own column.
    claims: how many share the correction for multiplicity, for the power statement.
    """
    effects: list[Effect] = []
    unused: list[UnusedVariant] = []
    for variant in stratum.variants:
        found = effect_of(variant, endpoint, column or endpoint.endpoint, contrast)
        if isinstance(found, Effect):
            effects.append(found)
        else:
            unused.append({**variant.what, "reason": found})
    people, responses = _people(effects, decision)
    values = list(people.values())
    around = None
    if len(values) >= 2:
        around = bca(
            values, interval_percent=decision.interval_percent, resamples=decision.resamples
        )
    judged = judge(endpoint, contrast, values, around, decision)
    shared = {one["reason"] for one in unused}
    if not effects and len(shared) == 1 and judged.verdict == INCONCLUSIVE:
        judged = Judgement(INCONCLUSIVE, 1.0, shared.pop())
    return ContrastFinding(
        *(endpoint, contrast, effects, people, unused, around, judged),
        # A smallest effect is of a contrast, not of 10 % of strength: a piece has none.
        over_range=dose_range.over_range(responses, decision, endpoint.smallest),
        steepest=dose_range.steepest(responses, decision, None),
        power=_power(values, decision, claims),
    )


def _people(
    effects: Sequence[Effect], decision: Contrasts
) -> tuple[dict[tuple[Any, ...], float], list[Mapping[float, float]]]:
    """Each person's mean effect, and their mean response at the doses that all variants share."""
    found: dict[tuple[Any, ...], list[Effect]] = {}
    for one in effects:
        who = tuple(one.variant.get(name) for name in decision.people)
        found.setdefault(who, []).append(one)
    means = {who: float(np.mean([e.effect for e in own])) for who, own in found.items()}
    responses: list[Mapping[float, float]] = []
    for own in found.values():
        table = pd.DataFrame([e.response for e in own]).dropna(axis="columns")
        responses.append({float(dose): float(value) for dose, value in table.mean().items()})
    return means, responses


def _power(values: Sequence[float], decision: Contrasts, claims: int) -> Power | None:
    """What effect beyond its limit so many people could show, by the spread at hand."""
    if len(values) < 2:
        return None
    deviation = float(np.std(values, ddof=1))
    options = {"alpha": decision.alpha / claims, "power_percent": decision.power_percent}
    counts = dict.fromkeys([len(values), *PEOPLE_TOLD])
    return {
        "deviation": deviation,
        "power_percent": decision.power_percent,
        "detectable": {str(n): detectable(deviation, n, **options) for n in counts},
    }


def judge(
    endpoint: Endpoint,
    contrast: Contrast,
    people: Sequence[float],
    around: Spread | None,
    decision: Contrasts,
) -> Judgement:
    """The second edition's rule on one endpoint; people: the effect in each.

    around: their spread, needed where there are two or more.
    """
    if endpoint.smallest is None:
        return Judgement(NOT_JUDGED, 1.0, "no smallest effect is stated for it")
    if around is None or len(people) < decision.least_people:
        count = f"{len(people)} {'person' if len(people) == 1 else 'people'}"
        few = f"{count} with a result, at least {decision.least_people} needed"
        return Judgement(INCONCLUSIVE, 1.0, few)
    # In smallest effects, positive in the direction claimed for this contrast.
    sign = 1.0 if contrast.claimed(endpoint.claimed) == "rises" else -1.0
    scaled = around.times(sign / endpoint.smallest)
    low, high = scaled.interval
    tests = against_smallest_effect(scaled)
    same = same_sign_percent(people) or 0.0
    agreed = same >= decision.least_same_sign_percent
    told = f"same sign in {same:.0f} % of the people"
    if low > -1.0 and high < 1.0:
        if (low > 0.0 or high < 0.0) and agreed:
            way = "as claimed" if low > 0.0 else "against the claim"
            reason = f"interval excludes zero, {way}, within the smallest effect; {told}"
            return Judgement(REAL_BUT_SMALL, max(tests.within, apart_from_zero(scaled)), reason)
        return Judgement(NO_EFFECT, tests.within, "interval within the smallest effect")
    if not (low > 1.0 or high < -1.0):
        return Judgement(INCONCLUSIVE, 1.0, "interval neither beyond nor within the smallest one")
    if not agreed:
        return Judgement(INCONCLUSIVE, 1.0, f"{told} only")
    if low > 1.0:
        reason = f"interval beyond the smallest effect; {told}"
        return Judgement(SUPPORTED, tests.beyond_above, reason)
    reason = f"interval beyond the smallest effect, the other way; {told}"
    return Judgement(CONTRADICTED, tests.beyond_below, reason)


def together(judgements: Sequence[tuple[Judgement, float | None]]) -> tuple[str, float]:
    """A claim's verdict from those of its primaries and readings, with its p.

    judgements: each with the mean effect in the direction claimed (its sign tells how a real but
    small one goes). All must agree; `several_primaries` of the rule says what counts as agreeing.
    """
    verdicts = {one.verdict for one, _ in judgements}
    p = max(one.p for one, _ in judgements)
    signs = {np.sign(effect or 0.0) for _, effect in judgements}
    if verdicts == {REAL_BUT_SMALL}:
        return (REAL_BUT_SMALL if len(signs) == 1 else NO_EFFECT), p
    if len(verdicts) == 1:
        return verdicts.pop(), p
    if (
        verdicts in ({SUPPORTED, REAL_BUT_SMALL}, {CONTRADICTED, REAL_BUT_SMALL})
        and len(signs) == 1
    ):
        return REAL_BUT_SMALL, p
    if verdicts == {NO_EFFECT, REAL_BUT_SMALL}:
        return NO_EFFECT, p
    return INCONCLUSIVE, 1.0

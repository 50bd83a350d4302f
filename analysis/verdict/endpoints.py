"""One endpoint in one stratum: its effect, the spread of it, and what the rule says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.verdict import dose_range
from analysis.verdict.statistics import Spread, against_smallest_effect, spread
from analysis.verdict.variants import Effect, Stratum
from formats.claims import Decision, Endpoint
from formats.verdicts import EndpointVerdict, OverRange, Steepest, UnusedVariant

SUPPORTED = "supported"
CONTRADICTED = "contradicted"
NO_EFFECT = "no meaningful effect"
REAL_BUT_SMALL = "real but small"
INCONCLUSIVE = "inconclusive"
VERDICTS = (SUPPORTED, CONTRADICTED, REAL_BUT_SMALL, NO_EFFECT, INCONCLUSIVE)
NOT_JUDGED = "not judged"


@dataclass(frozen=True)
class Judgement:
    """What the rule says of an endpoint, before the claims are corrected for each other.

    p: of the test that gave the verdict (1 where none did). reason: in words, one line.
    """

    verdict: str
    p: float
    reason: str


@dataclass(frozen=True)
class Finding:
    """An endpoint's effect in a stratum; effects per -10 % strength in `endpoint.shown_unit`.

    over_range, steepest: of analysis.verdict.dose_range; None without a result.
    """

    endpoint: Endpoint
    effects: list[Effect]
    unused: list[UnusedVariant]
    spread: Spread | None
    judgement: Judgement
    over_range: OverRange | None
    steepest: Steepest | None

    @property
    def effect(self) -> float | None:
        """Mean over the variants; None without any."""
        return float(np.mean([e.effect for e in self.effects])) if self.effects else None

    def as_dict(self) -> EndpointVerdict:
        """For claims.json."""
        # The article speaks of stronger flexors; an effect is told per -10 %, hence the sign.
        claimed = "rises" if self.endpoint.claimed == "falls" else "falls"
        return {
            "endpoint": self.endpoint.endpoint,
            "label": self.endpoint.shown_name,
            "unit": self.endpoint.shown_unit,
            "claimed_when_stronger": self.endpoint.claimed,
            "claimed_when_weaker": claimed,
            "effect_per_10_percent": self.effect,
            "interval": list(self.spread.interval) if self.spread else None,
            "smallest_effect": self.endpoint.smallest,
            "rho": float(np.median([e.rho for e in self.effects])) if self.effects else None,
            "same_sign_percent": same_sign_percent([e.effect for e in self.effects]),
            "variants_used": len(self.effects),
            "p": self.judgement.p,
            "verdict": self.judgement.verdict,
            "reason": self.judgement.reason,
            "over_range": self.over_range,
            "steepest": self.steepest,
            "by_variant": [
                {**e.variant, "effect_per_10_percent": e.effect, "rho": e.rho, "doses": e.doses}
                for e in self.effects
            ],
            "unused_variants": self.unused,
        }


def same_sign_percent(effects: Sequence[float]) -> float | None:
    """Share (%) of the effects that have the sign of their mean; a zero has no sign."""
    if not len(effects):
        return None
    sign = np.sign(np.mean(effects))
    return 100.0 * float(np.mean([sign != 0 and np.sign(one) == sign for one in effects]))


def find(
    endpoint: Endpoint, stratum: Stratum, decision: Decision, column: str | None = None
) -> Finding:
    """Effect and judgement of an endpoint in a stratum.

    column: of outcomes.csv, where it is another reading of the endpoint than its own column.
    """
    effects: list[Effect] = []
    unused: list[UnusedVariant] = []
    for variant in stratum.variants:
        found = variant.effect(endpoint, column or endpoint.endpoint, decision)
        if isinstance(found, Effect):
            effects.append(found)
        else:
            unused.append({**variant.what, "reason": found})
    around = None
    if len(effects) >= 2:
        around = spread(
            [e.effect for e in effects],
            interval_percent=decision.interval_percent,
            resamples=decision.resamples,
        )
    judged = judge(endpoint, effects, around, decision)
    shared = {one["reason"] for one in unused}
    if not effects and len(shared) == 1 and judged.verdict == INCONCLUSIVE:
        judged = Judgement(INCONCLUSIVE, 1.0, shared.pop())
    responses = [e.response for e in effects]
    return Finding(
        *(endpoint, effects, unused, around, judged),
        over_range=dose_range.over_range(responses, decision, endpoint.smallest),
        steepest=dose_range.steepest(responses, decision, endpoint.smallest),
    )


def judge(
    endpoint: Endpoint, effects: list[Effect], around: Spread | None, decision: Decision
) -> Judgement:
    """The decision rule of config/claims.yaml on one endpoint's effects, one per variant.

    around: their spread, needed where there are two or more.
    """
    if endpoint.smallest is None:
        return Judgement(NOT_JUDGED, 1.0, "no smallest effect is stated for it")
    if around is None or len(effects) < decision.least_variants:
        count = f"{len(effects)} variant{'s' if len(effects) != 1 else ''}"
        few = f"{count} with a result, at least {decision.least_variants} needed"
        return Judgement(INCONCLUSIVE, 1.0, few)
    # In smallest effects, positive in the direction claimed for *weaker* flexors.
    sign = 1.0 if endpoint.claimed == "falls" else -1.0
    scaled = around.times(sign / endpoint.smallest)
    low, high = scaled.interval
    tests = against_smallest_effect(scaled)
    if low > -1.0 and high < 1.0:
        return Judgement(NO_EFFECT, tests.within, "interval inside the smallest effect")
    if not (low > 1.0 or high < -1.0):
        return Judgement(INCONCLUSIVE, 1.0, "interval neither beyond nor within the smallest one")
    rho = float(np.median([e.rho for e in effects]))
    if abs(rho) < decision.least_abs_rho:
        return Judgement(INCONCLUSIVE, 1.0, f"no steady rise or fall with strength (rho {rho:.2f})")
    same = same_sign_percent([e.effect for e in effects]) or 0.0
    if same < decision.least_same_sign_percent:
        return Judgement(INCONCLUSIVE, 1.0, f"same sign in {same:.0f} % of the variants only")
    if low > 1.0:
        return Judgement(SUPPORTED, tests.beyond_above, "interval beyond the smallest effect")
    return Judgement(
        CONTRADICTED, tests.beyond_below, "interval beyond the smallest effect, the other way"
    )

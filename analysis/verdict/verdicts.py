"""From endpoints to the verdict of each claim: in every stratum, then the headline.

By the second edition of the rule each stratum is parted once more, by contrast: what is a stratum's
own here and in claims.json then holds the contrast's name too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, cast

import pandas as pd

from analysis.verdict import contrasts
from analysis.verdict.contrasts import ContrastFinding
from analysis.verdict.endpoints import INCONCLUSIVE, Finding, find
from analysis.verdict.readings import WORDS as READING_WORDS
from analysis.verdict.readings import suffixes as suffixes_of
from analysis.verdict.statistics import holm
from analysis.verdict.variants import Stratum, strata
from formats.claims import Claim, Claims, Contrasts, Decision, Endpoint
from formats.verdicts import (
    ByContrast,
    EffectOfEdition,
    EndpointVerdict,
    HabitRange,
    Judged,
    ReadingVerdict,
    Title,
    VerdictInStratum,
)

CONTRAST: Final = "contrast"
"""What tells the contrasts of a stratum apart."""
Find = Callable[[Endpoint, str], "Finding | ContrastFinding"]
"""The finding of an endpoint in a column of outcomes, in some stratum and contrast."""


def finder(stratum: Stratum, claims: Claims) -> Find:
    """How an endpoint is judged in a stratum, by the edition of the rule."""
    decision = claims.decision
    if isinstance(decision, Contrasts):
        contrast = decision.contrasts[stratum.what[CONTRAST]]
        return lambda endpoint, column: contrasts.find(
            endpoint, stratum, decision, contrast, column, claims=len(claims.claims)
        )
    return lambda endpoint, column: find(endpoint, stratum, decision, column)


def agreed(
    found: list[Finding | ContrastFinding], decision: Decision | Contrasts
) -> tuple[str, float]:
    """The verdict of a claim's primaries in all their readings together, and its p."""
    judged = [one.judgement for one in found]
    if isinstance(decision, Contrasts):
        return contrasts.together([(one.judgement, _as_claimed(one)) for one in found])
    same = len({one.verdict for one in judged}) == 1
    return (judged[0].verdict, max(one.p for one in judged)) if same else (INCONCLUSIVE, 1.0)


def _as_claimed(one: Finding | ContrastFinding) -> float | None:
    """The mean effect, positive in the direction claimed."""
    if one.effect is None or not isinstance(one, ContrastFinding):
        return None
    return one.effect if one.claimed == "rises" else -one.effect


def claim_in_stratum(
    claim: Claim, found_in: Find, decision: Decision | Contrasts
) -> VerdictInStratum:
    """A claim's verdict in one stratum, not yet corrected for the other claims.

    All primary endpoints, in every reading the claim asks for, must have the same verdict (or those
    that the rule counts as agreeing); the claim has it then, with the largest of their p-values.
    Otherwise it is inconclusive.
    """
    suffixes = suffixes_of(claim)
    primary, reasons = [], []
    every: list[Finding | ContrastFinding] = []
    by_reading: dict[str, set[str]] = {suffix: set() for suffix in suffixes}
    for endpoint in claim.primary:
        found = {s: found_in(endpoint, endpoint.endpoint + s) for s in suffixes}
        primary.append(_entry(found))
        for suffix, one in found.items():
            words = f"{endpoint.shown_name}"
            words += f", {READING_WORDS[suffix]}" if len(suffixes) > 1 else ""
            every.append(one)
            reasons.append(f"{words}: {one.judgement.verdict} ({one.judgement.reason})")
            by_reading[suffix].add(one.judgement.verdict)
    verdict, p = agreed(every, decision)
    return {
        "verdict": verdict,
        "p": p,
        "reason": "; ".join(dict.fromkeys(reasons)),
        "depends_on_reading": len({frozenset(v) for v in by_reading.values()}) > 1,
        "primary": primary,
        "secondary": [
            _entry({s: found_in(e, e.endpoint + s) for s in suffixes}) for e in claim.secondary
        ],
    }


def _entry(found: dict[str, Finding | ContrastFinding]) -> EndpointVerdict:
    """An endpoint for claims.json: its first reading in full, all of them in short."""
    entry = next(iter(found.values())).as_dict()
    if len(found) > 1:
        entry["readings"] = {READING_WORDS[s]: _short(f) for s, f in found.items()}
    return entry


def _short(finding: Finding | ContrastFinding) -> ReadingVerdict:
    entry: dict[str, object] = {**finding.as_dict()}
    names = ReadingVerdict.__annotations__
    return cast(ReadingVerdict, {name: entry[name] for name in names if name in entry})


def in_stratum(claims: Claims, stratum: Stratum) -> dict[str, VerdictInStratum]:
    """Every claim's verdict in one stratum, after Holm's correction across the claims."""
    decision = claims.decision
    found_in = finder(stratum, claims)
    found = {
        name: claim_in_stratum(claim, found_in, decision) for name, claim in claims.claims.items()
    }
    for entry, p in zip(found.values(), holm([e["p"] for e in found.values()]), strict=True):
        entry["p_holm"] = float(p)
        if entry["verdict"] != INCONCLUSIVE and p >= decision.alpha:
            entry["reason"] += f"; {entry['verdict']} does not stand after Holm's correction"
            entry["verdict"] = INCONCLUSIVE
    return found


def judge_study(rows: pd.DataFrame, claims: Claims) -> dict[str, Judged]:
    """Each claim's headline with the verdicts of all strata beside it, without the controls.

    rows: of analysis.verdict.variants.read_rows. ValueError if the study has no case.
    """
    every = parted(strata(rows, claims.decision), claims.decision)
    if not every:
        raise ValueError("cases.csv: no case; nothing to judge")
    judged = [(stratum, in_stratum(claims, stratum)) for stratum in every]
    main = headline(every, claims.decision)
    return {name: _claim(name, claims, judged, main) for name in claims.claims}


def parted(every: list[Stratum], decision: Decision | Contrasts) -> list[Stratum]:
    """Each stratum once for each contrast of the rule; as they are where it has none."""
    if not isinstance(decision, Contrasts):
        return every
    return [
        Stratum({**stratum.what, CONTRAST: name}, stratum.variants)
        for stratum in every
        for name in decision.contrasts
    ]


def headline(every: list[Stratum], decision: Decision | Contrasts) -> Stratum:
    """The primary stratum; where the study lacks one of its values, that which it lists first.

    Of its contrasts, the rule's first.
    """
    left = every
    for key, value in decision.primary.stratum.items():
        if key not in left[0].what:
            continue
        exact = [stratum for stratum in left if stratum.what.get(key) == value]
        first = [s for s in left if s.what.get(key) == left[0].what.get(key)]
        left = exact or first
    return left[0]


def _claim(
    name: str,
    claims: Claims,
    judged: list[tuple[Stratum, dict[str, VerdictInStratum]]],
    main: Stratum,
) -> Judged:
    claim, decision = claims.claims[name], claims.decision
    own = next(found for stratum, found in judged if stratum is main)[name]
    first = own["primary"][0]
    title: Title = {"title": claim.title} if claim.title else {}
    return {
        **title,
        "says": claim.says,
        "verdict": own["verdict"],
        "reason": own["reason"],
        "depends_on_reading": own["depends_on_reading"],
        "endpoint": first["endpoint"],
        "label": first["label"],
        "unit": first["unit"],
        "claimed_when_stronger": first["claimed_when_stronger"],
        "claimed_when_weaker": first["claimed_when_weaker"],
        **_effect(first),
        "interval": first["interval"],
        "smallest_effect": first["smallest_effect"],
        "over_range": first["over_range"],
        "steepest": first["steepest"],
        "p_holm": own["p_holm"],
        "stratum": main.what,
        "is_primary_stratum": _is_primary(main, decision),
        "counts": main.counts(),
        "habit_range": habit_range(name, judged, main, own["verdict"]),
        "untestable": claim.untestable,
        "decomposition": list(claim.decomposition),
        "primary": own["primary"],
        "secondary": own["secondary"],
        **_contrasts(name, judged, main, claims),
        "strata": [
            {"stratum": stratum.what, "counts": stratum.counts(), **found[name]}
            for stratum, found in judged
        ],
    }


def _effect(first: EndpointVerdict) -> EffectOfEdition:
    """An endpoint's effect, by the edition of the rule."""
    if "effect_of" not in first:
        return {"effect_per_10_percent": first["effect_per_10_percent"]}
    return {
        "effect": first["effect"],
        "effect_of": first["effect_of"],
        "claimed": first["claimed"],
    }


def _is_primary(main: Stratum, decision: Decision | Contrasts) -> bool:
    """Whether a stratum is the rule's primary one, in those factors that the study has."""
    wanted = decision.primary.stratum
    return all(wanted.get(key) == value for key, value in main.what.items() if key != CONTRAST)


def _contrasts(
    name: str,
    judged: list[tuple[Stratum, dict[str, VerdictInStratum]]],
    main: Stratum,
    claims: Claims,
) -> ByContrast:
    """The claim's verdict in each contrast of the headline's stratum."""
    decision = claims.decision
    if not isinstance(decision, Contrasts):
        return {}
    same = {
        stratum.what[CONTRAST]: found[name]
        for stratum, found in judged
        if {**stratum.what, CONTRAST: ""} == {**main.what, CONTRAST: ""}
    }
    return {
        "contrasts": {
            key: {
                "says": contrast.says,
                "strength": contrast.strength,
                "change": contrast.change,
                **same[key],
            }
            for key, contrast in decision.contrasts.items()
        }
    }


def habit_range(
    name: str,
    judged: list[tuple[Stratum, dict[str, VerdictInStratum]]],
    main: Stratum,
    verdict: str,
) -> HabitRange:
    """Verdict at each habit weight, all else as in the headline, and the weights that share it."""
    others = {key: value for key, value in main.what.items() if key != "habit_weight"}
    by_weight = {
        stratum.what["habit_weight"]: found[name]["verdict"]
        for stratum, found in judged
        if {k: v for k, v in stratum.what.items() if k != "habit_weight"} == others
    }
    weights = sorted(by_weight, reverse=True)
    return {
        "verdicts": [{"habit_weight": w, "verdict": by_weight[w]} for w in weights],
        "holds_at": [w for w in weights if by_weight[w] == verdict],
        "differs_at": [w for w in weights if by_weight[w] != verdict],
    }

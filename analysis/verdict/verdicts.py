"""From endpoints to the verdict of each claim: in every stratum, then the headline."""

from __future__ import annotations

from typing import Any

import pandas as pd

from analysis.measures.hip_loads import READINGS
from analysis.verdict.endpoints import INCONCLUSIVE, Finding, find
from analysis.verdict.statistics import holm
from analysis.verdict.variants import Stratum, strata
from formats.claims import Claim, Claims, Decision, Endpoint

READING_WORDS = dict(zip(READINGS, ("tendon on pelvis", "tendon on femoral head"), strict=True))


def claim_in_stratum(claim: Claim, stratum: Stratum, decision: Decision) -> dict[str, Any]:
    """A claim's verdict in one stratum, not yet corrected for the other claims.

    All primary endpoints, in every reading the claim asks for, must have the same verdict; the
    claim has it then, with the largest of their p-values. Otherwise it is inconclusive.
    """
    suffixes = READINGS if claim.readings == "both" else READINGS[:1]
    primary, ps, verdicts, reasons = [], [], [], []
    by_reading: dict[str, set[str]] = {suffix: set() for suffix in suffixes}
    for endpoint in claim.primary:
        found = {s: find(endpoint, stratum, decision, endpoint.endpoint + s) for s in suffixes}
        entry = found[suffixes[0]].as_dict()
        if len(suffixes) > 1:
            entry["readings"] = {READING_WORDS[s]: _short(f) for s, f in found.items()}
        primary.append(entry)
        for suffix, one in found.items():
            words = f"{endpoint.shown_name}"
            words += f", {READING_WORDS[suffix]}" if len(suffixes) > 1 else ""
            ps.append(one.judgement.p)
            verdicts.append(one.judgement.verdict)
            reasons.append(f"{words}: {one.judgement.verdict} ({one.judgement.reason})")
            by_reading[suffix].add(one.judgement.verdict)
    agreed = len(set(verdicts)) == 1
    return {
        "verdict": verdicts[0] if agreed else INCONCLUSIVE,
        "p": max(ps) if agreed else 1.0,
        "reason": "; ".join(dict.fromkeys(reasons)),
        "depends_on_reading": len({frozenset(v) for v in by_reading.values()}) > 1,
        "primary": primary,
        "secondary": [_secondary(e, stratum, decision, suffixes) for e in claim.secondary],
    }


def _secondary(
    endpoint: Endpoint, stratum: Stratum, decision: Decision, suffixes: tuple[str, ...]
) -> dict[str, Any]:
    found = {s: find(endpoint, stratum, decision, endpoint.endpoint + s) for s in suffixes}
    entry = found[suffixes[0]].as_dict()
    if len(suffixes) > 1:
        entry["readings"] = {READING_WORDS[s]: _short(f) for s, f in found.items()}
    return entry


def _short(finding: Finding) -> dict[str, Any]:
    entry = finding.as_dict()
    names = (
        *("effect_per_10_percent", "interval", "rho", "same_sign_percent", "verdict", "reason"),
        *("over_range", "steepest"),
    )
    return {name: entry[name] for name in names}


def in_stratum(claims: Claims, stratum: Stratum) -> dict[str, dict[str, Any]]:
    """Every claim's verdict in one stratum, after Holm's correction across the claims."""
    decision = claims.decision
    found = {
        name: claim_in_stratum(claim, stratum, decision) for name, claim in claims.claims.items()
    }
    for entry, p in zip(found.values(), holm([e["p"] for e in found.values()]), strict=True):
        entry["p_holm"] = float(p)
        if entry["verdict"] != INCONCLUSIVE and p >= decision.alpha:
            entry["reason"] += f"; {entry['verdict']} does not stand after Holm's correction"
            entry["verdict"] = INCONCLUSIVE
    return found


def judge_study(rows: pd.DataFrame, claims: Claims) -> dict[str, dict[str, Any]]:
    """Each claim's headline with the verdicts of all strata beside it, without the controls.

    rows: of analysis.verdict.variants.read_rows. ValueError if the study has no case.
    """
    every = strata(rows, claims.decision)
    if not every:
        raise ValueError("cases.csv: no case; nothing to judge")
    judged = [(stratum, in_stratum(claims, stratum)) for stratum in every]
    main = headline(every, claims.decision)
    return {name: _claim(name, claims, judged, main) for name in claims.claims}


def headline(every: list[Stratum], decision: Decision) -> Stratum:
    """The primary stratum; where the study lacks one of its values, that which it lists first."""
    left = every
    for key, value in decision.primary.model_dump().items():
        exact = [stratum for stratum in left if stratum.what.get(key) == value]
        first = [s for s in left if s.what.get(key) == left[0].what.get(key)]
        left = exact or first
    return left[0]


def _claim(
    name: str,
    claims: Claims,
    judged: list[tuple[Stratum, dict[str, dict[str, Any]]]],
    main: Stratum,
) -> dict[str, Any]:
    claim, decision = claims.claims[name], claims.decision
    own = next(found for stratum, found in judged if stratum is main)[name]
    first = own["primary"][0]
    return {
        "says": claim.says,
        "verdict": own["verdict"],
        "reason": own["reason"],
        "depends_on_reading": own["depends_on_reading"],
        "endpoint": first["endpoint"],
        "label": first["label"],
        "unit": first["unit"],
        "claimed_when_stronger": first["claimed_when_stronger"],
        "claimed_when_weaker": first["claimed_when_weaker"],
        "effect_per_10_percent": first["effect_per_10_percent"],
        "interval": first["interval"],
        "smallest_effect": first["smallest_effect"],
        "over_range": first["over_range"],
        "steepest": first["steepest"],
        "p_holm": own["p_holm"],
        "stratum": main.what,
        "is_primary_stratum": main.what == decision.primary.model_dump(),
        "counts": main.counts(),
        "habit_range": habit_range(name, judged, main, own["verdict"]),
        "untestable": claim.untestable,
        "decomposition": list(claim.decomposition),
        "primary": own["primary"],
        "secondary": own["secondary"],
        "strata": [
            {"stratum": stratum.what, "counts": stratum.counts(), **found[name]}
            for stratum, found in judged
        ],
    }


def habit_range(
    name: str,
    judged: list[tuple[Stratum, dict[str, dict[str, Any]]]],
    main: Stratum,
    verdict: str,
) -> dict[str, Any]:
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

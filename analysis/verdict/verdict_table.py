"""The verdicts as a table that a runner can read, on the terminal and as verdict.csv."""

from __future__ import annotations

import textwrap
from typing import cast

import pandas as pd

from analysis.verdict.answer import paragraph
from analysis.verdict.controls import FAILED
from analysis.verdict.statements import (
    bends,
    beside,
    claimed,
    effect,
    label,
    over_range,
    people_moved,
    per,
    power,
    readings,
    size_of,
    smallest_effect,
    sources,
    steepest,
)
from analysis.verdict.trust import control_name, trust, verdict_and_trust
from formats.records import Row
from formats.verdicts import (
    ClaimVerdict,
    ContrastVerdict,
    EndpointVerdict,
    Factors,
    OverRange,
    ReadingVerdict,
    Steepest,
    StratumVerdict,
)

WIDTH = 100
WORDS = {
    "side": "{} leg",
    "cadence": "cadence {}",
    "habit_weight": "at habit {:g}",
    "speed_m_s": "at {:g} m/s",
    "strength_scales": "{} force scaled",
}
MOST_FAILED = 5
OVER_RANGE = (
    *("lowest_dose_percent", "highest_dose_percent", "value_at_lowest", "value_at_highest"),
    *("range_difference", "range_difference_low", "range_difference_high"),
    *("range_in_smallest_effects", "range_relative_change_percent"),
    *("range_relative_change_low", "range_relative_change_high", "range_variants"),
)
STEEPEST = (
    *("steepest_from_dose_percent", "steepest_to_dose_percent", "steepest_effect_per_10_percent"),
    *("steepest_low", "steepest_high", "steepest_in_smallest_effects"),
    *("steepest_beyond_smallest_effect", "steepest_variants"),
)
"""Columns of verdict.csv of an endpoint over the doses."""


def lines(claims: dict[str, ClaimVerdict], name: str) -> list[str]:
    """The verdict table of a study called `name`, from the content of claims.json."""
    if not claims:
        return [f"verdicts of study {name}: none; no case changes the strength of an arm"]
    first = next(iter(claims.values()))
    of = "against 100 % strength" if "contrasts" in first else "per -10 % strength"
    text = [f"verdicts of study {name} (effects {of})", ""]
    for claim, entry in claims.items():
        text += _claim(claim, entry)
    counts = first["counts"]
    text.append(
        f"{counts['certified']} of {counts['cases']} cases of this stratum certified, "
        f"{counts['variants']} variants; {_stratum(first['stratum'])}"
    )
    lost = counts["failed"]
    text += [f"  not certified: {one['case']}: {one['reason']}" for one in lost[:MOST_FAILED]]
    if len(lost) > MOST_FAILED:
        text.append(f"  and {len(lost) - MOST_FAILED} more, in claims.json")
    rule = first["rule"]
    state = "CHANGED: not the rule frozen before the runs" if rule["changed"] else "unchanged"
    text.append(f"rule: {rule['file']} ({state}), sha256 {rule['sha256']}")
    return text


def _claim(name: str, entry: ClaimVerdict) -> list[str]:
    held = trust(entry)
    first = f"{name}: {verdict_and_trust(entry).upper()}: {held.controls}"
    text = textwrap.wrap(first, WIDTH, subsequent_indent="  ")
    text += _wrapped("says", entry["says"])
    text += _wrapped("habit", _habit(entry))
    for one in entry["primary"]:
        for reading, found in readings(one):
            text += _wrapped("moved", _moved(label(one, reading), one, found))
            for word, seen in (
                ("people", people_moved),
                ("range", over_range),
                ("steepest", steepest),
            ):
                told = seen(one, found)
                text += _wrapped(word, told) if told else []
        for word, of_all in (("spread", sources), ("power", power)):
            told = of_all(one)
            text += _wrapped(word, told) if told else []
    for key, other in (entry.get("contrasts") or {}).items():
        if key != entry["stratum"]["contrast"]:
            text += _other_contrast(key, other, held.word)
    for told in bends(entry):
        text += _wrapped("note", told)
    for told in beside(entry):
        text += _wrapped("beside", told)
    if entry["depends_on_reading"]:
        text += _wrapped("note", "the verdict depends on where the iliopsoas tendon presses")
    if entry["verdict"] == "inconclusive":
        text += _wrapped("because", entry["reason"])
    elsewhere = _elsewhere(entry)
    text += _wrapped("elsewhere", f"{elsewhere} (same controls)") if elsewhere else []
    failed = [k for k, c in entry["controls"].items() if c["status"] == FAILED]
    for key in failed:
        text += _wrapped("control", f"{control_name(key)}: {entry['controls'][key]['detail']}")
    text += _wrapped("untested", entry["untestable"])
    answer = paragraph(entry)
    text += _wrapped("answer", answer) if answer else []
    return [*text, ""]


def _moved(words: str, one: EndpointVerdict, found: ReadingVerdict) -> str:
    if size_of(found) is None:
        return f"{words}: no result ({found['reason']})"
    with_what = "with it" if "effect_of" in one else "with weakness"
    return (
        f"{words}: {effect(one, found)} {per(one)}; smallest effect {smallest_effect(one)}, "
        f"claimed to {claimed(one).removesuffix('s')} {with_what}"
    )


def _other_contrast(key: str, other: ContrastVerdict, trusted: str) -> list[str]:
    """The claim in another contrast: its verdict with trust, and what its primaries do."""
    name = key.replace("_", " ")
    text = _wrapped("contrast", f"{name} ({other['says']}): {other['verdict']}, {trusted}")
    for one in other["primary"]:
        for reading, found in readings(one):
            text += _wrapped("", _moved(label(one, reading), one, found))
    return text


def _habit(entry: ClaimVerdict) -> str:
    """At which habit weights the verdict holds, and what it is at the others."""
    habit = entry["habit_range"]
    held = ", ".join(f"{w:g}" for w in habit["holds_at"])
    other = "; ".join(
        f"{v['verdict']} at {v['habit_weight']:g}"
        for v in habit["verdicts"]
        if v["habit_weight"] in habit["differs_at"]
    )
    weights = f"weight{'s' if len(habit['holds_at']) > 1 else ''} {held}"
    return f"{entry['verdict']} at {weights}" + (f"; {other}" if other else "")


def _elsewhere(entry: ClaimVerdict) -> str:
    """Verdicts of the strata that differ in more than the habit weight, by verdict."""
    main = entry["stratum"]
    found: dict[str, list[str]] = {}
    for stratum in entry["strata"]:
        what = stratum["stratum"]
        other = {key: value for key, value in what.items() if value != main.get(key)}
        same_contrast = what.get("contrast") == main.get("contrast")
        if set(other) - {"habit_weight"} and same_contrast:
            words = [WORDS.get(key, "{}").format(value) for key, value in other.items()]
            found.setdefault(stratum["verdict"], []).append(" ".join(words).replace("_", " "))
    return "; ".join(f"{verdict}: {', '.join(where)}" for verdict, where in found.items())


def _stratum(what: Factors) -> str:
    text = (
        f"arm {what['arm']}, side {what['side']}, cadence {what['cadence']}, "
        f"habit weight {what['habit_weight']:g}"
    )
    return f"{text}, contrast {what['contrast']}" if "contrast" in what else text


def _wrapped(word: str, text: str) -> list[str]:
    first = f"  {word:<9} "
    return textwrap.wrap(text, WIDTH, initial_indent=first, subsequent_indent=" " * len(first)) or [
        first.rstrip()
    ]


def table(claims: dict[str, ClaimVerdict]) -> pd.DataFrame:
    """verdict.csv: a row for each claim, stratum, endpoint and reading, primary and secondary."""
    rows = []
    for claim, entry in claims.items():
        for stratum in entry["strata"]:
            for rank in ("primary", "secondary"):
                for one in stratum[rank]:
                    for words, found in readings(one):
                        rows.append(_row(claim, stratum, rank, one, words, found, entry))
    return pd.DataFrame(rows, columns=None if rows else ["claim"])


def _row(
    claim: str,
    stratum: StratumVerdict,
    rank: str,
    one: EndpointVerdict,
    words: str,
    found: ReadingVerdict,
    entry: ClaimVerdict,
) -> Row:
    low, high = found["interval"] or (None, None)
    held = trust(entry)
    return {
        "claim": claim,
        **cast(Row, stratum["stratum"]),
        "claim_verdict": stratum["verdict"],
        "headline": stratum["stratum"] == entry["stratum"],
        "rank": rank,
        "endpoint": one["endpoint"],
        "reading": words,
        "unit": one["unit"],
        "claimed_when_weaker": one["claimed_when_weaker"],
        **_effect(one, found),
        "interval_low": low,
        "interval_high": high,
        "smallest_effect": one["smallest_effect"],
        "rho": found["rho"],
        "same_sign_percent": found["same_sign_percent"],
        "variants_used": one["variants_used"],
        "verdict": found["verdict"],
        "cases": stratum["counts"]["cases"],
        "certified": stratum["counts"]["certified"],
        "controls": "; ".join(f"{k} {c['status']}" for k, c in entry["controls"].items()),
        "trusted": held.trusted,
        "trust": held.words,
        **_over_range(found["over_range"]),
        **_steepest(found["steepest"]),
    }


def _effect(one: EndpointVerdict, found: ReadingVerdict) -> Row:
    """Columns of the effect, by the edition of the rule."""
    if "effect_of" not in one:
        return {"effect_per_10_percent": found["effect_per_10_percent"]}
    parts = one.get("components") or {}
    return {
        "claimed": one["claimed"],
        "strength": one["effect_of"],
        "effect": found["effect"],
        "claimed_sign_percent": found["claimed_sign_percent"],
        "people_used": one["people_used"],
        **{f"deviation_by_{name}": part["deviation"] for name, part in parts.items()},
    }


def _over_range(seen: OverRange | None) -> Row:
    """Columns of what the endpoint does from the lowest dose to the highest."""
    if seen is None:
        return dict.fromkeys(OVER_RANGE)
    low, high = seen["difference_interval"] or (None, None)
    relative_low, relative_high = seen["relative_change_interval"] or (None, None)
    values = (
        *(seen["lowest_dose_percent"], seen["highest_dose_percent"]),
        *(seen["value_at_lowest"], seen["value_at_highest"]),
        *(seen["difference"], low, high, seen["in_smallest_effects"]),
        *(seen["relative_change_percent"], relative_low, relative_high, seen["variants"]),
    )
    return dict(zip(OVER_RANGE, values, strict=True))


def _steepest(seen: Steepest | None) -> Row:
    """Columns of the steepest piece between neighbouring doses."""
    if seen is None:
        return dict.fromkeys(STEEPEST)
    low, high = seen["interval"] or (None, None)
    values = (
        *(seen["from_dose_percent"], seen["to_dose_percent"], seen["effect_per_10_percent"]),
        *(low, high, seen["in_smallest_effects"], seen["beyond_smallest_effect"]),
        seen["variants"],
    )
    return dict(zip(STEEPEST, values, strict=True))

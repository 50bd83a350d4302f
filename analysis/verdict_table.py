"""The verdicts as a table that a runner can read, on the terminal and as verdict.csv."""

from __future__ import annotations

import textwrap
from typing import Any

import pandas as pd

WIDTH = 100
WORDS = {"side": "{} leg", "cadence": "cadence {}", "habit_weight": "at habit {:g}"}
MOST_FAILED = 5
READABLE = {"m": (" mm", 1000.0), "1": ("", 1.0)}
"""Units that are told otherwise than they are kept: words, and factor."""


def number(value: float | None) -> str:
    """Three significant digits with sign, or a dash."""
    return "-" if value is None else f"{value:+.3g}"


def lines(claims: dict[str, dict[str, Any]], name: str) -> list[str]:
    """The verdict table of a study called `name`, from the content of claims.json."""
    text = [f"verdicts of study {name} (effects per -10 % strength)", ""]
    for claim, entry in claims.items():
        text += _claim(claim, entry)
    first = next(iter(claims.values()))
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


def _claim(name: str, entry: dict[str, Any]) -> list[str]:
    text = [f"{name}: {entry['verdict'].upper()}{_habit(entry['habit_range'])}"]
    text += _wrapped("says", entry["says"])
    for one in entry["primary"]:
        readings = one.get("readings") or {"": one}
        for words, found in readings.items():
            label = one["label"] + (f" ({words})" if words else "")
            text += _wrapped("moved", _moved(label, one, found))
    if entry["depends_on_reading"]:
        text += _wrapped("note", "the verdict depends on where the iliopsoas tendon presses")
    if entry["verdict"] == "inconclusive":
        text += _wrapped("because", entry["reason"])
    elsewhere = _elsewhere(entry)
    text += _wrapped("elsewhere", elsewhere) if elsewhere else []
    controls = [f"{key.replace('_', ' ')} {c['status']}" for key, c in entry["controls"].items()]
    text += _wrapped("controls", ", ".join(controls))
    failed = [k for k, c in entry["controls"].items() if c["status"] == "failed"]
    for key in failed:
        text += _wrapped("", f"{key.replace('_', ' ')}: {entry['controls'][key]['detail']}")
    text += _wrapped("untested", entry["untestable"])
    return [*text, ""]


def _moved(label: str, one: dict[str, Any], found: dict[str, Any]) -> str:
    if found["effect_per_10_percent"] is None:
        return f"{label}: no result ({found['reason']})"
    unit, times = READABLE.get(one["unit"], (f" {one['unit']}", 1.0))
    around = ""
    if found["interval"]:
        low, high = (number(times * bound) for bound in found["interval"])
        around = f" [{low}, {high}]"
    return (
        f"{label}: {number(times * found['effect_per_10_percent'])}{around}{unit}; "
        f"smallest effect {times * one['smallest_effect']:g}{unit}, "
        f"claimed to {one['claimed_when_weaker'].removesuffix('s')} with weakness"
    )


def _habit(habit: dict[str, Any]) -> str:
    if not habit["differs_at"]:
        weights = ", ".join(f"{w:g}" for w in habit["holds_at"])
        return f" (habit weight{'s' if len(habit['holds_at']) > 1 else ''} {weights})"
    held = ", ".join(f"{w:g}" for w in habit["holds_at"])
    other = ", ".join(
        f"{v['verdict']} at {v['habit_weight']:g}"
        for v in habit["verdicts"]
        if v["habit_weight"] in habit["differs_at"]
    )
    return f" (habit weights {held}; {other})"


def _elsewhere(entry: dict[str, Any]) -> str:
    """Verdicts of the strata that differ in more than the habit weight, by verdict."""
    main = entry["stratum"]
    found: dict[str, list[str]] = {}
    for stratum in entry["strata"]:
        what = stratum["stratum"]
        other = {key: value for key, value in what.items() if value != main[key]}
        if set(other) - {"habit_weight"}:
            words = [WORDS.get(key, "{}").format(value) for key, value in other.items()]
            found.setdefault(stratum["verdict"], []).append(" ".join(words).replace("_", " "))
    return "; ".join(f"{verdict}: {', '.join(where)}" for verdict, where in found.items())


def _stratum(what: dict[str, Any]) -> str:
    return (
        f"arm {what['arm']}, side {what['side']}, cadence {what['cadence']}, "
        f"habit weight {what['habit_weight']:g}"
    )


def _wrapped(word: str, text: str) -> list[str]:
    first = f"  {word:<9} "
    return textwrap.wrap(text, WIDTH, initial_indent=first, subsequent_indent=" " * len(first)) or [
        first.rstrip()
    ]


def table(claims: dict[str, dict[str, Any]]) -> pd.DataFrame:
    """verdict.csv: a row for each claim, stratum, endpoint and reading, primary and secondary."""
    rows = []
    for claim, entry in claims.items():
        for stratum in entry["strata"]:
            for rank in ("primary", "secondary"):
                for one in stratum[rank]:
                    for words, found in (one.get("readings") or {"": one}).items():
                        rows.append(_row(claim, stratum, rank, one, words, found, entry))
    return pd.DataFrame(rows)


def _row(
    claim: str,
    stratum: dict[str, Any],
    rank: str,
    one: dict[str, Any],
    words: str,
    found: dict[str, Any],
    entry: dict[str, Any],
) -> dict[str, Any]:
    low, high = found["interval"] or (None, None)
    return {
        "claim": claim,
        **stratum["stratum"],
        "claim_verdict": stratum["verdict"],
        "headline": stratum["stratum"] == entry["stratum"],
        "rank": rank,
        "endpoint": one["endpoint"],
        "reading": words,
        "unit": one["unit"],
        "claimed_when_weaker": one["claimed_when_weaker"],
        "effect_per_10_percent": found["effect_per_10_percent"],
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
    }

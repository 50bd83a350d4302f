"""The verdicts as text in Markdown: a narrow table of what moved, then a line for each claim.

For README.md and results/reference. The table has a row for each primary endpoint in each reading,
and a column for each contrast, or habit weight, that has a result; the lines below say each claim's
verdict, whether it is trusted, how its controls ended, why, and the steepest pieces.
"""

from __future__ import annotations

from collections.abc import Mapping

from analysis.report import plain
from analysis.verdict import statements
from analysis.verdict.endpoints import INCONCLUSIVE
from analysis.verdict.trust import trust, verdict_and_trust
from formats.verdicts import ClaimVerdict, Factors


def verdicts(claims: Mapping[str, ClaimVerdict]) -> str:
    """The headline of all claims of claims.json."""
    columns = _columns(next(iter(claims.values())))
    rows = [
        _row(name, entry, columns, *place)
        for name, entry in claims.items()
        for place in _places(entry)
    ]
    empty = [head for k, head in enumerate(columns) if not any(row[2][k] for row in rows)]
    kept = [k for k, head in enumerate(columns) if head not in empty]
    heads = ["claim", "what was measured", *(list(columns)[k] for k in kept)]
    doses = next((row[4] for row in rows if row[4]), "")
    heads += ["smallest effect", f"values {doses} strength".replace("  ", " ")]
    lines = [line(heads), "|---" * len(heads) + "|"]
    last = ""
    for name, label, effects, smallest, _, values in rows:
        told = [effects[k] or "no result" for k in kept]
        lines.append(line([f"`{name}`" * (name != last), label, *told, smallest, values or "-"]))
        last = name
    lines.append("")
    lines += _claims(claims)
    if any(statements.OF_NORMAL in line for line in lines):
        lines = [line.replace(statements.OF_NORMAL, "%") for line in lines]
        lines.append("- Where a quantity is told in %, these are of the 100 % run.")
    if empty:
        lines.append(f"- No result: {', '.join(empty)}.")
    return "\n".join(lines)


def _places(entry: ClaimVerdict) -> list[tuple[int, str]]:
    """Each primary endpoint's number with each of its readings."""
    return [
        (number, reading)
        for number, one in enumerate(entry["primary"])
        for reading, _ in statements.readings(one)
    ]


def _row(
    name: str, entry: ClaimVerdict, columns: Mapping[str, Factors], number: int, reading: str
) -> tuple[str, str, list[str], str, str, str]:
    """Claim, label, effects (empty: no result), smallest effect, doses and values at their ends."""
    one = entry["primary"][number]
    effects = [_effect(entry, other, number, reading) for other in columns.values()]
    _, values, doses = statements.short(one, dict(statements.readings(one))[reading])
    small = plain.typeset(statements.smallest_effect(one))
    return name, statements.label(one, reading), effects, small, doses, values


def _columns(first: ClaimVerdict) -> dict[str, Factors]:
    """Heads of the columns of effects, and what of the headline's stratum is another there."""
    cause = statements.cause(first["primary"][0])
    if "contrasts" in first:
        return {
            f"at {one['strength']} ({key.replace('_', ' ')})": {"contrast": key}
            for key, one in first["contrasts"].items()
        }
    weights = [one["habit_weight"] for one in first["habit_range"]["verdicts"]]
    return {f"{cause}, habit weight {w:g}": {"habit_weight": w} for w in weights}


def _effect(entry: ClaimVerdict, other: Factors, number: int, reading: str) -> str:
    """Effect of a primary endpoint in the headline's stratum, but for what is another."""
    what = {**entry["stratum"], **other}
    stratum = next(one for one in entry["strata"] if one["stratum"] == what)
    one = stratum["primary"][number]
    found = dict(statements.readings(one))[reading]
    if statements.size_of(found) is None:
        return ""
    return plain.typeset(statements.effect(one, found, plain.UNROUNDED))


def _claims(claims: Mapping[str, ClaimVerdict]) -> list[str]:
    """A line for each claim; those of which the same is to be said share one."""
    named: dict[str, list[str]] = {}
    for name, entry in claims.items():
        named.setdefault(_claim(entry), []).append(f"`{name}`")
    return [f"- {', '.join(names)}: {text}" for text, names in named.items()]


def _claim(entry: ClaimVerdict) -> str:
    """Verdict, trust, reason, controls and the other strengths, a sentence each."""
    parts = [f"**{verdict_and_trust(entry)}**"]
    if entry["verdict"] == INCONCLUSIVE:
        parts.append(f"Why inconclusive: {plain.why(entry) or entry['reason']}")
    parts.append(f"Controls: {trust(entry).controls}")
    others = {
        key.replace("_", " "): one["verdict"]
        for key, one in entry.get("contrasts", {}).items()
        if key != entry["stratum"]["contrast"]
    }
    if others:
        told = [f"{key} {verdict}" for key, verdict in others.items()]
        parts.append(f"At the other strengths: {', '.join(told)}")
    if entry["habit_range"]["differs_at"]:
        parts.append(f"Habit: {plain.habit(entry)}")
    parts += [
        f"{statements.label(one, reading)} steepest {statements.steepest(one, found)}"
        for one in entry["primary"]
        for reading, found in statements.readings(one)
        if found["steepest"] and found["steepest"]["beyond_smallest_effect"]
    ]
    return plain.typeset(f"{'. '.join(parts)}.")


def line(cells: list[str]) -> str:
    """A row of a table in Markdown."""
    return "| " + " | ".join(cell.replace("|", "/").replace("\n", " ") for cell in cells) + " |"

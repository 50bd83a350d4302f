"""A claim's answer in one paragraph, from its entry of claims.json (second edition of the rule).

What moves, by how much at each strength asked about, in whom; over which freedom that holds; what
the controls say; what cannot be told. Every number is the entry's own.
"""

from __future__ import annotations

from analysis.verdict import statements
from analysis.verdict.endpoints import INCONCLUSIVE
from analysis.verdict.trust import trust
from formats.verdicts import ClaimVerdict, ContrastVerdict, EndpointVerdict


def paragraph(entry: ClaimVerdict) -> str:
    """The answer; empty by the first edition, which has no contrasts."""
    if "contrasts" not in entry:
        return ""
    parts = [_contrast(one) for one in entry["contrasts"].values()]
    parts += [_also(entry), _freedom(entry), f"Controls: {trust(entry).words}."]
    parts.append(f"Not shown: {entry['untestable']}.")
    return " ".join(part for part in parts if part)


def _contrast(one: ContrastVerdict) -> str:
    """What a strength does to the primary endpoints: "At 60 % strength (..): supported. The .."."""
    verdict = one["verdict"]
    head = f"{one['strength'][0].upper()}{one['strength'][1:]} ({one['says']}): {verdict}."
    moved = [_moved(endpoint) for endpoint in one["primary"]]
    if verdict == INCONCLUSIVE and not any(moved):
        return f"{head} The reason: {one['reason']}."
    return " ".join([head, *(text for text in moved if text)])


def _moved(one: EndpointVerdict) -> str:
    """One primary endpoint, each reading: which way, how much, in how many people."""
    told = []
    for reading, found in statements.readings(one):
        size = statements.size_of(found)
        if size is None:
            continue
        way = "does not move" if size == 0 else "rises" if size > 0 else "falls"
        people = statements.people_moved(one, found)
        name = statements.label(one, reading)
        text = f"{name[0].upper()}{name[1:]} {way}"
        if size:
            text += f": {statements.effect(one, found)}"
        text += f" ({people}; smallest effect {statements.smallest_effect(one)})."
        told.append(text)
    return " ".join(told)


def _also(entry: ClaimVerdict) -> str:
    """The secondary endpoints that surely move by more than their smallest effect."""
    moved = []
    for one in entry["secondary"]:
        found = next(iter(statements.readings(one)))[1]
        if found["verdict"] in ("supported", "contradicted"):
            moved.append(f"{statements.label(one, '')} {statements.effect(one, found)}")
    return f"Beside it: {'; '.join(moved)}." if moved else ""


def _freedom(entry: ClaimVerdict) -> str:
    """Over which habit weights the first contrast's verdict holds."""
    habit = entry["habit_range"]
    held = ", ".join(f"{weight:g}" for weight in habit["holds_at"])
    if len(habit["verdicts"]) == 1:
        return f"One freedom of the motion was run (habit weight {held})."
    if not habit["differs_at"]:
        return f"The same at every freedom run (habit weights {held})."
    other = ", ".join(
        f"{one['verdict']} at {one['habit_weight']:g}"
        for one in habit["verdicts"]
        if one["habit_weight"] in habit["differs_at"]
    )
    return f"So at habit weight {held}; {other}."

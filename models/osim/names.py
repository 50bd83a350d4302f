"""Names of a model's muscles, and the names that groups, analysis and figures know them by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from models.osim import groups
from models.rajagopal.tables import table

SIDED = ("_r", "_l")


def renamed(names: Sequence[str], own: Mapping[str, str]) -> dict[str, str]:
    """Model's name -> runner's name, of the muscles that are called otherwise here.

    own: runner's name (with _r or _l) -> model's name, from runner.yaml (muscles). Raises
    ValueError where it names a muscle the model has not, or two muscles would get one name.
    """
    for ours, theirs in own.items():
        if theirs not in names:
            raise ValueError(
                f"runner.yaml: muscles: {ours}: the model has no muscle called {theirs}; "
                f"it has {', '.join(names[:6])} ..."
            )
        if not ours.endswith(SIDED):
            raise ValueError(f"runner.yaml: muscles: {ours}: a name ends in _r or _l")
    known = {row["name"]: row["muscle"] for row in table("muscle_names")}
    chosen = {theirs: ours for ours, theirs in own.items()}
    found = {name: chosen.get(name) or _usual(name, known) for name in names}
    owner: dict[str, str] = {}
    for name, ours in found.items():
        if ours in owner:
            raise ValueError(
                f"model: muscles {owner[ours]} and {name} are both {ours}; give one of them "
                "another name in runner.yaml (muscles)"
            )
        owner[ours] = name
    return {name: ours for name, ours in found.items() if name != ours}


def _usual(name: str, known: Mapping[str, str]) -> str:
    return known.get(name[:-2], name[:-2]) + name[-2:] if name.endswith(SIDED) else name


def stands_for(name: str) -> list[str]:
    """Heads that a model's muscle stands for, by its model's name; empty: itself only."""
    for row in table("muscle_names"):
        if row["name"] == name.removesuffix("_r").removesuffix("_l"):
            return row["heads"].split()
    return []


def missing_groups(names: Sequence[str]) -> dict[str, str]:
    """Muscle group -> the sides ('right', 'left', 'both') on which no muscle belongs to it."""
    missing = {}
    for arm, group in groups.arms().items():
        lacking = [side for side in "rl" if not _has(group["muscles"], side, names, arm)]
        if lacking:
            missing[arm] = "both" if len(lacking) == 2 else {"r": "right", "l": "left"}[lacking[0]]
    return missing


def _has(heads: list[str], side: str, names: Sequence[str], arm: str) -> bool:
    try:
        return bool(groups.shares(heads, side, list(names), arm))
    except ValueError:
        return False

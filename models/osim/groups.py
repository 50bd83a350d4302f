"""Muscle groups by name, and which muscles of a runner they mean, how much."""

from __future__ import annotations

from pathlib import Path
from typing import NotRequired, TypedDict

from formats.yaml import read
from models.rajagopal.muscles import groups_of
from models.rajagopal.tables import table

FILE = Path(__file__).parents[1] / "muscle_groups.yaml"
MERGED_TABLES = ("planar_muscles",)
SIDES = {"both": ("r", "l"), "right": ("r",), "left": ("l",)}


class Compensation(TypedDict):
    """Muscles that make up for a coordinate's isometric torque at a posture (deg, right side)."""

    muscles: list[str]
    coordinate: str
    posture: dict[str, float]


class Arm(TypedDict):
    """A muscle group by the heads of the base model, without their sides."""

    muscles: list[str]
    compensate: NotRequired[Compensation]


def arms(file: Path = FILE) -> dict[str, Arm]:
    """All arms by name."""
    content: dict[str, Arm] = read(file)
    return content


def arm(name: str, file: Path = FILE) -> Arm:
    """One arm. Raises ValueError naming the arms there are."""
    known = arms(file)
    if name not in known:
        raise ValueError(f"arm {name!r}: unknown muscle group; allowed are {', '.join(known)}")
    return known[name]


def sides(name: str) -> tuple[str, ...]:
    """Suffixes of a side. Raises ValueError naming the sides there are."""
    if name not in SIDES:
        raise ValueError(f"side {name!r}: unknown; allowed are {', '.join(SIDES)}")
    return SIDES[name]


def shares(heads: list[str], side: str, muscles: list[str], arm_name: str) -> dict[str, float]:
    """Muscles of one side that `heads` mean, and the share of each one's strength they hold.

    muscles: all names of the runner. Raises ValueError if none is meant.
    """
    present = {name[:-2] for name in muscles if name.endswith(f"_{side}")}
    found: dict[str, float] = {}
    for muscle, parts in _merged(present).items():
        strength = {part: _strength(part) for part in parts}
        share = sum(strength[part] for part in parts if part in heads) / sum(strength.values())
        if share > 0:
            found[f"{muscle}_{side}"] = share
    if not found:
        raise ValueError(
            f"arm {arm_name!r}: none of its muscles ({', '.join(heads)}) is in the runner"
        )
    return found


def _merged(present: set[str]) -> dict[str, list[str]]:
    """Muscle -> heads it stands for in this runner: itself, and absent heads merged into it."""
    meaning = {muscle: [muscle] for muscle in sorted(present)}
    for name in MERGED_TABLES:
        for muscle, heads in groups_of(name).items():
            absent = [head for head in heads if head != muscle and head not in present]
            if muscle in present and len(absent) == len(heads) - 1:
                meaning[muscle] = heads
    return meaning


def _strength(head: str) -> float:
    """Maximal isometric force of a head (N); 1 for muscles outside the table, which stand alone."""
    for row in table("lai_uhlrich_2022"):
        if row["muscle"] == head:
            return float(row["max_isometric_force_n"])
    return 1.0

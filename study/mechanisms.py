"""The article's mechanisms among a study's keys: what they may be, and cannot go with.

They are columns of cases.csv (formats.case.MECHANISMS); each is a list like any other key's, so one
at a time is an item of `also` each.
"""

from __future__ import annotations

import itertools
from typing import Any

from formats.case import MECHANISMS
from formats.text import shown


def at_work(keys: Any) -> dict[str, list[float]]:
    """The keys of a study that hold more than what stands for none, with their values."""
    lists = {name: getattr(keys, name) for name in MECHANISMS}
    return {name: values for name, values in lists.items() if values != [MECHANISMS[name]]}


def sizes(keys: Any, measured: bool) -> list[dict[str, float]]:
    """Every combination of the listed values; a measured runner's motion knows of none."""
    if measured:
        return [dict(MECHANISMS)]
    every = itertools.product(*(getattr(keys, name) for name in MECHANISMS))
    return [dict(zip(MECHANISMS, map(float, values), strict=True)) for values in every]


def none() -> dict[str, list[float]]:
    """The keys of a study without any."""
    return {name: [value] for name, value in MECHANISMS.items()}


def belongs(keys: Any, upright: list[str]) -> None:
    """Refuse mechanisms that a study cannot have: ValueError, one line.

    upright: the objectives that hold the trunk (study.values.upright).
    """
    asked = at_work(keys)
    if not asked:
        return
    name, values = next(iter(asked.items()))
    if keys.problem != "predict":
        raise ValueError(
            f"{name}: {shown(values)} is not allowed with problem {keys.problem}; a mechanism "
            "needs a motion that is found, which is problem predict"
        )
    if "drive_percent" in asked and "warm_down" in keys.starts:
        raise ValueError(
            f"drive_percent: {shown(asked['drive_percent'])} is not allowed together with start "
            "warm_down; a drive is told from the 100 % run that a case starts from"
        )
    loose = [one for one in keys.objectives if one not in upright]
    if "pelvic_tilt_deg" in asked and loose:
        raise ValueError(
            f"pelvic_tilt_deg: {shown(asked['pelvic_tilt_deg'])} is not allowed with objective "
            f"{loose[0]}; nothing in it holds the pelvis, as its weight `trunk` does in "
            f"{', '.join(upright)}"
        )

"""The article's mechanisms among a study's keys: what they may be, and cannot go with.

They are columns of cases.csv (formats.case.MECHANISMS); each is a list like any other key's, so one
at a time is an item of `also` each.
"""

from __future__ import annotations

import itertools
from typing import Annotated, Any

from formats.case import MECHANISMS
from formats.text import shown
from formats.yaml import read
from study.trials import is_measured
from study.values import OBJECTIVES, Distinct, Number, Some, key

Drive = Annotated[
    list[Annotated[float, Number(50, least=-50, subject="a drive is", unit="per cent")]],
    *(Some, Distinct()),
]
DRIVE = key(
    "Mechanism: change of the peak of thigh flexion from that of the free 100 % run. What this and "
    "the next four are, and did: `docs/mechanisms.md`. They are reported, not judged.",
    default=[0],
    also=True,
)
Inhibition = Annotated[
    list[Annotated[float, Number(5, least=0, subject="an inhibition is")]], Some, Distinct()
]
INHIBITION = key(
    "Mechanism: reciprocal inhibition, k of gluteal excitation <= 1 - k x flexor activation.",
    default=[0],
    also=True,
)
Ceiling = Annotated[
    list[Annotated[float, Number(1, least=0.03, subject="a ceiling is")]], Some, Distinct()
]
CEILING = key(
    "Mechanism: arthrogenic inhibition, the most that gluteal excitation may reach; how strong "
    "that makes it `mechanisms.csv` tells.",
    default=[1],
    also=True,
)
Slack = Annotated[
    list[Annotated[float, Number(10, least=0, subject="a slack is", unit="mm")]],
    *(Some, Distinct()),
]
SLACK = key(
    "Mechanism: a lax capsule, how much longer each of its ligaments is.", default=[0], also=True
)
Tilt = Annotated[
    list[Annotated[float, Number(20, least=-20, subject="a tilt is", unit="deg")]],
    *(Some, Distinct()),
]
TILT = key(
    "Mechanism: how much further forward than the torso the objective wants the pelvis.",
    default=[0],
    also=True,
)


def at_work(keys: Any) -> dict[str, list[float]]:
    """The keys of a study that hold more than what stands for none, with their values."""
    lists = {name: getattr(keys, name) for name in MECHANISMS}
    return {name: values for name, values in lists.items() if values != [MECHANISMS[name]]}


def sizes(runner: str, keys: Any) -> list[dict[str, float]]:
    """Every combination of the listed values; a measured runner's motion knows of none."""
    if is_measured(runner):
        return [dict(MECHANISMS)]
    every = itertools.product(*(getattr(keys, name) for name in MECHANISMS))
    return [dict(zip(MECHANISMS, map(float, values), strict=True)) for values in every]


def none() -> dict[str, list[float]]:
    """The keys of a study without any."""
    return {name: [value] for name, value in MECHANISMS.items()}


def upright() -> list[str]:
    """The objectives that hold the pelvis and the torso upright (weight `trunk`)."""
    return [name for name, weights in read(OBJECTIVES).items() if weights.get("trunk")]


def belongs(keys: Any) -> None:
    """Refuse mechanisms that a study cannot have: ValueError, one line."""
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
    loose = [one for one in keys.objectives if one not in upright()]
    if "pelvic_tilt_deg" in asked and loose:
        raise ValueError(
            f"pelvic_tilt_deg: {shown(asked['pelvic_tilt_deg'])} is not allowed with objective "
            f"{loose[0]}; nothing in it holds the pelvis, as its weight `trunk` does in "
            f"{', '.join(upright())}"
        )

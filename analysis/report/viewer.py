"""The motions that the report's viewer shows, as small JSON: limbs and ground force by dose."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from analysis.figures.study import Series
from analysis.figures.style import dose_styles
from analysis.replayed.motion import HEAD_RADIUS_M, Motion, read_motion
from formats.files import said

STEP_PERCENT = 2
MOST_SERIES = 24
GRAVITY = 9.80665


def motions(series: Sequence[Series]) -> tuple[dict[str, Any], list[str]]:
    """What the viewer shows, and which cases it cannot, each with the reason.

    A frame for every STEP_PERCENT of the stride; lengths in m with mm kept, forces in BW.
    """
    shown, lacking = [], []
    for one in series[:MOST_SERIES]:
        styles, doses = dose_styles(one.doses), []
        for _, row in one.certified.iterrows():
            try:
                motion = read_motion(one.folder / str(row["case"]))
            except ValueError as error:
                lacking.append(said(error))
                continue
            dose = float(row["dose_percent"])
            weight = float(row["body_mass_kg"]) * GRAVITY
            doses.append({"dose": dose, "colour": styles[dose]["color"], **frames(motion, weight)})
        lacking += [f"{one.label}: {dose:g} % is not certified" for dose in one.failed]
        if doses:
            shown.append({"label": one.label, "doses": doses})
    if len(series) > MOST_SERIES:
        lacking.append(f"{len(series) - MOST_SERIES} further series; their figures show them")
    return {"head_radius": HEAD_RADIUS_M, "step": STEP_PERCENT, "series": shown}, lacking


def frames(motion: Motion, weight: float) -> dict[str, Any]:
    """One dose: name and path of each limb, the head, and both feet's force with its place."""
    rows = np.arange(0, 100, STEP_PERCENT)
    shift = np.array([float(motion.points["pelvis"][:, 0].mean()), 0.0])

    def short(values: np.ndarray) -> list[Any]:
        return np.round(values, 3).tolist()

    return {
        "stride_time": round(motion.stride_time, 4),
        "speed": motion.speed,
        "limbs": {name: short(path[rows] - shift) for name, path in motion.limbs().items()},
        "head": short(motion.points["head"][rows] - shift),
        "force": {side: short(push[rows] / weight) for side, push in motion.force.items()},
        "place": {side: short(place[rows] - shift) for side, place in motion.place.items()},
    }

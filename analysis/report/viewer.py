"""What the report's viewer shows: the scene of each certified dose, and the socket."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TypedDict

import numpy as np

from analysis.figures.study import Series
from analysis.figures.style import dose_styles
from analysis.replayed import scene
from analysis.socket.bearing import default
from formats.case import FILE as SETTINGS
from formats.files import said
from formats.names import SIDES
from formats.records import Settings

SCRIPTS = ("viewer_gl.js", "viewer_pose.js", "viewer_curves.js", "viewer.js")
"""In the order in which they need each other."""
MOST_DOSES = 32
"""Of all series together; a dose takes about a quarter of a megabyte."""


def script() -> str:
    """The viewer's code, to stand in the page."""
    return "\n".join((Path(__file__).parent / name).read_text("utf-8") for name in SCRIPTS)


class Strides(TypedDict):
    """A case as the viewer shows it.

    margin: of each side, deg at each frame, positive inside the rim, tendon on the pelvis; None: no
    value. closes: whether the stride's end is its start again.
    """

    scene: scene.Packed
    margin: list[list[float | None]]
    closes: bool


class Dose(Strides):
    """A dose of a series (%), with its colour in the figures."""

    dose: float
    colour: str


class Doses(TypedDict):
    """The certified doses of a series."""

    label: str
    doses: list[Dose]


class Cup(TypedDict):
    """The socket. dome: unit vector of each side's (pelvis frame); half opening deg, radius m."""

    dome: list[list[float]]
    half_opening: float
    radius: float


class Motions(TypedDict):
    """All that the viewer is given."""

    cup: Cup
    series: list[Doses]


def motions(series: Sequence[Series]) -> tuple[Motions, list[str]]:
    """What the viewer shows, and which cases it cannot, each with the reason."""
    shown: list[Doses] = []
    lacking: list[str] = []
    count, left_out = 0, 0
    for one in series:
        styles = dose_styles(one.doses)
        doses: list[Dose] = []
        for _, row in one.certified.iterrows():
            if count >= MOST_DOSES:
                left_out += 1
                continue
            try:
                found = of_case(one.folder / str(row["case"]))
            except ValueError as error:
                lacking.append(said(error))
                continue
            dose = float(row["dose_percent"])
            doses.append({"dose": dose, "colour": styles[dose]["color"], **found})
            count += 1
        lacking += [f"{one.label}: {dose:g} % is not certified" for dose in one.failed]
        if doses:
            shown.append({"label": one.label, "doses": doses})
    if left_out:
        lacking.append(f"{left_out} further certified runs; the figures show them")
    cup, radius = default().cup, default().head_radius
    socket: Cup = {
        "dome": [cup.dome(side).tolist() for side in SIDES],
        "half_opening": cup.half_opening_deg,
        "radius": 1.15 * radius,
    }
    return {"cup": socket, "series": shown}, lacking


def of_case(folder: Path) -> Strides:
    """A case: its scene as it is stored, and each side's margin to the rim."""
    stored = scene.stored(folder)
    found = scene.unpacked(stored, folder / scene.FILE)
    margin = []
    for i, side in enumerate(SIDES):
        degrees = default().cup.margin_deg(found.hip_force[:, i], side)
        margin.append([round(float(v), 1) if np.isfinite(v) else None for v in degrees])
    return {
        "scene": stored,
        "margin": margin,
        "closes": Settings.of(folder / SETTINGS).periodic,
    }

"""A rubber band between the feet: a swing assist, the positive control after Simpson 2019.

Simpson et al. 2019 (J Exp Biol 222: jeb202895) tied a length of natural rubber tube between the
shoes: slack length 25 % of leg length, about 120 N/m. It stores energy while the feet part and
gives it back to the leg that swings.
"""

from __future__ import annotations

import math
from pathlib import Path

from formats import description as d
from models.osim import band

NAME = "band_between_feet"
SLACK_SHARE = 0.25
"""Slack length over leg length."""
LACES = (0.11, 0.03, 0.0)
"""Where it is tied, in the calcaneus' frame (m; forward, up, right): the middle of the laces."""
ROUNDING = 0.01
"""Of the corner where it goes slack (m): at the slack length it pulls stiffness x half of this."""


def between_feet(stiffness: float, leg_length: float) -> d.Band:
    """The band of a stiffness (N/m), for a leg length (m)."""
    return d.Band(
        name=NAME,
        force_path=f"/forceset/{NAME}",
        first=d.BandEnd(body="calcn_r", location=list(LACES)),
        second=d.BandEnd(body="calcn_l", location=list(LACES)),
        hinges=[d.Hinge(length=SLACK_SHARE * leg_length, stiffness=float(stiffness))],
        rounding=ROUNDING,
    )


def add(runner: Path, stiffness: float) -> None:
    """Put the band (N/m) into runner.osim and runner.json of a folder, both alike.

    Raises ValueError for a stiffness that is not above 0, or a runner without the two feet.
    """
    if not (stiffness > 0.0 and math.isfinite(stiffness)):
        raise ValueError(f"spring {stiffness!r}: must be a stiffness above 0 (N/m)")
    length = d.read(Path(runner) / "runner.json").leg_length
    band.add(runner, between_feet(stiffness, length))

"""Muscles that outcomes take together: which heads make one muscle."""

from __future__ import annotations

import re
from collections.abc import Sequence

from formats.description import Muscle

VELOCITY_SMOOTHING = 1000.0
"""Steepness (s/m) of the tanh by which OpenSim's metabolic model tells a shortening fibre from a
stretched one. At its default of 10 a fibre that shortens by 0.1 m/s is paid 88 % of its work, and a
runner at 3.5 m/s three quarters."""
GROUPS = {
    "glmax": r"glmax\d*",
    "glmed": r"glmed\d*",
    "glmin": r"glmin\d*",
    "iliopsoas": r"psoas|iliacus",
    "hamstrings": r"semimem|semiten|bflh",
    "vasti": r"vaslat|vasmed|vasint",
    "soleus": r"soleus",
}
WINDOW = (85.0, 20.0)
"""Late swing to mid-stance, per cent of the stride after initial contact: across contact."""
WINDOW_MEAN = "activation_{:g}_to_{:g}_percent_mean".format(*WINDOW)
"""Column of a group's mean activation there, after the group's name."""


def members(muscles: Sequence[Muscle], group: str, side: str) -> list[int]:
    """Positions of the muscles of a group on one side."""
    pattern = re.compile(rf"(?:{GROUPS[group]})_{side}")
    return [i for i, muscle in enumerate(muscles) if pattern.fullmatch(muscle.name)]

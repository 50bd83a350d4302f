"""lewis.json: how the anterior hip force changes when a leg is lifted by weakened muscles."""

from __future__ import annotations

from typing import TypedDict


class Change(TypedDict, total=False):
    """A change of the anterior force, BW; the first three only where a posture was held."""

    anterior_change_bw: float
    anterior_change_min_bw: float
    anterior_change_max_bw: float
    direction: str
    angles_not_held_deg: list[float]


Changes = dict[str, dict[str, Change]]
"""Changes in an exercise, by weakened group and reading of the tendon."""


class Summary(TypedDict):
    """Changes by exercise, and what they come to.

    reproduces: whether the anterior force clearly rises in both exercises as claimed, with the
    tendon as OpenSim and Lewis et al. have it; the same for the other reading beside it. clear_bw:
    the least change that counts, BW. larger_in_extension: by exercise, whether the strong leg's
    anterior force is larger at the most extended hip than at the most flexed one.
    """

    prone_extension: Changes
    supine_flexion: Changes
    reproduces: bool
    reproduces_tendon_on_head: bool
    clear_bw: float
    larger_in_extension: dict[str, bool]

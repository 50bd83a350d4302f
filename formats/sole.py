"""The sole under a runner's feet, as numbers that can be fitted."""

from __future__ import annotations

from dataclasses import dataclass

from formats.description import RunnerDescription

HEEL, TOES = "calcn_", "toes_"


SHARE, TOE_RISE, DISSIPATION = 0.125, 0.0, 0.5
"""Of a measured runner's sole, calibrated over trials at 3 and 4 m/s (docs/tracked.md)."""


@dataclass(frozen=True)
class Sole:
    """height: of the lowest points in the calcaneus frame (m); share: of the usual stiffness
    (models/parameters/contact.yaml); toe_rise: of the toes' spheres above the others (m), as a
    running shoe's tip is turned up. Where a model's toes are locked it also stands for their bend.
    dissipation: Hunt & Crossley's (s/m).
    """

    height: float
    share: float = SHARE
    toe_rise: float = TOE_RISE
    dissipation: float = DISSIPATION


def height(runner: RunnerDescription) -> float:
    """Height (m) of the lowest points of the spheres on the calcanei, in the calcaneus frame.

    Raises ValueError for a runner without such spheres.
    """
    lowest = [s.location[1] - s.radius for s in runner.contacts if s.body.startswith(HEEL)]
    if not lowest:
        raise ValueError(
            f"runner {runner.name}: no contact spheres on the calcanei; "
            "python -m models.add_contact adds them"
        )
    return min(lowest)


def fitted(runner: RunnerDescription, usual: Sole, wanted: Sole) -> RunnerDescription:
    """A runner grounded with the sole `usual`, with another: as models.add_contact would make it.

    Force goes with stiffness as it goes with the share (models.rajagopal.contact.stiffness): one
    times the other is all there is to it.
    """
    lift, ratio = wanted.height - usual.height, wanted.share / usual.share
    contacts = []
    for sphere in runner.contacts:
        x, y, z = sphere.location
        y += lift
        if sphere.body.startswith(TOES):
            y += wanted.toe_rise - usual.toe_rise
        changed = {
            "location": [x, y, z],
            "stiffness": sphere.stiffness * ratio,
            "dissipation": wanted.dissipation,
        }
        contacts.append(sphere.model_copy(update=changed))
    return runner.model_copy(update={"contacts": contacts})

"""The sole under a runner's feet, as numbers that can be fitted: its height and its stiffness."""

from __future__ import annotations

from dataclasses import dataclass

from simulations.description import RunnerDescription

HEEL = "calcn_"


@dataclass(frozen=True)
class Sole:
    """height: of the lowest points in the calcaneus frame (m); share: of the usual stiffness."""

    height: float
    share: float


def height(runner: RunnerDescription) -> float:
    """Height (m) of the lowest points of the spheres on the calcanei, in the calcaneus frame.

    Raises ValueError for a runner without such spheres.
    """
    lowest = [s.location[1] - s.radius for s in runner.contacts if s.body.startswith(HEEL)]
    if not lowest:
        raise ValueError(
            f"runner {runner.name}: no contact spheres on the calcanei; python -m models.grounded "
            "adds them"
        )
    return min(lowest)


def fitted(runner: RunnerDescription, usual: Sole, wanted: Sole) -> RunnerDescription:
    """A runner grounded with the sole `usual`, with another: as models.grounded would make it.

    Force goes with stiffness as it goes with the share (models.contact.stiffness), so that one
    times the other is all there is to it.
    """
    lift, ratio = wanted.height - usual.height, wanted.share / usual.share
    contacts = [
        s.model_copy(
            update={
                "location": [s.location[0], s.location[1] + lift, s.location[2]],
                "stiffness": s.stiffness * ratio,
            }
        )
        for s in runner.contacts
    ]
    return runner.model_copy(update={"contacts": contacts})

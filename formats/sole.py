"""The sole under a runner's feet, as numbers that can be fitted."""

from __future__ import annotations

from dataclasses import dataclass

from formats.description import RunnerDescription

HIND, TOES = "calcn_", "toes_"
HEEL = "heel"
"""In the name of a sphere under the heel."""


SHARE, TOE_RISE, DISSIPATION, HEEL_DROP = 0.25, 0.0, 0.75, 0.006
"""Of a measured runner's sole, calibrated over trials at 3 and 4 m/s (docs/tracked.md)."""


@dataclass(frozen=True)
class Sole:
    """height: of the lowest points in the calcaneus frame (m); share: of the usual stiffness
    (models/parameters/contact.yaml); toe_rise: of the toes' spheres above the others (m), as a
    running shoe's tip is turned up. Where a model's toes are locked it also stands for their bend.
    dissipation: Hunt & Crossley's (s/m). heel_drop: of the heel's spheres below the others (m), as
    a running shoe is thicker there.
    """

    height: float
    share: float = SHARE
    toe_rise: float = TOE_RISE
    dissipation: float = DISSIPATION
    heel_drop: float = HEEL_DROP


def height(runner: RunnerDescription) -> float:
    """Height (m) of the lowest points of the balls' spheres, in the calcaneus frame.

    Raises ValueError for a runner without spheres on the calcanei.
    """
    on_calcanei = [s for s in runner.contacts if s.body.startswith(HIND)]
    if not on_calcanei:
        raise ValueError(
            f"runner {runner.name}: no contact spheres on the calcanei; "
            "python -m models.add_contact adds them"
        )
    balls = [s for s in on_calcanei if HEEL not in s.name] or on_calcanei
    return min(s.location[1] - s.radius for s in balls)


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
        if HEEL in sphere.name:
            y -= wanted.heel_drop - usual.heel_drop
        changed = {
            "location": [x, y, z],
            "stiffness": sphere.stiffness * ratio,
            "dissipation": wanted.dissipation,
        }
        contacts.append(sphere.model_copy(update=changed))
    return runner.model_copy(update={"contacts": contacts})

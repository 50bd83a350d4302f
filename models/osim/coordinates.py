"""Which coordinates of a model are free."""

from __future__ import annotations

import opensim as osim

from formats.trial.measured import MotionType


def free_coordinates(model: osim.Model) -> dict[str, MotionType]:
    """Independent coordinates that are not locked, with their motion type, in the model's order."""
    state = model.initSystem()
    return {
        c.getName(): (
            "translational" if c.getMotionType() == osim.Coordinate.Translational else "rotational"
        )
        for c in model.getCoordinateSet()
        if not c.getDefaultLocked() and not c.isDependent(state)
    }

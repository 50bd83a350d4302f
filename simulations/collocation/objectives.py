"""Named sets of weights of the objective's terms (formats.objectives)."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from formats.objectives import FILE, named


@dataclass(frozen=True)
class Objective:
    """Weights of the terms of collocation.objective; the habit's weight is given with the case.

    lean_deg: pitch in space that `trunk` holds pelvis and torso to, forward positive.
    habit_keeps_time: whether the habit holds the stride's duration beside the angles.
    """

    name: str
    cost: float = 0.0
    metabolic: float = 0.0
    excitation: float = 0.0
    activation: float = 0.0
    activation_cubed: float = 0.0
    acceleration: float = 0.0
    tendon: float = 0.0
    actuator: float = 0.0
    trunk: float = 0.0
    lean_deg: float = 0.0
    habit_keeps_time: bool = True

    @property
    def rated(self) -> bool:
        """Whether the metabolic rate costs something."""
        return self.cost > 0 or self.metabolic > 0

    @property
    def lean(self) -> float:
        """The pitch that `trunk` holds to, as OpenSim counts it: rad, backward positive."""
        return -math.radians(self.lean_deg)

    def numbers(self) -> dict[str, float | bool]:
        """The weights and settings without the name, as in objectives.yaml."""
        return {key: value for key, value in asdict(self).items() if key != "name"}


def objectives(path: Path = FILE) -> dict[str, Objective]:
    """The objectives of a file, and the calibrated ones.

    Raises ValueError, one line, for what it may not hold.
    """
    known = {field.name for field in fields(Objective)} - {"name"}
    found = {}
    for name, given in named(path).items():
        odd = set(given) - known
        if odd:
            allowed = ", ".join(sorted(known))
            raise ValueError(f"{path}: {name}: {min(odd)}: unknown; allowed are {allowed}")
        found[name] = Objective(name, **given)
    return found


OBJECTIVES = objectives()

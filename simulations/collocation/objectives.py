"""Named sets of weights of the objective's terms (collocation.objective)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Objective:
    """Weights of the terms of collocation.objective; the habit's weight is given with the case.

    lean: the torso's pitch in space that `trunk` holds to (rad, backward positive).
    habit_keeps_time: whether the habit holds the stride's duration beside the angles.
    """

    name: str
    cost: float = 0.0
    metabolic: float = 0.0
    excitation: float = 0.0
    activation: float = 0.0
    activation_cubed: float = 0.0
    acceleration: float = 0.002
    tendon: float = 1e-3
    actuator: float = 2.0
    trunk: float = 0.0
    lean: float = 0.0
    habit_keeps_time: bool = True

    @property
    def rated(self) -> bool:
        """Whether the metabolic rate costs something."""
        return self.cost > 0 or self.metabolic > 0


# Where the motion is given, excitation is held down a little beside an effort that counts
# activations: nothing else would keep it from alternating between nodes.
_SHARE_OF_EXCITATION = 0.01

_FREE = Objective(
    "free_running",
    cost=1.1165,
    metabolic=0.0384,
    excitation=0.386,
    activation=0.039,
    activation_cubed=0.576,
    acceleration=1.21,
    tendon=0.046,
    actuator=0.493,
    trunk=0.621,
    lean=-0.10,
    habit_keeps_time=False,
)
OBJECTIVES = {
    chosen.name: chosen
    for chosen in (
        _FREE,
        Objective("metabolic_mix", metabolic=0.005, excitation=10.0),
        Objective("activation_squared", activation=20.0, excitation=20.0 * _SHARE_OF_EXCITATION),
        Objective(
            "activation_cubed", activation_cubed=40.0, excitation=40.0 * _SHARE_OF_EXCITATION
        ),
    )
}

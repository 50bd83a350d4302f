"""What a dose scales, in OpenSim: active force, passive force, or both."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import opensim
import pytest

from models import strength
from models.osim.isometric import REST

MUSCLE = "recfem_r"
POSTURE = {"hip_flexion_r": 10.0, "knee_angle_r": 60.0}


def muscle_of(model: opensim.Model) -> opensim.Muscle:
    """The muscle that is looked at."""
    (found,) = (m for m in model.getMuscleList() if m.getName() == MUSCLE)
    return found


def forces(folder: Path, activation: float) -> tuple[float, float]:
    """Active and passive fibre force (N), the muscle still and in equilibrium."""
    model = opensim.Model(str(folder / "runner.osim"))
    state = model.initSystem()
    for name, degrees in POSTURE.items():
        model.getCoordinateSet().get(name).setValue(state, np.radians(degrees), False)
    model.assemble(state)
    muscle = muscle_of(model)
    muscle.setActivation(state, activation)
    model.equilibrateMuscles(state)
    model.realizeDynamics(state)
    return muscle.getActiveFiberForce(state), muscle.getPassiveFiberForce(state)


def most(folder: Path) -> float:
    """The largest activation."""
    model = opensim.Model(str(folder / "runner.osim"))
    model.initSystem()
    return float(muscle_of(model).getMaxControl())


@pytest.mark.parametrize(
    ("scales", "active", "passive"), [("active", 0.6, 1.0), ("both", 0.6, 0.6), ("passive", 1, 1.5)]
)
def test_only_what_is_meant_changes(
    planar: Path, tmp_path: Path, scales: str, active: float, passive: float
) -> None:
    factor = 1.5 if scales == "passive" else 0.6
    strength.apply(planar, {MUSCLE: factor}, tmp_path, scales)
    full = [forces(folder, most(folder))[0] for folder in (planar, tmp_path)]
    rest = [forces(folder, REST)[1] for folder in (planar, tmp_path)]
    # The tendon stretches otherwise where the force on it is another one, and the fibre with it.
    assert full[1] / full[0] == pytest.approx(active, rel=0.15)
    assert rest[1] / rest[0] == pytest.approx(passive, rel=0.05)


def test_too_small_a_dose_is_refused(planar: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="choose a larger dose"):
        strength.apply(planar, {MUSCLE: 0.005}, tmp_path, "active")

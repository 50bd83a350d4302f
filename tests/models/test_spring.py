"""A spring between the thighs: the same torque in OpenSim as in the runner's description."""

from __future__ import annotations

import shutil
from pathlib import Path

import opensim as osim
import pytest

from formats import description as d
from models.osim import document, spring


def copied(runner: Path, out: Path) -> Path:
    for name in ("runner.osim", "runner.json"):
        shutil.copyfile(runner / name, out / name)
    return out


def accelerations(folder: Path, flexion: tuple[float, float]) -> osim.Vector:
    """Generalised forces of inverse dynamics at rest, all muscles and contacts as they are."""
    model = document.load(folder / "runner.osim")
    state = model.getWorkingState()
    for name, value in zip(spring.COORDINATES, flexion, strict=True):
        model.getCoordinateSet().get(name).setValue(state, value, False)
    model.realizeVelocity(state)
    still = osim.Vector(state.getNU(), 0.0)
    forces = osim.InverseDynamicsSolver(model).solve(state, still)
    speeds = {}
    for name in spring.COORDINATES:
        speeds[name] = forces.get(_index(model, state, name))
    return speeds


def _index(model: osim.Model, state: osim.State, name: str) -> int:
    """Index of a coordinate's speed: the one that changes with it."""
    coordinate = model.getCoordinateSet().get(name)
    coordinate.setSpeedValue(state, 1.0)
    found = [i for i in range(state.getNU()) if state.getU().get(i) == 1.0]
    coordinate.setSpeedValue(state, 0.0)
    (index,) = found
    return index


@pytest.mark.parametrize("flexion", [(0.6, -0.4), (-0.3, 0.9), (0.2, 0.2)])
def test_torque_is_stiffness_times_difference(
    planar: Path, tmp_path: Path, flexion: tuple[float, float]
) -> None:
    without = accelerations(planar, flexion)
    spring.add(copied(planar, tmp_path), 20.0)
    with_spring = accelerations(tmp_path, flexion)
    torque = 20.0 * (flexion[1] - flexion[0])
    right, left = (without[name] - with_spring[name] for name in spring.COORDINATES)
    assert right == pytest.approx(torque, abs=1e-6)
    assert left == pytest.approx(-torque, abs=1e-6)


def test_the_description_says_the_same(planar: Path, tmp_path: Path) -> None:
    spring.add(copied(planar, tmp_path), 20.0)
    before, after = (d.read(folder / "runner.json") for folder in (planar, tmp_path))
    *others, tie = after.passive
    assert others == before.passive
    assert tie == d.Tie(
        name=spring.NAME, coordinate="hip_flexion_r", other="hip_flexion_l", stiffness=20.0
    )


@pytest.mark.parametrize("stiffness", [0.0, -1.0, float("nan"), float("inf")])
def test_stiffness_is_checked(planar: Path, stiffness: float) -> None:
    with pytest.raises(ValueError, match="must be a stiffness above 0"):
        spring.add(planar, stiffness)

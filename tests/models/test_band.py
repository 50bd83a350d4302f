"""Elastic bands: in OpenSim, in the description, and by virtual work they are the same."""

from __future__ import annotations

import math
import shutil
from pathlib import Path

import numpy as np
import opensim as osim
import pytest
from hypothesis import given
from hypothesis import strategies as st

from formats import description as d
from models.osim import band, document, forces, spring
from tests.models.kinematics import bodies_in_ground

STIFFNESS = 120.0
POSTURE = {"hip_flexion_r": 0.7, "hip_flexion_l": -0.4, "knee_angle_r": 0.9, "knee_angle_l": 0.1}


def copied(runner: Path, out: Path) -> Path:
    for name in ("runner.osim", "runner.json"):
        shutil.copyfile(runner / name, out / name)
    return out


def tension(made: d.Band, length: float) -> float:
    """The law that the description states."""
    total = 0.0
    for hinge in made.hinges:
        x = length - hinge.length
        total += hinge.stiffness / 2 * (x + math.hypot(x, made.rounding))
    return total


def generalised(folder: Path, posture: dict[str, float]) -> dict[str, float]:
    """Generalised forces of inverse dynamics at rest, all forces as they are."""
    model = document.load(folder / "runner.osim")
    state = model.getWorkingState()
    for name, value in posture.items():
        model.getCoordinateSet().get(name).setValue(state, value, False)
    model.assemble(state)
    model.realizeVelocity(state)
    found = osim.InverseDynamicsSolver(model).solve(state, osim.Vector(state.getNU(), 0.0))
    indices = {}
    for coordinate in model.getCoordinateSet():
        coordinate.setSpeedValue(state, 1.0)
        (index,) = (i for i in range(state.getNU()) if state.getU().get(i) == 1.0)
        coordinate.setSpeedValue(state, 0.0)
        indices[coordinate.getName()] = index
    return {name: float(found.get(i)) for name, i in indices.items()}


def distance(runner: d.RunnerDescription, made: d.Band, posture: dict[str, float]) -> float:
    q = {c.name: posture.get(c.name, c.default) for c in runner.coordinates}
    placed = bodies_in_ground(runner, q)
    ends = [(placed[e.body] @ [*e.location, 1.0])[:3] for e in (made.first, made.second)]
    return float(np.linalg.norm(ends[1] - ends[0]))


def anchored() -> d.Band:
    """From the ankle to a point of the floor, stiffening and softening again."""
    return d.Band(
        name="band_anchor",
        force_path="/forceset/band_anchor",
        first=d.BandEnd(body="ground", location=[-0.4, 0.1, 0.2]),
        second=d.BandEnd(body="calcn_r", location=[0.1, 0.05, 0.0]),
        hinges=[d.Hinge(length=0.3, stiffness=90.0), d.Hinge(length=0.6, stiffness=-30.0)],
        rounding=0.02,
    )


@pytest.mark.parametrize("kind", ["feet", "anchor"])
def test_opensim_agrees_with_virtual_work(planar: Path, tmp_path: Path, kind: str) -> None:
    """Generalised force of a band = - tension x d length / d q, coordinate by coordinate."""
    without = generalised(planar, POSTURE)
    folder = copied(planar, tmp_path)
    runner = d.read(folder / "runner.json")
    made = anchored() if kind == "anchor" else spring.between_feet(STIFFNESS, runner.leg_length)
    band.add(folder, made)
    with_band = generalised(folder, POSTURE)
    pull = tension(made, distance(runner, made, POSTURE))
    assert pull > 20.0
    coupled = {coupling.independent for coupling in runner.couplings}
    checked = 0
    for coordinate in runner.coordinates:
        name, step = coordinate.name, 1e-5
        if name in coupled:  # the force of a dependent coordinate stands by itself in OpenSim
            continue
        at = POSTURE.get(name, coordinate.default)
        ends = [distance(runner, made, POSTURE | {name: at + s}) for s in (step, -step)]
        work = -pull * (ends[0] - ends[1]) / (2 * step)
        assert without[name] - with_band[name] == pytest.approx(work, abs=1e-5), name
        checked += abs(work) > 1.0
    assert checked >= 3


def test_it_is_slack_below_its_length() -> None:
    made = spring.between_feet(STIFFNESS, 0.8)
    assert tension(made, 0.1) < 0.05
    assert tension(made, 0.2) == pytest.approx(STIFFNESS * spring.ROUNDING / 2)
    assert tension(made, 0.7) == pytest.approx(STIFFNESS * 0.5, rel=1e-3)


@given(
    st.lists(st.tuples(st.floats(0.05, 3), st.floats(0.01, 1e3)), min_size=1, max_size=4),
    st.floats(1e-4, 0.1),
)
def test_expression_is_read_back(rows: list[tuple[float, float]], rounding: float) -> None:
    hinges = [d.Hinge(length=length, stiffness=stiffness) for length, stiffness in rows]
    assert band.parse(band.expression(hinges, rounding)) == (hinges, rounding)


@pytest.mark.parametrize("text", ["100*d", "0", "(1)*((d-(1))+sqrt((d-(2))^2+(0.1)^2))", ""])
def test_other_expressions_are_none(text: str) -> None:
    assert band.parse(text) is None


def test_model_is_described_as_it_was_made(planar: Path, tmp_path: Path) -> None:
    folder = copied(planar, tmp_path)
    band.add(folder, anchored())
    model = document.load(folder / "runner.osim")
    assert forces.bands(model) == d.read(folder / "runner.json").bands == [anchored()]


def test_errors(planar: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="must be a stiffness above 0"):
        spring.add(planar, 0.0)
    folder = copied(planar, tmp_path)
    spring.add(folder, STIFFNESS)
    with pytest.raises(ValueError, match="it has a band band_between_feet already"):
        spring.add(folder, STIFFNESS)
    lost = anchored().model_copy(update={"second": d.BandEnd(body="tail", location=[0.0] * 3)})
    with pytest.raises(ValueError, match="no body tail"):
        band.add(folder, lost)

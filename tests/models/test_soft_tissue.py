"""Soft tissue that moves on its bone: nothing of the runner is lost, and it swings as it should."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import opensim as osim
import pytest

from formats import description as d
from models import build
from models.osim import document, soft_tissue
from models.rajagopal.tables import settings

NAMES = ["torso_soft_tissue", "femur_soft_tissue_r", "femur_soft_tissue_l"]


@pytest.fixture(scope="module")
def soft(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("soft")
    build.build("planar", None, folder, with_soft_tissue=True)
    return folder


@pytest.fixture(scope="module")
def runner(soft: Path) -> d.RunnerDescription:
    return d.read(soft / "runner.json")


def test_off_unless_asked_for(planar: Path) -> None:
    rigid = d.read(planar / "runner.json")
    assert not [b.name for b in rigid.bodies if "soft_tissue" in b.name]


def test_three_coordinates_more(planar: Path, runner: d.RunnerDescription) -> None:
    rigid = {c.name for c in d.read(planar / "runner.json").coordinates}
    made = {c.name: c for c in runner.coordinates}
    assert set(made) - rigid == set(NAMES)
    assert rigid <= set(made)
    assert all(made[name].motion == "translational" for name in NAMES)
    assert made["femur_soft_tissue_r"].mirror == "femur_soft_tissue_l"
    assert made["torso_soft_tissue"].mirror_sign == 1


def test_at_rest_it_is_the_runner_without(planar: Path, soft: Path) -> None:
    """Mass, mass centre, and kinetic energy at a speed of a coordinate that both have."""
    found = []
    for folder in (planar, soft):
        model = document.load(folder / "runner.osim")
        state = model.initSystem()
        for name, value in (("hip_flexion_r", 0.6), ("knee_angle_r", 1.1), ("pelvis_tilt", -0.2)):
            model.getCoordinateSet().get(name).setValue(state, value, False)
        model.assemble(state)
        model.realizeVelocity(state)
        centre = model.calcMassCenterPosition(state)
        energies = {}
        for name in ("pelvis_ty", "hip_flexion_r", "knee_angle_r", "lumbar_extension"):
            state.setU(osim.Vector(state.getNU(), 0.0))
            model.getCoordinateSet().get(name).setSpeedValue(state, 1.0)
            model.realizeVelocity(state)
            energies[name] = model.calcKineticEnergy(state)
        found.append((model.getTotalMass(state), [centre.get(k) for k in range(3)], energies))
    (mass, centre, energies), (soft_mass, soft_centre, soft_energies) = found
    assert soft_mass == pytest.approx(mass, rel=1e-12)
    np.testing.assert_allclose(soft_centre, centre, atol=1e-12)
    assert soft_energies == pytest.approx(energies, rel=1e-10)


def test_it_swings_at_its_frequency_and_loses_what_its_damping_says(soft: Path) -> None:
    """Bone held, the mass let go: the damped oscillator of its mass, stiffness and viscosity."""
    values = settings("soft_tissue")
    model = document.load(soft / "runner.osim")
    model.setGravity(osim.Vec3(0, 0, 0))
    coordinates = model.updCoordinateSet()
    for i in range(coordinates.getSize()):
        if coordinates.get(i).getName() != "torso_soft_tissue":
            coordinates.get(i).setDefaultLocked(True)
    for i in range(model.updForceSet().getSize()):
        force = model.updForceSet().get(i)
        force.set_appliesForce(force.getName() == "spring_torso_soft_tissue")
    state = model.initSystem()
    tissue = model.getCoordinateSet().get("torso_soft_tissue")
    spring = osim.SpringGeneralizedForce.safeDownCast(
        model.getForceSet().get("spring_torso_soft_tissue")
    )
    rest = spring.get_rest_length()
    # At rest where it carries its own weight.
    turning = 2 * math.pi * values["frequency"]
    assert rest == pytest.approx(soft_tissue.GRAVITY / turning**2)
    tissue.setValue(state, rest + 0.01, False)
    manager = osim.Manager(model)
    manager.setIntegratorAccuracy(1e-8)
    state.setTime(0.0)
    manager.initialize(state)
    damped = turning * math.sqrt(1 - values["damping_ratio"] ** 2)
    end = manager.integrate(2 * math.pi / damped)
    left = math.exp(-values["damping_ratio"] * turning * 2 * math.pi / damped)
    assert tissue.getValue(end) - rest == pytest.approx(0.01 * left, rel=1e-4)
    # Half a swing keeps this share of the energy (Riddick & Kuo 2016).
    assert left == pytest.approx(13 / 19, abs=0.01)


def test_a_segment_that_is_not_there_and_an_impossible_share(planar: Path) -> None:
    tree = document.parse(planar / "runner.osim")
    values = settings("soft_tissue")
    tail = values | {"segments": {"tail": {"sides": False, "share": 0.5}}}
    with pytest.raises(ValueError, match="no body called tail"):
        soft_tissue.add(tree, tail)
    whole = values | {"segments": {"torso": {"sides": False, "share": 1.0}}}
    with pytest.raises(ValueError, match=r"share 1\.0: must be between 0 and 1"):
        soft_tissue.add(tree, whole)

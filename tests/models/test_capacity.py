"""Needed strength in closed form; muscle capacity against OpenSim's own muscle."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import opensim as osim
import pytest

from formats.trial.limits import RESERVE_SHARE
from models.checks import slack
from models.checks.capacity import Needed, check, needed
from models.checks.muscles import Muscles


def pull(arm: float, *, force: float = 1000.0, fibre: float = 0.1, length: float = 0.3) -> Muscles:
    """One muscle at rest on one coordinate at three times, on a stiff short tendon."""
    one = np.ones(1)
    return Muscles(
        names=["pull"],
        coordinates=["knee"],
        time=np.linspace(0.0, 1.0, 3),
        length=np.full((3, 1), length),
        speed=np.zeros((3, 1)),
        arms=np.full((3, 1, 1), arm),
        force=force * one,
        optimal=fibre * one,
        slack=0.2 * one,
        width=0.0 * one,
        tendon_strain=0.033 * one,
        passive_strain=0.6 * one,
        max_velocity=1.0 * one,
    )


def test_one_muscle_needs_moment_over_arm_and_force() -> None:
    muscles = pull(0.05)
    passive, most = (muscles.equilibrium(activation)[0, 0] for activation in (0.0, 1.0))
    moments = np.array([[10.0], [80.0], [40.0]])
    found = needed(muscles, moments, np.array([80.0]))
    room = RESERVE_SHARE * 80.0
    active = (moments[:, 0] - room) / 0.05 - passive
    assert found.strength == pytest.approx(active / (most - passive), rel=1e-6)
    assert (found.coordinate, found.time) == ("knee", 0.5)


def test_no_strength_pulls_the_other_way() -> None:
    found = needed(pull(0.05), np.array([[-50.0]] * 3), np.array([50.0]))
    assert np.isinf(found.most)


@pytest.mark.parametrize("length", [0.26, 0.29, 0.31, 0.33])
@pytest.mark.parametrize("activation", [0.05, 0.5, 1.0])
def test_equilibrium_is_opensims(length: float, activation: float) -> None:
    """The equilibrium that OpenSim finds for its own muscle, held still at a length."""
    model = osim.Model()
    body = osim.Body("b", 1.0, osim.Vec3(0), osim.Inertia(1))
    model.addBody(body)
    joint = osim.SliderJoint("j", model.getGround(), body)
    joint.updCoordinate().setName("x")
    model.addJoint(joint)
    muscle = osim.DeGrooteFregly2016Muscle()
    muscle.setName("m")
    muscle.set_max_isometric_force(1000.0)
    muscle.set_optimal_fiber_length(0.1)
    muscle.set_tendon_slack_length(0.2)
    muscle.set_pennation_angle_at_optimal(0.0)
    muscle.set_tendon_strain_at_one_norm_force(0.033)
    muscle.set_ignore_tendon_compliance(False)
    muscle.set_fiber_damping(0.0)
    muscle.addNewPathPoint("a", model.getGround(), osim.Vec3(0))
    muscle.addNewPathPoint("b", body, osim.Vec3(0))
    model.addForce(muscle)
    model.finalizeConnections()
    state = model.initSystem()
    model.getCoordinateSet().get("x").setValue(state, length)
    muscle.setActivation(state, activation)
    model.equilibrateMuscles(state)
    model.realizeDynamics(state)
    ours = pull(0.05, length=length).equilibrium(activation)[0, 0]
    assert ours == pytest.approx(muscle.getTendonForce(state), rel=1e-3, abs=0.5)


def test_slack_muscles_are_told_where_and_by_how_much() -> None:
    long = pull(0.05)
    short = replace(long, length=np.array([[0.3], [0.195], [0.3]]))
    assert slack.of_stride(long) == {}
    found = slack.of_stride(short)["pull"]
    assert found["over_tendon_mm"] == -5.0
    assert found["stride_percent"] == 50.0


def test_no_more_is_advised_than_is_allowed() -> None:
    """Three halves of the bound in tens, from 100 to what runner.yaml takes; beyond, a line."""
    where = Path("runner.yaml")
    for most, advised in ((0.5, 100.0), (1.02, 160.0), (3.0, 400.0)):
        found = Needed(np.array([most]), 1.0, "hip_flexion_r")
        assert found.advised_percent == advised
        assert check(found, 0.9, 0.7, advised, where) == []
    (beyond,) = check(Needed(np.array([4.5]), 1.0, "hip_flexion_r"), 0.9, 0.7, 400.0, where)
    assert "need at least 450 % of the model's strength" in beyond.text
    assert "strength_percent up to 400 is allowed" in beyond.text

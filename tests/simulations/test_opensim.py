"""The engine's equations say what OpenSim says, at random states, in the plane and in space."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tests.simulations.conftest import Sample
from tests.simulations.engine import Engine

Engines = Callable[[str], Engine]
Samples = Callable[[str], list[Sample]]

ALL = ["planar", "soft", "legs", "held", "chain"]
EXACT = ["planar", "banded", "soft", "held", "chain"]
MUSCLED = ["planar", "legs"]


def assert_close(ours: np.ndarray, theirs: np.ndarray, relative: float) -> None:
    """Differences within `relative` of the largest value."""
    size = max(float(np.max(np.abs(theirs), initial=0.0)), 1e-12)
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=relative * size)


@pytest.mark.parametrize("name", EXACT)
def test_accelerations(name: str, engine_of: Engines, samples_of: Samples) -> None:
    engine = engine_of(name)
    for sample in samples_of(name):
        assert_close(engine.acceleration(sample.state), sample.answer["acceleration"], 1e-10)


@pytest.mark.parametrize("name", EXACT)
def test_dynamics_rows_vanish(name: str, engine_of: Engines, samples_of: Samples) -> None:
    """Rows at OpenSim's accelerations, against the inertial forces they are the difference of."""
    engine = engine_of(name)
    for sample in samples_of(name):
        du = sample.answer["acceleration"]
        rows, _, _, mass = engine.node(engine.values(sample.state, du))
        assert np.max(np.abs(rows) / (np.abs(mass) @ np.abs(du))) < 1e-10


def test_accelerations_with_the_whole_knee(engine_of: Engines, samples_of: Samples) -> None:
    """At rest alike. Moving, Simbody's differ from the change of its own velocities: see below."""
    engine = engine_of("legs")
    for sample in samples_of("legs"):
        ours = engine.acceleration(sample.state)
        assert_close(ours, sample.answer["acceleration"], 1e-4 if sample.moving else 1e-10)


@pytest.mark.parametrize("name", ALL)
def test_mass_centre(name: str, engine_of: Engines, samples_of: Samples) -> None:
    """Position and velocity, and the acceleration against the change of OpenSim's velocity."""
    engine = engine_of(name)
    for sample in samples_of(name):
        du = sample.answer["acceleration"]
        ours = engine.skeleton(sample.state["q"], sample.state["u"], du)
        theirs = sample.answer
        assert_close(ours["center"], theirs["mass_center"], 1e-12)
        assert_close(ours["velocity"], theirs["mass_center_velocity"], 1e-12)
        assert_close(ours["com_acc"], theirs["mass_center_acceleration"], 1e-8)


@pytest.mark.parametrize("name", ALL)
def test_kinetic_energy(name: str, engine_of: Engines, samples_of: Samples) -> None:
    """Of the bodies' velocities, and of the mass matrix that the dynamics rows imply."""
    engine = engine_of(name)
    for sample in samples_of(name):
        q, u = sample.state["q"], sample.state["u"]
        energy = float(sample.answer["kinetic_energy"])
        assert engine.skeleton(q, u, 0 * u)["energy"] == pytest.approx(energy, rel=1e-11)
        mass = engine.node(engine.values(sample.state))[3]
        assert 0.5 * u @ mass @ u == pytest.approx(energy, rel=1e-10)


@pytest.mark.parametrize("name", MUSCLED)
def test_contact_forces(name: str, engine_of: Engines, samples_of: Samples) -> None:
    engine, loaded = engine_of(name), 0
    for sample in samples_of(name):
        q, u = sample.state["q"], sample.state["u"]
        theirs = sample.answer["contact_force"]
        assert_close(engine.skeleton(q, u, 0 * u)["force"].T, theirs, 1e-10)
        loaded += int((np.abs(theirs[:, 1]) > 1.0).sum())
    assert loaded >= 8


@pytest.mark.parametrize("name", MUSCLED)
def test_tendon_equilibrium(name: str, engine_of: Engines, samples_of: Samples) -> None:
    """OpenSim's residual, tendon minus fibre force over maximal force, in and out of balance."""
    engine = engine_of(name)
    for sample in samples_of(name):
        equilibrium = engine.node(engine.values(sample.state))[1]
        assert np.max(np.abs(equilibrium)) > 0.1
        assert_close(equilibrium, sample.answer["equilibrium"], 1e-10)


@pytest.mark.parametrize("name", MUSCLED)
def test_muscles(name: str, engine_of: Engines, samples_of: Samples) -> None:
    """Tendon forces (rigid tendons too), activation rates, metabolic rates."""
    engine = engine_of(name)
    rigid = [i for i, m in enumerate(engine.runner.muscles) if not m.compliant_tendon]
    assert bool(rigid) == (name == "legs")
    for sample in samples_of(name):
        forces, rates, activating = engine.muscles(sample.state)
        assert_close(forces, sample.answer["tendon_force"], 1e-11)
        assert_close(activating, sample.answer["activation_rate"], 1e-11)
        assert_close(rates, sample.answer["metabolic_rate"], 1e-10)
        total = float(sample.answer["total_metabolic_rate"])
        assert engine.gross_rate(sample.state) == pytest.approx(total, rel=1e-10)

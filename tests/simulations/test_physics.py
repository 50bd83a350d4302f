"""Laws that hold whatever the model: Newton's for the whole body, energy, the mirror."""

from __future__ import annotations

from collections.abc import Callable

import casadi as ca
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulations.collocation.boundary import periodic
from simulations.equations.passive import passive_torque
from simulations.output.motion import mirrored
from tests.simulations.engine import Engine

Engines = Callable[[str], Engine]
seeds = st.integers(0, 2**31)
# Rajagopal 2015's wrists are turned by 1.5708 rad for a right angle: its arms are mirror images to
# the sixth digit only. A wrong sign shows in the first.
MIRROR = {"planar": 1e-10, "soft": 1e-10, "legs": 1e-4}
often = settings(deadline=None, max_examples=25)


def random_state(engine: Engine, seed: int) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """A random state near the ground, and accelerations that have nothing to do with it."""
    generator = np.random.default_rng(seed)
    r, muscles = engine.runner, len(engine.runner.muscles)
    low, high = np.transpose([c.range for c in r.coordinates])
    turning = np.array([c.motion == "rotational" for c in r.coordinates])
    q = low + (high - low) * generator.uniform(0.1, 0.9, len(low))
    names = [c.name for c in r.coordinates]
    if "pelvis_ty" in names:
        q[names.index("pelvis_ty")] = generator.uniform(0.5, 1.0)
    state = {
        "q": q,
        "u": generator.normal(0, np.where(turning, 5.0, 2.0)),
        "a": generator.uniform(0.02, 0.98, muscles),
        "F": generator.uniform(0.02, 1.2, muscles),
        "dF": generator.normal(0, 5.0, muscles),
        "e": generator.uniform(0.02, 0.98, muscles),
        "c": generator.uniform(-1, 1, len(r.actuators)),
    }
    return state, generator.normal(0, np.where(turning, 100.0, 20.0))


@pytest.mark.parametrize("name", ["planar", "soft", "legs"])
@often
@given(seed=seeds)
def test_newton(name: str, engine_of: Engines, seed: int) -> None:
    """Pelvis translation rows = mass x (acceleration of the mass centre - g) - ground force.

    Whatever joints, muscles and tissue do inside: the mass centre's acceleration comes from its
    velocity by differentiation, not from the recursion of accelerations.
    """
    engine = engine_of(name)
    state, du = random_state(engine, seed)
    found = engine.skeleton(state["q"], state["u"], du)
    mass = sum(body.mass for body in engine.runner.bodies)
    inertial = mass * (found["com_acc"] - np.array(engine.runner.gravity))
    expected = inertial - found["force"].sum(axis=1)
    rows = engine.node(engine.values(state, du))[0]
    names = [c.name for c in engine.runner.coordinates]
    size = np.abs(inertial).max() + np.abs(found["force"]).sum()
    for axis, coordinate in enumerate(("pelvis_tx", "pelvis_ty", "pelvis_tz")):
        if coordinate in names:
            row = rows[names.index(coordinate)]
            assert abs(row - expected[axis]) < 1e-11 * size


@pytest.mark.parametrize("name", ["planar", "soft", "legs", "chain"])
@often
@given(seed=seeds)
def test_power_is_the_rate_of_energy(name: str, engine_of: Engines, seed: int) -> None:
    """Power of generalised and ground forces = rate of kinetic and potential energy."""
    engine = engine_of(name)
    state, du = random_state(engine, seed)
    q, u = state["q"], state["u"]
    found = engine.skeleton(q, u, du)
    mass = sum(body.mass for body in engine.runner.bodies)
    lifting = -mass * np.array(engine.runner.gravity) @ found["velocity"]
    gained = found["energy_rate"][0] + lifting
    supplied = found["tau"] @ u + found["power"][0]
    size = np.abs(found["tau"]) @ np.abs(u) + abs(found["power"][0]) + abs(gained)
    assert abs(supplied - gained) < 1e-11 * size


@pytest.mark.parametrize("name", ["planar", "legs"])
@often
@given(seed=seeds)
def test_energy_along_a_trajectory(name: str, engine_of: Engines, seed: int) -> None:
    """The same with energies differenced in time along q(t) = q + u t + du t^2 / 2."""
    engine = engine_of(name)
    state, du = random_state(engine, seed)
    q, u, h = state["q"], state["u"], 1e-5
    mass = sum(body.mass for body in engine.runner.bodies)

    def energy(t: float) -> float:
        at = engine.skeleton(q + t * u + 0.5 * t**2 * du, u + t * du, du)
        potential = -mass * np.array(engine.runner.gravity) @ at["center"]
        return float(at["energy"][0] + potential)

    near, far = energy(h) - energy(-h), energy(2 * h) - energy(-2 * h)
    found = engine.skeleton(q, u, du)
    supplied = found["tau"] @ u + found["power"][0]
    size = np.abs(found["tau"]) @ np.abs(u) + abs(found["power"][0])
    assert abs((8 * near - far) / (12 * h) - supplied) < 1e-7 * size


@pytest.mark.parametrize("name", ["planar", "legs", "chain"])
@often
@given(seed=seeds)
def test_mass_matrix(name: str, engine_of: Engines, seed: int) -> None:
    """Symmetric and positive definite."""
    engine = engine_of(name)
    mass = engine.node(engine.values(random_state(engine, seed)[0]))[3]
    np.testing.assert_allclose(mass, mass.T, rtol=0, atol=1e-13 * np.abs(mass).max())
    assert np.linalg.eigvalsh(mass).min() > 0


@pytest.mark.parametrize("name", ["planar", "soft", "legs"])
@often
@given(seed=seeds)
def test_mirror_image(name: str, engine_of: Engines, seed: int) -> None:
    """The mirrored state has the mirrored rows: left and right, and signs, of all equations."""
    engine = engine_of(name)
    runner, layout = engine.runner, engine.layout
    state, du = random_state(engine, seed)
    x = engine.values(state, du)
    image = mirrored(runner, layout, x[:, None])[:, 0]
    np.testing.assert_array_equal(mirrored(runner, layout, image[:, None])[:, 0], x)
    assert not np.array_equal(image, x)

    rows, equilibrium, rate, mass = engine.node(x)
    mirrored_rows, mirrored_equilibrium, mirrored_rate, _ = engine.node(image)
    names = [c.name for c in runner.coordinates]
    order = [names.index(c.mirror) for c in runner.coordinates]
    signs = np.array([c.mirror_sign for c in runner.coordinates])
    size = np.abs(mass) @ np.abs(du) + np.abs(rows) + 1.0
    assert np.max(np.abs(mirrored_rows - signs * rows[order]) / size[order]) < MIRROR[name]
    compliant = [runner.muscles[i] for i in layout.compliant]
    muscles = [m.name for m in compliant]
    other = [muscles.index(m.mirror) for m in compliant]
    np.testing.assert_allclose(mirrored_equilibrium, equilibrium[other], rtol=1e-9, atol=1e-9)
    assert mirrored_rate == pytest.approx(rate, rel=1e-10)


@pytest.mark.parametrize("name", ["planar", "legs"])
def test_boundary_rows_are_the_mirror(name: str, engine_of: Engines) -> None:
    """A last node that is the mirrored first one, advanced, satisfies them; another does not."""
    engine = engine_of(name)
    runner, layout = engine.runner, engine.layout
    state, du = random_state(engine, 5)
    first = engine.values(state, du)[:, None]
    duration, speed, nodes = 0.35, 3.5, 4
    forward = [c.name for c in runner.coordinates].index("pelvis_tx")
    for half in (True, False):
        last = mirrored(runner, layout, first) if half else first.copy()
        last[forward] += speed * duration
        z = np.concatenate([first, 7 + 0 * first, 8 + 0 * first, last], axis=1)
        x = np.concatenate([[duration], (z / layout.scale[:, None]).T.ravel()])
        rows = periodic(runner, layout, nodes, mirrored=half)
        residual = np.zeros(rows.count)
        np.add.at(residual, rows.rows, rows.values * x[rows.columns])
        residual[rows.travel] -= speed * duration
        assert np.abs(residual).max() < 1e-13
        disturbed = x + 0.1 * np.sin(np.arange(x.size))
        np.add.at(residual, rows.rows, rows.values * disturbed[rows.columns])
        assert (np.abs(residual) > 1e-4).mean() > 0.9


@pytest.mark.parametrize("name", ["planar", "soft", "legs"])
def test_passive_torques_resist(name: str, engine_of: Engines) -> None:
    """Damping takes energy out; limits push back at both ends of a range."""
    runner = engine_of(name).runner
    n = len(runner.coordinates)
    q, u = ca.SX.sym("q", n), ca.SX.sym("u", n)
    torque = ca.Function("t", [q, u], [passive_torque(runner, q, u)])
    generator = np.random.default_rng(2)
    for _ in range(20):
        at, speed = generator.uniform(-0.5, 0.5, n), generator.normal(0, 3, n)
        difference = np.array(torque(at, speed) - torque(at, 0 * speed)).ravel()
        assert difference @ speed < 0
    names = [c.name for c in runner.coordinates]
    for part in runner.passive:
        i = names.index(part.coordinate)
        if part.type == "exponential":
            for end, sign in ((part.q1 + 0.2, -1), (part.q2 - 0.2, 1)):
                at = np.zeros(n)
                at[i] = end
                assert sign * float(torque(at, np.zeros(n))[i]) > 0

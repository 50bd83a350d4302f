"""Contact of one sphere: closed forms, friction's direction, the rounded corner."""

from __future__ import annotations

from dataclasses import dataclass

import casadi as ca
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formats.description import ContactSphere, RunnerDescription
from simulations.equations.contact import capped, contact_force, contact_point, penetration

WIDTHS = (0.5, 0.05, 0.0005)
CORNERS = (5.0, 0.2, 0.008)


@pytest.fixture(scope="module")
def sphere(runner: RunnerDescription) -> ContactSphere:
    return runner.contacts[0]


def force(sphere: ContactSphere, depth: float, v, corner: float = 0.0) -> np.ndarray:  # type: ignore[no-untyped-def]
    found = contact_force(sphere, ca.SX(depth), ca.SX(list(map(float, v))), corner)
    return np.array(ca.evalf(found)).ravel()


def test_hertz_at_rest(sphere: ContactSphere) -> None:
    """4/3 E* sqrt(R) depth^1.5 for OpenSim's k = E^(2/3) / 2, straight up, deep enough."""
    k = 0.5 * sphere.stiffness ** (2 / 3)
    for depth in (0.015, 0.03):
        hertz = 4 / 3 * k * np.sqrt(sphere.radius * k) * depth**1.5
        up = force(sphere, depth, (0, 0, 0)) @ sphere.plane_normal
        smooth = (1 + 1e-5 / depth**2) ** 0.75 * (0.5 + 0.5 * np.tanh(300 * depth))
        assert up == pytest.approx(hertz * smooth, rel=1e-10)
        assert up == pytest.approx(hertz, rel=0.05)


def test_nothing_far_away(sphere: ContactSphere) -> None:
    assert np.abs(force(sphere, -0.1, (2.0, -3.0, 1.0))).max() < 1e-20


def test_dissipation(sphere: ContactSphere) -> None:
    """1 + 1.5 c x closing speed; nothing pulls when parting fast."""
    still = force(sphere, 0.01, (0, 0, 0))[1]
    closing = force(sphere, 0.01, (0, -0.5, 0))[1]
    assert closing / still == pytest.approx(1 + 1.5 * sphere.dissipation * 0.5, rel=1e-12)
    parting = force(sphere, 0.01, (0, 2 / (1.5 * sphere.dissipation), 0))[1]
    assert abs(parting) < 1e-6 * still


@settings(deadline=None, max_examples=60)
@given(
    depth=st.floats(-0.005, 0.03),
    vx=st.floats(-4, 4),
    vy=st.floats(-0.4, 0.4),
    vz=st.floats(-4, 4),
    corner=st.sampled_from([0.0, *CORNERS]),
)
def test_friction_opposes_slip(
    sphere: ContactSphere, depth: float, vx: float, vy: float, vz: float, corner: float
) -> None:
    found = force(sphere, depth, (vx, vy, vz), corner)
    slip = np.array([vx, 0.0, vz])
    friction = found - found[1] * np.array([0, 1.0, 0])
    assert friction @ slip <= 1e-12
    assert np.abs(np.cross(friction, slip)).max() <= 1e-9 * (1 + np.abs(found).max())
    speed = np.linalg.norm(slip)
    limit = sphere.static_friction + sphere.viscous_friction * np.sqrt(speed**2 + 1e-5)
    assert np.linalg.norm(friction) <= limit * found[1] * (1 + 1e-12) + 1e-12


def test_coulomb_when_slipping(sphere: ContactSphere) -> None:
    """Beyond the transition velocity: mu F_n + viscous part, mu from Hollars' curve."""
    found = force(sphere, 0.01, (2.0, 0, 0))
    speed = np.sqrt(4 + sphere.constant_contact_force)
    relative = speed / sphere.transition_velocity
    us, ud = sphere.static_friction, sphere.dynamic_friction
    mu = ud + 2 * (us - ud) / (1 + relative**2) + sphere.viscous_friction * speed
    assert found[0] == pytest.approx(-found[1] * mu * 2.0 / speed, rel=1e-12)


def test_point_of_application(sphere: ContactSphere) -> None:
    """Below the centre, halfway between the sphere's lowest point and the plane."""
    center = ca.SX([0.3, sphere.radius - 0.012, -0.1])
    assert float(ca.evalf(penetration(sphere, center))) == pytest.approx(0.012)
    point = np.array(ca.evalf(contact_point(sphere, center))).ravel()
    np.testing.assert_allclose(point, [0.3, -0.006, -0.1], atol=1e-15)


@dataclass(frozen=True)
class Corner:
    """min(x, 1) rounded, with its first two derivatives."""

    width: float

    def __call__(self, at: np.ndarray) -> np.ndarray:
        x = ca.SX.sym("x")
        y = capped(x, self.width)
        first = ca.jacobian(y, x)
        f = ca.Function("f", [x], [ca.densify(ca.vertcat(y, first, ca.jacobian(first, x)))])
        return np.array(f.map(at.size)(at[None, :]))


@pytest.mark.parametrize("width", WIDTHS)
def test_corner_is_rounded_within_its_width_only(width: float) -> None:
    away = np.array([0.1, 1 - 1.01 * width, 1 + 1.01 * width, 7.0])
    value, slope, curvature = Corner(width)(away)
    np.testing.assert_array_equal(value, np.minimum(away, 1))
    np.testing.assert_array_equal(slope, away < 1)
    np.testing.assert_array_equal(curvature, 0)
    inside = 1 + width * np.linspace(-0.99, 0.99, 101)
    value, slope, curvature = Corner(width)(inside)
    assert np.all(value < np.minimum(inside, 1))
    assert np.max(np.minimum(inside, 1) - value) == pytest.approx(3 * width / 16, rel=1e-6)
    assert np.all((slope >= 0) & (slope <= 1))
    assert np.all(curvature <= 0)


@pytest.mark.parametrize("width", WIDTHS)
def test_corner_joins_twice_smoothly(width: float) -> None:
    """Value, slope and curvature are continuous where the rounding begins and ends."""
    for edge, straight in ((1 - width, (1 - width, 1, 0)), (1 + width, (1, 0, 0))):
        inward = edge + (1 - edge) * 1e-7
        value, slope, curvature = Corner(width)(np.array([inward])).ravel()
        assert value == pytest.approx(straight[0], abs=1e-6 * width)
        assert slope == pytest.approx(straight[1], abs=1e-6)
        assert curvature * width == pytest.approx(straight[2], abs=1e-5)


@pytest.mark.parametrize("corner", CORNERS)
@pytest.mark.parametrize("depth", [0.0005, 0.003, 0.02])
def test_rounded_corner_changes_a_force_by_what_it_says(
    sphere: ContactSphere, depth: float, corner: float
) -> None:
    """At the corner, whatever the load; at rest, so that the load is Hertz's."""
    at = np.sqrt(sphere.transition_velocity**2 - sphere.constant_contact_force)
    speeds = at * np.linspace(0.5, 1.5, 201)
    rounded, sharp = (
        np.array([force(sphere, depth, (v, 0, 0), c) for v in speeds]) for c in (corner, 0.0)
    )
    change = np.abs(rounded - sharp).max()
    assert change <= corner
    load = force(sphere, depth, (0, 0, 0))[1]
    if sphere.static_friction * load > 20 * corner:
        assert change > 0.4 * corner

"""Muscle curves, activation, path polynomials and metabolic rate: what is known in closed form."""

from __future__ import annotations

import itertools

import casadi as ca
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formats.description import Muscle, Path_, RunnerDescription
from simulations.equations import muscle as m
from simulations.equations.metabolics import OPENSIM, WIDE, metabolic_rate


def number(expression: ca.SX) -> float:
    return float(ca.evalf(expression))


@pytest.fixture(scope="module")
def soleus(runner: RunnerDescription) -> Muscle:
    return next(each for each in runner.muscles if each.name == "soleus_r")


def test_active_force_length_peaks_at_one_at_optimal_length() -> None:
    """De Groote's three Gaussians: one within a thousandth at length one, and nearly their peak."""
    lengths = np.linspace(0.3, 1.8, 1501)
    for width in (1.0, 1.5):
        curve = [number(m.active_force_length(ca.SX(x), width)) for x in lengths]
        assert number(m.active_force_length(ca.SX(1.0), width)) == pytest.approx(1, abs=1e-3)
        assert max(curve) == pytest.approx(1, abs=5e-3)
        assert lengths[int(np.argmax(curve))] == pytest.approx(1, abs=0.03)
    narrow, wide = (number(m.active_force_length(ca.SX(0.6), w)) for w in (1.0, 1.5))
    assert wide > narrow + 0.1


def test_force_velocity() -> None:
    """One at rest, nothing at the fastest shortening, more than one lengthening."""
    assert number(m.force_velocity(ca.SX(0.0))) == pytest.approx(1, abs=1e-8)
    assert number(m.force_velocity(ca.SX(-1.0))) == pytest.approx(0, abs=1e-6)
    assert 1.3 < number(m.force_velocity(ca.SX(1.0))) < 1.8
    speeds = [number(m.force_velocity(ca.SX(v))) for v in np.linspace(-1, 1, 50)]
    assert np.all(np.diff(speeds) > 0)


@pytest.mark.parametrize("strain", [0.4, 0.6, 1.0])
def test_passive_force(strain: float) -> None:
    """Nothing at length 0.2, one at its stated strain."""
    assert number(m.passive_force_length(ca.SX(0.2), strain)) == pytest.approx(0, abs=1e-15)
    assert number(m.passive_force_length(ca.SX(1 + strain), strain)) == pytest.approx(1, rel=1e-12)


def slack_fiber(muscle: Muscle, length: float, force: float, rate: float = 0.0) -> m.Fiber:
    return m.fiber_state(muscle, ca.SX(length), ca.SX(0.0), ca.SX(0.5), ca.SX(force), ca.SX(rate))


@pytest.mark.parametrize("strain", [0.033, 0.049, 0.10])
def test_tendon_reaches_its_force_at_its_strain(soleus: Muscle, strain: float) -> None:
    """The inverse tendon curve: one F_max at slack length x (1 + strain)."""
    muscle = soleus.model_copy(update={"tendon_strain_at_one_norm_force": strain})
    factor = m.tendon_stiffness_factor(strain)
    assert 0.2 * np.exp(factor * strain) - 0.2 == pytest.approx(1, rel=1e-12)
    whole = muscle.tendon_slack_length * (1 + strain) + 0.05
    fiber = slack_fiber(muscle, whole, 1.0)
    along = number(fiber.length * fiber.cos_pennation) * muscle.optimal_fiber_length
    assert along == pytest.approx(0.05, rel=1e-11)


@settings(deadline=None, max_examples=40)
@given(force=st.floats(0.0, 2.0), rate=st.floats(-20, 20))
def test_tendon_rate_is_the_rate_of_its_length(soleus: Muscle, force: float, rate: float) -> None:
    """Muscle-tendon held: the fibre shortens along the tendon as the tendon lengthens."""
    muscle = soleus
    whole = muscle.tendon_slack_length + muscle.optimal_fiber_length
    f = ca.SX.sym("f")
    moving = m.fiber_state(muscle, ca.SX(whole), ca.SX(0.0), ca.SX(0.5), f, ca.SX(rate))
    fiber_length = moving.length * muscle.optimal_fiber_length
    both = ca.Function("v", [f], [ca.jacobian(fiber_length, f) * rate, moving.velocity_m_s])
    by_slope, by_rule = (float(each) for each in both(force))
    assert by_rule == pytest.approx(by_slope, rel=1e-10, abs=1e-13)


def test_rigid_tendon_keeps_its_slack_length(soleus: Muscle) -> None:
    whole = soleus.tendon_slack_length + 0.04
    fiber = m.fiber_state(soleus, ca.SX(whole), ca.SX(0.2), ca.SX(0.5), None, None)
    cosine = number(fiber.cos_pennation)
    assert number(fiber.length) * soleus.optimal_fiber_length * cosine == pytest.approx(0.04)
    assert number(fiber.velocity_m_s) == pytest.approx(0.2 * cosine)
    width = soleus.optimal_fiber_length * np.sin(soleus.pennation_angle_at_optimal)
    assert np.tan(np.arccos(cosine)) == pytest.approx(width / 0.04)


def activation_rate(muscle: Muscle, e: float, a: float) -> ca.SX:
    constants = (muscle.activation_time_constant, muscle.deactivation_time_constant)
    return m.activation_rate(*constants, ca.SX(e), ca.SX(a))


@settings(deadline=None, max_examples=60)
@given(e=st.floats(0.01, 1), a=st.floats(0.01, 1))
def test_activation_follows_excitation(soleus: Muscle, e: float, a: float) -> None:
    rate = number(activation_rate(soleus, e, a))
    assert rate * (e - a) >= 0
    assert rate == 0 or np.sign(rate) == np.sign(e - a)


def test_activation_rises_and_falls_with_its_time_constants(soleus: Muscle) -> None:
    """With tanh at 0.1 (e - a) the two constants are mixed, nearly half and half."""
    e, a = 0.9, 0.2
    share = 0.5 + 0.5 * np.tanh(0.1 * (e - a))
    factor = 0.5 + 1.5 * a
    expected = share / (soleus.activation_time_constant * factor)
    expected += (1 - share) * factor / soleus.deactivation_time_constant
    found = number(activation_rate(soleus, e, a))
    assert found == pytest.approx(expected * (e - a), rel=1e-12)


@pytest.mark.parametrize(("dimension", "order"), [(1, 4), (2, 3), (4, 5)])
def test_exponents_run_as_opensims(dimension: int, order: int) -> None:
    """Complete, each once, the last exponent running fastest."""
    rows = [tuple(row) for row in m.exponents(dimension, order)]
    wanted = {e for e in itertools.product(range(order + 1), repeat=dimension) if sum(e) <= order}
    assert len(rows) == len(wanted)
    assert set(rows) == wanted
    assert rows == sorted(rows)


@settings(deadline=None, max_examples=30)
@given(dimension=st.integers(1, 4), order=st.integers(1, 5), seed=st.integers(0, 10**6))
def test_path_length_is_the_sum_of_its_terms(dimension: int, order: int, seed: int) -> None:
    generator = np.random.default_rng(seed)
    powers = m.exponents(dimension, order)
    coefficients = generator.normal(0, 1, len(powers))
    path = Path_(
        coordinates=[f"c{i}" for i in range(dimension)], order=order,
        coefficients=coefficients.tolist(), length_rms=0.0, moment_arm_rms=0.0,
    )  # fmt: skip
    q = generator.uniform(-1.5, 1.5, dimension)
    expected = coefficients @ np.prod(q**powers, axis=1)
    found = number(m.path_length(path, [ca.SX(float(value)) for value in q]))
    assert found == pytest.approx(expected, rel=1e-10, abs=1e-10)


def rate_at(muscle: Muscle, e: float, speed: float, smoothing=OPENSIM) -> float:  # type: ignore[no-untyped-def]
    """Metabolic rate (W) at activation = excitation e, rigid tendon, optimal fibre length."""
    along = muscle.optimal_fiber_length * np.cos(muscle.pennation_angle_at_optimal)
    whole = muscle.tendon_slack_length + along
    fiber = m.fiber_state(muscle, ca.SX(whole), ca.SX(speed), ca.SX(e), None, None)
    force, mass = muscle.max_isometric_force, muscle.mass
    return number(metabolic_rate(muscle, fiber, ca.SX(e), ca.SX(e), force, mass, smoothing))


def test_metabolic_rate_of_a_still_muscle(soleus: Muscle) -> None:
    """Isometric at optimal length: activation and maintenance heat of Bhargava 2004 alone."""
    slow = soleus.ratio_slow_twitch_fibers
    for e in (0.3, 1.0):
        u_slow, u_fast = slow * np.sin(np.pi / 2 * e), (1 - slow) * (1 - np.cos(np.pi / 2 * e))
        expected = soleus.mass * ((40 + 74) * u_slow + (133 + 111) * u_fast)
        assert rate_at(soleus, e, 0.0) == pytest.approx(expected, rel=1e-9)


def test_metabolic_rate_is_the_heat_at_least(soleus: Muscle) -> None:
    """A quiet muscle gives 1 W/kg off; shortening costs more than resting, lengthening less."""
    quiet = rate_at(soleus, 0.0, 0.0)
    assert quiet == pytest.approx(soleus.mass, rel=0.05)
    still = rate_at(soleus, 0.5, 0.0)
    assert rate_at(soleus, 0.5, -0.2) > still > rate_at(soleus, 0.5, 0.1)


def test_wide_smoothing_is_near_opensims_and_above(soleus: Muscle) -> None:
    """What the optimiser sees differs from OpenSim's rate by no more than the kinks' rounding."""
    for e, speed in itertools.product((0.1, 0.5, 0.9), (-0.3, -0.1, 0.1)):
        sharp, wide = rate_at(soleus, e, speed), rate_at(soleus, e, speed, WIDE)
        assert abs(wide - sharp) < 0.15 * abs(sharp) + 20 * soleus.mass

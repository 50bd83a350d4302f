"""Described functions of one coordinate, with their derivatives."""

from __future__ import annotations

import casadi as ca
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.interpolate import CubicHermiteSpline

from formats import description as d
from simulations.equations.joint_functions import value_and_derivatives

numbers = st.floats(-3, 3)


def evaluate(function: d.Function, x: np.ndarray) -> np.ndarray:
    """f, f', f'' (3 x points)."""
    symbol = ca.SX.sym("x")
    outputs = ca.vertcat(*value_and_derivatives(function, symbol))
    return np.array(ca.Function("f", [symbol], [ca.densify(outputs)]).map(x.size)(x[None, :]))


@settings(deadline=None, max_examples=40)
@given(
    gaps=st.lists(st.floats(0.05, 1.0), min_size=1, max_size=12),
    seed=st.integers(0, 10**6),
)
def test_spline_is_scipys_and_straight_outside(gaps: list[float], seed: int) -> None:
    knots = np.concatenate([[-0.7], -0.7 + np.cumsum(gaps)])
    generator = np.random.default_rng(seed)
    y, dy = generator.normal(0, 1, (2, len(knots)))
    theirs = CubicHermiteSpline(knots, y, dy)
    inside = np.linspace(knots[0], knots[-1], 57)[1:-1]
    function = d.Spline(x=knots.tolist(), y=y.tolist(), dy=dy.tolist())
    ours = evaluate(function, inside)
    away = np.abs(inside[:, None] - knots[None, :]).min(axis=1) > 1e-9  # f'' jumps at knots
    for order in range(3):
        np.testing.assert_allclose(
            ours[order][away], theirs(inside, order)[away], rtol=1e-9, atol=1e-8
        )
    for end, way in ((0, -1), (-1, 1)):
        x = knots[end] + way * np.array([0.3, 2.0])
        straight = y[end] + dy[end] * (x - knots[end])
        np.testing.assert_allclose(evaluate(function, x)[0], straight, rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(evaluate(function, x)[1], dy[end], rtol=1e-12)
        np.testing.assert_allclose(evaluate(function, x)[2], 0, atol=1e-12)


@settings(deadline=None, max_examples=40)
@given(coefficients=st.lists(numbers, min_size=1, max_size=7))
def test_polynomial_is_numpys(coefficients: list[float]) -> None:
    x = np.linspace(-1.5, 1.5, 9)
    ours = evaluate(d.Polynomial(coefficients=coefficients), x)
    for order in range(3):
        expected = np.polyval(np.polyder(coefficients, order), x)
        np.testing.assert_allclose(ours[order], expected, rtol=1e-11, atol=1e-10)


def test_constant_and_linear() -> None:
    x = np.array([-2.0, 0.0, 0.5])
    np.testing.assert_array_equal(evaluate(d.Constant(value=0.3), x), [[0.3] * 3, [0] * 3, [0] * 3])
    linear = evaluate(d.Linear(slope=2.0, intercept=-1.0), x)
    np.testing.assert_array_equal(linear, [2 * x - 1, [2] * 3, [0] * 3])


@pytest.mark.parametrize("x", [[0.0, 0.0], [1.0, 0.5]])
def test_knots_must_increase(x: list[float]) -> None:
    with pytest.raises(ValueError, match="x must increase strictly"):
        d.Spline(x=x, y=[0.0, 1.0], dy=[0.0, 0.0])

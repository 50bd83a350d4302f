"""Dependent coordinates (the patella follows the knee): value, slope and curvature of couplings."""

from __future__ import annotations

import numpy as np
from scipy.interpolate import CubicHermiteSpline

from formats.description import Constant, Coupling, Linear, Polynomial, Spline


def evaluate(coupling: Coupling, q: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """f(q), f'(q), f''(q) of the coupling's function; q of any shape, rad or m."""
    function = coupling.function
    q = np.asarray(q, dtype=float)
    if isinstance(function, Spline):
        return _spline(function, q)
    if isinstance(function, Constant):
        coefficients = [function.value]
    elif isinstance(function, Linear):
        coefficients = [function.slope, function.intercept]
    else:
        assert isinstance(function, Polynomial)
        coefficients = function.coefficients
    polynomial = np.poly1d(coefficients)
    return polynomial(q), polynomial.deriv(1)(q), polynomial.deriv(2)(q)


def _spline(function: Spline, q: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cubic between the knots, straight lines outside them."""
    spline = CubicHermiteSpline(function.x, function.y, function.dy)
    low, high = function.x[0], function.x[-1]
    inside = np.clip(q, low, high)
    slope = spline(inside, 1)
    return (
        spline(inside) + slope * (q - inside),
        slope,
        np.where((q >= low) & (q <= high), spline(inside, 2), 0.0),
    )

"""Dependent coordinates (the patella follows the knee): value, slope and curvature of couplings."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.interpolate import CubicHermiteSpline

from formats.description import Constant, Coupling, Linear, Polynomial, Spline

Evaluator = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray, np.ndarray]]


def evaluate(coupling: Coupling, q: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """f(q), f'(q), f''(q) of the coupling's function; q of any shape, rad or m."""
    return evaluator(coupling)(np.asarray(q, dtype=float))


def evaluator(coupling: Coupling) -> Evaluator:
    """`evaluate` of a coupling that is asked many times."""
    function = coupling.function
    if isinstance(function, Spline):
        return _spline(function)
    if isinstance(function, Constant):
        coefficients = [function.value]
    elif isinstance(function, Linear):
        coefficients = [function.slope, function.intercept]
    else:
        assert isinstance(function, Polynomial)
        coefficients = function.coefficients
    polynomial = np.poly1d(coefficients)
    first, second = polynomial.deriv(1), polynomial.deriv(2)
    return lambda q: (polynomial(q), first(q), second(q))


def _spline(function: Spline) -> Evaluator:
    """Cubic between the knots, straight lines outside them."""
    spline = CubicHermiteSpline(function.x, function.y, function.dy)
    low, high = function.x[0], function.x[-1]

    def at(q: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        inside = np.clip(q, low, high)
        slope = spline(inside, 1)
        return (
            spline(inside) + slope * (q - inside),
            slope,
            np.where((q >= low) & (q <= high), spline(inside, 2), 0.0),
        )

    return at

"""Functions of one coordinate with their first two derivatives, symbolically."""

from __future__ import annotations

import casadi as ca

from formats.description import Constant, Function, Linear, Polynomial, Spline


def value_and_derivatives(function: Function, x: ca.SX) -> tuple[ca.SX, ca.SX, ca.SX]:
    """f(x), f'(x), f''(x) of a described function at the scalar x."""
    zero = ca.SX(0)
    if isinstance(function, Constant):
        return ca.SX(function.value), zero, zero
    if isinstance(function, Linear):
        return function.slope * x + function.intercept, ca.SX(function.slope), zero
    if isinstance(function, Polynomial):
        return _horner(list(reversed(function.coefficients)), x)
    return _piecewise_cubic(function, x)


def _horner(ascending: list[float], x: ca.SX) -> tuple[ca.SX, ca.SX, ca.SX]:
    value, first, second = ca.SX(0), ca.SX(0), ca.SX(0)
    for coefficient in reversed(ascending):
        second = second * x + 2 * first
        first = first * x + value
        value = value * x + coefficient
    return value, first, second


def _piecewise_cubic(spline: Spline, x: ca.SX) -> tuple[ca.SX, ca.SX, ca.SX]:
    """Cubic Hermite pieces between the knots, straight lines outside (OpenSim SimmSpline)."""
    knots, y, dy = spline.x, spline.y, spline.dy
    pieces = [(knots[0], [y[0], dy[0], 0.0, 0.0])]
    for i in range(len(knots) - 1):
        h = knots[i + 1] - knots[i]
        secant = (y[i + 1] - y[i]) / h
        quadratic = (3 * secant - 2 * dy[i] - dy[i + 1]) / h
        cubic = (dy[i] + dy[i + 1] - 2 * secant) / h**2
        pieces.append((knots[i], [y[i], dy[i], quadratic, cubic]))
    pieces.append((knots[-1], [y[-1], dy[-1], 0.0, 0.0]))

    # Select the coefficients first, so that one cubic is evaluated and not one for each piece.
    origin, coefficients = ca.SX(pieces[0][0]), [ca.SX(c) for c in pieces[0][1]]
    for start, piece in pieces[1:]:
        beyond = x >= start
        origin = ca.if_else(beyond, start, origin)
        coefficients = [
            ca.if_else(beyond, new, old) for new, old in zip(piece, coefficients, strict=True)
        ]
    t = x - origin
    c0, c1, c2, c3 = coefficients
    return (
        ((c3 * t + c2) * t + c1) * t + c0,
        (3 * c3 * t + 2 * c2) * t + c1,
        6 * c3 * t + 2 * c2,
    )

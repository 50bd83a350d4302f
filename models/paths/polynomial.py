"""Complete polynomials of several variables, terms ordered as OpenSim orders them.

OpenSim's MultivariatePolynomialFunction: exponents (n1 .. nd) with n1 + .. + nd <= order, the last
exponent running fastest.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import product

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@lru_cache(maxsize=64)
def exponents(dimension: int, order: int) -> NDArray[np.int64]:
    """Exponents of all terms, shape (terms, dimension)."""
    every = product(range(order + 1), repeat=dimension)
    return np.array([powers for powers in every if sum(powers) <= order], dtype=np.int64)


def design(points: Array, order: int) -> Array:
    """Value of each term at each point: (points, dimension) -> (points, terms)."""
    return _terms(points, exponents(points.shape[1], order), order)


def gradient_design(points: Array, order: int, variable: int) -> Array:
    """Derivative of each term by one variable at each point: (points, terms)."""
    powers = exponents(points.shape[1], order).copy()
    factor = powers[:, variable].astype(float)
    powers[:, variable] = np.maximum(powers[:, variable] - 1, 0)
    return factor * _terms(points, powers, order)


def _terms(points: Array, powers: NDArray[np.int64], order: int) -> Array:
    """Products of powers of the variables, each power taken once: (points, terms)."""
    every = points[:, None, :] ** np.arange(order + 1)[None, :, None]
    product_ = every[:, powers[:, 0], 0]
    for i in range(1, points.shape[1]):
        product_ *= every[:, powers[:, i], i]
    return np.asarray(product_)


def length(coefficients: Array, order: int, points: Array) -> Array:
    """Polynomial at each point: (points, dimension) -> (points,)."""
    return np.asarray(design(points, order) @ coefficients)


def moment_arms(coefficients: Array, order: int, points: Array) -> Array:
    """-d length / d variable at each point: (points, dimension)."""
    slopes = [gradient_design(points, order, i) @ coefficients for i in range(points.shape[1])]
    return -np.stack(slopes, axis=1)

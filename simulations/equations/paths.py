"""Muscle-tendon lengths as polynomials of the coordinates, with all derivatives to third order.

Second derivatives of a moment are third derivatives of the length. All muscles that cross the same
coordinates share their monomials, so lengths and derivatives of all are one matrix product.
"""

from __future__ import annotations

from itertools import combinations_with_replacement
from math import factorial, prod

import casadi as ca
import numpy as np

from formats.description import Path_
from simulations.equations.muscle import exponents

ORDER = 3


def terms(path: Path_) -> dict[tuple[int, ...], float]:
    """Exponents (one for each coordinate) and coefficients of the terms that are not zero."""
    rows = exponents(len(path.coordinates), path.order)
    pairs = zip(map(tuple, rows.tolist()), path.coefficients, strict=True)
    return {powers: value for powers, value in pairs if value != 0.0}


def common_terms(paths: list[Path_]) -> list[tuple[int, ...]]:
    """The terms that any of these paths, all of the same coordinates, has."""
    return sorted({powers for path in paths for powers in terms(path)})


def coefficients(paths: list[Path_], powers: list[tuple[int, ...]]) -> np.ndarray:
    """Coefficients (terms x paths) by the common terms."""
    held = [terms(path) for path in paths]
    return np.array([[one.get(power, 0.0) for one in held] for power in powers])


def partials(count: int) -> list[tuple[int, ...]]:
    """Which coordinates a derivative is taken by: () is the length, (0, 1) d2 length / dq0 dq1."""
    return [
        by
        for order in range(ORDER + 1)
        for by in combinations_with_replacement(range(count), order)
    ]


def monomials(powers: list[tuple[int, ...]]) -> ca.Function:
    """Function q (k) -> partials of a length by its coefficients (partials x terms)."""
    count = len(powers[0])
    q = ca.SX.sym("q", count)
    raised = [[ca.SX(1)] for _ in range(count)]
    for i in range(count):
        for _ in range(max(row[i] for row in powers)):
            raised[i].append(raised[i][-1] * q[i])
    by = partials(count)
    table = ca.SX(len(by), len(powers))
    for j, row in enumerate(powers):
        for i, derivative in enumerate(by):
            factor, left = 1.0, list(row)
            for coordinate in derivative:
                factor *= left[coordinate]
                left[coordinate] -= 1
            if factor:
                product = ca.SX(factor)
                for coordinate, power in enumerate(left):
                    product = product * raised[coordinate][power]
                table[i, j] = product
    return ca.Function("monomials", [q], [ca.densify(table)], {"cse": True})


def lengths(powers: list[tuple[int, ...]], muscles: int) -> ca.Function:
    """Function (q (k), coefficients (terms x muscles)) -> partials of the lengths (x muscles)."""
    count = len(powers[0])
    at, values = ca.MX.sym("q", count), ca.MX.sym("c", len(powers), muscles)
    return ca.Function("lengths", [at, values], [ca.mtimes(monomials(powers)(at), values)])


def expansion(at: ca.SX, values: ca.SX) -> ca.SX:
    """Length (m) a small step `at` (k) away from where its partials have these values."""
    by = partials(at.numel())
    length = ca.SX(0)
    for i, derivative in enumerate(by):
        term = values[i] / prod(factorial(derivative.count(j)) for j in set(derivative))
        for coordinate in derivative:
            term = term * at[coordinate]
        length = length + term
    return length

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


def _by_coefficients(powers: list[tuple[int, ...]]) -> ca.Function:
    """Function q (k) -> partials of a length by its coefficients (partials x terms), sparse.

    A partial of a term is a number times a lower term: each of those is made once, by one product.
    """
    count = len(powers[0])
    q = ca.SX.sym("q", count)
    made: dict[tuple[int, ...], ca.SX] = {(0,) * count: ca.SX(1)}

    def monomial(raised: tuple[int, ...]) -> ca.SX:
        if raised not in made:
            last = max(i for i, power in enumerate(raised) if power)
            lower = (*raised[:last], raised[last] - 1, *raised[last + 1 :])
            made[raised] = monomial(lower) * q[last]
        return made[raised]

    by = partials(count)
    used: dict[tuple[int, ...], int] = {}
    entries: list[tuple[int, int, float]] = []
    for j, row in enumerate(powers):
        for i, derivative in enumerate(by):
            factor, left = 1.0, list(row)
            for coordinate in derivative:
                factor *= left[coordinate]
                left[coordinate] -= 1
            if factor:
                entries.append((i + len(by) * j, used.setdefault(tuple(left), len(used)), factor))
    lower_terms = ca.Function("lower_terms", [q], [ca.vertcat(*[monomial(one) for one in used])])
    rows, columns, factors = (list(part) for part in zip(*entries, strict=True))
    chosen = ca.DM.triplet(rows, columns, ca.DM(factors), len(by) * len(powers), len(used))
    at = ca.MX.sym("q", count)
    table = ca.reshape(ca.mtimes(chosen, lower_terms(at)), len(by), len(powers))
    return ca.Function("by_coefficients", [at], [table])


def monomials(powers: list[tuple[int, ...]]) -> ca.Function:
    """Function q (k) -> partials of a length by its coefficients (partials x terms)."""
    at = ca.MX.sym("q", len(powers[0]))
    return ca.Function("monomials", [at], [ca.densify(_by_coefficients(powers)(at))])


def lengths(powers: list[tuple[int, ...]], muscles: int) -> ca.Function:
    """Function (q (k), coefficients (terms x muscles)) -> partials of the lengths (x muscles)."""
    at, values = ca.MX.sym("q", len(powers[0])), ca.MX.sym("c", len(powers), muscles)
    found = ca.mtimes(_by_coefficients(powers)(at), values)
    return ca.Function("lengths", [at, values], [ca.densify(found)])


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

"""Fewer terms: leave out of a polynomial what its accuracy does not need.

Backward elimination in linear least squares: the term whose loss raises the sum of squares least
goes first, the others are refitted (Miller 2002, Subset Selection in Regression, 2nd ed., ch. 3).
A term left out has the coefficient zero and costs the equations nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from models.polynomial import Array


def eliminations(matrix: Array, target: Array) -> Iterator[Array]:
    """Least-squares solutions of matrix @ x = target with ever fewer nonzero x, all of them first.

    matrix: (rows, terms) of full column rank; columns are scaled to length one inside.
    """
    scale = np.linalg.norm(matrix, axis=0)
    orthogonal, triangle = np.linalg.qr(matrix / scale)
    inverse = np.linalg.inv(triangle)
    covariance = inverse @ inverse.T  # inverse of the normal matrix
    solution = inverse @ (orthogonal.T @ target)
    left = list(range(len(scale)))
    while left:
        yield solution / scale
        loss = solution[left] ** 2 / np.diag(covariance)[left]
        j = left.pop(int(np.argmin(loss)))
        column, pivot = covariance[:, j].copy(), covariance[j, j]
        solution = solution - column * (solution[j] / pivot)
        covariance -= np.outer(column, column) / pivot
        solution[np.setdiff1d(np.arange(len(scale)), left)] = 0.0

"""Fewer terms: leave out of a polynomial what its accuracy does not need.

Backward elimination in linear least squares: the term whose loss raises the sum of squares least
goes first, the others are refitted (Miller 2002, Subset Selection in Regression, 2nd ed., ch. 3).
A term left out has the coefficient zero and costs the equations nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from models.paths import polynomial
from models.paths.accuracy import Fit, Goal, Sample
from models.paths.polynomial import Array

ORDERS = range(2, 10)
MIXED = 6  # highest order of terms of several coordinates; of one coordinate all are tried
SLACK = 1.1  # a goal out of reach is replaced by this times the best error


@dataclass(frozen=True)
class Task:
    """One muscle: postures of the whole and of the common range, to fit (known), to judge (new).

    force: its maximal isometric force (N), by which moment arm errors become torques.
    """

    start: Fit
    known: tuple[Sample, Sample]
    new: tuple[Sample, Sample]
    force: float

    def fewest_terms(self, goal: Goal) -> Fit:
        """The polynomial of fewest terms that reaches the goal, as far as it can be reached."""
        whole: dict[int, Fit] = {}
        for order in ORDERS:
            whole[order] = next(self._ever_fewer(order))
            if goal.reached(whole[order]):
                break
        first = min(whole, key=lambda order: goal.distance(whole[order]))
        limit = max(1.0, SLACK * goal.distance(whole[first]))
        found = []
        for order in (first, first + 1):  # one order more may do with fewer terms
            if order in ORDERS:
                for fit in self._ever_fewer(order):
                    if goal.distance(fit) >= limit:
                        break
                    found.append(fit)
        return min(found, key=lambda fit: fit.terms)

    def _ever_fewer(self, order: int) -> Iterator[Fit]:
        powers = polynomial.exponents(self.known[0].postures.shape[1], order)
        tried = ((powers > 0).sum(axis=1) < 2) | (powers.sum(axis=1) <= MIXED)
        systems = [sample.equations(order) for sample in (*self.known, *self.new)]
        (first, a), (second, b), (whole, c), (common, e) = systems
        fit = replace(self.start, order=order)
        matrix = np.concatenate([first[:, tried], second[:, tried]])
        for few in eliminations(matrix, np.concatenate([a, b])):
            coefficients = np.zeros(len(powers))
            coefficients[tried] = few
            judged = self.new[1].judged(fit, coefficients, common @ coefficients - e)
            yield replace(
                self.new[0].judged(fit, coefficients, whole @ coefficients - c),
                common_arm_rms=judged.moment_arm_rms,
                common_torque_rms=self.force * judged.moment_arm_rms,
            )


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

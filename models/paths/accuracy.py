"""What a path polynomial is, how accurate it should be, and the postures it is judged by."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np

from models.paths import polynomial
from models.paths.polynomial import Array

MAX_LENGTH, MAX_ARM = 0.001, 0.002  # m rms: beyond these the muscle is named


@dataclass(frozen=True)
class Fit:
    """One muscle's polynomial and its errors on postures it was not fitted to (m)."""

    muscle: str
    coordinates: list[str]
    order: int
    coefficients: list[float]
    length_rms: float
    length_max: float
    moment_arm_rms: float
    moment_arm_max: float
    path_gap: float  # rms difference of moment arm and length's slope of the anatomical path itself
    source: str  # "fitted", or the muscle of the other side whose polynomial it shares
    common_arm_rms: float = 0.0  # the moment arm's in the common range, if one is stated
    common_torque_rms: float = 0.0  # Nm, the same times maximal isometric force

    def badness(self) -> float:
        """Largest of the errors, in units of what is allowed."""
        return max(self.length_rms / MAX_LENGTH, self.moment_arm_rms / MAX_ARM)

    @property
    def terms(self) -> int:
        """Number of terms that are not zero."""
        return sum(coefficient != 0.0 for coefficient in self.coefficients)

    @property
    def accurate(self) -> bool:
        """Within 1 mm of length and 2 mm of moment arm (rms)."""
        return self.length_rms < MAX_LENGTH and self.moment_arm_rms < MAX_ARM


@dataclass(frozen=True)
class Goal:
    """How accurate a polynomial should be (m, rms). The lowest order that reaches both is taken.

    With `common` (coordinate without side -> range, rad), of it, or of the next order, the fewest
    terms that reach both, and that reach `torque` (Nm, moment arm error times maximal isometric
    force) in the common range, where postures are added.
    """

    length: float = 0.0001
    moment_arm: float = 0.0003
    torque: float = math.inf
    common: dict[str, tuple[float, float]] = field(default_factory=dict)

    def reached(self, fit: Fit) -> bool:
        """True if a fit is as accurate as it should be."""
        return self.distance(fit) < 1.0

    def distance(self, fit: Fit) -> float:
        """Largest of a fit's errors, in units of what it should be."""
        errors = (fit.length_rms / self.length, fit.moment_arm_rms / self.moment_arm)
        return max(*errors, fit.common_torque_rms / self.torque)


CLOSE = Goal()


@dataclass(frozen=True)
class Sample:
    """One muscle at many postures: postures (n, d), lengths (n,) and moment arms (n, d) (m)."""

    postures: Array
    lengths: Array
    arms: Array

    def equations(self, order: int) -> tuple[Array, Array]:
        """Linear equations of the coefficients: length and all moment arms alike (m, m per rad)."""
        points = self.postures
        rows = [polynomial.design(points, order)]
        rows += [-polynomial.gradient_design(points, order, i) for i in range(points.shape[1])]
        return np.concatenate(rows), np.concatenate([self.lengths, *self.arms.T])

    def judged(self, fit: Fit, coefficients: Array, errors: Array) -> Fit:
        """The fit with these coefficients, and its errors: how far the equations are missed."""
        length_error, *arm_errors = errors.reshape(-1, len(self.postures))
        arm_error = np.array(arm_errors)
        return replace(
            fit,
            coefficients=coefficients.tolist(),
            length_rms=float(np.sqrt(np.mean(length_error**2))),
            length_max=float(np.abs(length_error).max()),
            moment_arm_rms=float(np.sqrt(np.mean(arm_error**2, axis=1)).max()),
            moment_arm_max=float(np.abs(arm_error).max()),
        )


def solve(matrix: Array, target: Array) -> Array:
    """Least squares, columns scaled to length one."""
    scale = np.linalg.norm(matrix, axis=0)
    solution = np.linalg.lstsq(matrix / scale, target, rcond=None)[0]
    return np.asarray(solution / scale)

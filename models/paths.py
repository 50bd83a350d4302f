"""Muscle paths as polynomials of the joint coordinates.

Length and moment arms of each anatomical path are sampled over the whole range of its coordinates
(Latin hypercube, seeded) and fitted together by least squares, with the lowest order that is
accurate enough (van den Bogert et al. 2013; Falisse et al. 2019), or, where muscles span three and
four coordinates, with the fewest terms. Strength does not change a path: fits are kept in the cache
under a hash of the geometry.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import opensim as osim

from models import base, geometry, polynomial, sparse
from models.polynomial import Array
from simulations.files import write_json

VERSION = 2  # raise when the method changes: old cache entries are then ignored
VERSION_SPARSE = 1  # the same for fits of few terms
SEED = 20150
ORDERS = range(2, 10)
MAX_LENGTH, MAX_ARM = 0.001, 0.002  # m rms: beyond these the muscle is named
DEPENDS = 1e-6  # m, a smaller change of length over the range is none
HIGHEST_SPARSE = {1: 6, 2: 6, 3: 6, 4: 5}  # order by number of coordinates (else 4)


@dataclass(frozen=True)
class Goal:
    """How accurate a polynomial should be (m, rms). The lowest order that reaches both is taken.

    few_terms: and of it, or of the next order, the fewest terms that reach both.
    """

    length: float = 0.0001
    moment_arm: float = 0.0003
    few_terms: bool = False

    def reached(self, fit: Fit) -> bool:
        """True if a fit is as accurate as it should be."""
        return fit.length_rms < self.length and fit.moment_arm_rms < self.moment_arm


CLOSE = Goal()


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


def fit_paths(model_file: Path, goal: Goal = CLOSE) -> list[Fit]:
    """Fit all muscles of a model; taken from the cache if its geometry was fitted before."""
    cached = base.cache_folder() / "paths" / f"{geometry_hash(model_file, goal)}.json"
    if cached.is_file():
        return [Fit(**fit) for fit in json.loads(cached.read_text())]
    fits = _fit_all(geometry.PathSampler(model_file), goal)
    write_json(cached, [asdict(fit) for fit in fits])
    return fits


def geometry_hash(model_file: Path, goal: Goal = CLOSE) -> str:
    """Hash of all that muscle paths depend on: joints, path points, wraps, ranges, the method."""
    method = [VERSION, SEED, [*ORDERS], goal.length, goal.moment_arm, osim.GetVersion()]
    if goal.few_terms:
        method.append([VERSION_SPARSE, sorted(HIGHEST_SPARSE.items())])
    text = json.dumps(method) + geometry.geometry_text(model_file)
    return hashlib.sha256(text.encode()).hexdigest()


def _fit_all(sampler: geometry.PathSampler, goal: Goal) -> list[Fit]:
    depends = _coordinates_of_all(sampler)
    fits: dict[str, Fit] = {}
    pending: dict[tuple[str, ...], list[str]] = {}
    for name in sampler.muscles:
        if not _is_mirror_image(sampler, name, depends):
            pending.setdefault(tuple(depends[name]), []).append(name)
    for coordinates, names in pending.items():
        for fit in _fit_group(sampler, names, list(coordinates), goal):
            fits[fit.muscle] = fit
    for name in sampler.muscles:
        if name not in fits:
            right = fits[name[:-2] + "_r"]
            values = {**asdict(right), "muscle": name, "coordinates": depends[name]}
            fits[name] = Fit(**{**values, "source": right.muscle})
    return [fits[name] for name in sampler.muscles]


def _coordinates_of_all(sampler: geometry.PathSampler) -> dict[str, list[str]]:
    """Coordinates that change each muscle's length, found by moving each through its range."""
    found: dict[str, list[str]] = {muscle: [] for muscle in sampler.muscles}
    middle = sampler.postures(6, sampler.coordinates, SEED)
    for i, name in enumerate(sampler.coordinates):
        low, high = sampler.ranges[name]
        moved = np.repeat(middle, 5, axis=0)
        moved[:, i] = np.tile(np.linspace(low, high, 5), len(middle))
        lengths = sampler.lengths(sampler.muscles, sampler.coordinates, moved)
        change = np.ptp(lengths.reshape(len(middle), 5, -1), axis=1).max(axis=0)
        for muscle in np.array(sampler.muscles)[change > DEPENDS]:
            found[str(muscle)].append(name)
    for muscle, names in found.items():
        if not 1 <= len(names) <= 6:
            raise ValueError(
                f"muscle {muscle}: its length depends on {len(names)} coordinates "
                f"({', '.join(names) or 'none'}); allowed are 1 to 6"
            )
    return found


def _is_mirror_image(
    sampler: geometry.PathSampler, name: str, depends: dict[str, list[str]]
) -> bool:
    """True if a left muscle is as long as the right one in the mirrored posture, everywhere."""
    right = name[:-2] + "_r"
    if not name.endswith("_l") or right not in depends:
        return False
    paired = [c[:-2] + "_r" for c in depends[name] if c.endswith("_l")]
    if paired != depends[right] or len(paired) != len(depends[name]):
        return False
    if any(
        sampler.ranges[a] != sampler.ranges[b] for a, b in zip(paired, depends[name], strict=True)
    ):
        return False
    postures = sampler.postures(25, paired, SEED + 1)
    there = sampler.lengths([right], paired, postures)
    here = sampler.lengths([name], depends[name], postures)
    return bool(np.abs(there - here).max() < 1e-5)


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


def _fit_group(
    sampler: geometry.PathSampler, names: list[str], coordinates: list[str], goal: Goal
) -> list[Fit]:
    """Fit muscles that share their coordinates, on shared postures."""
    count = 150 + 250 * len(coordinates)
    train = sampler.postures(count, coordinates, SEED + 2)
    check = sampler.postures(count // 2, coordinates, SEED + 3)
    sampled = [
        (
            points,
            sampler.lengths(names, coordinates, points),
            sampler.moment_arms(names, coordinates, points),
        )
        for points in (train, check)
    ]
    gaps = sampler.length_slopes(names, coordinates, check) - sampled[1][2]
    gap_rms = np.sqrt(np.mean(gaps**2, axis=0)).max(axis=1)
    fits = []
    for i, name in enumerate(names):
        known, new = (Sample(points, ls[:, i], arms[:, i, :]) for points, ls, arms in sampled)
        start = Fit(name, coordinates, 0, [], 0.0, 0.0, 0.0, 0.0, float(gap_rms[i]), "fitted")
        fits.append((_fewest_terms if goal.few_terms else _lowest_order)(start, known, new, goal))
    return fits


def _lowest_order(start: Fit, known: Sample, new: Sample, goal: Goal) -> Fit:
    """The complete polynomial of lowest order that reaches the goal, else the most accurate."""
    tried = []
    for order in ORDERS:
        coefficients = _least_squares(*known.equations(order))
        fit = replace(start, order=order, **_solution(coefficients, order, new))
        if goal.reached(fit):
            return fit
        tried.append(fit)
    return min(tried, key=Fit.badness)


def _fewest_terms(start: Fit, known: Sample, new: Sample, goal: Goal) -> Fit:
    """The polynomial of fewest terms that reaches the goal, else the most accurate."""
    enough: list[Fit] = []
    tried = []
    highest = HIGHEST_SPARSE.get(known.postures.shape[1], 4)
    for order in range(ORDERS.start, highest + 1):
        matrix, target = known.equations(order)
        last = None
        for coefficients in sparse.eliminations(matrix, target):
            fit = replace(start, order=order, **_solution(coefficients, order, new))
            if last is None:
                tried.append(fit)
            if not goal.reached(fit):
                break
            last = fit
        if enough or last:
            enough += [last] if last else []
            if order > enough[0].order:  # one order more may do with fewer terms, two do not
                break
    return min(enough, key=lambda fit: fit.terms) if enough else min(tried, key=Fit.badness)


def _least_squares(matrix: Array, target: Array) -> Array:
    scale = np.linalg.norm(matrix, axis=0)
    solution = np.linalg.lstsq(matrix / scale, target, rcond=None)[0]
    return np.asarray(solution / scale)


def _solution(coefficients: Array, order: int, new: Sample) -> dict[str, Any]:
    """Coefficients and errors (m): length rms, max; moment arm rms (worst coordinate's), max."""
    length_error = polynomial.length(coefficients, order, new.postures) - new.lengths
    arm_error = polynomial.moment_arms(coefficients, order, new.postures) - new.arms
    return {
        "coefficients": coefficients.tolist(),
        "length_rms": float(np.sqrt(np.mean(length_error**2))),
        "length_max": float(np.abs(length_error).max()),
        "moment_arm_rms": float(np.sqrt(np.mean(arm_error**2, axis=0)).max()),
        "moment_arm_max": float(np.abs(arm_error).max()),
    }


def table(fits: Iterable[Fit]) -> str:
    """CSV of the fits' errors, for paths.csv beside the runner."""
    lines = [
        "muscle,coordinates,order,length_rms_mm,length_max_mm,moment_arm_rms_mm,"
        "moment_arm_max_mm,path_gap_mm,within_limits,source,terms"
    ]
    for fit in fits:
        lengths, arms = (fit.length_rms, fit.length_max), (fit.moment_arm_rms, fit.moment_arm_max)
        numbers = ",".join(f"{1000 * error:.3f}" for error in (*lengths, *arms, fit.path_gap))
        lines.append(
            f"{fit.muscle},{' '.join(fit.coordinates)},{fit.order},{numbers},"
            f"{'yes' if fit.accurate else 'no'},{fit.source},{fit.terms}"
        )
    return "\n".join(lines) + "\n"

"""Muscle paths as polynomials of the joint coordinates.

Length and moment arms of each anatomical path are sampled over the whole range of its coordinates
(Latin hypercube, seeded) and fitted together by least squares, with the lowest order that is
accurate enough (van den Bogert et al. 2013; Falisse et al. 2019). Strength does not change a path:
fits are kept in the cache under a hash of the geometry.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import opensim as osim

from models import base, geometry, polynomial
from models.polynomial import Array
from simulations.files import write_json

VERSION = 2  # raise when the method changes: old cache entries are then ignored
SEED = 20150
ORDERS = range(2, 10)
GOOD_LENGTH, GOOD_ARM = 0.0001, 0.0003  # m rms: the lowest order that reaches both is taken
MAX_LENGTH, MAX_ARM = 0.001, 0.002  # m rms: beyond these the muscle is named
DEPENDS = 1e-6  # m, a smaller change of length over the range is none


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
    def accurate(self) -> bool:
        """Within 1 mm of length and 2 mm of moment arm (rms)."""
        return self.length_rms < MAX_LENGTH and self.moment_arm_rms < MAX_ARM


def fit_paths(model_file: Path) -> list[Fit]:
    """Fit all muscles of a model; taken from the cache if its geometry was fitted before."""
    cached = base.cache_folder() / "paths" / f"{geometry_hash(model_file)}.json"
    if cached.is_file():
        return [Fit(**fit) for fit in json.loads(cached.read_text())]
    fits = _fit_all(geometry.PathSampler(model_file))
    write_json(cached, [asdict(fit) for fit in fits])
    return fits


def geometry_hash(model_file: Path) -> str:
    """Hash of all that muscle paths depend on: joints, path points, wraps, ranges, the method."""
    method = [VERSION, SEED, [*ORDERS], GOOD_LENGTH, GOOD_ARM, osim.GetVersion()]
    text = json.dumps(method) + geometry.geometry_text(model_file)
    return hashlib.sha256(text.encode()).hexdigest()


def _fit_all(sampler: geometry.PathSampler) -> list[Fit]:
    depends = {name: _coordinates_of(sampler, name) for name in sampler.muscles}
    fits: dict[str, Fit] = {}
    pending: dict[tuple[str, ...], list[str]] = {}
    for name in sampler.muscles:
        if not _is_mirror_image(sampler, name, depends):
            pending.setdefault(tuple(depends[name]), []).append(name)
    for coordinates, names in pending.items():
        for fit in _fit_group(sampler, names, list(coordinates)):
            fits[fit.muscle] = fit
    for name in sampler.muscles:
        if name not in fits:
            right = fits[name[:-2] + "_r"]
            values = {**asdict(right), "muscle": name, "coordinates": depends[name]}
            fits[name] = Fit(**{**values, "source": right.muscle})
    return [fits[name] for name in sampler.muscles]


def _coordinates_of(sampler: geometry.PathSampler, muscle: str) -> list[str]:
    """Coordinates that change the muscle's length, found by moving each through its range."""
    found = []
    middle = sampler.postures(6, sampler.coordinates, SEED)
    for i, name in enumerate(sampler.coordinates):
        low, high = sampler.ranges[name]
        moved = np.repeat(middle, 5, axis=0)
        moved[:, i] = np.tile(np.linspace(low, high, 5), len(middle))
        lengths = sampler.lengths([muscle], sampler.coordinates, moved)[:, 0].reshape(-1, 5)
        if np.ptp(lengths, axis=1).max() > DEPENDS:
            found.append(name)
    if not 1 <= len(found) <= 6:
        raise ValueError(
            f"muscle {muscle}: its length depends on {len(found)} coordinates "
            f"({', '.join(found) or 'none'}); allowed are 1 to 6"
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


def _fit_group(
    sampler: geometry.PathSampler, names: list[str], coordinates: list[str]
) -> list[Fit]:
    """Fit muscles that share their coordinates, on shared postures."""
    count = 150 + 250 * len(coordinates)
    train = sampler.postures(count, coordinates, SEED + 2)
    check = sampler.postures(count // 2, coordinates, SEED + 3)
    sampled = [
        (
            sampler.lengths(names, coordinates, points),
            sampler.moment_arms(names, coordinates, points),
        )
        for points in (train, check)
    ]
    gaps = sampler.length_slopes(names, coordinates, check) - sampled[1][1]
    gap_rms = np.sqrt(np.mean(gaps**2, axis=0)).max(axis=1)
    fits = []
    for i, name in enumerate(names):
        (lengths, arms), (check_lengths, check_arms) = (
            (sample[0][:, i], sample[1][:, i, :]) for sample in sampled
        )
        tried = []
        for order in ORDERS:
            coefficients = _least_squares(train, lengths, arms, order)
            errors = _errors(coefficients, order, check, check_lengths, check_arms)
            gap = float(gap_rms[i])
            fit = Fit(name, coordinates, order, coefficients.tolist(), *errors, gap, "fitted")
            tried.append(fit)
            if fit.length_rms < GOOD_LENGTH and fit.moment_arm_rms < GOOD_ARM:
                break
        else:
            tried.append(min(tried, key=Fit.badness))
        fits.append(tried[-1])
    return fits


def _least_squares(points: Array, lengths: Array, arms: Array, order: int) -> Array:
    """Coefficients that fit length and all moment arms alike (both in m, per rad)."""
    rows = [polynomial.design(points, order)]
    rows += [-polynomial.gradient_design(points, order, i) for i in range(points.shape[1])]
    matrix = np.concatenate(rows)
    target = np.concatenate([lengths, *arms.T])
    scale = np.linalg.norm(matrix, axis=0)
    solution = np.linalg.lstsq(matrix / scale, target, rcond=None)[0]
    return np.asarray(solution / scale)


def _errors(
    coefficients: Array, order: int, points: Array, lengths: Array, arms: Array
) -> tuple[float, float, float, float]:
    """Length rms and max, moment arm rms (the worst coordinate's) and max (m)."""
    length_error = polynomial.length(coefficients, order, points) - lengths
    arm_error = polynomial.moment_arms(coefficients, order, points) - arms
    return (
        float(np.sqrt(np.mean(length_error**2))),
        float(np.abs(length_error).max()),
        float(np.sqrt(np.mean(arm_error**2, axis=0)).max()),
        float(np.abs(arm_error).max()),
    )


def table(fits: Iterable[Fit]) -> str:
    """CSV of the fits' errors, for paths.csv beside the runner."""
    lines = [
        "muscle,coordinates,order,length_rms_mm,length_max_mm,moment_arm_rms_mm,"
        "moment_arm_max_mm,path_gap_mm,within_limits,source"
    ]
    for fit in fits:
        lengths, arms = (fit.length_rms, fit.length_max), (fit.moment_arm_rms, fit.moment_arm_max)
        numbers = ",".join(f"{1000 * error:.3f}" for error in (*lengths, *arms, fit.path_gap))
        lines.append(
            f"{fit.muscle},{' '.join(fit.coordinates)},{fit.order},{numbers},"
            f"{'yes' if fit.accurate else 'no'},{fit.source}"
        )
    return "\n".join(lines) + "\n"

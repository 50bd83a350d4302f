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
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import opensim as osim

from models.osim import geometry
from models.paths import cache as fit_cache
from models.paths import sparse
from models.paths.accuracy import CLOSE, Fit, Goal, Sample, solve
from models.paths.polynomial import Array
from models.rajagopal import base
from models.rajagopal.tables import table as rows_of

VERSION = 3  # raise when the method changes: old cache entries are then ignored
VERSION_SPARSE = 2  # the same for fits of few terms
SEED = 20150
ORDERS = range(2, 10)
DEPENDS = 1e-6  # m, a smaller change of length over the range is none


def fit_paths(model_file: Path, goal: Goal = CLOSE) -> list[Fit]:
    """Fit all muscles of a model; from the cache, checked, if its geometry was fitted before."""
    return fit_cache.kept(
        base.cache_folder() / "paths" / f"{geometry_hash(model_file, goal)}.json",
        model_file,
        lambda sampler, coordinates: _judged(sampler, coordinates, goal),
        lambda: _fit_all(geometry.PathSampler(model_file), goal),
    )


def geometry_hash(model_file: Path, goal: Goal = CLOSE) -> str:
    """Hash of all that muscle paths depend on: joints, path points, wraps, ranges, the method."""
    method = [VERSION, SEED, [*ORDERS], goal.length, goal.moment_arm, osim.GetVersion()]
    if goal.common:
        method += [VERSION_SPARSE, sparse.MIXED, goal.torque, sorted(goal.common.items())]
    text = json.dumps(method) + geometry.geometry_text(model_file)
    return hashlib.sha256(text.encode()).hexdigest()


def _fit_all(sampler: geometry.PathSampler, goal: Goal) -> list[Fit]:
    depends = coordinates_of_all(sampler)
    fits: dict[str, Fit] = {}
    pending: dict[tuple[str, ...], list[str]] = {}
    for name in sampler.muscles:
        if not is_mirror_image(sampler, name, depends):
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


def coordinates_of_all(sampler: geometry.PathSampler) -> dict[str, list[str]]:
    """Coordinates that change each muscle's length. Raises ValueError unless they are 1 to 6."""
    found = coordinates_of_any(sampler)
    for muscle, names in found.items():
        if not 1 <= len(names) <= 6:
            raise ValueError(
                f"muscle {muscle}: its length depends on {len(names)} coordinates "
                f"({', '.join(names) or 'none'}); allowed are 1 to 6"
            )
    return found


def coordinates_of_any(sampler: geometry.PathSampler) -> dict[str, list[str]]:
    """The same, however many; found by moving each coordinate through its range."""
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
    return found


def is_mirror_image(
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
    sampler: geometry.PathSampler, names: list[str], coordinates: list[str], goal: Goal
) -> list[Fit]:
    """Fit muscles that share their coordinates, on shared postures."""
    count = _count(coordinates, goal)
    chosen = [sampler.postures(count, coordinates, SEED + 2), _judged(sampler, coordinates, goal)]
    if goal.common:
        ranges = [goal.common[name.removesuffix("_r").removesuffix("_l")] for name in coordinates]
        chosen += [
            sampler.postures(number, coordinates, seed, ranges)
            for number, seed in ((count, SEED + 4), (count // 2, SEED + 5))
        ]
    taken = [take(sampler, names, coordinates, postures) for postures in chosen]
    check = taken[1][names[0]].postures
    slopes = sampler.length_slopes(names, coordinates, check)
    fits = []
    for i, name in enumerate(names):
        known, new, *common = (samples[name] for samples in taken)
        gap = float(np.sqrt(np.mean((slopes[:, i] - new.arms) ** 2, axis=0)).max())
        start = Fit(name, coordinates, 0, [], 0.0, 0.0, 0.0, 0.0, gap, "fitted")
        if goal.common:
            task = sparse.Task(start, (known, common[0]), (new, common[1]), strength(name))
            fits.append(task.fewest_terms(goal))
        else:
            fits.append(lowest_order(start, known, new, goal))
    return fits


def _count(coordinates: list[str], goal: Goal) -> int:
    """Number of postures that a polynomial of these coordinates is fitted to."""
    return (150 + 250 * len(coordinates)) // (2 if goal.common else 1)


def _judged(sampler: geometry.PathSampler, coordinates: list[str], goal: Goal) -> Array:
    """Postures (n, coordinates) of the whole range that its errors are of."""
    return sampler.postures(_count(coordinates, goal) // 2, coordinates, SEED + 3)


def take(
    sampler: geometry.PathSampler, names: list[str], coordinates: list[str], postures: Array
) -> dict[str, Sample]:
    """Lengths and moment arms of muscles at postures (n, coordinates)."""
    lengths = sampler.lengths(names, coordinates, postures)
    arms = sampler.moment_arms(names, coordinates, postures)
    return {name: Sample(postures, lengths[:, i], arms[:, i]) for i, name in enumerate(names)}


def lowest_order(start: Fit, known: Sample, new: Sample, goal: Goal) -> Fit:
    """The complete polynomial of lowest order that reaches the goal, else the most accurate."""
    tried = []
    for order in ORDERS:
        coefficients = solve(*known.equations(order))
        matrix, target = new.equations(order)
        fit = new.judged(replace(start, order=order), coefficients, matrix @ coefficients - target)
        if goal.reached(fit):
            return fit
        tried.append(fit)
    return min(tried, key=Fit.badness)


def strength(muscle: str) -> float:
    """Maximal isometric force (N) of a head of the base model; 0 for muscles of other models."""
    head = muscle.removesuffix("_r").removesuffix("_l")
    for row in rows_of("lai_uhlrich_2022"):
        if row["muscle"] == head:
            return float(row["max_isometric_force_n"])
    return 0.0


def table(fits: Iterable[Fit]) -> str:
    """CSV of the fits' errors, for paths.csv beside the runner."""
    lines = [
        "muscle,coordinates,order,length_rms_mm,length_max_mm,moment_arm_rms_mm,"
        "moment_arm_max_mm,path_gap_mm,within_limits,source,terms,"
        "common_moment_arm_rms_mm,common_torque_rms_nm"
    ]
    for fit in fits:
        lengths, arms = (fit.length_rms, fit.length_max), (fit.moment_arm_rms, fit.moment_arm_max)
        numbers = ",".join(f"{1000 * error:.3f}" for error in (*lengths, *arms, fit.path_gap))
        lines.append(
            f"{fit.muscle},{' '.join(fit.coordinates)},{fit.order},{numbers},"
            f"{'yes' if fit.accurate else 'no'},{fit.source},{fit.terms},"
            f"{1000 * fit.common_arm_rms:.3f},{fit.common_torque_rms:.3f}"
        )
    return "\n".join(lines) + "\n"

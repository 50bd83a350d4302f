"""Path polynomials for a measured runner, most accurate where that runner moves.

Postures are taken from the trial itself, each coordinate moved a little at random, and some from
the whole of the stated ranges, so that the polynomial does not run off beside the motion. Postures
of both legs count for either, so that left and right of a symmetric model share their polynomials.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np

from models.osim import geometry
from models.paths import cache as fit_cache
from models.paths import fitting as paths
from models.paths.accuracy import Fit, Goal
from models.paths.polynomial import Array
from models.rajagopal import base
from models.rajagopal.tables import settings

VERSION = 1  # raise when the method changes: old cache entries are then ignored
# rad: how far postures lie beside the trial's at most, those fitted to, and those judged.
BESIDE, JUDGED = np.radians(6.0), np.radians(2.0)


def goal() -> Goal:
    """How accurate the polynomials should be."""
    values = settings("own")["paths"]
    return Goal(values["length"], values["moment_arm"])


def fit_paths(model_file: Path, motion: Mapping[str, Array], goal: Goal) -> list[Fit]:
    """Fit all muscles; errors are those on postures close to the trial's.

    motion: coordinate -> its values during the trial (rad or m). Kept in the cache under a hash of
    the geometry and the motion.
    """
    key = hashlib.sha256(paths.geometry_hash(model_file, goal).encode())
    for name in sorted(motion):
        key.update(f"{VERSION} {name} {BESIDE} {JUDGED}".encode() + motion[name].tobytes())
    return fit_cache.kept(
        base.cache_folder() / "paths" / f"{key.hexdigest()}.json",
        model_file,
        lambda _, coordinates: _judged(motion, coordinates),
        lambda: _fit_all(model_file, motion, goal),
    )


def _fit_all(model_file: Path, motion: Mapping[str, Array], goal: Goal) -> list[Fit]:
    sampler = geometry.PathSampler(model_file)
    depends = paths.coordinates_of_all(sampler)
    fits: dict[str, Fit] = {}
    pending: dict[tuple[str, ...], list[str]] = {}
    for name in sampler.muscles:
        if not paths.is_mirror_image(sampler, name, depends):
            pending.setdefault(tuple(depends[name]), []).append(name)
    for coordinates, names in pending.items():
        for fit in _fit_group(sampler, names, list(coordinates), motion, goal):
            fits[fit.muscle] = fit
    for name in sampler.muscles:
        if name not in fits:
            right = fits[name[:-2] + "_r"]
            fits[name] = replace(
                Fit(**asdict(right)),
                muscle=name,
                coordinates=depends[name],
                source=right.muscle,
            )
    return [fits[name] for name in sampler.muscles]


def _fit_group(
    sampler: geometry.PathSampler,
    names: list[str],
    coordinates: list[str],
    motion: Mapping[str, Array],
    goal: Goal,
) -> list[Fit]:
    """Fit muscles that share their coordinates, on shared postures."""
    count = _count(coordinates)
    close = _beside(motion, coordinates, count, BESIDE)
    wide = sampler.postures(count // 4, coordinates, paths.SEED)
    check = _judged(motion, coordinates)
    known = paths.take(sampler, names, coordinates, np.concatenate([close, wide]))
    new = paths.take(sampler, names, coordinates, check)
    slopes = sampler.length_slopes(names, coordinates, check)
    fits = []
    for i, name in enumerate(names):
        gap = float(np.sqrt(np.mean((slopes[:, i] - new[name].arms) ** 2, axis=0)).max())
        start = Fit(name, coordinates, 0, [], 0.0, 0.0, 0.0, 0.0, gap, "fitted")
        fits.append(paths.lowest_order(start, known[name], new[name], goal))
    return fits


def _count(coordinates: list[str]) -> int:
    """Number of postures beside the trial's that a polynomial is fitted to."""
    return 150 + 250 * len(coordinates)


def _judged(motion: Mapping[str, Array], coordinates: list[str]) -> Array:
    """Postures (n, coordinates) close to the trial's that the errors are of."""
    return _beside(motion, coordinates, _count(coordinates) // 2, JUDGED)


def _beside(
    motion: Mapping[str, Array], coordinates: list[str], count: int, distance: float
) -> Array:
    """Postures (count, coordinates) of the trial, each coordinate up to `distance` (rad) beside."""
    here = np.stack([motion[name] for name in coordinates], axis=1)
    other = [_other_side(name) for name in coordinates]
    if all(name in motion for name in other) and not set(other) & set(coordinates):
        here = np.concatenate([here, np.stack([motion[name] for name in other], axis=1)])
    random = np.random.default_rng(paths.SEED + round(1e3 * distance))
    chosen = here[random.integers(len(here), size=count)]
    return np.asarray(chosen + random.uniform(-distance, distance, chosen.shape))


def _other_side(name: str) -> str:
    return name[:-2] + {"_r": "_l", "_l": "_r"}.get(name[-2:], "")

"""Path fits kept in the cache: taken from it only if they are as written and as OpenSim has them.

An entry carries a hash of its fits. When it is read, each polynomial is held against the anatomical
path at some of the postures that its published errors are of. An entry that fails either is made
again, and a line on stderr says so.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from formats.files import write_json
from formats.untrusted import read_object
from models.osim.geometry import PathSampler
from models.paths import polynomial
from models.paths.accuracy import Fit
from models.paths.polynomial import Array

POSTURES = 6
"""At which each polynomial is held against its path."""
SLACK_M = 1e-5
"""A path that wraps may depend a little, in OpenSim, on the posture before and the machine."""
Judged: TypeAlias = Callable[[PathSampler, list[str]], Array]
"""The postures (n, coordinates) that the errors of fits over these coordinates are of."""


def kept(file: Path, model_file: Path, judged: Judged, make: Callable[[], list[Fit]]) -> list[Fit]:
    """The fits of a model from `file`, if they hold; else those that `make` gives, kept there."""
    if file.is_file():
        try:
            fits = read(file)
            check(fits, PathSampler(model_file), judged)
            return fits
        except ValueError as error:
            print(f"{file}: {error}; the path fits are made again", file=sys.stderr, flush=True)
    fits = make()
    write(file, fits)
    return fits


def write(file: Path, fits: list[Fit]) -> None:
    """Write an entry: the fits, and their hash."""
    content = [asdict(fit) for fit in fits]
    write_json(file, {"sha256": _sha256(content), "fits": content})


def read(file: Path) -> list[Fit]:
    """The fits of an entry. ValueError, one line, if it is damaged or not as it was written."""
    try:
        found = read_object(file)
    except ValueError:
        raise ValueError("damaged") from None
    if not isinstance(found.get("fits"), list) or found.get("sha256") != _sha256(found["fits"]):
        raise ValueError("altered since it was written (sha256)")
    try:
        return [Fit(**fit) for fit in found["fits"]]
    except TypeError:
        raise ValueError("damaged") from None


def check(fits: list[Fit], sampler: PathSampler, judged: Judged) -> None:
    """Hold fits against the model's paths. ValueError, one line, naming the first that is off.

    A fit that shares another muscle's polynomial must have just that one.
    """
    by_muscle = {fit.muscle: fit for fit in fits}
    if [*by_muscle] != sampler.muscles or len(fits) != len(sampler.muscles):
        raise ValueError("of other muscles than the model's")
    groups: dict[tuple[str, ...], list[Fit]] = {}
    for fit in fits:
        if fit.source == "fitted":
            groups.setdefault(tuple(fit.coordinates), []).append(fit)
        else:
            _check_shared(fit, by_muscle.get(fit.source))
    for coordinates, members in groups.items():
        _check_group(members, list(coordinates), sampler, judged)


def _check_shared(fit: Fit, source: Fit | None) -> None:
    if source is None or (fit.order, fit.coefficients) != (source.order, source.coefficients):
        raise ValueError(f"{fit.muscle}: not the polynomial of {fit.source}, which it says it has")


def _check_group(
    fits: list[Fit], coordinates: list[str], sampler: PathSampler, judged: Judged
) -> None:
    unknown = set(coordinates) - set(sampler.coordinates)
    if unknown or not coordinates:
        raise ValueError(f"{fits[0].muscle}: of coordinates that the model does not have")
    every = judged(sampler, coordinates)
    postures = every[:: max(1, len(every) // POSTURES)][:POSTURES]
    names = [fit.muscle for fit in fits]
    lengths = sampler.lengths(names, coordinates, postures)
    arms = sampler.moment_arms(names, coordinates, postures)
    for i, fit in enumerate(fits):
        coefficients = np.array(fit.coefficients, dtype=float)
        if len(coefficients) != len(polynomial.exponents(len(coordinates), fit.order)):
            raise ValueError(f"{fit.muscle}: not as many coefficients as its order has terms")
        for what, found, path, most in (
            ("length", polynomial.length, lengths[:, i], fit.length_max),
            ("moment arm", polynomial.moment_arms, arms[:, i], fit.moment_arm_max),
        ):
            off = float(np.abs(found(coefficients, fit.order, postures) - path).max())
            if not off <= most + SLACK_M:
                raise ValueError(
                    f"{fit.muscle}: {what} off by {1e3 * off:.2f} mm from OpenSim's, "
                    f"{1e3 * most:.2f} mm published"
                )


def _sha256(content: list[dict[str, Any]]) -> str:
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()

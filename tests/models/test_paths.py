"""Path polynomials: as exact as published, OpenSim's own term order, left as right."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import opensim as osim
import pytest

from formats import description as d
from models import strength
from models.osim import document, geometry
from models.paths import fitting as paths
from models.paths import polynomial


@pytest.fixture(scope="module")
def sampler(planar: Path) -> geometry.PathSampler:
    return geometry.PathSampler(planar / "runner.osim")


@pytest.fixture(scope="module")
def runner(planar: Path) -> d.RunnerDescription:
    return d.read(planar / "runner.json")


def test_lengths_and_moment_arms_at_new_postures(
    runner: d.RunnerDescription, sampler: geometry.PathSampler
) -> None:
    """Both sides, postures the fit has not seen, moment arms by OpenSim's own solver."""
    postures = sampler.postures(60, sampler.coordinates, seed=99)
    muscles = {muscle.getName(): muscle for muscle in sampler.model.getMuscleList()}
    lengths = sampler.lengths([m.name for m in runner.muscles], sampler.coordinates, postures)
    place = {name: i for i, name in enumerate(sampler.coordinates)}
    arms: dict[str, list[list[float]]] = {m.name: [] for m in runner.muscles}
    for posture in postures:
        sampler.move(sampler.coordinates, posture)
        for muscle in runner.muscles:
            about = [sampler.model.getCoordinateSet().get(c) for c in muscle.path.coordinates]
            anatomical = muscles[muscle.name]
            arms[muscle.name].append([anatomical.computeMomentArm(sampler.state, c) for c in about])
    for i, muscle in enumerate(runner.muscles):
        path = muscle.path
        points = postures[:, [place[c] for c in path.coordinates]]
        coefficients = np.array(path.coefficients)
        length_error = polynomial.length(coefficients, path.order, points) - lengths[:, i]
        arm_error = polynomial.moment_arms(coefficients, path.order, points) - arms[muscle.name]
        assert np.sqrt(np.mean(length_error**2)) < 0.001, muscle.name
        assert np.sqrt(np.mean(arm_error**2, axis=0)).max() < 0.002, muscle.name


def test_published_errors_are_within_the_limits(planar: Path) -> None:
    for fit in paths.fit_paths(planar / "runner.osim"):
        assert fit.accurate, fit.muscle
        assert fit.source == ("fitted" if fit.muscle.endswith("_r") else fit.muscle[:-2] + "_r")
    lines = (planar / "paths.csv").read_text().splitlines()
    assert len(lines) == 1 + 36
    assert lines[0].startswith("muscle,coordinates,order,length_rms_mm")


@pytest.mark.parametrize(("dimension", "order"), [(1, 5), (2, 7), (3, 4), (4, 3)])
def test_terms_are_in_opensims_order(dimension: int, order: int) -> None:
    random = np.random.default_rng(dimension)
    coefficients = random.normal(size=len(polynomial.exponents(dimension, order)))
    function = osim.MultivariatePolynomialFunction(
        osim.Vector.createFromMat(coefficients), dimension, order
    )
    points = random.uniform(-1.5, 1.5, size=(5, dimension))
    expected = polynomial.length(coefficients, order, points)
    slopes = -polynomial.moment_arms(coefficients, order, points)
    for point, value, gradient in zip(points, expected, slopes, strict=True):
        at = osim.Vector.createFromMat(point)
        assert function.calcValue(at) == pytest.approx(value, rel=1e-12)
        for i in range(dimension):
            component = osim.StdVectorInt()
            component.push_back(i)
            assert function.calcDerivative(component, at) == pytest.approx(gradient[i], rel=1e-10)


def test_strength_does_not_refit(planar: Path, tmp_path: Path) -> None:
    found = strength.factors(planar, "hip_flexors", 60, "both")
    strength.apply(planar, found, tmp_path)
    hashes = [paths.geometry_hash(folder / "runner.osim") for folder in (planar, tmp_path)]
    assert hashes[0] == hashes[1]


@pytest.mark.parametrize("tag", ["location", "translation", "radius", "range"])
def test_geometry_changes_the_hash(planar: Path, tmp_path: Path, tag: str) -> None:
    tree = document.parse(planar / "runner.osim")
    folder = "JointSet" if tag in ("translation", "range") else "BodySet"
    if tag == "location":
        folder = "ForceSet"
    parts: list[ET.Element] = list(document.components(tree, folder).iter(tag))
    parts[-1].text = (parts[-1].text or "").replace("0", "1")
    tree.write(tmp_path / "changed.osim")
    changed = paths.geometry_hash(tmp_path / "changed.osim")
    assert changed != paths.geometry_hash(planar / "runner.osim")

"""Splines of the knee as polynomials: close, smooth, and refused where they are not."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import opensim as osim
import pytest

from models.osim import document
from models.rajagopal import skeleton
from models.rajagopal import splines_to_polynomials as smooth
from models.rajagopal.base import base_model

LOW, HIGH = math.radians(-5), math.radians(130)


def spline(x: list[float], y: list[float]) -> ET.Element:
    return document.element("SimmSpline", "function", x=tuple(x), y=tuple(y))


def joint_of(function: ET.Element, axis: str) -> ET.Element:
    joint = ET.Element("CustomJoint", {"name": "knee"})
    transform = ET.SubElement(joint, "SpatialTransform")
    ET.SubElement(transform, "TransformAxis", {"name": axis}).append(function)
    return joint


def test_values_are_opensims(tmp_path: Path) -> None:
    knots, values = [0.0, 0.5, 1.0, 2.0], [0.0, 0.3, 0.1, 0.4]
    function = osim.SimmSpline()
    for x, y in zip(knots, values, strict=True):
        function.addPoint(x, y)
    at = np.array([-0.2, 0.25, 0.5, 1.7, 2.5])
    expected = [function.calcValue(osim.Vector(1, float(x))) for x in at]
    np.testing.assert_array_equal(smooth.spline_values(spline(knots, values), at), expected)


def test_a_cubic_is_found_again() -> None:
    x = np.linspace(-1, 2, 50)
    coefficients, error = smooth.closest(x, 2 * x**3 - x + 0.5, 0.5, 1e-9)
    np.testing.assert_allclose(coefficients, [2, 0, -1, 0.5], atol=1e-12)
    assert error < 1e-12


def test_knees_of_the_base_model_move_alike() -> None:
    """Every body within 0.1 mm, every spline gone, at angles all over the range."""
    tree = document.current(base_model())
    joints = document.components(tree, "JointSet")
    for name in skeleton.KNEE_JOINTS:
        joint = document.named(joints, name, "joint")
        before_splines = {
            axis.get("name"): found
            for axis in joint.iterfind("SpatialTransform/TransformAxis")
            if (found := axis.find("SimmSpline")) is not None
        }
        before = {
            name: smooth.spline_values(found, np.linspace(LOW, HIGH, 77))
            for name, found in before_splines.items()
        }
        errors = smooth.smooth_joint(joint, LOW, HIGH)
        assert set(errors) == set(before)
        assert joint.find(".//SimmSpline") is None
        for axis in joint.iterfind("SpatialTransform/TransformAxis"):
            if axis.get("name") not in before:
                continue
            polynomial = axis.find("PolynomialFunction")
            assert polynomial is not None
            coefficients = [float(c) for c in (polynomial.findtext("coefficients") or "").split()]
            (neutral,) = smooth.spline_values(before_splines[axis.get("name")], np.zeros(1))
            assert np.polyval(coefficients, 0.0) == neutral
            after = np.polyval(coefficients, np.linspace(LOW, HIGH, 77))
            worst = np.abs(after - before[axis.get("name")]).max()
            assert worst < (5e-3 if str(axis.get("name")).startswith("rotation") else 2e-4)


def test_what_no_polynomial_follows_is_named() -> None:
    """A staircase."""
    x = [float(i) for i in range(12)]
    joint = joint_of(spline(x, [float(i // 3) for i in range(12)]), "translation1")
    with pytest.raises(ValueError, match="joint knee, translation1: no polynomial up to order 12"):
        smooth.smooth_joint(joint, 0.0, 11.0)

"""Joint motions given as cubic splines, written anew as polynomials of the same coordinate.

The third derivative of a cubic spline jumps at its knots. Inverse dynamics holds its second one, so
the Jacobian of the dynamics jumps there: minima like to sit on such corners, and Newton's method
then oscillates without end. A polynomial has none.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET

import numpy as np
import opensim as osim

from models.osim import document
from models.paths.polynomial import Array

# Largest rms error over the coordinate's range, rad and m.
ANGLE_ERROR, LENGTH_ERROR = 5e-4, 3e-5
ORDERS = range(2, 13)
SAMPLES = 541


def smooth_joints(joints: ET.Element, names: list[str], low: float, high: float) -> None:
    """Smooth the CustomJoints `names` of a JointSet; low, high: range of their coordinate (rad)."""
    for name in names:
        smooth_joint(document.named(joints, name, "joint"), low, high)


def smooth_joint(joint: ET.Element, low: float, high: float) -> dict[str, float]:
    """Replace each SimmSpline of a CustomJoint by the polynomial of lowest order that is close.

    low, high: range of its coordinate (rad). Returns axis -> rms error (rad, m). Raises ValueError
    naming the axis where no polynomial is close enough.
    """
    errors = {}
    x = np.linspace(low, high, SAMPLES)
    for axis in joint.iterfind("SpatialTransform/TransformAxis"):
        spline, name = axis.find("SimmSpline"), axis.get("name", "")
        if spline is None:
            continue
        limit = ANGLE_ERROR if name.startswith("rotation") else LENGTH_ERROR
        values = spline_values(spline, np.concatenate([[0.0], x]))
        coefficients, errors[name] = closest(x, values[1:], float(values[0]), limit)
        if errors[name] > limit:
            raise ValueError(
                f"joint {joint.get('name')}, {name}: no polynomial up to order {ORDERS[-1]} "
                f"follows its spline within {limit:g} (rad or m, rms)"
            )
        axis.remove(spline)
        axis.append(
            document.element("PolynomialFunction", "function", coefficients=tuple(coefficients))
        )
    return errors


def spline_values(spline: ET.Element, x: Array) -> Array:
    """OpenSim's values of a SimmSpline element at x."""
    function = osim.SimmSpline()
    knots, values = (
        [float(part) for part in (spline.findtext(tag) or "").split()] for tag in ("x", "y")
    )
    for knot, value in zip(knots, values, strict=True):
        function.addPoint(knot, value)
    return np.array([function.calcValue(osim.Vector(1, float(at))) for at in x])


def closest(x: Array, y: Array, origin: float, limit: float) -> tuple[list[float], float]:
    """Least-squares polynomial of lowest order within `limit` (rms), else the last one tried.

    origin: its value at x = 0, kept exactly, for that is the neutral pose. Returns coefficients,
    highest power first as in OpenSim, and its rms error.
    """
    scale = float(np.abs(x).max())
    for order in ORDERS:
        powers = np.arange(1, order + 1)
        terms = (x[:, None] / scale) ** powers
        fit = np.linalg.lstsq(terms, y - origin, rcond=None)[0]
        error = float(np.sqrt(np.mean((terms @ fit + origin - y) ** 2)))
        if error <= limit:
            break
    return [*(float(c) for c in (fit / scale**powers)[::-1]), origin], error

"""OpenSim joints, coordinates and functions in the terms of the runner description."""

from __future__ import annotations

import math

import opensim as osim

from formats import description as d

AXES: tuple[d.Vector3, d.Vector3, d.Vector3] = ([1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0])
UNITY = d.Linear(slope=1.0, intercept=0.0)
NONE = d.Constant(value=0.0)
# Rotations and translations a simple joint's coordinates drive, in order (OpenSim/Simbody):
# first three numbers of an entry are rotation axes about x, y, z; the rest shifts along them.
SIMPLE: dict[str, tuple[str, ...]] = {
    "WeldJoint": (),
    "PinJoint": ("rz",),
    "SliderJoint": ("tx",),
    "PlanarJoint": ("rz", "tx", "ty"),
    "UniversalJoint": ("rx", "ry"),
    "GimbalJoint": ("rx", "ry", "rz"),
}
FUNCTIONS = (
    "Constant, LinearFunction, PolynomialFunction, SimmSpline (NaturalCubicSpline) and "
    "MultiplierFunction of these"
)


def function_of(function: osim.Function, where: str) -> d.Function:
    """Translate a function of one variable. Raises ValueError naming `where` if it is unknown."""
    kind = function.getConcreteClassName()
    if kind == "Constant":
        return d.Constant(value=function.calcValue(osim.Vector(1, 0.0)))
    if kind == "LinearFunction":
        linear = osim.LinearFunction.safeDownCast(function)
        slope, intercept = (linear.getCoefficients().get(i) for i in range(2))
        return d.Linear(slope=slope, intercept=intercept)
    if kind == "PolynomialFunction":
        polynomial = osim.PolynomialFunction.safeDownCast(function)
        values = polynomial.getCoefficients()
        return d.Polynomial(coefficients=[values.get(i) for i in range(values.size())])
    if kind == "SimmSpline":  # OpenSim reads a NaturalCubicSpline as one
        return _spline(osim.SimmSpline.safeDownCast(function))
    if kind == "MultiplierFunction":
        multiplier = osim.MultiplierFunction.safeDownCast(function)
        return _scaled(function_of(multiplier.getFunction(), where), multiplier.getScale())
    raise ValueError(f"{where}: function type {kind} is not supported; allowed are {FUNCTIONS}")


def _spline(function: osim.SimmSpline) -> d.Spline:
    """A cubic spline by its knots, with the slopes OpenSim has there."""
    knots = range(function.getSize())
    x, y = [function.getX(i) for i in knots], [function.getY(i) for i in knots]
    first = osim.StdVectorInt()
    first.push_back(0)
    slopes = [function.calcDerivative(first, osim.Vector(1, value)) for value in x]
    return d.Spline(x=x, y=y, dy=slopes)


def _scaled(function: d.Function, scale: float) -> d.Function:
    if isinstance(function, d.Constant):
        return d.Constant(value=scale * function.value)
    if isinstance(function, d.Linear):
        return d.Linear(slope=scale * function.slope, intercept=scale * function.intercept)
    if isinstance(function, d.Polynomial):
        return d.Polynomial(coefficients=[scale * value for value in function.coefficients])
    return d.Spline(
        x=function.x,
        y=[scale * value for value in function.y],
        dy=[scale * value for value in function.dy],
    )


def frame_of(frame: osim.Frame) -> tuple[str, d.Frame]:
    """Base body (or 'ground') of a frame and its place in it, offset frames followed through."""
    transform = frame.findTransformInBaseFrame()
    rotation, translation = transform.R(), transform.p()
    return frame.findBaseFrame().getName(), d.Frame(
        translation=[translation.get(i) for i in range(3)],
        rotation=[[rotation.asMat33().get(i, j) for j in range(3)] for i in range(3)],
    )


def joint_of(joint: osim.Joint, constants: dict[str, float]) -> d.Joint:
    """Translate a joint; coordinates in `constants` (name -> value) are put in as numbers.

    Raises ValueError naming the joint and its type if the type is not supported.
    """
    kind, name = joint.getConcreteClassName(), joint.getName()
    parent, parent_frame = frame_of(joint.getParentFrame())
    child, child_frame = frame_of(joint.getChildFrame())
    if kind == "CustomJoint":
        axes = _custom_axes(osim.CustomJoint.safeDownCast(joint))
    elif kind in SIMPLE:
        axes = _simple_axes(joint, SIMPLE[kind])
    else:
        raise ValueError(
            f"joint {name}: type {kind} is not supported; allowed are CustomJoint, BallJoint, "
            f"FreeJoint, {', '.join(SIMPLE)}"
        )
    axes = [_with_constants(axis, constants) for axis in axes]
    return d.Joint(
        name=name,
        kind=kind,
        parent=parent,
        child=child,
        parent_frame=parent_frame,
        child_frame=child_frame,
        rotations=axes[:3],
        translations=axes[3:],
    )


def _custom_axes(joint: osim.CustomJoint) -> list[d.Axis]:
    axes = []
    for i in range(6):
        axis = joint.getSpatialTransform().getTransformAxis(i)
        names = axis.getCoordinateNamesInArray()
        where = f"joint {joint.getName()}, axis {axis.getName()}"
        if names.size() > 1:
            raise ValueError(
                f"{where}: a function of {names.size()} coordinates is not supported; "
                "allowed is one coordinate or none"
            )
        function = function_of(axis.getFunction(), where)
        axes.append(
            d.Axis(
                axis=_unit([axis.getAxis().get(k) for k in range(3)]),
                coordinate=names.get(0) if names.size() else None,
                function=function,
            )
        )
    return axes


def _unit(axis: list[float]) -> list[float]:
    """Axis of length one: OpenSim normalises the axes it is given, also those of translations."""
    size = math.sqrt(sum(part**2 for part in axis))
    return [part / size for part in axis]


def _simple_axes(joint: osim.Joint, driven: tuple[str, ...]) -> list[d.Axis]:
    """Axes of a joint whose coordinates turn about or shift along x, y or z themselves."""
    names = [joint.get_coordinates(i).getName() for i in range(joint.numCoordinates())]
    pairs = list(zip(driven, names, strict=True))
    turning: list[tuple[str, str | None]] = [(way[1], name) for way, name in pairs if way[0] == "r"]
    shifting = {way[1]: name for way, name in pairs if way[0] == "t"}
    free = [letter for letter in "xyz" if letter not in dict(turning)]
    rotations = [*turning, *((letter, None) for letter in free)]
    translations = [(letter, shifting.get(letter)) for letter in "xyz"]
    return [
        d.Axis(
            axis=AXES["xyz".index(letter)],
            coordinate=name,
            function=NONE if name is None else UNITY,
        )
        for letter, name in [*rotations, *translations]
    ]


def _with_constants(axis: d.Axis, constants: dict[str, float]) -> d.Axis:
    if axis.coordinate is None or axis.coordinate not in constants:
        return axis
    value = d_value(axis.function, constants[axis.coordinate])
    return d.Axis(axis=axis.axis, coordinate=None, function=d.Constant(value=value))


def d_value(function: d.Function, x: float) -> float:
    """Value of a description's function at x."""
    if isinstance(function, d.Constant):
        return function.value
    if isinstance(function, d.Linear):
        return function.slope * x + function.intercept
    if isinstance(function, d.Polynomial):
        result = 0.0
        for coefficient in function.coefficients:
            result = result * x + coefficient
        return result
    return _spline_value(function, x)


def _spline_value(spline: d.Spline, x: float) -> float:
    """Cubic Hermite between the knots, linear outside."""
    if x <= spline.x[0]:
        return spline.y[0] + spline.dy[0] * (x - spline.x[0])
    if x >= spline.x[-1]:
        return spline.y[-1] + spline.dy[-1] * (x - spline.x[-1])
    i = max(k for k, knot in enumerate(spline.x) if knot <= x)
    h = spline.x[i + 1] - spline.x[i]
    t = (x - spline.x[i]) / h
    return (
        (1 + 2 * t) * (1 - t) ** 2 * spline.y[i]
        + t * (1 - t) ** 2 * h * spline.dy[i]
        + t**2 * (3 - 2 * t) * spline.y[i + 1]
        + t**2 * (t - 1) * h * spline.dy[i + 1]
    )


def in_tree_order(joints: list[d.Joint]) -> list[d.Joint]:
    """Joints sorted so that a parent is placed before its children; ValueError on loops."""
    placed, left, ordered = {"ground"}, list(joints), []
    while left:
        ready = [joint for joint in left if joint.parent in placed]
        if not ready:
            raise ValueError(
                f"joint {left[0].name}: its parent body is not connected to the ground"
            )
        for joint in ready:
            if joint.child in placed:
                raise ValueError(f"joint {joint.name}: it closes a loop, which is not supported")
            placed.add(joint.child)
        ordered += ready
        left = [joint for joint in left if joint not in ready]
    return ordered

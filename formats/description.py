"""The runner description: everything the engine knows of a runner, as checked JSON.

`models/` writes it from an OpenSim model, `simulations/` builds equations from it. It holds no
component the engine cannot express; what it cannot express is refused when it is written.
Units are SI, angles radians. Body frames, joint frames and coordinates are OpenSim's own.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from formats.errors import sentence
from formats.text import MODEL_MB, read_text

Vector3 = Annotated[list[float], Field(min_length=3, max_length=3)]
Matrix3 = Annotated[list[Vector3], Field(min_length=3, max_length=3)]


class Strict(BaseModel):
    """Base of all parts: unknown keys are refused, numbers must be finite."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True)


class Constant(Strict):
    """f(x) = value."""

    type: Literal["constant"] = "constant"
    value: float


class Linear(Strict):
    """f(x) = slope x + intercept."""

    type: Literal["linear"] = "linear"
    slope: float
    intercept: float


class Polynomial(Strict):
    """f(x) = sum coefficients[i] x^(n-1-i), highest power first (OpenSim PolynomialFunction)."""

    type: Literal["polynomial"] = "polynomial"
    coefficients: Annotated[list[float], Field(min_length=1)]


class Spline(Strict):
    """Piecewise cubic through (x, y) with slopes dy at the knots; linear outside the knots.

    A cubic is fixed by its values and slopes at both ends, so this reproduces OpenSim's SimmSpline
    and NaturalCubicSpline exactly.
    """

    type: Literal["spline"] = "spline"
    x: Annotated[list[float], Field(min_length=2)]
    y: list[float]
    dy: list[float]

    @model_validator(mode="after")
    def _knots(self) -> Spline:
        if not len(self.x) == len(self.y) == len(self.dy):
            raise ValueError("x, y and dy must have the same length")
        if any(b <= a for a, b in zip(self.x, self.x[1:], strict=False)):
            raise ValueError("x must increase strictly")
        return self


Function = Annotated[Constant | Linear | Polynomial | Spline, Field(discriminator="type")]


class Coordinate(Strict):
    """One independent generalised coordinate; its speed is its time derivative.

    mirror, mirror_sign: the coordinate that takes its place, and the sign of its value, when left
    and right are exchanged (reflection in the sagittal plane).
    """

    name: str
    joint: str
    motion: Literal["rotational", "translational"]
    range: Annotated[list[float], Field(min_length=2, max_length=2)]
    default: float
    mirror: str
    mirror_sign: Literal[1, -1]


class Coupling(Strict):
    """A dependent coordinate given by an independent one (OpenSim CoordinateCouplerConstraint)."""

    dependent: str
    joint: str
    independent: str
    function: Function


class Body(Strict):
    """Rigid body: mass (kg), mass centre (m), inertia about it (kg m2: xx yy zz xy xz yz)."""

    name: str
    mass: Annotated[float, Field(ge=0)]
    mass_center: Vector3
    inertia: Annotated[list[float], Field(min_length=6, max_length=6)]


class Frame(Strict):
    """Joint frame in its body: position (m) and rotation matrix (columns are the frame's axes)."""

    translation: Vector3
    rotation: Matrix3


class Axis(Strict):
    """One of six spatial-transform axes: vector, function, the coordinate it takes (or none)."""

    axis: Vector3
    coordinate: str | None
    function: Function


class Joint(Strict):
    """Child body on parent body (or 'ground'), as OpenSim's CustomJoint SpatialTransform.

    R = Rot(axis1, f1) Rot(axis2, f2) Rot(axis3, f3), p = sum axis_i f_i, child joint frame in
    parent joint frame. Pin, Slider, Planar, Universal, Gimbal and Weld joints are written the same
    way; `kind` keeps OpenSim's class name.
    """

    name: str
    kind: str
    parent: str
    child: str
    parent_frame: Frame
    child_frame: Frame
    rotations: Annotated[list[Axis], Field(min_length=3, max_length=3)]
    translations: Annotated[list[Axis], Field(min_length=3, max_length=3)]


class Path_(Strict):
    """Muscle-tendon length (m) as a complete polynomial of up to six coordinates (rad or m).

    Terms are ordered as OpenSim's MultivariatePolynomialFunction orders them: exponents
    (n1 .. nd) with n1 + .. + nd <= order, the last exponent running fastest. Moment arm of
    coordinate i: -d length / d q_i.
    length_rms, moment_arm_rms: fit error against the anatomical path (m), the worst coordinate's.
    """

    coordinates: Annotated[list[str], Field(min_length=1, max_length=6)]
    order: Annotated[int, Field(ge=1, le=9)]
    coefficients: list[float]
    length_rms: float
    moment_arm_rms: float


class Muscle(Strict):
    """DeGrooteFregly2016Muscle (OpenSim class and property names), SI units.

    max_contraction_velocity in optimal fibre lengths per second; mass in kg for the metabolic rate.
    max_control: the largest excitation and activation; other than 1 where active strength alone is
    changed. volume: maximal isometric force x optimal fibre length at 100 % strength (N m), by
    which the objective weighs a muscle at every strength.
    """

    name: str
    force_path: str
    mirror: str
    max_isometric_force: Annotated[float, Field(gt=0)]
    optimal_fiber_length: Annotated[float, Field(gt=0)]
    tendon_slack_length: Annotated[float, Field(gt=0)]
    pennation_angle_at_optimal: Annotated[float, Field(ge=0, lt=1.5708)]
    max_contraction_velocity: Annotated[float, Field(gt=0)]
    activation_time_constant: Annotated[float, Field(gt=0)]
    deactivation_time_constant: Annotated[float, Field(gt=0)]
    active_force_width_scale: Annotated[float, Field(ge=1)]
    fiber_damping: Annotated[float, Field(ge=0)]
    passive_fiber_strain_at_one_norm_force: Annotated[float, Field(gt=0)]
    tendon_strain_at_one_norm_force: Annotated[float, Field(gt=0)]
    ignore_passive_fiber_force: bool
    compliant_tendon: bool
    min_control: float
    max_control: float
    mass: Annotated[float, Field(gt=0)]
    volume: Annotated[float, Field(gt=0)]
    ratio_slow_twitch_fibers: Annotated[float, Field(ge=0, le=1)]
    path: Path_


class ContactSphere(Strict):
    """Sphere on half space (OpenSim SmoothSphereHalfSpaceForce property names).

    The half space's surface passes through `plane_origin` with outward `plane_normal` (ground).
    """

    name: str
    force_path: str
    body: str
    location: Vector3
    radius: Annotated[float, Field(gt=0)]
    plane_origin: Vector3
    plane_normal: Vector3
    stiffness: Annotated[float, Field(gt=0)]
    dissipation: Annotated[float, Field(ge=0)]
    static_friction: float
    dynamic_friction: float
    viscous_friction: float
    transition_velocity: Annotated[float, Field(gt=0)]
    constant_contact_force: float
    hertz_smoothing: float
    hunt_crossley_smoothing: float


class Actuator(Strict):
    """CoordinateActuator: generalised force = optimal_force x control."""

    name: str
    force_path: str
    mirror: str
    mirror_sign: Literal[1, -1]
    coordinate: str
    optimal_force: Annotated[float, Field(gt=0)]
    min_control: float
    max_control: float


class Spring(Strict):
    """SpringGeneralizedForce: -stiffness (q - rest_length) - viscosity u on one coordinate."""

    type: Literal["spring"] = "spring"
    name: str
    coordinate: str
    stiffness: float
    rest_length: float
    viscosity: float


class ExponentialLimit(Strict):
    """Passive joint torque k1 exp(k2 (q - q1)) + k3 exp(k4 (q - q2)) - damping u.

    After Audu & Davy 1985 (k1 < 0 < k2 resists the upper, k3 > 0 > k4 the lower end), in OpenSim an
    ExpressionBasedCoordinateForce.
    """

    type: Literal["exponential"] = "exponential"
    name: str
    coordinate: str
    k1: float
    k2: float
    q1: float
    k3: float
    k4: float
    q2: float
    damping: float


Passive = Annotated[Spring | ExponentialLimit, Field(discriminator="type")]


class BandEnd(Strict):
    """Where an elastic band is fixed: a body (or 'ground') and a point of it (m, body frame)."""

    body: str
    location: Vector3


class Hinge(Strict):
    """A length (m) of a band from which on its stiffness (N/m) is greater by this much."""

    length: Annotated[float, Field(gt=0)]
    stiffness: float


class Band(Strict):
    """Elastic band, straight between two points, that pulls and never pushes.

    Tension at length l: sum over the hinges of stiffness/2 (x + sqrt(x^2 + rounding^2)), with
    x = l - hinge's length; rounding (m). The first hinge is the slack length. In OpenSim an
    ExpressionBasedPointToPointForce (models/osim/band.py).
    """

    name: str
    force_path: str
    first: BandEnd
    second: BandEnd
    hinges: Annotated[list[Hinge], Field(min_length=1)]
    rounding: Annotated[float, Field(gt=0)]


class RunnerDescription(Strict):
    """The whole runner. Joints stand in tree order: a parent always before its children.

    cover_sd: of a person, how far the angles by which the socket covers the head are from the mean
    of measured hips, in their standard deviations (lateral centre edge, anterior, posterior).
    """

    schema_version: Literal[1] = 1
    name: str
    model_mass: Annotated[float, Field(gt=0)]
    leg_length: Annotated[float, Field(gt=0)]
    gravity: Vector3
    coordinates: list[Coordinate]
    couplings: list[Coupling]
    bodies: list[Body]
    joints: list[Joint]
    muscles: list[Muscle]
    contacts: list[ContactSphere]
    actuators: list[Actuator]
    passive: list[Passive]
    cover_sd: Vector3 | None = None
    bands: list[Band] = []

    @model_validator(mode="after")
    def _refers_to_what_exists(self) -> RunnerDescription:
        independent = {c.name for c in self.coordinates}
        known = independent | {c.dependent for c in self.couplings}
        placed = {"ground"}
        for joint in self.joints:
            if joint.parent not in placed:
                raise ValueError(f"joint {joint.name}: parent {joint.parent} comes after it")
            placed.add(joint.child)
            for axis in [*joint.rotations, *joint.translations]:
                if axis.coordinate is not None and axis.coordinate not in known:
                    raise ValueError(f"joint {joint.name}: unknown coordinate {axis.coordinate}")
        for body in self.bodies:
            if body.name not in placed:
                raise ValueError(f"body {body.name} has no joint")
        for part in [*self.actuators, *self.passive]:
            if part.coordinate not in independent:
                raise ValueError(f"{part.name}: unknown coordinate {part.coordinate}")
        for band in self.bands:
            for end in (band.first, band.second):
                if end.body not in placed:
                    raise ValueError(f"band {band.name}: unknown body {end.body}")
        for muscle in self.muscles:
            for name in muscle.path.coordinates:
                if name not in independent:
                    raise ValueError(f"muscle {muscle.name}: unknown coordinate {name}")
        for sphere in self.contacts:
            if sphere.body not in placed:
                raise ValueError(f"contact {sphere.name}: unknown body {sphere.body}")
        for kind in (self.coordinates, self.muscles, self.actuators):
            names = {paired.name for paired in kind}
            for paired in kind:
                if paired.mirror not in names:
                    raise ValueError(f"{paired.name}: mirror image {paired.mirror} does not exist")
        return self


def read(path: Path) -> RunnerDescription:
    """Read and check a runner description. Raises ValueError naming the file and the fault."""
    try:
        return RunnerDescription.model_validate_json(read_text(path, MODEL_MB))
    except ValidationError as error:
        raise ValueError(f"{path}: {sentence(error, RunnerDescription)}") from None

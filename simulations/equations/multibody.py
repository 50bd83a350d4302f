"""Multibody kinematics and inverse dynamics of a tree of joints, by recursive Newton-Euler.

Everything is expressed in ground. Featherstone 2008, ch. 5 (there in body frames); the joints are
OpenSim's CustomJoint: R = Rot(axis1, f1) Rot(axis2, f2) Rot(axis3, f3), p = sum axis_i f_i.
"""

from __future__ import annotations

from dataclasses import dataclass

import casadi as ca
import numpy as np

from formats.description import Axis, Body, Frame, Joint, RunnerDescription
from simulations.equations.band import band_pulls
from simulations.equations.contact import contact_force, contact_point, penetration
from simulations.equations.joint_functions import value_and_derivatives
from simulations.equations.numbers import vector


@dataclass(frozen=True)
class Motion:
    """One coordinate: value, speed, acceleration, and d(coordinate)/d(independent coordinate)."""

    value: ca.SX
    speed: ca.SX
    acceleration: ca.SX
    independent: int
    slope: ca.SX


@dataclass(frozen=True)
class BodyState:
    """Pose (rotation R, origin p), velocity and acceleration of a body frame, in ground."""

    rotation: ca.SX
    position: ca.SX
    omega: ca.SX
    velocity: ca.SX
    alpha: ca.SX
    acceleration: ca.SX


@dataclass(frozen=True)
class Freedom:
    """How one independent coordinate moves a joint: angular and linear partial velocities."""

    coordinate: int
    angular: ca.SX
    linear: ca.SX


@dataclass(frozen=True)
class PlacedJoint:
    """A joint in ground: the child joint frame's origin and its freedoms."""

    joint: Joint
    origin: ca.SX
    freedoms: list[Freedom]


def coordinate_motions(
    runner: RunnerDescription, q: ca.SX, u: ca.SX, du: ca.SX
) -> dict[str, Motion]:
    """Motions of all coordinates, the coupled ones by substitution (chain rule to second order)."""
    motions = {
        c.name: Motion(q[i], u[i], du[i], i, ca.SX(1)) for i, c in enumerate(runner.coordinates)
    }
    for coupling in runner.couplings:
        x = motions[coupling.independent]
        value, first, second = value_and_derivatives(coupling.function, x.value)
        motions[coupling.dependent] = Motion(
            value,
            first * x.speed,
            second * x.speed**2 + first * x.acceleration,
            x.independent,
            first * x.slope,
        )
    return motions


def _rotation(axis: list[float], angle: ca.SX) -> ca.SX:
    """Rotation matrix about a fixed unit axis (Rodrigues)."""
    n = np.array(axis) / np.linalg.norm(axis)
    k = np.array([[0, -n[2], n[1]], [n[2], 0, -n[0]], [-n[1], n[0], 0]])
    return ca.sparsify(
        ca.SX(np.outer(n, n))
        + ca.cos(angle) * ca.SX(np.eye(3) - np.outer(n, n))
        + ca.sin(angle) * ca.SX(k)
    )


def _axis_motion(axis: Axis, motions: dict[str, Motion]) -> tuple[ca.SX, ca.SX, ca.SX, ca.SX, int]:
    """f, its two time derivatives, its slope by the independent coordinate, that one (-1: none)."""
    if axis.coordinate is None:
        value, _, _ = value_and_derivatives(axis.function, ca.SX(0))
        return value, ca.SX(0), ca.SX(0), ca.SX(0), -1
    m = motions[axis.coordinate]
    value, first, second = value_and_derivatives(axis.function, m.value)
    return (
        value,
        first * m.speed,
        second * m.speed**2 + first * m.acceleration,
        first * m.slope,
        m.independent,
    )


def _place(
    joint: Joint, parent: BodyState, motions: dict[str, Motion]
) -> tuple[BodyState, PlacedJoint]:
    """Pose, velocity and acceleration of the child body, from the parent's and the joint's."""
    frame_rotation, frame_arm = _constant_frame(joint.parent_frame)
    to_ground = ca.mtimes(parent.rotation, frame_rotation)
    arm = ca.mtimes(parent.rotation, frame_arm)

    freedoms: dict[int, list[ca.SX]] = {}
    rotation = to_ground
    omega, alpha = ca.SX(3, 1), ca.SX(3, 1)
    for axis in joint.rotations:
        value, rate, second_rate, slope, coordinate = _axis_motion(axis, motions)
        direction = ca.mtimes(rotation, ca.SX(_unit(axis.axis)))
        alpha = alpha + direction * second_rate + ca.cross(omega, direction) * rate
        omega = omega + direction * rate
        if coordinate >= 0:
            freedoms.setdefault(coordinate, [ca.SX(3, 1), ca.SX(3, 1)])[0] += direction * slope
        rotation = ca.mtimes(rotation, _rotation(axis.axis, value))
    offset, sliding, sliding_rate = ca.SX(3, 1), ca.SX(3, 1), ca.SX(3, 1)
    for axis in joint.translations:
        value, rate, second_rate, slope, coordinate = _axis_motion(axis, motions)
        direction = ca.mtimes(to_ground, ca.SX(_unit(axis.axis)))
        offset = offset + direction * value
        sliding = sliding + direction * rate
        sliding_rate = sliding_rate + direction * second_rate
        if coordinate >= 0:
            freedoms.setdefault(coordinate, [ca.SX(3, 1), ca.SX(3, 1)])[1] += direction * slope

    reach = arm + offset
    origin = parent.position + reach
    velocity = parent.velocity + ca.cross(parent.omega, reach) + sliding
    acceleration = (
        parent.acceleration
        + ca.cross(parent.alpha, reach)
        + ca.cross(parent.omega, ca.cross(parent.omega, reach))
        + 2 * ca.cross(parent.omega, sliding)
        + sliding_rate
    )
    omega_child = parent.omega + omega
    alpha_child = parent.alpha + alpha + ca.cross(parent.omega, omega)

    child_rotation, child_arm = _constant_frame(joint.child_frame)
    body_rotation = ca.mtimes(rotation, child_rotation.T)
    back = -ca.mtimes(body_rotation, child_arm)
    state = BodyState(
        rotation=body_rotation,
        position=origin + back,
        omega=omega_child,
        velocity=velocity + ca.cross(omega_child, back),
        alpha=alpha_child,
        acceleration=acceleration
        + ca.cross(alpha_child, back)
        + ca.cross(omega_child, ca.cross(omega_child, back)),
    )
    moved = [Freedom(i, angular, linear) for i, (angular, linear) in freedoms.items()]
    return state, PlacedJoint(joint, origin, moved)


def _unit(axis: list[float]) -> np.ndarray:
    return np.array(axis) / np.linalg.norm(axis)


def _constant_frame(frame: Frame) -> tuple[ca.SX, ca.SX]:
    """Rotation and position of a joint frame; entries that are zero but for rounding become zero.

    Exact zeros let the symbolic products of a planar tree collapse.
    """
    rotation = np.array(frame.rotation)
    rotation[np.abs(rotation) < 1e-12] = 0.0
    return ca.sparsify(ca.SX(rotation)), vector(frame.translation)


def place_bodies(
    runner: RunnerDescription, q: ca.SX, u: ca.SX, du: ca.SX
) -> tuple[dict[str, BodyState], list[PlacedJoint]]:
    """All body states in ground for coordinates q, speeds u, accelerations du (each nq)."""
    motions = coordinate_motions(runner, q, u, du)
    zero = ca.SX(3, 1)
    bodies = {"ground": BodyState(ca.SX.eye(3), zero, zero, zero, zero, zero)}
    joints = []
    for joint in runner.joints:
        bodies[joint.child], placed = _place(joint, bodies[joint.parent], motions)
        joints.append(placed)
    return bodies, joints


def _inertial_wrench(body: Body, state: BodyState, gravity: list[float]) -> tuple[ca.SX, ca.SX]:
    """Force and moment about the mass centre that the body's motion needs, gravity paid for."""
    arm = ca.mtimes(state.rotation, vector(body.mass_center))
    acceleration = (
        state.acceleration
        + ca.cross(state.alpha, arm)
        + ca.cross(state.omega, ca.cross(state.omega, arm))
    )
    force = body.mass * (acceleration - vector(gravity))
    xx, yy, zz, xy, xz, yz = body.inertia
    inertia = ca.horzcat(vector([xx, xy, xz]), vector([xy, yy, yz]), vector([xz, yz, zz]))
    # Euler's equation in the body frame, where the inertia is constant.
    omega = ca.mtimes(state.rotation.T, state.omega)
    alpha = ca.mtimes(state.rotation.T, state.alpha)
    momentum = ca.mtimes(inertia, omega)
    moment = ca.mtimes(state.rotation, ca.mtimes(inertia, alpha) + ca.cross(omega, momentum))
    return force, moment


@dataclass(frozen=True)
class ContactWrench:
    """Ground force (3, N) on one sphere and its point of application (3, m), in ground."""

    name: str
    body: str
    force: ca.SX
    point: ca.SX


def contact_wrenches(
    runner: RunnerDescription, bodies: dict[str, BodyState], corner: ca.SX | float = 0.0
) -> list[ContactWrench]:
    """The ground's force on every contact sphere; corner: see equations.contact."""
    wrenches = []
    for sphere in runner.contacts:
        body = bodies[sphere.body]
        arm = ca.mtimes(body.rotation, vector(sphere.location))
        center = body.position + arm
        point = contact_point(sphere, center)
        velocity = body.velocity + ca.cross(body.omega, point - body.position)
        force = contact_force(sphere, penetration(sphere, center), velocity, corner)
        wrenches.append(ContactWrench(sphere.name, sphere.body, force, point))
    return wrenches


@dataclass(frozen=True)
class MeasuredWrench:
    """Measured force on a body (3, N), its moment about ground's origin (3, N m), in ground."""

    body: str
    force: ca.SX
    moment: ca.SX


def inverse_dynamics(
    runner: RunnerDescription,
    q: ca.SX, u: ca.SX, du: ca.SX, corner: ca.SX | float = 0.0,
    measured: list[MeasuredWrench] | None = None,
) -> ca.SX:  # fmt: skip
    """Generalised forces (nq) that muscles, passive tissue and actuators together must supply.

    q, u, du: coordinates, speeds, accelerations (nq each). Ground contact, elastic bands and
    gravity are included; zero where nothing acts, as at the pelvis. corner: see equations.contact.
    measured: acts in place of the spheres.
    """
    bodies, joints = place_bodies(runner, q, u, du)
    forces: dict[str, ca.SX] = {}
    moments: dict[str, ca.SX] = {}  # about the body origin
    for name in bodies:
        forces[name], moments[name] = ca.SX(3, 1), ca.SX(3, 1)
    for body in runner.bodies:
        state = bodies[body.name]
        force, moment = _inertial_wrench(body, state, runner.gravity)
        arm = ca.mtimes(state.rotation, vector(body.mass_center))
        forces[body.name] += force
        moments[body.name] += moment + ca.cross(arm, force)
    for contact in contact_wrenches(runner, bodies, corner) if measured is None else []:
        arm = contact.point - bodies[contact.body].position
        forces[contact.body] -= contact.force
        moments[contact.body] -= ca.cross(arm, contact.force)
    for pull in band_pulls(runner, bodies):
        arm = pull.point - bodies[pull.body].position
        forces[pull.body] -= pull.force
        moments[pull.body] -= ca.cross(arm, pull.force)
    for wrench in measured or []:
        forces[wrench.body] -= wrench.force
        moments[wrench.body] -= wrench.moment - ca.cross(bodies[wrench.body].position, wrench.force)

    tau = ca.SX(len(runner.coordinates), 1)
    for placed in reversed(joints):
        child, parent = placed.joint.child, placed.joint.parent
        force = forces[child]
        at_joint = moments[child] + ca.cross(bodies[child].position - placed.origin, force)
        for freedom in placed.freedoms:
            tau[freedom.coordinate] += ca.dot(freedom.angular, at_joint)
            tau[freedom.coordinate] += ca.dot(freedom.linear, force)
        forces[parent] += force
        moments[parent] += at_joint + ca.cross(placed.origin - bodies[parent].position, force)
    return tau


def mass_center(runner: RunnerDescription, bodies: dict[str, BodyState]) -> tuple[ca.SX, ca.SX]:
    """Position and velocity (3 each, ground) of the whole body's mass centre."""
    position, velocity = ca.SX(3, 1), ca.SX(3, 1)
    total = sum(body.mass for body in runner.bodies)
    for body in runner.bodies:
        state = bodies[body.name]
        arm = ca.mtimes(state.rotation, vector(body.mass_center))
        position += body.mass / total * (state.position + arm)
        velocity += body.mass / total * (state.velocity + ca.cross(state.omega, arm))
    return position, velocity

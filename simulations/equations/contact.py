"""Smooth Hunt-Crossley contact of a sphere with a half space.

Equations of OpenSim's SmoothSphereHalfSpaceForce (Simbody; Serrancoli et al. 2019, Falisse et al.
2019; friction after Hollars as in Sherman et al. 2011).
"""

from __future__ import annotations

import casadi as ca
import numpy as np

from formats.description import ContactSphere


def penetration(sphere: ContactSphere, center: ca.SX) -> ca.SX:
    """Depth (m) of the sphere's lowest point below the plane; `center` (3) in ground."""
    normal = np.array(sphere.plane_normal)
    return sphere.radius - ca.dot(ca.DM(normal), center - ca.vertcat(*sphere.plane_origin))


def contact_point(sphere: ContactSphere, center: ca.SX) -> ca.SX:
    """Point of application (3, m, ground): midway between the two undeformed surfaces."""
    reach = sphere.radius - 0.5 * penetration(sphere, center)
    return center - reach * ca.DM(sphere.plane_normal)


def capped(x: ca.SX, width: ca.SX | float) -> ca.SX:
    """min(x, 1), within +-width of its corner the quartic that joins it twice smoothly.

    At the corner itself it is 3/16 of the width too low, nowhere more.
    """
    s = x - 1
    # if_else evaluates both sides: keep the unused quartic finite.
    inside = ca.fmin(ca.fmax(s, -width), width)
    quartic = 1 - (width - inside) ** 3 * (3 * width + inside) / (16 * width**3)
    return ca.if_else(ca.fabs(s) < width, quartic, ca.fmin(x, 1))


def contact_force(
    sphere: ContactSphere, depth: ca.SX, velocity: ca.SX, corner: ca.SX | float = 0.0
) -> ca.SX:
    """Force (3, N, ground) on the sphere's body.

    depth: penetration (m); velocity (3, m/s): of the contact point, in ground.
    corner: by how much (N) rounding off the corner of OpenSim's friction curve may change the force
    (of a sphere pressed in fast, up to as many times more as it is pressed harder than at rest). A
    minimum likes to sit on the corner, most of all of a toe that pushes off under a light load, and
    Newton's method cycles about it. The lighter the load, the rounder the corner is for the same
    error. 0 is OpenSim's curve.
    """
    outward = ca.DM(sphere.plane_normal)
    closing = -ca.dot(outward, velocity)
    slip = velocity + closing * outward

    k = 0.5 * sphere.stiffness ** (2.0 / 3.0)
    hertz = (4.0 / 3.0) * k * ca.sqrt(sphere.radius * k)
    hertz = hertz * (depth**2 + sphere.constant_contact_force) ** 0.75
    hertz = hertz * (0.5 + 0.5 * ca.tanh(sphere.hertz_smoothing * depth))

    c = sphere.dissipation
    normal_force = hertz
    if not (isinstance(c, float) and c == 0.0):
        normal_force = hertz * (1 + 1.5 * c * closing)
        onset = ca.tanh(sphere.hunt_crossley_smoothing * (closing + 2 / (3 * c)))
        normal_force = normal_force * (0.5 + 0.5 * onset)

    slip_speed = ca.sqrt(ca.sumsqr(slip) + sphere.constant_contact_force)
    relative = slip_speed / sphere.transition_velocity
    us, ud, uv = sphere.static_friction, sphere.dynamic_friction, sphere.viscous_friction
    if isinstance(corner, float) and corner == 0.0:
        sliding = ca.fmin(relative, 1)
    else:  # at most half of the transition velocity wide
        sliding = capped(relative, corner / (3 / 16 * us * hertz + 2 * corner))
    coulomb = sliding * (ud + 2 * (us - ud) / (1 + relative**2))
    friction = normal_force * (coulomb + uv * slip_speed)
    return normal_force * outward - friction * slip / slip_speed

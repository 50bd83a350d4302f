"""Forces of an OpenSim model in the terms of the runner description."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Literal

import opensim as osim

from formats import description as d
from models.osim import band
from models.paths.accuracy import Fit
from models.rajagopal import passive
from models.rajagopal.tables import Energetics, settings

ALLOWED = (
    "DeGrooteFregly2016Muscle",
    "SmoothSphereHalfSpaceForce",
    "CoordinateActuator",
    "SpringGeneralizedForce",
    "ExpressionBasedCoordinateForce",
    band.BAND,
)


def _each(model: osim.Model, kind: str) -> Iterator[Any]:
    """Forces of one class, in model order, as that class."""
    for component in list(model.getComponentsList()):
        if component.getConcreteClassName() == kind:
            found = getattr(osim, kind).safeDownCast(component)
            if not found.get_appliesForce():
                raise ValueError(
                    f"{component.getAbsolutePathString()}: it is switched off (appliesForce); "
                    "remove it or switch it on"
                )
            yield found


def _other_side(name: str) -> str:
    if name.endswith("_r"):
        return name[:-2] + "_l"
    return name[:-2] + "_r" if name.endswith("_l") else name


def muscles(model: osim.Model, fits: dict[str, Fit]) -> list[d.Muscle]:
    """All muscles, with their path polynomials and their mass for the metabolic rate."""
    energetics = settings("energetics")
    return [_muscle(muscle, fits, energetics) for muscle in _each(model, ALLOWED[0])]


def muscle_mass(max_isometric_force: float, optimal_fiber_length: float) -> float:
    """Mass of a muscle (kg), as OpenSim's Bhargava2004SmoothedMuscleMetabolics computes it."""
    values = settings("energetics")
    area = max_isometric_force / values["specific_tension"]
    return float(area * values["density"] * optimal_fiber_length)


def _muscle(muscle: Any, fits: dict[str, Fit], energetics: Energetics) -> d.Muscle:
    name = muscle.getName()
    if muscle.get_ignore_activation_dynamics():
        raise ValueError(f"muscle {name}: ignore_activation_dynamics true is not supported")
    compliant = not muscle.get_ignore_tendon_compliance()
    if compliant and muscle.get_tendon_compliance_dynamics_mode() != "implicit":
        raise ValueError(
            f"muscle {name}: tendon_compliance_dynamics_mode must be implicit (an explicit muscle "
            "ignores its fibre damping)"
        )
    fit = fits[name]
    types = energetics["ratio_slow_twitch_fibers"]
    head = name[:-2] if name.endswith(("_r", "_l")) else name
    return d.Muscle(
        name=name,
        force_path=muscle.getAbsolutePathString(),
        mirror=_other_side(name),
        max_isometric_force=muscle.get_max_isometric_force(),
        optimal_fiber_length=muscle.get_optimal_fiber_length(),
        tendon_slack_length=muscle.get_tendon_slack_length(),
        pennation_angle_at_optimal=muscle.get_pennation_angle_at_optimal(),
        max_contraction_velocity=muscle.get_max_contraction_velocity(),
        activation_time_constant=muscle.get_activation_time_constant(),
        deactivation_time_constant=muscle.get_deactivation_time_constant(),
        active_force_width_scale=muscle.get_active_force_width_scale(),
        fiber_damping=muscle.get_fiber_damping(),
        passive_fiber_strain_at_one_norm_force=muscle.get_passive_fiber_strain_at_one_norm_force(),
        tendon_strain_at_one_norm_force=muscle.get_tendon_strain_at_one_norm_force(),
        ignore_passive_fiber_force=muscle.get_ignore_passive_fiber_force(),
        compliant_tendon=compliant,
        min_control=muscle.getMinControl(),
        max_control=muscle.getMaxControl(),
        mass=muscle_mass(muscle.get_max_isometric_force(), muscle.get_optimal_fiber_length()),
        volume=muscle.get_max_isometric_force() * muscle.get_optimal_fiber_length(),
        ratio_slow_twitch_fibers=types.get(head, energetics["ratio_slow_twitch_fibers_unknown"]),
        path=d.Path_(
            coordinates=fit.coordinates,
            order=fit.order,
            coefficients=fit.coefficients,
            length_rms=fit.length_rms,
            moment_arm_rms=fit.moment_arm_rms,
        ),
    )


def contacts(model: osim.Model) -> list[d.ContactSphere]:
    """Contact spheres, each in the frame of the body it is fixed to."""
    return [_contact(force) for force in _each(model, ALLOWED[1])]


def _contact(force: Any) -> d.ContactSphere:
    name = force.getName()
    sphere = osim.ContactSphere.safeDownCast(force.getConnectee("sphere"))
    plane = osim.ContactHalfSpace.safeDownCast(force.getConnectee("half_space"))
    body, location, _ = _placed(sphere)
    ground, origin, rotation = _placed(plane)
    if ground != "ground":
        raise ValueError(f"contact {name}: its half space is on {ground}; allowed is the ground")
    return d.ContactSphere(
        name=name,
        force_path=force.getAbsolutePathString(),
        body=body,
        location=location,
        radius=sphere.getRadius(),
        plane_origin=origin,
        # The half space fills x > 0 of its frame.
        plane_normal=[-rotation[i][0] for i in range(3)],
        stiffness=force.get_stiffness(),
        dissipation=force.get_dissipation(),
        static_friction=force.get_static_friction(),
        dynamic_friction=force.get_dynamic_friction(),
        viscous_friction=force.get_viscous_friction(),
        transition_velocity=force.get_transition_velocity(),
        constant_contact_force=force.get_constant_contact_force(),
        hertz_smoothing=force.get_hertz_smoothing(),
        hunt_crossley_smoothing=force.get_hunt_crossley_smoothing(),
    )


def _placed(geometry: Any) -> tuple[str, list[float], list[list[float]]]:
    """Base body, origin (m) and rotation of a contact geometry in that body."""
    frame = geometry.getFrame()
    transform = frame.findTransformInBaseFrame().compose(geometry.getTransform())
    rotation, place = transform.R().asMat33(), transform.p()
    return (
        frame.findBaseFrame().getName(),
        [place.get(i) for i in range(3)],
        [[rotation.get(i, j) for j in range(3)] for i in range(3)],
    )


def actuators(model: osim.Model, mirror_sign: Callable[[str], Literal[1, -1]]) -> list[d.Actuator]:
    """Torque actuators; controls without limits are refused."""
    found = list(_each(model, ALLOWED[2]))
    names = {actuator.getName() for actuator in found}
    made = []
    for actuator in found:
        name, coordinate = actuator.getName(), actuator.get_coordinate()
        limits = (actuator.getMinControl(), actuator.getMaxControl())
        if not all(abs(limit) < 1e6 for limit in limits):
            raise ValueError(f"actuator {name}: min_control and max_control must be finite numbers")
        other = _other_side(name)
        made.append(
            d.Actuator(
                name=name,
                force_path=actuator.getAbsolutePathString(),
                mirror=other if other in names else name,
                mirror_sign=mirror_sign(coordinate),
                coordinate=coordinate,
                optimal_force=actuator.get_optimal_force(),
                min_control=limits[0],
                max_control=limits[1],
            )
        )
    return made


def passive_torques(model: osim.Model) -> list[d.Passive]:
    """Springs and exponential limits. An expression of any other form is refused."""
    made: list[d.Passive] = []
    for spring in _each(model, ALLOWED[3]):
        made.append(
            d.Spring(
                name=spring.getName(),
                coordinate=spring.get_coordinate(),
                stiffness=spring.get_stiffness(),
                rest_length=spring.get_rest_length(),
                viscosity=spring.get_viscosity(),
            )
        )
    for limit in _each(model, ALLOWED[4]):
        numbers = passive.parse_limit(limit.get_expression())
        if numbers is None:
            raise ValueError(
                f"force {limit.getName()}: expression {limit.get_expression()!r} is not supported; "
                f"allowed is the form {passive.LIMIT_FORM}"
            )
        made.append(
            d.ExponentialLimit.model_validate(
                {"name": limit.getName(), "coordinate": limit.get_coordinate(), **numbers}
            )
        )
    return made


def bands(model: osim.Model) -> list[d.Band]:
    """Elastic bands between two points."""
    return [band.described(force) for force in _each(model, ALLOWED[5])]

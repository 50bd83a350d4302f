"""A person: the spatial runner scaled to a drawn body by OpenSim, with their strength.

    python -m models.people --person 7 --out DIR [--base MODEL]
        writes runner.osim, runner.json, paths.csv and person.json into DIR
    python -m models.people --person 7 --exercises FILE --out DIR
        the same of the runner who does exercises, and exercises.yaml: FILE's, for this body

OpenSim scales the bodies, joints, wraps and muscle paths (Model.scale), and with the paths each
muscle's optimal fibre length and tendon slack length. What it leaves is done here: maximal
isometric forces by muscle volume and strength, the mass distribution of women, contact spheres
with the foot, motors and passive joint torques with the body. The path polynomials are fitted anew.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import opensim as osim

from formats import description as d
from formats import exercises
from formats.files import move, run_command, write_json, write_text
from models import describe
from models.osim import document
from models.paths.accuracy import Fit, Goal
from models.population import WOMEN, Person, person, volume_ratio
from models.rajagopal import contact, exercise, passive, spatial
from models.rajagopal.base import base_model
from models.rajagopal.tables import settings

FILE = "person.json"
RUNNERS: dict[str, tuple[Callable[[Path, Path], None], Callable[[], Goal]]] = {
    "spatial": (spatial.build, spatial.goal),
    "exercise": (exercise.build, exercise.goal),
}
"""Runners that are scaled to a person: what builds them, how accurate their paths should be."""
SEGMENTS = {
    "femur": "thigh",
    "patella": "thigh",
    "tibia": "shank",
    "talus": "foot",
    "calcn": "foot",
    "toes": "foot",
    "humerus": "upper_arm",
    "ulna": "forearm",
    "radius": "forearm",
    "hand": "hand",
    "pelvis": "trunk_and_head",
    "torso": "trunk_and_head",
}
"""Segment of the published tables that each body belongs to."""


def name(number: int) -> str:
    """What a person is called in a study: person_07."""
    return f"person_{number:02d}"


def scale_factors(body: str, one: Person) -> tuple[float, float, float]:
    """Factors (forward, up, sideways) on a body of the base model, name without side.

    Bones are as thick as they are long: muscles' moment arms follow the skeleton, not how lean
    somebody is (Murray et al. 2002, J Biomech 35:19). Mass is set apart from size.
    """
    if body == "pelvis":
        return one.trunk, one.trunk, one.pelvis
    same = {"torso": "trunk", "hand": "forearm"}.get(body) or SEGMENTS[body]
    length = float(getattr(one, same))
    return length, length, length


def scaled(source: Path, one: Person, out: Path) -> None:
    """Write the spatial runner `source` (.osim) scaled to a person to `out`."""
    model = document.load(source)
    state = model.initSystem()
    factors = osim.ScaleSet()
    for body in model.getBodyList():
        scale = osim.Scale()
        scale.setSegmentName(body.getName())
        scale.setScaleFactors(osim.Vec3(*scale_factors(_head(body.getName()), one)))
        scale.setApply(True)
        factors.cloneAndAppend(scale)
    fibres = {m.getName(): m.get_optimal_fiber_length() for m in _muscles(model)}
    if not model.scale(state, factors, True, one.mass_kg):
        raise ValueError(f"{name(one.number)}: OpenSim could not scale {source.name}")
    _masses(model, one)
    _forces(model, one, fibres)
    _contact(model, one)
    _passive(model, one)
    _motors(model, one)
    model.setName(name(one.number))
    model.finalizeConnections()
    model.printToXML(str(out))


def _head(component: str) -> str:
    return component[:-2] if component.endswith(("_r", "_l")) else component


def _muscles(model: osim.Model) -> list[osim.DeGrooteFregly2016Muscle]:
    return [osim.DeGrooteFregly2016Muscle.safeDownCast(m) for m in model.getMuscleList()]


def _masses(model: osim.Model, one: Person) -> None:
    """A woman's distribution of mass: each body by the published ratio, the whole as before."""
    table = settings("people")["segment_mass_percent"]
    ratio = {segment: table[one.sex][segment] / table["men"][segment] for segment in table["men"]}
    if one.sex != WOMEN:
        return
    wanted = {
        b.getName(): b.getMass() * ratio[SEGMENTS[_head(b.getName())]] for b in _bodies(model)
    }
    whole = one.mass_kg / sum(wanted.values())
    for body in _bodies(model):
        factor = whole * wanted[body.getName()] / body.getMass()
        inertia = body.get_inertia()
        body.set_mass(body.getMass() * factor)
        body.set_inertia(osim.Vec6(*[factor * inertia.get(i) for i in range(6)]))


def _bodies(model: osim.Model) -> list[osim.Body]:
    bodies = model.updBodySet()
    return [bodies.get(i) for i in range(bodies.getSize())]


def _forces(model: osim.Model, one: Person, fibres: dict[str, float]) -> None:
    """Maximal isometric force: specific tension x volume / fibre length, times strength."""
    volume, flexors = volume_ratio(one), settings("people")["hip_flexors"]
    muscles = model.updMuscles()
    for i in range(muscles.getSize()):
        muscle = osim.DeGrooteFregly2016Muscle.safeDownCast(muscles.get(i))
        own = muscle.getName()
        longer = muscle.get_optimal_fiber_length() / fibres[own]
        strong = one.strength * (one.hip_flexor_strength if _head(own) in flexors else 1.0)
        muscle.set_max_isometric_force(muscle.get_max_isometric_force() * strong * volume / longer)


def _contact(model: osim.Model, one: Person) -> None:
    """Spheres grow with the foot; the sole yields as far under the person's own weight."""
    facts, share = settings("people")["base"], settings("spatial")["spheres"]
    geometry = model.updContactGeometrySet()
    radius = {}
    for i in range(geometry.getSize()):
        sphere = osim.ContactSphere.safeDownCast(geometry.get(i))
        if sphere is None:
            continue
        place = sphere.get_location()
        sphere.set_location(osim.Vec3(*[one.foot * place.get(k) for k in range(3)]))
        sphere.setRadius(one.foot * sphere.getRadius())
        radius[sphere.getName()] = sphere.getRadius()
    hertz = settings("contact")["hertz_constant"] * one.mass_kg / facts["mass_kg"]
    forces = model.updForceSet()
    for i in range(forces.getSize()):
        force = osim.SmoothSphereHalfSpaceForce.safeDownCast(forces.get(i))
        if force is not None:
            sphere_name = force.getName().removeprefix("contact_")
            part = share[_head(sphere_name)].get("share", 1.0)
            force.set_stiffness(contact.stiffness(part * hertz, radius[sphere_name]))


def _torque_ratio(one: Person) -> float:
    """Body weight x stature over the base model's: how joint torques of like bodies compare."""
    base = settings("people")["base"]
    return float(one.mass_kg * one.stature_m / (base["mass_kg"] * base["stature_m"]))


def _passive(model: osim.Model, one: Person) -> None:
    """Springs, capsules and limits of joints grow with body weight x stature, at the same angles.

    Else the hip of somebody of 50 kg would be half as stiff again as that of the base model's
    75 kg, in torque per body weight, and the thigh held back from extending.
    """
    ratio = _torque_ratio(one)
    forces = model.updForceSet()
    for i in range(forces.getSize()):
        spring = osim.SpringGeneralizedForce.safeDownCast(forces.get(i))
        if spring is not None:
            spring.setStiffness(ratio * spring.getStiffness())
            spring.setViscosity(ratio * spring.getViscosity())
        limit = osim.ExpressionBasedCoordinateForce.safeDownCast(forces.get(i))
        if limit is not None:
            numbers = passive.parse_limit(limit.get_expression())
            if numbers is None:
                raise ValueError(f"{limit.getName()}: {limit.get_expression()} is no known limit")
            grown = {key: ratio * numbers[key] for key in passive.TORQUE_KEYS}
            limit.setExpression(passive.limit_expression({**numbers, **grown}))


def _motors(model: osim.Model, one: Person) -> None:
    """Torques of trunk and shoulders grow with body weight x stature."""
    ratio = _torque_ratio(one)
    actuators = model.updActuators()
    for i in range(actuators.getSize()):
        motor = osim.CoordinateActuator.safeDownCast(actuators.get(i))
        if motor is not None:
            motor.setOptimalForce(motor.getOptimalForce() * ratio)


def goal_of(one: Person, usual: Goal) -> Goal:
    """How accurate a person's path polynomials should be; usual: the scaled runner's.

    A lighter person's joint moments are smaller, and so is what a certificate allows of them; feet
    of another size move the tendons over the toes off what the spatial runner's terms fit.
    """
    closer = settings("people")["path_error"] * min(1.0, _torque_ratio(one))
    return replace(
        usual,
        length=closer * usual.length,
        moment_arm=closer * usual.moment_arm,
        torque=closer * usual.torque,
    )


def fitted(book: exercises.Exercises, one: Person) -> exercises.Exercises:
    """Exercises for a person: points that the floor or a band touches move with their bodies.

    Angles, times, a band and the force that a heel is pressed with stay.
    """

    def moved(body: str, point: list[float]) -> list[float]:
        factors = scale_factors(_head(body), one)
        return [factor * value for factor, value in zip(factors, point, strict=True)]

    def stands(supports: dict[str, exercises.Support]) -> dict[str, exercises.Support]:
        return {
            key: s.model_copy(update={"point": moved(s.body, s.point)})
            for key, s in supports.items()
        }

    def end(given: d.BandEnd) -> d.BandEnd:
        return given.model_copy(update={"location": moved(given.body, given.location)})

    return book.model_copy(
        update={
            "floors": {name: stands(floor) for name, floor in book.floors.items()},
            "ties": {
                name: tied.model_copy(update={"first": end(tied.first), "second": end(tied.second)})
                for name, tied in book.ties.items()
            },
            "exercises": {
                name: entry.model_copy(update={"supports": stands(entry.supports)})
                for name, entry in book.exercises.items()
            },
        }
    )


def build(
    number: int, base: Path | None, out: Path, book: exercises.Exercises | None = None
) -> list[Fit]:
    """Write a person into the folder `out`, all of it or nothing. Returns the paths' errors.

    book: exercises, which the person will do; without it the person runs.
    """
    one = person(number)
    generic, usual = RUNNERS["spatial" if book is None else "exercise"]
    source = base_model(base)
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out, prefix=".build.") as folder:
        draft = Path(folder)
        generic(source, draft / "generic.osim")
        scaled(draft / "generic.osim", one, draft / "runner.osim")
        made, fits = describe.describe(draft / "runner.osim", name(number), goal_of(one, usual()))
        made = made.model_copy(update={"cover_sd": list(one.cover_sd)})
        write_text(draft / "runner.json", made.model_dump_json(indent=2) + "\n")
        write_text(draft / "paths.csv", describe.paths.table(fits))
        d.read(draft / "runner.json")
        for file in ("runner.osim", "runner.json", "paths.csv"):
            move(draft / file, out / file)
    write_json(out / FILE, asdict(one))
    if book is not None:
        write_text(out / exercises.FILE, exercises.as_text(fitted(book, one)))
    return fits


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Build a person of the population.")
    parser.add_argument("--person", type=int, required=True, help="their number, from 1 up")
    parser.add_argument("--base", type=Path, help="your own .osim (default: Rajagopal 2015)")
    parser.add_argument("--out", type=Path, required=True, help="folder to write the runner into")
    parser.add_argument("--exercises", type=Path, help="file of exercises that the person does")
    given = parser.parse_args()
    book = None if given.exercises is None else exercises.read(given.exercises)
    fits = build(given.person, given.base, given.out, book)
    for fit in fits:
        if not fit.accurate:
            print(
                f"note: {fit.muscle}: polynomial off by {1000 * fit.length_rms:.2f} mm in length, "
                f"{1000 * fit.moment_arm_rms:.2f} mm in moment arm (rms); see paths.csv"
            )


if __name__ == "__main__":
    run_command(main)

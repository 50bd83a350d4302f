"""Put a measured runner on the ground: contact spheres under his feet, reserves that cost.

    python -m models.add_contact --runner DIR --out DIR [--sole-height -0.03]
        [--share 0.25] [--toe-rise 0.0] [--dissipation 0.75] [--heel-drop 0.006]

DIR holds runner.osim and runner.json as models.own wrote them. Muscles and paths stay; only then
can the runner be tracked (simulations.track) and predicted with their own weight on the ground.
Their motion is an unknown there: joints that move along splines get polynomials in their place
(rajagopal.splines_to_polynomials), and the left side becomes the image of the right one
(rajagopal.symmetric), which the prescribed motion of problem inverse can do without.
"""

from __future__ import annotations

import argparse
from dataclasses import fields, replace
from pathlib import Path

from formats import description
from formats.description import RunnerDescription
from formats.files import run_command, write_text
from formats.sole import HEEL, Sole
from formats.untrusted import read_object
from models.describe import bodies_of, mirror_sign, tree_of
from models.osim import document, forces
from models.rajagopal import contact, symmetric
from models.rajagopal import splines_to_polynomials as smooth
from models.rajagopal.tables import Sphere, settings

# Full control of a reserve (N m): in a prediction it counts as much as a full actuator.
RESERVE_NM = 10.0
RESERVE = "reserve_"


def ground(runner: Path, out: Path, under: Sole) -> list[str]:
    """Write out/runner.osim and runner.json with spheres (models/parameters/spatial.yaml).

    Returns what of the left side was exchanged for the right side's image. Raises ValueError for a
    runner that has spheres already.
    """
    known = description.read(runner / "runner.json")
    if known.contacts:
        raise ValueError(f"{runner}: the runner has contact spheres already")
    tree = document.parse(runner / "runner.osim")
    spheres: dict[str, Sphere] = {
        name: {
            **sphere,
            "share": under.share * sphere["share"],
            "properties": {"dissipation": under.dissipation},
            "rise": _rise(name, sphere["body"], under),
        }
        for name, sphere in settings("spatial")["spheres"].items()
    }
    known, changed = symmetric.mirror(tree, known)
    contact.add_contact(tree, spheres, under.height)
    _smooth(tree, known)
    for actuator in tree.getroot().iter("CoordinateActuator"):
        if actuator.get("name", "").startswith(RESERVE):
            document.set_property(actuator, "optimal_force", RESERVE_NM)
            document.set_property(actuator, "min_control", -1.0)
            document.set_property(actuator, "max_control", 1.0)
    out.mkdir(parents=True, exist_ok=True)
    document.save(tree, out / "runner.osim")
    model = document.load(out / "runner.osim")
    model.initSystem()
    told = known.model_copy(
        update={
            "bodies": bodies_of(model),
            "joints": tree_of(model),
            "contacts": forces.contacts(model),
            "actuators": forces.actuators(model, mirror_sign),
        }
    )
    write_text(out / "runner.json", told.model_dump_json(indent=2) + "\n")
    return changed


def _rise(name: str, body: str, under: Sole) -> float:
    """Height (m) of a sphere's lowest point above the ball's."""
    if body == "toes":
        return under.toe_rise
    return -under.heel_drop if HEEL in name else 0.0


def sole(runner: Path) -> Sole:
    """The sole of a runner: its height as the trial was measured (intake.json, else the usual),
    and what runner.yaml says of it, else the calibrated one."""
    path = runner / "intake.json"
    told = read_object(path) if path.is_file() else {}
    measured = told.get("sole_height_m")
    height = float(settings("contact")["sole_height"] if measured is None else measured)
    return Sole(height, **told.get("sole", {}))


def _smooth(tree: document.Tree, known: RunnerDescription) -> None:
    """Polynomials for splines in the joints that one free coordinate moves, over its range."""
    joints = document.components(tree, "JointSet")
    for joint in joints.iter("CustomJoint"):
        moved = [c for c in known.coordinates if c.joint == joint.get("name")]
        if len(moved) == 1:
            smooth.smooth_joint(joint, *moved[0].range)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Put contact spheres under a runner's feet.")
    parser.add_argument("--runner", type=Path, required=True, help="folder of models.own")
    for name, meaning in (
        ("height", "m; else as intake.json says it"),
        ("share", "of the usual stiffness"),
        ("toe-rise", "of the toes' spheres (m)"),
        ("dissipation", "s/m"),
        ("heel-drop", "of the heel's spheres (m)"),
    ):
        option = "--sole-height" if name == "height" else f"--{name}"
        parser.add_argument(option, type=float, dest=name.replace("-", "_"), help=meaning)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    said = {f.name: getattr(args, f.name) for f in fields(Sole)}
    wanted = replace(sole(args.runner), **{k: v for k, v in said.items() if v is not None})
    changed = ground(args.runner, args.out, wanted)
    if changed:
        print(f"note: made the image of the right side: {', '.join(changed)}")


if __name__ == "__main__":
    run_command(main)

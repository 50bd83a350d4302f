"""Put a measured runner on the ground: contact spheres under his feet, reserves that cost.

    python -m models.grounded --runner DIR --out DIR [--sole-height -0.03] [--share 1.0]

DIR holds runner.osim and runner.json as models.own wrote them. Muscles, paths and joints stay; only
then can the runner be tracked (simulations.track) and predicted with his own weight on the ground.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from models import contact, document, forces
from models.describe import mirror_sign
from models.tables import settings
from simulations import description
from simulations.files import run_command, write_text

# Full control of a reserve (N m): in a prediction it counts as much as a full actuator.
RESERVE_NM = 10.0
RESERVE = "reserve_"


def ground(runner: Path, out: Path, sole_height: float, share: float) -> None:
    """Write out/runner.osim and runner.json with spheres (models/parameters/spatial.yaml).

    sole_height: of the lowest points in the calcaneus frame (m); share: of contact.yaml's Hertz
    constant. Raises ValueError for a runner that has spheres already.
    """
    known = description.read(runner / "runner.json")
    if known.contacts:
        raise ValueError(f"{runner}: the runner has contact spheres already")
    tree = document.parse(runner / "runner.osim")
    spheres = {
        name: {**sphere, "share": share * sphere["share"]}
        for name, sphere in settings("spatial")["spheres"].items()
    }
    contact.add_contact(tree, spheres, sole_height)
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
            "contacts": forces.contacts(model),
            "actuators": forces.actuators(model, mirror_sign),
        }
    )
    write_text(out / "runner.json", told.model_dump_json(indent=2) + "\n")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Put contact spheres under a runner's feet.")
    parser.add_argument("--runner", type=Path, required=True, help="folder of models.own")
    parser.add_argument("--sole-height", type=float, default=settings("contact")["sole_height"])
    parser.add_argument("--share", type=float, default=1.0, help="of the usual stiffness")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    ground(args.runner, args.out, args.sole_height, args.share)


if __name__ == "__main__":
    run_command(main)

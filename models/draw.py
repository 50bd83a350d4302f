"""A random draw of a runner's muscle and contact parameters: another person of the same build.

    python -m models.draw --runner DIR --draw 3 --out DIR_draw3
        writes runner.osim, runner.json and draw.json, the factors, into the second folder

The number of the draw is its seed: draw 3 is the same in every study, and of each muscle the same
in every runner that has it. How wide is said in models/parameters/draws.yaml. Both files of the
runner are changed alike.
"""

from __future__ import annotations

import argparse
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from formats import description as d
from formats.files import run_command, write_json, write_text
from formats.text import MODEL_MB, read_text
from models.osim import forces
from models.osim.properties import scaled
from models.rajagopal.tables import settings

MUSCLE, CONTACT = "DeGrooteFregly2016Muscle", "SmoothSphereHalfSpaceForce"
Factors = dict[str, dict[str, float]]


def factors(runner: d.RunnerDescription, draw: int) -> Factors:
    """Component name -> property -> factor, for every muscle and contact sphere.

    draw: 1 or more. A muscle's generator is seeded by the draw and its name without side, so that
    left and right are alike and a runner with fewer muscles draws the same for those it has.
    """
    if draw < 1:
        raise ValueError(f"draw {draw}: must be a whole number from 1 up; 0 is the runner as built")
    widths = settings("draws")
    shoe = _drawn(widths["contact"], draw, "contact")
    for name, source in widths["same_factor"].items():
        shoe[name] = shoe[source]
    found = {m.name: _drawn(widths["muscle"], draw, _head(m.name)) for m in runner.muscles}
    return found | {sphere.name: shoe for sphere in runner.contacts}


def _head(name: str) -> str:
    return name[:-2] if name.endswith(("_r", "_l")) else name


def _drawn(widths: dict[str, float], draw: int, what: str) -> dict[str, float]:
    generator = np.random.default_rng([draw, zlib.crc32(what.encode())])
    shares = generator.uniform(-1.0, 1.0, size=len(widths))
    return {
        name: 1.0 + float(share) * width
        for (name, width), share in zip(widths.items(), shares, strict=True)
    }


def apply(runner: Path, found: Factors, out: Path) -> None:
    """Write runner.osim and runner.json with the parameters multiplied into `out`.

    Raises ValueError if runner.osim does not hold one of them.
    """
    text = read_text(Path(runner) / "runner.osim", MODEL_MB)
    description = d.read(Path(runner) / "runner.json")
    for kind, components in ((MUSCLE, description.muscles), (CONTACT, description.contacts)):
        for component in components:
            for prop, factor in found[component.name].items():
                text = scaled(text, kind, component.name, prop, factor)
    muscles = [_muscle(muscle, found[muscle.name]) for muscle in description.muscles]
    contacts = [
        sphere.model_copy(update=_times(sphere, found[sphere.name]))
        for sphere in description.contacts
    ]
    drawn = description.model_copy(update={"muscles": muscles, "contacts": contacts})
    write_text(Path(out) / "runner.osim", text)
    write_text(Path(out) / "runner.json", drawn.model_dump_json(indent=2) + "\n")


def _times(component: Any, found: dict[str, float]) -> dict[str, float]:
    return {name: getattr(component, name) * factor for name, factor in found.items()}


def _muscle(muscle: d.Muscle, found: dict[str, float]) -> d.Muscle:
    drawn = muscle.model_copy(update=_times(muscle, found))
    mass = forces.muscle_mass(drawn.max_isometric_force, drawn.optimal_fiber_length)
    volume = drawn.max_isometric_force * drawn.optimal_fiber_length
    return drawn.model_copy(update={"mass": mass, "volume": volume})


def main() -> None:
    """Command line: one draw of a runner."""
    parser = argparse.ArgumentParser(description="Draw a runner's muscle and contact parameters.")
    parser.add_argument("--runner", type=Path, required=True, help="folder of the runner as built")
    parser.add_argument("--draw", type=int, required=True, help="number of the draw, from 1 up")
    parser.add_argument("--out", type=Path, required=True, help="folder to write the runner into")
    given = parser.parse_args()
    found = factors(d.read(given.runner / "runner.json"), given.draw)
    apply(given.runner, found, given.out)
    write_json(given.out / "draw.json", {"draw": given.draw, "factors": found})


if __name__ == "__main__":
    run_command(main)

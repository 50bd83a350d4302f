"""A linear spring between the thighs: a swing assist, the positive control after Simpson 2019.

It turns each hip by stiffness x (the other hip's flexion - its own), Nm. In OpenSim it is a pair of
PathSprings whose lengths are functions of the two coordinates (FunctionBasedPath), 2 m -+ ARM x
difference: both stay taut, their pretensions cancel, and the sum is linear. A rubber band between
the feet (Simpson et al. 2019, J Exp Biol 222: jeb202895) pulls only once it is taut; this does so
from the first degree.
"""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET
from pathlib import Path

from formats import description as d
from formats.files import write_text
from models.osim import document

COORDINATES = ("hip_flexion_r", "hip_flexion_l")
NAME = "spring_between_thighs"
ARM, LENGTH, RESTING = 0.1, 2.0, 1.5
"""m; taut as long as ARM x difference < LENGTH - RESTING, that is below 5 rad."""


def add(runner: Path, stiffness: float) -> None:
    """Put the spring (Nm/rad) into runner.osim and runner.json of a folder, both alike.

    Raises ValueError for a stiffness that is not above 0, or a runner without the two hips.
    """
    if not (stiffness > 0.0 and math.isfinite(stiffness)):
        raise ValueError(f"spring {stiffness!r}: must be a stiffness above 0 (Nm/rad)")
    description = d.read(Path(runner) / "runner.json")
    joints = {c.name: c.joint for c in description.coordinates}
    missing = [name for name in COORDINATES if name not in joints]
    if missing:
        raise ValueError(f"{runner}: no coordinate {missing[0]} for a spring between the thighs")
    tree = document.parse(Path(runner) / "runner.osim")
    forces = document.components(tree, "ForceSet")
    for suffix, sign in (("a", 1.0), ("b", -1.0)):
        paths = " ".join(f"/jointset/{joints[name]}/{name}" for name in COORDINATES)
        forces.append(_path_spring(f"{NAME}_{suffix}", paths, sign * ARM, stiffness))
    tie = d.Tie(
        name=NAME, coordinate=COORDINATES[0], other=COORDINATES[1], stiffness=float(stiffness)
    )
    tied = description.model_copy(update={"passive": [*description.passive, tie]})
    document.save(tree, Path(runner) / "runner.osim")
    write_text(Path(runner) / "runner.json", tied.model_dump_json(indent=2) + "\n")


def _path_spring(name: str, paths: str, arm: float, stiffness: float) -> ET.Element:
    """One of the pair; each bears half: 2 x tension's slope x ARM^2 = stiffness."""
    made = document.element(
        "PathSpring",
        name,
        resting_length=RESTING,
        stiffness=stiffness / (2.0 * ARM**2),
        dissipation=0.0,
    )
    path = ET.SubElement(made, "FunctionBasedPath", {"name": "path"})
    ET.SubElement(path, "coordinate_paths").text = paths
    function = ET.SubElement(path, "length_function")
    # Coefficients of 1, of the second coordinate, of the first.
    function.append(
        document.element(
            "MultivariatePolynomialFunction",
            coefficients=(LENGTH, -arm, arm),
            dimension=2,
            order=1,
        )
    )
    return made

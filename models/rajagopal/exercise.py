"""The spatial runner on a mat: hips that flex to 130 deg, a trunk in their way, reserve torques."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import cast

from models.osim import document
from models.paths.accuracy import Goal
from models.rajagopal import passive, spatial
from models.rajagopal.tables import SpatialTable, settings

NAME = "runner_exercise"
RESERVE = "reserve_"
SUPPORTED = ("hip_flexion", "hip_adduction", "hip_rotation", "knee_angle", "ankle_angle")
ALSO = ("subtalar_angle", "mtp_angle")


def values() -> SpatialTable:
    """spatial.yaml with what exercise.yaml changes."""
    changed, plain = settings("exercise"), settings("spatial")
    common = plain["paths"]["common"] | changed["paths"]["common"]
    return {
        **plain,
        "coordinates": plain["coordinates"] | changed["coordinates"],
        "paths": {**plain["paths"], "common": common},
        "spheres": {},  # the floor carries him by the exercise's supports, not by his soles
    }


def goal() -> Goal:
    """How accurate its path polynomials should be."""
    return spatial.goal_of(values()["paths"])


def build(base: Path, out: Path) -> None:
    """Write the exercising runner made from the base model to `out` (.osim)."""
    spatial.write(base, out, values(), NAME, _finish)


def _finish(tree: document.Tree) -> None:
    changed = settings("exercise")
    forces = document.components(tree, "ForceSet")
    for name, numbers in changed["limits"].items():
        plain = cast(dict[str, float], {k: v for k, v in numbers.items() if k != "coordinate"})
        for side in ("r", "l"):
            forces.append(_limit(f"limit_{name}_{side}", f"{numbers['coordinate']}_{side}", plain))
    for softer in changed["passive_fiber_strain_at_one_norm_force"]:
        for name in (f"{head}_{side}" for head in softer["muscles"] for side in ("r", "l")):
            muscle = document.named(forces, name, "muscle")
            document.set_property(
                muscle, "passive_fiber_strain_at_one_norm_force", float(softer["strain"])
            )
    force, control = (float(changed["reserve"][key]) for key in ("optimal_force", "control"))
    for coordinate in (*SUPPORTED, *ALSO):
        for side in ("r", "l"):
            name = f"{coordinate}_{side}"
            forces.append(
                document.element(
                    "CoordinateActuator",
                    f"{RESERVE}{name}",
                    coordinate=name,
                    optimal_force=force,
                    min_control=-control,
                    max_control=control,
                )
            )


def _limit(name: str, coordinate: str, numbers: dict[str, float]) -> ET.Element:
    if not all(math.isfinite(float(numbers[key])) for key in passive.LIMIT_KEYS):
        raise ValueError(f"exercise.yaml: limits of {coordinate} must be numbers")
    return document.element(
        "ExpressionBasedCoordinateForce",
        name,
        coordinate=coordinate,
        expression=passive.limit_expression(numbers),
    )

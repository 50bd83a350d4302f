"""Parameter tables (models/parameters): CSV and YAML files that name their sources."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any, Literal, NotRequired, TypedDict, overload

from formats.yaml import read

FOLDER = Path(__file__).parents[1] / "parameters"


def table(name: str) -> list[dict[str, str]]:
    """Rows of models/parameters/<name>.csv; lines that start with # are comments."""
    lines = (FOLDER / f"{name}.csv").read_text().splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


Numbers = dict[str, dict[str, float]]
"""Numbers of springs or limits by coordinate (models.rajagopal.passive)."""


class Sphere(TypedDict):
    """A sphere of the right foot (m, body frame); share: of the Hertz constant; rise: of the sole.

    body: without its side. properties: of the force, in place of those of all spheres.
    """

    body: str
    radius: float
    x: float
    z: float
    share: NotRequired[float]
    rise: NotRequired[float]
    properties: NotRequired[dict[str, float]]


class ContactTable(TypedDict):
    """models/parameters/contact.yaml: N/m^1.5, properties of every contact force, m, spheres."""

    hertz_constant: float
    common: dict[str, float]
    sole_height: float
    spheres: dict[str, Sphere]


class PathGoal(TypedDict):
    """How accurate paths should be (m, m, Nm), over which postures (deg)."""

    length: float
    moment_arm: float
    torque: float
    common: dict[str, list[float]]


class SpatialTable(TypedDict):
    """models/parameters/spatial.yaml (deg, m; springs and limits: models.rajagopal.passive)."""

    coordinates: dict[str, list[float]]
    welded: dict[str, dict[str, float]]
    actuators: dict[str, dict[str, object]]
    rigid_tendon_below: float
    spheres: dict[str, Sphere]
    springs: Numbers
    limits: Numbers
    midline_limits: Numbers
    paths: PathGoal


class Energetics(TypedDict):
    """models/parameters/energetics.yaml: Pa, kg/m^3, share of slow fibres by muscle head."""

    specific_tension: float
    density: float
    ratio_slow_twitch_fibers: dict[str, float]
    ratio_slow_twitch_fibers_unknown: float


class ExerciseLimit(TypedDict):
    """An exponential limit of a coordinate, as models.rajagopal.passive writes it."""

    coordinate: str
    k1: float
    k2: float
    q1: float
    k3: float
    k4: float
    q2: float
    damping: float


class PassiveStrain(TypedDict):
    """Strain at which the passive fibres of these heads bear the maximal force."""

    strain: float
    muscles: list[str]


class ExercisePaths(TypedDict):
    """Postures (deg) that paths must be accurate over."""

    common: dict[str, list[float]]


class Reserve(TypedDict):
    """An actuator beside the muscles: optimal force (N m), largest control."""

    optimal_force: float
    control: float


class ExerciseTable(TypedDict):
    """models/parameters/exercise.yaml: what it changes of spatial.yaml."""

    coordinates: dict[str, list[float]]
    paths: ExercisePaths
    passive_fiber_strain_at_one_norm_force: list[PassiveStrain]
    limits: dict[str, ExerciseLimit]
    reserve: Reserve


class MuscleModel(TypedDict):
    """models/parameters/muscle_model.yaml: of every muscle, and strains of some heads."""

    common: dict[str, float]
    max_isometric_force_share: dict[str, float]
    passive_fiber_strain_at_one_norm_force: dict[str, float]
    tendon_strain_at_one_norm_force: dict[str, float]


class SoftPart(TypedDict):
    """Share of a segment's mass that is not rigid; sides: whether there is a right and a left."""

    sides: bool
    share: float


class SoftTissue(TypedDict):
    """models/parameters/soft_tissue.yaml: by segment; Hz, share of the critical damping, m."""

    segments: dict[str, SoftPart]
    frequency: float
    damping_ratio: float
    range: float


@overload
def settings(name: Literal["contact"]) -> ContactTable: ...
@overload
def settings(name: Literal["spatial"]) -> SpatialTable: ...
@overload
def settings(name: Literal["exercise"]) -> ExerciseTable: ...
@overload
def settings(name: Literal["energetics"]) -> Energetics: ...
@overload
def settings(name: Literal["muscle_model"]) -> MuscleModel: ...
@overload
def settings(name: Literal["soft_tissue"]) -> SoftTissue: ...
@overload
def settings(
    name: Literal["draws", "own", "passive", "paths", "people", "planar"],
) -> dict[str, Any]: ...
def settings(name: str) -> Any:
    """Content of models/parameters/<name>.yaml."""
    return read(FOLDER / f"{name}.yaml")

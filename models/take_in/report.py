"""intake.json: what was changed of a model that was taken in."""

from __future__ import annotations

from typing import TypedDict

from models.checks.examine import CheckReport
from models.take_in import convert


class PathErrors(TypedDict):
    """How far a muscle's path polynomial is from OpenSim's path; accurate: as near as is asked."""

    order: int
    length_rms_mm: float
    moment_arm_rms_mm: float
    accurate: bool


class Adapted(TypedDict):
    """What the model was changed by: muscles converted, what is unsupported taken out."""

    model: str | None
    min_control_repaired: dict[str, float | None]
    joints_converted: list[str]
    dropped: dict[str, str]
    strength_percent: float
    muscles_renamed: dict[str, str]
    muscles_stand_for: dict[str, list[str]]
    muscles: list[convert.Taken]


class Moved(TypedDict):
    """What the trial asked for: ranges (rad, m), points that jump, reserves, paths."""

    locked: dict[str, float]
    ranges: dict[str, dict[str, list[float]]]
    path_points_smoothed: dict[str, str]
    dropped_muscles: dict[str, str]
    actuators: dict[str, str]
    missing_groups: dict[str, str]
    coupled: dict[str, str]
    mass_kg: float
    paths: dict[str, PathErrors]


class Intake(Adapted, Moved):
    """All that was changed of a model; intake.json also holds what models.check found."""


class CheckedIntake(Intake, CheckReport):
    """intake.json of a trial that was checked."""

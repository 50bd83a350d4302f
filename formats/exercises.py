"""Exercises as data: posture, supports, prescribed joint paths, band. One YAML file holds many.

models/exercises.yaml holds those that come with the project; a file of the same form adds others
(docs/exercises.md). Angles deg in the file, as its keys say; lengths m, forces N, times s. Joint
signs are the runner's own.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, model_validator

from formats import description as d
from formats import yaml

Point = Annotated[list[float], Field(min_length=3, max_length=3)]
Path_ = float | Annotated[list[float], Field(min_length=2, max_length=5)]
FILE = "exercises.yaml"
"""Name of a file of exercises that is made for a runner."""
NO_BAND = "none"
BAND = "exercise_band"
ROUNDING = 0.01
"""Of the corner where a band goes slack (m)."""
RESERVE_LIMIT_NM = 5.0
"""What may be missing beside the muscles: a tenth of what a straight leg held above the floor asks
of the hip."""


class Support(yaml.Keys):
    """Where the body lies, leans or stands on the floor: a point of a body (m, body frame).

    on_floor: the posture is found so that it lies at height 0; else the mat takes up the rest.
    press_n: upward force that it is pressed with, if that is prescribed; else it is found. bears:
    whether the floor pushes there at all.
    """

    body: str
    point: Point
    on_floor: bool = False
    press_n: Annotated[float, Field(gt=0)] | None = None
    bears: bool = True


class Phase(yaml.Keys):
    """Go to a progress of the movement (0: start, 1: end) by minimum jerk, or hold (none)."""

    seconds: Annotated[float, Field(gt=0)]
    to: Annotated[float, Field(ge=0, le=1)] | None = None


class Tied(yaml.Keys):
    """Where a band is tied, how long it is slack (m), and how many strands pull (a loop: 2)."""

    first: d.BandEnd
    second: d.BandEnd
    slack_m: Annotated[float, Field(gt=0)]
    strands: Annotated[int, Field(ge=1, le=4)] = 1


class Grid(yaml.Keys):
    """Postures at rest: angles of the moving hip (deg), and joints that differ from the start."""

    hip_flexion_r: Annotated[list[float], Field(min_length=2)]
    joints: dict[str, float] = Field(default={})


class Exercise(yaml.Keys):
    """One exercise. The right leg moves.

    joints: coordinate -> angle (deg), or two to five of them at equal steps of progress, from 0 to
    1, through which the smoothest polynomial goes (two: straight); others are 0. adjusted:
    coordinates found so that supports lie on the floor and, where balanced, the mass centre stands
    over the middle of the supports. lies_on, tied: names of the file's floors and
    ties. passive: the muscles rest and other hands move the leg.
    """

    title: str
    asks: str
    joints: dict[str, Path_]
    adjusted: list[str]
    balanced: bool = False
    passive: bool = False
    lies_on: str | None = None
    supports: dict[str, Support] = Field(default={})
    friction: Annotated[float, Field(gt=0)] = 0.8
    phases: Annotated[list[Phase], Field(min_length=1)]
    grid: Grid
    tied: str | None = None
    source: str

    @property
    def seconds(self) -> float:
        """Duration of a repetition (s)."""
        return sum(phase.seconds for phase in self.phases)


class Bands(yaml.Keys):
    """Tension (N) of one strand of each band at 100 and 200 % strain, with its source."""

    source: str
    tension_n: dict[str, Annotated[list[float], Field(min_length=2, max_length=2)]]


class Exercises(yaml.Keys):
    """A file of exercises."""

    bands: Bands
    floors: dict[str, dict[str, Support]] = Field(default={})
    ties: dict[str, Tied] = Field(default={})
    exercises: dict[str, Exercise]

    @model_validator(mode="after")
    def _names(self) -> Exercises:
        for name, exercise in self.exercises.items():
            if all(phase.to is None for phase in exercise.phases):
                raise ValueError(f"{name}: phases: nothing moves; one phase needs `to`")
            for key, chosen, known in (
                ("lies_on", exercise.lies_on, self.floors),
                ("tied", exercise.tied, self.ties),
            ):
                if chosen is not None and chosen not in known:
                    raise ValueError(f"{name}: {key}: {chosen!r}; allowed are {', '.join(known)}")
            if not self.supports(name):
                raise ValueError(f"{name}: supports: it rests on nothing")
        return self

    def supports(self, name: str) -> dict[str, Support]:
        """All supports of an exercise: its floor's and its own."""
        exercise = self.exercises[name]
        floor = self.floors[exercise.lies_on] if exercise.lies_on is not None else {}
        return floor | exercise.supports

    def get(self, name: str) -> Exercise:
        """An exercise by name. Raises ValueError naming those there are."""
        if name not in self.exercises:
            raise ValueError(
                f"exercise {name!r}: not known; allowed are {', '.join(self.exercises)}"
            )
        return self.exercises[name]

    def band(self, exercise: str, colour: str) -> d.Band | None:
        """The band of an exercise in a colour; None for none, or where it has no band."""
        if colour == NO_BAND:
            return None
        if colour not in self.bands.tension_n:
            allowed = ", ".join([NO_BAND, *self.bands.tension_n])
            raise ValueError(f"band {colour!r}: not known; allowed are {allowed}")
        tied = self.get(exercise).tied
        if tied is None:
            raise ValueError(f"exercise {exercise}: it is done without a band; band {colour!r}")
        return made(self.ties[tied], self.bands.tension_n[colour])


def made(tied: Tied, tension: list[float]) -> d.Band:
    """A band whose strand bears `tension` (N) at 100 and 200 % strain, straight between and on."""
    first, second = (tied.strands * value for value in tension)
    slopes = first / tied.slack_m, (second - first) / tied.slack_m
    return d.Band(
        name=BAND,
        force_path=f"/forceset/{BAND}",
        first=tied.first,
        second=tied.second,
        hinges=[
            d.Hinge(length=tied.slack_m, stiffness=slopes[0]),
            d.Hinge(length=2 * tied.slack_m, stiffness=slopes[1] - slopes[0]),
        ],
        rounding=ROUNDING,
    )


Kind = Literal["static", "movement"]


def check(content: Any, source: str) -> Exercises:
    """The exercises of a parsed file. Raises ValueError with one line on the first fault."""
    try:
        return Exercises.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ValueError(f"{source}: {where or 'file'}: {first['msg']}") from None


def read(path: Path) -> Exercises:
    """Read a file of exercises. Raises ValueError naming file, place and fault."""
    return check(yaml.read(path), str(path))


def as_text(book: Exercises) -> str:
    """The file that `read` reads as these exercises."""
    return yaml.as_text(book.model_dump(exclude_none=True))

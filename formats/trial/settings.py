"""runner.yaml: what a trial's folder says about itself."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationError, field_validator

from formats.errors import sentence
from formats.sole import DISSIPATION, HEEL_DROP, SHARE, TOE_RISE
from formats.trial.limits import STRENGTH_RANGE_PERCENT
from formats.untrusted import inside
from formats.yaml import Keys, read

FILE = "runner.yaml"
_WEAKEST, _STRONGEST = STRENGTH_RANGE_PERCENT
Name = Annotated[str, Field(min_length=1, max_length=200)]
Three = Annotated[list[Name], Field(min_length=3, max_length=3)]


def _three_or_none(names: list[str]) -> list[str]:
    if len(names) not in (0, 3):
        raise ValueError("three names are allowed, or none")
    return names


Torque = Annotated[list[Name], AfterValidator(_three_or_none)]


class FootColumns(Keys):
    """Columns of one foot in forces.mot: force (N), point (m), free torque (N m), x y z each.

    Without a torque's columns it is zero.
    """

    force: Three
    point: Three
    torque: Torque = Field(default=[])


class Columns(Keys):
    """Columns of both feet."""

    right: FootColumns
    left: FootColumns


Span = Annotated[list[float], Field(min_length=2, max_length=2)]


class Computed(Keys):
    """Times (s) between which a foot's force was computed, not measured."""

    right: list[Span] = Field(default=[])
    left: list[Span] = Field(default=[])


class SoleKeys(Keys):
    """The sole of a tracked runner: formats.sole.Sole, whose height is measured."""

    share: Annotated[float, Field(gt=0, le=4)] = SHARE
    toe_rise: Annotated[float, Field(ge=-0.03, le=0.03)] = TOE_RISE
    dissipation: Annotated[float, Field(ge=0, le=4)] = DISSIPATION
    heel_drop: Annotated[float, Field(ge=-0.03, le=0.03)] = HEEL_DROP


class Settings(Keys):
    """Settings of a trial, SI units.

    emg: table of electromyographic envelopes in the folder (formats.trial.emg).
    leg: whose stride it is, from its contact to its next.
    stride: number of that leg's stride (1: the first whole one), or several numbers.
    start, end: times (s) between which strides are looked for.
    filter_hz: cut-off of the low-pass filter on angles and forces; null: they are filtered.
    contact_newtons: vertical force at initial contact and toe-off.
    computed: spans (s) of contacts that no plate measured, whose force models.new computed from the
    motion.
    sole: of a stride that is tracked (formats.sole), where it is not the calibrated one.
    strength_percent: uniform strength of all muscles, as active isometric force.
    muscles: this project's muscle names with the model's, where they differ.
    """

    speed_m_s: Annotated[float, Field(gt=0, le=15)]
    treadmill: bool = True
    mass_kg: Annotated[float, Field(ge=20, le=250)] | None = None
    external_loads: Name | None = None
    emg: Name | None = None
    columns: Columns | None = None
    filter_hz: Annotated[float, Field(ge=4, le=100)] | None = 15.0
    contact_newtons: Annotated[float, Field(ge=5, le=200)] = 20.0
    leg: Literal["right", "left"] = "right"
    start: float | None = None
    end: float | None = None
    stride: Annotated[int, Field(ge=1)] | Annotated[list[int], Field(min_length=1)] = 1
    computed: Computed | None = None
    sole: SoleKeys | None = None
    strength_percent: Annotated[float, Field(ge=_WEAKEST, le=_STRONGEST)] = 100.0
    muscles: dict[Name, Name] = Field(default={})

    @field_validator("stride")
    @classmethod
    def _each_once(cls, value: int | list[int]) -> int | list[int]:
        if isinstance(value, list) and (min(value) < 1 or len(set(value)) < len(value)):
            raise ValueError("a stride's number, or several different ones, from 1 on")
        return value

    @property
    def side(self) -> str:
        """The leg whose stride it is: 'r' or 'l'."""
        return self.leg[0]

    @property
    def strides(self) -> list[int]:
        """Numbers of the strides, the main one first."""
        return self.stride if isinstance(self.stride, list) else [self.stride]


def read_settings(folder: Path | str) -> Settings:
    """The settings of a trial's folder. Raises ValueError, one line, with key and file."""
    path = Path(folder) / FILE
    content = read(path)
    if not isinstance(content, dict):
        raise ValueError(f"{path}: keys with values are needed, at least 'speed_m_s: 3.0'")
    try:
        settings = Settings.model_validate(content)
    except ValidationError as error:
        raise ValueError(f"{path}: {sentence(error, Settings, content)}") from None
    start, end = settings.start, settings.end
    if start is not None and end is not None and start >= end:
        raise ValueError(f"{path}: start is {start:g} s, end {end:g} s; start must come first")
    if settings.external_loads is not None and settings.columns is not None:
        raise ValueError(f"{path}: external_loads and columns both name columns; give one of them")
    for named in (settings.external_loads, settings.emg):
        if named is not None:
            inside(folder, named)
    return settings

"""What one value of a study's key may be, and the words that say so."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal
from xml.etree import ElementTree

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
)
from pydantic_core import CoreSchema, core_schema

from formats.checkout import CHECKOUT
from formats.untrusted import check_xml
from formats.yaml import read
from study import trials

MUSCLE_GROUPS = CHECKOUT / "models" / "muscle_groups.yaml"

TAKEN = ("reference", "example_runner")

# What a key may be, in the words of an error message; for lists, what one item may be.
ALLOWED = {
    "name": "1 to 60 letters, digits, '_' and '-', the first a letter or digit, make a name; "
    "reference and example_runner are taken in the folder of results",
    "runners": trials.ALLOWED,
    "problem": "a problem is predict (motion found), track (norm curves followed) or inverse "
    "(measured motion kept)",
    "speeds_m_s": "a speed is a number from 1.5 to 8 (m/s)",
    "arms": "an arm is a group of models/muscle_groups.yaml: {arms}",
    "doses_percent": "a dose is a number above 0 up to 300 (per cent of maximal isometric force)",
    "sides": "a side is both, left or right",
    "cadence": 'a cadence is free, locked, "-10%", "-5%", "+5%" or "+10%"',
    "habit_weights": "a weight is a number from 0 to 10000",
    "objectives": "an objective is metabolic_mix, activation_squared or activation_cubed",
    "starts": "a start is cold, warm or warm_down",
    "mesh_intervals": "it is a whole number from 10 to 400",
    "tracking_weight": "it is a number above 0 up to 10000",
    "mesh_check": "it is true or false",
    "sensitivity": "it is true or false",
    "draws": "it is a whole number from 0 to 100",
    "controls": "a control is null, negative, step_rate or spring",
    "also": "an item is a mapping of one or more of {variable}",
    "figures": "it is the path of a YAML file like analysis/figures/figures.yaml, or null for that",
    "base_model": "it is the path of an OpenSim model (.osim), or null for Rajagopal 2015",
}


LARGEST = sys.float_info.max


def arms() -> list[str]:
    """Names of the muscle groups whose strength can be changed, from models/muscle_groups.yaml."""
    return list(read(MUSCLE_GROUPS))


def _distinct(values: list[Any]) -> list[Any]:
    for position, value in enumerate(values):
        if value in values[:position]:
            raise ValueError(f"{value!r} stands twice in the list; each value may stand once")
    return values


def any_case(words: tuple[str, ...]) -> str:
    """A pattern of JSON schema, which knows no flags, for these words in upper or lower case."""
    letters = ("".join(f"[{c.upper()}{c}]" if c.isalpha() else c for c in word) for word in words)
    return f"^({'|'.join(letters)})$"


def _name(name: str) -> str:
    # Committed results stand in results/reference; make example builds in results/example_runner.
    if name.casefold() in TAKEN:
        raise ValueError("taken")
    return name


def _number(value: Any) -> Any:
    # Spelled out because pydantic calls NaN and infinity by other names in each of its errors.
    # Anything beyond the largest float is infinite to it, a whole number too.
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > LARGEST:
        raise ValueError("not a number")
    if math.isnan(value):
        raise ValueError("not a number")
    return value


def _whole(value: Any) -> Any:
    """50.0 is the whole number 50, as it is in JSON."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _arm(name: str) -> str:
    if name not in arms():
        raise ValueError("not a muscle group")
    return name


def _osim(path: str) -> str:
    """Refuse a base model that is missing or no OpenSim document; deeper faults show on loading."""
    if not Path(path).is_file():
        raise ValueError(f"{path!r} is not a file; {ALLOWED['base_model']}")
    try:
        check_xml(path)
        root = ElementTree.parse(path).getroot()
    except (ElementTree.ParseError, UnicodeDecodeError, LookupError, ValueError) as error:
        raise ValueError(f"{error}; {ALLOWED['base_model']}") from None
    if root.tag != "OpenSimDocument" or root.find("Model") is None:
        raise ValueError(f"{path!r} holds no OpenSimDocument with a Model; {ALLOWED['base_model']}")
    return path


def _style(path: str) -> str:
    if not Path(path).is_file():
        raise ValueError(f"{path!r} is not a file; {ALLOWED['figures']}")
    return path


@dataclass(frozen=True)
class InSchema:
    """Changes the JSON schema of the value that it annotates."""

    change: Callable[[dict[str, Any]], dict[str, Any]]

    def __get_pydantic_json_schema__(
        self, core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return self.change(handler(core))


@dataclass(frozen=True)
class Distinct:
    """A list in which each value stands once, for the program and in the JSON schema.

    check: of the whole list, instead of comparing its values.
    """

    check: Callable[[list[Any]], list[Any]] = _distinct

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(
        self, core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {**handler(core), "uniqueItems": True}


Cadence = Literal["free", "locked", "-10%", "-5%", "+5%", "+10%"]
Number = BeforeValidator(_number)
# Limits before the check of the type: only so do they stand in the JSON schema.
Dose = Annotated[float, Field(gt=0, le=300), Number]
Speed = Annotated[float, Field(ge=1.5, le=8), Number]
Weight = Annotated[float, Field(ge=0, le=1e4), Number]
TrackingWeight = Annotated[float, Field(gt=0, le=1e4), Number]
Intervals = Annotated[int, Field(ge=10, le=400), BeforeValidator(_whole)]
Draws = Annotated[int, Field(ge=0, le=100), BeforeValidator(_whole)]
# YAML reads a bare null as nothing; here it is the name of a control.
Control = Annotated[
    Literal["null", "negative", "step_rate", "spring"],
    BeforeValidator(lambda value: "null" if value is None else value),
    InSchema(lambda found: {**found, "enum": [*found["enum"], None], "type": ["string", "null"]}),
]
Name = AfterValidator(_name)
Arm = Annotated[str, AfterValidator(_arm), InSchema(lambda found: {**found, "enum": arms()})]
Osim = Annotated[str, AfterValidator(_osim)]
Style = Annotated[str, AfterValidator(_style)]
Some = Field(min_length=1)

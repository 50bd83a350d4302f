"""What one value of a study's key may be: its check, its JSON schema and its words, all at once.

A number says its limits (`Number`), a word its choices (`OneOf`), anything else its sentence
(`Words`); study.keys declares each key with one of them.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Protocol, get_args, runtime_checkable
from xml.etree import ElementTree

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
)
from pydantic.config import JsonDict
from pydantic_core import CoreSchema, core_schema

from formats.checkout import CHECKOUT
from formats.claims import read_claims
from formats.figure_settings import PRESETS, file_of
from formats.objectives import CALIBRATED, calibrated, named
from formats.untrusted import check_xml
from formats.yaml import read
from study import trials

MUSCLE_GROUPS = CHECKOUT / "models" / "muscle_groups.yaml"

TAKEN = ("reference", "example_runner")

LARGEST = sys.float_info.max


def arms() -> list[str]:
    """Names of the muscle groups whose strength can be changed, from models/muscle_groups.yaml."""
    return list(read(MUSCLE_GROUPS))


def objectives() -> list[str]:
    """Names of the objectives, from simulations/objectives.yaml and calibrated.yaml."""
    return list(named())


def upright() -> list[str]:
    """The objectives that hold the pelvis and the torso upright (weight `trunk`)."""
    return [name for name, weights in named().items() if weights.get("trunk")]


def _each_calibrated(names: Any) -> Any:
    """A list of objectives in which `calibrated` stands for all that calibration found."""
    if not isinstance(names, list) or CALIBRATED not in names:
        return names
    return [one for name in names for one in (calibrated() if name == CALIBRATED else [name])]


def _objective(name: str) -> str:
    if name not in objectives():
        raise ValueError("not an objective")
    return name


def _distinct(values: list[Any]) -> list[Any]:
    for position, value in enumerate(values):
        if value in values[:position]:
            raise ValueError(f"{value!r} appears twice in the list; each value may appear once")
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


def key(meaning: str, *, also: bool = False, **rest: Any) -> Any:
    """A key of a study. meaning: for people; also: whether an item of `also` may change it.

    rest: as pydantic's Field takes it, above all `default`; without one the key is needed.
    """
    return Field(description=meaning, json_schema_extra=may_vary if also else None, **rest)


def may_vary(_: JsonDict) -> None:
    """Marks a key that an item of `also` may change."""


OSIM = "it is the path of an OpenSim model (.osim), or null for Rajagopal 2015"
RULE = "it is the path of a file like config/claims_v2.yaml, or null for that"
STYLE = (
    f"it is {', '.join(PRESETS)}, the path of a YAML file like analysis/figures/figures.yaml, or "
    "null for that"
)


def _osim(path: str) -> str:
    """Refuse a base model that is missing or no OpenSim document; deeper faults show on loading."""
    if not Path(path).is_file():
        raise ValueError(f"{path!r} is not a file; {OSIM}")
    try:
        check_xml(path)
        root = ElementTree.parse(path).getroot()
    except (ElementTree.ParseError, UnicodeDecodeError, LookupError, ValueError) as error:
        raise ValueError(f"{error}; {OSIM}") from None
    if root.tag != "OpenSimDocument" or root.find("Model") is None:
        raise ValueError(f"{path!r} holds no OpenSimDocument with a Model; {OSIM}")
    return path


def _style(path: str) -> str:
    if not file_of(path).is_file():
        raise ValueError(f"{path!r} is not a file; {STYLE}")
    return path


def _rule(path: str) -> str:
    if not Path(path).is_file():
        raise ValueError(f"{path!r} is not a file; {RULE}")
    try:
        read_claims(Path(path))
    except ValueError as error:
        raise ValueError(f"{error}; {RULE}") from None
    return path


@dataclass(frozen=True)
class InSchema:
    """Adds to the JSON schema of the value that it annotates what its check knows besides."""

    adds: Callable[[], JsonDict]

    def __get_pydantic_json_schema__(
        self, core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonDict:
        return {**handler(core), **self.adds()}


class OrNull:
    """Lets null stand beside the words of a Literal in the JSON schema."""

    def __get_pydantic_json_schema__(
        self, core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonDict:
        found = handler(core)
        return {**found, "enum": [*found["enum"], None], "type": ["string", "null"]}


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
    ) -> JsonDict:
        return {**handler(core), "uniqueItems": True}


@runtime_checkable
class Says(Protocol):
    """What, in the declaration of a key, says what one value of it may be."""

    def words(self, annotation: Any) -> str:
        """The sentence of an error message; annotation: the type that is annotated."""


@dataclass(frozen=True)
class Words:
    """A sentence for what no limit and no list of choices says."""

    text: str | Callable[[], str]

    def words(self, _: Any) -> str:
        """The sentence."""
        return self.text if isinstance(self.text, str) else self.text()


@dataclass(frozen=True)
class OneOf:
    """The choices of a Literal; subject: as in `a side is`; notes: what a choice means."""

    subject: str
    notes: Mapping[str, str] = field(default_factory=dict, hash=False)

    def words(self, annotation: Any) -> str:
        """The sentence: every choice, in quotes where YAML wants them."""
        written = [
            (word if word[0].isalpha() else f'"{word}"')
            + (f" ({self.notes[word]})" if word in self.notes else "")
            for word in get_args(annotation)
        ]
        return f"{self.subject} {', '.join(written[:-1])} or {written[-1]}"


@dataclass(frozen=True)
class Number:
    """A number with its limits: above or at least one, and at most another.

    subject: as in `a dose is`; unit: in words, or empty. Of an int, a whole number.
    """

    most: float
    least: float | None = None
    above: float | None = None
    subject: str = "it is"
    unit: str = ""

    def words(self, annotation: Any) -> str:
        """The sentence."""
        kind = "a whole number" if annotation is int else "a number"
        limits = (
            f"above {self.above:g} up to {self.most:g}"
            if self.least is None
            else f"from {self.least:g} to {self.most:g}"
        )
        return f"{self.subject} {kind} {limits}{f' ({self.unit})' if self.unit else ''}"

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        # Limits before the check of the type: only so do they stand in the JSON schema.
        whole = source is int
        kind: Any = core_schema.int_schema if whole else core_schema.float_schema
        limits = {"ge": self.least, "gt": self.above, "le": self.most}
        number = kind(**{key: value for key, value in limits.items() if value is not None})
        check = _whole if whole else _number
        return core_schema.no_info_before_validator_function(check, number)


def words(annotation: Any, metadata: tuple[Any, ...] = ()) -> str:
    """What one value of a type may be; of a list, what one item may be. Empty if nothing says so.

    metadata: what annotates it, where that is known apart.
    """
    if hasattr(annotation, "__metadata__"):
        return words(annotation.__origin__, annotation.__metadata__)
    for part in metadata:
        if isinstance(part, Says):
            return part.words(annotation)
    return next(filter(None, map(words, get_args(annotation))), "")


# YAML reads a bare null as nothing; here it is the name of a control.
NullControl = (
    BeforeValidator(lambda value: "null" if value is None else value),
    OrNull(),
)
Name = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,59}$",
    ),
    AfterValidator(_name),
    InSchema(lambda: {"not": {"pattern": any_case(TAKEN)}}),
    Words(
        "1 to 60 letters, digits, '_' and '-', the first a letter or digit, make a name; "
        f"{' and '.join(TAKEN)} are taken in the folder of results"
    ),
]
Runner = Annotated[str, AfterValidator(trials.check), Words(trials.ALLOWED)]
Arm = Annotated[
    str,
    AfterValidator(_arm),
    InSchema(lambda: {"enum": [*arms()]}),
    Words(lambda: f"an arm is a group of models/muscle_groups.yaml: {', '.join(arms())}"),
]
Objective = Annotated[
    str,
    AfterValidator(_objective),
    InSchema(lambda: {"enum": [*objectives(), CALIBRATED]}),
    Words(
        lambda: (
            "an objective is one of simulations/objectives.yaml and calibrated.yaml: "
            f"{', '.join(objectives())}; or {CALIBRATED}, for all of the latter"
        )
    ),
]
Osim = Annotated[str, AfterValidator(_osim), Words(OSIM)]
Style = Annotated[str, AfterValidator(_style), Words(STYLE)]
Some = Field(min_length=1)
Objectives = Annotated[list[Objective], Some, Distinct(), BeforeValidator(_each_calibrated)]
Rule = Annotated[str, AfterValidator(_rule), Words(RULE)]
Question = Annotated[
    str,
    Field(min_length=1, max_length=200, pattern=r"^[^\n\r\x00]+$"),
    Words("it is one sentence of 1 to 200 characters, or null for the claims file's own"),
]
People = Annotated[
    Annotated[int, Number(9999, least=1)]
    | Annotated[list[Annotated[int, Number(9999, least=1)]], Some, Distinct()],
    Words("it is a whole number from 1 to 9999, or a list of such numbers"),
]
Starts = Annotated[int, Number(20, least=1, subject="the starts are", unit="in number")]
STARTS = key(
    "How many starts the null control solves each of its 100 % runs from: the first so many, and "
    "all of them count (see `docs/statistics.md`).",
    default=5,
)
Drive = Annotated[
    list[Annotated[float, Number(50, least=-50, subject="a drive is", unit="per cent")]],
    *(Some, Distinct()),
]
DRIVE = key(
    "Mechanism: change of the peak of thigh flexion from that of the free 100 % run. What this and "
    "the next four are, and did: `docs/mechanisms.md`. They are reported, not judged.",
    default=[0.0],
    also=True,
)
Inhibition = Annotated[
    list[Annotated[float, Number(5, least=0, subject="an inhibition is")]], Some, Distinct()
]
INHIBITION = key(
    "Mechanism: reciprocal inhibition, k of gluteal excitation <= 1 - k x flexor activation.",
    default=[0.0],
    also=True,
)
Ceiling = Annotated[
    list[Annotated[float, Number(1, least=0.03, subject="a ceiling is")]], Some, Distinct()
]
CEILING = key(
    "Mechanism: arthrogenic inhibition, the most that gluteal excitation may reach; how strong "
    "that makes it `mechanisms.csv` tells.",
    default=[1.0],
    also=True,
)
Slack = Annotated[
    list[Annotated[float, Number(10, least=0, subject="a slack is", unit="mm")]],
    *(Some, Distinct()),
]
SLACK = key(
    "Mechanism: a lax capsule, how much longer each of its ligaments is.", default=[0.0], also=True
)
Tilt = Annotated[
    list[Annotated[float, Number(20, least=-20, subject="a tilt is", unit="deg")]],
    *(Some, Distinct()),
]
TILT = key(
    "Mechanism: how much further forward than the torso the objective wants the pelvis.",
    default=[0.0],
    also=True,
)

"""A study's configuration: every key, what it may be, and one line for whatever is wrong.

python -m study.keys config/study.yaml     check a file
python -m study.keys --schema              print the JSON schema (kept in config/schema.json)
"""

from __future__ import annotations

import argparse
import difflib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, TextIO, get_origin

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    ValidationError,
    model_validator,
)

from formats import yaml as formats_yaml
from formats.case import ALTERED
from formats.files import run_command
from formats.text import shown
from study import trials
from study.schema import complete
from study.values import (
    ALLOWED,
    TAKEN,
    Arm,
    Cadence,
    Control,
    Distinct,
    Dose,
    Draws,
    Intervals,
    Name,
    Osim,
    Some,
    Speed,
    Style,
    TrackingWeight,
    Weight,
    any_case,
    arms,
)

# Keys that an item of `also` may change; doses are the same in the whole study.
VARIABLE = (
    *("runners", "speeds_m_s", "arms", "sides", "cadence", "habit_weights", "objectives"),
    *("starts", "draws"),
)


class Study(BaseModel):
    """One study: each combination of the listed values is one simulation."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    name: Annotated[
        str,
        Field(
            pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,59}$",
            json_schema_extra={"not": {"pattern": any_case(TAKEN)}},
            description="Name of the study; its folder is results/<name>/.",
        ),
        Name,
    ]
    runners: Annotated[
        list[Annotated[str, AfterValidator(trials.check)]], Some, Distinct(trials.distinct)
    ] = Field(
        description="Runner models. planar: sagittal plane only. spatial: three dimensions. Or the "
        "path of a folder with an own model, its measured motion and ground forces."
    )
    problem: Literal["predict", "track", "inverse"] = Field(
        description="predict: nothing prescribed but speed. track: each dose follows the norm "
        "curves with tracking_weight, dynamics exact. inverse: all runners are measured, each "
        "dose keeps the motion. A measured runner beside others is always solved so."
    )
    speeds_m_s: Annotated[list[Speed], Distinct()] = Field(
        description="Running speeds in metres per second, 1.5 to 8. A measured runner's is in its "
        "runner.yaml."
    )
    arms: Annotated[list[Arm], Some, Distinct()] = Field(
        description="Muscle groups whose strength is changed, names of models/muscle_groups.yaml."
    )
    doses_percent: Annotated[list[Dose], Some, Distinct()] = Field(
        description="Strengths in per cent of maximal isometric force, above 0 up to 300; "
        "100 must be among them."
    )
    sides: Annotated[list[Literal["both", "left", "right"]], Some, Distinct()] = Field(
        description="Legs whose strength is changed. One leg alone needs the whole stride."
    )
    cadence: Annotated[list[Cadence], Some, Distinct()] = Field(
        description="free: stride time is found. locked: that of the free 100 % run. "
        "-10%, -5%, +5%, +10%: step rate below or above the free 100 % run's."
    )
    habit_weights: Annotated[list[Weight], Some, Distinct()] = Field(
        description="Weights of the squared deviation from the reference runner's own motion; "
        "0 is the free optimum."
    )
    objectives: Annotated[
        list[Literal["metabolic_mix", "activation_squared", "activation_cubed"]], Some, Distinct()
    ] = Field(description="What the runner economises.")
    starts: Annotated[list[Literal["cold", "warm", "warm_down"]], Some, Distinct()] = Field(
        description="cold: from a rough guess. warm: from the 100 % run. warm_down: the highest "
        "dose from the 100 % run, each other from the dose above it."
    )
    mesh_intervals: Intervals = Field(
        description="Collocation intervals in half a stride, 10 to 400."
    )
    tracking_weight: TrackingWeight = Field(
        default=1.0,
        description="Weight with which the 100 % reference runner follows the norm curves.",
    )
    mesh_check: StrictBool = Field(
        default=False,
        description="Whether the 100 % run and the extreme doses are solved again on twice the "
        "intervals; their certificates then need each primary endpoint to stay.",
    )
    sensitivity: StrictBool = Field(
        default=False,
        description="Whether each predicted 100 % run tells how its outcomes change with every "
        "number of the runner: sensitivities.csv in its folder, and a figure.",
    )
    draws: Draws = Field(
        default=0,
        description="How many random draws of muscle and contact parameters run beside the runner "
        "as built; the spread over which a verdict is taken.",
    )
    controls: Annotated[list[Control], Distinct()] = Field(
        default=[],
        description="Controls to run, for the first habit weight, objective and start. null: 100 % "
        "again from elsewhere. negative: an unrelated muscle group. step_rate: -10, -5, +5 and "
        "+10 % at 100 % strength. spring: a spring between the thighs.",
    )
    also: list[dict[str, Any]] = Field(
        default=[],
        description="More cases: each item changes some keys of this study and keeps the others.",
    )
    base_model: Osim | None = Field(
        default=None,
        description="Path of an own .osim in place of Rajagopal 2015, from the folder the study "
        "is started in.",
    )

    figures: Style | None = Field(
        default=None,
        description="Path of an own YAML file in place of analysis/figures/figures.yaml: how the "
        "figures look, from the folder the study is started in.",
    )

    @model_validator(mode="before")
    @classmethod
    def _left_open(cls, content: Any) -> Any:
        return trials.fill(content)

    @model_validator(mode="after")
    def _belongs_together(self) -> Study:
        if 100 not in self.doses_percent:
            raise ValueError(
                f"doses_percent: {shown(self.doses_percent)} is not allowed; 100 must be among "
                "the doses, the others start from the 100 % run and are compared with it"
            )
        altered = [cadence for cadence in self.cadence if cadence in ALTERED]
        if "warm_down" in self.starts and altered:
            raise ValueError(
                f"starts: 'warm_down' is not allowed together with cadence {altered[0]}; those "
                "take their step rate from the 100 % run they start from"
            )
        if self.problem == "track" and (self.habit_weights != [0] or self.cadence != ["free"]):
            raise ValueError(
                "problem: 'track' is not allowed here; it needs habit_weights [0] and "
                "cadence [free], because tracking_weight and the norm curves govern the motion"
            )
        if self.problem != "inverse" and not self.speeds_m_s:
            raise ValueError(
                "speeds_m_s: [] is not allowed; it is a list of one or more, and "
                + ALLOWED["speeds_m_s"]
            )
        trials.belongs(self.runners, self.model_dump())
        if self.problem == "track" and self.controls:
            raise ValueError(
                f"controls: {shown(self.controls)} is not allowed together with problem track; "
                "controls are predicted runs"
            )
        every = (runner for part in self.parts() for runner in part.runners)
        trials.distinct(list(dict.fromkeys(every)), "also: runner ")
        return self

    def changed(self, position: int) -> Study:
        """The study that item `position` of `also` describes: this one, with its keys changed.

        Raises ValueError, one line, for a key or value that may not stand there.
        """
        change = self.also[position]
        odd = [key for key in change if key not in VARIABLE]
        if odd or not change:
            what = f"{shown(odd[0])}: key not allowed here" if odd else "empty"
            raise ValueError(f"also[{position}]: {what}; allowed are {', '.join(VARIABLE)}")
        try:
            return Study.model_validate({**self.model_dump(), "also": [], **change})
        except ValidationError as error:
            fault = _line(error.errors(include_url=False)[0])
        raise ValueError(f"also[{position}].{fault}")

    def parts(self) -> list[Study]:
        """This study without `also`, and each of those that `also` adds to it."""
        plain = self.model_copy(update={"also": []})
        return [plain, *(self.changed(position) for position in range(len(self.also)))]


def _line(error: Mapping[str, Any]) -> str:
    """One of pydantic's errors as `key[i]: value is not allowed; what is allowed`."""
    place = [part for part in error["loc"] if isinstance(part, int) or part in Study.model_fields]
    if error["type"] == "extra_forbidden":
        key = str(error["loc"][0])
        near = difflib.get_close_matches(key, Study.model_fields, n=1)
        hint = f", perhaps {near[0]} is meant" if near else ""
        keys = ", ".join(Study.model_fields)
        return f"{shown(key).strip(chr(39))}: unknown key{hint}; allowed are {keys}"
    if not place:
        return str(error["msg"]).removeprefix("Value error, ")
    key = str(place[0])
    where = key + "".join(f"[{part}]" for part in place[1:])
    names = {"arms": ", ".join(arms()) if key == "arms" else "", "variable": ", ".join(VARIABLE)}
    allowed = ALLOWED[key].format(**names)
    if get_origin(Study.model_fields[key].annotation) is list and len(place) == 1:
        allowed = f"it is a list of one or more, and {allowed}"
    if error["type"] == "missing":
        return f"{key}: missing; {allowed}"
    text = str(error["msg"]).removeprefix("Value error, ")
    if error["type"] == "value_error" and "; " in text:
        return f"{where}: {text}"
    return f"{where}: {shown(error['input'])} is not allowed; {allowed}"


def check(content: Any, source: str) -> Study:
    """The study that `content` (a parsed file) describes.

    source: name of the file, for the message. Raises ValueError with one line on the first fault.
    """
    if not isinstance(content, Mapping) or not content:
        raise ValueError(f"{source}: holds no keys; allowed are {', '.join(Study.model_fields)}")
    odd = [key for key in content if not isinstance(key, str)]
    if odd:
        raise ValueError(
            f"{source}: {shown(odd[0])}: unknown key; allowed are {', '.join(Study.model_fields)}"
        )
    try:
        return Study.model_validate(dict(content))
    except ValidationError as error:
        faults = error.errors(include_url=False)
        more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
        line = " ".join(f"{source}: {_line(faults[0])}{more}".split())
    raise ValueError(line)


def read(source: Path | str | TextIO) -> Study:
    """The study of a YAML file (or stream).

    Raises ValueError with one line: file, key, value, what is allowed.
    """
    name = source if isinstance(source, Path | str) else source.name
    if isinstance(source, Path | str) and not Path(source).exists():
        raise ValueError(f"{source}: no such file; name a study's YAML file")
    return check(formats_yaml.read(source), str(name))


def as_yaml(study: Study) -> str:
    """The effective configuration, defaults filled in, as YAML that `read` takes back."""
    return yaml.safe_dump(study.model_dump(), sort_keys=False, allow_unicode=True)


def schema() -> str:
    """JSON schema of a study's configuration, for editors and for config/schema.json."""
    found = Study.model_json_schema()
    complete(found, VARIABLE)
    return json.dumps(found, indent=2) + "\n"


def main() -> None:
    """Command line: check a file or print the schema."""
    parser = argparse.ArgumentParser(description="Check a study's configuration.")
    parser.add_argument("config", nargs="?", help="the study's YAML file")
    parser.add_argument("--schema", action="store_true", help="print the JSON schema instead")
    arguments = parser.parse_args()
    if arguments.schema:
        print(schema(), end="")
        return
    if arguments.config is None:
        parser.error("name a YAML file, or --schema")
    study = read(arguments.config)
    print(f"{arguments.config}: study {study.name} is allowed")


if __name__ == "__main__":
    run_command(main)

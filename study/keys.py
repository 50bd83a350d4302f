"""A study's configuration: every key, what it may be, and one line for whatever is wrong.

    python -m study.keys config/study.yaml     check a file
    python -m study.keys --schema              print the JSON schema (kept in config/schema.json)
    python -m study.keys --table               bring the table of config/README.md up to date

To add a key: declare it in `Study`, its type with limits, choices or words from study.values
and its meaning; then run --schema and --table. A rule between keys goes into
`_belongs_together`, and into study.schema for editors.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, TextIO, get_origin

import yaml
from pydantic import BaseModel, ConfigDict, StrictBool, ValidationError, model_validator

from formats import yaml as formats_yaml
from formats.case import ALTERED
from formats.checkout import CHECKOUT
from formats.errors import Place, sentence, unknown
from formats.files import run_command, write_text
from formats.text import between, shown
from study import mechanisms, trials, values
from study.schema import complete
from study.values import (
    Arm,
    Distinct,
    Name,
    NullControl,
    Number,
    OneOf,
    Osim,
    People,
    Question,
    Rule,
    Runner,
    Some,
    Style,
    Words,
    arms,
    key,
    may_vary,
    words,
)

README = CHECKOUT / "config" / "README.md"

__all__ = ["VARIABLE", "Study", "allowed", "arms", "as_yaml", "check", "read", "schema"]


class Study(BaseModel):
    """One study: each combination of the listed values is one simulation."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    name: Name = key("Name of the study, and of its folder in `results/`.")
    runners: Annotated[list[Runner], Some, Distinct(trials.distinct)] = key(
        "The runner models. `planar`: sagittal plane, 12 coordinates, 36 muscles. `spatial`: "
        "three dimensions, 25 coordinates, 80 muscles, arms that swing. A folder: an own "
        "model with its measured motion, see [measured runners](#measured-runners); relative "
        "to the folder the study is started in.",
        also=True,
    )
    problem: Annotated[
        Literal["predict", "track", "inverse", "track_measured"],
        OneOf(
            "a problem is",
            {
                "predict": "motion found",
                "track": "norm curves followed",
                "inverse": "measured motion kept",
                "track_measured": "measured motion followed",
            },
        ),
    ] = key(
        "`predict`: nothing is prescribed but the speed (and the habit). `track`: "
        "every dose follows the norm curves with `tracking_weight`; needs `habit_weights: "
        "[0]` and `cadence: [free]`. `inverse`: all runners are measured, and every dose "
        "keeps the motion. `track_measured`: all runners are measured, and every dose follows "
        "the motion with `tracking_weight` on contact of its own."
    )
    speeds_m_s: Annotated[
        list[Annotated[float, Number(8, least=1.5, subject="a speed is", unit="m/s")]], Distinct()
    ] = key(
        "Running speeds, m/s.",
        also=True,
    )
    arms: Annotated[list[Arm], Some, Distinct()] = key(
        "The muscle groups whose strength changes. A new group there can be used here at once.",
        also=True,
    )
    doses_percent: Annotated[
        list[
            Annotated[
                float,
                Number(
                    *(300, None, 0),
                    subject="a dose is",
                    unit="per cent of maximal isometric force",
                ),
            ]
        ],
        Some,
        Distinct(),
    ] = key(
        "Strengths, per cent of maximal isometric force (of passive force where "
        "`strength_scales` says so). 100 must be among them: the others start from the 100 % run "
        "and are compared with it."
    )
    sides: Annotated[
        list[Annotated[Literal["both", "left", "right"], OneOf("a side is")]], Some, Distinct()
    ] = key(
        "The legs whose strength changes. One leg alone is simulated over the whole stride.",
        also=True,
    )
    cadence: Annotated[
        list[
            Annotated[
                Literal["free", "locked", "-10%", "-5%", "+5%", "+10%"], OneOf("a cadence is")
            ]
        ],
        Some,
        Distinct(),
    ] = key(
        '`free`: stride time is found. `locked`: that of the free 100 % run. `"-10%"` to '
        '`"+10%"`: step rate below or above that run\'s.',
        also=True,
    )
    habit_weights: Annotated[
        list[Annotated[float, Number(1e4, least=0, subject="a weight is")]], Some, Distinct()
    ] = key(
        "Weight of the squared deviation from the reference runner's own motion. 0: a free "
        "optimum.",
        also=True,
    )
    objectives: values.Objectives = key(
        "What the runner economises. A new one there can be used here at once.",
        also=True,
    )
    strength_scales: Annotated[
        list[
            Annotated[Literal["active", "both", "passive"], OneOf("what of the strength scales is")]
        ],
        Some,
        Distinct(),
    ] = key(
        "What a dose scales: `active` force alone (passive force stays), `both`, or `passive` "
        "force alone (above 100 %: tight muscles).",
        default=["active"],
        also=True,
    )
    drive_percent: values.Drive = values.DRIVE
    reciprocal_inhibition: values.Inhibition = values.INHIBITION
    gluteal_ceiling: values.Ceiling = values.CEILING
    capsule_slack_mm: values.Slack = values.SLACK
    pelvic_tilt_deg: values.Tilt = values.TILT
    starts: Annotated[
        list[Annotated[Literal["cold", "warm", "warm_down"], OneOf("a start is")]], Some, Distinct()
    ] = key(
        "`cold`: from a rough guess. `warm`: from the 100 % run. `warm_down`: the highest "
        "dose from the 100 % run, each other one from the dose above it (not with cadence "
        '`"-10%"` to `"+10%"`). A result that depends on the start has not converged.',
        also=True,
    )
    mesh_intervals: Annotated[int, Number(400, least=10)] = key(
        "Collocation intervals in half a stride; what takes a whole one (a dose on one side, "
        "a measured runner) gets twice as many. 50 is the study's; below 40 is for trying "
        "out."
    )
    tracking_weight: Annotated[float, Number(1e4, above=0)] = key(
        "How closely the 100 % reference runner follows the norm curves.", default=1.0
    )
    mesh_check: Annotated[StrictBool, Words("it is true or false")] = key(
        "Whether the 100 % run and the extreme doses are solved again on twice the intervals;"
        " they are certified only if each primary endpoint stays within its smallest effect.",
        default=False,
    )
    sensitivity: Annotated[StrictBool, Words("it is true or false")] = key(
        "Whether each predicted 100 % run tells how its outcomes change with every number of the "
        "runner: `sensitivities.csv` in its folder, and a figure.",
        default=False,
    )
    draws: Annotated[int, Number(100, least=0)] = key(
        "How many random draws of muscle and contact parameters "
        "(`models/parameters/draws.yaml`) run beside the runner as built. They are the spread"
        " over which a verdict is taken: at least 5 variants are needed. All share the "
        "reference run's motion as habit.",
        default=0,
        also=True,
    )
    controls: Annotated[
        list[
            Annotated[
                Literal["null", "negative", "step_rate", "spring", "speed"],
                *NullControl,
                OneOf("a control is"),
            ]
        ],
        Distinct(),
    ] = key(
        "Runs that show whether the instrument behaves: 100 % from other starts, other toe "
        "flexors, step rates of -10, -5, +5 and +10 %, a rubber band between the feet, 100 % at "
        "2.5, 3.5 and 4.5 m/s (`docs/statistics.md`); at the first habit weight and objective.",
        default=[],
    )
    null_starts: values.Starts = values.STARTS
    also: list[
        Annotated[
            dict[str, Any],
            Words(lambda: f"an item is a mapping of one or more of {', '.join(VARIABLE)}"),
        ]
    ] = key(
        "More cases: each item changes those keys of this study and keeps all others, so that"
        " one thing can be varied at a time.",
        default=[],
    )
    people: People | None = key(
        "Who runs where `runners` says `people`: how many people, or a list of their numbers. "
        "They are drawn from published anthropometry and dynamometry "
        "(`models/parameters/people.yaml`); a number is a seed, person 7 is the same in every "
        "study. Odd numbers are women, even ones men.",
        default=None,
    )
    claims: Rule | None = key(
        "The claims and the rule that judge the study: path of a file like "
        "`config/claims_v2.yaml`, which null stands for, relative to the folder the study is "
        "started in. Report, figures and texts take the claims from it. Changing it solves "
        "nothing again.",
        default=None,
    )
    question: Question | None = key(
        "What the study asks, in a sentence, for its texts; null: as the claims file has it.",
        default=None,
    )
    base_model: Osim | None = key(
        "Path of an own OpenSim model in place of Rajagopal 2015. Relative to the folder the "
        "study is started in.",
        default=None,
    )
    figures: Style | None = key(
        "How the figures look: a journal's preset (`analysis/figures/presets/`), or the path of "
        "a file with some keys of `analysis/figures/figures.yaml` (widths, font, dpi, lines, "
        "colours by dose). "
        "Relative to the folder the study is started in. Changing it redraws the figures and "
        "solves nothing again.",
        default=None,
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
        if self.problem not in trials.PROBLEMS and not self.speeds_m_s:
            raise ValueError(
                "speeds_m_s: [] is not allowed; it is a list of one or more, and "
                + words(Study.model_fields["speeds_m_s"].annotation)
            )
        mechanisms.belongs(self, values.upright())
        trials.belongs(self.runners, self.model_dump())
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
            fault = sentence(error, Study, change, allowed)
        raise ValueError(f"also[{position}].{fault}")

    def parts(self) -> list[Study]:
        """This study without `also`, and each of those that `also` adds to it."""
        plain = self.model_copy(update={"also": []})
        return [plain, *(self.changed(position) for position in range(len(self.also)))]


VARIABLE = tuple(
    key for key, field in Study.model_fields.items() if field.json_schema_extra is may_vary
)
"""Keys that an item of `also` may change; doses are the same in the whole study."""


def allowed(place: Place) -> str:
    """What may stand at a place of a study's file, in words."""
    field = Study.model_fields[str(place[0])]
    found = words(field.annotation, tuple(field.metadata))
    if get_origin(field.annotation) is list and len(place) == 1:
        return f"it is a list of one or more, and {found}"
    return found


def check(content: Any, source: str) -> Study:
    """The study that `content` (a parsed file) describes.

    source: name of the file, for the message. Raises ValueError with one line on the first fault.
    """
    if not isinstance(content, Mapping) or not content:
        raise ValueError(f"{source}: holds no keys; allowed are {', '.join(Study.model_fields)}")
    odd = [key for key in content if not isinstance(key, str)]
    if odd:
        raise ValueError(f"{source}: {unknown(odd[0], Study.model_fields)}")
    try:
        return Study.model_validate(dict(content))
    except ValidationError as error:
        fault = sentence(error, Study, dict(content), allowed)
    raise ValueError(f"{source}: {fault}")


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
    complete(found, VARIABLE, values.upright())
    return json.dumps(found, indent=2) + "\n"


def table() -> str:
    """The keys as a table in Markdown: what is allowed, and what it means."""
    lines = ["| key | allowed | meaning |", "|---|---|---|"]
    for name, field in Study.model_fields.items():
        found = words(field.annotation, tuple(field.metadata)).removeprefix("it is ")
        found = f"list: {found}" if get_origin(field.annotation) is list else found
        default = "" if field.is_required() else f"; default {json.dumps(field.default)}"
        vary = "; may stand in `also`" if name in VARIABLE else ""
        lines.append(f"| `{name}` | {found}{default}{vary} | {field.description} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Command line: check a file, print the schema or renew the table of config/README.md."""
    parser = argparse.ArgumentParser(description="Check a study's configuration.")
    parser.add_argument("config", nargs="?", help="the study's YAML file")
    parser.add_argument("--schema", action="store_true", help="print the JSON schema instead")
    parser.add_argument("--table", action="store_true", help="renew the table of config/README.md")
    arguments = parser.parse_args()
    if arguments.schema:
        print(schema(), end="")
        return
    if arguments.table:
        write_text(README, between(README.read_text("utf-8"), "keys", table()))
        return
    if arguments.config is None:
        parser.error("name a YAML file, or --schema")
    study = read(arguments.config)
    print(f"{arguments.config}: study {study.name} is allowed")


if __name__ == "__main__":
    run_command(main)

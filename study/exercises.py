"""A study of exercises: its keys, its cases, how it is run.

    python -m study.exercises --config config/exercises.yaml --out FOLDER   cases.csv, case.json

The cases are every exercise with every band (those that have one), as grid and as movement, for
every runner, arm, side and dose. exercises.smk runs them; study.launch hands on such a study.
"""

from __future__ import annotations

import argparse
import csv
import io
import itertools
import re
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import AfterValidator, Field, ValidationError

from formats import exercises as book
from formats import yaml as formats_yaml
from formats.case import BASELINE
from formats.checkout import CHECKOUT
from formats.files import as_json, run_command, write_text
from formats.table import escape
from study import child, trials
from study.results import for_snakemake
from study.values import People, arms

PROBLEM = "exercise"
RUNNER = "exercise"
BOOK = "models/exercises.yaml"
KINDS: tuple[book.Kind, ...] = ("static", "movement")


def _some(values: list[Any]) -> list[Any]:
    if not values or len(values) != len(set(values)):
        raise ValueError("it is a list of one or more, each once")
    return values


def _arm(name: str) -> str:
    if name not in arms():
        raise ValueError(f"an arm is one of {', '.join(arms())}")
    return name


def _runners(names: list[str]) -> list[str]:
    for name in names:
        if name not in (RUNNER, trials.PEOPLE) and not trials.is_person(name):
            raise ValueError(
                f"{name!r}: not known; allowed are {RUNNER}, {trials.PEOPLE} and one person "
                "(person_07)"
            )
    return names


class ExerciseStudy(formats_yaml.Keys):
    """A study of exercises. file: of exercises, in place of models/exercises.yaml.

    runners: `exercise`, as built, and `people`, those that the key people names, as in running.

    running: folder of a running study's results, or results/reference, the ones kept in the
    checkout: the chain from exercise to running ends there, and its runs stand beside in figures.
    """

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,59}$")]
    problem: Literal["exercise"]
    exercises: Annotated[list[str], AfterValidator(_some)]
    band: Annotated[list[str], AfterValidator(_some)] = Field(default=[book.NO_BAND])
    kinds: Annotated[list[book.Kind], AfterValidator(_some)] = Field(default=list(KINDS))
    arms: Annotated[list[Annotated[str, AfterValidator(_arm)]], AfterValidator(_some)] = Field(
        default=["hip_flexors"]
    )
    sides: Annotated[list[Literal["both", "left", "right"]], AfterValidator(_some)] = Field(
        default=["both"]
    )
    doses_percent: Annotated[list[Annotated[float, Field(gt=0, le=300)]], AfterValidator(_some)] = (
        Field(default=[100.0])
    )
    objectives: Annotated[
        list[Literal["metabolic_mix", "activation_squared", "activation_cubed"]],
        AfterValidator(_some),
    ] = Field(default=["metabolic_mix"])
    runners: Annotated[list[str], AfterValidator(_some), AfterValidator(_runners)] = Field(
        default=[RUNNER]
    )
    people: People | None = None
    file: str = BOOK
    running: str | None = None

    @property
    def path(self) -> Path:
        """The file of exercises: the checkout's own, or from where the study is started."""
        return CHECKOUT / BOOK if self.file == BOOK else Path(self.file)

    @property
    def beside(self) -> Path | None:
        """The running study's folder: from where the study is started, or of the checkout."""
        if self.running is None:
            return None
        here = Path(self.running)
        return here if here.is_dir() else CHECKOUT / self.running

    def exercises_read(self) -> book.Exercises:
        """The file's content."""
        return book.read(self.path)


@dataclass(frozen=True)
class ExerciseCase:
    """One simulation: the row of cases.csv, and what its case.json holds."""

    exercise: str
    kind: str
    band: str
    arm: str
    side: str
    dose_percent: float
    objective: str
    runner: str = RUNNER
    problem: str = PROBLEM
    speed_m_s: float = 0.0

    @property
    def case(self) -> str:
        """Name of the case and of its folder; a person's ends in who it is."""
        dose = f"{self.dose_percent:g}"
        parts = (self.exercise, self.kind, self.band, self.arm, f"{dose:0>3}", self.side)
        who = [] if self.runner == RUNNER else [self.runner]
        return "_".join([*parts, self.objective, *who])


def asked(config: str) -> bool:
    """Whether a configuration is a study of exercises; another's faults are not told here."""
    try:
        content = formats_yaml.read(config)
    except ValueError:
        return False
    return isinstance(content, dict) and content.get("problem") == PROBLEM


def check(content: Any, source: str) -> ExerciseStudy:
    """The study that a parsed file describes. ValueError, one line, on the first fault."""
    try:
        study = ExerciseStudy.model_validate(content)
        known = study.exercises_read()
        for name in study.exercises:
            known.get(name)
        if trials.PEOPLE in study.runners and not study.people:
            raise ValueError(
                "people: missing; runners [people] needs how many there are, or their numbers"
            )
        if study.beside is not None and not (study.beside / "outcomes.csv").is_file():
            raise ValueError(
                f"running: {study.running}: holds no outcomes.csv; it is the folder of a running "
                "study's results, run to its end, or results/reference"
            )
        for colour in study.band:
            if colour not in (book.NO_BAND, *known.bands.tension_n):
                allowed = ", ".join([book.NO_BAND, *known.bands.tension_n])
                raise ValueError(f"band: {colour!r}: not known; allowed are {allowed}")
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ValueError(f"{source}: {where or 'file'}: {first['msg']}") from None
    except ValueError as error:
        raise ValueError(f"{source}: {error}") from None
    return study


def read(source: str) -> ExerciseStudy:
    """Read a study of exercises."""
    return check(formats_yaml.read(source), source)


def cases(study: ExerciseStudy) -> list[ExerciseCase]:
    """All cases, each once; 100 % is one case for all arms, `baseline`."""
    known = study.exercises_read()
    found: dict[ExerciseCase, None] = {}
    for values in itertools.product(
        *(trials.expanded(study), study.exercises, study.kinds, study.band, study.arms),
        *(study.sides, study.doses_percent, study.objectives),
    ):
        runner, exercise, kind, colour, arm, side, dose, objective = values
        if colour != book.NO_BAND and known.get(exercise).tied is None:
            continue
        changed = dose != 100
        found[
            ExerciseCase(
                *(exercise, kind, colour, arm if changed else BASELINE),
                *(side if changed else "both", float(dose), objective, runner),
            )
        ] = None
    return list(found)


def table(study: ExerciseStudy) -> str:
    """cases.csv."""
    stream = io.StringIO()
    writer = csv.DictWriter(
        stream, ["case", *(f.name for f in fields(ExerciseCase))], lineterminator="\n"
    )
    writer.writeheader()
    for case in cases(study):
        row = {"case": case.case, **asdict(case)}
        writer.writerow({key: escape(cell) for key, cell in row.items()})
    return stream.getvalue()


def case_text(case: ExerciseCase) -> str:
    """What case.json holds."""
    return as_json({"case": case.case, **asdict(case)})


def files_beside(study: ExerciseStudy) -> list[str]:
    """Files of the running study that are opened: outcomes, verdicts, motions of 100 % runs."""
    if study.beside is None:
        return []
    found = [study.beside / "outcomes.csv", study.beside / "claims.json"]
    found += sorted(study.beside.glob(f"*_{BASELINE}_100_*/motion.sto"))
    return [str(path) for path in found if path.is_file()]


def own_book(study: ExerciseStudy, runner: str, folder: str) -> str:
    """The file of exercises that a runner does: a person's is made for them with their model.

    folder: the study's.
    """
    return f"{folder}/runners/{runner}/{book.FILE}" if trials.is_person(runner) else str(study.path)


def strength(study: ExerciseStudy, case: ExerciseCase, folder: str) -> list[str]:
    """Options of models.strength: dose, and the band tied on. folder: the study's."""
    arm = study.arms[0] if case.arm == BASELINE else case.arm
    options = ["--arm", arm, "--dose", repr(case.dose_percent), "--side", case.side]
    if case.band != book.NO_BAND:
        options += ["--tie", own_book(study, case.runner, folder), case.exercise, case.band]
    return options


# Processor seconds of a case from its row to its table, solved by code 28fa0b2 on a busy machine.
SECONDS = {"static": 10.0, "movement": 25.0}
PERSON_SECONDS = 180.0
"""Of building a person: their path polynomials."""


def cost(study: ExerciseStudy, cores: int) -> str:
    """What a study of exercises will take, in one line."""
    kinds = [case.kind for case in cases(study)]
    persons = sum(map(trials.is_person, trials.expanded(study)))
    minutes = (sum(SECONDS[kind] for kind in kinds) + PERSON_SECONDS * persons) / 60
    return (
        f"study {study.name}: {len(kinds)} exercises: about {minutes / cores:.0f} min on {cores} "
        f"cores ({minutes:.0f} min of processor time)"
    )


def run(config: str, cores: str, results: str, lock: Callable[[Path], int]) -> int:
    """Run the study by Snakemake; the exit code. 1 if a step crashed or nothing is certified.

    lock: holds a study's folder, gives the open file's number (study.launch). ValueError where
    another run holds it.
    """
    study = read(config)
    folder = Path(results) / study.name
    held = lock(folder)
    print(f"study {study.name}: {len(cases(study))} exercises, results in {folder}", flush=True)
    options = [
        *("--snakefile", str(CHECKOUT / "exercises.smk"), "--configfile", config),
        *("--config", for_snakemake(results), "--cores", cores),
        *("--keep-going", "--rerun-incomplete", "--nolock"),
    ]
    ended = child.run(options, cores=int(cores), held=held)
    table_file = folder / "exercises.csv"
    if not table_file.is_file():
        print(f"error: {table_file}: not written, see {folder / 'logs'}", file=sys.stderr)
        return 1
    rows = list(csv.DictReader(table_file.open(encoding="utf-8")))
    certified = [row["case"] for row in rows if row["status"] == "certified"]
    for row in rows:
        if row["status"] != "certified":
            print(f"not certified: {row['case']}: {re.sub(' +', ' ', row['reason'])}")
    print(f"{len(certified)} of {len(rows)} exercises certified; report: {folder / 'report.html'}")
    return int(bool(ended.code) or not certified)


def main() -> None:
    """Command line: write the study's tables."""
    parser = argparse.ArgumentParser(description="Write the cases of a study of exercises.")
    parser.add_argument("--config", required=True, help="the study's YAML file")
    parser.add_argument("--out", type=Path, required=True, help="folder of the study's results")
    parser.add_argument("--case", help="write this case's case.json only")
    given = parser.parse_args()
    study = read(given.config)
    if given.case is None:
        effective = yaml.safe_dump(study.model_dump(), sort_keys=False, allow_unicode=True)
        write_text(given.out / "config.yaml", effective)
        write_text(given.out / "cases.csv", table(study))
        return
    for case in cases(study):
        if case.case == given.case:
            write_text(given.out / case.case / "case.json", case_text(case))
            return
    raise ValueError(f"{given.config}: case {given.case!r} is not among its cases")


if __name__ == "__main__":
    run_command(main)

"""Where the runs of a study stand on disk, and what each command is told: for the Snakefile."""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from formats import figure_settings as settings
from formats.case import BASELINE
from formats.checkout import CHECKOUT
from formats.claims import FILE as CLAIMS
from formats.imports import prepare_commands
from formats.solved_again import elsewhere
from formats.yaml import read as read_yaml
from study import trials
from study.cases import Case, ReferenceRun, baseline, cases, grid, guess
from study.keys import Study, as_yaml, check, read

FIGURES = CHECKOUT / "analysis" / "figures" / "figures.yaml"
PLANAR_MUSCLES = CHECKOUT / "models" / "parameters" / "planar_muscles.csv"

ONE_PERSON = r"person_\d{2,4}"
SOLUTION = ("solver.json", "solution.npz")
"""What a run leaves for those that start from it."""


@dataclass(frozen=True)
class Layout:
    """A study's folder results/<name>/, with results possibly outside the checkout."""

    study: Study
    results: Path

    @property
    def folder(self) -> Path:
        """The study's folder."""
        return self.results / self.study.name

    @cached_property
    def cases(self) -> dict[str, Case]:
        """The study's cases by name, in the order in which they stand in cases.csv."""
        return {case.case: case for case in cases(self.study)}

    def of_case(self, *names: str) -> list[str]:
        """Files in a case's folder, as patterns with the wildcard {case}."""
        return [f"{self.folder}/{{case}}/{name}" for name in names]

    def reference(self, name: str) -> Path:
        """Folder of the run that a case takes its habit from."""
        return self._reference(self.cases[name].reference)

    def _reference(self, run: ReferenceRun) -> Path:
        return self.folder / "reference" / run.name

    @cached_property
    def references(self) -> dict[str, ReferenceRun]:
        """The reference runs by name, with the rungs of the ladder below them."""
        found = {}
        for case in self.cases.values():
            if case.measured:
                continue
            run: ReferenceRun | None = case.reference
            while run is not None:
                found[run.name] = run
                run = run.lifted_from
        return found

    @property
    def runners(self) -> list[str]:
        """The runners that the study builds: its own, and those that stand on a lower rung."""
        return list(dict.fromkeys(run.runner for run in self.references.values()))

    @property
    def people(self) -> list[str]:
        """The people that the study builds, by name."""
        return [runner for runner in self.runners if trials.is_person(runner)]

    @property
    def measured_torque(self) -> list[str]:
        """The runners whose isometric torques are told: those of the cases, the first one first."""
        return list(dict.fromkeys(case.runner for case in self.cases.values()))

    @property
    def trials(self) -> dict[str, str]:
        """The measured runners by name, with the folders of their trials."""
        return trials.trials(self.study)

    def trial(self, runner: str) -> list[Path]:
        """The files of a measured runner's trial."""
        return trials.files(self.trials[runner])

    def solved(self, problem: str) -> list[str]:
        """Names of the cases that a problem (predict, track, inverse) finds."""
        return [name for name, case in self.cases.items() if case.problem == problem]

    def pattern(self, names: Iterable[str]) -> str:
        """A wildcard's pattern for cases, by the runners that their names begin with.

        Snakemake matches and fills in every pattern for every file: one that held each of a
        thousand names would make planning grow with the square of their number.
        """
        starts = {}
        for name in names:
            speed = self.cases[name].speed_m_s
            starts[name[: name.index(f"_v{speed!r}")]] = True
        return f"(?:{one_of(starts)})_v[^/]+" if starts else one_of([])

    def runner(self, runner: str, draw: int = 0) -> Path:
        """Folder of a runner at 100 % strength: as built, or with the parameters of a draw."""
        return self.folder / "runners" / (f"{runner}_draw{draw}" if draw else runner)

    @property
    def draws(self) -> list[int]:
        """Numbers of the draws that the study runs."""
        return sorted({case.draw for case in self.cases.values()} - {0})

    def case_runner(self, name: str) -> Path:
        """Folder of the runner that a case changes the strength of."""
        case = self.cases[name]
        own = self.runner(case.runner, case.draw)
        return own / "contact" if case.problem == trials.TRACKED else own

    def guess(self, name: str) -> Path:
        """Folder of the run a case starts from, or whose step rate it takes; else the reference."""
        start = guess(self.cases[name], self.study)
        return self.reference(name) if start is None else self.folder / start.case

    def needed(self, name: str) -> list[Path]:
        """Records and solutions that must exist before a case is solved."""
        folders = dict.fromkeys([self.reference(name), self.guess(name)])
        return [folder / file for folder in folders for file in SOLUTION]

    def rungs(self, run: ReferenceRun) -> list[Path]:
        """Record and solution of the run that one which follows the norm curves is lifted from."""
        below = run.lifted_from
        return [] if below is None else [self._reference(below) / file for file in SOLUTION]

    def options(self, name: str) -> str:
        """Options of simulations.predict that say what a case leans on."""
        options = ["--reference", self.reference(name), "--guess", self.guess(name)]
        return shlex.join(str(option) for option in options)

    @cached_property
    def checkable(self) -> list[str]:
        """Cases worth solving again, finer or from elsewhere: 100 % runs and extreme doses.

        Of the study's own grid and the runner as built (of people the first few): a mesh that is
        fine enough there is so for the cases that `also`, draws, controls and other people add.
        """
        doses = self.study.doses_percent
        ends = (100, min(doses), max(doses))
        same = {"draws": 0, "runners": trials.checked(self.study)}
        plain = grid(self.study.model_copy(update=same))
        found = (c for c in plain if c.dose_percent in ends and not c.mechanisms)
        return [c.case for c in found if c.problem == "predict"]

    @property
    def null_controls(self) -> list[str]:
        """The 100 % runs that the null control solves again from elsewhere.

        Of people only where no runner as built is beside them: five starts cost what ten people do.
        """
        if "null" not in self.study.controls:
            return []
        checked = trials.checked(self.study)
        built = [runner for runner in checked if not trials.is_person(runner)]
        first = self.study.model_copy(
            update={"draws": 0, "habit_weights": self.study.habit_weights[:1]}
        )
        first = first.model_copy(update={"runners": built or checked})
        first = first.model_copy(update={"objectives": self.study.objectives[:1]})
        first = first.model_copy(update={"starts": self.study.starts[:1], "doses_percent": [100]})
        free = (c for c in grid(first) if c.cadence == "free" and not c.mechanisms)
        return [c.case for c in free if c.problem == "predict"]

    @property
    def starts_elsewhere(self) -> list[str]:
        """What the null control solves each of them again as: the declared starts."""
        return [elsewhere(number + 1) for number in range(self.study.null_starts)]

    @property
    def mechanisms(self) -> list[str]:
        """The cases that have one of the article's mechanisms."""
        return [name for name, case in self.cases.items() if case.mechanisms]

    def mesh_checked(self, name: str) -> bool:
        """Whether a case is certified only if a finer mesh says the same."""
        return self.study.mesh_check and name in self.checkable

    @cached_property
    def differentiated(self) -> list[str]:
        """Cases that tell how their outcomes change with every number: predicted 100 % runs of the
        runners as built, at their own step rate."""
        if not self.study.sensitivity:
            return []
        return [
            name
            for name, case in self.cases.items()
            if case == baseline(case) and case.problem == "predict"
            if not case.draw and not case.mechanisms
        ]

    def drawn_around(self, name: str) -> list[str]:
        """The cases of runners drawn around that of a case: the same but for the draw."""
        case = self.cases[name]
        every = self.cases.items()
        return [other for other, c in every if c.draw and replace(c, draw=0) == case]

    def base_model(self) -> str:
        """Option of models.build for an own base model; empty for Rajagopal 2015."""
        path = self.study.base_model
        return "" if path is None else shlex.join(["--base", path])

    @property
    def style(self) -> Path:
        """The file that says how figures look."""
        return FIGURES if self.study.figures is None else settings.file_of(self.study.figures)

    @property
    def rule(self) -> Path:
        """The claims file that the study is judged by."""
        return CLAIMS if self.study.claims is None else Path(self.study.claims)

    def strength(self, name: str) -> str:
        """Options of models.strength; the 100 % run scales an arm by 100 %: no change."""
        case = self.cases[name]
        arm = self.study.arms[0] if case.arm == BASELINE else case.arm
        options = ["--arm", arm, "--dose", f"{case.dose_percent!r}", "--side", case.side]
        options += ["--scales", case.strength_scales]
        if case.spring_n_m:
            options += ["--spring", f"{case.spring_n_m!r}"]
        return shlex.join(options)

    def tracking(self, run: ReferenceRun) -> str:
        """Options of simulations.track for the norm curves: speed, weight, mesh, start."""
        options = ["--speed", run.speed_m_s, "--weight", self.study.tracking_weight]
        options += ["--objective", run.objective, "--mesh", run.mesh_intervals]
        below = run.lifted_from
        if below is not None and below.runner == "planar":
            options += ["--lift", self._reference(below), "--heads", PLANAR_MUSCLES]
        elif below is not None:
            options += ["--body", self._reference(below)]
        return shlex.join(str(option) for option in options)

    def tracking_trial(self, name: str) -> str:
        """Options of simulations.track for a measured stride: trial, weight, mesh."""
        case = self.cases[name]
        options = ["--trial", self.trials[case.runner], "--weight", self.study.tracking_weight]
        options += ["--objective", case.objective, "--mesh", case.mesh_intervals]
        return shlex.join(str(option) for option in options)

    def config(self) -> str:
        """The effective configuration: when it changes, the study's tables are written again."""
        return as_yaml(self.study)


def shipped(*names: str) -> list[str]:
    """Files of the checkout, which a step opens."""
    return [str(CHECKOUT / name) for name in names]


def results_folder(given: Any) -> Path:
    """The folder of results under one spelling, however it is written: from here if it is within.

    Snakemake knows files by their spelling; `results/`, its absolute path and a link to it are one.
    """
    whole = Path(os.path.realpath(str(given)))
    here = Path(os.path.realpath("."))
    return whole.relative_to(here) if whole.is_relative_to(here) else whole


def one_of(names: Iterable[str]) -> str:
    """A wildcard's pattern that matches these names alone, and nothing if there are none.

    Of names that begin with a person any person's is matched: see `Layout.pattern`.
    """
    found = (re.sub(ONE_PERSON, lambda _: ONE_PERSON, re.escape(name)) for name in names)
    return "|".join(dict.fromkeys(found)) or "(?!)"


def prepare_jobs() -> None:
    """Let jobs use the Python that runs Snakemake, this checkout, and one thread of linear algebra.

    On matrices as small as these a second thread of OpenBLAS makes a solve slower.
    """
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    prepare_commands(os.environ)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def layout(
    keys: dict[str, Any], files: Iterable[Path | str], default: Path, results: Path
) -> Layout:
    """The layout of the study that Snakemake was given.

    keys: Snakemake's merged configuration; files: the files it came from; default: the file that
    counts when there are none. A fault ends the program with one line, before any job.
    """
    try:
        named = [str(file) for file in files]
        for file in named:
            read_yaml(file)
        study = check(keys, ", ".join(named) or "--config") if keys or named else read(default)
        found = Layout(study, results)
        settings.read(found.style)
        return found
    except ValueError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)

"""The cases of a study: one row per simulation, and from which other run each one starts.

    python -m study.cases --config config/study.yaml --results results
        writes results/<name>/config.yaml and results/<name>/cases.csv
    python -m study.cases --config config/study.yaml --results results --case NAME
        writes results/<name>/<case>/case.json

The run at 100 % strength is the same simulation whichever muscle group a study changes, so it is
one case, arm `baseline`, shared by all arms and sides.
"""

from __future__ import annotations

import argparse
import csv
import io
import itertools
import sys
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, cast

from formats.case import (
    ALTERED,
    BASELINE,
    CONTROL_SPEEDS,
    MECHANISMS,
    NEGATIVE,
    CaseKeys,
    CaseSettings,
)
from formats.case import mechanisms as mechanisms_of
from formats.files import as_json, run_command, write_text
from formats.objectives import referred_to
from formats.table import escape
from study import mechanisms, trials
from study.keys import Study, as_yaml, read

SPRING_N_M = 120.0


SHORT = {
    "drive_percent": "drive",
    "reciprocal_inhibition": "inhibited",
    "gluteal_ceiling": "ceiling",
    "capsule_slack_mm": "slack",
    "pelvic_tilt_deg": "tilt",
}
"""Mechanisms in the names of cases."""
SIGNED = ("drive_percent", "pelvic_tilt_deg")


def _size(name: str, size: float) -> str:
    """A mechanism's size in the name of a case."""
    number = f"{abs(size)!r}".removesuffix(".0")
    return f"{'minus' if size < 0 else 'plus'}{number}" if name in SIGNED else number


@dataclass(frozen=True)
class ReferenceRun:
    """The 100 % runner that follows the norm curves; its motion is the habit of the cases."""

    runner: str
    speed_m_s: float
    objective: str
    mesh_intervals: int

    @property
    def name(self) -> str:
        """Name of its folder within a study's reference/."""
        return f"{self.runner}_v{self.speed_m_s!r}_{self.objective}"

    @property
    def lifted_from(self) -> ReferenceRun | None:
        """The rung below: a person starts from the spatial runner's, that from the planar one's."""
        if trials.is_person(self.runner):
            return replace(self, runner="spatial")
        return replace(self, runner="planar") if self.runner == "spatial" else None


@dataclass(frozen=True)
class Case:
    """One simulation: the row of cases.csv, and what its case.json holds (units in the names).

    dose_percent: strength of the muscles of `arm` on `side`, per cent of maximal isometric force.
    draw: number of the random draw of muscle and contact parameters; 0: the runner as built.
    spring_n_m: stiffness of a rubber band between the feet; 0: none.
    strength_scales: what of the muscles' strength a dose scales: active, both or passive force.
    The rest are the article's mechanisms (formats.case.MECHANISMS).
    """

    runner: str
    problem: str
    speed_m_s: float
    arm: str
    side: str
    dose_percent: float
    cadence: str
    habit_weight: float
    objective: str
    start: str
    mesh_intervals: int
    draw: int = 0
    spring_n_m: float = 0.0
    strength_scales: str = "active"
    drive_percent: float = 0.0
    reciprocal_inhibition: float = 0.0
    gluteal_ceiling: float = 1.0
    capsule_slack_mm: float = 0.0
    pelvic_tilt_deg: float = 0.0

    @property
    def mechanisms(self) -> dict[str, float]:
        """The mechanisms at work, with their sizes."""
        return mechanisms_of(asdict(self))

    @property
    def settings(self) -> CaseKeys:
        """Its keys as case.json and requests hold them: mechanisms only where they are at work."""
        kept = self.mechanisms
        keys = {k: v for k, v in asdict(self).items() if k in kept or k not in MECHANISMS}
        return cast(CaseKeys, keys)

    @property
    def case(self) -> str:
        """Name of the case and of its folder, unique within a study."""
        dose = f"{self.dose_percent:g}"
        if float(dose) != self.dose_percent:
            dose = repr(self.dose_percent)
        whole, point, rest = dose.partition(".")
        cadence = self.cadence.replace("+", "plus").replace("-", "minus").replace("%", "")
        parts = [
            self.runner,
            f"v{self.speed_m_s!r}",
            self.arm,
            f"{whole:0>3}{point}{rest}",
            self.side,
            cadence,
            f"w{self.habit_weight!r}".removesuffix(".0"),
            self.objective,
            self.start,
            *([f"draw{self.draw}"] if self.draw else []),
            *([f"spring{self.spring_n_m!r}".removesuffix(".0")] if self.spring_n_m else []),
            *([] if self.strength_scales == "active" else [self.strength_scales]),
            *(f"{SHORT[name]}{_size(name, size)}" for name, size in self.mechanisms.items()),
        ]
        return "_".join(parts)

    @property
    def measured(self) -> bool:
        """Whether the motion is measured, kept or followed, so that no other run is leant on."""
        return self.problem in trials.PROBLEMS

    @property
    def kept(self) -> bool:
        """Whether the measured motion and ground force are kept as they are."""
        return self.problem == trials.KEPT

    @property
    def reference(self) -> ReferenceRun:
        """The run that follows the norm curves and whose motion is the habit."""
        objective = referred_to(self.objective)
        return ReferenceRun(self.runner, self.speed_m_s, objective, self.mesh_intervals)


def baseline(case: Case) -> Case:
    """The 100 % run that `case` is compared with.

    With cadence locked to that of the free 100 % run, it is that run itself. A mechanism stays.
    """
    return replace(
        case,
        arm=BASELINE,
        side="both",
        dose_percent=100.0,
        cadence="free" if case.cadence == "locked" else case.cadence,
        strength_scales="active",
        start="cold" if case.start == "cold" else "warm",
    )


def free_baseline(case: Case) -> Case:
    """The 100 % run with free cadence and no mechanism, whose step rate a case may keep or alter.

    A drive is told from its peak of thigh flexion.
    """
    none: dict[str, Any] = dict(MECHANISMS)
    return baseline(replace(case, cadence="free", spring_n_m=0.0, **none))


def guess(case: Case, study: Study) -> Case | None:
    """The case whose solution, and whose step rate if that is not free, `case` starts from.

    None: the reference run. warm: the free 100 % run. warm_down: the next higher dose, the highest
    one the 100 % run.
    """
    rough = case.start == "cold" and case.cadence == "free" and not case.mechanisms
    if case == free_baseline(case) or rough:
        return None
    if case.start == "warm_down" and case.arm != BASELINE:
        higher = [d for d in study.doses_percent if d > case.dose_percent and d != 100]
        if higher:
            return replace(case, dose_percent=float(min(higher)))
    return free_baseline(case)


def cases(study: Study) -> list[Case]:
    """All cases of a study, each once: its grid, those that `also` adds, then its controls."""
    ordered = dict.fromkeys(case for part in study.parts() for case in grid(part))
    return list(ordered | dict.fromkeys(control_cases(study)))


def control_cases(study: Study) -> list[Case]:
    """The runs that only controls need, at the study's first habit weight, objective and start.

    Of people the first few have them (trials.checked). They may be among the grid's too. The null
    control solves a case of the grid again (Layout.null_controls).
    """
    one = {"habit_weights", "objectives", "starts", "arms", "sides", "cadence"}
    first = {key: getattr(study, key)[:1] for key in one} | {"cadence": ["free"], "sides": ["both"]}
    first |= {"runners": trials.checked(study), **mechanisms.none()}
    found: list[Case] = []
    for free in grid(study.model_copy(update={**first, "draws": 0, "doses_percent": [100]})):
        if "negative" in study.controls:
            ends = {min(study.doses_percent), max(study.doses_percent)} - {100}
            start = free.start if free.measured else study.starts[0]
            weakened = replace(free, arm=NEGATIVE, start=start)
            found += [replace(weakened, dose_percent=float(dose)) for dose in sorted(ends)]
        if "step_rate" in study.controls and not free.measured:
            found += [replace(free, cadence=cadence) for cadence in ALTERED]
        if "spring" in study.controls and not free.measured:
            found.append(replace(free, spring_n_m=SPRING_N_M))
        if "speed" in study.controls and not free.measured:
            found += [replace(free, speed_m_s=speed) for speed in CONTROL_SPEEDS]
    return found


def grid(study: Study) -> list[Case]:
    """The cases of the listed values: the 100 % runs first, then the doses outward from 100 %."""
    doses = [dose for dose in study.doses_percent if dose != 100]
    dosed = sorted(doses, key=lambda dose: abs(dose - 100)) or [100.0]
    every = [
        Case(
            runner=trials.name(runner),
            problem=trials.problem(runner, study.problem),
            speed_m_s=float(speed),
            arm=arm,
            side=side,
            dose_percent=float(dose),
            cadence=cadence,
            habit_weight=float(weight),
            objective=objective,
            start=start,
            mesh_intervals=study.mesh_intervals,
            draw=draw,
            strength_scales=scales,
            **sizes,
        )
        for runner in trials.expanded(study)
        for speed, objective, weight, cadence, start in itertools.product(
            *trials.axes(runner, study)
        )
        for draw, scales, arm, side, sizes, dose in itertools.product(
            *(range(study.draws + 1), study.strength_scales, study.arms, study.sides),
            *(mechanisms.sizes(study, trials.is_measured(runner)), dosed),
        )
    ]
    ordered: dict[Case, None] = {}
    for case in every:
        ordered.update(dict.fromkeys([free_baseline(case), baseline(case)]))
    if doses:
        ordered.update(dict.fromkeys(every))
    return list(ordered)


def row(case: Case, study: Study) -> dict[str, str | float | int]:
    """The case's row of cases.csv: its name, its keys, and the runs it leans on (or '')."""
    start = guess(case, study)
    return {
        "case": case.case,
        **asdict(case),
        "baseline": baseline(case).case,
        "guess": start.case if start else "",
    }


def table(study: Study) -> str:
    """cases.csv: one line per case; mechanisms that no case has are no columns."""
    stream = io.StringIO()
    rows = [row(case, study) for case in cases(study)]
    unused = {n for n, none in MECHANISMS.items() if all(r.get(n, none) == none for r in rows)}
    names = [f.name for f in fields(Case) if f.name not in unused]
    names = ["case", *names, "baseline", "guess"]
    writer = csv.DictWriter(stream, names, lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    for found in rows:
        writer.writerow({key: escape(cell) for key, cell in found.items()})
    return stream.getvalue()


def case_text(case: Case) -> str:
    """What case.json holds: the case's name and keys."""
    content: CaseSettings = {"case": case.case, **case.settings}
    return as_json(content)


def main() -> None:
    """Command line: write the study's tables, or one case's case.json."""
    parser = argparse.ArgumentParser(description="Write the cases of a study.")
    parser.add_argument("--config", required=True, help="the study's YAML file, - for stdin")
    parser.add_argument("--results", type=Path, default=Path("results"), help="folder of results")
    parser.add_argument("--case", help="write this case's case.json only")
    arguments = parser.parse_args()
    study = read(sys.stdin if arguments.config == "-" else arguments.config)
    folder = arguments.results / study.name
    if arguments.case is None:
        write_text(folder / "config.yaml", as_yaml(study))
        write_text(folder / "cases.csv", table(study))
        return
    for case in cases(study):
        if case.case == arguments.case:
            write_text(folder / case.case / "case.json", case_text(case))
            return
    raise ValueError(f"{arguments.config}: case {arguments.case!r} is not among its cases")


if __name__ == "__main__":
    run_command(main)

"""What each step of a study is asked for, and whether what is stored was made for just that.

A step keeps its request (request.json, a text) beside what it made, written last. Before anything
runs, each request that is kept is compared with the one of the study at hand: where they differ,
or none is kept, the step runs again, whatever Snakemake's own records say or however the folder's
files are dated. A request holds settings, and the hash (sha256) of the request of each step that it
leans on.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Hashable, Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, NotRequired, TypedDict

from formats.case import MOTION_FILES, CaseKeys
from formats.objectives import named
from formats.origin import solver_code
from formats.untrusted import read_object
from study import trials
from study.cases import ReferenceRun, case_text, guess, table
from study.workflow import Layout

FILE = "request.json"
SOLVE = "solver.json"


Weights = Mapping[str, float | bool]
"""An objective's weights and settings, as simulations/objectives.yaml has them."""


class DrawnRunner(TypedDict):
    """A runner with parameters drawn at random; runner: digest of the one as it is."""

    draw: int
    runner: str


class MeasuredRunner(TypedDict):
    """A measured runner; trial: hash of each of its files by name."""

    runner: str
    trial: dict[str, str]


class BuiltRunner(TypedDict):
    """A runner that is built; base_model: hash of an own one."""

    runner: str
    base_model: str | None


class Strength(TypedDict):
    """A case's runner: options of models.strength, digest of the runner at 100 %."""

    options: str
    runner: str


class Dynamometer(TypedDict):
    """Isometric torques: arms and doses (%), digest of the runner at 100 %."""

    arms: list[str]
    doses_percent: list[float]
    runner: str


class Rule(TypedDict):
    """Hash of the claims file."""

    claims: str


class Reference(TypedDict):
    """A reference run; runner, lifted_from: digests."""

    runner: str
    speed_m_s: float
    objective: str
    mesh_intervals: int
    weights: Weights
    tracking_weight: float
    lifted_from: str | None


class Solve(CaseKeys):
    """A case; digests: strength, and of the runs that it leans on, which depend on its problem."""

    strength: str
    weights: Weights
    tracking_weight: NotRequired[float]
    lifted_from: NotRequired[str | None]
    reference: NotRequired[str]
    guess: NotRequired[str | None]


class Again(TypedDict):
    """A case solved again, and how; case: digest."""

    how: str
    case: str


class Certify(TypedDict):
    """A certificate; mesh_check: whether a finer mesh must say the same; case: digest."""

    mesh_check: bool
    case: str


Runner = DrawnRunner | MeasuredRunner | BuiltRunner
Request = Runner | Strength | Dynamometer | Rule | Reference | Solve | Again | Certify


def text(keys: Request) -> str:
    """A request as it is kept: JSON on one line."""
    return json.dumps(keys, sort_keys=True)


def digest(request: str) -> str:
    """Hash of a request that another one leans on, 64 hexadecimal digits."""
    return hashlib.sha256(request.encode()).hexdigest()


def content(path: Path) -> str:
    """Hash of a file that a study names; 64 hexadecimal digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


class Requests:
    """The requests of a study's steps, and what is stored in its folder beside them.

    again: count what older code solved as not made.
    """

    def __init__(self, layout: Layout, again: bool = False) -> None:
        self.layout = layout
        self.study = layout.study
        self.again = again
        self._known: dict[Hashable, str] = {}

    def _once(self, key: Hashable, keys: Callable[[], Request]) -> str:
        """The request `key`, put together once a study: others lean on it."""
        if key not in self._known:
            self._known[key] = text(keys())
        return self._known[key]

    @cached_property
    def _sources(self) -> dict[str, dict[str, str]]:
        """Hashes of the files that measured runners are made from, by runner."""
        return {
            name: {path.name: content(path) for path in trials.files(folder)}
            for name, folder in self.layout.trials.items()
        }

    def runner(self, name: str, draw: int = 0) -> str:
        """A runner at 100 % strength, built or measured; draw 0: as it is."""

        def keys() -> Runner:
            if draw:
                return {"draw": draw, "runner": digest(self.runner(name))}
            if name in self._sources:
                return {"runner": name, "trial": self._sources[name]}
            base = self.study.base_model
            return {"runner": name, "base_model": content(Path(base)) if base else None}

        return self._once(("runner", name, draw), keys)

    def _weights(self, objective: str) -> Weights:
        """What an objective's name means now."""
        return self._objectives[objective]

    @cached_property
    def _objectives(self) -> dict[str, Weights]:
        return dict(named())

    def strength(self, name: str) -> str:
        """A case's runner."""
        case = self.layout.cases[name]
        return self._once(
            ("strength", name),
            lambda: {
                "options": self.layout.strength(name),
                "runner": digest(self.runner(case.runner, case.draw)),
            },
        )

    def dynamometer(self, runner: str) -> str:
        """The table of a runner's isometric torques."""
        keys: Dynamometer = {
            "arms": self.study.arms,
            "doses_percent": self.study.doses_percent,
            "runner": digest(self.runner(runner)),
        }
        return text(keys)

    def rule(self) -> str:
        """The claims file that the study is judged by."""
        return text({"claims": content(self.layout.rule)})

    def reference(self, run: ReferenceRun) -> str:
        """A run that follows the norm curves."""
        below = run.lifted_from
        return self._once(
            ("reference", run),
            lambda: {
                "runner": digest(self.runner(run.runner)),
                "speed_m_s": run.speed_m_s,
                "objective": run.objective,
                "mesh_intervals": run.mesh_intervals,
                "weights": self._weights(run.objective),
                "tracking_weight": self.study.tracking_weight,
                "lifted_from": digest(self.reference(below)) if below else None,
            },
        )

    def solve(self, name: str) -> str:
        """A case: its row, its runner, and the runs that it leans on."""
        case = self.layout.cases[name]

        def keys() -> Solve:
            found: Solve = {
                **case.settings,
                "strength": digest(self.strength(name)),
                "weights": self._weights(case.objective),
            }
            if case.problem == "track":
                below = case.reference.lifted_from
                found["tracking_weight"] = self.study.tracking_weight
                found["lifted_from"] = digest(self.reference(below)) if below else None
            elif case.problem == trials.TRACKED:
                found["tracking_weight"] = self.study.tracking_weight
            elif not case.measured:
                start = guess(case, self.study)
                found["reference"] = digest(self.reference(case.reference))
                found["guess"] = digest(self.solve(start.case)) if start else None
            return found

        return self._once(("solve", name), keys)

    def solve_again(self, name: str, how: str) -> str:
        """A case on a finer mesh or from elsewhere."""
        return text({"how": how, "case": digest(self.solve(name))})

    def certify(self, name: str) -> str:
        """A certificate: of which solve, and whether a finer mesh must say the same."""
        checked = self.layout.mesh_checked(name)
        return text({"mesh_check": checked, "case": digest(self.solve(name))})

    def case(self, name: str) -> str:
        """The whole of case.json."""
        return case_text(self.layout.cases[name])

    def cases(self) -> str:
        """The whole of cases.csv."""
        return table(self.study)

    def config(self) -> str:
        """The whole of config.yaml."""
        return self.layout.config()

    def compared(self, workflow: Any) -> Callable[..., Callable[[Any], list[str]]]:
        """A maker of Snakemake's input functions, each of which adds no file to its step's inputs.

        Where what is stored was made for another request, it has the step run again: workflow is
        Snakemake's, and its list of forced files is what Snakemake looks at before all records.
        """

        def as_asked(
            output: str, request: Callable[[Any], str], solve: bool = False
        ) -> Callable[[Any], list[str]]:
            """output: the file that keeps the request, with wildcards as in its rule.

            request: what it is to hold, from the wildcards; solve: it stands beside a solve.
            """

            def compare(wildcards: Any) -> list[str]:
                path, text = Path(output.format(**wildcards)), request(wildcards)
                made = self.made(path.parent, text) if solve else kept(path, text)
                if workflow.is_main_process and not made:
                    workflow.dag.forcefiles.add(str(path))
                return []

            return compare

        return as_asked

    def of_solves(self) -> Iterable[tuple[Path, str]]:
        """Every folder of the study that is to hold a solve, and what it is asked for."""
        layout = self.layout
        for name, run in layout.references.items():
            yield layout.folder / "reference" / name, self.reference(run)
        for name in layout.cases:
            yield layout.folder / name, self.solve(name)

    def made(self, folder: Path, request: str) -> bool:
        """Whether a folder holds the solve that is asked for (converged or not)."""
        if not all((folder / name).is_file() for name in (SOLVE, *MOTION_FILES.values())):
            return False
        if not kept(folder / FILE, request):
            return False
        return not (self.again and older(folder))

    def told(self) -> list[str]:
        """What is to be known of the solves that are stored, a line each; empty if all is well."""
        stored = [pair for pair in self.of_solves() if (pair[0] / SOLVE).is_file()]
        unknown = [folder for folder, _ in stored if not (folder / FILE).is_file()]
        other = [f for f, asked in stored if f not in unknown and not kept(f / FILE, asked)]
        same = [f for f, _ in stored if f not in unknown and f not in other]
        old = [folder for folder in same if older(folder)]
        lines = []
        if other:
            lines.append(f"{runs(other)} made for another configuration: made again")
        if unknown:
            lines.append(f"{runs(unknown)} not known to be what is asked: made again")
        if old:
            how = "solved again" if self.again else "make study AGAIN=1 solves them again"
            lines.append(f"{runs(old)} solved by older code: {how}")
        return lines


def runs(folders: list[Path]) -> str:
    """How many stored runs, and the first of them, as the beginning of a sentence."""
    many = f"{len(folders)} stored runs" if len(folders) > 1 else "1 stored run"
    return f"{many} ({folders[0].name}{', ..' if len(folders) > 1 else ''})"


def kept(path: Path, request: str) -> bool:
    """Whether a file holds this request, and nothing else."""
    try:
        return path.read_text("utf-8") == request
    except (OSError, UnicodeDecodeError):
        return False


def older(folder: Path) -> bool:
    """Whether other code than the present solved what is stored, or it is not known which did."""
    try:
        made = read_object(folder / SOLVE).get("made")
    except ValueError:
        return True
    return not isinstance(made, dict) or made.get("code") != solver_code()

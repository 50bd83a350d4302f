"""What a study will cost, told before it starts, from measured times.

    python -m study.cost --config config/full.yaml --cores 32     tell the cost, run nothing
    python -m study.cost --measure results/study results/quick .. > config/costs.yaml

Every step of a study leaves its time and memory in benchmarks/ (Snakemake's benchmark files). The
means of some studies are kept in config/costs.yaml with how long their machine took for a fixed
calculation; what this machine takes for it scales them (study/machine.py). What the results folder
at hand has measured on this machine goes before them.
"""

from __future__ import annotations

import argparse
import statistics
import string
import sys
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import yaml

from formats import solved_again
from formats.checkout import CHECKOUT
from formats.files import run_command
from formats.yaml import read as read_yaml
from study import machine, trials
from study.cases import ReferenceRun
from study.keys import read
from study.requests import Requests
from study.workflow import Layout

FILE = CHECKOUT / "config" / "costs.yaml"
ANALYSIS = ("strength", "replay", "certify")
PREDICT, AGAIN = "predict", "again_"
FINE, ELSEWHERE = AGAIN + solved_again.FINE, AGAIN + solved_again.ELSEWHERE
INVERSE, SENSITIVITY, AGREEMENT = "inverse", "sensitivity", "agreement_fine"
REST = "rest"
"""Of a study: all that is done once, with its figures, film and report."""
MEASURED = "measured"
"""Instead of its name, of a runner of a measured trial: another's costs as much."""
REFERENCE, RUNNER, SECONDS, MEMORY, MESH = "reference", "runner", "seconds", "memory_mb", "mesh"
LONG_S = 2 * 3600.0
"""A study longer than this is not started on a terminal without asking."""

YARDSTICK = "yardstick_s"
MOST_APART = 3.0
"""Times as fast or slow as the machine of config/costs.yaml: more is not believed."""

Costs = dict[str, dict[str, dict[str, float]]]
"""runner -> step -> {seconds, memory_mb, mesh (intervals it was measured with)}."""


@dataclass(frozen=True)
class Cost:
    """What is left: solves; core_s: processor seconds; wall_s: on `cores`; memory_mb: at once."""

    cases: int
    solves: int
    core_s: float
    wall_s: float
    memory_mb: float
    cores: int

    def text(self) -> str:
        """In one line, for people."""
        return (
            f"{self.solves} solves for {self.cases} cases: about {duration(self.wall_s)} on "
            f"{self.cores} cores ({duration(self.core_s)} of processor time) and "
            f"{self.memory_mb / 1000:.1f} GB of memory"
        )


def duration(seconds: float) -> str:
    """Seconds in words: minutes below two hours, else hours; below a minute and a half, seconds."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"


def measure(folders: Iterable[Path]) -> Costs:
    """Means of the benchmark files of finished studies; empty where there are none.

    Means, because a sum is forecast: of five starts elsewhere one may take as long as all others.
    """
    found: dict[tuple[str, str], list[tuple[float, float, float]]] = defaultdict(list)
    for folder in folders:
        config = folder / "config.yaml"
        if not config.is_file():
            continue
        study = read(config)
        layout = Layout(study, folder.parent)
        who = {name: _who(layout, name) for name in (*layout.runners, *layout.trials)}
        for name, case in layout.cases.items():
            for path in (folder / "benchmarks" / name).glob("*.tsv"):
                step = path.stem.rstrip(string.digits)  # of any start elsewhere
                found[who[case.runner], step] += _read(path, case.mesh_intervals)
        for name, run in layout.references.items():
            path = folder / "benchmarks" / "reference" / f"{name}.tsv"
            found[who[run.runner], REFERENCE] += _read(path, run.mesh_intervals)
        for runner in who:
            path = folder / "benchmarks" / "runners" / f"{runner}.tsv"
            found[who[runner], RUNNER] += _read(path, study.mesh_intervals)
        # Only of a study that has come to its end: its report is there.
        if (folder / "benchmarks" / "report.tsv").is_file():
            found[next(iter(who.values())), REST] += _rest(
                folder / "benchmarks", study.mesh_intervals
            )
    costs: Costs = {}
    for (runner, step), values in sorted(found.items()):
        if values:
            means = [statistics.fmean(column) for column in zip(*values, strict=True)]
            numbers = dict(zip((SECONDS, MEMORY, MESH), means, strict=True))
            costs.setdefault(runner, {})[step] = {k: round(v, 1) for k, v in numbers.items()}
    return costs


def _who(layout: Layout, runner: str) -> str:
    """Under whose name a runner's costs stand."""
    return MEASURED if runner in layout.trials else runner


def _rest(folder: Path, mesh: int) -> list[tuple[float, float, float]]:
    """Seconds of all steps that a study has once, and the most memory of one."""
    files = [
        *folder.glob("*.tsv"),
        *folder.glob("figures/*.tsv"),
        *folder.glob("dynamometer/*.tsv"),
    ]
    values = [one for path in files for one in _read(path, mesh)]
    return [(sum(v[0] for v in values), max(v[1] for v in values), float(mesh))] if values else []


def _read(path: Path, mesh: int) -> list[tuple[float, float, float]]:
    """(seconds, MB, mesh) of a benchmark file; none if it is missing or holds no numbers."""
    try:
        header, *lines = path.read_text().splitlines()
    except (OSError, ValueError):
        return []
    names, found = header.split("\t"), []
    for line in lines:
        row = dict(zip(names, line.split("\t"), strict=False))
        try:
            # On several cores a step takes more of them than it lasts.
            seconds = max(float(row["s"]), _number(row.get("cpu_time")))
            found.append((seconds, float(row["max_rss"]), float(mesh)))
        except (KeyError, ValueError):
            continue
    return found


def _number(cell: str | None) -> float:
    """A cell's number; 0 where a job was too short for Snakemake to see any."""
    try:
        return float(cell or 0.0)
    except ValueError:
        return 0.0


def known(results: Path) -> Costs:
    """Costs as shipped, at this machine's speed, and before them what studies in `results` measured
    on it."""
    shipped = read_yaml(FILE)
    slower = machine.yardstick() / shipped[YARDSTICK]
    slower = min(max(slower, 1.0 / MOST_APART), MOST_APART)
    costs: Costs = {
        runner: {step: one | {SECONDS: one[SECONDS] * slower} for step, one in steps.items()}
        for runner, steps in shipped["costs"].items()
    }
    try:
        here = measure(path.parent for path in sorted(results.glob("*/config.yaml")))
    except ValueError:  # a study of another version: its times are not needed
        here = {}
    runners = dict.fromkeys([*costs, *here])
    return {r: costs.get(r, costs["spatial"]) | here.get(r, {}) for r in runners}


def by_rule(costs: Costs) -> dict[str, float]:
    """Seconds of a step by the name of its rule, the median over runners and ways of a rule."""
    found: dict[str, list[float]] = defaultdict(list)
    for steps in costs.values():
        for name, one in steps.items():
            found[name].append(one[SECONDS])
            found[name.split("_")[0]].append(one[SECONDS])
    return {rule: statistics.median(values) for rule, values in found.items()}


def estimate(layout: Layout, costs: Costs, cores: int, again: bool = False) -> Cost:
    """Cost of what a study has not solved yet, judged by the requests kept beside its solves.

    again: count what older code solved as not solved.
    A solve's time grows with its intervals; one leg alone takes the whole stride, twice as many.
    """
    fallback = costs["spatial"]

    def of(runner: str) -> dict[str, dict[str, float]]:
        return costs.get(_who(layout, runner), fallback)

    def seconds(runner: str, step: str, intervals: float) -> float:
        steps = of(runner)
        one = steps.get(step) or (steps.get(FINE) if step == ELSEWHERE else None)
        one = one or steps.get(PREDICT) or fallback[PREDICT]
        solved = step in (PREDICT, INVERSE, trials.TRACKED, REFERENCE, FINE, ELSEWHERE)
        return one[SECONDS] * (intervals / one[MESH] if solved else 1.0)

    def known_s(runner: str, step: str) -> float:
        return of(runner).get(step, {}).get(SECONDS, 0.0)

    asked = Requests(layout, again)
    folder = layout.folder
    total = 0.0
    solves = 0
    walls: dict[str, float] = {}
    for run in layout.references.values():
        if not asked.made(folder / "reference" / run.name, asked.reference(run)):
            solves += 1
            wall = seconds(run.runner, REFERENCE, run.mesh_intervals)
            wall += seconds(run.runner, RUNNER, run.mesh_intervals)
            total += wall
            walls[run.name] = wall
    left = [(n, c) for n, c in layout.cases.items() if not asked.made(folder / n, asked.solve(n))]
    for _, case in left:
        whole = 1 if case.side == "both" or case.dose_percent == 100 else 2
        if case.kept:
            total += seconds(case.runner, INVERSE, case.mesh_intervals)
        elif case.problem == trials.TRACKED:
            total += seconds(case.runner, trials.TRACKED, case.mesh_intervals)
        else:
            total += seconds(case.runner, PREDICT, whole * case.mesh_intervals)
        total += sum(seconds(case.runner, step, case.mesh_intervals) for step in ANALYSIS)
    taken_in = {case.runner for _, case in left if case.runner in layout.trials}
    total += sum(known_s(runner, RUNNER) for runner in taken_in)
    told = set(layout.differentiated)
    total += sum(known_s(case.runner, SENSITIVITY) for name, case in left if name in told)
    checks = [(n, solved_again.FINE) for n in layout.checkable if layout.mesh_checked(n)]
    checks += [(n, how) for n in layout.null_controls for how in layout.starts_elsewhere]
    checks = [(n, w) for n, w in checks if not asked.made(folder / n / w, asked.solve_again(n, w))]
    for name, how in checks:
        case = layout.cases[name]
        step = FINE if how == solved_again.FINE else ELSEWHERE
        total += seconds(case.runner, step, case.mesh_intervals) + known_s(case.runner, AGREEMENT)
    if left or checks:
        total += max(known_s(case.runner, REST) for case in layout.cases.values())
    runners = {run.runner for run in layout.references.values()}
    memory = max(
        (one[MEMORY] for runner in runners for one in of(runner).values()),
        default=0.0,
    )
    solves += len(left) + len(checks)
    chain = _longest(layout, walls)
    wall = chain + max(total - chain, 0.0) / cores  # a solve takes one core
    busy = min(cores, max(solves, 1))
    return Cost(len(layout.cases), solves, total, wall, memory * busy, cores)


def _longest(layout: Layout, walls: dict[str, float]) -> float:
    """Wall time (s) of the longest ladder of reference runs, which all else waits for."""
    longest = 0.0
    for run in layout.references.values():
        rung: ReferenceRun | None = run
        together = 0.0
        while rung is not None:
            together += walls.get(rung.name, 0.0)
            rung = rung.lifted_from
        longest = max(longest, together)
    return longest


def consent(cost: Cost, yes: bool) -> bool:
    """Whether to start: asked on a terminal only, and only about a long study."""
    if yes or cost.wall_s < LONG_S or not sys.stdin.isatty():
        return True
    try:
        answer = input(f"this takes about {duration(cost.wall_s)}; start? [y/N] ")
    except EOFError:
        return False
    return answer.strip().lower() in ("y", "yes")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Tell what a study will cost.")
    parser.add_argument("--config", default="config/study.yaml", help="the study's YAML file")
    parser.add_argument("--cores", type=int, default=2, help="jobs at the same time")
    parser.add_argument("--results", type=Path, default=Path("results"), help="folder of results")
    parser.add_argument(
        "--measure", type=Path, nargs="+", help="print the costs of these finished studies instead"
    )
    given = parser.parse_args()
    if given.cores < 1:
        raise ValueError(f"--cores {given.cores}: a whole number from 1 up is needed")
    if given.measure:
        measured = {YARDSTICK: round(machine.yardstick(), 4), "costs": measure(given.measure)}
        print(HEADER + yaml.safe_dump(measured, sort_keys=False), end="")
        return
    study = read(given.config)
    layout = Layout(study, given.results)
    print(f"study {study.name}: {estimate(layout, known(given.results), given.cores).text()}")


HEADER = """\
# Means over the jobs of finished studies, made by
#     python -m study.cost --measure results/study results/quick results/mine .. > config/costs.yaml
# seconds: of a job on one core, of several cores together; memory_mb: its peak;
# mesh: intervals of the solves they were measured on;
# yardstick_s: what that machine took for a fixed calculation (study/machine.py).
"""

if __name__ == "__main__":
    run_command(main)

"""How planning and collecting grow with the number of cases.

    python -m benchmarks.scale --case results/quick/CASE [--sizes 100 300 1000] [--out ..]
    python -m benchmarks.scale --people [10 100 1000]

Planning: a dry run of Snakemake over a design matrix of that size, or over so many people: then
with how many cases and steps that is, and the hours that config/costs.yaml lets expect. Collecting:
outcomes.csv from as many copies of one solved case. Processor seconds, so that other work on the
machine counts little.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from benchmarks.commands import ROOT, environment
from benchmarks.machine import machine
from benchmarks.tables import table
from formats.files import run_command, write_text
from formats.yaml import read as read_yaml
from study.cases import table as cases_table
from study.cost import estimate, known
from study.keys import read
from study.workflow import Layout

QUICK = ROOT / "config" / "quick.yaml"
PEOPLE = ROOT / "config" / "people.yaml"
SPEEDS, WEIGHTS = [2.0, 2.5, 3.0, 3.5, 4.0], [0.1, 0.05]
READ = ("solver.json", "certificate.json", "outcomes.json", "head.json", "two_way.json")


def design(size: int) -> dict[str, Any]:
    """A study of `size` cases: speeds x habit weights x doses. size: a multiple of ten."""
    content = read_yaml(QUICK)
    doses = size // (len(SPEEDS) * len(WEIGHTS))
    return content | {
        "name": f"cases{size}",
        "speeds_m_s": SPEEDS,
        "habit_weights": WEIGHTS,
        "doses_percent": [100, *(round(40 + 50 * i / doses, 3) for i in range(doses - 1))],
    }


def of_people(count: int) -> dict[str, Any]:
    """The study of config/people.yaml asked of so many people."""
    return read_yaml(PEOPLE) | {"name": f"people{count}", "people": count}


def timed(command: list[str], cwd: Path) -> tuple[float, float]:
    """Processor and wall seconds of a command. Raises ValueError with its last line if it fails."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run(command, cwd=cwd, env=environment(), capture_output=True, text=True)
    after, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic() - start
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise ValueError(f"{' '.join(command[2:4])}: {said[-1] if said else 'no message'}")
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return used, wall


def plan(content: dict[str, Any], work: Path) -> tuple[float, float]:
    """Plan a study. content: of its file."""
    config = work / "study.yaml"
    config.write_text(yaml.safe_dump(content))
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile")]
    return timed([*command, "-n", "--quiet", "--cores", "2", "--configfile", str(config)], work)


def collect(size: int, case: Path, work: Path) -> tuple[float, float]:
    """Collect the outcomes of `size` copies of a solved case."""
    config, study = work / "study.yaml", work / "collected"
    config.write_text(yaml.safe_dump(design(size)))
    write_text(study / "cases.csv", cases_table(read(config)))
    for name in pd.read_csv(study / "cases.csv")["case"]:
        (study / name).mkdir()
        for part in READ:
            shutil.copyfile(case / part, study / name / part)
    command = [sys.executable, "-m", "analysis.collect", "--study", str(study)]
    return timed(command, work)


def people(counts: list[int]) -> str:
    """What planning so many people takes, as a table; each count is printed as it is measured."""
    rows = []
    for count in counts:
        with tempfile.TemporaryDirectory(prefix="scale.") as name:
            planned, waited = plan(of_people(count), Path(name))
            study = read(Path(name) / "study.yaml")
            asked = Layout(study, Path(name) / "results")
            expected = estimate(asked, known(Path(name)), cores=2)
        each = planned / len(asked.cases)
        hours = expected.core_s / 3600
        rows.append(
            [
                *(str(count), str(len(asked.cases)), f"{planned:.1f}", f"{waited:.1f}"),
                *(f"{1e3 * each:.1f}", f"{hours:.1f}", f"{60 * hours / count:.1f}"),
            ]
        )
        print(" ".join(rows[-1]), flush=True)
    return table(
        [
            *("people", "cases", "planning (s)", "waited for (s)", "planning (ms a case)"),
            *("to be expected (processor hours)", "(minutes a person)"),
        ],
        rows,
    )


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Measure planning and collecting by size.")
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 300, 1000])
    parser.add_argument("--case", type=Path, help="folder of a solved case")
    parser.add_argument("--people", type=int, nargs="*", help="plan so many people instead")
    parser.add_argument("--out", type=Path, help="file for the report, docs/scale.md")
    arguments = parser.parse_args()
    if arguments.people is not None:
        print(people(arguments.people or [10, 100, 1000]))
        return
    if arguments.case is None:
        parser.error("--case names a solved case; or give --people")
    rows = []
    for size in arguments.sizes:
        with tempfile.TemporaryDirectory(prefix="scale.") as name:
            planned, waited = plan(design(size), Path(name))
            collected, _ = collect(size, arguments.case, Path(name))
        rows.append([str(size), f"{planned:.1f}", f"{waited:.1f}", f"{collected:.1f}"])
        print(f"{size} cases: {planned:.1f} s to plan, {collected:.1f} s to collect", flush=True)
    host = machine()
    text = f"""# Many cases

`python -m benchmarks.scale --case results/quick/CASE`, {host["cores"]} cores ({host["cpu"]}),
processor seconds. Planning: `snakemake --dry-run`, about nine steps for each case. Collecting:
`outcomes.csv` from the cases' own files.

{table(["cases", "planning (s)", "waited for (s)", "collecting (s)"], rows)}
"""
    if arguments.out:
        write_text(arguments.out, text)


if __name__ == "__main__":
    run_command(main)

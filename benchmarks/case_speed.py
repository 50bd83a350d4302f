"""A warm spatial case of the default study, from its row to its outcomes and its certificate.

The commands of the rules, one after the other, each in a process of its own.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import yaml

from benchmarks import commands
from benchmarks.default_study import DOSE, STUDY
from benchmarks.records import Step
from formats.untrusted import read_object
from formats.yaml import read as read_yaml
from study.cases import BASELINE
from study.keys import read
from study.workflow import Layout


def study(out: Path) -> Layout:
    """The default study's grid with one dose beside the 100 % run, and no controls."""
    content: dict[str, Any] = read_yaml(STUDY)
    content |= {"name": "case", "doses_percent": [DOSE, 100], "controls": [], "also": []}
    content["mesh_check"] = False
    out.mkdir(parents=True, exist_ok=True)
    config = out / "case.yaml"
    config.write_text(yaml.safe_dump(content))
    return Layout(read(config), out)


def step(module: str, *words: object) -> Step:
    """Run a command and say what it took. Raises ValueError if it fails."""
    line = [sys.executable, "-m", module, *map(str, words)]
    began = time.perf_counter()
    quiet = subprocess.DEVNULL
    started = subprocess.Popen(line, env=commands.environment(), stdout=quiet, stderr=quiet)
    _, status, used = os.wait4(started.pid, 0)
    if os.waitstatus_to_exitcode(status):
        raise ValueError(f"{module} failed: {shlex.join(line)}")
    return {
        "command": module,
        "seconds": time.perf_counter() - began,
        "processor_seconds": used.ru_utime + used.ru_stime,
        "peak_memory_gib": used.ru_maxrss / 2**20,
    }


def measure(runner: Path, followed: Path, baseline: Path, out: Path) -> tuple[list[Step], str]:
    """Each command of the case, and how the case ended: certified or why not.

    runner: folder of the spatial runner. followed, baseline: of the solutions that it leans on.
    """
    layout = study(out)
    name = next(name for name, case in layout.cases.items() if case.arm != BASELINE)
    for source, place in ((followed, layout.reference(name)), (baseline, layout.guess(name))):
        shutil.copytree(source, place, dirs_exist_ok=True)
    folder = layout.folder / name
    shutil.rmtree(folder, ignore_errors=True)
    weight = layout.study.tracking_weight
    strength, leant_on = (shlex.split(one) for one in (layout.strength(name), layout.options(name)))
    given = ["--config", out / "case.yaml", "--results", out, "--case", name]
    steps = [
        step("study.cases", *given),
        step("models.strength", "--runner", runner, *strength, "--out", folder),
        step("simulations.predict", "--case", folder, *leant_on, "--tracking-weight", weight),
        step("analysis.replay", "--case", folder),
        step("analysis.certify", "--case", folder),
    ]
    certified = read_object(folder / "certificate.json")["certified"]
    return steps, "certified" if certified else "not certified"

"""Runners and what OpenSim says of them, made once, each by a process that holds no CasADi."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from formats import description
from formats.description import RunnerDescription
from simulations.problems import reference, tracking
from simulations.problems.problem import Mesh, Problem
from simulations.problems.reference import Reference
from simulations.solving import guess, run, solution
from simulations.solving.solve import Solution
from tests.simulations.engine import Engine

ROOT = Path(__file__).parents[2]
NORMS = ROOT / "analysis" / "norm_curves.csv"
SEED, STATES = 7, 16
SPEED, INTERVALS = 3.5, 12


def command(*words: str | Path) -> None:
    """Run `python -m words` in the checkout; its error is the test's."""
    done = subprocess.run(
        [sys.executable, "-m", *map(str, words)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


@dataclass(frozen=True)
class Sample:
    """A random state and OpenSim's answers to it."""

    state: dict[str, np.ndarray]
    answer: dict[str, np.ndarray]

    @property
    def moving(self) -> bool:
        return bool(np.any(self.state["u"]))


@pytest.fixture(scope="session")
def planar_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runners") / "planar"
    command("models.build", "--runner", "planar", "--out", folder)
    return folder


@pytest.fixture(scope="session")
def spatial_folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Parent of the folders legs, held and chain (see spatial_runner)."""
    folder = tmp_path_factory.mktemp("runners")
    command("tests.simulations.spatial_runner", folder)
    return folder


@pytest.fixture(scope="session")
def banded_folder(planar_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the planar runner with a rubber band between its feet."""
    folder = tmp_path_factory.mktemp("banded")
    options = ("--arm", "hip_flexors", "--dose", "100", "--spring", "120")
    command("models.strength", "--runner", planar_folder, *options, "--out", folder)
    return folder


@pytest.fixture(scope="session")
def soft_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the planar runner whose soft tissue moves."""
    folder = tmp_path_factory.mktemp("soft")
    command("models.build", "--runner", "planar", "--soft-tissue", "--out", folder)
    return folder


@pytest.fixture(scope="session")
def folder_of(request: pytest.FixtureRequest) -> Callable[[str], Path]:
    """Folder of a runner: planar, banded (its feet tied), soft (its tissue), legs, held, chain."""

    def find(name: str) -> Path:
        if name == "banded":
            return Path(request.getfixturevalue("banded_folder"))
        if name in ("planar", "soft"):
            return Path(request.getfixturevalue(f"{name}_folder"))
        return Path(request.getfixturevalue("spatial_folders")) / name

    return find


@pytest.fixture(scope="session")
def engine_of(folder_of: Callable[[str], Path]) -> Callable[[str], Engine]:
    """The engine's functions of a runner by name."""

    @cache
    def make(name: str) -> Engine:
        return Engine(description.read(folder_of(name) / "runner.json"))

    return make


@pytest.fixture(scope="session")
def samples_of(
    folder_of: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], list[Sample]]:
    """Random states of a runner by name, with OpenSim's answers."""

    @cache
    def ask(name: str) -> list[Sample]:
        out = tmp_path_factory.mktemp("oracle") / f"{name}.json"
        command("tests.simulations.oracle", folder_of(name), str(SEED), str(STATES), out)
        return [
            Sample(
                {key: np.array(value) for key, value in row["state"].items()},
                {key: np.array(value) for key, value in row["answer"].items()},
            )
            for row in json.loads(out.read_text())
        ]

    return ask


@pytest.fixture(scope="session")
def runner(planar_folder: Path) -> RunnerDescription:
    """The planar runner."""
    return description.read(planar_folder / "runner.json")


@pytest.fixture(scope="session")
def norms(runner: RunnerDescription) -> Reference:
    """Mean curves of measured runners at the tests' speed."""
    return reference.from_norm_curves(NORMS, SPEED, runner)


@dataclass(frozen=True)
class Solved:
    """A solved case: its folder, its problem, what the solver found."""

    folder: Path
    problem: Problem
    found: Solution
    stored: solution.StoredSolution


@pytest.fixture(scope="session")
def solved(
    runner: RunnerDescription, norms: Reference, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Solved]:
    """The planar runner tracking the norms on a coarse mesh, from a cold start."""
    folder = tmp_path_factory.mktemp("cases") / "tracked"
    posed = tracking.problem(runner, norms, speed=SPEED, weight=1.0, mesh=Mesh(INTERVALS))
    found = run.run(posed, guess.cold(posed, norms), folder, label="tracked")
    yield Solved(folder, posed, found, solution.load(folder))


@pytest.fixture
def case() -> dict[str, Any]:
    """A row of cases.csv for the solved runner."""
    return {
        "case": "hip_flexors_100", "runner": "planar", "problem": "predict", "speed_m_s": SPEED,
        "arm": "hip_flexors", "side": "both", "dose_percent": 100, "cadence": "free",
        "habit_weight": 0.1, "objective": "metabolic_mix", "start": "warm",
        "mesh_intervals": INTERVALS,
    }  # fmt: skip

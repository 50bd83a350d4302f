from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from analysis import provenance
from analysis.replayed.case import Case, read_case
from analysis.replayed.dynamics import compute as replay_dynamics
from analysis.replayed.quantities import Dynamics
from analysis.replayed.stride import Stride, replay
from formats.claims import FIRST, Claims, read_claims
from formats.storage import read_storage, write_storage
from tests.analysis import recorded_study, synthetic


@pytest.fixture(scope="session")
def hop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A case folder with a hop that is true by construction. Read only: copy it to change it."""
    folder = tmp_path_factory.mktemp("cases") / "hop"
    synthetic.write_case(folder)
    return folder


@pytest.fixture(scope="session")
def hop_case(hop: Path) -> Case:
    return read_case(hop)


@pytest.fixture(scope="session")
def hop_stride(hop_case: Case) -> Stride:
    return replay(hop_case)


@pytest.fixture(scope="session")
def fall(tmp_path_factory: pytest.TempPathFactory) -> tuple[Case, Dynamics]:
    """The runner falling slack through the air: no contact, nearly no muscle force."""
    folder = tmp_path_factory.mktemp("cases") / "fall"
    synthetic.write_case(folder, duration=0.1, nodes=51, strength=1e-6, height=0.5)
    case = read_case(folder)
    return case, replay_dynamics(case)


@pytest.fixture
def copied(hop: Path, tmp_path: Path) -> Path:
    """A copy of the hop's folder, to tamper with."""
    return Path(shutil.copytree(hop, tmp_path / "hop"))


@pytest.fixture
def tamper(copied: Path) -> Callable[..., Path]:
    """Change a column of a table, or keys of a JSON file, in a copy of the hop."""

    def change(name: str, column: str = "", *, factor: float = 1.0, add: float = 0.0, **keys: Any):  # type: ignore[no-untyped-def]
        path = copied / name
        if path.suffix == ".json":
            path.write_text(json.dumps(json.loads(path.read_text()) | keys))
        else:
            table = read_storage(path)
            table[column] = table[column] * factor + add
            write_storage(path, table)
        return copied

    return change


@pytest.fixture(scope="session")
def claims() -> Claims:
    """The rule that was frozen first."""
    return read_claims(FIRST)


@pytest.fixture(scope="session")
def made(hop: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole study, with its record. Read only: `study` is a copy of it."""
    return recorded_study.write_study(hop, tmp_path_factory.mktemp("made") / "study")


@pytest.fixture
def study(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "study"))


@pytest.fixture
def case(study: Path) -> Path:
    return study / provenance.cases(study)[0]

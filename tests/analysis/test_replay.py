"""OpenSim is asked once a case; what it said is kept, and read for the same files only."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from analysis import (
    certify,
    femoral_head,
    outcomes,
    positions,
    replay,
    robustness,
    two_way,
    verify,
)
from analysis.checks import compare
from analysis.replayed import anatomy, archive, dynamics
from analysis.replayed.archive import Answers
from analysis.replayed.case import Case
from analysis.replayed.stride import Replays, Stride
from formats.files import write_json

WRITTEN = (
    *(archive.FILE, outcomes.FILE, outcomes.CURVES, outcomes.AUDIT, "scorecard.csv"),
    *(femoral_head.FILE, femoral_head.CURVES, "hip_loads.csv", two_way.FILE, robustness.FILE),
    positions.FILE,
)
Tamper = Callable[..., Path]


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """How often each of the two passes over a stride was made."""
    counts = {"anatomy": 0, "dynamics": 0}

    def count(name: str, function: Callable[[Case], object]) -> Callable[[Case], object]:
        def counting(case: Case) -> object:
            counts[name] += 1
            return function(case)

        return counting

    monkeypatch.setattr(anatomy, "compute", count("anatomy", anatomy.compute))
    monkeypatch.setattr(dynamics, "on_polynomials", count("dynamics", dynamics.on_polynomials))
    return counts


def test_opensim_sees_a_stride_once(copied: Path, counted: dict[str, int]) -> None:
    replay.compute(copied)
    assert counted == {"anatomy": 1, "dynamics": 1}
    first = {name: (copied / name).read_bytes() for name in WRITTEN}
    assert [name for name, content in first.items() if not content] == ["scorecard.csv"]  # no norms
    # Each by itself reads what is kept, and writes the same.
    write_json(copied / outcomes.FILE, outcomes.compute(copied))
    positions.compute(copied)
    femoral_head.compute(copied)
    robustness.compute(copied)
    certify.certify(copied)
    assert counted == {"anatomy": 1, "dynamics": 1}
    assert {name: (copied / name).read_bytes() for name in WRITTEN} == first
    kept = copied / two_way.FILE
    before = kept.rename(copied / "before.json")
    two_way.compute(copied)  # from hip_loads.csv, whose decimals are fewer
    assert compare.files(before, kept, compare.Tolerance(1e-6, 1e-9)) == []


def test_verify_asks_opensim_once_too(
    copied: Path, tmp_path: Path, counted: dict[str, int]
) -> None:
    write_json(copied / certify.FILE, certify.certify(copied).to_json())
    counted |= {"anatomy": 0, "dynamics": 0}
    assert verify.compute(copied, tmp_path / "again")[0]
    assert counted == {"anatomy": 1, "dynamics": 1}


def test_what_is_kept_is_what_opensim_said(copied: Path, hop_stride: Stride) -> None:
    Replays(copied).keep()
    kept = archive.read(copied)
    assert kept is not None
    asked = Answers(hop_stride.dynamics, hop_stride.anatomy, kept.windows)
    assert_same(archive._flat("", kept), archive._flat("", asked))
    assert kept.windows is not None
    assert isinstance(kept.windows.count, int)
    assert kept.dynamics.names == hop_stride.dynamics.names
    assert kept.dynamics.weight == hop_stride.dynamics.weight


def assert_same(first: dict[str, np.ndarray], second: dict[str, np.ndarray]) -> None:
    assert first.keys() == second.keys()
    for name, values in first.items():
        assert np.array_equal(values, second[name]), name


def test_certificate_from_what_is_kept(copied: Path) -> None:
    by_itself = certify.certify(copied)
    Replays(copied).keep()
    assert certify.certify(copied) == by_itself


@pytest.mark.parametrize("name", ["motion.sto", "ground_forces.mot", "runner.osim", "case.json"])
def test_answers_of_other_files_are_not_read(copied: Path, name: str) -> None:
    Replays(copied).keep()
    assert archive.read(copied) is not None
    (copied / name).write_bytes((copied / name).read_bytes() + b"\n")
    assert archive.read(copied) is None


def test_reason_is_kept(tamper: Tamper) -> None:
    folder = tamper("derivatives.sto", "time", add=1.0)
    replay.compute(folder)
    said = "derivatives.sto: times are not those of motion.sto"
    assert json.loads((folder / outcomes.FILE).read_text())["reason"].endswith(said)
    assert json.loads((folder / femoral_head.FILE).read_text())["head_status"].endswith(said)
    assert certify.certify(folder).reasons[0].endswith(said)
    with pytest.raises(ValueError, match=said):
        archive.read(folder)


def test_broken_archive_is_told_in_one_line(copied: Path) -> None:
    (copied / archive.FILE).write_bytes(b"PK not a zip")
    with pytest.raises(ValueError, match=r"replay\.npz: not a replay; run analysis\.replay again"):
        archive.read(copied)


@pytest.mark.parametrize(
    "module", ["certify", "outcomes", "femoral_head", "positions", "robustness"]
)
def test_reading_needs_no_opensim(module: str, copied: Path) -> None:
    replay.compute(copied)
    script = (
        f"import sys; sys.argv[1:] = ['--case', {str(copied)!r}]; "
        f"from analysis import {module}; {module}.main(); assert 'opensim' not in sys.modules"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr

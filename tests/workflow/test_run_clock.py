"""What a run of a study took, kept beside what was told."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from formats import run_record
from study.cost import Cost
from study.run_clock import Clock

TOLD = Cost(cases=3, solves=4, core_s=100.0, wall_s=60.0, memory_mb=500.0, cores=2)


def test_record_holds_what_was_told_and_what_it_took(tmp_path: Path) -> None:
    clock = Clock()
    subprocess.run([sys.executable, "-c", "sum(range(3_000_000))"], check=True)
    clock.keep(tmp_path, TOLD, whole=True)
    found = run_record.read(tmp_path)
    assert found is not None
    assert (found["forecast_s"], found["forecast_core_s"], found["solves"]) == (60.0, 100.0, 4)
    assert found["whole"] and found["processor_seconds"] > 0 and found["seconds"] > 0


def test_no_record_and_a_broken_one(tmp_path: Path) -> None:
    assert run_record.read(tmp_path) is None
    (tmp_path / run_record.FILE).write_text('{"cores": 2}')
    with pytest.raises(ValueError, match=r"run\.json: no "):
        run_record.read(tmp_path)

"""The arithmetic of the benchmark of measured strides; neither engine runs here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from benchmarks import against_moco_inverse

from .conftest import CHECKOUT, python


@pytest.fixture
def sides() -> tuple[dict[str, Any], dict[str, Any], dict[str, Any], dict[str, Any]]:
    window = {
        "start_s": 0.5, "end_s": 0.56, "intervals": 6,
        "activation": {"/forceset/a": [0.01, 1.0], "/forceset/b": [0.01, 1.0]},
        "answer": {"/forceset/a/activation": [0.1, 0.2], "/forceset/b/activation": [0.3, 0.4]},
    }  # fmt: skip
    solve = {
        "unknowns": 100, "intervals": 6, "iterations": 20, "seconds": 2.0,
        "processor_seconds": 1.0, "objective": {"effort": 1.0, "reserve": 0.25},
    }  # fmt: skip
    engine = {
        "muscles": 2, "building_seconds": 3.0, "window": solve,
        "stride": {**solve, "intervals": 100, "seconds": 6.5},
        "machine": {"cpu": "A CPU", "cores": 2, "memory_gib": 4.0, "system": "Linux x86_64"},
        "versions": {"casadi": "3.8.2"},
    }  # fmt: skip
    timed = {
        "unknowns": 120, "threads": 2, "iterations": 3, "finished": False, "seconds": 90.0,
        "seconds_per_iteration": 30.0, "processor_seconds_per_iteration": 40.0,
        "versions": {"opensim": "4.6"},
    }  # fmt: skip
    near = {
        "iterations": 3, "finished": False, "violation": 1e-5, "objective_total": 1.24,
        "activations": {"/forceset/a": [0.1, 0.2], "/forceset/b": [0.3, 0.44]},
    }  # fmt: skip
    return window, engine, timed, near


def test_ratios_and_comparison(
    sides: tuple[dict[str, Any], dict[str, Any], dict[str, Any], dict[str, Any]],
) -> None:
    window, engine, timed, near = sides
    found = against_moco_inverse.ratios(engine, timed)
    assert found == pytest.approx(
        {"per_iteration": 300, "per_iteration_idle": 400, "per_solve_at_least": 45}
    )
    beside = against_moco_inverse.comparison(window, engine, near)
    assert beside["activation_largest"] == pytest.approx(0.04)
    assert beside["activation_rms"] == pytest.approx(0.02)
    assert (beside["objective_engine"], beside["objective_moco"]) == (1.25, 1.24)
    text = against_moco_inverse.report(window, engine, timed, beside)
    assert "60 ms in mid-stance, 6 intervals" in text
    assert "stopped after 3 iterations, 90" in text
    assert ">= 45" in text
    assert "100 intervals, by the engine: 20 iterations, 6.5 s" in text


def test_bad_option_is_one_line(tmp_path: Path) -> None:
    words = ("benchmarks.against_moco_inverse", "--moco-iterations", "0", "--out", tmp_path / "x")
    done = python(*words, cwd=CHECKOUT)
    assert done.returncode == 2
    assert done.stderr == (
        "error: --moco-iterations must be at least 1, the numbers of intervals 2\n"
    )

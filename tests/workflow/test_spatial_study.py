"""The runner in three dimensions through Snakemake: lifted, found, certified, and like a runner."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from study.cases import cases
from study.keys import read
from tests.workflow.conftest import CHECKOUT, snakemake

CONFIG = CHECKOUT / "tests" / "workflow" / "tiny_spatial.yaml"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The study's folder, its one case solved, certified and measured."""
    results = tmp_path_factory.mktemp("spatial")
    (case,) = cases(read(CONFIG))
    made = [f"tiny_spatial/{case.case}/{name}.json" for name in ("certificate", "outcomes")]
    ended = snakemake(
        *(*made, "--cores", "2", "--configfile", CONFIG, "--config", f"results={results}"),
        cwd=results,
    )
    assert ended.returncode == 0, ended.stderr
    return results / "tiny_spatial"


@pytest.fixture(scope="module")
def case_folder(folder: Path) -> Path:
    (case,) = cases(read(CONFIG))
    return folder / case.case


def content(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text()))


def test_ladder_is_climbed_and_recorded(folder: Path) -> None:
    reference = content(folder / "reference" / "spatial_v3.5_metabolic_mix" / "solver.json")
    assert reference["status"] == "converged"
    assert reference["ladder"] == [{"lifted_from": "planar_v3.5_metabolic_mix"}]
    planar = content(folder / "reference" / "planar_v3.5_metabolic_mix" / "solver.json")
    assert [rung["weight"] for rung in planar["ladder"]] == [1.0]
    assert reference["unknowns"] > 2 * planar["unknowns"]


def test_run_is_certified(case_folder: Path) -> None:
    certificate = content(case_folder / "certificate.json")
    assert certificate["certified"], certificate["reasons"]


def test_it_runs_in_three_dimensions(case_folder: Path) -> None:
    row = content(case_folder / "outcomes.json")
    assert row["glmed_activation_stance_mean"] > 0.1
    assert 4 < row["hip_force_peak_bw"] < 10
    assert 1.8 < row["vertical_peak_bw"] < 3.5
    curves = pd.read_csv(case_folder / "curves.csv")
    # Hip adducted in stance, the pelvis dropping to the swinging side; arms against the legs.
    assert 3 < curves["hip_adduction_deg"][5:25].max() < 20
    assert curves["pelvis_list_deg"].abs().max() < 15
    lines = (case_folder / "motion.sto").read_text().splitlines()
    start = lines.index("endheader") + 1
    motion = pd.DataFrame(
        [row.split("\t") for row in lines[start + 1 :]], columns=lines[start].split("\t")
    )
    arm = motion["/jointset/acromial_l/arm_flex_l/value"].astype(float)
    leg = motion["/jointset/hip_r/hip_flexion_r/value"].astype(float)
    assert arm.corr(leg) > 0.5

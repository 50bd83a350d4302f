"""What a mechanism did is told beside the same case without it, and judged with nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analysis.figures import demand
from analysis.figures.study import read_study
from analysis.mechanisms import SOURCES, needed, table
from analysis.run_outcomes import RunOutcomes
from analysis.socket.bearing import default, loosened
from analysis.verdict.variants import read_rows
from formats.case import MECHANISMS, without_mechanisms
from formats.claims import COPY, FILE
from formats.files import write_json
from formats.yaml import read as read_yaml
from study.cases import Case, row
from study.keys import check
from tests.analysis.synthetic_study import PLAIN

STUDY = check(
    {
        "name": "arms", "runners": ["spatial"], "problem": "predict", "speeds_m_s": [3.5],
        "arms": ["hip_flexors"], "doses_percent": [60, 100], "sides": ["both"],
        "cadence": ["free"], "habit_weights": [0], "objectives": ["free_running"],
        "starts": ["warm"], "mesh_intervals": 50,
    },
    "file.yaml",
)  # fmt: skip
NORMAL = replace(PLAIN, arm="baseline", objective="free_running", habit_weight=0.0)
WEAK = replace(NORMAL, arm="hip_flexors", dose_percent=60.0)
READINGS = ("", "_tendon_on_head", "_tendon_shared")


def measured(margin: float, displacement: float, activation: float, extension: float) -> Any:
    return {
        "status": "certified", "reason": "", "ankle_com_m": 0.18, "thigh_max_deg": 33.0,
        "braking_impulse_bw_s_per_m": 0.02, "pelvis_tilt_mean_deg": -3.5,
        "glmax_activation_85_to_20_percent_mean": activation,
        "thigh_extension_peak_deg": extension,
        "iliopsoas_demand_per_capacity_peak": 0.5,
        **{f"rim_margin_min_deg{reading}": margin for reading in READINGS},
        **{f"head_displacement_max_mm{reading}": displacement for reading in READINGS},
    }  # fmt: skip


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """Six cases: 100 and 60 %, each without, under a ceiling, and (failed) with a drive."""
    found: list[tuple[Case, dict[str, Any]]] = []
    for plain, lost in ((NORMAL, 0.0), (WEAK, -1.0)):
        found.append((plain, measured(25.0 - lost, 0.28, 0.04, 16.0)))
        limited = replace(plain, gluteal_ceiling=0.1)
        found.append((limited, measured(23.0 - lost, 0.25, 0.03, 17.0)))
        failed = replace(plain, drive_percent=-20.0)
        found.append((failed, measured(1.0, 9.0, 9.0, 9.0) | {"status": "failed", "reason": "so"}))
    pd.DataFrame([row(case, STUDY) for case, _ in found]).to_csv(
        tmp_path / "cases.csv", index=False
    )
    rows = [{"case": case.case, **values} for case, values in found]
    pd.DataFrame(rows).to_csv(tmp_path / "outcomes.csv", index=False)
    (tmp_path / COPY).write_bytes(FILE.read_bytes())
    for case, _ in found:
        limits = [{"limit": "a", "nodes": 3, "of": 51}, {"limit": "b", "nodes": 7, "of": 51}]
        write_json(tmp_path / case.case / "solver.json", {"active_limits": limits})
    return tmp_path


def test_each_mechanism_beside_its_case_without(study: Path) -> None:
    found = table(study)
    assert set(found["mechanism"]) == {"gluteal_ceiling", "drive_percent"}
    assert len(found) == 4 * (2 + 2 + 3)  # landing, reciprocal, readings of the margin
    limited = found[(found["mechanism"] == "gluteal_ceiling") & (found["dose_percent"] == 60)]
    assert set(limited["without"]) == {WEAK.case}
    by = limited.set_index("endpoint")
    glutes = by.loc["glmax_activation_85_to_20_percent_mean"]
    assert glutes["change"] == pytest.approx(-25.0)  # per cent of its own
    assert glutes["smallest_effects"] == pytest.approx(-5.0)
    assert by.loc["thigh_extension_peak_deg", "smallest_effects"] == pytest.approx(0.5)
    assert by.loc["rim_margin_min_deg_tendon_shared", "change"] == pytest.approx(-2.0)
    assert set(limited["nodes_at_limit"]) == {7}
    assert found["source"].str.len().min() > 20


def test_a_run_that_is_not_certified_has_no_change(study: Path) -> None:
    failed = table(study).query("mechanism == 'drive_percent'")
    assert failed["change"].isna().all()
    assert set(failed["reason"]) == {"so"}


def test_how_strong_inhibition_would_have_to_be(study: Path) -> None:
    """A ceiling of 0.1 at 0.25 mm: 1 - 3.6 x 0.25 = 0.1; and at 2 deg lost: 1 - 0.45 x 2 = 0.1."""
    found = table(study).query("mechanism == 'gluteal_ceiling'").drop_duplicates("case")
    assert found["needed_per_mm"].tolist() == pytest.approx([3.6, 3.6])
    # The weak one's margin is 24 deg, 1 deg less than that of the free 100 % run.
    assert found["needed_per_deg"].tolist() == pytest.approx([0.45, 0.9])
    gained = RunOutcomes.of(measured(26.0, 0.25, 0.03, 17.0) | {"gluteal_ceiling": 0.1})
    normal = RunOutcomes.of(measured(25.0, 0.28, 0.04, 16.0))
    assert pd.isna(needed(gained, normal)["needed_per_deg"])


def test_verdicts_and_figures_see_no_mechanism(study: Path) -> None:
    plain = {NORMAL.case, WEAK.case}
    assert set(read_rows(study)["case"]) == plain
    series = read_study(study)
    assert {case for one in series for case in one.rows["case"]} == plain
    assert set(demand.at_full_strength(study)["arm"]) == {"baseline"}
    assert len(demand.at_full_strength(study)) == 1


def test_a_table_of_an_older_study_has_none() -> None:
    rows = pd.DataFrame({"case": ["a", "b"]})
    assert without_mechanisms(rows).equals(rows)


def test_every_mechanism_has_its_source() -> None:
    assert set(read_yaml(SOURCES)) == set(MECHANISMS)


def test_a_lax_capsule_is_longer_and_nothing_else() -> None:
    socket = default()
    lax = loosened(socket, 2.0)
    assert [line.slack for line in lax.ligaments] == pytest.approx([2e-3] * len(lax.ligaments))
    assert loosened(lax, 0.0) == socket


@pytest.mark.parametrize(
    ("speeds", "shares", "reached"),
    [
        ([2.5, 3.5, 4.5], [0.3, 0.5, 0.9], 4.25),
        ([2.5, 3.5], [0.3, 0.5], None),
        ([3.5], [0.9], None),
    ],
)
def test_the_speed_at_which_demand_reaches_its_limit(
    speeds: list[float], shares: list[float], reached: float | None
) -> None:
    """Between two speeds on a straight line; beyond them it is not told."""
    runs = pd.DataFrame({"runner": "person_01", "draw": 0, "speed_m_s": speeds, "demand": shares})
    found = demand.by_speed(runs)["reached_m_s"].iloc[0]
    assert pd.isna(found) if reached is None else found == pytest.approx(reached)

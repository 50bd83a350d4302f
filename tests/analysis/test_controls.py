"""Controls on studies whose truth is known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis import controls
from config.cases import BASELINE
from config.claims import Claims, read_claims
from simulations.files import write_json
from tests.analysis.synthetic_study import LEVELS, PLAIN, effects, lose, study

NEGATIVE = "control_ankle_dorsiflexors"


@pytest.fixture(scope="module")
def claims() -> Claims:
    return read_claims()


def told(folder: Path, rows: pd.DataFrame, claims: Claims) -> dict[str, dict[str, str]]:
    return controls.controls(folder, rows, claims)["landing"]


def again(folder: Path, rows: pd.DataFrame, **changed: float) -> None:
    """The 100 % run solved from elsewhere: the same numbers but for what is changed."""
    row = rows[rows["arm"] == BASELINE].iloc[0]
    values = {name: float(row[name]) for name in (*LEVELS, "ankle_com_m")}
    found = {"status": "computed", **values, **changed}
    write_json(folder / str(row["case"]) / controls.ELSEWHERE, found)


def test_nothing_was_run(tmp_path: Path, claims: Claims) -> None:
    found = told(tmp_path, study(effects(), variants=1), claims)
    assert list(found) == ["null", "negative", "step_rate", "spring"]
    assert {control["status"] for control in found.values()} == {"not run"}


def test_null_is_judged_by_each_claims_own_endpoints(tmp_path: Path, claims: Claims) -> None:
    rows = study(effects(), variants=1)
    level = rows.loc[rows["arm"] == BASELINE, "rim_margin_min_deg"].iloc[0]
    again(tmp_path, rows, rim_margin_min_deg=level + 0.5)  # half a smallest effect
    found = controls.controls(tmp_path, rows, claims)
    status = {name: entry["null"]["status"] for name, entry in found.items()}
    assert status == {"landing": "passed", "reciprocal": "passed", "centring": "failed"}
    assert "0.5 smallest effects (rim_margin_min_deg in" in found["centring"]["null"]["detail"]


def test_null_fails_where_the_second_start_finds_nothing(tmp_path: Path, claims: Claims) -> None:
    rows = study(effects(), variants=1)
    case = rows.loc[rows["arm"] == BASELINE, "case"].iloc[0]
    write_json(tmp_path / case / controls.ELSEWHERE, {"status": "failed"})
    found = told(tmp_path, rows, claims)["null"]
    assert found == {"status": "failed", "detail": f"did not converge from another start: {case}"}


@pytest.mark.parametrize(("shift", "status"), [(0.0003, "passed"), (0.002, "failed")])
def test_null_compares_cold_with_warm(
    shift: float, status: str, tmp_path: Path, claims: Claims
) -> None:
    warm = study(effects(), variants=1, noise=0.0)
    cold = study(effects(), variants=1, noise=0.0, start="cold")
    cold["ankle_com_m"] += shift
    rows = pd.concat([warm, cold], ignore_index=True)
    assert told(tmp_path, rows, claims)["null"]["status"] == status


@pytest.mark.parametrize(("size", "status"), [(0.1, "passed"), (1.5, "failed")])
def test_negative_is_an_unrelated_group_that_moves_nothing(
    size: float, status: str, tmp_path: Path, claims: Claims
) -> None:
    ends = (60.0, 100.0, 140.0)
    rows = study(effects(ankle_com_per_leg=size), variants=1, doses=ends, arm=NEGATIVE)
    assert told(tmp_path, rows, claims)["negative"]["status"] == status
    lost = lose(rows, arm=NEGATIVE)
    assert told(tmp_path, lost, claims)["negative"]["status"] == "not run"


def rates(foot: float, impulse: float, knee: float) -> pd.DataFrame:
    """100 % runs at three step rates; change of each number per +10 %."""
    rows = []
    for step, cadence in enumerate((controls.SLOWER, "free", controls.FASTER)):
        row = {**vars(PLAIN), "arm": BASELINE, "cadence": cadence, "status": "certified"}
        row |= {"case": f"run_{cadence}", "baseline": f"run_{cadence}", "reason": ""}
        row |= {"ankle_com_m": 0.2 + foot * step, "braking_impulse_bw_s": 0.02 + impulse * step}
        rows.append(row | {"knee_negative_work_j_kg_m": 1.0 + knee * step})
    return pd.DataFrame(rows)


def test_step_rate_must_do_what_it_does_in_people() -> None:
    assert controls.step_rate(rates(-0.01, -0.002, -0.1))["status"] == "passed"
    wrong = controls.step_rate(rates(-0.01, +0.002, -0.1))
    assert wrong["status"] == "failed"
    assert wrong["detail"].startswith("braking impulse does not fall with step rate (0.02 at -10%")
    lost = controls.step_rate(lose(rates(-0.01, -0.002, -0.1), cadence="+10%"))
    assert lost == {"status": "failed", "detail": "not certified: run_+10%"}
    free = rates(-0.01, -0.002, -0.1)
    assert controls.step_rate(free[free["cadence"] == "free"])["status"] == "not run"


def with_spring(cost: float, stride: float) -> pd.DataFrame:
    """A 100 % run, and the same with a spring that changes cost and stride by these shares."""
    rows = []
    for stiffness, times in ((0.0, (1.0, 1.0)), (20.0, (1 + cost, 1 + stride))):
        row = {**vars(PLAIN), "arm": BASELINE, "spring_nm_rad": stiffness, "status": "certified"}
        row |= {"case": f"run_{stiffness}", "baseline": f"run_{stiffness}", "reason": ""}
        row |= {"metabolic_cost_j_kg_m": 3.0 * times[0], "stride_length_m": 2.5 * times[1]}
        rows.append(row)
    return pd.DataFrame(rows)


def test_spring_must_lower_cost_and_shorten_the_stride() -> None:
    assert controls.spring(with_spring(-0.02, -0.001)) == {
        "status": "passed",
        "detail": "metabolic cost -2 % with 20 Nm/rad; stride length -0.1 % with 20 Nm/rad",
    }
    assert controls.spring(with_spring(-0.02, 0.001))["status"] == "failed"
    assert controls.spring(with_spring(0.02, -0.001))["status"] == "failed"
    lost = controls.spring(lose(with_spring(-0.02, -0.001), spring_nm_rad=20.0))
    assert lost == {"status": "failed", "detail": "not certified: run_20.0"}


def test_lewis_is_read_from_its_own_file(tmp_path: Path, claims: Claims) -> None:
    """It vouches for the claim about the force on the hip, and for no other."""
    change = {"tendon_on_pelvis": {"direction": "rises"}, "tendon_on_head": {"direction": "falls"}}
    content = {"prone_extension": {"weaker_glutes": change}, "reproduces": True}
    write_json(tmp_path / "lewis.json", content)
    assert controls.lewis(tmp_path) == {
        "status": "passed",
        "detail": "anterior force with weaker glutes in prone extension: rises (tendon on pelvis); "
        "weaker glutes in prone extension: falls (tendon on head)",
    }
    found = controls.controls(tmp_path, study(effects(), variants=1), claims)
    assert [name for name, entry in found.items() if "lewis" in entry] == ["centring"]
    write_json(tmp_path / "lewis.json", content | {"reproduces": False})
    assert controls.lewis(tmp_path)["status"] == "failed"
    write_json(tmp_path / "lewis.json", {"reproduces": "yes"})
    with pytest.raises(ValueError, match="key 'reproduces' must be true or false"):
        controls.lewis(tmp_path)


def test_missing_numbers_are_no_null_effect(tmp_path: Path, claims: Claims) -> None:
    rows = study(effects(), variants=1)
    rows["ankle_com_m"] = np.nan
    again(tmp_path, rows, ankle_com_m=0.2)
    assert told(tmp_path, rows, claims)["null"]["status"] == "not run"

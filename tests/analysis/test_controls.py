"""Controls on studies whose truth is known: null, negative, posed hips."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.verdict import controls
from formats.case import BASELINE, NEGATIVE
from formats.claims import Claims
from formats.files import write_json
from formats.records import CERTIFICATE, SOLVER
from tests.analysis.synthetic_study import LEVELS, effects, lose, study, told


def again(
    folder: Path,
    rows: pd.DataFrame,
    start: int = 1,
    *,
    dearer: float = 0.0,
    wrong: str = "",
    **changed: float,
) -> None:
    """The 100 % run solved from a start elsewhere: the same numbers but for what is changed."""
    row = rows[rows["arm"] == BASELINE].iloc[0]
    case = folder / str(row["case"])
    values = {name: float(row[name]) for name in (*LEVELS, "ankle_com_m")}
    one = case / f"elsewhere{start}"
    write_json(one / "outcomes.json", {"status": "computed", **values, **changed})
    why = [f"{wrong}: 1 bounds, limit 0"] if wrong else []
    write_json(one / CERTIFICATE, {"certified": not wrong, "reasons": why})
    for place, cost in ((case, 1.0), (one, 1.0 + dearer)):
        terms = {"cost": cost - 0.25, "trunk": 0.25}
        write_json(place / SOLVER, {"status": "converged", "objective": terms})


def test_nothing_was_run(tmp_path: Path, claims: Claims) -> None:
    found = told(tmp_path, study(effects(), variants=1), claims)
    assert list(found) == ["null", "negative", "step_rate", "spring", "cost_of_step_rate"]
    assert {control["status"] for control in found.values()} == {"not run"}


def test_null_is_judged_by_each_claims_own_endpoints(tmp_path: Path, claims: Claims) -> None:
    rows = study(effects(), variants=1)
    level = rows.loc[rows["arm"] == BASELINE, "rim_margin_min_deg"].iloc[0]
    again(tmp_path, rows, rim_margin_min_deg=level + 0.5)  # half a smallest effect
    found = controls.controls(tmp_path, rows, claims)
    status = {name: entry["null"]["status"] for name, entry in found.items()}
    assert status == {"landing": "passed", "reciprocal": "passed", "centring": "failed"}
    assert "0.5 smallest effects (rim_margin_min_deg)" in found["centring"]["null"]["detail"]


def unsolved(folder: Path, rows: pd.DataFrame, start: int) -> None:
    """A start elsewhere that did not converge."""
    case = folder / str(rows.loc[rows["arm"] == BASELINE, "case"].iloc[0])
    one = case / f"elsewhere{start}"
    write_json(one / "outcomes.json", {"status": "failed", "reason": "iterations ran out"})
    write_json(one / SOLVER, {"status": "failed"})


def test_null_fails_where_no_start_finds_anything(tmp_path: Path, claims: Claims) -> None:
    rows = study(effects(), variants=1)
    unsolved(tmp_path, rows, 1)
    found = told(tmp_path, rows, claims)["null"]
    case = rows.loc[rows["arm"] == BASELINE, "case"].iloc[0]
    assert found["status"] == "failed"
    assert (
        f"0 of 1 starts return to {case}; start 1 ended in nothing to measure (it"
        in found["detail"]
    )


FAR = {"ankle_com_m": 9.0}


@pytest.mark.parametrize(
    ("starts", "status", "said"),
    [
        # A poorer optimum is no other solution: it is counted, and told.
        (
            [{}, {"dearer": 0.026, **FAR}],
            "passed",
            "1 of 2 starts return to .*, moved by 0 .* at most; start 2 ends in a poorer optimum "
            r"\(objective \+2.6 %, moved by .* \(ankle_com_m\)\); allowed 0.1",
        ),
        ([{"dearer": 0.026, **FAR}], "failed", "0 of 1 starts return .* poorer optimum"),
        # Whatever else returns, a cheaper motion elsewhere says that the run is no optimum.
        (
            [{}, {}, {"dearer": -0.001, **FAR}],
            "failed",
            "2 of 3 .*start 3 is no dearer: the run is",
        ),
        (
            [{}, {"dearer": -0.05, "wrong": "active_bounds", **FAR}],
            "failed",
            r"start 2 is no dearer: .*, not certified \(active_bounds\)",
        ),
        ([{}, {"dearer": 0.0, **FAR}], "failed", "1 of 2 starts return"),
        # Slightly cheaper or dearer in the same place is the same optimum.
        ([{"dearer": -0.001}, {"dearer": 0.001}], "passed", "2 of 2 starts return"),
        ([{"wrong": "acceleration"}], "failed", r"0 of 1 .* returns, not certified \(accel"),
        (
            [{}, {"dearer": 0.03, "wrong": "active_bounds", **FAR}],
            "passed",
            r"poorer optimum .*, not certified \(active_bounds\)",
        ),
    ],
)
def test_null_takes_the_best_of_all_starts(
    starts: list[dict[str, Any]], status: str, said: str, tmp_path: Path, claims: Claims
) -> None:
    rows = study(effects(), variants=1)
    for number, start in enumerate(starts, start=1):
        again(tmp_path, rows, number, **start)
    found = told(tmp_path, rows, claims)["null"]
    assert found["status"] == status, found
    assert re.search(said, found["detail"]), found


def test_null_counts_every_start_in_its_order(tmp_path: Path, claims: Claims) -> None:
    rows = study(effects(), variants=1)
    again(tmp_path, rows, 10)
    for number in (9, 2):
        unsolved(tmp_path, rows, number)
    found = told(tmp_path, rows, claims)["null"]
    assert found["status"] == "passed"
    assert "1 of 3 starts return" in found["detail"]
    assert re.findall(r"start (\d+) ended in nothing", found["detail"]) == ["2", "9"]


@pytest.mark.parametrize(("shift", "status"), [(0.0003, "passed"), (0.002, "failed")])
def test_null_compares_cold_with_warm(
    shift: float, status: str, tmp_path: Path, claims: Claims
) -> None:
    warm = study(effects(), variants=1, noise=0.0)
    cold = study(effects(), variants=1, noise=0.0, start="cold")
    cold["ankle_com_m"] += shift
    rows = pd.concat([warm, cold], ignore_index=True)
    assert told(tmp_path, rows, claims)["null"]["status"] == status


def with_control(control: float, treatment: float, **what: object) -> pd.DataFrame:
    """The treatment and the unrelated group, each with its effect on the landing."""
    treated = study(effects(ankle_com_per_leg=treatment), variants=1, noise=0.0, **what)
    ends = (60.0, 140.0)
    unrelated = study(
        effects(ankle_com_per_leg=control),
        variants=1, noise=0.0, doses=ends, arm=NEGATIVE, **what,
    )  # fmt: skip
    return pd.concat([treated, unrelated], ignore_index=True)


@pytest.mark.parametrize(
    ("control", "treatment", "status"),
    [
        (0.3, 1.0, "passed"),
        (0.3, -1.0, "passed"),
        (0.4, 1.0, "failed"),
        # Far below the smallest effect, as much as the treatment: it shows nothing of strength.
        (0.05, 0.05, "failed"),
    ],
)
def test_negative_moves_less_than_a_third_of_what_the_treatment_does(
    control: float, treatment: float, status: str, tmp_path: Path, claims: Claims
) -> None:
    found = told(tmp_path, with_control(control, treatment), claims)["negative"]
    assert found["status"] == status
    moved = 0.00625 * 4 * abs(control), 0.00625 * 4 * abs(treatment)
    shown = f"{moved[0]:.2g} against {moved[1]:.2g} (below a third of what the hip"
    assert shown in found["detail"]


def test_negative_counts_moves_to_either_side(tmp_path: Path, claims: Claims) -> None:
    """As a slope, a rise at both ends cancels."""
    rows = with_control(0.0, 1.0)
    rows.loc[rows["arm"] == NEGATIVE, "ankle_com_per_leg"] += 0.02
    assert told(tmp_path, rows, claims)["negative"]["status"] == "failed"


def test_negative_reads_the_tendon_both_ways(tmp_path: Path, claims: Claims) -> None:
    rows = with_control(0.0, 1.0)
    column = "rim_margin_min_deg_tendon_on_head"
    for arm in ("hip_flexors", NEGATIVE):
        rows.loc[(rows["arm"] == arm) & (rows["dose_percent"] == 60), column] += 1.0
        rows.loc[(rows["arm"] == arm) & (rows["dose_percent"] == 60), "rim_margin_min_deg"] += (
            1.0 if arm == "hip_flexors" else 0.1
        )
    found = controls.controls(tmp_path, rows, claims)["centring"]["negative"]
    assert {part["quantity"].split()[0]: part["passed"] for part in found["parts"]} == {
        "rim_margin_min_deg": True,
        column: False,
    }


def test_negative_that_is_not_certified_has_not_passed(tmp_path: Path, claims: Claims) -> None:
    rows = with_control(0.1, 1.0)
    assert told(tmp_path, lose(rows, arm=NEGATIVE), claims)["negative"]["status"] == "failed"
    dorsiflexors = rows.assign(arm=rows["arm"].replace(NEGATIVE, "control_ankle_dorsiflexors"))
    assert told(tmp_path, dorsiflexors, claims)["negative"]["status"] == "not run"
    alone = rows[rows["arm"] != "hip_flexors"]
    assert told(tmp_path, alone, claims)["negative"]["status"] == "not run"


def test_lewis_is_read_from_its_own_file(tmp_path: Path, claims: Claims) -> None:
    """It vouches for the claim about the force on the hip, and for no other."""
    pelvis = {"direction": "rises", "anterior_change_bw": 0.055}
    change = {"tendon_on_pelvis": pelvis, "tendon_on_head": {"direction": "no posture held"}}
    content: dict[str, object] = {"prone_extension": {"weaker_glutes": change}}
    content |= {"reproduces": True, "clear_bw": 0.01}
    write_json(tmp_path / "lewis.json", content)
    assert controls.lewis(tmp_path) == {
        "status": "passed",
        "detail": "anterior force with weaker glutes in prone extension: rises +0.055 BW "
        "(tendon on pelvis); weaker glutes in prone extension: no posture held (tendon on head); "
        "both must rise by more than 0.01 BW, tendon on pelvis (Lewis 2007)",
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

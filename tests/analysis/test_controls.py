"""Controls on studies whose truth is known."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.claims import conclude
from analysis.verdict import controls
from analysis.verdict.speed_control import QUANTITIES, norm, speed
from analysis.verdict.step_rate import CHANGE, cost_of_step_rate, step_rate
from formats.case import BASELINE, CONTROL_SPEEDS, NEGATIVE
from formats.claims import FILE, FIRST, Claims, read_claims
from formats.files import write_json
from formats.records import CERTIFICATE, SOLVER
from tests.analysis.synthetic_study import LEVELS, PLAIN, effects, lose, study, write


@pytest.fixture(scope="module")
def claims() -> Claims:
    return read_claims(FIRST)


def told(folder: Path, rows: pd.DataFrame, claims: Claims) -> dict[str, dict[str, str]]:
    return controls.controls(folder, rows, claims)["landing"]


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
    shown = f"{moved[0]:.2g} against {moved[1]:.2g} of the treatment (below a third of what the hip"
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


PER_PERCENT = {
    "knee_loading_response_negative_work_j_kg_step": -2.0,
    "braking_impulse_bw_s": -1.0,
    "heel_com_m": -1.0,
    "hamstrings_force_late_swing_peak_n": 1.0,
    "glmax_force_late_swing_peak_n": 1.0,
    "hip_abductors_force_stance_peak_n": -1.0,
}
"""Change of each quantity (%) per per cent of step rate, as in runners."""


def rates(cost: Callable[[float], float] = lambda x: 3.0, **per_percent: float) -> pd.DataFrame:
    """100 % runs at five step rates; cost (J/kg/m) of the change of step rate (%)."""
    rows = []
    for cadence, x in {**CHANGE, "free": 0.0}.items():
        row = {**vars(PLAIN), "arm": BASELINE, "cadence": cadence, "status": "certified"}
        row |= {"case": f"run_{cadence}", "baseline": f"run_{cadence}", "reason": ""}
        row |= {name: 5 * (1 + s * x / 100) for name, s in (PER_PERCENT | per_percent).items()}
        rows.append(row | {"metabolic_cost_j_kg_m": cost(x)})
    return pd.DataFrame(rows)


def test_step_rate_must_do_what_it_does_in_runners() -> None:
    found = step_rate(rates())
    assert found["status"] == "passed"
    assert found["detail"].startswith(
        "knee work absorbed, loading response: 5 J/kg per step, "
        "+20.0 % at -10%, +10.0 % at -5%, -10.0 % at +5%, -20.0 % at +10% (falls with step rate by "
        "at least 0.5 % per % at -10%, +5%, +10%, Heiderscheit 2011): passed; braking impulse"
    )


@pytest.mark.parametrize("column", PER_PERCENT)
@pytest.mark.parametrize("share", [-1.0, 0.01])
def test_step_rate_fails_by_a_wrong_sign_and_by_a_size_too_small(column: str, share: float) -> None:
    """A tenth of a per cent the right way passed before."""
    found = step_rate(rates(**{column: share * PER_PERCENT[column]}))
    assert found["status"] == "failed"
    assert [part["passed"] for part in found["parts"]].count(False) == 1


def test_step_rate_needs_all_its_runs_and_numbers() -> None:
    lost = step_rate(lose(rates(), cadence="+5%"))
    assert (lost["status"], lost["detail"]) == ("failed", "not certified: run_+5%")
    every = rates()
    for control in (step_rate, cost_of_step_rate):
        assert control(every[every["cadence"] != "-5%"])["status"] == "not run"
        assert (
            control(every.drop(columns=[*PER_PERCENT, "metabolic_cost_j_kg_m"]))["status"]
            == "not run"
        )


@pytest.mark.parametrize(
    ("at", "rise", "status"),
    [(0.5, 3, "passed"), (2.9, 3.9, "passed"), (3.5, 3, "failed"), (0.5, 1.5, "failed"),
     (-1, 5, "failed"), (0, -3, "failed")],
)  # fmt: skip
def test_cost_is_a_u_about_the_free_step_rate(at: float, rise: float, status: str) -> None:
    found = cost_of_step_rate(rates(lambda x: 3.0 * (1 + rise / 100 * ((x - at) / 10) ** 2)))
    assert found["status"] == status
    if rise > 0:
        assert f"{at:+.1f} % of the free step rate" in found["detail"]
        assert f"minimum: {rise:.2g} % (2 to 4 %, Snyder & Farley 2011, Lieb" in found["detail"]


def test_cost_of_step_rate_counts_only_where_a_rule_lists_it(tmp_path: Path) -> None:
    every = rates(lambda x: 3.0 + 0.1 * x)
    rows = study(effects(), variants=1)
    for name in (*PER_PERCENT, "metabolic_cost_j_kg_m"):
        rows[name] = every.loc[every["cadence"] == "free", name].iloc[0]
    write(pd.concat([rows, every[every["cadence"] != "free"]], ignore_index=True), tmp_path)
    text = FIRST.read_text().replace("controls: [", "controls: [cost_of_step_rate, ")
    (tmp_path / "mine.yaml").write_text(text)
    for rule, listed, passed in ((FIRST, False, None), (tmp_path / "mine.yaml", True, False)):
        found = conclude(tmp_path, rule)["landing"]
        assert found["controls"]["step_rate"]["status"] == "passed"
        assert found["controls"]["cost_of_step_rate"]["status"] == "failed"
        assert found["controls"]["cost_of_step_rate"]["required"] is listed
        assert found["controls_passed"] is passed


def with_spring(saved: float, quicker: float) -> pd.DataFrame:
    """A 100 % run, and the same with a band that saves cost and quickens the step (%)."""
    rows = []
    for stiffness, times in ((0.0, (1.0, 1.0)), (120.0, (1 - saved / 100, 1 + quicker / 100))):
        row = {**vars(PLAIN), "arm": BASELINE, "spring_n_m": stiffness, "status": "certified"}
        row |= {"case": f"run_{stiffness}", "baseline": f"run_{stiffness}", "reason": ""}
        row |= {"metabolic_cost_j_kg_m": 3.0 * times[0], "cadence_steps_min": 170.0 * times[1]}
        rows.append(row)
    return pd.DataFrame(rows)


@pytest.mark.parametrize(
    ("saved", "quicker", "status"),
    [
        (6.4, 2.0, "passed"),
        (1.3, 2.0, "failed"),
        (12.0, 2.0, "failed"),
        (6.4, 0.017, "failed"),
        (6.4, -1.0, "failed"),
    ],
)
def test_spring_is_judged_by_size(saved: float, quicker: float, status: str) -> None:
    """A saving of 1.3 % and a step quicker by 0.017 % passed before."""
    assert controls.spring(with_spring(saved, quicker))["status"] == status


def test_spring_tells_value_limit_and_source() -> None:
    assert controls.spring(with_spring(1.3, 0.017))["detail"] == (
        "metabolic cost saved with 120 N/m between the feet: +1.3 % (3.6 to 9.2 %, Simpson "
        "2019): failed; step rate: +0.017 % (rises by more than 0.1 %, Simpson 2019): failed"
    )
    lost = controls.spring(lose(with_spring(6.4, 2.0), spring_n_m=120.0))
    assert (lost["status"], lost["detail"]) == ("failed", "not certified: run_120.0")


def at_speeds(**times: tuple[float, float]) -> pd.DataFrame:
    """100 % runs at three speeds; times: change to 3.5 and on to 4.5 m/s over that of the norms."""
    rows = []
    for i, metres in enumerate(CONTROL_SPEEDS):
        row = {**vars(PLAIN), "arm": BASELINE, "speed_m_s": metres, "status": "certified"}
        row |= {"case": f"run_{metres}", "baseline": f"run_{metres}", "reason": ""}
        for quantity in QUANTITIES:
            steps = times.get(quantity, (1.0, 1.0))
            row[norm(quantity).column] = 1.0 + norm(quantity).change * sum(steps[:i])
        rows.append(row)
    return pd.DataFrame(rows)


def test_speed_must_do_what_it_does_in_runners() -> None:
    found = speed(at_speeds())
    assert found["status"] == "passed"
    assert found["detail"].startswith(
        "stride time, 2.5 to 3.5 m/s: -0.042 s from 1 (-0.084 to -0.021 s, runners -0.042, RBDS): "
        "passed; stride time, 3.5 to 4.5 m/s: -0.042 s from 0.958 (falls further): passed; contact"
    )
    assert (
        "peak vertical force, 2.5 to 3.5 m/s: +0.17 BW from 1 (+0.085 to +0.34" in (found["detail"])
    )
    assert norm("vertical_peak_bw").column == "vertical_peak_filtered_bw"
    assert len(found["parts"]) == 2 * len(QUANTITIES)


@pytest.mark.parametrize("quantity", QUANTITIES)
@pytest.mark.parametrize(
    ("times", "failed"),
    [((0.51, 1), 0), ((1.9, 0.01), 0), ((0.49, 1), 1), ((2.1, 1), 1), ((-1, 1), 1), ((1, -0.1), 1),
     ((1, 0), 1), ((0, 0), 2)],
)  # fmt: skip
def test_speed_is_judged_by_size_and_beyond_the_norms_by_sign(
    quantity: str, times: tuple[float, float], failed: int
) -> None:
    found = speed(at_speeds(**{quantity: times}))
    assert [part["passed"] for part in found["parts"]].count(False) == failed
    assert found["status"] == ("failed" if failed else "passed")


@pytest.mark.parametrize("lacking", CONTROL_SPEEDS)
def test_speed_needs_all_its_runs_and_numbers(lacking: float) -> None:
    every = at_speeds()
    none = speed(every[every["speed_m_s"] != lacking])
    assert (none["status"], none["detail"]) == (
        "not run",
        "no runs at 100 % strength at each of 2.5, 3.5, 4.5 m/s",
    )
    altered = every.assign(cadence=["free" if v != lacking else "+5%" for v in every["speed_m_s"]])
    assert speed(altered)["status"] == "not run"
    lost = speed(lose(every, speed_m_s=lacking))
    assert (lost["status"], lost["detail"]) == ("failed", f"not certified: run_{lacking}")
    assert speed(every.drop(columns="contact_time_s"))["status"] == "not run"


def test_speed_stands_beside_the_claims_whose_rule_lists_it(tmp_path: Path, claims: Claims) -> None:
    """Of a runner as built and one drawn, each is judged against itself."""
    rows = pd.concat([at_speeds(), at_speeds(contact_time_s=(3.0, 1.0)).assign(draw=1)])
    second = controls.controls(tmp_path, rows, read_claims(FILE))["landing"]["speed"]
    assert (second["status"], second["required"]) == ("failed", True)
    assert [part["quantity"] for part in second["parts"] if not part["passed"]] == [
        "spatial, habit 0.1, metabolic_mix, draw 1, contact time, 2.5 to 3.5 m/s"
    ]
    assert "speed" not in told(tmp_path, rows, claims)


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

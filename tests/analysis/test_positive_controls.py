"""Controls by effects that are known of runners: step rate, spring, speed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from analysis.claims import conclude
from analysis.verdict import controls
from analysis.verdict.speed_control import QUANTITIES, norm, speed
from analysis.verdict.step_rate import CHANGE, cost_of_step_rate, step_rate
from formats.case import BASELINE, CONTROL_SPEEDS
from formats.claims import FILE, FIRST, Claims, read_claims
from tests.analysis.synthetic_study import PLAIN, effects, lose, study, told, write

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
        f"{PLAIN.runner}, metabolic cost saved with 120 N/m between the feet: +1.3 % (3.6 to "
        f"9.2 %, Simpson 2019): failed; {PLAIN.runner}, step rate: +0.017 % (rises by more than "
        "0.1 %, Simpson 2019): failed"
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
    assert [(part["runs"], part["quantity"]) for part in second["parts"] if not part["passed"]] == [
        ("spatial, draw 1", "contact time, 2.5 to 3.5 m/s")
    ]
    assert "speed" not in told(tmp_path, rows, claims)

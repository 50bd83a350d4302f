"""The delta method: exact where outcomes are linear, and the same however numbers are listed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import spread
from analysis.spread import (
    DRAWS,
    FILE,
    by_numbers,
    drawn_number,
    of_draws,
    table,
    told,
    variances,
)
from formats.case import SENSITIVITIES
from formats.checkout import CHECKOUT
from formats.files import write_json, write_text
from formats.table import csv_text, read_csv
from formats.yaml import read as read_yaml

WIDTHS = {
    "muscle": {"max_isometric_force": 0.1, "optimal_fiber_length": 0.05},
    "contact": {"stiffness": 0.1, "static_friction": 0.05},
    "same_factor": {"dynamic_friction": "static_friction"},
}
SHIPPED = CHECKOUT / "models" / "parameters" / "draws.yaml"
NONE = pd.DataFrame(columns=["outcome", "draw", "case", "change_told", "change_solved"])
PARAMETERS = (
    *("muscle/psoas/max_isometric_force", "muscle/soleus/optimal_fiber_length"),
    *("contact/stiffness", "contact/static_friction", "contact/dynamic_friction"),
    *("body/torso/mass", "weight/habit", "muscle/soleus/tendon_slack_length"),
)
SLOPE = st.floats(-10, 10).filter(lambda value: abs(value) > 1e-3 or value == 0)


def derivatives(slopes: dict[str, float], outcome: str = "ankle_com_m") -> pd.DataFrame:
    """sensitivities.csv of an outcome: derivatives per relative change of each parameter."""
    return pd.DataFrame(
        {
            "outcome": outcome,
            "parameter": list(slopes),
            **{"value": 2.0, "parameter_value": 1.0},
            "change_per_percent": np.array(list(slopes.values())) / 100,
        }
    )


def sd(sensitivities: pd.DataFrame) -> float:
    return float(table(sensitivities, WIDTHS, NONE)["sd"].iloc[0])


@settings(max_examples=60, deadline=None)
@given(st.lists(SLOPE, min_size=len(PARAMETERS), max_size=len(PARAMETERS)))
def test_the_spread_of_a_linear_outcome(slopes: list[float]) -> None:
    """Against the variances of uniform numbers; what is not drawn counts nothing."""
    strength, fibre, stiffness, static, dynamic, *_ = slopes
    parts = [0.1 * strength, 0.05 * fibre, 0.1 * stiffness, 0.05 * (static + dynamic)]
    expected = np.sqrt(sum(part**2 for part in parts) / 3)
    found = table(derivatives(dict(zip(PARAMETERS, slopes, strict=True))), WIDTHS, NONE).iloc[0]
    assert found["sd"] == pytest.approx(expected, abs=1e-12)
    assert found["draws"] == 0
    if expected > 0:
        largest = 100 * max(part**2 for part in parts) / 3 / expected**2
        assert found["first_percent"] == pytest.approx(largest)


@settings(max_examples=60, deadline=None)
@given(SLOPE, SLOPE, SLOPE)
def test_both_sides_of_a_muscle_are_one_number(right: float, left: float, other: float) -> None:
    """A whole stride lists a muscle's sides apart; a draw changes them together."""
    force, fibre = "max_isometric_force", "muscle/psoas/optimal_fiber_length"
    sides = {f"muscle/psoas_r/{force}": right, f"muscle/psoas_l/{force}": left, fibre: other}
    both = {f"muscle/psoas/{force}": right + left, fibre: other}
    assert sd(derivatives(sides)) == pytest.approx(sd(derivatives(both)), abs=1e-12)
    factors = {f"psoas_{side}": {force: 1.07, "optimal_fiber_length": 0.96} for side in "rl"}
    for listed in (sides, both):
        change = told(derivatives(listed), factors)["ankle_com_m"]
        assert change == pytest.approx(0.07 * (right + left) - 0.04 * other, abs=1e-12)


def test_many_draws_have_the_spread_that_is_told() -> None:
    """Uniform draws of a linear outcome, 20000 of them."""
    slopes = dict(zip(PARAMETERS[:4], (3.0, -5.0, 2.0, 4.0), strict=True))
    halves = np.array([0.1, 0.05, 0.1, 0.05])
    drawn = np.random.default_rng(5).uniform(-1, 1, (20000, 4)) * halves
    assert (drawn @ np.array(list(slopes.values()))).std() == pytest.approx(
        sd(derivatives(slopes)), rel=0.02
    )


def test_the_draws_own_widths() -> None:
    """Every width that draws.yaml has is found, of both kinds; tendon slack is not drawn."""
    widths = read_yaml(SHIPPED)
    for prop, width in widths["muscle"].items():
        found = drawn_number(f"muscle/soleus_r/{prop}", widths)
        assert found == (f"muscle/soleus/{prop}", width)
    for prop, width in widths["contact"].items():
        assert drawn_number(f"contact/{prop}", widths) == (f"contact/{prop}", width)
    for prop, source in widths["same_factor"].items():
        assert drawn_number(f"contact/{prop}", widths) == drawn_number(f"contact/{source}", widths)
    assert drawn_number("muscle/soleus/tendon_slack_length", widths) is None
    assert drawn_number("body/torso/mass", widths) is None


def test_numbers_are_listed_once() -> None:
    slopes, half = by_numbers(derivatives(dict.fromkeys(PARAMETERS, 1.0)), WIDTHS)
    assert list(slopes.columns) == list(half.index)
    assert slopes.loc["ankle_com_m", "contact/static_friction"] == pytest.approx(2.0)
    assert variances(slopes, half).loc["ankle_com_m", "contact/stiffness"] == pytest.approx(
        0.01 / 3
    )


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """A linear runner as built, three draws of it (one not certified), one at another habit."""
    slopes = dict(zip(PARAMETERS[:2], (3.0, -5.0), strict=True))
    both = pd.concat([derivatives(slopes), derivatives(slopes, "duty_factor")])
    cases, outcomes = [], []
    for draw, habit in ((0, 0.1), (1, 0.1), (2, 0.1), (3, 0.1), (1, 0.0)):
        name = f"w{habit:g}_draw{draw}"
        shared = {"case": name, "runner": "planar"}
        cases.append({**shared, "habit_weight": habit, "draw": draw, "baseline": name})
        force, fibre = 1 + 0.03 * draw, 1 - 0.01 * draw
        value = 2.0 + 3.0 * (force - 1) - 5.0 * (fibre - 1)
        status = "failed" if draw == 3 else "certified"
        outcomes.append({**shared, "draw": draw, "status": status, "ankle_com_m": value})
        factors = {
            f"{muscle}_{side}": {"max_isometric_force": force, "optimal_fiber_length": fibre}
            for muscle in ("psoas", "soleus")
            for side in "rl"
        }
        if draw:
            write_json(
                tmp_path / "runners" / f"planar_draw{draw}" / "draw.json",
                {"draw": draw, "factors": factors},
            )
    write_text(tmp_path / "cases.csv", csv_text(pd.DataFrame(cases)))
    write_text(tmp_path / "outcomes.csv", csv_text(pd.DataFrame(outcomes)))
    write_text(tmp_path / "w0.1_draw0" / SENSITIVITIES, csv_text(both))
    return tmp_path


def test_draws_of_a_linear_runner_are_told_exactly(study: Path) -> None:
    """Both certified draws of the same habit; an outcome that was not measured is not compared."""
    sensitivities = read_csv(study / "w0.1_draw0" / SENSITIVITIES)
    draws = of_draws(study, "w0.1_draw0", sensitivities)
    own = draws[draws["outcome"] == "ankle_com_m"]
    assert list(own["draw"]) == [1, 2]
    np.testing.assert_allclose(own["change_told"], own["change_solved"], atol=1e-12)
    found = table(sensitivities, WIDTHS, draws).set_index("outcome")
    assert found.loc["ankle_com_m", "draws"] == 2 and found.loc["duty_factor", "draws"] == 0
    assert found.loc["ankle_com_m", "error"] == pytest.approx(0.0, abs=1e-9)
    assert found.loc["ankle_com_m", "sd_of_draws"] == pytest.approx(0.14 / np.sqrt(2))


def test_a_bent_response_is_an_error(study: Path) -> None:
    """Where a draw is not what its factors say, the error is its share of the change."""
    outcomes = read_csv(study / "outcomes.csv")
    changed = outcomes["ankle_com_m"] - 2.0
    outcomes["ankle_com_m"] = 2.0 + 2.0 * changed
    write_text(study / "outcomes.csv", csv_text(outcomes))
    sensitivities = read_csv(study / "w0.1_draw0" / SENSITIVITIES)
    found = table(sensitivities, WIDTHS, of_draws(study, "w0.1_draw0", sensitivities))
    assert found.set_index("outcome").loc["ankle_com_m", "error"] == pytest.approx(0.5)


def test_command(
    study: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Writes both tables; of a case without derivatives empty ones; names an unknown case."""

    def say(case: str) -> str:
        words = ["spread", "--study", str(study), "--widths", str(SHIPPED), "--case", case]
        monkeypatch.setattr("sys.argv", words)
        spread.main()
        return capsys.readouterr().out

    assert "draws: 2" in say("w0.1_draw0")
    assert list(read_csv(study / "w0.1_draw0" / FILE)["outcome"]) == ["ankle_com_m", "duty_factor"]
    assert len(read_csv(study / "w0.1_draw0" / DRAWS)) == 4
    assert "no derivatives" in say("w0_draw1")
    assert not (study / "w0_draw1" / FILE).read_text()
    write_text(study / "other" / SENSITIVITIES, csv_text(derivatives({PARAMETERS[0]: 1.0})))
    with pytest.raises(ValueError, match="no case other"):
        say("other")

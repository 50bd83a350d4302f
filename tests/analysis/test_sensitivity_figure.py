"""The figure of derivatives: the rule's endpoints, muscles ranked, the tangent through 100 %."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from analysis.figures import rule, sensitivity
from analysis.figures.study import Series, read_study
from formats.case import BASELINE, SENSITIVITIES
from formats.claims import FILE, FIRST
from formats.files import write_text
from formats.table import csv_text
from tests.analysis.synthetic_study import effects, study, write

TOLD = (
    *("ankle_com_m", "braking_impulse_bw_s_per_m", "glmax_activation_85_to_20_percent_mean"),
    "thigh_extension_peak_deg",
)
MUSCLES = {"psoas": -3.0, "iliacus": 1.0, "glmax1": -0.5}
"""Change of every outcome by +1 % strength of each."""


@pytest.fixture(autouse=True)
def second_edition() -> Iterator[None]:
    rule.judge_by(FILE)
    yield
    rule.judge_by(FIRST)
    plt.close("all")


def derivatives(*outcomes: str) -> pd.DataFrame:
    """sensitivities.csv: the muscles' strengths, and numbers that are no strength."""
    rows = [
        (outcome, f"muscle/{muscle}/{prop}", change)
        for outcome in outcomes
        for muscle, change in MUSCLES.items()
        for prop, change in (("max_isometric_force", change), ("optimal_fiber_length", 99.0))
    ]
    found = pd.DataFrame(rows, columns=["outcome", "parameter", "change_per_percent"])
    return found.assign(value=1.0, parameter_value=1.0)


def series(folder: Path, *outcomes: str, **what: object) -> Series:
    """Doses 80, 100 and 120 % of a certified runner with these derivatives."""
    rows = study(effects(), variants=1, doses=(80.0, 100.0, 120.0), noise=0.0, **what)
    for number, name in enumerate(TOLD):
        rows[name] = 10.0 + number
    write(rows, folder)
    (base,) = rows.loc[rows["arm"] == BASELINE, "case"]
    if outcomes:
        write_text(folder / base / SENSITIVITIES, csv_text(derivatives(*outcomes)))
    (found,) = read_study(folder)
    return found


@pytest.fixture
def weaker(monkeypatch: pytest.MonkeyPatch) -> None:
    """The arm is psoas alone."""

    def strengths(_: Series, dose: float) -> dict[str, float]:
        return {"psoas": dose, "iliacus": 100.0, "glmax1": 100.0}

    monkeypatch.setattr(sensitivity, "strengths", strengths)


def test_rows_are_the_rules_own_endpoints(tmp_path: Path) -> None:
    """In the rule's order; what derivatives do not know is named, what a runner lacks is not."""
    for runner, out in (("spatial", ["least margin of hip force to socket rim"]), ("planar", [])):
        own = series(tmp_path / runner, *reversed(TOLD), runner=runner)
        slopes = sensitivity.of_series(own)
        assert slopes is not None
        rows, lacking = sensitivity.rows_of(own, slopes)
        assert tuple(row.outcome for row in rows) == TOLD
        assert [row.claim for row in rows] == ["Where the foot lands"] * 2 + [
            "What the glutes do"
        ] * 2
        assert lacking == out


@pytest.mark.usefixtures("weaker")
def test_the_tangent_is_that_of_the_arm(tmp_path: Path) -> None:
    """Bars by +10 %, strength alone; the line by the muscles that the dose changes."""
    found = sensitivity.drawn(series(tmp_path, "ankle_com_m", "duty_factor"))
    assert set(found["outcome"]) == {"ankle_com_m"}
    bars = found[found["dose_percent"].isna()].set_index("muscle")["change"]
    assert bars.to_dict() == pytest.approx({name: 10 * v for name, v in MUSCLES.items()})
    line = found.dropna(subset=["dose_percent"]).set_index("dose_percent")["change"]
    assert line.to_dict() == pytest.approx({80.0: 60.0, 100.0: 0.0, 120.0: -60.0})


@pytest.mark.usefixtures("weaker")
def test_the_page_ranks_muscles(tmp_path: Path) -> None:
    """The largest on top, a row of panels for each endpoint, the line through the 100 % run."""
    own = series(tmp_path, *TOLD)
    page = sensitivity.draw(own)
    assert len(page.axes) == 2 * len(TOLD)
    for number, name in enumerate(TOLD):
        bars, doses = page.axes[2 * number : 2 * number + 2]
        assert [label.get_text() for label in bars.get_yticklabels()][::-1] == list(MUSCLES)
        line = doses.lines[-1]
        assert list(line.get_xdata()) == [80.0, 100.0, 120.0]
        assert list(line.get_ydata())[1] == pytest.approx(own.rows[name].iloc[1])
    assert "psoas (-30" in sensitivity.caption(own)


def test_why_there_is_no_page(tmp_path: Path) -> None:
    assert sensitivity.without(series(tmp_path / "none")) == "its 100 % run has no derivatives"
    strange = series(tmp_path / "strange", "duty_factor")
    assert "no primary endpoint" in sensitivity.without(strange)

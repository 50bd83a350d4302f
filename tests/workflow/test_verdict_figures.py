"""Figures of the verdicts: what is claimed, found and trusted."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from analysis.claims import conclude
from analysis.figures import (
    claims,
    dose_effect_by_habit,
    verdict,
)
from analysis.figures.style import remark
from tests.workflow.made_up_tables import make


def test_verdicts_are_in_smallest_effects_as_claimed(tmp_path: Path) -> None:
    rows = claims.table(claims.read(make(tmp_path / "study", set())))
    primary = rows[rows["rank"] == "primary"].drop_duplicates("endpoint").set_index("endpoint")
    # Per -10 %: -0.01 m, claimed to rise, smallest effect 5 mm; -0.01, claimed to fall, 0.01.
    assert primary.loc["ankle_com_per_leg", "effect"] == pytest.approx(-2.0)
    assert primary.loc["glmax_activation_stance_mean", "effect"] == pytest.approx(1.0)
    assert primary["variants_used"].max() == 1
    assert primary["low"].isna().all()


def test_one_variant_and_one_habit_weight_are_said_to_decide_nothing(tmp_path: Path) -> None:
    rows = claims.table(claims.read(make(tmp_path / "study", set())))
    page = verdict.draw(rows)
    told = " ".join([remark(page), *(t.get_text() for t in page.findobj(Text))]).lower()
    plt.close(page)
    assert "a single variant, which has no spread: no verdict" in told
    assert "one habit weight only (0.1)" in told


def texts(page: Figure) -> str:
    """All words of a page, its lines joined; the page is closed."""
    told = " ".join(text.get_text() for text in page.findobj(Text))
    plt.close(page)
    return " ".join(told.split())


def test_the_verdicts_caption_names_trust_and_controls(tmp_path: Path) -> None:
    told = verdict.caption(claims.table(claims.read(make(tmp_path / "study", set()))))
    assert "landing: inconclusive, not trusted: null, negative, step rate, spring not run" in told


@pytest.mark.parametrize(
    ("module", "failed", "passed"),
    [
        (
            verdict,
            ": step rate failed; passed: null, negative, spring",
            ": null, negative, step rate, spring passed",
        ),
        (dose_effect_by_habit, "", ""),  # narrow panels: the controls stand in `verdict`
    ],
)
def test_a_verdict_is_drawn_with_its_trust_and_controls(
    module: ModuleType, failed: str, passed: str, tmp_path: Path
) -> None:
    content = claims.read(make(tmp_path / "study", set()))
    for entry in content.values():
        for name, control in entry["controls"].items():
            control["status"] = "failed" if name == "step_rate" else "passed"
    rows = claims.table(content)
    told = texts(module.draw(rows[rows["rank"] == "primary"]))
    assert f"inconclusive, not trusted{failed}" in told
    for entry in content.values():
        entry["controls"]["step_rate"]["status"] = "passed"
    rows = claims.table(content)
    told = texts(module.draw(rows[rows["rank"] == "primary"]))
    assert "not trusted" not in told
    assert f"inconclusive, trusted{passed}" in told


def test_a_verdict_is_drawn_with_its_range_and_its_steepest_piece(tmp_path: Path) -> None:
    folder = make(tmp_path / "study", set())
    outcomes = pd.read_csv(folder / "outcomes.csv")
    weak = outcomes["case"].str.contains("_060_")
    outcomes.loc[weak, "rim_margin_min_deg"] += 3.0
    outcomes.to_csv(folder / "outcomes.csv", index=False)
    rows = claims.table(conclude(folder))
    margin = rows[rows["endpoint"] == "rim_margin_min_deg"].iloc[0]
    # Claimed to fall with weakness, so what rises counts against it.
    assert margin["steepest"] == pytest.approx(-(3.0 - 0.02) / 2)
    page = verdict.draw(rows)
    noted, told = remark(page), texts(page)
    assert "at 60 to 140 %" in told and "18 to 15 deg" in told
    assert "60 to 80 %: +1.49 deg per -10 %, beyond the smallest effect" in noted
    assert "too small to matter" not in told

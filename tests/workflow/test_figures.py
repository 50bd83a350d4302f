"""Figures from tables of a made-up study: what is drawn, what is left out, how it is written."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text

from analysis.figures import cup, dose_response, gait_by_dose, head_displacement, socket_tornado
from analysis.figures.study import read_study
from analysis.figures.style import dose_styles
from analysis.hip_loads import READINGS
from analysis.robustness import COLUMNS
from config.cases import table
from tests.workflow.conftest import python
from tests.workflow.test_cases import study as configuration

PAGES = [
    *("cup", "gait_by_dose", "gluteal_activation", "head_displacement", "hip_force_direction"),
    *("muscle_timing", "socket_tornado", "stick_figures"),
]
NAMES = ["dose_response", *PAGES]


def curves(dose: float) -> pd.DataFrame:
    percent = np.arange(101.0)
    wave = np.sin(np.pi * percent / 50) + dose / 100
    names = [
        *("grf_x_bw", "grf_y_bw", "thigh_angle_deg", "knee_flexion_deg", "ankle_dorsiflexion_deg"),
        *("glmax2_r_activation", "hip_force_anterior_bw", "hip_force_superior_bw"),
        *("hip_force_medial_bw", "rim_margin_deg"),
    ]
    return pd.DataFrame({"percent": percent} | dict.fromkeys(names, wave))


def positions() -> pd.DataFrame:
    sided = ("hip", "knee", "ankle", "heel", "toe_joint", "toe_tip")
    names = [f"{name}_{side}" for name in sided for side in "rl"] + ["lumbar", "neck", "head"]
    columns = {f"{name}_{axis}_m": np.linspace(0, 1, 101) for name in names for axis in "xyz"}
    return pd.DataFrame({"percent": np.arange(101.0)} | columns)


def head(dose: float) -> pd.DataFrame:
    percent = np.arange(101.0)
    wave = 0.2 + 0.1 * np.sin(np.pi * percent / 50) + dose / 1000
    names = [
        *("head_displacement_mm", "head_anterior_mm", "head_superior_mm", "head_medial_mm"),
        *(f"{p}_{a}_deg" for p in cup.PLACES for a in ("anterior", "superior")),
        *("contact_pressure_peak_mpa", "rim_margin_deg"),
    ]
    columns = [f"{name}{suffix}" for name in names for suffix in READINGS]
    return pd.DataFrame({"percent": percent} | dict.fromkeys(columns, wave))


def robustness() -> pd.DataFrame:
    """One parameter whose high end lets the head go, and one that changes nothing."""
    rows = [
        (reading, outcome, name, 0.0, 0.1, 0.5, 0.2, 0.25, high, high - 0.2, reason)
        for reading in ("tendon_on_pelvis", "tendon_on_head")
        for outcome in socket_tornado.ROWS
        for name, high, reason in (
            ("clearance_mm", np.nan, "the head leaves the socket"),
            ("head_radius_mm", 0.3, ""),
            ("cartilage_poisson", 0.2, ""),
        )
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def make(folder: Path, failed: set[float]) -> Path:
    """Tables of the default study in which some doses failed."""
    folder.mkdir(parents=True)
    (folder / "cases.csv").write_text(table(configuration()))
    rows = []
    for _, case in pd.read_csv(folder / "cases.csv").iterrows():
        good = case["dose_percent"] not in failed
        shift = case["dose_percent"] / 1000
        values = {
            "ankle_com_m": 0.2 + shift,
            "ankle_com_per_leg": (0.2 + shift) / 0.8,
            "glmax_activation_stance_mean": shift,
            "thigh_extension_peak_deg": 20 + shift,
            "rim_margin_min_deg": 15 + shift,
            "duty_factor": 0.3,
            "head_displacement_max_mm": 0.3 + shift,
            "contact_pressure_peak_mpa": 5 + shift,
        }
        state = {"status": "certified" if good else "failed", "reason": "" if good else "limit"}
        rows.append({"case": case["case"]} | state | (values if good else {}))
        if good:
            (folder / case["case"]).mkdir()
            curves(case["dose_percent"]).to_csv(folder / case["case"] / "curves.csv", index=False)
            positions().to_csv(folder / case["case"] / "positions.csv", index=False)
            head(case["dose_percent"]).to_csv(folder / case["case"] / "head.csv", index=False)
            robustness().to_csv(folder / case["case"] / "robustness.csv", index=False)
    # As collect writes it: every column, whether or not a case could be measured.
    columns = list(dict.fromkeys(["case", "status", "reason", *values]))
    pd.DataFrame(rows, columns=columns).to_csv(folder / "outcomes.csv", index=False)
    return folder


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("failed", [set(), {140.0}, {60.0, 80.0, 100.0, 120.0, 140.0}])
def test_figure_is_written_whatever_failed(name: str, failed: set[float], tmp_path: Path) -> None:
    folder = make(tmp_path / "study", failed)
    ended = python(f"analysis.figures.{name}", "--study", folder, cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert ended.stderr == ""
    made = sorted(path.name for path in (folder / "figures").iterdir())
    assert made == [f"{name}.csv", f"{name}.pdf", f"{name}.png"]
    width, height = plt.imread(folder / "figures" / f"{name}.png").shape[1::-1]
    assert width == pytest.approx(170 / 25.4 * 300, abs=2)
    assert height > 400
    # Fonts are embedded as TrueType, so that a journal can edit the text.
    document = (folder / "figures" / f"{name}.pdf").read_bytes()
    assert b"/FontFile2" in document
    assert not re.search(rb"/Subtype /Type3\b", document)


@pytest.mark.parametrize("name", PAGES)
def test_text_is_large_enough_to_print(name: str, tmp_path: Path) -> None:
    module = importlib.import_module(f"analysis.figures.{name}")
    page = module.draw(read_study(make(tmp_path / "study", {140.0}))[0])
    sizes = {text.get_fontsize() for text in page.findobj(Text) if text.get_text().strip()}
    plt.close(page)
    assert min(sizes) >= 7


def test_failed_runs_are_crosses_and_keep_their_reason(tmp_path: Path) -> None:
    series = read_study(make(tmp_path / "study", {140.0}))
    page = dose_response.draw(series)
    for axes in page.axes:
        crosses = [line for line in axes.lines if line.get_marker() == "x"]
        assert [list(line.get_xdata()) for line in crosses] == [[140.0]]
    plt.close(page)
    drawn = dose_response.drawn(series).set_index("dose_percent")
    assert drawn.loc[140.0, "reason"] == "limit"
    assert np.isnan(drawn.loc[140.0, "ankle_com_per_leg"])
    assert drawn.loc[60.0, "ankle_com_per_leg"] == pytest.approx(0.26 / 0.8)


def test_head_without_an_equilibrium_is_named_and_not_drawn(tmp_path: Path) -> None:
    folder = make(tmp_path / "study", set())
    case = next(path for path in folder.iterdir() if "_060_" in path.name)
    pd.DataFrame(columns=["percent"]).to_csv(case / "head.csv", index=False)
    series = read_study(folder)[0]
    for module in (cup, head_displacement):
        page = module.draw(series)
        assert any("60 %" in t.get_text() and "not" in t.get_text() for t in page.findobj(Text))
        plt.close(page)
        assert 60.0 not in set(module.drawn(series)["dose_percent"])


def test_tornado_shows_strength_first_and_what_lets_go_next(tmp_path: Path) -> None:
    series = read_study(make(tmp_path / "study", set()))[0]
    bars = socket_tornado.bars(series, "", "head_displacement_max_mm")
    assert list(bars["parameter"]) == ["strength_%", "clearance_mm", "head_radius_mm"]
    assert bars["span"][0] == pytest.approx(0.08)


def test_smallest_effect_of_a_length_is_a_share_of_the_leg(tmp_path: Path) -> None:
    row = read_study(make(tmp_path / "study", set()))[0].rows.iloc[0]
    ankle, gluteus, *_ = dose_response.primaries()
    assert dose_response.smallest_effect(ankle, row) == pytest.approx(0.005 / 0.8)
    assert dose_response.smallest_effect(gluteus, row) == 0.01


def test_doses_differ_in_colour_and_in_line() -> None:
    styles = dose_styles([40, 60, 80, 100, 120, 140, 160])
    assert len({style["color"] for style in styles.values()}) == 7
    assert len({str(style["linestyle"]) for style in styles.values()}) == 7


def test_ankle_norm_follows_from_the_segments() -> None:
    curve = gait_by_dose.norm_curves(3.5)
    assert curve is not None
    assert len(curve) == 101
    # Mean runner at 3.5 m/s: dorsiflexed in stance, plantarflexed about toe-off.
    assert 20 < curve["ankle_dorsiflexion_deg"].max() < 30
    assert -30 < curve["ankle_dorsiflexion_deg"].min() < -15
    assert gait_by_dose.norm_curves(5.0) is None
    assert gait_by_dose.norms(3.5)["vertical_peak_bw"] == (2.5, 0.2)


def test_missing_tables_are_named(tmp_path: Path) -> None:
    ended = python("analysis.figures.dose_response", "--study", tmp_path, cwd=tmp_path)
    assert ended.returncode == 2
    assert ended.stderr == f"error: {tmp_path}/cases.csv: no such file; run the study first\n"

"""Figures from tables of a made-up study: what is drawn, what is left out, how it is written."""

from __future__ import annotations

import importlib
import json
import re
import runpy
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib import font_manager
from matplotlib.figure import Figure
from matplotlib.text import Text

from analysis.claims import conclude
from analysis.figures import (
    claims,
    cup,
    differences,
    dose_effect_by_habit,
    dose_response,
    gait_by_dose,
    gluteal_activation,
    ground_force,
    head_displacement,
    hip_force_direction,
    muscles_in_motion,
    norms_scorecard,
    over_striding,
    phases,
    socket_tornado,
    spread,
    stick_figures,
    strength,
    verdict,
)
from analysis.figures.shown import least_span
from analysis.figures.study import Series, read_study
from analysis.figures.style import contents, dose_styles, remark
from analysis.measures.tendon_readings import READINGS
from analysis.norms import norms_at, score
from analysis.replayed import scene
from analysis.robustness import COLUMNS
from formats import figure_settings as settings
from formats.claims import read_claims
from study.cases import table
from tests.analysis.synthetic_study import in_percent
from tests.workflow.conftest import python
from tests.workflow.made_up_scene import seen
from tests.workflow.test_cases import study as configuration

PAGES = [
    *("cup", "gait_by_dose", "gluteal_activation", "ground_force", "head_displacement"),
    *("hip_force_direction", "muscle_timing", "muscles_in_motion", "over_striding"),
    *("socket_tornado", "stick_figures"),
]
NAMES = [
    *("answer", "dose_effect_by_habit", "dose_response", "norms_scorecard", "strength", "verdict"),
    *PAGES,
]
DOSES = {60.0, 80.0, 100.0, 120.0, 140.0}


def curves(dose: float) -> pd.DataFrame:
    percent = np.arange(101.0)
    wave = np.sin(np.pi * percent / 50) + dose / 100
    names = [
        *("grf_x_bw", "grf_y_bw", "grf_z_bw", "glmax2_r_force_n"),
        *("thigh_angle_deg", "knee_flexion_deg", "ankle_dorsiflexion_deg"),
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


def dynamometer(doses: set[float]) -> pd.DataFrame:
    """Torque of all hip flexors twice that of the group, falling with hip flexion."""
    rows = [
        ("hip_flexors", dose, "both", angle, 0.01 * dose - angle / 200, 0.02 * dose - angle / 100)
        for dose in sorted(doses)
        for angle in (0.0, 30.0, 60.0)
    ]
    return pd.DataFrame(rows, columns=strength.COLUMNS)


def make(folder: Path, failed: set[float], **changes: Any) -> Path:
    """Tables of the default study, its configuration changed, in which some doses failed."""
    folder.mkdir(parents=True)
    (folder / "cases.csv").write_text(table(configuration(**changes)))
    dynamometer(DOSES).to_csv(folder / "dynamometer.csv", index=False)
    rows = []
    for _, case in pd.read_csv(folder / "cases.csv").iterrows():
        good = case["dose_percent"] not in failed
        shift = case["dose_percent"] / 1000
        values = {
            "ankle_com_m": 0.2 + shift,
            "ankle_com_per_leg": (0.2 + shift) / 0.8,
            "glmax_activation_stance_mean": shift,
            "thigh_extension_peak_deg": 20 + shift,
            "reach_thigh_m": 0.15 + shift / 4,
            "reach_shank_m": 0.04 + shift / 2,
            "hip_com_m": 0.01 + shift / 4,
            "thigh_line_contact_deg": 20 + shift,
            "shank_contact_deg": 10 + shift,
            "step_length_m": 1.2 - shift,
            "cadence_steps_min": 170 + shift,
            "braking_peak_bw": 0.3 + shift,
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
            scene.write(folder / case["case"], seen(case["dose_percent"]))
            head(case["dose_percent"]).to_csv(folder / case["case"] / "head.csv", index=False)
            robustness().to_csv(folder / case["case"] / "robustness.csv", index=False)
    # As collect writes it: every column, whether or not a case could be measured.
    columns = list(dict.fromkeys(["case", "status", "reason", *values]))
    pd.DataFrame(rows, columns=columns).to_csv(folder / "outcomes.csv", index=False)
    (folder / "claims.json").write_text(json.dumps(conclude(folder)))
    return folder


def style(folder: Path) -> Path:
    """A style of coarse pixels, for the sake of time."""
    path = folder / "style.yaml"
    path.write_text("dpi: 75\n")
    return path


def draw(name: str, folder: Path, *options: str) -> None:
    """Run a figure's command in this process, which spares each its imports."""
    arguments = [name, "--study", str(folder), *options]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", arguments)
        patch.delitem(sys.modules, f"analysis.figures.{name}", raising=False)
        runpy.run_module(f"analysis.figures.{name}", run_name="__main__")


@pytest.fixture(scope="module", params=[{140.0}, DOSES], ids=["one", "all"])
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = make(tmp_path_factory.mktemp("figures") / "study", request.param)
    style(folder)
    return folder


@pytest.mark.parametrize("name", ["dose_response", "norms_scorecard", "over_striding", "cup"])
def test_figure_is_written_without_a_100_percent_run(name: str, tmp_path: Path) -> None:
    folder = make(tmp_path / "study", {100.0})
    draw(name, folder, "--style", str(style(tmp_path)))
    assert (folder / "figures" / f"{name}.pdf").is_file()


@pytest.mark.parametrize("name", NAMES)
def test_figure_is_written_whatever_failed(
    name: str, made: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    draw(name, made, "--style", str(made / "style.yaml"))
    assert capsys.readouterr().err == ""
    figures = made / "figures"
    assert {path.name for path in figures.glob(f"{name}.*")} == {
        f"{name}.{kind}" for kind in ("csv", "pdf", "png", "svg", "txt")
    }
    width, height = plt.imread(figures / f"{name}.png").shape[1::-1]
    assert width == pytest.approx((85 if name == "answer" else 170) / 25.4 * 75, abs=2)
    assert height > 100
    # Fonts are embedded as TrueType, so that a journal can edit the text.
    document = (figures / f"{name}.pdf").read_bytes()
    assert b"/FontFile2" in document
    assert not re.search(rb"/Subtype /Type3\b", document)
    # In SVG the letters are outlines: no machine needs the font.
    assert "<text" not in (figures / f"{name}.svg").read_text()


@pytest.mark.parametrize("look", ["", "slides"])
@pytest.mark.parametrize("name", NAMES)
def test_no_text_lies_on_another_or_off_the_page(
    name: str, look: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the usual style, and on the lowest page with the largest letters."""
    folder = make(tmp_path / "study", {140.0})
    monkeypatch.setattr(
        "analysis.figures.style.save",
        lambda where, what, pages, drawn, caption="": check_texts(next(iter(pages))),
    )
    draw(name, folder, *(["--style", look] if look else []))


def check_texts(page: Figure) -> None:
    drawn: list[Text] = []  # what the renderer is told to draw, ticks out of range not among it
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Text, "draw", lambda self, renderer: drawn.append(self))
        page.canvas.draw()
    texts = {text: None for text in drawn if text.get_text().strip() and text.get_visible()}
    boxes = [(text.get_text(), text.get_window_extent()) for text in texts]
    assert len(boxes) > 3
    whole = page.bbox
    for words, box in boxes:
        assert box.x0 >= whole.x0 - 2 and box.x1 <= whole.x1 + 2, f"{words!r} is cut off"
        assert box.y0 >= whole.y0 - 2 and box.y1 <= whole.y1 + 2, f"{words!r} is cut off"
    for number, (words, box) in enumerate(boxes):
        for other, its in boxes[number + 1 :]:
            across = min(box.x1, its.x1) - max(box.x0, its.x0)
            along = min(box.y1, its.y1) - max(box.y0, its.y0)
            assert across < 1.5 or along < 1.5, f"{words!r} lies on {other!r}"


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
        assert "not drawn: 60 %" in remark(page)
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


def limits(page: Figure) -> list[float]:
    """The range of each panel's y axis."""
    return [abs(np.diff(axes.get_ylim())[0]) for axes in page.axes]


def test_the_rule_leaves_the_planar_runner_out_of_the_hip(tmp_path: Path) -> None:
    series = read_study(make(tmp_path / "study", set(), runners=["planar"]))
    page = dose_response.draw(series)
    *others, hip = page.axes
    assert all(axes.lines for axes in others)
    assert not hip.lines
    assert "planar" in " ".join(text.get_text() for text in hip.texts)
    plt.close(page)
    assert dose_response.drawn(series)["rim_margin_min_deg"].isna().all()
    assert dose_response.drawn(series)["ankle_com_per_leg"].notna().all()
    assert "the rule leaves out the planar runner" in dose_response.caption(series)
    for module in (cup, head_displacement, hip_force_direction, socket_tornado):
        pages, numbers, caption = contents(
            series, module.draw, module.drawn, module.caption, module.without
        )
        (only,) = pages
        assert not only.axes
        plt.close(only)
        assert numbers.empty
        assert caption.startswith("Not drawn: the rule leaves out the planar runner")


def test_spread_leaves_the_planar_runner_out_and_draws_both_readings(tmp_path: Path) -> None:
    folder = make(tmp_path / "study", set(), runners=["spatial", "planar"], draws=1)
    outcomes = pd.read_csv(folder / "outcomes.csv")
    outcomes["rim_margin_min_deg_tendon_on_head"] = 2 * outcomes["rim_margin_min_deg"]
    outcomes.to_csv(folder / "outcomes.csv", index=False)
    ((words, own),) = dose_response.pages(read_study(folder))[0].items()
    page = dose_response.draw_spread(words, own)
    runners = {str(one.rows["runner"].iloc[0]) for one in own}
    assert runners == {"spatial", "planar"}
    spatial = sum(one.rows["runner"].iloc[0] == "spatial" for one in own)
    *others, hip = page.axes
    assert [len(axes.lines) for axes in others] == [len(own) + 1] * 3
    assert len(hip.lines) == 2 * (spatial + 1)
    assert sum(line.get_linestyle() == "--" for line in hip.lines) == spatial + 1
    plt.close(page)


def test_one_threshold_is_drawn_the_rule_s(tmp_path: Path) -> None:
    page = dose_response.draw(read_study(make(tmp_path / "study", set())))
    gluteus = page.axes[1]
    (wedge,) = gluteus.collections
    corners = wedge.get_paths()[0].vertices
    at_60 = corners[np.isclose(corners[:, 0], 60.0), 1]
    assert at_60.min() == pytest.approx(0.1 - 4 * 0.01)  # one smallest effect per 10 %
    assert at_60.max() == pytest.approx(0.1 + 4 * 0.01)
    (people,) = gluteus.patches  # no band beside it but the upright one, people's strength
    assert people.get_zorder() < 0 and people.get_height() == 1
    plt.close(page)


def test_rounding_noise_does_not_fill_an_axis(tmp_path: Path) -> None:
    folder = make(tmp_path / "study", set())
    outcomes = pd.read_csv(folder / "outcomes.csv")
    rng = np.random.default_rng(1)
    for name in outcomes.columns.drop(["case", "status", "reason"]):
        outcomes[name] = outcomes[name].iloc[0] + 1e-9 * rng.normal(size=len(outcomes))
    outcomes.to_csv(folder / "outcomes.csv", index=False)
    for case in outcomes["case"]:
        for name in ("curves.csv", "head.csv"):
            still = pd.read_csv(folder / case / name)
            moving = still.columns.drop("percent")
            still[moving] = 1e-9 * rng.normal(size=(len(still), len(moving)))
            still.to_csv(folder / case / name, index=False)
    (one,) = read_study(folder)
    least = {
        over_striding: [10.0, 10.0, 2.0, 2.0],
        head_displacement: [0.1] * 8,
        gluteal_activation: [0.02, 0.02, 10.0, 0.02],
        ground_force: [0.02] * 4,
        gait_by_dose: [*2 * [0.02, 0.02, 2.0], 2.0, 2.0],
    }
    for module, spans in least.items():
        page = module.draw(one)
        for found, span in zip(limits(page), spans, strict=False):
            assert found >= span * (1 - 1e-9), module.__name__
        plt.close(page)
    page = dose_response.draw([one])
    assert limits(page)[1] >= 0.08
    plt.close(page)


def test_least_span_is_two_smallest_effects_or_a_share() -> None:
    assert least_span("rim_margin_min_deg") == 2.0
    assert least_span("head_anterior_mm") == pytest.approx(0.1)
    assert least_span("grf_y_bw") == pytest.approx(0.02)
    assert least_span("contact_pressure_peak_mpa", 5.0) == pytest.approx(0.05)


def measured(one: Series) -> Series:
    """The same runs as those of a measured runner whose motion is kept."""
    rows = one.rows.assign(problem="inverse", ankle_com_per_leg=0.3, ankle_com_m=0.24)
    return Series(one.folder, one.label, rows, one.arm, one.conditions)


def test_what_a_kept_motion_holds_is_in_no_figure(tmp_path: Path) -> None:
    one = measured(read_study(make(tmp_path / "study", set()))[0])
    page = dose_response.draw([one])
    assert not page.axes[0].lines
    assert "kept as measured" in page.axes[0].texts[0].get_text()
    assert page.axes[1].lines
    plt.close(page)
    assert dose_response.drawn([one])["ankle_com_per_leg"].isna().all()
    assert "kept" in over_striding.without(one)
    for module in (ground_force, stick_figures):
        assert set(module.drawn(one)["dose_percent"]) == {100.0}
    page = gait_by_dose.draw(one)
    labels = [line.get_label() for line in page.axes[0].lines]
    assert [label for label in labels if not label.startswith("_")] == ["as measured"]
    plt.close(page)


def test_norm_bars_stand_at_the_runners_own_time_or_at_none(tmp_path: Path) -> None:
    one = read_study(make(tmp_path / "study", set()))[0]
    page = gait_by_dose.draw(one)
    force, thigh = page.axes[0], page.axes[2]
    mean = gait_by_dose.norm_curves(3.5)
    assert mean is not None
    angle = mean.set_index("percent")["thigh_angle_deg"]
    bars = [float(bar.lines[0].get_xdata()[0]) for bar in thigh.containers]
    assert bars == [0.0, angle.idxmin(), angle.idxmax()]
    beside = force.containers[0].lines[0]
    assert beside.get_transform() == force.get_yaxis_transform()
    assert beside.get_xdata()[0] > 1.0  # right of the panel, at no time of the stride
    plt.close(page)


def test_strength_is_that_of_all_flexors_beside_people(tmp_path: Path) -> None:
    folder = make(tmp_path / "study", set())
    table = strength.read(folder)
    page = strength.draw(table)
    assert [axes.get_title() for axes in page.axes] == ["hip at 0°", "hip at 30°", "hip at 60°"]
    assert list(page.axes[0].lines[0].get_ydata()) == pytest.approx([1.2, 1.6, 2.0, 2.4, 2.8])
    assert len(page.axes[0].patches) == len(set(strength.norms()["group"]))
    plt.close(page)
    assert "hip flexors at 0°: 1.20, 1.60, 2.00, 2.40, 2.80" in strength.caption(table)


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


def test_a_smallest_effect_in_per_cent_is_drawn_at_its_runs_level(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also of the second reading of the tendon, whose level is another."""
    (tmp_path / "rule").mkdir()
    rule = read_claims(in_percent(tmp_path / "rule"))
    monkeypatch.setattr(dose_response, "primaries", rule.primaries)
    series = read_study(make(tmp_path / "study", set()))
    row = series[0].rows[series[0].rows["dose_percent"] == 100].iloc[0].to_dict()
    gluteus = rule.primaries()[1]
    column = gluteus.endpoint
    assert dose_response.smallest_effect(gluteus, pd.Series(row)) == pytest.approx(0.005)
    other = pd.Series(row | {"other": 0.4})
    assert dose_response.smallest_effect(gluteus, other, "other") == pytest.approx(0.02)
    page = dose_response.draw(series)
    panel = next(axes for axes in page.axes if "gluteus maximus" in axes.get_title())
    plt.close(page)
    corners = panel.collections[0].get_paths()[0].vertices
    assert corners[:, 1].max() == pytest.approx(0.1 + 4 * 0.005), column


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


def test_over_striding_adds_up(tmp_path: Path) -> None:
    table = over_striding.terms(read_study(make(tmp_path / "study", {80.0}))[0])
    assert list(table["dose_percent"]) == [60.0, 100.0, 120.0, 140.0]
    segments = table[["thigh_mm", "shank_mm", "hip_mm"]].sum(axis=1)
    steps = table[["cadence_mm", "placement_mm"]].sum(axis=1)
    assert segments.to_numpy() == pytest.approx(table["total_mm"].to_numpy(), abs=1e-9)
    assert steps.to_numpy() == pytest.approx(table["total_mm"].to_numpy(), abs=1e-9)
    assert table["shank_mm"].iloc[0] == pytest.approx(-20.0)
    # Weaker: a longer step here (1.2 m less dose/1000), hence a cadence term that is positive.
    assert table["cadence_mm"].iloc[0] > 0


def test_phases_follow_from_force_and_duty_factor(tmp_path: Path) -> None:
    found = phases.phases(read_study(make(tmp_path / "study", set()))[0])
    assert [name for name, _, _ in found] == list(phases.NAMES)
    assert [end for _, _, end in found[1:]] == [30.0, 65.0, 100.0]
    wave = np.where(np.arange(101) < 12, -1.0, 1.0)
    assert (
        phases.braking_end(pd.DataFrame({"percent": np.arange(101.0), "grf_x_bw": wave}), 30) == 12
    )


def test_spread_is_of_changes_from_each_own_100_percent_run(tmp_path: Path) -> None:
    series = read_study(make(tmp_path / "study", set()))
    other = pd.concat([series[0].rows.assign(ankle_com_m=lambda t: 5 + 2 * t["ankle_com_m"])])
    pair = [series[0], type(series[0])(series[0].folder, "other", other, series[0].arm, "")]
    table = spread.changes(pair, "ankle_com_m")
    assert table[100.0].to_numpy() == pytest.approx([0, 0])
    assert sorted(table[60.0]) == pytest.approx([-0.08, -0.04])
    failed = read_study(make(tmp_path / "failed", {100.0}))
    assert spread.changes(failed, "ankle_com_m").empty


def test_scorecard_figure_names_what_it_cannot_judge(tmp_path: Path) -> None:
    table, lacking = norms_scorecard.runs(make(tmp_path / "study", {100.0}))
    assert table.empty
    assert lacking == ["spatial, 3.5 m/s: not certified"]
    page = norms_scorecard.draw(table, lacking)
    assert "not certified" in remark(page)
    plt.close(page)


def test_scorecard_figure_tells_both_cards() -> None:
    norms = norms_at(3.5)
    row = dict(zip(norms["column"].fillna(norms["quantity"]), norms["mean"], strict=True))
    card = score(row | {"hip_force_peak_bw": 1.0}, norms)
    table = card.table.assign(run="spatial", told=card.told())
    page = norms_scorecard.draw(table, [])
    told = "spatial; not believable: kinematic 12 of 12 within 2 SD, 0 beyond 4; "
    told += "kinetic 12 of 13 within 2 SD, 1 beyond 4"
    assert any(text.get_text().replace("\n", " ") == told for text in page.findobj(Text))
    plt.close(page)


def test_style_file_restyles(tmp_path: Path) -> None:
    folder = make(tmp_path / "study", set())
    mine = tmp_path / "mine.yaml"
    mine.write_text("page_width_mm: 120\ndpi: 100\ndose_colours: {60: '#123456'}\n")
    draw("over_striding", folder, "--style", str(mine))
    assert plt.imread(folder / "figures" / "over_striding.png").shape[1] == pytest.approx(
        472, abs=2
    )
    draw("stick_figures", folder, "--style", str(mine))
    assert "#123456" in (folder / "figures" / "stick_figures.svg").read_text()
    draw("over_striding", folder)  # and the style as it is comes back
    assert plt.imread(folder / "figures" / "over_striding.png").shape[1] == pytest.approx(
        2007, abs=2
    )


def test_style_file_says_what_the_code_says() -> None:
    assert settings.read() == settings.Settings()
    assert set(settings.ALLOWED) == set(settings.Settings.model_fields)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("dpi: 20", "dpi: 20 is not allowed; it is a whole number from 50 to 1200"),
        ("colour_100: red", "colour_100: 'red' is not allowed; a colour is '#rrggbb'"),
        ("dip: 300", "dip: unknown key, perhaps dpi is meant; allowed are column_width_mm, "),
        ("svg_text: none", "svg_text: 'none' is not allowed; it is outlines or editable"),
        ("- 1", "holds no keys; allowed are column_width_mm, "),
        ("dose_colours: {60: blue}", "dose_colours: 'blue' is not allowed; it is a dose in per "),
    ],
)
def test_wrong_style_is_one_line(text: str, line: str, tmp_path: Path) -> None:
    path = tmp_path / "style.yaml"
    path.write_text(text)
    with pytest.raises(ValueError) as caught:
        settings.read(path)
    assert str(caught.value).startswith(f"{path}: {line}")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", sorted(settings.PRESETS))
def test_a_preset_keeps_to_its_widths_heights_and_letters(name: str, tmp_path: Path) -> None:
    """The tallest figures too; text is text, in a font that is there, and embedded."""
    wanted = settings.read(settings.PRESETS[name])
    folder = make(tmp_path / "study", {140.0})
    for figure in ("gait_by_dose", "norms_scorecard", "head_displacement"):
        draw(figure, folder, "--style", name)
        drawn = (folder / "figures" / f"{figure}.svg").read_text()
        found = re.search(r'width="([0-9.]+)pt" height="([0-9.]+)pt"', drawn)
        assert found is not None
        width, height = (float(size) / 72 * 25.4 for size in found.groups())
        assert width == pytest.approx(wanted.page_width_mm, abs=0.1)
        assert height <= wanted.max_height_mm + 0.1
        assert "<text" in drawn
        assert settings.font(wanted) in drawn
        sizes = {float(size) for size in re.findall(r"font(?:-size)?:[^;\"]*?([0-9.]+)px", drawn)}
        assert max(sizes) <= wanted.font_size_pt + 0.01
        assert b"/FontFile2" in (folder / "figures" / f"{figure}.pdf").read_bytes()


def test_a_font_that_is_not_there_is_refused_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("font_family: [No Such Font, Nor This]\n")
    with pytest.raises(ValueError, match=r"mine\.yaml: font_family: none of No Such Font") as told:
        settings.read(path)
    assert "\n" not in str(told.value)
    path.write_text("font_family: [No Such Font, DejaVu Serif]\n")
    assert settings.font(settings.read(path)) == "DejaVu Serif"


def test_a_font_installed_after_matplotlib_listed_all_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    manager = font_manager.fontManager
    others = [one for one in manager.ttflist if one.name != "DejaVu Serif"]
    path = font_manager.findfont("DejaVu Serif", fallback_to_default=False)
    monkeypatch.setattr(manager, "ttflist", others)
    monkeypatch.setattr(font_manager, "findSystemFonts", lambda: [path])
    assert settings.font(settings.Settings(font_family="DejaVu Serif")) == "DejaVu Serif"


def test_a_configuration_may_name_a_preset() -> None:
    assert settings.file_of("nature") == settings.PRESETS["nature"]
    assert configuration(figures="nature").figures == "nature"


def test_a_page_is_a_file_with_its_words_beside_it(tmp_path: Path) -> None:
    """Two speeds are two series: the first is the figure, the second lies under more/."""
    folder = make(tmp_path / "study", set(), speeds_m_s=[3.0, 3.5])
    draw("ground_force", folder)
    figures = folder / "figures"
    document = (figures / "ground_force.pdf").read_bytes()
    assert len(re.findall(rb"/Type /Page\b", document)) == 1
    (other,) = (figures / "more" / "ground_force").glob("*.pdf")
    assert other.stem.startswith("02_hip_flexors_3.5")
    assert {path.suffix for path in other.parent.iterdir()} == {".pdf", ".svg", ".png", ".txt"}
    words = (figures / "ground_force.txt").read_text()
    assert "Ticks at the foot: toe-off." in words  # noted by the code that drew, not drawn
    shown = " ".join(t.get_text() for t in ground_force.draw(read_study(folder)[0]).findobj(Text))
    assert "toe-off" not in shown
    assert len(pd.read_csv(figures / "ground_force.csv")["series"].unique()) == 2


def test_differences_are_of_the_same_per_cent_with_student_s_interval(tmp_path: Path) -> None:
    """Made up: a curve is a wave plus dose / 100, so each difference is (dose - 100) / 100."""
    series = read_study(make(tmp_path / "study", {140.0}))[0]
    found = differences.differences(series, differences.column("grf_y_bw"))
    assert sorted(found) == [60.0, 80.0, 120.0]
    for dose, one in found.items():
        assert one.own == pytest.approx(np.full(101, dose / 100 - 1))
        assert one.low is None  # one variant has no spread
    objectives = ["metabolic_mix", "activation_squared", "activation_cubed"]
    several = read_study(make(tmp_path / "several", set(), objectives=objectives))
    for rank, one in enumerate(several):
        for case, dose in zip(one.rows["case"], one.rows["dose_percent"], strict=True):
            wave = curves(float(dose))
            wave["grf_y_bw"] += rank * (dose != 100)
            wave.to_csv(one.folder / case / "curves.csv", index=False)
    middle = differences.differences(several[1], differences.column("grf_y_bw"))[60.0]
    assert middle.low is not None and middle.high is not None
    assert middle.own == pytest.approx(np.full(101, 0.6))
    # Three values one apart: SD 1, t of two degrees of freedom 4.3027.
    assert middle.high - middle.low == pytest.approx(np.full(101, 2 * 4.302653 / np.sqrt(3)))
    assert 0.5 * (middle.high + middle.low) == pytest.approx(np.full(101, 0.6))


def test_pressure_maps_are_of_one_instant(tmp_path: Path) -> None:
    series = read_study(make(tmp_path / "study", set()))[0]
    found = cup.tables(series)
    found[60.0]["contact_pressure_peak_mpa"] = np.arange(101.0)[::-1]
    found[100.0]["contact_pressure_peak_mpa"] = np.arange(101.0)
    assert cup.instant(found) == 100
    del found[100.0]
    assert cup.instant({60.0: found[60.0]}) == 0


def test_muscles_are_painted_by_what_strength_changes(tmp_path: Path) -> None:
    """Made up: activation is dose / 300 (1 + sin), so what changes is (dose - 100) / 300 of it."""
    series = read_study(make(tmp_path / "study", {140.0}))[0]
    found, lacking = muscles_in_motion.scenes(series)
    assert (sorted(found), lacking) == ([60.0, 100.0, 120.0], [])
    less = muscles_in_motion.changes(found)
    wave = 1 + np.sin(2 * np.pi * scene.PERCENT / 100)
    for dose in (60.0, 120.0):
        assert less[dose][:, 0] == pytest.approx((dose - 100) / 300 * wave, abs=2e-4)
    table = muscles_in_motion.drawn(series)
    assert list(table.columns) == muscles_in_motion.COLUMNS
    assert len(table) == 3 * len(muscles_in_motion.PHASES)
    (series.folder / series.certified["case"].iloc[0] / scene.FILE).write_text("{}")
    assert muscles_in_motion.scenes(series)[1] and 60.0 not in muscles_in_motion.scenes(series)[0]
    page = muscles_in_motion.draw(series)
    assert "the case has no stride" in remark(page)
    plt.close(page)

"""Figures from tables of a made-up study: what is drawn, and what is left out."""

from __future__ import annotations

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from analysis.figures import (
    cup,
    differences,
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
)
from analysis.figures.shown import least_span
from analysis.figures.study import Series, read_study
from analysis.figures.style import contents, remark
from analysis.norms import norms_at, score
from analysis.replayed import scene
from formats.claims import read_claims
from tests.analysis.synthetic_study import in_percent
from tests.workflow.conftest import python
from tests.workflow.made_up_tables import curves, make


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

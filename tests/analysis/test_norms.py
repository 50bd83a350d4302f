from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from analysis.norms import CARDS, CURVES, ground_force_filter, norms_at, score, speeds
from analysis.outcomes import COLUMNS


def test_norms_are_those_of_the_protocol() -> None:
    assert speeds() == [2.5, 3.5]
    for speed in speeds():
        table = norms_at(speed)
        timing = table["quantity"].str.startswith("emg_jaccard_")
        assert (len(table), timing.sum()) == (25, 6)
        assert set(table.loc[~timing, "quantity"]) <= set(COLUMNS)
        assert (table["sd"] > 0).all()
        assert list(dict.fromkeys(table["card"])) == list(CARDS)
        assert (table["source"].str.len() > 3).all()
    fast = norms_at(3.5).set_index("quantity")
    assert tuple(fast.loc["braking_impulse_bw_s", ["mean", "sd"]]) == (0.021, 0.003)
    assert tuple(fast.loc["ankle_min_deg", ["mean", "sd"]]) == (-23, 6)
    assert norms_at(4.5).empty


def at(z: dict[str, float]) -> dict[str, float]:
    norms = norms_at(3.5).set_index("quantity")
    return {
        norms["column"].fillna("")[n] or n: norms["mean"][n] + z.get(n, 0.0) * norms["sd"][n]
        for n in norms.index
    }


def on(card: str) -> list[str]:
    norms = norms_at(3.5)
    return list(norms.loc[norms["card"] == card, "quantity"])


def test_score_of_known_numbers() -> None:
    names = on("kinematic")
    perfect = score(at({}), norms_at(3.5))
    assert (perfect.share_within_2_sd, perfect.beyond_4_sd, perfect.passed) == (1.0, 0, True)
    two = score(at(dict.fromkeys(names[:2], -2.5)), norms_at(3.5))
    assert two.share_within_2_sd == pytest.approx(23 / 25)
    assert two.of("kinematic").share_within_2_sd == pytest.approx(10 / 12)
    assert two.passed
    assert list(two.table["z"][:3]) == pytest.approx([-2.5, -2.5, 0])
    assert not score(at(dict.fromkeys(names[:3], 2.5)), norms_at(3.5)).passed  # 9 of 12
    far = score(at({names[5]: 4.5}), norms_at(3.5))
    assert (far.beyond_4_sd, far.passed) == (1, False)
    edge = score(at({names[0]: 2.0, names[1]: -4.0}), norms_at(3.5))
    assert (bool(edge.table["within_2_sd"][0]), edge.beyond_4_sd) == (True, 0)


def test_a_tracked_motion_does_not_carry_wrong_forces() -> None:
    """Three of thirteen wrong: 22 of 25 together, which passed; on their own card they fail."""
    card = score(at(dict.fromkeys(on("kinetic")[:3], 2.5)), norms_at(3.5))
    assert card.share_within_2_sd > 0.8
    assert card.of("kinematic").share_within_2_sd == 1.0
    assert card.of("kinetic").share_within_2_sd == pytest.approx(10 / 13)
    assert not card.passed
    assert card.told() == (
        "not believable: kinematic 12 of 12 within 2 SD, 0 beyond 4; "
        "kinetic 10 of 13 within 2 SD, 0 beyond 4"
    )
    row = card.outcomes()
    assert row["norms_passed"] is False
    assert row["norms_kinematic_within_2_sd_percent"] == 100
    assert row["norms_kinetic_within_2_sd_percent"] == pytest.approx(1000 / 13)


def test_a_filtered_norm_is_compared_with_a_filtered_force() -> None:
    unfiltered = {"braking_peak_bw": 0.9, "vertical_peak_bw": 4.0, "braking_impulse_bw_s": 0.05}
    card = score(at({}) | unfiltered, norms_at(3.5))
    assert card.passed
    table = card.table.set_index("quantity")
    assert table.loc["braking_peak_bw", "value"] == pytest.approx(0.33)
    assert table.loc["braking_peak_bw", "column"] == "braking_peak_filtered_bw"
    assert table.loc["stride_time_s", "column"] == "stride_time_s"
    assert ground_force_filter() == (15.0, 4)


def test_hip_force_band_is_two_sd() -> None:
    for value, inside in ((5.0, True), (10.0, True), (4.9, False), (10.1, False)):
        card = score(at({}) | {"hip_force_peak_bw": value}, norms_at(2.5)).table
        card = card.set_index("quantity")
        assert bool(card.loc["hip_force_peak_bw", "within_2_sd"]) is inside


def test_missing_value_does_not_pass() -> None:
    card = score(at({}) | {"duty_factor": None}, norms_at(3.5))
    assert (card.beyond_4_sd, card.passed) == (1, False)
    del (row := at({}))["duty_factor"]
    assert not score(row, norms_at(3.5)).passed


def test_a_muscle_that_the_runner_lacks_is_left_out() -> None:
    card = score(at({}) | {"emg_jaccard_glmed": None}, norms_at(3.5))
    assert len(card.of("kinetic").table) == 12
    assert card.passed
    poor = score(at({}) | {"emg_jaccard_glmed": 0.2}, norms_at(3.5))
    assert poor.of("kinetic").within_2_sd == 12
    good = score(at({}) | {"emg_jaccard_glmed": 1.0}, norms_at(3.5))
    assert good.of("kinetic").within_2_sd == 13


def test_command_writes_the_scorecard(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "analysis.norms", "--case", str(tmp_path)]
    (tmp_path / "outcomes.json").write_text(json.dumps(at({}) | {"speed_m_s": 3.5}))
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "believable: kinematic 12 of 12 within 2 SD" in done.stdout
    written = pd.read_csv(tmp_path / "scorecard.csv")
    assert written["card"].value_counts().to_dict() == {"kinematic": 12, "kinetic": 13}
    (tmp_path / "outcomes.json").write_text(json.dumps(at({}) | {"speed_m_s": 4.5}))
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (
        2,
        "error: no norms at 4.5 m/s; there are norms at 2.5, 3.5 m/s\n",
    )


def test_norm_curves_close_and_cover_both_speeds() -> None:
    curves = pd.read_csv(CURVES, comment="#")
    assert sorted(set(curves["speed_m_s"])) == [2.5, 3.5]
    for speed, curve in curves.groupby("speed_m_s"):
        assert list(curve["percent"]) == list(range(101))
        ends = curve.iloc[[0, -1]].drop(columns="percent").to_numpy()
        assert ends[0] == pytest.approx(ends[1], abs=0.5)
        norms = norms_at(float(speed)).set_index("quantity")
        contact = float(curve["thigh_angle_deg"].iloc[0])
        assert abs(contact - norms.loc["thigh_contact_deg", "mean"]) < 2
        swing = float(curve["knee_flexion_deg"].max())
        assert abs(swing - norms.loc["knee_swing_peak_deg", "mean"]) < 5
    assert "CC BY 4.0" in CURVES.read_text()

"""Figures of a measured runner's own show what its tables hold, and say when they have nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.figures import measured_activations, measured_moments
from analysis.figures.study import Series


def series(folder: Path, problem: str = "inverse") -> Series:
    percent = np.linspace(0.0, 100.0, 51)
    wave = np.sin(np.pi * percent / 50)
    table = {"percent": percent}
    for side, size in (("r", 100.0), ("l", 80.0)):
        for joint in ("hip_flexion", "knee_angle", "ankle_angle"):
            name = f"{joint}_{side}"
            table[f"{name}_moment"] = size * wave
            table[f"{name}_moment_mean"] = size * wave
            table[f"{name}_moment_sd"] = 5.0 + 0 * wave
            table[f"{name}_reserve"] = 0.1 * wave
        for muscle in ("soleus", "psoas"):
            table[f"{muscle}_{side}_activation"] = 0.5 + 0.5 * wave
    table["pelvis_ty_moment"] = 60.0 * wave
    (folder / "case").mkdir(parents=True)
    pd.DataFrame(table).to_csv(folder / "case" / "shares.csv", index=False)
    row = {
        "case": "case", "status": "certified", "dose_percent": 100.0, "problem": problem,
        "runner": "me", "reserve_share_largest": 0.031,
        "reserve_largest_coordinate": "knee_angle_l",
        "pelvis_residual_force_rms_n": 42.0, "pelvis_residual_moment_rms_nm": 7.0,
        "strength_percent": 130.0, "filter_hz": 15.0, "stride_number": 2.0, "draw": 0,
    }  # fmt: skip
    return Series(folder, "me, 3 m/s", pd.DataFrame([row]), "baseline", "3 m/s")


def test_moments_reserves_and_residual_are_drawn(tmp_path: Path) -> None:
    one = series(tmp_path)
    page = measured_moments.draw(one)
    hip = page.axes[0]
    shown = {line.get_label(): line.get_ydata() for line in hip.lines}
    assert np.max(shown["moment"]) == pytest.approx(100.0, rel=0.01)
    assert np.max(shown["reserve"]) == pytest.approx(0.1, rel=0.01)
    told = measured_moments.caption(one)
    for said in ("3.1 %", "knee_angle_l", "42 N", "130 %", "15 Hz", "stride 2"):
        assert said in told
    assert "pelvis_ty_moment" in measured_moments.drawn(one)


def test_every_muscle_has_its_row(tmp_path: Path) -> None:
    one = series(tmp_path)
    page = measured_activations.draw(one)
    image = page.axes[0].images[0].get_array()
    assert image.shape == (2, 51)
    assert "soleus_r, psoas_r, soleus_l, psoas_l" in measured_activations.caption(one)


def test_a_predicted_runner_has_no_such_page(tmp_path: Path) -> None:
    assert "found, not measured" in measured_moments.without(series(tmp_path, "predict"))

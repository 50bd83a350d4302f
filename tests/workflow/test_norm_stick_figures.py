"""Runners' mean as a stick figure: its angles are the measured ones, its lengths the runner's."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt

from analysis import animation, norm_film
from analysis.figures.gait_by_dose import norm_curves
from analysis.figures.norm_stick_figures import apart, lengths, mean_runner, point
from formats.names import SIDES
from tests.workflow.made_up_scene import seen

THIGH_M, SHANK_M = 0.4, 0.42


def runner(thigh_deg: float, knee_deg: float, pitch_deg: float) -> pd.DataFrame:
    """101 rows of a runner who stands in one posture; the hips go forward."""
    columns: dict[str, np.ndarray] = {"percent": np.arange(101.0)}
    turn = np.radians([thigh_deg, thigh_deg - knee_deg])
    pitch = np.radians(pitch_deg)
    along, up = np.array([np.cos(pitch), np.sin(pitch)]), np.array([-np.sin(pitch), np.cos(pitch)])
    hip = np.stack([0.02 * np.arange(101.0), np.full(101, 0.9)], axis=-1)
    knee = hip + THIGH_M * np.array([np.sin(turn[0]), -np.cos(turn[0])])
    ankle = knee + SHANK_M * np.array([np.sin(turn[1]), -np.cos(turn[1])])
    places = {"hip": hip, "knee": knee, "ankle": ankle, "heel": ankle - 0.05 * along - 0.07 * up}
    places |= {"toe_joint": ankle + 0.12 * along - 0.07 * up}
    places |= {"toe_tip": ankle + 0.18 * along - 0.07 * up}
    for name, place in places.items():
        for side in SIDES:
            columns[f"{name}_{side}_x_m"], columns[f"{name}_{side}_y_m"] = place.T
    return pd.DataFrame(columns)


def curves(thigh_deg: float, knee_deg: float, pitch_deg: float) -> pd.DataFrame:
    names = {"thigh_angle_deg": thigh_deg, "knee_flexion_deg": knee_deg}
    names |= {"foot_pitch_deg": pitch_deg}
    return pd.DataFrame({"percent": np.arange(101.0)} | names)


@pytest.mark.parametrize("posture", [(0.0, 0.0, 0.0), (25.0, 15.0, 10.0), (-20.0, 90.0, -60.0)])
def test_the_same_posture_gives_the_same_points(posture: tuple[float, float, float]) -> None:
    own = runner(*posture)
    mean = mean_runner(own, curves(*posture))
    assert apart(own, mean).endswith("knee 0 cm (at most 0), ankle 0 cm (at most 0)")
    for name in ("hip", "knee", "ankle", "heel", "toe_joint", "toe_tip"):
        for side in SIDES:
            there, here = (point(table, f"{name}_{side}") for table in (own, mean))
            assert here == pytest.approx(there, abs=1e-9), name


def test_measured_curves_keep_the_runners_lengths_and_the_left_leg_is_half_a_stride_later() -> None:
    own, measured = runner(5.0, 20.0, 0.0), norm_curves(3.5)
    assert measured is not None
    mean = mean_runner(own, measured)
    thigh, shank, _ = lengths(own, "r")
    assert (thigh, shank) == pytest.approx((THIGH_M, SHANK_M))
    bones = [
        point(mean, "knee_r") - point(mean, "hip_r"),
        point(mean, "ankle_r") - point(mean, "knee_r"),
    ]
    for bone, size in zip(bones, (THIGH_M, SHANK_M), strict=True):
        assert np.hypot(*bone.T) == pytest.approx(size)
    angle = np.degrees(np.arctan2(bones[0][:, 0], -bones[0][:, 1]))
    assert angle == pytest.approx(measured["thigh_angle_deg"].to_numpy()[:101], abs=0.7)
    right, left = (point(mean, f"knee_{s}") - point(mean, f"hip_{s}") for s in "rl")
    assert left[50:100] == pytest.approx(right[:50], abs=1e-9)


def test_the_overlay_is_as_large_as_joints_bear() -> None:
    own = seen(100.0)
    far = animation.replace(own, translation=own.translation + [0.04, 0.0, 0.0])
    near = animation.replace(own, translation=own.translation + [0.001, 0.0, 0.0])
    assert animation.times([own, far], own) == 3.0
    assert animation.times([own, near], own) == animation.MOST_LARGER
    assert animation.times([animation.replace(own, translation=own.translation + 1.0)], own) == 1.0


def test_the_films_picture_shows_both(tmp_path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    from analysis.figures.study import Series

    rows = pd.DataFrame(
        {"speed_m_s": [3.5], "dose_percent": [100.0], "status": ["certified"], "draw": [0]}
    ).assign(stride_time_s=0.66, case="one")
    series = Series(tmp_path, "made up", rows, "made up", "")
    own = runner(5.0, 20.0, 0.0)
    monkeypatch.setattr(norm_film, "both", lambda one: (own, mean_runner(own, curves(20, 30, 0))))
    monkeypatch.setattr(norm_film, "draw_runner", lambda axes, row, shift, colour: None)
    page, show, seconds = norm_film.scene(series)
    assert seconds == 0.66
    counts = [len(show(0.0)), len(show(50.0))]
    assert counts[0] == counts[1] > 6
    assert [axes.get_title() for axes in page.axes] == list(norm_film.ROWS)
    plt.close(page)
    monkeypatch.setattr(norm_film, "both", lambda one: None)
    page, show, _ = norm_film.scene(series)
    assert show(10.0) == []
    assert "no certified 100 % run" in page.texts[0].get_text()
    plt.close(page)

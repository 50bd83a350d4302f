from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.measures.landing import (
    GRAVITY,
    filtered_ground_reaction,
    ground_reaction,
    loading_rates,
    reach,
)
from analysis.outcomes import measure
from analysis.replayed.case import Case
from analysis.replayed.stride import Stride
from formats.gait_events import Events

coordinate = st.floats(-0.5, 0.5)
point = st.tuples(coordinate, coordinate, coordinate).map(np.array)


@given(hip=point, knee=point, ankle=point, com=point)
def test_thigh_and_shank_terms_make_the_reach(
    hip: np.ndarray, knee: np.ndarray, ankle: np.ndarray, com: np.ndarray
) -> None:
    row = reach(hip, knee, ankle, ankle, com, leg_length=0.9)
    assert row["reach_thigh_m"] + row["reach_shank_m"] == pytest.approx(
        row["foot_hip_m"], abs=1e-12
    )
    assert row["foot_hip_m"] + row["hip_com_m"] == pytest.approx(row["ankle_com_m"], abs=1e-12)


def test_reach_of_a_known_leg() -> None:
    thigh, shank = np.radians(30), np.radians(-10)  # shank leaning back: ankle behind the knee
    hip = np.array([0.1, 0.9, 0.0])
    knee = hip + 0.4 * np.array([np.sin(thigh), -np.cos(thigh), 0])
    ankle = knee + 0.42 * np.array([np.sin(shank), -np.cos(shank), 0])
    row = reach(hip, knee, ankle, ankle - [0.05, 0.04, 0], np.zeros(3), leg_length=0.82)
    assert row["thigh_line_contact_deg"] == pytest.approx(30)
    assert row["shank_contact_deg"] == pytest.approx(-10)
    assert row["reach_thigh_m"] == pytest.approx(0.2)
    assert row["reach_shank_m"] == pytest.approx(0.42 * np.sin(shank))
    assert row["ankle_com_per_leg"] == pytest.approx(row["ankle_com_m"] / 0.82)
    assert row["heel_com_m"] == pytest.approx(row["ankle_com_m"] - 0.05)


def test_braking_of_a_known_force() -> None:
    # One sine of fore-aft force: brakes first, -0.3 BW at most, then drives as much.
    time = np.linspace(0, 0.7, 1401)
    inside = time <= 0.25
    weight, mass = 700.0, 700.0 / GRAVITY
    forward = np.where(inside, -0.3 * weight * np.sin(2 * np.pi * time / 0.25), 0.0)
    up = np.where(inside, 2.5 * weight * np.sin(np.pi * time / 0.25), 0.0)
    force = np.stack([forward, up, 0 * up], axis=1)
    weights = np.where(inside, time[1], 0.0)
    row = ground_reaction(time, force, weights, weight=weight, step_length=1.2)
    impulse = 0.3 * 0.25 / np.pi
    assert row["braking_peak_bw"] == pytest.approx(0.3, abs=1e-4)
    assert row["vertical_peak_bw"] == pytest.approx(2.5, abs=1e-4)
    assert row["braking_impulse_bw_s"] == pytest.approx(impulse, rel=1e-3)
    assert row["propulsion_impulse_bw_s"] == pytest.approx(impulse, rel=1e-3)
    assert row["braking_impulse_m_s"] == pytest.approx(impulse * weight / mass, rel=1e-3)
    assert row["braking_impulse_bw_s_per_m"] == pytest.approx(impulse / 1.2, rel=1e-3)
    assert row["vertical_impulse_bw_s"] == pytest.approx(2.5 * 0.5 / np.pi, rel=1e-3)


def test_loading_rate_of_a_ramp() -> None:
    time = np.arange(0, 0.7, 1e-4)
    since = (time - 0.6) % 0.7  # the stance begins at 0.6 s and wraps
    force = np.where(since < 0.1, 20000.0 * since, np.where(since < 0.2, 2000.0, 0.0))
    rates = loading_rates(Events(0.6, 0.8, 0.7, 1), time, force, weight=800.0)
    assert rates["vertical_loading_rate_bw_s"] == pytest.approx(25.0, rel=1e-3)
    assert rates["vertical_loading_rate_max_bw_s"] == pytest.approx(25.0, rel=1e-3)


def test_a_spike_at_landing_weighs_what_a_filtered_force_plate_shows() -> None:
    """12 ms of 0.9 BW, as a stiff contact gives, on a smooth stance that wraps around the end."""
    time = np.arange(0, 0.7, 2e-4)
    since, weight = (time - 0.6) % 0.7, 700.0
    standing = since < 0.25
    smooth = np.where(standing, -0.3 * np.sin(2 * np.pi * since / 0.25), 0.0)
    spike = np.where(since < 0.012, -0.9 * np.sin(np.pi * since / 0.012), 0.0)
    up = np.where(standing, 2.5 * np.sin(np.pi * since / 0.25), 0.0)

    def measured(forward: np.ndarray) -> dict[str, float]:
        force = weight * np.stack([forward, up, 0 * up], axis=1)
        return filtered_ground_reaction(time, force, 0.7, 15.0, 4, weight=weight)

    without, with_spike = measured(smooth), measured(smooth + spike)
    assert (smooth + spike).min() < -0.9
    assert 0.3 < with_spike["braking_peak_filtered_bw"] < 0.5
    assert without["braking_peak_filtered_bw"] == pytest.approx(0.3, abs=0.03)
    assert without["vertical_peak_filtered_bw"] == pytest.approx(2.5, rel=0.05)
    gained = with_spike["braking_impulse_filtered_bw_s"] - without["braking_impulse_filtered_bw_s"]
    assert gained == pytest.approx(0.9 * 0.012 * 2 / np.pi, rel=0.15)  # the impulse stays
    assert 0.25 < without["contact_time_filtered_s"] < 0.28
    assert without["vertical_loading_rate_filtered_bw_s"] == pytest.approx(28, rel=0.15)


def test_flight_too_short_for_the_filter_has_peaks_and_no_stance(hop_stride: Stride) -> None:
    row = measure(hop_stride, "r")  # 0.2 s, of which some hundredths are in the air
    for name in ("vertical_peak_bw", "braking_peak_bw"):
        assert 0 < row[name.replace("_bw", "_filtered_bw")] < row[name]
    assert np.isnan(row["braking_impulse_filtered_bw_s"])


def test_impulse_changes_momentum(hop_case: Case, hop_stride: Stride) -> None:
    d, w = hop_stride.dynamics, hop_stride.weights
    total = sum(hop_case.ground_force(side) for side in "rl")
    mass, duration = d.mass, hop_case.time[-1]
    for axis, gravity in ((0, 0.0), (1, -9.80665)):
        velocity = np.gradient(d.mass_centre[:, axis], hop_case.time, edge_order=2)
        gained = mass * (velocity[-1] - velocity[0])
        assert w @ total[:, axis] + mass * gravity * duration == pytest.approx(gained, abs=0.7)


def test_outcomes_of_the_hop_are_its_own_geometry(hop_case: Case, hop_stride: Stride) -> None:
    row = measure(hop_stride, "r")
    k = int(np.argmin(np.abs(hop_case.time - hop_stride.events["r"].contact)))
    a, d = hop_stride.anatomy, hop_stride.dynamics
    ahead = a.centres["ankle_r"][k, 0] - d.mass_centre[k, 0]
    assert row["ankle_com_m"] == pytest.approx(ahead, abs=0.003)
    assert row["reach_thigh_m"] + row["reach_shank_m"] == pytest.approx(row["foot_hip_m"])
    thigh = hop_case.coordinate("pelvis_tilt") + hop_case.coordinate("hip_flexion_r")
    assert a.segment_angle["thigh_r"] == pytest.approx(thigh, abs=1e-9)
    assert a.pelvis_angle == pytest.approx(hop_case.coordinate("pelvis_tilt"), abs=1e-9)
    assert row["thigh_contact_deg"] == pytest.approx(np.degrees(thigh[k]), abs=0.5)
    weight = d.weight
    assert row["vertical_peak_bw"] == hop_case.ground_force("r")[:, 1].max() / weight
    both = measure(hop_stride, "l")
    assert both["ankle_com_m"] == pytest.approx(row["ankle_com_m"], abs=1e-9)  # symmetric

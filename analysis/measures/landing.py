"""Landing: where the foot meets the ground, and what the ground then does to the runner.

Distances are horizontal, forward positive, in ground at initial contact. Over-striding is always
taken apart: ankle - hip = L_thigh sin(thigh) + L_shank sin(shank), angles of the lines between the
joint centres from the vertical, L their lengths in the sagittal plane.
"""

from __future__ import annotations

import numpy as np

from formats.filters import zero_lag_cycle
from formats.gait_events import Events, events

GRAVITY = 9.80665
WINDOW_S = 0.010
FORCE_PLATE_HZ = 1000.0
OF_FILTERED_STANCE = (
    *("braking_impulse_filtered_bw_s", "contact_time_filtered_s"),
    *("vertical_loading_rate_filtered_bw_s", "vertical_loading_rate_max_filtered_bw_s"),
)


def reach(
    hip: np.ndarray, knee: np.ndarray, ankle: np.ndarray, heel: np.ndarray, com: np.ndarray,
    *, leg_length: float,
) -> dict[str, float]:  # fmt: skip
    """Geometry at initial contact from points (3,) in ground, m.

    hip, knee, ankle: joint centres; heel: origin of the calcaneus; com: the whole body's.
    """
    thigh, shank = knee - hip, ankle - knee
    thigh_angle, shank_angle = (np.arctan2(v[0], -v[1]) for v in (thigh, shank))
    return {
        "ankle_com_m": float(ankle[0] - com[0]),
        "ankle_com_per_leg": float(ankle[0] - com[0]) / leg_length,
        "heel_com_m": float(heel[0] - com[0]),
        "foot_hip_m": float(ankle[0] - hip[0]),
        "foot_knee_m": float(ankle[0] - knee[0]),
        "hip_com_m": float(hip[0] - com[0]),
        "thigh_line_contact_deg": float(np.degrees(thigh_angle)),
        "shank_contact_deg": float(np.degrees(shank_angle)),
        "reach_thigh_m": float(np.hypot(thigh[0], thigh[1]) * np.sin(thigh_angle)),
        "reach_shank_m": float(np.hypot(shank[0], shank[1]) * np.sin(shank_angle)),
    }


def ground_reaction(
    time: np.ndarray, force: np.ndarray, stance: np.ndarray, *, weight: float, step_length: float
) -> dict[str, float]:
    """Braking and vertical load of one stance.

    time (N,) s, force (N, 3) N on that foot, cyclic; stance (N,) integration weights of the stance
    (s); weight N; step_length m. Braking is reported as a positive size.
    """
    forward, up = force[:, 0] / weight, force[:, 1] / weight
    brake = float(stance @ np.maximum(-forward, 0.0))
    return {
        "vertical_peak_bw": float(up.max()),
        "braking_peak_bw": float(-forward.min()),
        "propulsion_peak_bw": float(forward.max()),
        "braking_impulse_bw_s": brake,
        "braking_impulse_m_s": brake * GRAVITY,
        "braking_impulse_bw_s_per_m": brake / step_length,
        "propulsion_impulse_bw_s": float(stance @ np.maximum(forward, 0.0)),
        "vertical_impulse_bw_s": float(stance @ up),
    }


def filtered_ground_reaction(
    time: np.ndarray,
    force: np.ndarray,
    stride_time: float,
    cutoff_hz: float,
    order: int,
    *,
    weight: float,
) -> dict[str, float]:
    """What a laboratory would report of one stance that filters its force plates.

    time (M,) s from 0, force (M, 3) N on that foot, cyclic over stride_time (s); the force is
    sampled as by a force plate and passes a zero-lag Butterworth filter (formats.filters) of
    cutoff_hz and order before peaks, rates and the footfall (20 N) are read. weight N. A stiff
    contact's spike, over within some 10 ms, thereby weighs what it would in measured running. NaN
    for what is of the stance where the filtered force never falls below 20 N.
    """
    count = round(stride_time * FORCE_PLATE_HZ)
    even = np.arange(count) * stride_time / count
    inside = time < stride_time - 1e-12
    sampled = np.stack(
        [np.interp(even, time[inside], f[inside], period=stride_time) for f in force.T], axis=1
    )
    smooth = zero_lag_cycle(sampled, count / stride_time, cutoff_hz, order)
    row = {
        "vertical_peak_filtered_bw": float(smooth[:, 1].max()) / weight,
        "braking_peak_filtered_bw": float(-smooth[:, 0].min()) / weight,
    }
    try:
        foot = events(even, smooth[:, 1], stride_time)
    except ValueError:  # filtered, a flight of some hundredths of a second is none
        return row | dict.fromkeys(OF_FILTERED_STANCE, np.nan)
    standing = (even - foot.contact) % stride_time <= foot.contact_time
    braking = np.maximum(-smooth[:, 0], 0.0) @ standing * stride_time / count / weight
    of_stance = (
        braking,
        foot.contact_time,
        *loading_rates(foot, even, smooth[:, 1], weight).values(),
    )
    return row | dict(zip(OF_FILTERED_STANCE, map(float, of_stance), strict=True))


def loading_rates(
    foot: Events, time: np.ndarray, vertical: np.ndarray, weight: float
) -> dict[str, float]:
    """How fast the vertical force rises, BW/s. time (M,) s, vertical (M,) N, cyclic; weight N.

    vertical_loading_rate: from 20 to 80 % of the force at 13 % of stance, which stands in for the
    impact peak where there is none (Samaan et al. 2014, Gait & Posture 39:124).
    vertical_loading_rate_max: the steepest 10 ms of the first half of stance.
    """
    period = foot.stride_time
    inside = time < period - 1e-12

    def force(moments: np.ndarray) -> np.ndarray:
        return np.interp(moments, time[inside], vertical[inside], period=period) / weight

    starts = np.linspace(foot.contact, foot.contact + 0.5 * foot.contact_time - WINDOW_S, 400)
    steepest = float((force(starts + WINDOW_S) - force(starts)).max() / WINDOW_S)
    early = np.linspace(foot.contact, foot.contact + 0.13 * foot.contact_time, 400)
    return {
        "vertical_loading_rate_bw_s": _rate(early, force(early)),
        "vertical_loading_rate_max_bw_s": steepest,
    }


def _rate(moments: np.ndarray, rise: np.ndarray) -> float:
    """Mean slope between 20 and 80 % of the last value; NaN if it is reached at once."""
    target = rise[-1]
    low, high = (int(np.argmax(rise >= share * target)) for share in (0.2, 0.8))
    if high <= low:
        return float("nan")
    return float((rise[high] - rise[low]) / (moments[high] - moments[low]))

"""How the head moves in its socket: spin, roll and slide, and the path of the contact.

The femur turns relative to the pelvis at omega, the head's centre moves at v, and n points from the
centre to the middle of the contact. Then (MacConaill's terms, for a ball in a ball):

    spin   omega . n, about the contact normal: the contact stays where it is
    roll   the part of omega without slip at the contact, v x n / R, from v + omega x R n = 0
    slide  the speed at which the surfaces slip, v + omega x R n, tangentially

A conforming ball has no room to roll: nearly all that is not spin is slide.
"""

from __future__ import annotations

import numpy as np
from scipy.interpolate import CubicSpline

from analysis.replayed.gait import closed


def rate_of_change(time: np.ndarray, values: np.ndarray, seam: float | None) -> np.ndarray:
    """(N, ...) time derivative of a quantity over a stride.

    seam None: periodic, the last row is the first again. Else the time (s) of a measured stride's
    jump, over which nothing is derived: each side of it has its own.
    """
    if seam is None:
        return CubicSpline(time, closed(values), bc_type="periodic")(time, 1)
    cut = int(np.searchsorted(time, seam, side="right"))
    if min(cut, len(time) - cut) < 2:  # the seam lies at an end
        return CubicSpline(time, values)(time, 1)
    sides = (slice(None, cut), slice(cut, None))
    return np.concatenate([CubicSpline(time[s], values[s])(time[s], 1) for s in sides])


def motion(
    time: np.ndarray,
    normal: np.ndarray,
    displacement: np.ndarray,
    rate: np.ndarray,
    *,
    radius: float,
    cup_radius: float,
    seam: float | None = None,
) -> dict[str, np.ndarray]:
    """Rates over N instants: spin, turn, roll (rad/s, signed or sizes), slide, paths (m/s), (N,).

    normal (N, 3) unit vectors, displacement (N, 3) m, rate (N, 3) rad/s, all in the pelvis frame.
    spin: signed; turn: size of omega; flexion_spin: what of the turn about the pelvis's z axis is
    about the normal; cup_path, head_path: speed of the contact over cup and head. seam: see
    `rate_of_change`.
    """
    velocity = rate_of_change(time, displacement, seam)
    travel = rate_of_change(time, normal, seam)
    travel -= (travel * normal).sum(axis=1, keepdims=True) * normal
    slip = velocity + np.cross(rate, radius * normal)
    slip -= (slip * normal).sum(axis=1, keepdims=True) * normal
    on_head = travel - np.cross(rate, normal)  # as the femur sees it
    return {
        "spin": (rate * normal).sum(axis=1),
        "turn": np.linalg.norm(rate, axis=1),
        "flexion": np.abs(rate[:, 2]),
        "flexion_spin": np.abs(rate[:, 2] * normal[:, 2]),
        "roll": np.linalg.norm(np.cross(velocity, normal), axis=1) / radius,
        "slide": np.linalg.norm(slip, axis=1),
        "cup_path": cup_radius * np.linalg.norm(travel, axis=1),
        "head_path": radius * np.linalg.norm(on_head, axis=1),
    }


def outcomes(rates: dict[str, np.ndarray], weights: np.ndarray) -> dict[str, float]:
    """Totals over the stride; weights (N,) s.

    Spin share: of the whole turn, and of flexion and extension alone.
    """
    total = {name: float(weights @ np.abs(values)) for name, values in rates.items()}
    return {
        "head_turn_deg": np.degrees(total["turn"]),
        "head_spin_deg": np.degrees(total["spin"]),
        "head_roll_deg": np.degrees(total["roll"]),
        "head_slide_mm": 1e3 * total["slide"],
        "head_spin_share_percent": 100.0 * total["spin"] / max(total["turn"], 1e-12),
        "flexion_spin_share_percent": 100.0 * total["flexion_spin"] / max(total["flexion"], 1e-12),
        "contact_path_head_mm": 1e3 * total["head_path"],
        "contact_path_cup_mm": 1e3 * total["cup_path"],
    }

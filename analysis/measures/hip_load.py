"""Hip contact force in the pelvis frame and its margin to the rim of the acetabulum.

The force is the one of the femoral head on the socket, from OpenSim's joint reaction on anatomical
muscle paths. In a planar runner the muscles that hold the pelvis level (gluteus medius, minimus)
are missing: its force is too small by their share, its medial and superior components most. Changes
with strength are then those of the sagittal muscles alone. Accelerations are OpenSim's under those
paths; where the polynomials bend a joint moment by 5 %, the force differs by 0.06 BW.

Pelvis frame: x forward (anterior), y up (superior), z right; medial is -z for the right hip and +z
for the left. The socket is a spherical cup (analysis/socket/acetabulum.py, analysis/socket.yaml).
"""

from __future__ import annotations

import numpy as np

from analysis.socket.acetabulum import Acetabulum, lateral_sign
from analysis.socket.bearing import default

NEAR_RIM_DEG = 10.0


def components(force: np.ndarray, side: str) -> dict[str, np.ndarray]:
    """anterior, superior, medial (N,) of force (N, 3) in the pelvis frame."""
    return {
        "anterior": force[:, 0],
        "superior": force[:, 1],
        "medial": -lateral_sign(side) * force[:, 2],
    }


def outcomes(
    force: np.ndarray,
    percent: np.ndarray,
    weights: np.ndarray,
    stance: np.ndarray,
    *,
    side: str,
    weight: float,
    cup: Acetabulum | None = None,
) -> dict[str, float]:
    """Peak and direction of the hip force over the stride.

    force (N, 3) N in the pelvis frame; percent (N,) of the stride; weights, stance (N,) integration
    weights (s) of stride and stance; weight N; cup: that of socket.yaml unless given.
    """
    cup = cup or default().cup
    size = np.linalg.norm(force, axis=1) / weight
    margin = cup.margin_deg(force, side)
    least, peak = int(np.nanargmin(margin)), int(np.argmax(size))
    near = np.nan_to_num(margin, nan=np.inf) < NEAR_RIM_DEG
    row = {
        "hip_force_peak_bw": float(size[peak]),
        "hip_force_peak_percent": float(percent[peak]),
        "hip_force_mean_bw": float(weights @ size / weights.sum()),
        "hip_force_impulse_bw_s": float(weights @ size),
        "rim_margin_min_deg": float(margin[least]),
        "rim_margin_min_percent": float(percent[least]),
        "rim_margin_min_force_bw": float(size[least]),
        "rim_margin_at_peak_deg": float(margin[peak]),
        "rim_margin_stance_min_deg": float(np.nanmin(np.where(stance > 0, margin, np.nan))),
        "near_rim_share_percent": float(100.0 * (weights @ near) / weights.sum()),
        "cup_half_opening_deg": cup.half_opening_deg,
    }
    for name, values in components(force, side).items():
        row[f"hip_force_{name}_peak_bw"] = float(values.max() / weight)
        row[f"hip_force_{name}_min_bw"] = float(values.min() / weight)
    return row

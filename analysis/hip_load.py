"""Hip contact force in the pelvis frame and its margin to the rim of the acetabulum.

The force is the one of the femoral head on the socket, from OpenSim's joint reaction on anatomical
muscle paths. In a planar runner the muscles that hold the pelvis level (gluteus medius, minimus)
are missing: its force is too small by their share, its medial and superior components most. Changes
with strength are then those of the sagittal muscles alone. Accelerations are OpenSim's under those
paths; where the polynomials bend a joint moment by 5 %, the force differs by 0.06 BW.

Pelvis frame: x forward (anterior), y up (superior), z right; medial is -z for the right hip and +z
for the left. The socket is a spherical cup: its axis by radiographic inclination and anteversion
(Murray 1993, J Bone Joint Surg Br 75:228), its opening by the lateral centre-edge angle (Wiberg).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

NEAR_RIM_DEG = 10.0


@dataclass(frozen=True)
class Acetabulum:
    """The cup. inclination: of the axis in the frontal plane from the vertical (40-45 deg).
    anteversion: of the axis forward out of the frontal plane (15-20 deg). centre_edge: of the
    lateral rim from the vertical, seen from the head's centre in the frontal plane (33 deg).
    """

    inclination_deg: float = 42.5
    anteversion_deg: float = 17.5
    centre_edge_deg: float = 33.0

    def dome(self, side: str) -> np.ndarray:
        """(3,) unit vector from the head's centre to the middle of the cup, pelvis frame.

        The cup opens to the side, down and forward; its dome is medial, up and backward.
        """
        i, a = np.radians(self.inclination_deg), np.radians(self.anteversion_deg)
        lateral = -np.cos(a) * np.sin(i)
        return np.array([-np.sin(a), np.cos(a) * np.cos(i), lateral * lateral_sign(side)])

    @property
    def half_opening_deg(self) -> float:
        """Angle between the dome and the rim, deg.

        The rim passes through the point that the centre-edge angle names in the frontal plane, so
        cos(half opening) = dome . edge = cos(anteversion) cos(inclination + centre_edge).
        """
        edge = np.radians(self.inclination_deg + self.centre_edge_deg)
        return float(np.degrees(np.arccos(np.cos(np.radians(self.anteversion_deg)) * np.cos(edge))))

    def margin_deg(self, force: np.ndarray, side: str) -> np.ndarray:
        """(N,) half opening less the angle between force (N, 3) and dome, deg; positive inside.

        force: that of the head on the socket, in the pelvis frame; a force of zero gives NaN.
        """
        force = np.atleast_2d(np.asarray(force, dtype=float))
        size = np.linalg.norm(force, axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            cosine = np.clip(force @ self.dome(side) / size, -1.0, 1.0)
        return self.half_opening_deg - np.degrees(np.arccos(cosine))


def lateral_sign(side: str) -> float:
    """+1 where lateral is +z (right), -1 on the left."""
    return {"r": 1.0, "l": -1.0}[side]


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
    weights (s) of stride and stance; weight N.
    """
    cup = cup or Acetabulum()
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

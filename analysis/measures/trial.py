"""What a measured stride was taken with: residuals, reserves, strength, filter, as outcomes."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from analysis.replayed.stride import Stride
from formats.records import Row
from formats.solve_records import read_inverse


def hip_force_peaks(stride: Stride) -> dict[str, float]:
    """Peak hip contact force (times body weight) of both legs."""
    return {
        f"hip_force_peak_{side}_bw": float(
            np.linalg.norm(stride.anatomy.hip_force[side[0]], axis=1).max() / stride.dynamics.weight
        )
        for side in ("right", "left")
    }


def outcomes(folder: Path) -> Row:
    """Columns of outcomes.csv that only a measured stride has, from its inverse.json.

    Residuals: rms of the largest force (N) and moment (N m) that the pelvis lacks; reserve: the
    largest over its joint's peak moment, among the legs and among all; slack_muscles: their names.
    """
    said = read_inverse(folder)
    reserves = said["reserves"]
    residual = {name: float(size["rms"]) for name, size in said["base_residual"].items()}
    forces = [size for name, size in residual.items() if name[-3:] in ("_tx", "_ty", "_tz")]
    moments = [size for name, size in residual.items() if name[-3:] not in ("_tx", "_ty", "_tz")]
    shares = {
        name: float(joint["reserve_share"])
        for name, joint in said.get("coordinates", {}).items()
        if joint["moved_by"] == "muscles"
    }
    return {
        "pelvis_residual_force_rms_n": max(forces, default=None),
        "pelvis_residual_moment_rms_nm": max(moments, default=None),
        "reserve_share_largest": float(reserves["largest_share"]),
        "reserve_largest_coordinate": reserves.get("coordinate"),
        "reserve_share_largest_anywhere": max(shares.values(), default=None),
        "strength_percent": said.get("strength_percent"),
        "filter_hz": said.get("filter_hz"),
        "stride_number": said["stride"].get("number"),
        "slack_muscles": " ".join(said.get("slack", {})) or None,
    }

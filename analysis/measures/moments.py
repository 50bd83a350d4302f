"""Joint moments and powers by OpenSim's inverse dynamics, and the work that the joints do.

A joint moment is what muscles, passive tissue and actuators do together at a coordinate: M q'' + C
- gravity - contact. Positive flexes (dorsiflexes), as the coordinate does. Nm/kg and W/kg.
"""

from __future__ import annotations

import numpy as np

from analysis.replayed.quadrature import negative, positive
from analysis.replayed.quantities import Dynamics
from formats.names import JOINTS, SIDES

LEG = ("hip_", "knee_", "ankle_", "subtalar_", "mtp_")
TRUNK = ("lumbar_",)


def moment(d: Dynamics, name: str) -> np.ndarray:
    """(N,) net moment at a coordinate, Nm/kg."""
    return d.coordinate(d.generalised["net"], name) / d.mass


def power(d: Dynamics, name: str) -> np.ndarray:
    """(N,) net moment x speed at a coordinate, W/kg."""
    return moment(d, name) * d.coordinate(d.speed, name)


def outcomes(
    d: Dynamics,
    percent: np.ndarray,
    weights: np.ndarray,
    *,
    side: str,
    distance: float,
    knee: float = 1.0,
) -> dict[str, float]:
    """Peaks of one leg (Nm/kg, where in % of the stride), work of both legs and the trunk (J/kg/m).

    percent (N,) of the stride from that leg's contact; weights (N,) s; distance (m) of the stride;
    knee: -1 where the model's knee angle is negative in flexion.
    """
    row: dict[str, float] = {}
    for joint, positive_name, negative_name in (
        ("hip", "hip_flexor", "hip_extensor"),
        ("knee", "knee_flexor", "knee_extensor"),
        ("ankle", "ankle_dorsiflexor", "ankle_plantarflexor"),
    ):
        values = moment(d, f"{JOINTS[joint]}_{side}") * (knee if joint == "knee" else 1.0)
        for name, signed in ((positive_name, values), (negative_name, -values)):
            row[f"{name}_moment_peak_nm_kg"] = float(signed.max())
            row[f"{name}_moment_peak_percent"] = float(percent[int(np.argmax(signed))])
    powers = np.stack([power(d, name) for name in d.names], axis=1) / distance
    for part, sign in ((positive, "positive"), (negative, "negative")):
        work = part(weights, powers)
        for joint, coordinate in JOINTS.items():
            pair = [d.names.index(f"{coordinate}_{s}") for s in SIDES]
            row[f"{joint}_{sign}_work_j_kg_m"] = float(work[pair].sum())
        for group, prefixes in (("leg", LEG), ("trunk", TRUNK)):
            chosen = [i for i, name in enumerate(d.names) if name.startswith(prefixes)]
            row[f"{group}_{sign}_work_j_kg_m"] = float(work[chosen].sum())
    return row

"""The right stride as 101 rows, 0..100 % from initial contact, units in the column names.

Angles in deg (thigh: forward positive; pelvis tilt: backward positive; flexion, dorsiflexion
positive), net joint moments Nm/kg and powers W/kg (flexing positive), ground force on the right
foot in BW (x forward, y up, z right), activation (0..1) and tendon force (N) of each right muscle,
hip force on the socket in the pelvis frame (BW), margin to the rim (deg, positive inside).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.measures import hip_load, moments
from analysis.replayed.case import knee_sign
from analysis.replayed.gait import PERCENT
from analysis.replayed.stride import Stride
from analysis.socket.acetabulum import Acetabulum
from analysis.socket.bearing import default

OTHER_ANGLES = (
    *("pelvis_list", "pelvis_rotation", "lumbar_extension", "lumbar_bending", "lumbar_rotation"),
    *("hip_adduction_{side}", "hip_rotation_{side}", "subtalar_angle_{side}", "mtp_angle_{side}"),
)


def table(stride: Stride, side: str = "r", cup: Acetabulum | None = None) -> pd.DataFrame:
    """Curves of one side; columns carry no side but the muscles' own names."""
    case, d, cycle = stride.case, stride.dynamics, stride.cycle(side)
    cup = cup or default().cup
    columns: dict[str, np.ndarray] = {
        "percent": PERCENT.astype(float),
        "time_s": PERCENT / 100.0 * case.stride_time,
    }
    for name, values in stride.angle_deg(side).items():
        columns[f"{name}_deg"] = cycle.curve(values)
    for pattern in OTHER_ANGLES:
        name = pattern.format(side=side)
        if name in d.names:
            label = name.removesuffix(f"_{side}")
            columns[f"{label}_deg"] = cycle.curve(np.degrees(case.coordinate(name)))
    for joint, coordinate in moments.JOINTS.items():
        label = {"ankle": "ankle_dorsiflexion"}.get(joint, f"{joint}_flexion")
        name = f"{coordinate}_{side}"
        sign = knee_sign(case.runner) if joint == "knee" else 1.0
        columns[f"{label}_moment_nm_kg"] = cycle.force_curve(sign * moments.moment(d, name))
        columns[f"{joint}_power_w_kg"] = cycle.force_curve(moments.power(d, name))
    ground = cycle.force_curve(case.ground_force(side)) / d.weight
    for i, axis in enumerate("xyz"):
        columns[f"grf_{axis}_bw"] = ground[:, i]
    for i, muscle in enumerate(d.muscle_names):
        if muscle.endswith(f"_{side}"):
            columns[f"{muscle}_activation"] = cycle.force_curve(d.activation[:, i])
            columns[f"{muscle}_force_n"] = cycle.force_curve(d.tendon_force[:, i])
    force = cycle.force_curve(stride.anatomy.hip_force[side])
    for name, values in hip_load.components(force, side).items():
        columns[f"hip_force_{name}_bw"] = values / d.weight
    columns["hip_force_bw"] = np.linalg.norm(force, axis=1) / d.weight
    columns["rim_margin_deg"] = cup.margin_deg(force, side)
    columns["metabolic_rate_w_kg"] = cycle.force_curve(d.metabolic_rate) / d.mass
    return pd.DataFrame(columns)

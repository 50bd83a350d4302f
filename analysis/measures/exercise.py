"""What an exercise asks of the flexors, the opposite glutes, the hip and the trunk."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from analysis import femoral_head
from analysis.measures import hip_load
from analysis.measures.hip_loads import HipLoads
from analysis.measures.tendon_readings import READINGS
from analysis.replayed.case import Case
from analysis.replayed.quadrature import case_weights
from analysis.replayed.quantities import Anatomy, Dynamics
from analysis.socket.bearing import Socket

SIDE, OTHER = "r", "l"
FLEXORS: dict[str, tuple[str, ...]] = {
    "psoas": ("psoas",),
    "iliacus": ("iliacus",),
    "rectus_femoris": ("recfem",),
    "tensor": ("tfl",),
    "sartorius": ("sart",),
}
GLUTES: dict[str, tuple[str, ...]] = {
    "gluteus_maximus": ("glmax1", "glmax2", "glmax3"),
    "gluteus_medius": ("glmed1", "glmed2", "glmed3"),
}
ILIOPSOAS = ("psoas", "iliacus")
STIMULUS = 0.6
"""Share of maximal activation from which on a muscle is trained (about 60 %)."""


def loads(case: Case, anatomy: Anatomy, side: str = SIDE) -> HipLoads:
    """The hip's loads at the nodes; per cent of the repetition."""
    weights = case_weights(case)
    return HipLoads(
        side=side,
        weight=case.runner.model_mass * float(np.linalg.norm(case.runner.gravity)),
        contact=0.0,
        time=case.time,
        percent=100.0 * case.time / case.time[-1],
        weights=weights,
        stance=weights,
        force=anatomy.hip_force[side],
        tendon=anatomy.tendon_force[side],
        offset=anatomy.tendon_offset[side],
        rotation=anatomy.hip_rotation[side],
        rate=anatomy.hip_rate[side],
        seam=0.0,
    )


def activation(truth: Dynamics, case: Case, heads: tuple[str, ...], side: str) -> np.ndarray:
    """(N,) activation of a muscle, its heads weighted by their volume."""
    volume = np.array([m.max_isometric_force * m.optimal_fiber_length for m in case.runner.muscles])
    chosen = [truth.muscle_names.index(f"{head}_{side}") for head in heads]
    return truth.activation[:, chosen] @ volume[chosen] / volume[chosen].sum()


def demand(truth: Dynamics, case: Case, heads: tuple[str, ...], side: str) -> np.ndarray:
    """(N,) share of the active force that a muscle could give at its length and velocity.

    That is activation over its largest value (max_control), as in a running study's outcomes.
    """
    most = np.array([m.max_control for m in case.runner.muscles])
    return activation(replace(truth, activation=truth.activation / most), case, heads, side)


def table(case: Case, truth: Dynamics, anatomy: Anatomy, socket: Socket) -> pd.DataFrame:
    """exercise.csv: one row a node (a posture of the grid, an instant of the movement)."""
    net = truth.generalised["net"]
    columns: dict[str, np.ndarray] = {
        "time_s": case.time,
        "hip_flexion_deg": np.degrees(case.coordinate(f"hip_flexion_{SIDE}")),
        "knee_angle_deg": np.degrees(case.coordinate(f"knee_angle_{SIDE}")),
        "pelvis_tilt_deg": np.degrees(case.coordinate("pelvis_tilt")),
        "hip_moment_nm": truth.coordinate(net, f"hip_flexion_{SIDE}"),
        "hip_muscle_moment_nm": truth.coordinate(
            truth.generalised["muscles"], f"hip_flexion_{SIDE}"
        ),
        "hip_passive_tissue_nm": truth.coordinate(
            truth.generalised["passive"], f"hip_flexion_{SIDE}"
        ),
        "opposite_hip_moment_nm": truth.coordinate(net, f"hip_flexion_{OTHER}"),
        "lumbar_moment_nm": truth.coordinate(net, "lumbar_extension"),
    }
    for name, heads in FLEXORS.items():
        columns[f"{name}_activation"] = activation(truth, case, heads, SIDE)
        columns[f"opposite_{name}_activation"] = activation(truth, case, heads, OTHER)
    columns["iliopsoas_demand_per_capacity"] = demand(truth, case, ILIOPSOAS, SIDE)
    for name, heads in GLUTES.items():
        columns[f"opposite_{name}_activation"] = activation(truth, case, heads, OTHER)
        columns[f"{name}_activation"] = activation(truth, case, heads, SIDE)
    hip = loads(case, anatomy)
    opposite = loads(case, anatomy, OTHER)
    for name, values in hip_load.components(opposite.force, OTHER).items():
        columns[f"opposite_hip_force_{name}_bw"] = values / opposite.weight
    for suffix in READINGS:
        force = hip.reading(suffix)
        rests = femoral_head.equilibrium(hip, suffix, socket)
        for name, values in hip_load.components(force, SIDE).items():
            columns[f"hip_force_{name}_bw{suffix}"] = values / hip.weight
        columns[f"rim_margin_deg{suffix}"] = socket.cup.margin_deg(force, SIDE)
        for name, values in hip_load.components(rests.displacement, SIDE).items():
            columns[f"head_{name}_mm{suffix}"] = 1e3 * values
        columns[f"contact_pressure_peak_mpa{suffix}"] = 1e-6 * rests.peak
    return pd.DataFrame(columns)


def outcomes(curves: pd.DataFrame, mass: float, kind: str) -> dict[str, float]:
    """The case's row: peaks, means and times, forces and places at the peak of flexion."""
    row: dict[str, float] = {}
    time = curves["time_s"].to_numpy()
    weights = np.gradient(time) if kind == "movement" else np.ones(len(time))
    for name in FLEXORS:
        values = curves[f"{name}_activation"].to_numpy()
        row[f"{name}_activation_peak"] = float(values.max())
        row[f"{name}_activation_mean"] = float(weights @ values / weights.sum())
        above = weights @ (values >= STIMULUS)
        row[f"{name}_above_60_percent_s"] = float(above) if kind == "movement" else float("nan")
    share = curves["iliopsoas_demand_per_capacity"].to_numpy()
    row["iliopsoas_demand_per_capacity_peak"] = float(share.max())
    row["iliopsoas_demand_per_capacity_mean"] = float(weights @ share / weights.sum())
    for name in GLUTES:
        values = curves[f"opposite_{name}_activation"].to_numpy()
        row[f"opposite_{name}_activation_peak"] = float(values.max())
        row[f"opposite_{name}_activation_mean"] = float(weights @ values / weights.sum())
    moment = curves["hip_moment_nm"].to_numpy()
    row["hip_flexor_moment_peak_nm_kg"] = float(moment.max() / mass)
    row["hip_extensor_moment_peak_nm_kg"] = float(-moment.min() / mass)
    opposite = curves["opposite_hip_moment_nm"].to_numpy()
    row["opposite_hip_moment_max_nm_kg"] = float(opposite.max() / mass)
    row["opposite_hip_moment_min_nm_kg"] = float(opposite.min() / mass)
    lumbar = curves["lumbar_moment_nm"].to_numpy()
    row["lumbar_moment_peak_nm"] = float(lumbar[np.argmax(np.abs(lumbar))])
    end = int(curves["hip_flexion_deg"].argmax())
    for suffix in READINGS:
        size = np.linalg.norm(
            curves[[f"hip_force_{n}_bw{suffix}" for n in ("anterior", "superior", "medial")]],
            axis=1,
        )
        row[f"hip_force_peak_bw{suffix}"] = float(size.max())
        row[f"hip_force_anterior_peak_bw{suffix}"] = float(
            curves[f"hip_force_anterior_bw{suffix}"].max()
        )
        row[f"rim_margin_min_deg{suffix}"] = float(curves[f"rim_margin_deg{suffix}"].min())
        place = curves[[f"head_{n}_mm{suffix}" for n in ("anterior", "superior", "medial")]]
        row[f"head_displacement_max_mm{suffix}"] = float(np.linalg.norm(place, axis=1).max())
        for name in ("anterior", "superior", "medial"):
            row[f"head_{name}_at_peak_flexion_mm{suffix}"] = float(
                curves[f"head_{name}_mm{suffix}"].iloc[end]
            )
    return row

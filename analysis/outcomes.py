"""All outcomes of one case in one flat row, and its curves.

    python -m analysis.outcomes --case DIR
        writes DIR/outcomes.json, DIR/curves.csv, DIR/energy_audit.csv and DIR/scorecard.csv
        (empty without norms)

The row is that of the right leg, or of the left one where only the left is changed (`leg`). The
hip force of a planar runner lacks its abductors (see hip_load). Whether the case is certified is
said by its certificate, not here; status is `computed`, or `failed` with a reason.
"""

from __future__ import annotations

import argparse
import contextlib
import math
from pathlib import Path

import numpy as np

from analysis import norms
from analysis.energy_audit import FILE as AUDIT
from analysis.energy_audit import csv, summary
from analysis.energy_audit import table as energy_audit
from analysis.measures import (
    energetics,
    glutes,
    hip_load,
    landing,
    loading_response,
    moments,
    trial,
)
from analysis.replayed import curves, gait
from analysis.replayed.case import Case, knee_sign, read_solver
from analysis.replayed.measured import is_measured
from analysis.replayed.stride import Replays, Stride
from analysis.socket.bearing import socket_of
from formats.case import FILE as SETTINGS_FILE
from formats.files import run_command, write_json, write_text
from formats.names import SIDES
from formats.records import Row, Settings
from formats.table import csv_text

FILE, CURVES = "outcomes.json", "curves.csv"
FINE = 2001
SETTINGS = (
    *("case", "runner", "problem", "speed_m_s", "arm", "side", "dose_percent", "cadence"),
    *("habit_weight", "objective", "start"),
)
COLUMNS = (
    *("case", "status", "reason", *SETTINGS[1:]),
    *("stride_time_s", "contact_time_s", "duty_factor", "vertical_peak_bw", "braking_peak_bw"),
    *("braking_impulse_bw_s", "ankle_com_m", "ankle_com_per_leg", "thigh_contact_deg"),
    *("thigh_min_deg", "thigh_max_deg", "knee_contact_deg", "knee_stance_peak_deg"),
    *("knee_swing_peak_deg", "ankle_max_deg", "ankle_min_deg", "hip_flexor_moment_peak_nm_kg"),
    *("hip_extensor_moment_peak_nm_kg", "glmax_activation_stance_mean"),
    *("glmed_activation_stance_mean", "hip_extension_peak_deg", "hip_force_peak_bw"),
    *("rim_margin_min_deg", "head_displacement_max_mm", "metabolic_cost_j_kg_m"),
    *("solve_time_s", "iterations"),
)
"""The columns of outcomes.csv that others rely on, in order; more may follow."""


def measure(stride: Stride, leg: str) -> dict[str, float]:
    """Every outcome of a replayed stride, by column name."""
    case, d, a = stride.case, stride.dynamics, stride.anatomy
    foot, other = stride.events[leg], stride.events[SIDES[1 - SIDES.index(leg)]]
    cycle, percent = stride.cycle(leg), stride.percent(leg)
    weights, stance = stride.weights, stride.stance(leg)
    length = case.runner.leg_length
    row = gait.stride_outcomes(foot, other, speed=case.speed, leg_length=length)
    points = {
        name: a.centres[f"{name}_{leg}"] - d.mass_centre for name in ("hip", "knee", "ankle")
    } | {"heel": a.heels[leg] - d.mass_centre}  # from the mass centre, so that they are periodic
    at_contact = {name: cycle.at(values, foot.contact) for name, values in points.items()}
    row |= landing.reach(**at_contact, com=np.zeros(3), leg_length=length)
    row |= landing.ground_reaction(
        case.time, case.ground_force(leg), stance, weight=d.weight, step_length=row["step_length_m"]
    )
    rates = landing.loading_rates(foot, a.dense_time, a.dense_vertical[leg], d.weight)
    # A measured force comes filtered with the motion, which takes the impact out of it.
    row |= dict.fromkeys(rates, math.nan) if is_measured(case) else rates
    row |= filtered(stride, leg, row)
    row |= angles(stride, leg)
    row |= moments.outcomes(
        *(d, percent, weights), side=leg, distance=stride.distance, knee=knee_sign(case.runner)
    )
    knee_flexion = stride.angle_deg(leg)["knee_flexion"]
    row |= loading_response.outcomes(d, cycle, foot, side=leg, knee_flexion=knee_flexion)
    histories = glutes.Histories(
        d.activation, d.tendon_force, d.muscle_power, d.fibre_power, percent, weights, stance
    )
    row |= glutes.outcomes(case.runner.muscles, histories, leg, d.mass)
    row |= glutes.emg_overlap(case.runner.muscles, histories, leg)
    row |= hip_load.outcomes(
        *(a.hip_force[leg], percent, weights, stance),
        side=leg,
        weight=d.weight,
        cup=socket_of(case.runner).cup,
    )
    row |= energetics.outcomes(d, weights, distance=stride.distance)
    row |= summary(energy_audit(d, weights, distance=stride.distance))
    height = d.mass_centre[:, 1]
    row["com_vertical_range_m"] = float(height.max() - height.min())
    row["body_mass_kg"] = d.mass
    row["leg_length_m"] = length
    return row


def filtered(stride: Stride, leg: str, row: dict[str, float]) -> dict[str, float]:
    """The ground reaction filtered as the norms' was; a measured one comes so, as in `row`."""
    case, a = stride.case, stride.anatomy
    found = landing.filtered_ground_reaction(
        *(a.dense_time, a.dense_force[leg], case.stride_time, *norms.ground_force_filter()),
        weight=stride.dynamics.weight,
    )
    if is_measured(case):
        return {name: row[name.replace("_filtered", "")] for name in found}
    return found


def angles(stride: Stride, leg: str) -> dict[str, float]:
    """Angles (deg) at contact and extremes; hip extension peak: of the hip joint, positive."""
    foot, cycle = stride.events[leg], stride.cycle(leg)
    fine = foot.contact + np.linspace(0, 1, FINE) * foot.stride_time
    standing = fine <= foot.toe_off
    curve = {name: cycle.at(v, fine) for name, v in stride.angle_deg(leg).items()}
    thigh, knee, ankle = (
        curve[name] for name in ("thigh_angle", "knee_flexion", "ankle_dorsiflexion")
    )
    return {
        "thigh_contact_deg": float(thigh[0]),
        "thigh_min_deg": float(thigh.min()),
        "thigh_extension_peak_deg": float(-thigh.min()),
        "thigh_max_deg": float(thigh.max()),
        "knee_contact_deg": float(knee[0]),
        "knee_stance_peak_deg": float(knee[standing].max()),
        "knee_swing_peak_deg": float(knee[~standing].max()),
        "ankle_contact_deg": float(ankle[0]),
        "ankle_max_deg": float(ankle.max()),
        "ankle_min_deg": float(ankle.min()),
        "hip_flexion_contact_deg": float(curve["hip_flexion"][0]),
        "hip_flexion_peak_deg": float(curve["hip_flexion"].max()),
        "hip_extension_peak_deg": float(-curve["hip_flexion"].min()),
        "pelvis_tilt_mean_deg": float(curve["pelvis_tilt"][:-1].mean()),
        "pelvis_tilt_range_deg": float(np.ptp(curve["pelvis_tilt"])),
    }


def row_of(folder: Path, case: Case | None, measured: dict[str, float]) -> Row:
    """Settings, solver record and outcomes in one row; NaN becomes null."""
    settings = case.settings if case else Settings()
    if not case:
        with contextlib.suppress(ValueError):  # why it cannot be read is the reason of the failure
            settings = Settings.of(folder / SETTINGS_FILE)
    solver = read_solver(folder)
    row: Row = {name: getattr(settings, name) for name in SETTINGS}
    row["case"] = row["case"] or folder.name
    row |= {"status": "computed" if measured else "failed", "reason": ""}
    row |= {"leg": settings.leg, "mesh_intervals": solver.mesh_intervals}
    row |= {name: None if math.isnan(value) else value for name, value in measured.items()}
    row["head_displacement_max_mm"] = None  # a ball joint's cannot move: see femoral_head
    row |= {"solve_time_s": solver.solve_time_s, "iterations": solver.iterations}
    return row


def compute(folder: Path, replays: Replays | None = None) -> Row:
    """Measure a case and write its curves and scorecard; the row, failed with a reason if not.

    What cannot be written (no solution, no norms at its speed) is left empty.
    replays: of that folder, if there are any yet.
    """
    solver = read_solver(folder)
    for name in (CURVES, AUDIT, norms.SCORECARD):
        write_text(folder / name, "")
    if not solver.converged:
        return row_of(folder, None, {}) | {"reason": solver.failure}
    try:
        stride = (replays or Replays(folder)).stride()
        case = stride.case
        row = row_of(folder, case, measure(stride, case.settings.leg))
        table = curves.table(stride)
        audit = energy_audit(stride.dynamics, stride.weights, distance=stride.distance)
    except (ValueError, RuntimeError) as error:
        return row_of(folder, None, {}) | {"reason": str(error).splitlines()[0]}
    write_text(folder / CURVES, csv_text(table, "%.8g"))
    write_text(folder / AUDIT, csv(audit))
    known = norms.norms_at(case.speed)
    card = norms.score(row, known)
    if is_measured(case):
        row |= trial.outcomes(folder) | trial.hip_force_peaks(stride)
    if known.empty:
        return row | dict.fromkeys(card.outcomes())
    write_text(folder / norms.SCORECARD, csv_text(card.table))
    return row | card.outcomes()


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Measure a solved case.")
    parser.add_argument("--case", type=Path, required=True, help="case folder")
    folder = parser.parse_args().case
    row = compute(folder)
    write_json(folder / FILE, row)
    print(f"[{folder.name}] outcomes {row['status']}", *([row["reason"]] if row["reason"] else []))


if __name__ == "__main__":
    run_command(main)

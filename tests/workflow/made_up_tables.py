"""Tables of a study of made-up numbers, as figures read them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis.claims import conclude
from analysis.figures import (
    cup,
    socket_tornado,
    strength,
)
from analysis.measures.tendon_readings import READINGS
from analysis.replayed import scene
from analysis.robustness import COLUMNS
from study.cases import table
from tests.workflow.made_up_scene import seen
from tests.workflow.test_cases import study as configuration

DOSES = {60.0, 80.0, 100.0, 120.0, 140.0}


def curves(dose: float) -> pd.DataFrame:
    percent = np.arange(101.0)
    wave = np.sin(np.pi * percent / 50) + dose / 100
    names = [
        *("grf_x_bw", "grf_y_bw", "grf_z_bw", "glmax2_r_force_n"),
        *("thigh_angle_deg", "knee_flexion_deg", "ankle_dorsiflexion_deg"),
        *("glmax2_r_activation", "hip_force_anterior_bw", "hip_force_superior_bw"),
        *("hip_force_medial_bw", "rim_margin_deg"),
    ]
    return pd.DataFrame({"percent": percent} | dict.fromkeys(names, wave))


def positions() -> pd.DataFrame:
    sided = ("hip", "knee", "ankle", "heel", "toe_joint", "toe_tip")
    names = [f"{name}_{side}" for name in sided for side in "rl"] + ["lumbar", "neck", "head"]
    columns = {f"{name}_{axis}_m": np.linspace(0, 1, 101) for name in names for axis in "xyz"}
    return pd.DataFrame({"percent": np.arange(101.0)} | columns)


def head(dose: float) -> pd.DataFrame:
    percent = np.arange(101.0)
    wave = 0.2 + 0.1 * np.sin(np.pi * percent / 50) + dose / 1000
    names = [
        *("head_displacement_mm", "head_anterior_mm", "head_superior_mm", "head_medial_mm"),
        *(f"{p}_{a}_deg" for p in cup.PLACES for a in ("anterior", "superior")),
        *("contact_pressure_peak_mpa", "rim_margin_deg"),
    ]
    columns = [f"{name}{suffix}" for name in names for suffix in READINGS]
    return pd.DataFrame({"percent": percent} | dict.fromkeys(columns, wave))


def robustness() -> pd.DataFrame:
    """One parameter whose high end lets the head go, and one that changes nothing."""
    rows = [
        (reading, outcome, name, 0.0, 0.1, 0.5, 0.2, 0.25, high, high - 0.2, reason)
        for reading in ("tendon_on_pelvis", "tendon_on_head")
        for outcome in socket_tornado.ROWS
        for name, high, reason in (
            ("clearance_mm", np.nan, "the head leaves the socket"),
            ("head_radius_mm", 0.3, ""),
            ("cartilage_poisson", 0.2, ""),
        )
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def dynamometer(doses: set[float]) -> pd.DataFrame:
    """Torque of all hip flexors twice that of the group, falling with hip flexion."""
    rows = [
        ("hip_flexors", dose, "both", angle, 0.01 * dose - angle / 200, 0.02 * dose - angle / 100)
        for dose in sorted(doses)
        for angle in (0.0, 30.0, 60.0)
    ]
    return pd.DataFrame(rows, columns=strength.COLUMNS)


def make(folder: Path, failed: set[float], **changes: Any) -> Path:
    """Tables of the default study, its configuration changed, in which some doses failed."""
    folder.mkdir(parents=True)
    (folder / "cases.csv").write_text(table(configuration(**changes)))
    dynamometer(DOSES).to_csv(folder / "dynamometer.csv", index=False)
    rows = []
    for _, case in pd.read_csv(folder / "cases.csv").iterrows():
        good = case["dose_percent"] not in failed
        shift = case["dose_percent"] / 1000
        values = {
            "ankle_com_m": 0.2 + shift,
            "ankle_com_per_leg": (0.2 + shift) / 0.8,
            "glmax_activation_stance_mean": shift,
            "thigh_extension_peak_deg": 20 + shift,
            "reach_thigh_m": 0.15 + shift / 4,
            "reach_shank_m": 0.04 + shift / 2,
            "hip_com_m": 0.01 + shift / 4,
            "thigh_line_contact_deg": 20 + shift,
            "shank_contact_deg": 10 + shift,
            "step_length_m": 1.2 - shift,
            "cadence_steps_min": 170 + shift,
            "braking_peak_bw": 0.3 + shift,
            "rim_margin_min_deg": 15 + shift,
            "duty_factor": 0.3,
            "head_displacement_max_mm": 0.3 + shift,
            "contact_pressure_peak_mpa": 5 + shift,
        }
        state = {"status": "certified" if good else "failed", "reason": "" if good else "limit"}
        rows.append({"case": case["case"]} | state | (values if good else {}))
        if good:
            (folder / case["case"]).mkdir()
            curves(case["dose_percent"]).to_csv(folder / case["case"] / "curves.csv", index=False)
            positions().to_csv(folder / case["case"] / "positions.csv", index=False)
            scene.write(folder / case["case"], seen(case["dose_percent"]))
            head(case["dose_percent"]).to_csv(folder / case["case"] / "head.csv", index=False)
            robustness().to_csv(folder / case["case"] / "robustness.csv", index=False)
    # As collect writes it: every column, whether or not a case could be measured.
    columns = list(dict.fromkeys(["case", "status", "reason", *values]))
    pd.DataFrame(rows, columns=columns).to_csv(folder / "outcomes.csv", index=False)
    (folder / "claims.json").write_text(json.dumps(conclude(folder)))
    return folder

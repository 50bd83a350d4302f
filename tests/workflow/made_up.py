"""A study of made-up numbers, whole enough for films and report."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.replayed import scene
from analysis.report.pictures import OPTIONAL, PICTURES
from formats.storage import write_storage
from tests.workflow.made_up_scene import SPEED, STRIDE_S, WEIGHT_N, seen
from tests.workflow.test_figures import make

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="200" height="100"><path d="M0 0L9 9"/></svg>'
OF_DOSES = {"over_striding", "dose_effect_by_habit", "dose_response"}
"""Optional figures that a predicted study of several doses has, as analysis.smk draws them."""
DRAWN = [one.name for one in PICTURES if one.name not in OPTIONAL or one.name in OF_DOSES]
"""Figures of the study made up here."""


def ground_forces() -> pd.DataFrame:
    """Right foot loaded from 10 to 40 % of the stored time, the left one half a stride later."""
    share = np.linspace(0, 1, 101)
    table = pd.DataFrame({"time": share * STRIDE_S})
    for side, start in (("r", 0.1), ("l", 0.6)):
        phase = (share - start) / 0.3
        push = np.where((phase >= 0) & (phase <= 1), 2 * WEIGHT_N * np.sin(np.pi * phase), 0.0)
        table[f"ground_force_{side}_vx"] = 0.1 * push
        table[f"ground_force_{side}_vy"] = push
        table[f"ground_force_{side}_vz"] = 0.0
        for axis in "xyz":
            table[f"ground_force_{side}_p{axis}"] = 0.0
        # The foot stands still on the ground, a little ahead of where it was first loaded.
        table[f"ground_force_{side}_px"] = np.where(push > 0, start * STRIDE_S * SPEED + 0.2, 0.0)
    return table


def positions(dose: float) -> pd.DataFrame:
    """A body that moves forward at SPEED, its right knee lifted by the dose."""
    percent = np.arange(101.0)
    heights = {"hip": 0.9, "knee": 0.5, "ankle": 0.1, "heel": 0.0, "toe_joint": 0.0, "toe_tip": 0.0}
    heights |= {"shoulder": 1.4, "elbow": 1.1, "wrist": 1.0}
    places = {f"{name}_{side}": height for name, height in heights.items() for side in "rl"}
    places |= {"lumbar": 1.0, "neck": 1.4, "head": 1.6}
    columns = {}
    for name, height in places.items():
        lift = dose / 1000 if name == "knee_r" else 0.0
        columns[f"{name}_x_m"] = SPEED * STRIDE_S * percent / 100 + lift
        columns[f"{name}_y_m"] = np.full(101, height)
        columns[f"{name}_z_m"] = np.zeros(101)
    return pd.DataFrame({"percent": percent} | columns)


def certificate(passed: bool) -> dict[str, object]:
    checks = {
        "pelvis_force": {"value": 1e-8, "limit": 1.0, "unit": "N", "passed": True},
        "energy_balance": {"value": 0.5 if passed else 7.0, "limit": 1.0, "unit": "%"},
    }
    for check in checks.values():
        check["compared"] = "made up"
    checks["energy_balance"]["passed"] = passed
    return {"certified": passed, "reasons": [] if passed else ["energy"], "checks": checks}


def whole(folder: Path, failed: set[float]) -> Path:
    """A study with all that the report reads but its film; pictures are small stand-ins."""
    make(folder, failed)
    outcomes = pd.read_csv(folder / "outcomes.csv")
    outcomes["body_mass_kg"] = WEIGHT_N / 9.80665
    outcomes["problem"] = "predict"
    outcomes.to_csv(folder / "outcomes.csv", index=False)
    cases = pd.read_csv(folder / "cases.csv")
    for case, dose in zip(cases["case"], cases["dose_percent"], strict=True):
        own = folder / case
        own.mkdir(exist_ok=True)
        positions(dose).to_csv(own / "positions.csv", index=False)
        scene.write(own, seen(dose))
        write_storage(own / "ground_forces.mot", ground_forces())
        (own / "case.json").write_text(json.dumps({"speed_m_s": SPEED}))
        (own / "certificate.json").write_text(json.dumps(certificate(dose not in failed)))
        (own / "solver.json").write_text(json.dumps({"versions": {"casadi": "3.8.2"}}))
    (folder / "config.yaml").write_text("name: study\ndoses_percent: [60, 80, 100, 120, 140]\n")
    (folder / "figures").mkdir()
    for name in DRAWN:
        (folder / "figures" / f"{name}.svg").write_text(SVG)
    times = folder / "benchmarks" / cases["case"][0]
    times.mkdir(parents=True)
    (times / "predict.tsv").write_text("s\tmax_rss\n12.5\t400.0\n")
    return folder

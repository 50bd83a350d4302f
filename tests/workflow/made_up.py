"""A study of made-up numbers, whole enough for films and report."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.replayed import scene
from analysis.replayed.bones import Bone
from analysis.replayed.tables import write_storage
from analysis.report.pictures import OPTIONAL, PICTURES
from tests.workflow.test_figures import make

STRIDE_S, SPEED, WEIGHT_N = 0.7, 3.5, 700.0
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="200" height="100"><path d="M0 0L9 9"/></svg>'


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


def seen(dose: float) -> scene.Scene:
    """A pelvis and a thigh that swings with the dose, a muscle between them, one foot loaded."""
    frames = len(scene.PERCENT)
    phase = 2 * np.pi * scene.PERCENT / 100
    half = 0.5 * (0.4 * np.sin(phase) + dose / 1000)
    rotation = np.zeros((frames, 2, 4))
    rotation[:, 0, 0] = 1.0
    rotation[:, 1, 0], rotation[:, 1, 3] = np.cos(half), np.sin(half)
    hip = np.tile([0.0, 0.9, 0.08], (frames, 1))
    translation = np.stack([hip + [0, 0.1, -0.08], hip], axis=1)
    sides = np.stack([hip, hip * [1, 1, -1]], axis=1)
    turned = scene.matrices(rotation)[:, 1] @ np.array([0.02, -0.3, 0.0])
    push = np.zeros((frames, 2, 3))
    push[:20, 0, 1] = 2 * np.sin(np.pi * np.arange(20) / 20)
    return scene.Scene(
        stride_time=STRIDE_S,
        speed=SPEED,
        weight=WEIGHT_N,
        bodies=["pelvis", "femur_r"],
        bones=[
            Bone("pelvis", np.array([[0, 0, -0.1], [0, 0, 0.1]]), np.array([0.02, 0.02])),
            Bone("femur_r", np.array([[0, 0, 0], [0, -0.4, 0]]), np.array([0.02, 0.015])),
        ],
        muscles=["psoas_r"],
        counts=[2],
        strength=[10 * dose],
        translation=translation,
        rotation=rotation,
        paths=np.stack([hip + [0, 0.1, 0], hip + turned], axis=1),
        activation=(dose / 300 * (1 + np.sin(phase)))[:, None],
        tendon_force=np.full((frames, 1), 100.0),
        hip_force=np.tile([0.5, 3.0, -0.5], (frames, 2, 1)) * [[1, 1, 1], [1, 1, -1]],
        hip_centre=sides,
        ground_force=push,
        ground_place=sides * [1, 0, 1],
    )


def certificate(passed: bool) -> dict[str, object]:
    checks = {
        "pelvis_force": {"value": 1e-8, "limit": 1.0, "unit": "N", "passed": True},
        "energy_balance": {"value": 0.5 if passed else 7.0, "limit": 1.0, "unit": "%"},
    }
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
    for one in PICTURES:
        if one.name not in OPTIONAL:
            (folder / "figures" / f"{one.name}.svg").write_text(SVG)
    times = folder / "benchmarks" / cases["case"][0]
    times.mkdir(parents=True)
    (times / "predict.tsv").write_text("s\tmax_rss\n12.5\t400.0\n")
    return folder

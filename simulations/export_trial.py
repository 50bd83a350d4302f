"""A predicted run as if it had been measured: the folder of a trial, to try out that way.

    python -m simulations.export_trial --case CASE --out FOLDER
        writes FOLDER/model.osim, motion.mot, forces.mot and runner.yaml

A stride is written with half a stride before and after it, as a recording would have, sampled
evenly: angles in degrees; force, centre of pressure and free moment of each foot as from a force
plate. The ground's force is interpolated as force and moment, not as a point of application, which
has no meaning where there is no force.
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml
from scipy.interpolate import CubicSpline

from formats import description, storage
from formats.files import run_command, write_text
from formats.records import CERTIFICATE, Certificate, Settings
from formats.storage import as_storage
from formats.text import MODEL_MB, read_text

SAMPLES_PER_SECOND = 200
AROUND = 0.5
"""Strides written before and after the whole one."""
UNLOADED = 5.0
"""Vertical force (N) below which a force plate has no centre of pressure."""
FORWARD = "pelvis_tx"


def trial(case: Path) -> dict[str, str]:
    """The four files of a trial, by name, from the folder of a certified predicted run.

    Raises ValueError, one line, when the run is not certified or was itself measured.
    """
    settings = Settings.of(_there(case / "case.json"))
    certificate = Certificate.of(_there(case / CERTIFICATE))
    if settings.problem == "inverse":
        raise ValueError(f"{case}: a measured runner's case; a predicted one is needed")
    if not certificate.certified:
        raise ValueError(f"{case}: not certified; only a certified run is worth measuring")
    runner = description.read(case / "runner.json")
    states = _table(case / "motion.sto")
    values = {name.split("/")[-2]: states[name] for name in states if name.endswith("/value")}
    span = states["time"].iloc[-1]
    samples = math.ceil((1 + 2 * AROUND) * span * SAMPLES_PER_SECOND)
    time = np.arange(samples + 1) / SAMPLES_PER_SECOND
    phase = time / span - AROUND
    straight = {c.name for c in runner.coordinates if c.motion == "translational"}
    motion = {"time": time}
    for name, stride in values.items():
        curve = periodic(states["time"] / span, stride, phase)
        motion[name] = curve if name in straight else np.rad2deg(curve)
    length = float(values[FORWARD].iloc[-1] - values[FORWARD].iloc[0])
    forces = {"time": time} | ground_forces(_table(case / "ground_forces.mot"), phase, length)
    said = {
        "speed_m_s": settings.speed_m_s,
        "treadmill": False,
        "mass_kg": round(sum(body.mass for body in runner.bodies), 3),
    }
    return {
        "model.osim": read_text(case / "runner.osim", MODEL_MB),
        "motion.mot": as_storage("motion", motion, degrees=True),
        "forces.mot": as_storage("forces", forces, degrees=False),
        "runner.yaml": yaml.safe_dump(said, sort_keys=False),
    }


def periodic(at: Any, values: Any, phase: np.ndarray) -> np.ndarray:
    """A stride's values, given at phases 0 to 1, at any phases; each stride ends higher alike."""
    at, values = np.asarray(at), np.asarray(values)
    advance = values[-1] - values[0]
    level = values - advance * at
    level[-1] = level[0]
    return np.asarray(CubicSpline(at, level, bc_type="periodic")(phase % 1.0) + advance * phase)


def ground_forces(table: pd.DataFrame, phase: np.ndarray, length: float) -> dict[str, np.ndarray]:
    """Columns of both feet at phases (strides): force (N), point (m), free moment (N m).

    table: a whole stride's ground_forces.mot. length: of a stride, m.
    """
    columns: dict[str, np.ndarray] = {}
    at = table["time"] / table["time"].iloc[-1]
    for side in "rl":
        force, point, torque = (
            table[[f"{stem}{axis}" for axis in "xyz"]].to_numpy()
            for stem in (
                f"ground_force_{side}_v",
                f"ground_force_{side}_p",
                f"ground_torque_{side}_",
            )
        )
        # About an origin that moves along with the runner the moment repeats itself.
        moment = np.cross(point - np.outer(at, [length, 0, 0]), force) + torque
        force = np.column_stack([periodic(at, f, phase) for f in force.T])
        moment = np.column_stack([periodic(at, m, phase) for m in moment.T])
        loaded = force[:, 1] > UNLOADED
        force, moment = force * loaded[:, None], moment * loaded[:, None]
        vertical = np.where(loaded, force[:, 1], 1.0)
        point = np.column_stack([moment[:, 2], 0 * phase, -moment[:, 0]]) / vertical[:, None]
        torque = moment - np.cross(point, force)
        point[:, 0] += np.where(loaded, length * phase, 0.0)
        for stem, vectors in (("force_{}_v", force), ("force_{}_p", point), ("torque_{}_", torque)):
            for axis, values in zip("xyz", vectors.T, strict=True):
                columns[f"ground_{stem.format(side)}{axis}"] = values
    return columns


def _there(path: Path) -> Path:
    if not path.exists():
        raise ValueError(f"{path}: no such file; a certified case's folder is needed")
    return path


def _table(path: Path) -> pd.DataFrame:
    stored = storage.read(path)
    return pd.DataFrame({"time": stored.time} | stored.columns)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Write a predicted run as a measured trial.")
    parser.add_argument("--case", type=Path, required=True, help="folder of a certified case")
    parser.add_argument("--out", type=Path, required=True, help="folder of the trial to write")
    arguments = parser.parse_args()
    for name, text in trial(arguments.case).items():
        write_text(arguments.out / name, text)


if __name__ == "__main__":
    run_command(main)

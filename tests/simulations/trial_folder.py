"""A made-up measured trial: a mass that bounces under half-sine stances of alternate feet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

MASS, STEP_TIME, CONTACT = 70.0, 0.36, 0.22
GRAVITY = 9.80665
PERIOD = 2 * STEP_TIME
# Right initial contacts stand at FIRST + k PERIOD.
FIRST = 0.2
MODEL = f"""<?xml version="1.0" encoding="UTF-8" ?>
<OpenSimDocument Version="40000"><Model name="m"><BodySet><objects>
<Body name="pelvis"><mass>{MASS}</mass></Body></objects></BodySet><JointSet><objects>
<CustomJoint name="j"><coordinates>
<Coordinate name="pelvis_tx"/><Coordinate name="pelvis_ty"/><Coordinate name="knee_angle_r"/>
<Coordinate name="mtp_angle_r"><locked>true</locked></Coordinate>
</coordinates></CustomJoint></objects></JointSet></Model></OpenSimDocument>
"""


def force(time: np.ndarray, side: str) -> np.ndarray:
    """Vertical force (N) of a foot."""
    into = (time - FIRST - (0 if side == "r" else STEP_TIME)) % PERIOD
    peak = MASS * GRAVITY * STEP_TIME * np.pi / (2 * CONTACT)
    return np.where(into < CONTACT, peak * np.sin(np.pi * into / CONTACT), 0.0)


def height(time: np.ndarray) -> np.ndarray:
    """Height (m) of a mass that the forces carry: the periodic part of the double integral."""
    fine = np.linspace(0, STEP_TIME, 3601)
    rise = (force(fine + FIRST, "r") + force(fine + FIRST, "l")) / MASS - GRAVITY
    step = fine[1] - fine[0]
    speed = np.concatenate([[0], np.cumsum(0.5 * (rise[1:] + rise[:-1]) * step)])
    speed -= np.trapezoid(speed, fine) / STEP_TIME
    path = np.concatenate([[0], np.cumsum(0.5 * (speed[1:] + speed[:-1]) * step)])
    return 0.95 + np.interp((time - FIRST) % STEP_TIME, fine, path)


def tables(duration: float = 2.4) -> tuple[pd.DataFrame, pd.DataFrame]:
    """motion.mot (degrees, 100 Hz) and forces.mot (1000 Hz) as tables."""
    time = np.arange(round(duration * 100) + 1) / 100
    knee = 60 + 50 * np.sin(2 * np.pi * time / PERIOD)
    motion = pd.DataFrame(
        {"time": time, "pelvis_tx": 3 * time, "pelvis_ty": height(time), "knee_angle_r": knee}
    )
    time = np.arange(round(duration * 1000) + 1) / 1000
    forces = {"time": time}
    for side in "rl":
        for axis in "xyz":
            vertical = force(time, side) if axis == "y" else 0 * time
            forces[f"ground_force_{side}_v{axis}"] = vertical
            forces[f"ground_force_{side}_p{axis}"] = 0 * time
            forces[f"ground_torque_{side}_{axis}"] = 0 * time
    return motion, pd.DataFrame(forces)


def storage(table: pd.DataFrame, degrees: bool | None) -> str:
    """Text of a .mot file; degrees None: the header does not say."""
    said = "" if degrees is None else f"inDegrees={'yes' if degrees else 'no'}\n"
    body = table.to_csv(sep="\t", index=False, na_rep="nan", float_format="%.9g")
    return f"made up\nversion=1\n{said}endheader\n{body}"


def write(
    folder: Path,
    motion: pd.DataFrame | None = None,
    forces: pd.DataFrame | None = None,
    degrees: bool | None = True,
    **settings: Any,
) -> Path:
    """Write the folder of a trial, whole unless tables that are not are given."""
    usual = tables()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.osim").write_text(MODEL)
    kept = usual[0] if motion is None else motion
    (folder / "motion.mot").write_text(storage(kept, degrees))
    kept = usual[1] if forces is None else forces
    (folder / "forces.mot").write_text(storage(kept, None))
    (folder / "runner.yaml").write_text(yaml.safe_dump({"speed_m_s": 3.0, **settings}))
    return folder

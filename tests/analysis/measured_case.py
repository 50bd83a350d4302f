"""A measured case, solved: intake, then the engine in a process of its own (CasADi and OpenSim)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import opensim
import pandas as pd

from analysis.case import Case
from analysis.tables import read_storage, write_storage
from models import own
from simulations.files import write_json

ROOT = Path(__file__).resolve().parents[2]


def solve(trial: Path, out: Path, speed: float, intervals: int) -> Path:
    """The case folder of a trial at normal strength."""
    own.take_in(trial, out)
    settings = {"case": out.name, "problem": "inverse", "runner": "own", "arm": "baseline"}
    settings |= {"side": "both", "dose_percent": 100, "cadence": "free", "scheme": "trapezoidal"}
    settings |= {"objective": "activation_squared", "start": "cold"}
    numbers = {"speed_m_s": speed, "mesh_intervals": intervals, "habit_weight": 0.0}
    write_json(out / "case.json", settings | numbers)
    command = [sys.executable, "-m", "simulations.inverse", "--case", str(out)]
    command += ["--trial", str(trial), "--threads", "2"]
    # OpenSim puts its own libraries first, in which CasADi finds another of its name.
    env = {k: v for k, v in os.environ.items() if k != "LD_LIBRARY_PATH"}
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=env)
    assert done.returncode == 0, done.stderr
    return out


def inverse_dynamics_tool(case: Case, folder: Path) -> pd.DataFrame:
    """OpenSim's InverseDynamicsTool on a case's motion and ground forces: moments by coordinate."""
    names = [c.name for c in case.runner.coordinates]
    table = pd.DataFrame({"time": case.motion["time"]} | {n: case.coordinate(n) for n in names})
    write_storage(folder / "coordinates.sto", table)
    for name in ("ground_forces.mot", "ground_forces.xml"):
        (folder / name).write_bytes((case.folder / name).read_bytes())
    tool = opensim.InverseDynamicsTool()
    tool.setModelFileName(str(case.folder / "runner.osim"))
    tool.setCoordinatesFileName(str(folder / "coordinates.sto"))
    tool.setLowpassCutoffFrequency(-1.0)  # the motion is filtered
    tool.setExternalLoadsFileName(str(folder / "ground_forces.xml"))
    tool.setStartTime(float(table["time"].iloc[0]))
    tool.setEndTime(float(table["time"].iloc[-1]))
    excluded = opensim.ArrayStr()
    excluded.append("Muscles")
    tool.setExcludedForces(excluded)
    tool.setResultsDir(str(folder))
    tool.setOutputGenForceFileName("moments.sto")
    assert tool.run()
    found = read_storage(folder / "moments.sto")
    kinds = {
        c.name: "moment" if c.motion == "rotational" else "force" for c in case.runner.coordinates
    }
    time = case.motion["time"].to_numpy()
    return pd.DataFrame(
        {n: np.interp(time, found["time"], found[f"{n}_{kind}"]) for n, kind in kinds.items()}
    )

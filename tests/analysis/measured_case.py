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
from simulations import trial
from simulations.files import write_json

ROOT = Path(__file__).resolve().parents[2]
STEP, BEYOND = 0.002, 0.1  # s, of the trial as OpenSim's tool sees it


def solve(folder: Path, out: Path, speed: float, intervals: int) -> Path:
    """The case folder of a trial at normal strength."""
    own.take_in(folder, out)
    settings = {"case": out.name, "problem": "inverse", "runner": "own", "arm": "baseline"}
    settings |= {"side": "both", "dose_percent": 100, "cadence": "free", "scheme": "trapezoidal"}
    settings |= {"objective": "activation_squared", "start": "cold"}
    numbers = {"speed_m_s": speed, "mesh_intervals": intervals, "habit_weight": 0.0}
    write_json(out / "case.json", settings | numbers)
    command = [sys.executable, "-m", "simulations.inverse", "--case", str(out)]
    command += ["--trial", str(folder), "--threads", "2"]
    # OpenSim puts its own libraries first, in which CasADi finds another of its name.
    env = {k: v for k, v in os.environ.items() if k != "LD_LIBRARY_PATH"}
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=env)
    assert done.returncode == 0, done.stderr
    return out


def inverse_dynamics_tool(case: Case, trial_folder: Path, out: Path) -> pd.DataFrame:
    """OpenSim's InverseDynamicsTool on the filtered trial: generalised forces at the case's nodes.

    It sees nothing of the case but its model: the trial's curves, sampled finely and beyond the
    stride's ends, and the ground's force at ground's origin with its whole moment about it.
    """
    kinds = {c.name: c.motion for c in case.runner.coordinates}
    read = trial.read(trial_folder, kinds, case.runner.model_mass)
    start, end = read.chosen()[0].start, read.chosen()[0].end
    time = np.arange(start - BEYOND, end + BEYOND, STEP)
    motion = dict(zip(read.curves.names, read.curves.at(time), strict=True))
    write_storage(out / "motion.sto", pd.DataFrame({"time": time} | motion))
    table, loads = {"time": time}, opensim.ExternalLoads()
    for side in "rl":
        wrench = read.curves.wrench(side, time)
        for kind, rows in (("v", wrench[:3]), ("p", 0.0 * wrench[:3]), ("m", wrench[3:])):
            table |= {f"{side}_{kind}{axis}": row for axis, row in zip("xyz", rows, strict=True)}
        force = opensim.ExternalForce()
        force.setName(side)
        force.set_applied_to_body(f"calcn_{side}")
        force.set_force_expressed_in_body("ground")
        force.set_point_expressed_in_body("ground")
        force.set_force_identifier(f"{side}_v")
        force.set_point_identifier(f"{side}_p")
        force.set_torque_identifier(f"{side}_m")
        loads.cloneAndAppend(force)
    write_storage(out / "forces.sto", pd.DataFrame(table))
    loads.setDataFileName(str(out / "forces.sto"))
    loads.printToXML(str(out / "loads.xml"))
    tool, muscles = opensim.InverseDynamicsTool(), opensim.ArrayStr()
    muscles.append("Muscles")
    tool.setExcludedForces(muscles)
    tool.setModelFileName(str(case.folder / "runner.osim"))
    tool.setCoordinatesFileName(str(out / "motion.sto"))
    tool.setLowpassCutoffFrequency(-1.0)  # the motion is filtered
    tool.setExternalLoadsFileName(str(out / "loads.xml"))
    tool.setStartTime(start - 5 * STEP)
    tool.setEndTime(end + 5 * STEP)
    tool.setResultsDir(str(out))
    tool.setOutputGenForceFileName("moments.sto")
    assert tool.run()
    found = read_storage(out / "moments.sto")
    called = {
        n: f"{n}_{'moment' if kind == 'rotational' else 'force'}" for n, kind in kinds.items()
    }
    at = case.time + start
    return pd.DataFrame({n: np.interp(at, found["time"], found[c]) for n, c in called.items()})

"""A measured case, solved: intake, then the engine in a process of its own (CasADi and OpenSim)."""

from __future__ import annotations

import math
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import opensim
import pandas as pd

from analysis.replayed.case import Case, column
from formats.files import write_json
from formats.storage import read_storage, write_storage
from formats.trial import reading as trial
from formats.trial.measured import MotionType
from formats.trial.strides import Stride
from formats.untrusted import read_object
from models import own

ROOT = Path(__file__).resolve().parents[2]
STEP, BEYOND = 0.002, 0.1  # s, of the trial as OpenSim's tool sees it
EVERY = 7  # steps: an instant of StaticOptimization every 14 ms
# Torque (N m) of a reserve that costs the engine as much as all muscles at full activation, which
# count 20 with activation_squared; a reserve counts 2 (torque / 5 N m)^2. CasADi is no import here.
RESERVE_NM = 5.0 * math.sqrt(20.0 / 2.0)
BASE_N = 1000.0  # N or N m, of the actuators on the base


def solve(folder: Path, out: Path, speed: float, intervals: int) -> Path:
    """The case folder of a trial at normal strength."""
    own.take_in(folder, out)
    settings = {"case": out.name, "problem": "inverse", "runner": "own", "arm": "baseline"}
    settings |= {"side": "both", "dose_percent": 100, "cadence": "free", "scheme": "trapezoidal"}
    settings |= {"objective": "activation_squared", "start": "cold"}
    numbers = {"speed_m_s": speed, "mesh_intervals": intervals, "habit_weight": 0.0}
    write_json(out / "case.json", settings | numbers)
    _run(folder, out)
    return out


def solve_without_passive_force(solved: Path, folder: Path, out: Path) -> Path:
    """A solved case once more, its muscle fibres without passive force in the engine."""
    out.mkdir()
    for name in ("case.json", "runner.osim"):
        shutil.copy(solved / name, out / name)
    runner = read_object(solved / "runner.json")
    for muscle in runner["muscles"]:
        muscle["ignore_passive_fiber_force"] = True
    write_json(out / "runner.json", runner)
    _run(folder, out)
    return out


def _run(folder: Path, out: Path) -> None:
    command = [sys.executable, "-m", "simulations.inverse", "--case", str(out)]
    command += ["--trial", str(folder), "--threads", "2"]
    # OpenSim puts its own libraries first, in which CasADi finds another of its name.
    env = {k: v for k, v in os.environ.items() if k != "LD_LIBRARY_PATH"}
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=env)
    assert done.returncode == 0, done.stderr


def write_inputs(case: Case, trial_folder: Path, out: Path) -> Stride:
    """motion.sto, forces.sto and loads.xml for OpenSim's tools; returns the stride of the case.

    Nothing of the case is in them: the trial's curves, sampled finely and beyond the stride's ends,
    and the ground's force at ground's origin with its whole moment about it.
    """
    read = trial.read(trial_folder, _kinds(case), case.runner.model_mass)
    stride = read.chosen()[0]
    time = np.arange(stride.start - BEYOND, stride.end + BEYOND, STEP)
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
    return stride


def _kinds(case: Case) -> dict[str, MotionType]:
    return {c.name: c.motion for c in case.runner.coordinates}


def inverse_dynamics_tool(case: Case, trial_folder: Path, out: Path) -> pd.DataFrame:
    """OpenSim's InverseDynamicsTool on the filtered trial: generalised forces at the case's nodes.

    It sees nothing of the case but its model.
    """
    stride = write_inputs(case, trial_folder, out)
    tool, muscles = opensim.InverseDynamicsTool(), opensim.ArrayStr()
    muscles.append("Muscles")
    tool.setExcludedForces(muscles)
    tool.setModelFileName(str(case.folder / "runner.osim"))
    tool.setCoordinatesFileName(str(out / "motion.sto"))
    tool.setLowpassCutoffFrequency(-1.0)  # the motion is filtered
    tool.setExternalLoadsFileName(str(out / "loads.xml"))
    tool.setStartTime(stride.start - 5 * STEP)
    tool.setEndTime(stride.end + 5 * STEP)
    tool.setResultsDir(str(out))
    tool.setOutputGenForceFileName("moments.sto")
    assert tool.run()
    found = read_storage(out / "moments.sto")
    called = {
        n: f"{n}_{'moment' if kind == 'rotational' else 'force'}"
        for n, kind in _kinds(case).items()
    }
    at = case.time + stride.start
    return pd.DataFrame({n: np.interp(at, found["time"], found[c]) for n, c in called.items()})


def static_optimization_tool(
    case: Case, trial_folder: Path, out: Path, prices: Mapping[str, float]
) -> pd.DataFrame:
    """OpenSim's StaticOptimization on the filtered trial: time (s) in the stride, activations,
    and the torques of the reserves (N m), by name.

    It sees nothing of the case but its model and what a muscle's activation costs: it makes least
    the sum of price x activation^2. Prices are no setting of OpenSim's; a muscle k times as strong
    that may be activated 1 / k as far does the same at 1 / k^2 of the price. A reserve costs what
    it costs the engine, beside a sum of prices that the engine has as one.
    """
    stride = write_inputs(case, trial_folder, out)
    least, total = min(prices.values()), sum(prices.values())
    factor = {name: math.sqrt(least / price) for name, price in prices.items()}
    reserve = RESERVE_NM * math.sqrt(least / total)
    model = opensim.Model(str(case.folder / "runner.osim"))
    for muscle in model.getMuscles():
        k = factor[muscle.getName()]
        muscle.setMaxIsometricForce(muscle.getMaxIsometricForce() * k)
        muscle.setMinControl(muscle.getMinControl() / k)
        muscle.setMaxControl(muscle.getMaxControl() / k)
    reserves = [f.getName() for f in model.getForceSet() if f.getName().startswith("reserve_")]
    for name in reserves:
        _unlimited(opensim.CoordinateActuator.safeDownCast(model.getForceSet().get(name)), reserve)
    base = {joint.name for joint in case.runner.joints if joint.parent == "ground"}
    for coordinate in case.runner.coordinates:
        if coordinate.joint in base:
            # No muscle can do what it does, so that its price does not matter.
            actuator = opensim.CoordinateActuator(coordinate.name)
            actuator.setName(f"base_{coordinate.name}")
            _unlimited(actuator, BASE_N)
            model.addForce(actuator)
    model.finalizeConnections()
    model.printToXML(str(out / "model.osim"))
    analysis = opensim.StaticOptimization()
    analysis.setName("static")
    analysis.setActivationExponent(2)
    analysis.setUseMusclePhysiology(True)
    analysis.setStepInterval(EVERY)
    tool = opensim.AnalyzeTool()
    tool.setName("tool")
    tool.setModelFilename(str(out / "model.osim"))
    tool.setCoordinatesFileName(str(out / "motion.sto"))
    tool.setLowpassCutoffFrequency(-1.0)
    tool.setExternalLoadsFileName(str(out / "loads.xml"))
    tool.setResultsDir(str(out))
    tool.setInitialTime(stride.start)
    tool.setFinalTime(stride.end)
    tool.setSolveForEquilibrium(False)
    tool.getAnalysisSet().cloneAndAppend(analysis)
    tool.printToXML(str(out / "tool.xml"))
    assert opensim.AnalyzeTool(str(out / "tool.xml")).run()  # it loads its model only from a file
    found = read_storage(out / "tool_static_activation.sto")
    found["time"] -= stride.start
    found = found[found["time"].between(0.0, case.stride_time)].reset_index(drop=True)
    scale = factor | dict.fromkeys(reserves, reserve)
    return pd.DataFrame({"time": found["time"]} | {n: found[n] * k for n, k in scale.items()})


def _unlimited(actuator: opensim.CoordinateActuator, optimal: float) -> None:
    actuator.setOptimalForce(optimal)
    actuator.setMinControl(-math.inf)
    actuator.setMaxControl(math.inf)


def activation(case: Case, muscle: str) -> np.ndarray:
    """(N,) activation of a muscle at the case's nodes."""
    return column(case.motion, f"/{muscle}/activation", case.folder / "motion.sto")


def likeness(case: Case, theirs: pd.DataFrame) -> pd.DataFrame:
    """By muscle: correlation with other activations over the stride, rms difference, own peak."""
    rows = {}
    for name in (m.name for m in case.runner.muscles):
        own, other = np.interp(theirs["time"], case.time, activation(case, name)), theirs[name]
        rms = math.sqrt(np.mean((own - other) ** 2))
        rows[name] = (np.corrcoef(own, other)[0, 1], rms, own.max())
    return pd.DataFrame.from_dict(rows, orient="index", columns=["correlation", "rms", "peak"])

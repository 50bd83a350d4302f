"""A window of a measured stride, written by benchmarks.inverse_side, through MocoInverse.

The same model (muscle paths as polynomials), motion, forces, mesh, bounds and objective;
MocoInverse does the rest its own way. Its log goes to standard output.

    python -m benchmarks.moco_inverse --runner DIR --window DIR --iterations 100 --out FILE
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import opensim

from benchmarks.records import Window
from formats.description import RunnerDescription, read
from formats.files import run_command, write_json
from formats.names import TENDON_RATE

FREE = "free_"


def write_model(osim: Path, runner: RunnerDescription, out: Path) -> None:
    """The runner with implicit tendons and polynomial muscle paths, as an .osim file.

    MocoInverse balances every coordinate: those of the base, and those that are locked (prescribed
    here, for it takes no locks), get an actuator that costs nothing.
    """
    model = opensim.Model(str(osim))
    model.finalizeConnections()
    moved = {a.coordinate for a in runner.actuators}
    for coordinate in model.getCoordinateSet():
        coordinate.set_locked(False)
        if coordinate.getName() not in moved:
            actuator = opensim.CoordinateActuator(coordinate.getName())
            actuator.setName(f"{FREE}{coordinate.getName()}")
            actuator.setOptimalForce(100.0)
            model.addForce(actuator)
            actuator.thisown = False
    joints = {c.name: c.joint for c in runner.coordinates}
    for muscle in runner.muscles:
        component = model.getComponent(muscle.force_path)
        component.set_tendon_compliance_dynamics_mode("implicit")
        names = opensim.StdVectorString()
        for name in muscle.path.coordinates:
            names.append(f"/jointset/{joints[name]}/{name}")
        path = opensim.FunctionBasedPath()
        path.setCoordinatePaths(names)
        coefficients = opensim.Vector.createFromMat(np.array(muscle.path.coefficients))
        length = opensim.MultivariatePolynomialFunction(
            coefficients, len(muscle.path.coordinates), muscle.path.order
        )
        path.setLengthFunction(length)
        component.set_path(path)
    model.finalizeFromProperties()
    model.printToXML(str(out))


def write_kinematics(model: Path, source: Path, out: Path) -> None:
    """The window's motion with the default values of what was locked."""
    table = opensim.TimeSeriesTable(str(source))
    labels = set(table.getColumnLabels())
    loaded = opensim.Model(str(model))
    loaded.initSystem()
    for coordinate in loaded.getCoordinateSet():
        label = f"{coordinate.getAbsolutePathString()}/value"
        if label not in labels:
            constant = np.full(table.getNumRows(), coordinate.getDefaultValue())
            table.appendColumn(label, opensim.Vector.createFromMat(constant))
    table.addTableMetaDataString("inDegrees", "no")
    opensim.STOFileAdapter.write(table, str(out))


def study(model: Path, kinematics: Path, folder: Path, window: Window, iterations: int) -> Any:
    """The MocoStudy that MocoInverse sets up, with this problem's weights and bounds."""
    start, end = window["start_s"], window["end_s"]
    inverse = opensim.MocoInverse()
    processor = opensim.ModelProcessor(str(model))
    processor.append(opensim.ModOpAddExternalLoads(str(folder / "ground_forces.xml")))
    inverse.setModel(processor)
    inverse.setKinematics(opensim.TableProcessor(str(kinematics)))
    inverse.set_kinematics_allow_extra_columns(True)
    inverse.set_initial_time(start)
    inverse.set_final_time(end)
    inverse.set_mesh_interval((end - start) / window["intervals"])
    inverse.set_max_iterations(iterations)
    posed = inverse.initialize()
    problem = posed.updProblem()
    # MocoInverse's goal counts all controls alike; this one weighs them as the engine does.
    problem.updGoal("excitation_effort").setEnabled(False)
    effort = opensim.MocoControlGoal("effort")
    effort.setExponent(2)
    for path, weight in {**window["effort"], **window["reserves"]}.items():
        effort.setWeightForControl(path, weight)
    effort.setDivideByDuration(True)
    problem.addGoal(effort)
    for path, limits in window["activation"].items():
        problem.setStateInfo(f"{path}/activation", limits)
        problem.setControlInfo(path, limits)
        force = f"{path}/normalized_tendon_force"
        problem.setStateInfo(force, window["tendon_force"])
    for path in window["reserves"]:
        problem.setControlInfo(path, [-100.0, 100.0])
    for component in posed.updProblem().getPhase(0).getModel().getComponentsList():
        if component.getName().startswith(FREE):
            path = component.getAbsolutePathString()
            effort.setWeightForControl(path, 0.0)
            problem.setControlInfo(path, [-100.0, 100.0])
    solver = opensim.MocoCasADiSolver.safeDownCast(posed.updSolver())
    solver.set_transcription_scheme("trapezoidal")
    # For a coupled patella; the default method knows Hermite-Simpson only.
    solver.set_kinematic_constraint_method("Bordalba2023")
    solver.set_minimize_implicit_auxiliary_derivatives(True)
    solver.set_implicit_auxiliary_derivatives_weight(window["tendon"] / (end - start))
    rate = window["tendon_rate"]
    solver.set_implicit_auxiliary_derivative_bounds(opensim.MocoBounds(-rate, rate))
    return posed


def start_at(posed: Any, window: Window) -> None:
    """Let Moco start at the engine's answer; what costs nothing starts at zero."""
    solver = opensim.MocoCasADiSolver.safeDownCast(posed.updSolver())
    solver.resetProblem(posed.getProblem())
    guess = solver.createGuess("bounds")
    guess.setNumTimes(len(window["time"]))
    guess.setTime(_vector(window["time"]))
    for path in guess.getControlNames():
        guess.setControl(path, _vector(np.zeros(len(window["time"]))))
    for path, values in window["answer"].items():
        if path.endswith(f"/{TENDON_RATE}"):
            guess.setDerivative(path, _vector(values))
        elif path.endswith(("/activation", "/normalized_tendon_force")):
            guess.setState(path, _vector(values))
        else:
            guess.setControl(path, _vector(values))
    solver.setGuess(guess)


def _vector(values: Any) -> Any:
    return opensim.Vector.createFromMat(np.asarray(values, dtype=float))


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Share a window of a stride with MocoInverse.")
    parser.add_argument("--runner", type=Path, required=True, help="folder with runner.osim")
    parser.add_argument("--window", type=Path, required=True, help="folder with window.json")
    parser.add_argument("--start", choices=("own", "engine"), required=True)
    parser.add_argument("--iterations", type=int, required=True, help="at most")
    parser.add_argument("--out", type=Path, required=True, help="JSON file to write")
    args = parser.parse_args()
    runner = read(args.runner / "runner.json")
    window = json.loads((args.window / "window.json").read_text())
    with tempfile.TemporaryDirectory() as name:
        model = Path(name) / "polynomial.osim"
        write_model(args.runner / "runner.osim", runner, model)
        opensim.Logger.setLevelString("info")
        kinematics = Path(name) / "kinematics.sto"
        write_kinematics(model, args.window / "kinematics.sto", kinematics)
        posed = study(model, kinematics, args.window.resolve(), window, args.iterations)
        if args.start == "engine":
            start_at(posed, window)
        solution = posed.solve()
    if solution.isSealed():
        solution.unseal()
    times = solution.getTimeMat()
    activations = {
        path: np.interp(window["time"], times, solution.getStateMat(f"{path}/activation")).tolist()
        for path in window["activation"]
    }
    write_json(
        args.out,
        {
            "finished": bool(solution.success()),
            "status": solution.getStatus(),
            "iterations": solution.getNumIterations(),
            "seconds": solution.getSolverDuration(),
            "objective_total": solution.getObjective(),
            "activations": activations,
            "opensim": opensim.GetVersion(),
        },
    )


if __name__ == "__main__":
    run_command(main)

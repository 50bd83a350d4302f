"""The benchmark's problem in OpenSim Moco: the same model, terms, bounds, mesh and first guess.

What is alike: trapezoidal mesh over half a stride of given duration; implicit multibody and tendon
dynamics; polynomial muscle paths; mirrored end; mean speed; effort with each muscle's volume share;
accelerations and tendon rates squared; actuator effort; tracking with the same standard deviations;
bounds. What Moco offers otherwise is listed in against_moco. All else is Moco's default.

    python -m benchmarks.moco_study --runner DIR --problem FILE --start guess --iterations 5
        --out FILE
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import opensim

from analysis.replayed.dynamics import add_metabolics
from analysis.replayed.model import RunnerModel
from benchmarks.records import MocoRun, PlainProblem
from formats.description import RunnerDescription, read
from formats.files import run_command, write_json
from formats.names import TENDON_RATE

_ROOM_M = 10.0


def build_model(folder: Path, runner: RunnerDescription) -> RunnerModel:
    """runner.osim with polynomial paths, implicit tendons and a metabolic rate."""
    return RunnerModel(folder / "runner.osim", runner, "polynomial", extend=add_metabolics)


class Study:
    """A MocoStudy of the problem; `solve(start, iterations)` runs it."""

    def __init__(self, model: RunnerModel, content: PlainProblem) -> None:
        self.runner, self.content = model.runner, content
        self.joints = {c.name: c.joint for c in self.runner.coordinates}
        self.compliant = [m for m in self.runner.muscles if m.compliant_tendon]
        self.study = opensim.MocoStudy()
        self.problem = self.study.updProblem()
        self.problem.setModel(model.model)
        self._bounds()
        self._goals()

    # The problem

    def coordinate(self, name: str) -> str:
        """Absolute path of a coordinate."""
        return f"/jointset/{self.joints[name]}/{name}"

    def _bounds(self) -> None:
        bounds = self.content["bounds"]
        end = self.content["duration_s"]
        self.problem.setTimeBounds(0.0, end)
        for name in self.joints:
            value, speed = bounds[f"value/{name}"], bounds[f"speed/{name}"]
            path = self.coordinate(name)
            if name == "pelvis_tx":
                self.problem.setStateInfo(f"{path}/value", [-_ROOM_M, _ROOM_M], [0.0, 0.0])
            else:
                self.problem.setStateInfo(f"{path}/value", value)
            self.problem.setStateInfo(f"{path}/speed", speed)
        for muscle in self.runner.muscles:
            path, name = muscle.force_path, muscle.name
            self.problem.setStateInfo(f"{path}/activation", bounds[f"activation/{name}"])
            self.problem.setControlInfo(path, bounds[f"excitation/{name}"])
        for muscle in self.compliant:
            limits = bounds[f"normalized_tendon_force/{muscle.name}"]
            self.problem.setStateInfo(f"{muscle.force_path}/normalized_tendon_force", limits)
        for actuator in self.runner.actuators:
            self.problem.setControlInfo(actuator.force_path, bounds[f"control/{actuator.name}"])

    def _goals(self) -> None:
        self._symmetry()
        speed = opensim.MocoAverageSpeedGoal("speed")
        speed.set_desired_average_speed(self.content["speed_m_s"])
        self.problem.addGoal(speed)
        self._effort()
        self._metabolics()
        self._tracking()

    def _symmetry(self) -> None:
        goal = opensim.MocoPeriodicityGoal("symmetry")

        def state(sign: int, first: str, last: str) -> None:
            add = goal.addStatePair if sign == 1 else goal.addNegatedStatePair
            add(opensim.MocoPeriodicityGoalPair(first, last))

        def control(sign: int, first: str, last: str) -> None:
            add = goal.addControlPair if sign == 1 else goal.addNegatedControlPair
            add(opensim.MocoPeriodicityGoalPair(first, last))

        for c in self.runner.coordinates:
            own, image = self.coordinate(c.name), self.coordinate(c.mirror)
            if c.name != "pelvis_tx":
                state(c.mirror_sign, f"{own}/value", f"{image}/value")
            state(c.mirror_sign, f"{own}/speed", f"{image}/speed")
        paths = {m.name: m.force_path for m in self.runner.muscles}
        for muscle in self.runner.muscles:
            own, image = muscle.force_path, paths[muscle.mirror]
            state(1, f"{own}/activation", f"{image}/activation")
            if muscle.compliant_tendon:
                force = "normalized_tendon_force"
                state(1, f"{own}/{force}", f"{image}/{force}")
            control(1, own, image)
        controls = {a.name: a.force_path for a in self.runner.actuators}
        for actuator in self.runner.actuators:
            control(actuator.mirror_sign, actuator.force_path, controls[actuator.mirror])
        self.problem.addGoal(goal)

    def _effort(self) -> None:
        """Squared controls: excitations by volume share, and the actuators."""
        weights = self.content["weights"]
        goal = opensim.MocoControlGoal("effort")
        goal.setExponent(2)
        for muscle in self.runner.muscles:
            share = self.content["effort_share"][muscle.name]
            goal.setWeightForControl(muscle.force_path, weights["excitation"] * share)
        for actuator in self.runner.actuators:
            goal.setWeightForControl(actuator.force_path, weights["actuator"])
        goal.setDivideByDuration(True)
        self.problem.addGoal(goal)

    def _metabolics(self) -> None:
        weight = self.content["weights"]["metabolic"]
        if not weight:
            return
        # (rate / mass)^2: the division comes after the square.
        goal = opensim.MocoOutputGoal("metabolic", weight / self.runner.model_mass)
        goal.setOutputPath("/metabolics|total_metabolic_rate")
        goal.setExponent(2)
        goal.setDivideByMass(True)
        goal.setDivideByDuration(True)
        self.problem.addGoal(goal)

    def _tracking(self) -> None:
        reference = self.content["reference"]
        table = opensim.TimeSeriesTable()
        labels = [f"{self.coordinate(n)}/value" for n in reference["coordinates"]]
        table.setColumnLabels(labels)
        table.addTableMetaDataString("inDegrees", "no")
        rows = np.array(list(reference["coordinates"].values())).T
        for time, row in zip(reference["time"], rows, strict=True):
            table.appendRow(time, opensim.RowVector.createFromMat(row))
        goal = opensim.MocoStateTrackingGoal("habit", self.content["weights"]["habit"])
        goal.setReference(opensim.TableProcessor(table))
        for name in reference["coordinates"]:
            sd = self.content["sd"].get(name)
            weight = 0.0 if sd is None else 1.0 / sd**2
            goal.setWeightForState(f"{self.coordinate(name)}/value", weight)
        goal.setAllowUnusedReferences(True)
        goal.setDivideByDuration(True)
        self.problem.addGoal(goal)

    # The solver

    def solver(self, iterations: int) -> Any:
        """MocoCasADiSolver: Moco's defaults but for the transcription, the terms and the limit."""
        content, bounds = self.content, self.content["bounds"]
        solver = self.study.initCasADiSolver()
        solver.set_transcription_scheme(content["scheme"])
        solver.set_num_mesh_intervals(content["intervals"])
        solver.set_multibody_dynamics_mode("implicit")
        # Both integrals stand undivided in Moco; the engine's are means over the half stride.
        per_time = 1.0 / content["duration_s"]
        weights = content["weights"]
        solver.set_minimize_implicit_multibody_accelerations(True)
        solver.set_implicit_multibody_accelerations_weight(
            weights["acceleration"] * per_time / content["acceleration_unit"] ** 2
        )
        solver.set_minimize_implicit_auxiliary_derivatives(True)
        solver.set_implicit_auxiliary_derivatives_weight(
            weights["tendon"] * per_time / content["tendon_rate_unit"] ** 2
        )
        pelvis = bounds["acceleration/pelvis_tx"]
        solver.set_implicit_multibody_acceleration_bounds(opensim.MocoBounds(*pelvis))
        rates = bounds[f"tendon_force_rate/{self.compliant[0].name}"]
        solver.set_implicit_auxiliary_derivative_bounds(opensim.MocoBounds(*rates))
        solver.set_optim_max_iterations(iterations)
        return solver

    def guess(self, solver: Any, point: dict[str, list[float]]) -> Any:
        """A MocoTrajectory of the engine's node values."""
        times = np.array(self.content["phase"]) * self.content["duration_s"]
        trajectory = solver.createGuess("bounds")
        trajectory.setNumTimes(len(times))
        trajectory.setTime(vector(times))
        for name in self.joints:
            path = self.coordinate(name)
            trajectory.setState(f"{path}/value", vector(point[f"value/{name}"]))
            trajectory.setState(f"{path}/speed", vector(point[f"speed/{name}"]))
            trajectory.setDerivative(f"{path}/accel", vector(point[f"acceleration/{name}"]))
        for muscle in self.runner.muscles:
            path, name = muscle.force_path, muscle.name
            trajectory.setState(f"{path}/activation", vector(point[f"activation/{name}"]))
            trajectory.setControl(path, vector(point[f"excitation/{name}"]))
        for muscle in self.compliant:
            path, name = muscle.force_path, muscle.name
            force = vector(point[f"normalized_tendon_force/{name}"])
            trajectory.setState(f"{path}/normalized_tendon_force", force)
            rate = vector(point[f"tendon_force_rate/{name}"])
            trajectory.setDerivative(f"{path}/{TENDON_RATE}", rate)
        for actuator in self.runner.actuators:
            values = vector(point[f"control/{actuator.name}"])
            trajectory.setControl(actuator.force_path, values)
        return trajectory

    def solve(self, start: str, iterations: int) -> MocoRun:
        """Run Moco for at most so many iterations from a stored point; what it says of it."""
        solver = self.solver(iterations)
        solver.setGuess(self.guess(solver, self.content["points"][start]))
        solution = self.study.solve()
        if solution.isSealed():
            solution.unseal()
        return {
            "finished": bool(solution.success()),
            "status": solution.getStatus(),
            "iterations": solution.getNumIterations(),
            "seconds": solution.getSolverDuration(),
            "objective": {
                name: solution.getObjectiveTerm(name) for name in solution.getObjectiveTermNames()
            },
            "objective_total": solution.getObjective(),
        }


def vector(values: Any) -> Any:
    """An OpenSim vector of numbers."""
    return opensim.Vector.createFromMat(np.asarray(values, dtype=float))


def main() -> None:
    """Command line. Moco's own log goes to standard output."""
    parser = argparse.ArgumentParser(description="Run Moco on the benchmark's problem.")
    parser.add_argument("--runner", type=Path, required=True, help="folder without couplings")
    parser.add_argument("--problem", type=Path, required=True, help="problem.json")
    parser.add_argument("--start", choices=("guess", "solution"), required=True)
    parser.add_argument("--iterations", type=int, required=True, help="at most")
    parser.add_argument("--out", type=Path, required=True, help="JSON file to write")
    args = parser.parse_args()
    runner = read(args.runner / "runner.json")
    if runner.couplings:
        raise ValueError(f"{args.runner}: coupled coordinates; use benchmarks.rigid_patella first")
    content = json.loads(args.problem.read_text())
    model = build_model(args.runner, runner)
    opensim.Logger.setLevelString("info")
    record = Study(model, content).solve(args.start, args.iterations)
    write_json(args.out, record | {"opensim": opensim.GetVersion()})


if __name__ == "__main__":
    run_command(main)

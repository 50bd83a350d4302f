"""A case folder whose motion is true by construction: the small runner hops, integrated forward.

Tendon forces are constant, so their rates are zero; activations are those at which the fibre holds
the tendon (the equilibrium is linear in activation). Everything a certificate asks is then met
except what only a periodic stride can meet.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from analysis.replayed.coupling import evaluate
from analysis.replayed.model import RunnerModel
from analysis.replayed.replay import vector
from analysis.replayed.windows import Stepper
from formats.description import read
from formats.files import write_json
from formats.names import SIDES, TENDON_RATE
from formats.storage import write_storage
from tests.analysis import small_description

TENDON = {"psoas": 0.05, "glmax2": 0.06, "semimem": 0.03, "vaslat": 0.08, "soleus": 0.06}
START = {"pelvis_ty": 0.98, "hip_flexion": 0.40, "knee_angle": 0.5, "ankle_angle": 0.12}
START_SPEED = {"pelvis_tx": 1.2, "pelvis_ty": -1.2}
LUMBAR_CONTROL = 0.2


def write_case(
    folder: Path,
    *,
    duration: float = 0.2,
    nodes: int = 101,
    strength: float = 1.0,
    height: float = 0.0,
) -> None:
    """Write the whole case folder: runner, motion, forces, solver record.

    strength: factor on all tendon forces; height (m) above the usual start.
    """
    small_description.write(folder)
    runner = read(folder / "runner.json")
    model = RunnerModel(folder / "runner.osim", runner, "polynomial")
    stepper = Stepper(model)
    names = model.coordinates
    time = np.linspace(0, duration, nodes)
    controls = np.zeros(model.model.getNumControls())
    marker = vector(controls)
    model.actuators["/forceset/lumbar"].addInControls(vector(np.ones(1)), marker)
    controls[int(np.argmax(marker.to_numpy()))] = LUMBAR_CONTROL
    base = model.default_y.copy()
    for muscle in runner.muscles:
        path = f"{muscle.force_path}/normalized_tendon_force"
        base[model.y_index[path]] = strength * TENDON[muscle.name[:-2]]
    q = np.array([START.get(n, START.get(n[:-2], 0.0)) for n in names])
    q[names.index("pelvis_ty")] += height
    u = np.array([START_SPEED.get(n, 0.0) for n in names])
    motion: dict[str, list[float]] = {"time": list(time)}
    derivatives: dict[str, list[float]] = {"time": list(time)}
    control_table = {"time": list(time)}
    forces: dict[str, list[float]] = {"time": list(time)}
    centre: list[float] = []

    def put(table: dict[str, list[float]], name: str, value: float) -> None:
        table.setdefault(name, []).append(float(value))

    for k, t in enumerate(time):
        y = stepper.fill(base, q, u)
        acceleration = stepper.acceleration(y, controls)
        state = stepper.state
        for name, value, speed, rate in zip(names, q, u, acceleration, strict=True):
            put(motion, f"{model.coordinate_path(name)}/value", value)
            put(motion, f"{model.coordinate_path(name)}/speed", speed)
            put(derivatives, f"{model.coordinate_path(name)}/accel", rate)
        for coupling in runner.couplings:
            i = names.index(coupling.independent)
            value, slope, _ = evaluate(coupling, q[i])
            path = f"/jointset/{coupling.joint}/{coupling.dependent}"
            put(motion, f"{path}/value", value)
            put(motion, f"{path}/speed", slope * u[i])
        centre.append(float(model.model.calcMassCenterPosition(state).get(0)))
        for side in SIDES:
            _put_ground_force(forces, model, state, side)
        for muscle, owner in zip(runner.muscles, model.muscles, strict=True):
            put(motion, f"{muscle.force_path}/activation", _activation(owner, model, state))
            held = strength * TENDON[muscle.name[:-2]]
            put(motion, f"{muscle.force_path}/normalized_tendon_force", held)
            put(derivatives, f"{muscle.force_path}/{TENDON_RATE}", 0.0)
            put(control_table, muscle.force_path, motion[f"{muscle.force_path}/activation"][-1])
        put(control_table, "/forceset/lumbar", LUMBAR_CONTROL)
        if k + 1 < nodes:
            q, u = runge_kutta(stepper, q, u, time[k + 1] - t, base, controls)
    files = {"motion.sto": motion, "derivatives.sto": derivatives}
    files |= {"controls.sto": control_table, "ground_forces.mot": forces}
    for name, table in files.items():
        write_storage(folder / name, pd.DataFrame(table))
    write_json(folder / "case.json", {
        "case": folder.name, "runner": "small", "problem": "track",
        "speed_m_s": (centre[-1] - centre[0]) / duration,
        "arm": "hip_flexors", "side": "both", "dose_percent": 100, "cadence": "free",
        "habit_weight": 0.0, "objective": "effort", "start": "cold", "mesh_intervals": nodes - 1,
    })  # fmt: skip
    write_json(folder / "solver.json", {
        "status": "converged", "reason": "", "return_status": "integrated forward",
        "iterations": 0, "solve_time_s": 0.0, "objective": {}, "active_bounds": [],
        "mesh_intervals": nodes - 1, "scheme": "trapezoidal",
    })  # fmt: skip


def _activation(muscle, model, state) -> float:  # type: ignore[no-untyped-def]
    """The activation at which fibre and tendon forces agree: the residual is linear in it."""
    residual = []
    for trial in (0.0, 1.0):
        muscle.setActivation(state, trial)
        muscle.setDiscreteVariableValue(state, TENDON_RATE, 0.0)
        model.model.realizeDynamics(state)
        residual.append(muscle.getEquilibriumResidual(state))
    return residual[0] / (residual[0] - residual[1])


def runge_kutta(
    stepper: Stepper,
    q: np.ndarray,
    u: np.ndarray,
    span: float,
    base: np.ndarray,
    controls: np.ndarray,
    steps: int = 8,
) -> tuple[np.ndarray, np.ndarray]:
    """q, u after a span (s), classical, fourth order: not the method that the windows use."""
    h = span / steps

    def slope(q: np.ndarray, u: np.ndarray) -> np.ndarray:
        return stepper.acceleration(stepper.fill(base, q, u), controls)

    for _ in range(steps):
        a1 = slope(q, u)
        a2 = slope(q + h / 2 * u, u + h / 2 * a1)
        a3 = slope(q + h / 2 * u + h * h / 4 * a1, u + h / 2 * a2)
        a4 = slope(q + h * u + h * h / 2 * a2, u + h * a3)
        q, u = q + h * u + h * h / 6 * (a1 + a2 + a3), u + h / 6 * (a1 + 2 * a2 + 2 * a3 + a4)
    return q, u


def _put_ground_force(table, model, state, side) -> None:  # type: ignore[no-untyped-def]
    """Sum of the spheres' forces at the point on the floor where it has no horizontal moment."""
    force, moment = np.zeros(3), np.zeros(3)
    for sphere, item in zip(
        model.contacts[side], [c for c in model.runner.contacts if c.body[-1] == side], strict=True
    ):
        spatial = sphere.getSphereForce(state)
        origin = model.bodies[item.body].getPositionInGround(state).to_numpy()
        f = spatial.get(1).to_numpy()
        force += f
        moment += spatial.get(0).to_numpy() + np.cross(origin, f)
    point = np.zeros(3)
    if force[1] != 0:
        point = np.array([moment[2] / force[1], 0.0, -moment[0] / force[1]])
    torque = moment - np.cross(point, force)
    for axis, f, p, t in zip("xyz", force, point, torque, strict=True):
        table.setdefault(f"ground_force_{side}_v{axis}", []).append(f)
        table.setdefault(f"ground_force_{side}_p{axis}", []).append(p)
        table.setdefault(f"ground_torque_{side}_{axis}", []).append(t)

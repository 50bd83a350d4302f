"""Measured motion: joint moments by hand, shares in closed form, mirrored, read back from files."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import casadi as ca
import numpy as np
import pandas as pd
import pytest

from formats.description import Actuator, RunnerDescription
from formats.objectives import calibrated
from formats.origin import origin
from simulations import inverse
from simulations.collocation import objective
from simulations.collocation.layout import Layout
from simulations.collocation.scheme import scheme
from simulations.equations.multibody import inverse_dynamics
from simulations.output import motion
from simulations.output.balance import coordinates
from simulations.problems import sharing
from simulations.problems.prescribed import Demand, Prescriber
from simulations.problems.sharing import Shared
from simulations.solving.load_sharing import STARTS, Sharer, whole
from simulations.solving.run import versions
from tests.simulations import trial_folder, two_feet
from tests.simulations.conftest import Solved
from tests.simulations.two_feet import ARMS, FORCES, LEG_CENTER, LEG_INERTIA, LEG_MASS

SQUARED = objective.objective("activation_squared")
GRAVITY = 9.80665


def still(nodes: int) -> np.ndarray:
    return np.zeros((6, nodes))


def swinging(runner: RunnerDescription, intervals: int = 30, duration: float = 0.7) -> Demand:
    """Legs that swing against each other under a bouncing pelvis, a foot's force on the right."""
    time = np.linspace(0, duration, intervals + 1)
    rate = 2 * np.pi / duration
    wave, slope = np.sin(rate * time), np.cos(rate * time)
    q = np.stack([0.1 + 0 * time, 3 * time, 0.9 + 0.02 * slope, 0.4 * wave, -0.3 * wave + 0.1])
    zero = 0 * time
    u = np.stack([zero, 3 + zero, -0.02 * rate * wave, 0.4 * rate * slope, -0.3 * rate * slope])
    du = rate**2 * np.stack([zero, zero, -0.02 * slope, -0.4 * wave, 0.3 * wave])
    load = np.clip(wave, 0, None)
    point = q[1] + 0.1 * slope
    wrench = np.stack([50 * load, 600 * load, 0 * load, 0 * load, 0 * load, point * 600 * load])
    return Prescriber(runner).demand(time, q, u, du, {"r": wrench, "l": still(len(time))})


def test_moments_by_hand() -> None:
    """A leg about its hip: inertia, weight under a rising hip, and the force's moment about it."""
    runner = two_feet.runner()
    demand = swinging(runner)
    tilt, x, y, right, left = demand.q
    rise = demand.du[2]
    force = demand.wrenches["r"]
    about_hip = force[5] - (x * force[1] - y * force[0])
    for row, angle, applied in ((3, tilt + right, about_hip), (4, tilt + left, 0)):
        inertia = (LEG_INERTIA + LEG_MASS * LEG_CENTER**2) * demand.du[row]
        weight = LEG_MASS * LEG_CENTER * (GRAVITY + rise) * np.sin(angle)
        np.testing.assert_allclose(demand.moments[row], inertia + weight - applied, atol=1e-9)
    whole_mass = runner.model_mass
    falls = LEG_MASS * LEG_CENTER * (
        demand.du[3] * np.sin(tilt + right) + demand.u[3] ** 2 * np.cos(tilt + right)
        + demand.du[4] * np.sin(tilt + left) + demand.u[4] ** 2 * np.cos(tilt + left)
    )  # fmt: skip
    vertical = whole_mass * (GRAVITY + rise) + falls - force[1]
    np.testing.assert_allclose(demand.moments[2], vertical, atol=1e-9)


def test_measured_forces_act_as_the_spheres_do(runner: RunnerDescription, solved: Solved) -> None:
    """From each foot's summed wrench come the moments of its spheres, but for the toes' own."""
    demand = predicted_demand(runner, solved)
    n = len(runner.coordinates)
    q, u, du = (ca.SX.sym(name, n) for name in ("q", "u", "du"))
    spheres = ca.Function("spheres", [q, u, du], [inverse_dynamics(runner, q, u, du)])
    expected = np.array(spheres.map(len(demand.time))(demand.q, demand.u, demand.du))
    toes = sharing.beyond_the_force(runner)
    rows = [i for i, c in enumerate(runner.coordinates) if c.name not in toes]
    assert len(rows) == n - 2
    assert np.abs(expected[rows]).max() > 100
    np.testing.assert_allclose(demand.moments[rows], expected[rows], atol=1e-6)


def predicted_demand(runner: RunnerDescription, solved: Solved) -> Demand:
    """The demand of a predicted stride at its own nodes, its ground force as if measured."""
    stride = motion.unroll(solved.problem, solved.found.x)
    table = motion.ground_forces(runner, stride)
    wrenches = {}
    for side in "rl":
        force, point, torque = (
            np.stack([table[f"{stem}{axis}"] for axis in "xyz"])
            for stem in (
                f"ground_force_{side}_v",
                f"ground_force_{side}_p",
                f"ground_torque_{side}_",
            )
        )
        wrenches[side] = np.concatenate([force, np.cross(point, force, axis=0) + torque])
    blocks = (stride.block(name) for name in ("q", "u", "du"))
    return Prescriber(runner).demand(stride.time, *blocks, wrenches)


def with_reserves(runner: RunnerDescription) -> RunnerDescription:
    moved = {a.coordinate for a in runner.actuators}
    base = {j.name for j in runner.joints if j.parent == "ground"}
    added = [
        Actuator(
            name=f"reserve_{c.name}", force_path=f"/forceset/reserve_{c.name}",
            mirror=f"reserve_{c.mirror}", mirror_sign=c.mirror_sign, coordinate=c.name,
            optimal_force=10.0, min_control=-1, max_control=1,
        )
        for c in runner.coordinates
        if c.name not in moved and c.joint not in base
    ]  # fmt: skip
    return runner.model_copy(update={"actuators": [*runner.actuators, *added]})


@pytest.fixture(scope="module")
def shared_prediction(runner: RunnerDescription, solved: Solved) -> Shared:
    """A predicted stride, handed over as if it had been measured."""
    own = with_reserves(runner)
    demand = predicted_demand(runner, solved)
    grid = scheme("trapezoidal", len(demand.time) - 1)
    return Sharer.build(own, SQUARED, grid).solve(demand)


def test_a_predicted_stride_is_shared_without_reserves(shared_prediction: Shared) -> None:
    """There is an answer without them: the prediction's own."""
    assert shared_prediction.stop.converged
    joints = coordinates(shared_prediction)
    judged = {name: joint for name, joint in joints.items() if joint["judged"]}
    assert {"hip_flexion_r", "knee_angle_l", "ankle_angle_r"} <= set(judged)
    for name, joint in judged.items():
        assert joint["reserve_share"] < 0.01, name
    assert joints["lumbar_extension"]["moved_by"] == "actuators"


def test_shares_cost_no_more_than_the_predictions(
    shared_prediction: Shared, solved: Solved, runner: RunnerDescription
) -> None:
    stride = motion.unroll(solved.problem, solved.found.x)
    layout = Layout.of(runner)
    volume = np.array([m.max_isometric_force * m.optimal_fiber_length for m in runner.muscles])
    share = volume / volume.sum()
    weights = shared_prediction.problem.scheme.weights

    def effort(activation: np.ndarray) -> float:
        return float(share @ activation**2 @ weights)

    predicted = effort(stride.values[layout.block("a")])
    found = effort(shared_prediction.block("a"))
    assert 0.3 * predicted < found < predicted


def test_joint_moments_are_the_muscles_and_reserves(shared_prediction: Shared) -> None:
    """Moments recomputed from tendon forces, arms and controls; to 1e-4 N m."""
    problem, demand = shared_prediction.problem, shared_prediction.demand
    runner = problem.runner
    names = [c.name for c in runner.coordinates]
    given = np.zeros_like(demand.moments)
    for m, muscle in enumerate(runner.muscles):
        force = muscle.max_isometric_force * shared_prediction.block("F")[m]
        for i, name in enumerate(muscle.path.coordinates):
            given[names.index(name)] -= demand.arms[m][i] * force
    for actuator, control in zip(runner.actuators, shared_prediction.block("c"), strict=True):
        given[names.index(actuator.coordinate)] += actuator.optimal_force * control
    rows = problem.layout.balanced
    np.testing.assert_allclose(given[rows], demand.asked[rows], atol=1e-4)


@pytest.mark.parametrize("compliant", [True, False])
def test_two_muscles_share_a_constant_moment_in_closed_form(compliant: bool) -> None:
    """Least sum of s a^2 with r1 F1 a1 + r2 F2 a2 = M: a_i in proportion to r_i F_i / s_i.

    Held still at optimal fibre length, rigid tendons; compliant ones stretch, so that the fibre's
    force is looked up from the answer itself.
    """
    names = ("flexor", "second_flexor")
    runner = two_feet.runner(names, compliant=compliant)
    n = 20
    time = np.linspace(0, 1.0, n + 1)
    q = np.zeros((5, n + 1))
    force = still(n + 1)
    force[5] = -40.0  # a free moment on the right foot: 40 N m of flexion hold it
    demand = Prescriber(runner).demand(time, q, 0 * q, 0 * q, {"r": force, "l": still(n + 1)})
    found = Sharer.build(runner, SQUARED, scheme("trapezoidal", n)).solve(demand)
    assert found.stop.converged
    a = found.block("a")[[0, 2], n // 2]  # flexor_r, second_flexor_r
    pull = np.array([ARMS[m] * FORCES[m] for m in names])
    if compliant:
        strength = found.block("F")[[0, 2], n // 2] / a
        assert np.all(strength < 1)  # the tendon's stretch leaves the fibre short
    else:
        strength = np.full(2, 0.9994)  # De Groote's curves at optimal length and rest
        # Share by volume (equal fibre lengths) plus what excitation costs: the same in proportion.
        expected = pull / np.array([FORCES[m] for m in names])
        np.testing.assert_allclose(a[0] / a[1], expected[0] / expected[1], rtol=1e-3)
    np.testing.assert_allclose(pull @ (strength * a), 40.0, atol=0.3)


def test_weak_muscles_leave_it_to_reserves() -> None:
    runner = two_feet.runner(strength=0.2)
    demand = swinging(runner)
    found = Sharer.build(runner, SQUARED, scheme("trapezoidal", 30)).solve(demand)
    strong = two_feet.runner()
    other = Sharer.build(strong, SQUARED, scheme("trapezoidal", 30)).solve(swinging(strong))
    assert found.stop.converged
    assert other.stop.converged
    assert coordinates(found)["hip_flexion_r"]["reserve_share"] > 0.10
    assert coordinates(other)["hip_flexion_r"]["reserve_share"] < 0.02


def test_the_mirrored_trial_has_the_mirrored_answer() -> None:
    runner = two_feet.runner()
    sharer = Sharer.build(runner, SQUARED, scheme("trapezoidal", 30))
    demand = swinging(runner)
    swap = [0, 1, 2, 4, 3]
    other = sharer.prescriber.demand(
        demand.time,
        *(part[swap] for part in (demand.q, demand.u, demand.du)),
        {"r": demand.wrenches["l"], "l": demand.wrenches["r"]},
    )
    a, b = (whole(sharer.solve(d)) for d in (demand, other))
    image = motion.mirrored(runner, a.layout, a.values)
    for block in ("a", "F", "e", "c"):
        own = a.layout.block(block)
        np.testing.assert_allclose(b.values[own], image[own], atol=1e-4)


@pytest.mark.parametrize("name", sorted({*objective.OBJECTIVES} - {*calibrated()[1:]}))
@pytest.mark.parametrize("compliant", [True, False])
def test_derivatives_are_exact(name: str, compliant: bool) -> None:
    """Against CasADi's own derivatives of the whole graph."""
    runner = two_feet.runner(compliant=compliant)
    grid = scheme("hermite_simpson", 2)
    sharer = Sharer.build(runner, objective.objective(name), grid)
    posed = sharer.solve(swinging(runner, 4), max_iterations=0).problem
    x, p = ca.MX.sym("x", len(posed.lower)), ca.DM(posed.parameters)
    program = posed.program
    f, g = program.nlp(x, p)
    lam = ca.MX.sym("lam", g.numel())
    generator = np.random.default_rng(3)
    at = generator.uniform(0.1, 0.6, len(posed.lower))
    multipliers = generator.normal(size=g.numel())
    gradient = ca.Function("f", [x], [ca.gradient(f, x)])(at)
    np.testing.assert_allclose(program.grad_f(at, p)[1], gradient, atol=1e-10)
    jacobian = ca.Function("j", [x], [ca.jacobian(g, x)])(at)
    np.testing.assert_allclose(program.jac_g(at, p)[1].full(), jacobian.full(), atol=1e-10)
    lagrangian = 0.7 * f + ca.dot(lam, g)
    hessian = ca.Function("h", [x, lam], [ca.hessian(lagrangian, x)[0]])(at, multipliers)
    own = program.hess_lag(at, p, 0.7, multipliers).full()
    np.testing.assert_allclose(own, np.triu(hessian.full()), atol=1e-9)


def test_a_runner_without_reserves_is_refused() -> None:
    with pytest.raises(ValueError, match="hip_flexion_r has no actuator; a measured runner needs"):
        inverse.check_runner(two_feet.runner(reserves=False))


def bouncing(folder: Path, change: dict[str, float] | None = None, **settings: object) -> Path:
    """A trial of the two-footed runner: the bouncing mass of trial_folder, legs that swing."""
    motion_table, forces = trial_folder.tables()
    time = motion_table.time.to_numpy()
    swing = 25 * np.sin(2 * np.pi * time / trial_folder.PERIOD)
    motion_table = motion_table.drop(columns="knee_angle_r").assign(
        pelvis_tilt=0 * time, hip_flexion_r=swing, hip_flexion_l=-swing, **(change or {})
    )
    forces = forces.assign(
        ground_force_r_px=3 * forces.time + 0.05, ground_force_l_px=3 * forces.time + 0.05
    )
    return trial_folder.write(folder, motion=motion_table, forces=forces, **settings)


def run(case: Path, trial: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "simulations.inverse", "--case", case, "--trial", trial]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def new_case(folder: Path, runner: RunnerDescription) -> Path:
    folder.mkdir()
    (folder / "runner.json").write_text(runner.model_dump_json())
    settings = {
        "case": "two_feet_100", "problem": "inverse", "speed_m_s": 3.0,
        "objective": "activation_squared", "mesh_intervals": 20, "side": "both",
        "cadence": "free", "start": "cold", "dose_percent": 100, "habit_weight": 0,
    }  # fmt: skip
    (folder / "case.json").write_text(json.dumps(settings))
    return folder


def storage(path: Path) -> pd.DataFrame:
    lines = path.read_text().splitlines()
    return pd.read_csv(path, sep="\t", skiprows=lines.index("endheader") + 1)


def test_the_command_writes_what_a_predicted_case_has(tmp_path: Path) -> None:
    case = new_case(tmp_path / "case", two_feet.runner())
    trial = bouncing(tmp_path / "trial", stride=[2, 1])
    done = run(case, trial)
    assert done.returncode == 0, done.stderr
    solver = json.loads((case / "solver.json").read_text())
    assert solver["status"] == "converged"
    assert solver["stride_time_s"] == pytest.approx(trial_folder.PERIOD, abs=1e-3)
    # What made it is told as a prediction's is.
    assert solver["made"].keys() == origin().keys()
    assert solver["versions"] == versions()
    # The best of several starts is the case.
    ends = [start["objective"] for start in solver["starts"]]
    assert len(ends) == len(STARTS)
    assert sum(solver["objective"].values()) == pytest.approx(min(ends), rel=1e-12)
    assert solver["iterations"] == solver["starts"][0]["iterations"]
    report = json.loads((case / "inverse.json").read_text())
    assert report["stride"]["number"] == 2
    assert report["stride"]["left_contact_s"] == pytest.approx(
        report["stride"]["start_s"] + trial_folder.STEP_TIME, abs=1e-3
    )
    other = json.loads((case / "stride_1" / "inverse.json").read_text())
    assert other["stride"]["end_s"] == pytest.approx(report["stride"]["start_s"], abs=1e-6)
    assert report["reserves"]["refused"] == []
    assert report["coordinates"]["hip_flexion_r"]["moment_peak"] > 10
    states, controls = storage(case / "motion.sto"), storage(case / "controls.sto")
    for folder, frame in (
        (case, states),
        (case / "stride_1", storage(case / "stride_1/motion.sto")),
    ):
        assert len(frame) == 41, folder
        assert np.isfinite(frame.to_numpy()).all()
    hip = states["/jointset/hip_r/hip_flexion_r/value"]
    assert hip.max() == pytest.approx(np.deg2rad(25), abs=0.01)
    assert {"/forceset/flexor_r", "/forceset/reserve_hip_flexion_l"} <= set(controls)
    forces = storage(case / "ground_forces.mot")
    peak = trial_folder.force(np.linspace(0, 1, 1001), "r").max()
    assert forces.ground_force_r_vy.max() == pytest.approx(peak, rel=0.05)
    assert "/forceset/flexor_r/implicitderiv_normalized_tendon_force" in storage(
        case / "derivatives.sto"
    )


def test_the_command_says_in_one_line_what_is_wrong(tmp_path: Path) -> None:
    case = new_case(tmp_path / "case", two_feet.runner())
    trial = bouncing(tmp_path / "trial", mass_kg=50.0)
    done = run(case, trial)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "mass_kg" in done.stderr
    assert not (case / "solver.json").exists()

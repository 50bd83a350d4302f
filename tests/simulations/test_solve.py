"""A small real solve from start to files: found, found again, carried to its neighbours."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from formats.description import RunnerDescription
from formats.origin import solver_code
from simulations import predict
from simulations.collocation import objective
from simulations.output import motion
from simulations.problems.problem import Mesh, Problem, pose
from simulations.problems.reference import Reference
from simulations.solving import guess, run, solution
from simulations.solving.ipopt import CONSTRAINT_TOLERANCE, Guess
from simulations.solving.solve import solve
from tests.simulations.conftest import INTERVALS, SPEED, Solved

WEAKER = ("psoas", "iliacus", "recfem", "sart", "tfl")
TABLES = ("motion.sto", "controls.sto", "derivatives.sto", "ground_forces.mot")


def read(path: Path) -> pd.DataFrame:
    """An OpenSim storage file, its header checked."""
    lines = path.read_text().splitlines()
    end = lines.index("endheader")
    header = dict(line.split("=") for line in lines[1:end])
    assert header["inDegrees"] == "no"
    rows = [[float(value) for value in line.split("\t")] for line in lines[end + 2 :]]
    table = pd.DataFrame(rows, columns=lines[end + 1].split("\t"))
    assert table.shape == (int(header["nRows"]), int(header["nColumns"]))
    return table


def violation(problem: Problem, x: np.ndarray, corner: float) -> np.ndarray:
    return np.array(problem.program.nlp(x, problem.parameters_at(corner))[1]).ravel()


def test_cold_solve_converges(solved: Solved) -> None:
    found = solved.found
    assert found.converged
    assert found.return_status == "Solve_Succeeded"
    assert (
        np.abs(violation(solved.problem, found.x, found.corner)).max() < 10 * CONSTRAINT_TOLERANCE
    )
    assert np.all(found.x >= solved.problem.lower - 1e-7)
    assert np.all(found.x <= solved.problem.upper + 1e-7)


def test_solution_runs(solved: Solved) -> None:
    """At the stated speed, the ground carrying the body's weight on the whole.

    The mean force is the weight but for the mesh: accelerations are not integrated exactly.
    """
    stride = motion.unroll(solved.problem, solved.found.x)
    q = stride.block("q")
    names = [c.name for c in solved.problem.runner.coordinates]
    travel = q[names.index("pelvis_tx")]
    assert (travel[-1] - travel[0]) / stride.time[-1] == pytest.approx(SPEED, abs=1e-6)
    forces = motion.ground_forces(solved.problem.runner, stride)
    up = forces.ground_force_r_vy + forces.ground_force_l_vy
    weight = solved.problem.runner.model_mass * 9.80665
    assert np.trapezoid(up, stride.time) / stride.time[-1] == pytest.approx(weight, rel=1e-3)
    fore = forces.ground_force_r_vx + forces.ground_force_l_vx
    assert abs(np.trapezoid(fore, stride.time)) / stride.time[-1] < 1e-3 * weight
    assert forces.ground_force_r_vy.max() > 1.2 * weight
    assert 0.5 < stride.time[-1] < 1.0


def test_tracking_follows(solved: Solved, norms: Reference) -> None:
    """Joint angles within a few SD of what they track, and more tightly with more weight on it."""
    stride = motion.unroll(solved.problem, solved.found.x)
    wanted = norms.at(stride.time / stride.time[-1])
    names = [c.name for c in solved.problem.runner.coordinates]
    for name in ("hip_flexion_r", "knee_angle_r", "ankle_angle_l"):
        i = names.index(name)
        assert np.sqrt(np.mean((stride.block("q")[i] - wanted[i]) ** 2)) < 0.15


def test_warm_start_changes_nothing(solved: Solved) -> None:
    """Solved again from itself: few iterations, the same unknowns."""
    start = guess.neighbour(solved.problem, solved.stored)
    assert start.warm
    again = solve(solved.problem, start)
    assert again.converged
    assert again.iterations < 40 < solved.found.iterations
    np.testing.assert_allclose(again.x, solved.found.x, rtol=0, atol=1e-8)


def test_objective_by_term(solved: Solved) -> None:
    """The recorded terms sum to what was minimised; doubling a weight doubles its term."""
    program, parameters = solved.problem.program, solved.problem.parameters
    f = float(program.nlp(solved.found.x, parameters)[0])
    assert sum(solved.found.objective.values()) == pytest.approx(f, rel=1e-12)
    heavier = pose(
        solved.problem.runner, speed=SPEED, mesh=Mesh(INTERVALS),
        objective=objective.objective("metabolic_mix"), reference=solved.stored.reference(),
        habit_weight=2.0,
    )  # fmt: skip
    tracking = np.array(program.terms(solved.found.x, heavier.parameters)).ravel()
    assert tracking[-2] == pytest.approx(0, abs=1e-6)  # its own motion: no distance


def test_stride_is_periodic_and_mirrored(solved: Solved) -> None:
    problem = solved.problem
    stride = motion.unroll(problem, solved.found.x)
    layout, half = stride.layout, problem.program.scheme.nodes - 1
    assert stride.time.size == 2 * half + 1
    assert np.all(np.diff(stride.time) > 0)
    forward = [c.name for c in problem.runner.coordinates].index("pelvis_tx")
    first, middle, last = (stride.values[:, i].copy() for i in (0, half, -1))
    last[forward] -= SPEED * stride.time[-1]
    for name in ("q", "u", "a", "F", "e", "c"):
        own = layout.block(name)
        np.testing.assert_allclose(last[own], first[own], rtol=0, atol=1e-5)
    middle[forward] -= SPEED * stride.time[half]
    image = motion.mirrored(problem.runner, layout, first[:, None])[:, 0]
    states = layout.states
    np.testing.assert_allclose(middle[states], image[states], rtol=0, atol=1e-5)


def test_files_are_whole(solved: Solved) -> None:
    """Every table has the stride's nodes, the solver's numbers, and no stray temporary file."""
    stride = motion.unroll(solved.problem, solved.found.x)
    tables = {name: read(solved.folder / name) for name in TABLES}
    for table in tables.values():
        assert np.isfinite(table.to_numpy()).all()
        np.testing.assert_allclose(table["time"], stride.time, rtol=0, atol=1e-13)
    runner = solved.problem.runner
    for block, kind, name in (("q", "value", "motion.sto"), ("u", "speed", "motion.sto"),
                              ("du", "accel", "derivatives.sto")):  # fmt: skip
        for i, c in enumerate(runner.coordinates):
            column = tables[name][f"/jointset/{c.joint}/{c.name}/{kind}"]
            np.testing.assert_allclose(column, stride.block(block)[i], rtol=1e-13, atol=1e-13)
    for i, muscle in enumerate(runner.muscles):
        path = muscle.force_path
        for table, column, block in (
            ("motion.sto", f"{path}/activation", "a"),
            ("motion.sto", f"{path}/normalized_tendon_force", "F"),
            ("controls.sto", path, "e"),
            ("derivatives.sto", f"{path}/implicitderiv_normalized_tendon_force", "dF"),
        ):
            np.testing.assert_allclose(
                tables[table][column], stride.block(block)[i], rtol=1e-13, atol=1e-13
            )
    assert {"/jointset/patellofemoral_r/knee_angle_r_beta/value"} <= set(tables["motion.sto"])
    assert "ground_forces.mot" in (solved.folder / "ground_forces.xml").read_text()
    assert not list(solved.folder.glob(".*"))


def test_centre_of_pressure(solved: Solved) -> None:
    """Under the loaded foot; the free torque turns about the vertical only."""
    table = read(solved.folder / "ground_forces.mot")
    for side in "rl":
        loaded = table[f"ground_force_{side}_vy"] > 50
        assert loaded.any()
        assert (table[f"ground_force_{side}_py"] == 0).all()
        for axis in "xz":
            assert np.abs(table[f"ground_torque_{side}_{axis}"][loaded]).max() < 1e-9


def test_record(solved: Solved) -> None:
    record = json.loads((solved.folder / "solver.json").read_text())
    expected = {
        "status": "converged", "reason": "", "return_status": "Solve_Succeeded", "start": "cold",
        "speed_m_s": SPEED, "mesh_intervals": INTERVALS, "scheme": "trapezoidal",
        "iterations": solved.found.iterations, "unknowns": solved.problem.program.n_x,
    }  # fmt: skip
    assert expected.items() <= record.items()
    assert record["objective"] == solved.found.objective
    assert record["stride_time_s"] == pytest.approx(2 * solved.found.x[0])
    assert record["solve_time_s"] > 0
    assert record["constraint_violation"] < 1e-6
    assert {"casadi", "numpy", "python"} <= set(record["versions"])
    for bound in record["active_bounds"]:
        assert set(bound) == {"variable", "bound", "nodes"}
        assert bound["bound"] in ("lower", "upper")
    active = {bound["variable"] for bound in record["active_bounds"]}
    assert not active & {"duration", "value/pelvis_tx", "metabolic_rate/whole_body"}


def test_stored_solution_reads_back(solved: Solved) -> None:
    stored, program = solved.stored, solved.problem.program
    duration, z = program.unpack(solved.found.x)
    assert (stored.scheme, stored.spans, stored.duration) == ("trapezoidal", 2, duration)
    np.testing.assert_array_equal(stored.z, z)
    np.testing.assert_array_equal(stored.lam_g, solved.found.lam_g)
    assert len(stored.names) == program.layout.size == len(set(stored.names))
    np.testing.assert_array_equal(program.pack(duration, z), solved.found.x)
    own = stored.reference()
    np.testing.assert_allclose(
        own.at(program.scheme.phase / 2), z[program.layout.block("q")], rtol=0, atol=1e-12
    )


def test_stopped_solve_is_recorded_as_failed(
    solved: Solved, norms: Reference, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    start = guess.cold(solved.problem, norms)
    found = run.run(solved.problem, start, tmp_path, label="short", max_iterations=3)
    assert not found.converged
    record = json.loads((tmp_path / "solver.json").read_text())
    assert record["status"] == "failed"
    assert "Maximum_Iterations_Exceeded" in record["reason"]
    assert "[short] FAILED (Ipopt: Maximum_Iterations_Exceeded)" in capfd.readouterr().err
    assert all((tmp_path / name).exists() for name in TABLES)


def test_only_a_converged_run_is_started_from(solved: Solved, tmp_path: Path) -> None:
    assert run.usable(solved.folder)
    assert not run.usable(tmp_path)
    (tmp_path / solution.FILE).write_bytes((solved.folder / solution.FILE).read_bytes())
    for text in ('{"status": "failed"}', "broken", "{}"):
        (tmp_path / "solver.json").write_text(text)
        assert not run.usable(tmp_path)


def test_a_run_without_its_start_is_recorded_as_failed(tmp_path: Path) -> None:
    run.fail(tmp_path, "case", "the run it starts from has no solution")
    record = json.loads((tmp_path / "solver.json").read_text())
    assert (record["status"], record["iterations"]) == ("failed", 0)
    assert "no solution" in record["reason"]
    assert record["made"]["code"] == solver_code()
    # A rule's outputs are all there, so the failed run counts as made.
    assert {(tmp_path / name).stat().st_size for name in (*TABLES, solution.FILE)} == {0}


def weaker(runner: RunnerDescription, sides: str = "rl") -> RunnerDescription:
    """Hip flexors at 80 %."""
    names = {f"{name}_{side}" for name in WEAKER for side in sides}
    muscles = [
        m.model_copy(update={"max_isometric_force": 0.8 * m.max_isometric_force})
        if m.name in names
        else m
        for m in runner.muscles
    ]
    return runner.model_copy(update={"muscles": muscles})


def test_weaker_runner_from_warm_start(solved: Solved, case: dict[str, Any]) -> None:
    """80 % of the hip flexors, predicted from the 100 % run: converges, and is another run."""
    posed = predict.problem(
        weaker(solved.problem.runner),
        case | {"dose_percent": 80, "habit_weight": 1.0},
        solved.stored,
        solved.stored,
    )
    start = guess.neighbour(posed, solved.stored)
    assert start.warm
    found = solve(posed, start)
    assert found.converged
    assert np.abs(found.x - solved.found.x).max() > 1e-3


def test_cadence_fixes_the_stride_time(solved: Solved, case: dict[str, Any]) -> None:
    runner, stored = solved.problem.runner, solved.stored
    for cadence, ratio in (("locked", 1.0), ("+10%", 1 / 1.1), ("-10%", 1 / 0.9)):
        posed = predict.problem(
            runner, case | {"cadence": cadence, "mesh_intervals": 2}, stored, stored
        )
        expected = stored.duration * ratio
        assert posed.lower[0] == posed.upper[0] == pytest.approx(expected)
    free = predict.problem(runner, case | {"mesh_intervals": 2}, stored, stored)
    assert free.lower[0] < stored.duration < free.upper[0]


def test_one_sided_case_starts_from_the_half_stride(solved: Solved, case: dict[str, Any]) -> None:
    """A whole stride from half a one: a solution of the symmetric runner, near the other's."""
    case = case | {"side": "right", "dose_percent": 80, "mesh_intervals": INTERVALS}
    symmetric = solved.problem.runner
    for runner, limit in ((symmetric, 2e-6), (weaker(symmetric, "r"), 0.5)):
        posed = predict.problem(runner, case, solved.stored, solved.stored)
        assert posed.program.spans == 1
        start = guess.neighbour(posed, solved.stored)
        assert not start.warm
        assert start.x[0] == solved.stored.stride_time
        residual = np.abs(violation(posed, start.x, solved.found.corner))
        assert residual.max() < limit
        assert np.sqrt(np.mean(residual**2)) < 0.02
    # It starts: a few iterations do not break down.
    found = solve(posed, start, max_iterations=5)
    assert found.return_status == "Maximum_Iterations_Exceeded"
    assert np.isfinite(found.x).all()


def test_finer_mesh_starts_from_the_coarse(solved: Solved, case: dict[str, Any]) -> None:
    posed = predict.problem(
        solved.problem.runner,
        case | {"mesh_intervals": 2 * INTERVALS, "scheme": "hermite_simpson"},
        solved.stored,
        solved.stored,
    )
    start = guess.neighbour(posed, solved.stored)
    assert not start.warm
    duration, z = posed.program.unpack(start.x)
    assert duration == solved.stored.duration
    np.testing.assert_allclose(z[:, ::4], solved.stored.z, rtol=0, atol=1e-12)


def test_cold_guess_stands_on_the_ground(solved: Solved, norms: Reference) -> None:
    """The deepest sphere sinks in by a centimetre; all else of the norms' motion is kept."""
    start = guess.cold(solved.problem, norms)
    program = solved.problem.program
    _, z = program.unpack(start.x)
    q = (z * program.layout.scale[:, None])[program.layout.block("q")]
    lowest = guess.lowest_points(solved.problem.runner)
    heights = np.array([np.array(lowest(column)).ravel() for column in q.T])
    assert heights.min() == pytest.approx(-0.01, abs=1e-12)
    expected = norms.at(program.scheme.phase / 2)
    height = [c.name for c in solved.problem.runner.coordinates].index("pelvis_ty")
    keep = np.arange(len(q)) != height
    np.testing.assert_allclose(q[keep], expected[keep], rtol=0, atol=1e-12)
    assert np.ptp(q[height] - expected[height]) < 1e-12


def test_guess_of_another_runner_is_refused(solved: Solved) -> None:
    """Without one muscle pair a node has other unknowns."""
    runner = solved.problem.runner
    fewer = runner.model_copy(
        update={"muscles": [m for m in runner.muscles if not m.name.startswith("tibant")]}
    )
    posed = pose(
        fewer, speed=SPEED, mesh=Mesh(2), objective=objective.objective("metabolic_mix"),
        reference=solved.stored.reference(), habit_weight=1.0,
    )  # fmt: skip
    with pytest.raises(ValueError, match="unknowns a node") as error:
        guess.neighbour(posed, solved.stored)
    assert "\n" not in str(error.value)


def test_guess_is_brought_within_bounds(solved: Solved) -> None:
    """A start far outside does no harm: it is clipped, and the solve says how it went."""
    wild = Guess(solved.found.x * 0 + 1e3)
    found = solve(solved.problem, wild, max_iterations=2)
    assert not found.converged
    assert np.all(found.x <= solved.problem.upper + 1e-6)


def test_finer_mesh_starts_warm_and_says_the_same(solved: Solved, case: dict[str, Any]) -> None:
    """A solution and its multipliers carried to a doubled mesh are near that mesh's solution."""
    fine = case | {"mesh_intervals": 2 * INTERVALS}
    posed = predict.problem(solved.problem.runner, fine, solved.stored, solved.stored)
    start = guess.neighbour(posed, solved.stored)
    assert start.warm
    assert start.lam_x is not None and start.lam_x.shape == start.x.shape
    found = solve(posed, start, max_iterations=200)
    assert found.converged
    assert found.x[0] == pytest.approx(start.x[0], abs=0.02)
    # And the doubled mesh's own: doubled once more, from there, the objective hardly changes.
    finer = predict.problem(
        solved.problem.runner,
        case | {"mesh_intervals": 4 * INTERVALS},
        solved.stored,
        solved.stored,
    )
    again = solve(finer, guess.neighbour(finer, solved.stored), max_iterations=300)
    assert sum(found.objective.values()) == pytest.approx(sum(again.objective.values()), rel=0.25)


def test_elsewhere_is_another_motion_on_the_ground(solved: Solved, norms: Reference) -> None:
    """Angles some SD off the reference, another one for another seed, the same for the same."""
    starts = [
        guess.cold(solved.problem, guess.bent(solved.problem, norms, seed)) for seed in (1, 1, 2)
    ]
    np.testing.assert_array_equal(starts[0].x, starts[1].x)
    assert not starts[0].warm
    assert not starts[0].near
    program = solved.problem.program
    near = program.unpack(guess.cold(solved.problem, norms).x)[1]
    sd = objective.habit_sd(solved.problem.runner)
    angles = np.isfinite(sd)
    for start in (starts[0], starts[2]):
        off = (program.unpack(start.x)[1] - near)[program.layout.block("q")]
        rms = np.sqrt(np.mean((off[angles] / sd[angles, None]) ** 2))
        assert 0.4 < rms < 2.5
        assert 0.9 < start.x[0] * program.spans / norms.stride_time < 1.1
    assert np.abs(starts[0].x - starts[2].x).max() > 0.05

"""A measured stride through this engine, and a window of it written down for MocoInverse.

Written into the folder --out:

window.json    times, mesh, weights, bounds, reserves, and the window's answer, in plain numbers
kinematics.sto, ground_forces.mot, ground_forces.xml   the window with room around it, 1000 rows a s
engine_inverse.json  unknowns, iterations and seconds of the window and of the whole stride

    python -m benchmarks.inverse_side --runner DIR --trial FOLDER --out DIR
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np

from benchmarks.machine import machine, versions
from benchmarks.records import InverseSolve, Window
from formats import description
from formats.files import run_command, write_json, write_text
from formats.names import TENDON_RATE
from formats.storage import write_storage
from formats.trial.reading import Trial, for_runner
from simulations import inverse
from simulations.collocation.objective import RESERVE_UNIT
from simulations.collocation.objectives import Objective
from simulations.collocation.scheme import scheme
from simulations.output import motion
from simulations.problems import sharing
from simulations.problems.prescribed import Demand
from simulations.problems.problem import TENDON_FORCE_RANGE, TENDON_RATE_LIMIT
from simulations.problems.sharing import Shared
from simulations.solving.load_sharing import Sharer, whole

# Both sides minimise the mean of this: excitations squared by volume share, tendon rates, reserves.
EXCITATIONS = Objective("excitation_squared", excitation=20.0, tendon=1e-3, actuator=2.0)
_AROUND_S = 0.05
_ROWS_PER_S = 1000


def timed(sharer: Sharer, demand: Demand) -> tuple[Shared, InverseSolve]:
    """Solve, and what it took; node functions are built before, and counted apart."""
    began = time.process_time()
    found = sharer.solve(demand)
    if not found.stop.converged:
        raise ValueError(f"the engine did not converge: {found.stop.status}")
    return found, {
        "unknowns": len(found.stop.x),
        "intervals": sharer.scheme.intervals,
        "iterations": sum(start["iterations"] for start in found.starts),  # seconds are of all
        "seconds": found.seconds,
        "processor_seconds": time.process_time() - began,
        "objective": sharing.objective_terms(found.problem, found.stop.x),
    }


def write_window(out: Path, sharer: Sharer, trial: Trial, start: float, end: float) -> None:
    """The motion and the forces of a window with room around it, as files."""
    rows = round((end - start + 2 * _AROUND_S) * _ROWS_PER_S)
    at = np.linspace(start - _AROUND_S, end + _AROUND_S, rows + 1)
    order = [trial.curves.names.index(c.name) for c in sharer.runner.coordinates]
    q, u, du = (trial.curves.at(at, k)[order] for k in (0, 1, 2))
    wrenches = {side: trial.curves.wrench(side, at) for side in trial.curves.forces}
    values = motion.kinematics_table(sharer.runner, at, q, u, du)
    write_storage(out / "kinematics.sto", values, motion.DIGITS)
    table = motion.ground_table(at, wrenches)
    write_storage(out / "ground_forces.mot", table, motion.DIGITS)
    write_text(out / "ground_forces.xml", motion.external_loads())


def plain(found: Shared, start: float, end: float) -> Window:
    """The window's problem and answer without this engine's types."""
    runner, stride = found.problem.runner, whole(found)
    volume = np.array([m.max_isometric_force * m.optimal_fiber_length for m in runner.muscles])
    crossed = sharing.muscled(runner) - sharing.beyond_the_force(runner)
    paths = [m.force_path for m in runner.muscles]
    compliant = [paths[i] for i in found.problem.layout.compliant]

    def rows(owners: list[str], block: str) -> list[tuple[str, list[float]]]:
        return list(zip(owners, stride.block(block).tolist(), strict=True))

    return {
        "start_s": start,
        "end_s": end,
        "intervals": found.problem.scheme.intervals,
        "effort": {
            m.force_path: EXCITATIONS.excitation * share
            for m, share in zip(runner.muscles, (volume / volume.sum()).tolist(), strict=True)
        },
        "reserves": {
            a.force_path: EXCITATIONS.actuator * (a.optimal_force / RESERVE_UNIT) ** 2
            if a.coordinate in crossed
            else 0.0
            for a in runner.actuators
        },
        "tendon": EXCITATIONS.tendon / 10.0**2,
        "tendon_force": list(TENDON_FORCE_RANGE),
        "tendon_rate": TENDON_RATE_LIMIT,
        "activation": {m.force_path: [m.min_control, 1.0] for m in runner.muscles},
        "time": (start + stride.time).tolist(),
        "answer": {
            **{f"{p}/activation": row for p, row in rows(paths, "a")},
            **{f"{p}/normalized_tendon_force": row for p, row in rows(compliant, "F")},
            **{f"{p}/{TENDON_RATE}": row for p, row in rows(compliant, "dF")},
            **dict(rows(paths, "e")),
            **dict(rows([a.force_path for a in runner.actuators], "c")),
        },
    }


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Share a measured stride with this engine.")
    parser.add_argument("--runner", type=Path, required=True, help="folder with runner.json")
    parser.add_argument("--trial", type=Path, required=True, help="folder of the trial")
    parser.add_argument("--intervals", type=int, default=100, help="of the whole stride")
    parser.add_argument("--window", type=float, default=0.06, help="s, from mid-stance on")
    parser.add_argument("--window-intervals", type=int, default=6)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()

    runner = description.read(args.runner / "runner.json")
    inverse.check_runner(runner)
    trial = for_runner(args.trial, runner)
    stride = trial.chosen()[0]
    began = time.perf_counter()
    sharer = Sharer.build(runner, EXCITATIONS, scheme("trapezoidal", args.intervals))
    building = time.perf_counter() - began
    _, stride_record = timed(sharer, sharer.demand(trial, stride.start, stride.end))

    start = 0.5 * (stride.start + stride.toe_off) - args.window / 2
    short = sharer.on(scheme("trapezoidal", args.window_intervals))
    found, record = timed(short, short.demand(trial, start, start + args.window))
    args.out.mkdir(parents=True, exist_ok=True)
    write_window(args.out, short, trial, start, start + args.window)
    write_json(args.out / "window.json", plain(found, start, start + args.window))
    write_json(
        args.out / "engine_inverse.json",
        {
            "muscles": len(runner.muscles),
            "building_seconds": building,
            "window": record,
            "stride": stride_record,
            "machine": machine(),
            "versions": versions("casadi", "numpy"),
        },
    )


if __name__ == "__main__":
    run_command(main)

"""How time grows with the mesh and with the number of muscles.

    python -m benchmarks.scaling [--out results/benchmark] [--docs docs] [--solves]

What an iteration of Ipopt is made of, each by itself, so that no solve is needed: one evaluation of
the program's functions, one factorisation of the KKT matrix by MUMPS with its solution. The
matrix is that of a runner who stands in the norm curves' posture, with ones on the diagonal in
place of the barrier: its pattern is that of every iteration. Meshes: the spatial runner on 25 to
200 intervals. Muscles: the same skeleton with 18 or 36 of its muscles (pairs from all over the
list), all 80, and 92 (twelve of them twice). With --solves also a neighbouring dose of the planar
runner on every mesh, its baseline solved on that mesh before. Processor time throughout.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import casadi as ca
import numpy as np
import scipy.sparse as sp

from benchmarks import commands
from benchmarks.default_study import DOSE, Asked, asked
from benchmarks.machine import machine
from benchmarks.study_solves import NORMS, follow_norms, free_run, keep, timed
from benchmarks.tables import renew, table
from formats import description, origin
from formats.description import Muscle, RunnerDescription
from formats.files import run_command, write_json, write_text
from simulations.collocation import objective
from simulations.problems import reference
from simulations.problems.problem import Mesh, Problem, pose
from simulations.solving import guess, saddle_point

MESHES = (25, 50, 100, 200)
MUSCLES = (18, 36, 80, 92)
MARKS = ("<!-- scaling -->", "<!-- end of scaling -->")
"""Before and after the tables in a page."""
PARTS = ("functions", "factorisation with solution")
"""A solution by itself takes some hundredths of the factorisation: less than this is noisy by."""
_REPEATS = 3


def with_muscles(runner: RunnerDescription, count: int) -> RunnerDescription:
    """The runner with so many muscles: pairs spread over the list, or some pairs twice.

    Raises ValueError for an odd count, or more than twice what the runner has.
    """
    pairs = [(m, n) for m in runner.muscles for n in runner.muscles if m.mirror == n.name]
    pairs = [(m, n) for m, n in pairs if m.name < n.name]
    if count % 2 or not 2 <= count // 2 <= 2 * len(pairs):
        raise ValueError(f"{count} muscles: an even number up to {4 * len(pairs)} is needed")
    whole, wanted = pairs[: count // 2], count // 2
    if wanted < len(pairs):
        whole = [pairs[int(i)] for i in np.linspace(0, len(pairs) - 1, wanted)]
    more = [tuple(_twin(m) for m in pair) for pair in pairs[: max(wanted - len(pairs), 0)]]
    muscles = tuple(m for pair in (*whole, *more) for m in pair)
    return runner.model_copy(update={"muscles": muscles})


def _twin(muscle: Muscle) -> Muscle:
    names = {key: f"twin_{getattr(muscle, key)}" for key in ("name", "mirror")}
    return muscle.model_copy(update=names)


def posed(runner: RunnerDescription, wanted: Asked, intervals: int) -> tuple[Problem, np.ndarray]:
    """The default study's problem on a mesh, and unknowns at which its functions can be taken."""
    target = reference.from_norm_curves(NORMS, wanted.speed_m_s, runner)
    problem = pose(
        runner,
        speed=wanted.speed_m_s,
        mesh=Mesh(intervals),
        objective=objective.objective(wanted.objective),
        reference=target,
        habit_weight=wanted.habit_weight,
    )
    return problem, guess.cold(problem, target).x


def seconds(action: Callable[[], Any]) -> float:
    """Processor seconds of an action, the least of a few after a first."""
    action()
    found = []
    for _ in range(_REPEATS):
        began = time.process_time()
        action()
        found.append(time.process_time() - began)
    return min(found)


def parts(problem: Problem, x: np.ndarray) -> dict[str, float]:
    """Seconds of each of PARTS."""
    program, p = problem.program, problem.parameters
    lam = np.zeros(program.nlp.size1_out(1))

    def functions() -> tuple[sp.csc_matrix, sp.csc_matrix]:
        program.nlp(x, p)
        program.grad_f(x, p)
        slopes = program.jac_g(x, p)[1]
        return program.hess_lag(x, p, 1.0, lam).sparse(), slopes.sparse()

    upper, slopes = functions()
    free = np.flatnonzero(problem.lower < problem.upper)
    curvature = abs(upper + sp.triu(upper, 1).T).sum(axis=1)
    # Larger than any row of the Hessian: positive definite, as Ipopt makes it.
    hessian = upper + sp.triu(upper, 1).T + sp.diags(np.asarray(curvature).ravel() + 1.0)
    slopes = slopes.tocsc()[:, free]
    small = sp.diags(np.full(slopes.shape[0], -1e-8))
    kkt = sp.bmat([[hessian.tocsc()[free][:, free], slopes.T], [slopes, small]], format="csc")
    kkt, _ = saddle_point.equilibrated(kkt)
    kkt.sort_indices()
    count = int(kkt.shape[0])
    pattern = ca.Sparsity(count, count, kkt.indptr.tolist(), kkt.indices.tolist())
    matrix, right = ca.DM(pattern, kkt.data), ca.DM.ones(count)
    solver = ca.Linsol("kkt", "mumps", pattern, {"symmetric": True})
    solver.sfact(matrix)
    found = np.array(solver.solve(matrix, right)).ravel()
    # Backward error, without the refinement that Ipopt adds: enough to know that it is solved.
    residual = float((np.abs(kkt @ found - 1.0) / (abs(kkt) @ np.abs(found) + 1.0)).max())
    if not residual < 1e-3:
        raise ValueError(f"{problem.scheme.intervals} intervals: residual {residual:.1e}")
    times = (seconds(functions), seconds(lambda: solver.solve(matrix, right)))
    return dict(zip(PARTS, times, strict=True))


def exponent(sizes: Sequence[float], values: Sequence[float]) -> float:
    """The power of size that values grow with: the slope of their logarithms."""
    return float(np.polyfit(np.log(sizes), np.log(np.maximum(values, 1e-9)), 1)[0])


def grown(name: str, sizes: Sequence[int], records: list[dict[str, float]]) -> str:
    """A table: a row for each size, its parts in ms, and the exponents below."""
    header = [name, "unknowns", *(f"{part} (ms)" for part in PARTS), "an iteration (ms)"]
    rows = []
    for size, record in zip(sizes, records, strict=True):
        each = [record[part] for part in PARTS]
        times = [f"{1e3 * value:.0f}" for value in (*each, sum(each))]
        rows.append([str(size), f"{record['unknowns']:,.0f}", *times])
    columns = [[record[part] for record in records] for part in PARTS]
    columns.append([sum(values) for values in zip(*columns, strict=True)])
    powers = [f"{exponent(sizes, values):.2f}" for values in columns]
    return table(header, [*rows, ["exponent", "", *powers]])


def measured(
    runners: Sequence[RunnerDescription], meshes: Sequence[int], wanted: Asked
) -> list[dict[str, float]]:
    """Parts and number of unknowns for runners and meshes side by side."""
    records = []
    for runner, intervals in zip(runners, meshes, strict=True):
        problem, x = posed(runner, wanted, intervals)
        records.append({**parts(problem, x), "unknowns": float(problem.program.n_x)})
        print(f"{len(runner.muscles)} muscles, {intervals} intervals: {records[-1]}", flush=True)
    return records


def solves(folder: Path, out: Path, wanted: Asked) -> str:
    """A table: a planar dose on each mesh, from a baseline of that mesh."""
    weaker = out / "runner_weaker"
    options = {"runner": folder, "arm": wanted.arm, "dose": DOSE, "out": weaker}
    commands.run("models.strength", options)
    runner, weak = (description.read(one / "runner.json") for one in (folder, weaker))
    rows, used = [], []
    for intervals in MESHES:
        there = replace(wanted, mesh_intervals=intervals)
        followed, own = (out / f"{name}_{intervals}" for name in ("reference", "baseline"))
        follow_norms(runner, there, followed)
        problem, action = free_run(runner, there, 100.0, followed, followed)
        keep(own, problem, timed(problem, action)[0])
        _, record = timed(*free_run(weak, there, DOSE, followed, own))
        used.append(record["processor_seconds"])
        iterations = str(record["iterations"])
        rows.append([str(intervals), record["status"], iterations, f"{used[-1]:.2f}"])
    rows.append(["exponent", "", "", f"{exponent(MESHES, used):.2f}"])
    return table(["intervals", "ended", "iterations", "processor time (s)"], rows)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Measure how time grows with mesh and muscles.")
    parser.add_argument("--out", type=Path, default=Path("results/benchmark"))
    parser.add_argument("--docs", type=Path, help="folder of the page to renew")
    parser.add_argument("--solves", action="store_true", help="also a planar dose on each mesh")
    args = parser.parse_args()
    here, wanted = origin.commit(), asked()
    if args.docs and here["changed"]:
        raise ValueError("files differ from the commit: commit them, then measure")
    folders = {name: args.out / f"runner_{name}" for name in ("planar", "spatial")}
    for name, folder in folders.items():
        if not (folder / "runner.json").is_file():
            commands.run("models.build", {"runner": name, "out": folder})
    spatial = description.read(folders["spatial"] / "runner.json")
    by_mesh = measured([spatial] * len(MESHES), MESHES, wanted)
    peopled = [with_muscles(spatial, count) for count in MUSCLES]
    by_muscles = measured(peopled, [wanted.mesh_intervals] * len(MUSCLES), wanted)
    host, made = machine(), (here["commit"] or "-")[:7] + ("+" if here["changed"] else "")
    text = [
        f"Processor time on commit {made}, {host['cores']} cores of {host['cpu']}.",
        "",
        grown("intervals", MESHES, by_mesh),
        "",
        grown("muscles", MUSCLES, by_muscles),
    ]
    if args.solves:
        text += ["", solves(folders["planar"], args.out / "scaling", wanted)]
    write_json(args.out / "scaling.json", {**here, "meshes": by_mesh, "muscles": by_muscles})
    write_text(args.out / "scaling.md", "\n".join(text) + "\n")
    print("\n".join(text))
    if args.docs:
        renew(args.docs / "performance.md", "\n".join(text), MARKS)


if __name__ == "__main__":
    run_command(main)

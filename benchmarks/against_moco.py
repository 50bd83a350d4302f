"""This engine beside OpenSim Moco: the same planar problem, the same mesh, in one run.

The sides run one after the other, never at the same time, and write into --out: engine.json,
moco.json, moco_timed.log, moco_check.log, and of the comparison benchmark.json and benchmark.md.

    python -m benchmarks.against_moco [--intervals 25] [--moco-iterations 5] [--out DIR]
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from benchmarks import commands
from benchmarks.records import EngineSide, MocoRatios, MocoSide
from benchmarks.tables import table
from formats.files import run_command, write_json, write_text

DIFFERENCES = (
    "Both: the planar runner with its patellae welded to the femora (on this mesh Moco takes no "
    "coupled coordinates), muscle paths as polynomials, stride time given, the same first guess.",
    "Derivatives: Moco central finite differences; the engine exact.",
    "Hessian: Moco limited-memory; the engine limited-memory at first, then exact.",
    "Metabolic rate: Moco OpenSim's smoothed Bhargava component as an output; the engine the same "
    "model with its kinks rounded wider, and an unknown of each node.",
    "Friction: Moco OpenSim's; the engine rounds its corner (at the end by less than 0.25 N).",
)
# The engine's terms that make up each of Moco's.
TERMS = {
    "effort": ("excitation", "actuator"),
    "metabolic": ("metabolic",),
    "habit": ("habit",),
    "accelerations": ("acceleration",),
    "auxiliary_derivatives": ("tendon",),
}


def ratios(engine: EngineSide, moco: MocoSide) -> MocoRatios:
    """Moco's seconds over the engine's: per iteration, and per solve.

    per_iteration takes the mean of the engine's whole solve, exact Hessians included;
    per_iteration_limited_memory the engine with the same kind of Hessian as Moco.
    per_iteration_idle: from processor time, shared evenly by Moco's threads; what other programs
    on the machine took meanwhile is not in it. per_solve is a lower bound when Moco did not finish:
    the seconds it had had when it was stopped.
    """
    own, other = engine["solve"], moco["solve"]
    each = other["seconds_per_iteration"]
    limited = engine["limited_memory"]["seconds_per_iteration"]
    cpu = (own["processor_seconds_per_iteration"], other["processor_seconds_per_iteration"])
    return {
        "per_iteration": each / own["seconds_per_iteration"],
        "per_iteration_limited_memory": each / limited,
        "per_iteration_idle": cpu[1] / moco["threads"] / cpu[0],
        "per_solve": other["seconds"] / own["seconds"],
        "per_solve_is_lower_bound": not other["finished"],
        "engine_finished": own["finished"],
    }


def objectives(engine: EngineSide, moco: MocoSide) -> list[list[str]]:
    """Rows: term, the engine's value at its solution, Moco's value at the same point."""
    own, other = engine["solve"]["objective"], moco["at_engine_solution"]["objective"]
    rows = []
    for name, parts in TERMS.items():
        mine = sum(own[part] for part in parts)
        theirs = f"{other[name]:.6f}" if name in other else "-"
        rows.append([" + ".join(parts), f"{mine:.6f}", theirs])
    total = moco["at_engine_solution"]["objective_total"]
    return [*rows, ["sum", f"{engine['solve']['objective_total']:.6f}", f"{total:.6f}"]]


def report(engine: EngineSide, moco: MocoSide, intervals: int) -> str:
    """The comparison as Markdown."""
    own, other, at = engine["solve"], moco["solve"], moco["at_engine_solution"]
    found = ratios(engine, moco)
    at_least = ">= " if found["per_solve_is_lower_bound"] else ""
    ended = (
        f"{other['seconds']:.0f}"
        if other["finished"]
        else f"not finished after {other['iterations']} iterations, {other['seconds']:.0f} s"
    )
    mine = f"{own['seconds']:.1f}" if own["finished"] else f"not finished: {own['status']}"
    limited = engine["limited_memory"]["seconds_per_iteration"]
    each, others = own["seconds_per_iteration"], other["seconds_per_iteration"]
    rows = [
        ["unknowns", str(engine["unknowns"]), str(moco["unknowns"]), ""],
        ["constraints", str(engine["constraints"]), str(moco["constraints"]), ""],
        ["threads", str(engine["threads"]), str(moco["threads"]), ""],
        ["iterations", str(own["iterations"]), str(other["iterations"]), ""],
        [
            "s per iteration (limited-memory)",
            f"{limited:.3f}",
            f"{others:.2f}",
            f"{found['per_iteration_limited_memory']:.0f}",
        ],
        [
            "s per iteration (whole solve)",
            f"{each:.3f}",
            f"{others:.2f}",
            f"{found['per_iteration']:.0f}",
        ],
        [
            "processor s per iteration / threads",
            f"{own['processor_seconds_per_iteration']:.3f}",
            f"{other['processor_seconds_per_iteration'] / moco['threads']:.2f}",
            f"{found['per_iteration_idle']:.0f}",
        ],
        ["s per solve", mine, ended, f"{at_least}{found['per_solve']:.0f}"],
    ]
    here = engine["machine"]
    kinds = {**engine["versions"], **moco["versions"]}
    return "\n".join(
        [
            f"# The same problem through this engine and OpenSim Moco, {intervals} intervals",
            "",
            table(["", "engine", "Moco", "ratio"], rows),
            "",
            "Objective at the engine's solution; there Moco's own constraints are violated by at "
            f"most {at['constraint_violation']:.1e} (N, N m, rad/s and so on, unscaled):",
            "",
            table(["term", "engine", "Moco"], objectives(engine, moco)),
            "",
            *(f"- {line}" for line in DIFFERENCES),
            "- Moco uses all cores by default, the engine one: that is in Moco's favour.",
            "",
            f"{here['cpu']}, {here['cores']} cores, {here['memory_gib']} GiB, {here['system']}; "
            + ", ".join(f"{name} {number}" for name, number in kinds.items()),
        ]
    )


def _progress(text: str) -> None:
    print(f"[benchmark] {text}", file=sys.stderr, flush=True)


def compare(runner: Path, args: argparse.Namespace) -> None:
    """Both sides in turn, then the comparison."""
    out: Path = args.out
    commands.run("benchmarks.rigid_patella", {"runner": runner, "out": out / "runner_rigid"})
    problem = {"runner": out / "runner_rigid", "out": out}
    _progress(f"engine: {args.intervals} intervals")
    chosen = {"intervals": args.intervals, "speed": args.speed, "weight": args.weight}
    commands.run("benchmarks.engine_side", {**problem, **chosen, "norms": args.norms})
    _progress(f"Moco: {args.moco_iterations} iterations, then its value of the engine's solution")
    bounded = {"problem": out / "problem.json", "iterations": args.moco_iterations}
    commands.run("benchmarks.moco_side", {**problem, **bounded})
    engine, moco = (json.loads((out / f"{side}.json").read_text()) for side in ("engine", "moco"))
    content = {"intervals": args.intervals, "ratio": ratios(engine, moco)}
    write_json(out / "benchmark.json", {**content, "engine": engine, "moco": moco})
    text = report(engine, moco, args.intervals)
    write_text(out / "benchmark.md", text + "\n")
    print(text, flush=True)


def parse(words: list[str] | None = None) -> argparse.Namespace:
    """The command's options. ValueError for numbers that make no sense."""
    parser = argparse.ArgumentParser(description="Time this engine beside OpenSim Moco.")
    parser.add_argument("--intervals", type=int, default=25, help="of half a stride")
    parser.add_argument(
        "--moco-iterations", type=int, default=5, help="Moco is stopped after these"
    )
    parser.add_argument("--runner", type=Path, help="folder of a planar runner; else it is built")
    parser.add_argument("--norms", type=Path, default=commands.ROOT / "analysis/norm_curves.csv")
    parser.add_argument("--speed", type=float, default=3.5, help="m/s")
    parser.add_argument("--weight", type=float, default=1.0, help="tracking weight")
    parser.add_argument("--out", type=Path, default=Path("results/benchmark"))
    args = parser.parse_args(words)
    smallest = {"intervals": 2, "moco_iterations": 1}
    for name, low in smallest.items():
        if getattr(args, name) < low:
            option = name.replace("_", "-")
            raise ValueError(f"--{option} {getattr(args, name)}: must be at least {low}")
    return args


def main() -> None:
    """Command line."""
    args = parse()
    runner = args.runner
    if runner is None:
        runner = args.out / "runner_planar"
        _progress("building the planar runner")
        commands.run("models.build", {"runner": "planar", "out": runner})
    compare(runner, args)


if __name__ == "__main__":
    run_command(main)

"""This engine beside OpenSim's MocoInverse: a measured stride shared among the muscles.

Both sides get the same runner, trial, mesh and objective, one after the other, over a window of the
stride that is short enough for MocoInverse; the engine then takes the whole stride, too. Written
into --out: engine_inverse.json, the logs, benchmark_inverse.json and benchmark_inverse.md.

    python -m benchmarks.against_moco_inverse [--trial FOLDER] [--runner DIR] [--out DIR]

Without --trial it is the example's, with the model that it was predicted with. Without --runner the
trial's model is taken in first (python -m models.own).
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np

from benchmarks import commands, moco_side
from benchmarks.machine import machine, versions
from benchmarks.records import Beside, InverseRun, InverseSide, Window
from benchmarks.tables import table
from formats.files import run_command, write_json, write_text

EXAMPLE = commands.ROOT / "examples" / "predicted_runner"
# Ipopt starts exactly at the given point, and near the end of its path.
_STAY = "bound_push 1e-12\nbound_frac 1e-12\nmu_init 1e-6\n"


def example(out: Path) -> Path:
    """The example's folder, whole: its model is built if it is not there."""
    built, folder = out / "runner_spatial", out / EXAMPLE.name
    if not (built / "runner.osim").exists():
        _progress("building the example's model")
        commands.run("models.build", {"runner": "spatial", "out": built})
    folder.mkdir(parents=True, exist_ok=True)
    for path in EXAMPLE.iterdir():
        shutil.copyfile(path, folder / path.name)
    shutil.copyfile(built / "runner.osim", folder / "model.osim")
    return folder


def moco(args: argparse.Namespace, start: str, iterations: int) -> InverseRun:
    """One run of MocoInverse in a folder of its own: what it returned, and its log's counts."""
    out: Path = args.out
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if start == "engine":
            (folder / "ipopt.opt").write_text(_STAY)
        command = commands.command(
            "benchmarks.moco_inverse",
            {
                "runner": args.runner.resolve(),
                "window": out.resolve(),
                "start": start,
                "iterations": iterations,
                "out": folder / "moco.json",
            },
        )
        lines = moco_side.watched(command, folder)
        text = "".join(f"{clock:9.3f} {line}\n" for clock, line in lines)
        write_text(out / f"moco_inverse_{start}.log", text)
        log = moco_side.read_log(lines)
        found = json.loads((folder / "moco.json").read_text())
    if not log["iterations"]:
        raise ValueError("MocoInverse made no iteration; its log stands in " + str(out))
    found["seconds_per_iteration"] = moco_side.per_iteration(log["iterations"])
    found["processor_seconds_per_iteration"] = sum(log["processor_s"].values())
    found["violation"] = log["iterations"][-1]["violation"]
    return found | {key: log[key] for key in ("unknowns", "constraints", "threads")}


def comparison(window: Window, engine: InverseSide, near: InverseRun) -> Beside:
    """The engine's answer beside where MocoInverse goes from it: activations, objective."""
    own = np.array([window["answer"][f"{path}/activation"] for path in window["activation"]])
    theirs = np.array([near["activations"][path] for path in window["activation"]])
    total = sum(engine["window"]["objective"].values())
    return {
        "iterations": near["iterations"],
        "finished": near["finished"],
        "violation": near["violation"],
        "objective_engine": total,
        "objective_moco": near["objective_total"],
        "activation_rms": float(np.sqrt(np.mean((own - theirs) ** 2))),
        "activation_largest": float(np.abs(own - theirs).max()),
    }


def ratios(engine: InverseSide, timed: InverseRun) -> dict[str, float]:
    """MocoInverse's seconds over the engine's, on the window."""
    own = engine["window"]
    each = own["seconds"] / max(own["iterations"], 1)
    cpu = own["processor_seconds"] / max(own["iterations"], 1)
    theirs = timed["processor_seconds_per_iteration"] / timed["threads"]
    return {
        "per_iteration": timed["seconds_per_iteration"] / each,
        "per_iteration_idle": theirs / cpu,
        "per_solve_at_least": timed["seconds"] / own["seconds"],
    }


def report(window: Window, engine: InverseSide, timed: InverseRun, beside: Beside) -> str:
    """The comparison as Markdown."""
    own, stride, found = engine["window"], engine["stride"], ratios(engine, timed)
    each = own["seconds"] / max(own["iterations"], 1)
    ended = "" if timed["finished"] else f"stopped after {timed['iterations']} iterations, "
    rows = [
        ["unknowns", str(own["unknowns"]), str(timed["unknowns"]), ""],
        ["threads", "1", str(timed["threads"]), ""],
        ["iterations", str(own["iterations"]), str(timed["iterations"]), ""],
        [
            "s per iteration",
            f"{each:.3f}",
            f"{timed['seconds_per_iteration']:.2f}",
            f"{found['per_iteration']:.0f}",
        ],
        [
            "processor s per iteration / threads",
            f"{own['processor_seconds'] / max(own['iterations'], 1):.3f}",
            f"{timed['processor_seconds_per_iteration'] / timed['threads']:.2f}",
            f"{found['per_iteration_idle']:.0f}",
        ],
        [
            "s per solve",
            f"{own['seconds']:.1f}",
            f"{ended}{timed['seconds']:.0f}",
            f"{'' if timed['finished'] else '>= '}{found['per_solve_at_least']:.0f}",
        ],
    ]
    here, kinds = engine["machine"], {**engine["versions"], **timed["versions"]}
    length = 1000 * (window["end_s"] - window["start_s"])
    return "\n".join(
        [
            f"# A measured stride through this engine and MocoInverse, {engine['muscles']} muscles",
            "",
            f"A window of {length:.0f} ms in mid-stance, {window['intervals']} intervals: "
            "MocoInverse would need hours for the stride.",
            "",
            table(["", "engine", "MocoInverse", "ratio"], rows),
            "",
            f"The whole stride, {stride['intervals']} intervals, by the engine: "
            f"{stride['iterations']} iterations, {stride['seconds']:.1f} s "
            f"({stride['processor_seconds']:.1f} s of processor time), after "
            f"{engine['building_seconds']:.1f} s to build the runner's equations.",
            "",
            _from_the_answer(beside),
            "",
            "- Both: muscle paths as polynomials, trapezoidal mesh, the same weights and bounds.",
            "- MocoInverse balances the base's coordinates with actuators that cost nothing.",
            "- Derivatives: MocoInverse central finite differences, limited-memory Hessian; the "
            "engine exact.",
            "",
            f"{here['cpu']}, {here['cores']} cores, {here['memory_gib']} GiB, {here['system']}; "
            + ", ".join(f"{name} {number}" for name, number in kinds.items()),
        ]
    )


def _from_the_answer(beside: Beside) -> str:
    """Where MocoInverse goes from the engine's answer, or why it went nowhere."""
    if "failed" in beside:
        return f"Started at the engine's answer: {beside['failed']}."
    return (
        f"Started at the engine's answer, MocoInverse in {beside['iterations']} iterations "
        f"moves the activations by {beside['activation_rms']:.4f} rms, at most "
        f"{beside['activation_largest']:.3f}; objective {beside['objective_engine']:.5f} "
        f"(engine) and {beside['objective_moco']:.5f}; constraints violated by "
        f"{beside['violation']:.1e}."
    )


def _progress(text: str) -> None:
    print(f"[benchmark] {text}", file=sys.stderr, flush=True)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Time this engine beside MocoInverse.")
    parser.add_argument("--trial", type=Path, help="folder of a measured trial; else the example")
    parser.add_argument("--runner", type=Path, help="its runner's folder; else it is taken in")
    parser.add_argument("--intervals", type=int, default=100, help="of the whole stride")
    parser.add_argument("--window", type=float, default=0.06, help="s")
    parser.add_argument("--window-intervals", type=int, default=6)
    parser.add_argument("--moco-iterations", type=int, default=3, help="of each of its two runs")
    parser.add_argument("--out", type=Path, default=Path("results/benchmark"))
    args = parser.parse_args()
    if args.moco_iterations < 1 or args.intervals < 2 or args.window_intervals < 2:
        raise ValueError("--moco-iterations must be at least 1, the numbers of intervals 2")
    if args.trial is None:
        args.trial = example(args.out)
    if args.runner is None:
        args.runner = args.out / "runner_own"
        _progress("taking in the trial's model")
        commands.run("models.own", {"trial": args.trial, "out": args.runner})
    _progress("engine: the window, then the whole stride")
    chosen = {"intervals": args.intervals, "window": args.window}
    chosen |= {"window-intervals": args.window_intervals, "out": args.out}
    commands.run("benchmarks.inverse_side", {"runner": args.runner, "trial": args.trial, **chosen})
    window, engine = (
        json.loads((args.out / f"{name}.json").read_text()) for name in ("window", "engine_inverse")
    )
    _progress(f"MocoInverse: {args.moco_iterations} iterations from its own start")
    timed = moco(args, "own", args.moco_iterations)
    _progress(f"MocoInverse: {args.moco_iterations} iterations from the engine's answer")
    try:
        beside = comparison(window, engine, moco(args, "engine", args.moco_iterations))
    except ValueError as error:
        beside = {"failed": str(error)}
    timed = {**timed, "machine": machine(), "versions": versions("opensim")}
    content = {"ratio": ratios(engine, timed), "engine": engine, "moco": timed, "beside": beside}
    write_json(args.out / "benchmark_inverse.json", content)
    text = report(window, engine, timed, beside)
    write_text(args.out / "benchmark_inverse.md", text + "\n")
    print(text, flush=True)


if __name__ == "__main__":
    run_command(main)

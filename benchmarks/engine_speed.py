"""What a planar study's solves take with this engine, and where the time goes. One thread.

cold    norm curves followed, from the curves themselves with quiet muscles: weight 1, then 0.1
own     100 % strength, free as the default study is (a study's baseline), from `cold`
warm    hip flexors at 80 %, from the baseline and its multipliers (a study's neighbouring dose)

    python -m benchmarks.engine_speed --runner DIR [--intervals 50] [--out results/benchmark]
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from benchmarks import commands
from benchmarks.default_study import DOSE, Asked, asked
from benchmarks.machine import machine, versions
from benchmarks.records import Timed
from benchmarks.study_solves import follow_norms, free_run, keep, report, timed
from formats import description
from formats.description import RunnerDescription
from formats.files import run_command, write_json, write_text


def measure(
    runner: RunnerDescription, weaker: RunnerDescription, wanted: Asked, out: Path
) -> dict[str, Timed]:
    """The three solves in turn, each from the one before; `out` keeps their solutions."""
    followed, own = out / "reference", out / "baseline"
    records = {"cold": follow_norms(runner, wanted, followed)}
    problem, action = free_run(runner, wanted, 100.0, followed, followed)
    found, records["own"] = timed(problem, action)
    keep(own, problem, found)
    _, records["warm"] = timed(*free_run(weaker, wanted, DOSE, followed, own))
    return records


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Time a study's solves and where the time goes.")
    parser.add_argument("--runner", type=Path, required=True, help="folder of the runner")
    parser.add_argument("--intervals", type=int, help="of half a stride; the default study's")
    parser.add_argument("--out", type=Path, default=Path("results/benchmark"))
    args = parser.parse_args()

    wanted = asked()
    if args.intervals:
        wanted = replace(wanted, mesh_intervals=args.intervals)
    weaker = args.out / "runner_weaker"
    options = {"runner": args.runner, "arm": wanted.arm, "dose": DOSE, "out": weaker}
    commands.run("models.strength", options)
    runners = [description.read(folder / "runner.json") for folder in (args.runner, weaker)]
    records = measure(runners[0], runners[1], wanted, args.out)
    content = {
        "intervals": wanted.mesh_intervals,
        "speed_m_s": wanted.speed_m_s,
        "objective": wanted.objective,
        "habit_weight": wanted.habit_weight,
        "solves": records,
        "machine": machine(),
        "versions": versions("casadi", "numpy"),
    }
    text = report(records)
    write_json(args.out / "engine_speed.json", content)
    write_text(args.out / "engine_speed.md", text + "\n")
    print(text)


if __name__ == "__main__":
    run_command(main)

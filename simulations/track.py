"""Track: the runner follows a motion softly, dynamics exact, contact carrying him.

The motion is that of published mean curves, or a measured trial's (the path from what was measured
to a runner whose ground force and muscles account for his motion).
"""

from __future__ import annotations

import argparse
from pathlib import Path

from formats import case, description
from formats.files import alone, run_command, write_json
from formats.solve_records import Rung
from formats.trial.reading import Trial
from simulations import compare_trial as mismatch
from simulations.problems import reference, tracking
from simulations.problems.problem import Mesh, Problem
from simulations.solving import guess, measured_guess, run, solution
from simulations.solving import planar_to_spatial as lift


def row(name: str, runner: str, wanted: Problem, args: argparse.Namespace) -> case.CaseSettings:
    """Settings of a tracked trial as case.json holds them, for certificate and prediction."""
    return {
        "case": name,
        "problem": "track",
        "runner": runner,
        "arm": "baseline",
        "side": "both",
        "cadence": "free",
        "objective": args.objective,
        "start": "cold",
        "scheme": args.scheme,
        "speed_m_s": wanted.speed,
        "dose_percent": 100,
        "habit_weight": args.weight,
        "mesh_intervals": args.mesh,
    }


def main() -> None:
    """Solve one tracking problem, down the ladder of weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runner", type=Path, required=True, help="folder with runner.json")
    followed = parser.add_mutually_exclusive_group(required=True)
    followed.add_argument("--norms", type=Path, help="table of mean curves")
    followed.add_argument("--trial", type=Path, help="folder of a measured trial")
    parser.add_argument("--speed", type=float, help="m/s, with --norms; a trial says its own")
    parser.add_argument("--weight", type=float, required=True, help="tracking weight")
    parser.add_argument("--objective", default="metabolic_mix")
    parser.add_argument("--mesh", type=int, default=50, help="intervals in half a stride")
    parser.add_argument("--scheme", default="trapezoidal")
    starts = parser.add_mutually_exclusive_group()
    starts.add_argument("--guess", type=Path, help="folder of a solution to start from")
    starts.add_argument("--body", type=Path, help="folder of another body's solution to start from")
    starts.add_argument("--lift", type=Path, help="folder of a planar solution to start from")
    parser.add_argument("--heads", type=Path, help="table of the heads its muscles stand for")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--max-iterations", type=int, default=1000)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    if args.lift and not args.heads:
        parser.error("--lift needs --heads")
    if (args.norms is None) != (args.speed is None):
        parser.error("--speed goes with --norms; a trial says its own")

    runner = description.read(args.runner / "runner.json")
    trial: Trial | None = None
    if args.trial:
        trial, target = tracking.measured(args.trial, runner)
        speed = trial.settings.speed_m_s
    else:
        target, speed = reference.from_norm_curves(args.norms, args.speed, runner), args.speed
    mesh = Mesh(args.mesh, args.scheme)

    wanted = tracking.problem(
        runner,
        target,
        speed=speed,
        weight=args.weight,
        mesh=mesh,
        objective_name=args.objective,
        threads=args.threads,
    )
    leant_on = args.guess or args.lift or args.body
    failed = leant_on and (leant_on / "solver.json").exists() and not run.usable(leant_on)
    stored = solution.load(leant_on) if leant_on and not failed else None
    with alone(args.out):
        label = args.out.name
        steps: list[Rung] = []
        if failed:
            run.fail(args.out, label, f"the run it starts from failed: {leant_on.name}")
            return
        if stored and args.guess:
            start = guess.neighbour(wanted, stored)
        elif stored and args.lift:
            start = lift.lifted(wanted, stored, lift.merged_heads(args.heads))
            steps.append({"lifted_from": args.lift.name})
        else:
            if stored:
                start = guess.other_body(wanted, stored)
            elif trial:
                stride = trial.chosen()[0]
                start = measured_guess.start(wanted, target, trial, stride, threads=args.threads)
            else:
                start = guess.cold(wanted, target)
            easier = tracking.rungs(args.weight)
            start, steps = run.climb(
                (("weight", w, wanted.at_weight(w)) for w in easier),
                start,
                args.out,
                label=label,
                max_iterations=args.max_iterations,
            )
        run.run(
            wanted, start, args.out, label=label, max_iterations=args.max_iterations, ladder=steps
        )
        if args.trial:
            mismatch.of_case(args.out, args.trial)
            if not (args.out / case.FILE).is_file():  # a study's is there already
                write_json(args.out / case.FILE, row(args.out.name, runner.name, wanted, args))


if __name__ == "__main__":
    run_command(main)

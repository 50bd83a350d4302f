"""Build a runner: runner.osim (the truth), runner.json (what the engine reads), paths.csv."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path

from formats.files import move, run_command
from models import describe
from models.osim import document, soft_tissue
from models.paths.accuracy import CLOSE, Fit, Goal
from models.rajagopal import exercise, planar, spatial
from models.rajagopal.base import base_model
from models.take_in import intake

# planar, spatial, exercise: made from Rajagopal 2015. given: the model as it is, if all its parts
# are supported.
RUNNERS: dict[str, Callable[[Path, Path], None]] = {
    "planar": planar.build,
    "spatial": spatial.build,
    "exercise": exercise.build,
    "given": intake.build,
}
GOALS: dict[str, Callable[[], Goal]] = {"spatial": spatial.goal, "exercise": exercise.goal}


def build(
    runner: str, base: Path | None, out: Path, *, with_soft_tissue: bool = False
) -> list[Fit]:
    """Write the runner into the folder `out`, all of it or nothing. Returns the paths' errors.

    with_soft_tissue: trunk and thighs carry soft tissue that moves (models.osim.soft_tissue).

    Raises ValueError, one line, for an unknown runner or a model it cannot be built from.
    """
    if runner not in RUNNERS:
        raise ValueError(f"runner {runner!r}: unknown; allowed are {', '.join(RUNNERS)}")
    if runner == "given" and base is None:
        raise ValueError("runner 'given': say which model with --base PATH")
    source = base_model(base)
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out, prefix=".build.") as folder:
        draft = Path(folder)
        RUNNERS[runner](source, draft / "runner.osim")
        if with_soft_tissue:
            tree = document.parse(draft / "runner.osim")
            soft_tissue.add(tree)
            document.save(tree, draft / "runner.osim")
        goal = GOALS[runner]() if runner in GOALS else CLOSE
        fits = describe.write(draft / "runner.osim", runner, draft, goal)
        for name in ("runner.osim", "runner.json", "paths.csv"):
            move(draft / name, out / name)
    return fits


def main() -> None:
    """Command line: build a runner and name the muscles whose polynomials are not accurate."""
    parser = argparse.ArgumentParser(description="Build a runner from an OpenSim model.")
    parser.add_argument("--runner", required=True, help=f"one of: {', '.join(RUNNERS)}")
    parser.add_argument("--base", type=Path, help="your own .osim (default: Rajagopal 2015)")
    parser.add_argument("--out", type=Path, required=True, help="folder to write the runner into")
    parser.add_argument(
        "--soft-tissue",
        action="store_true",
        help="soft tissue of trunk and thighs moves (models/parameters/soft_tissue.yaml)",
    )
    arguments = parser.parse_args()
    fits = build(
        arguments.runner,
        arguments.base,
        arguments.out,
        with_soft_tissue=arguments.soft_tissue,
    )
    for fit in fits:
        if not fit.accurate:
            print(
                f"note: {fit.muscle}: polynomial off by {1000 * fit.length_rms:.2f} mm in length, "
                f"{1000 * fit.moment_arm_rms:.2f} mm in moment arm (rms); see paths.csv"
            )


if __name__ == "__main__":
    run_command(main)

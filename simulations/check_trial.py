"""Check a measured trial's folder: one line on the trial, or one on what is wrong with it."""

from __future__ import annotations

import argparse
from pathlib import Path

from formats.files import run_command
from formats.trial import strides
from formats.trial.reading import check


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Check a measured trial's folder.")
    parser.add_argument("--trial", type=Path, required=True, help="folder with runner.yaml")
    parser.add_argument("--check", action="store_true", help="check it (all there is to do)")
    args = parser.parse_args()
    trial = check(args.trial)
    right, left = trial.strides["r"], trial.strides["l"]
    mean = strides.mean_vertical(trial.forces, right) / strides.GRAVITY
    chosen = ", ".join(
        f"{stride.number} ({stride.start:.3f} to {stride.end:.3f} s)" for stride in trial.chosen()
    )
    print(
        f"{args.trial}: {len(right)} right and {len(left)} left strides, mean force that of "
        f"{mean:.1f} kg; stride {chosen}"
    )


if __name__ == "__main__":
    run_command(main)

"""Check a measured trial's folder before anything is solved: one line for whatever is wrong.

    python -m models.check FOLDER [--brief]

Prints the trial's contacts, strides, mass, speed and residuals; warnings and the refusal go to the
error stream. --brief: warnings and refusal alone.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from formats.files import run_command
from models.checks.examine import examine, refuse
from models.checks.summary import lines


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Check a measured trial's folder.")
    parser.add_argument("folder", type=Path, help="folder with runner.yaml")
    parser.add_argument("--brief", action="store_true", help="warnings and refusal alone")
    given = parser.parse_args()
    found = examine(given.folder)
    if not given.brief:
        print("\n".join(lines(found)))
    refuse(found)
    for text in found.warnings:
        print(f"warning: {text}", file=sys.stderr)


if __name__ == "__main__":
    run_command(main)

"""Where joints, feet and head are over the right stride: what a stick figure is drawn from.

    python -m analysis.positions --case results/study/<case>     writes positions.csv

Columns: percent of the stride from right initial contact, then for each point <name>_x_m, _y_m and
_z_m in ground (forward, up, right). A case that has no stride gets the heading only.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.replayed.case import Case, read_solver
from analysis.replayed.gait import PERCENT, Cycle
from analysis.replayed.measured import footfalls, is_measured
from analysis.replayed.stride import Replays
from formats.files import run_command, write_text
from formats.gait_events import events
from formats.table import csv_text

FILE = "positions.csv"


def table(case: Case, points: dict[str, np.ndarray]) -> pd.DataFrame:
    """101 rows, 0 to 100 % of the right stride. ValueError if the right foot never lands.

    points: (N, 3) m of each in ground at the nodes (see analysis.replayed.points).
    """
    if is_measured(case):
        foot = footfalls(case)["r"]
    else:
        foot = events(case.time, case.ground_force("r")[:, 1], case.stride_time)
    cycle = Cycle(case.time, foot.contact, periodic=case.periodic)
    columns: dict[str, np.ndarray] = {"percent": PERCENT.astype(float)}
    for name, path in points.items():
        # Without the travel a predicted path is periodic; it is put back from contact on.
        travel = path[-1] - path[0]
        share = case.time / case.stride_time
        curve = cycle.curve(path - np.outer(share, travel)) + np.outer(PERCENT / 100, travel)
        columns |= {f"{name}_{axis}_m": curve[:, i] for i, axis in enumerate("xyz")}
    return pd.DataFrame(columns)


def compute(folder: Path, replays: Replays | None = None) -> None:
    """Write a case's positions.csv, empty for a case without a motion.

    replays: of that folder, if there are any yet.
    """
    found = pd.DataFrame(columns=["percent"])
    if read_solver(folder).converged:
        made = replays or Replays(folder)
        try:
            found = table(made.case, made.anatomy.points)
        except ValueError as error:
            print(f"[{folder.name}] no positions: {error}", file=sys.stderr)
    write_text(folder / FILE, csv_text(found, "%.6g"))


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Write a case's positions.csv.")
    parser.add_argument("--case", type=Path, required=True, help="folder of the case")
    compute(parser.parse_args().case)


if __name__ == "__main__":
    run_command(main)

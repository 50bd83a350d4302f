"""Where the runner is over the right stride: what stick figures, viewer and film are drawn from.

    python -m analysis.positions --case results/study/<case>
        writes positions.csv, scene.json and coordinates.mot

scene.json: bodies, muscle paths, activations and forces (analysis/replayed/scene.py).
positions.csv: percent of the stride from right initial contact, then for each joint, feet and head
<name>_x_m, _y_m and _z_m in ground (forward, up, right). coordinates.mot: the stored stride by the
coordinates' own names (s; rad, m), for programs that do not know paths of states. A case that has
no stride gets headings only, and an empty scene.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.replayed import scene
from analysis.replayed.case import Case, read_solver
from analysis.replayed.gait import PERCENT, Cycle
from analysis.replayed.quantities import Anatomy
from analysis.replayed.stride import Replays, footfalls
from formats.files import run_command, write_text
from formats.gait_events import Events
from formats.storage import write_storage
from formats.table import csv_text

FILE, COORDINATES = "positions.csv", "coordinates.mot"


def right_foot(case: Case, found: Anatomy) -> Events:
    """The right foot's events, found between the nodes. ValueError if it never lands."""
    return footfalls(case, found, ("r",))["r"]


def table(case: Case, contact: float, points: dict[str, np.ndarray]) -> pd.DataFrame:
    """101 rows, 0 to 100 % of the right stride.

    contact: s, of the right foot; points: (N, 3) m of each in ground at the nodes (see
    analysis.replayed.points).
    """
    cycle = Cycle(case.time, contact, periodic=case.periodic)
    columns: dict[str, np.ndarray] = {"percent": PERCENT.astype(float)}
    for name, path in points.items():
        # Without the travel a predicted path is periodic; it is put back from contact on.
        travel = path[-1] - path[0]
        share = case.time / case.stride_time
        curve = cycle.curve(path - np.outer(share, travel)) + np.outer(PERCENT / 100, travel)
        columns |= {f"{name}_{axis}_m": curve[:, i] for i, axis in enumerate("xyz")}
    return pd.DataFrame(columns)


def coordinates(case: Case) -> pd.DataFrame:
    """`time` (s) and each coordinate (rad or m) by its own name; a row for each stored one."""
    values = [name for name in case.motion.columns if name.endswith("/value")]
    return case.motion[["time", *values]].rename(
        columns=lambda name: name.split("/")[-2] if "/" in name else name
    )


def compute(folder: Path, replays: Replays | None = None) -> None:
    """Write a case's files (see above), empty for a case without a motion.

    replays: of that folder, if there are any yet.
    """
    found, seen = pd.DataFrame(columns=["percent"]), None
    named = pd.DataFrame(columns=["time"])
    if read_solver(folder).converged:
        made = replays or Replays(folder)
        try:
            case = made.case
            foot = right_foot(case, made.anatomy)
            found = table(case, foot.contact, made.anatomy.points)
            seen = scene.scene(case, made.anatomy, foot)
            named = coordinates(case)
        except ValueError as error:
            print(f"[{folder.name}] no positions: {error}", file=sys.stderr)
    write_text(folder / FILE, csv_text(found, "%.6g"))
    scene.write(folder, seen)
    write_storage(folder / COORDINATES, named)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Write where a case's runner is.")
    parser.add_argument("--case", type=Path, required=True, help="folder of the case")
    compute(parser.parse_args().case)


if __name__ == "__main__":
    run_command(main)

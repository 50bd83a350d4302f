"""Replay one solved case in OpenSim, once, and measure all that is measured of it.

    python -m analysis.replay --case DIR

writes DIR/replay.npz, OpenSim's answers (analysis.replayed), and from them what these write, each
of which reads replay.npz when it is called by itself: analysis.outcomes, analysis.positions,
analysis.femoral_head, analysis.two_way, analysis.robustness. The certificate reads replay.npz too
(analysis.certify); it may have to wait for the case to be solved again on a finer mesh.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from analysis import femoral_head, outcomes, positions, robustness, two_way
from analysis.replayed.stride import Replays
from formats.files import run_command, write_json


def compute(folder: Path) -> Replays:
    """Write all of a case but its certificate, and print a line of each.

    A case without a motion gets its reason and empty tables. ValueError, one line, if there is no
    case or no record of its solver.
    """
    replays = Replays(folder)
    replays.keep()
    row = outcomes.compute(folder, replays)
    write_json(folder / outcomes.FILE, row)
    positions.compute(folder, replays)
    head = femoral_head.compute(folder, replays)
    instants = two_way.compute(folder, replays.case if head.loads else None, head)
    table = robustness.compute(folder, head)
    for line in (
        f"outcomes {row['status']} {row['reason']}".rstrip(),
        femoral_head.said(head.row),
        *map(two_way.said, instants),
    ):
        print(f"[{folder.name}] {line}")
    print(robustness.said(table))
    return replays


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Replay a solved case in OpenSim.")
    parser.add_argument("--case", type=Path, required=True, help="case folder")
    compute(parser.parse_args().case)


if __name__ == "__main__":
    run_command(main)

"""Measured and tracked ground force on the right foot, a column for each case.

python -m analysis.figures.tracked --cases CASE [CASE ..] --out DIR

CASE is a folder with tracked.json and tracked.csv of simulations.compare_trial.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from analysis.figures.shown import least_span
from analysis.figures.style import PAGE, figure, least_axis, letter, note, save, use
from formats.figure_settings import FILE, read
from formats.files import run_command
from formats.table import read_csv
from formats.untrusted import read_object

NAME = "tracked"
ROWS = {"vertical": "vertical", "fore_aft": "forward", "sideways": "to the right"}
KINDS = {
    "measured": {"color": "0.55", "linewidth": 2.5},
    "tracked": {"color": "black", "linewidth": 1.0},
}
SHOWN_PERCENT = 50


def table(cases: list[Path]) -> pd.DataFrame:
    """Curves of all cases: case, speed_m_s, percent, both forces (BW).

    Raises ValueError, one line, for a case that was not compared with its trial.
    """
    tables = []
    for case in cases:
        for name in ("tracked.json", "tracked.csv"):
            if not (case / name).is_file():
                raise ValueError(f"{case / name}: no such file; simulations.compare_trial makes it")
        speed = read_object(case / "tracked.json")["speed_m_s"]
        tables.append(read_csv(case / "tracked.csv"))
        tables[-1].insert(0, "speed_m_s", speed)
        tables[-1].insert(0, "case", case.resolve().name)
    return pd.concat(tables, ignore_index=True)


def draw(curves: pd.DataFrame) -> Figure:
    """A row for each direction, a column for each case."""
    cases = list(dict.fromkeys(curves["case"]))
    canvas = figure(PAGE, 120)
    grid = canvas.subplots(len(ROWS), len(cases), sharex=True, sharey="row", squeeze=False)
    for column, case in enumerate(cases):
        rows = curves[(curves["case"] == case) & (curves["percent"] <= SHOWN_PERCENT)]
        for row, (direction, words) in enumerate(ROWS.items()):
            axes = grid[row, column]
            letter(axes, "abcdefghijkl"[row * len(cases) + column])
            for kind, style in KINDS.items():
                force = rows[f"{kind}_{direction}_bw"]
                axes.plot(rows["percent"], force, label=kind, **style)
            axes.axhline(0, color="0.8", linewidth=0.6, zorder=0)
            least_axis(axes, least_span("force_bw"))
            if column == 0:
                axes.set_ylabel(f"{words} (BW)")
        grid[0, column].set_title(f"{rows['speed_m_s'].iloc[0]:g} m/s")
        grid[-1, column].set_xlabel("stride (%)")
        grid[-1, column].set_xlim(0, SHOWN_PERCENT)
    handles, names = grid[0, 0].get_legend_handles_labels()
    canvas.legend(handles, names, loc="outside upper center", ncols=len(KINDS))
    note(canvas, "Right foot; left and right averaged. Measured: the plates' own signal.")
    return canvas


def caption(curves: pd.DataFrame) -> str:
    """What the page shows."""
    speeds = ", ".join(f"{speed:g}" for speed in dict.fromkeys(curves["speed_m_s"]))
    return (
        f"Ground force under the feet (left and right averaged) at {speeds} m/s: measured, the "
        "plates' own signal, and tracked with exact dynamics."
    )


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Draw measured and tracked ground forces.")
    parser.add_argument("--cases", type=Path, nargs="+", required=True, help="tracked cases")
    parser.add_argument("--out", type=Path, required=True, help="folder of figures")
    parser.add_argument("--style", type=Path, default=FILE, help="YAML file: how it looks")
    arguments = parser.parse_args()
    use(read(arguments.style))
    curves = table(arguments.cases)
    save(arguments.out, NAME, [draw(curves)], curves, caption(curves))


if __name__ == "__main__":
    run_command(main)

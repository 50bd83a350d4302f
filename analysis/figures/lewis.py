"""Anterior hip force of a leg lifted in the air, by hip angle and strength (see analysis.lewis).

python -m analysis.figures.lewis --table lewis.csv --out DIR
"""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.figures.shown import least_span
from analysis.figures.style import PAGE, dose_styles, figure, least_axis, letter, note, save, use
from formats.figure_settings import FILE, read
from formats.files import run_command
from formats.table import read_csv

EXERCISES = {
    "prone_extension": ("weaker_glutes", "prone, leg lifted backward: weaker glutes"),
    "supine_flexion": ("weaker_iliopsoas", "supine, leg lifted forward: weaker iliopsoas"),
}
READINGS = {
    "tendon_on_pelvis": "tendon on the pelvis",
    "tendon_on_head": "tendon on the head",
}
NAME = "lewis"
CAPTION = (
    "Force on the front of the hip of a leg lifted in the air, by hip angle and by the strength of "
    "the muscles weakened: prone with weaker glutes (left), supine with weaker iliopsoas (right); "
    "the iliopsoas tendon on the pelvis (top) or on the femoral head (bottom)."
)


def drawn(table: pd.DataFrame) -> pd.DataFrame:
    """The rows and columns that the figure shows."""
    keep = pd.concat(
        [
            table[(table["exercise"] == exercise) & (table["weakened"] == group)]
            for exercise, (group, _) in EXERCISES.items()
        ]
    )
    columns = ["exercise", "weakened", "strength_percent", "hip_flexion_deg", "held"]
    return keep[[*columns, *(f"anterior_bw_{reading}" for reading in READINGS)]]


def draw(table: pd.DataFrame) -> Figure:
    """A column for each exercise, a row for each reading of the tendon."""
    canvas = figure(PAGE, 115)
    grid = canvas.subplots(2, 2, sharex=True, sharey=True)
    for row, (reading, words) in enumerate(READINGS.items()):
        for column, (exercise, (_, title)) in enumerate(EXERCISES.items()):
            axes = grid[row, column]
            letter(axes, "abcd"[2 * row + column])
            _lines(axes, table[table["exercise"] == exercise], reading)
            if row == 0:
                axes.set_title(title)
            else:
                axes.set_xlabel("hip flexion (deg)")
            if column == 0:
                axes.set_ylabel(f"anterior force (BW)\n{words}")
    handles, names = grid[0, 0].get_legend_handles_labels()
    canvas.legend(handles, names, loc="outside upper center", ncols=4, title="strength")
    note(canvas, "A line ends where the weakened muscles cannot hold the leg.")
    return canvas


def _lines(axes: Axes, rows: pd.DataFrame, reading: str) -> None:
    styles = dose_styles(sorted(rows["strength_percent"].unique()))
    for strength in sorted(styles, reverse=True):
        line = rows[rows["strength_percent"] == strength].sort_values("hip_flexion_deg")
        axes.plot(
            line["hip_flexion_deg"],
            line[f"anterior_bw_{reading}"],
            label=f"{strength:g} %",
            **styles[strength],
        )
    axes.axhline(0, color="0.8", linewidth=0.6, zorder=0)
    least_axis(axes, least_span("force_bw"))


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Draw the lifted leg's anterior hip force.")
    parser.add_argument("--table", type=Path, required=True, help="lewis.csv of analysis.lewis")
    parser.add_argument("--out", type=Path, required=True, help="folder of figures")
    parser.add_argument("--style", type=Path, default=FILE, help="YAML file: how it looks")
    arguments = parser.parse_args()
    use(read(arguments.style))
    if not arguments.table.is_file():
        raise ValueError(f"{arguments.table}: no such file; run analysis.lewis first")
    table = drawn(read_csv(arguments.table))
    save(arguments.out, NAME, [draw(table)], table, CAPTION)


if __name__ == "__main__":
    run_command(main)

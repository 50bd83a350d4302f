"""How far the femoral head's centre moves in its socket over the stride, by dose.

Columns: the iliopsoas tendon's wrap carried by the pelvis, or by the front of the head. Rows: size
of the displacement, and its anterior, superior and medial parts, from the centre of the cup.
"""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from analysis.figures.cup import TITLES, not_drawn, tables
from analysis.figures.shown import lacks, least_span
from analysis.figures.study import Series
from analysis.figures.style import (
    PAGE,
    dose_legend,
    dose_styles,
    figure,
    figure_command,
    least_axis,
    letter,
    note,
    stride_axis,
)
from analysis.measures.tendon_readings import BRACKET

ROWS = {
    "head_displacement_mm": "displacement (mm)",
    "head_anterior_mm": "anterior (mm)",
    "head_superior_mm": "superior (mm)",
    "head_medial_mm": "medial (mm)",
}
COLUMNS = ["percent", *(f"{name}{suffix}" for suffix in BRACKET for name in ROWS)]


def draw(series: Series) -> Figure:
    """The page of a series."""
    page = figure(PAGE, 175)
    panels = page.subplots(len(ROWS), 2, sharey="row")
    styles, found = dose_styles(series.doses), tables(series)
    for column, suffix in enumerate(BRACKET):
        for row, (name, label) in enumerate(ROWS.items()):
            axes = panels[row, column]
            for dose, table in found.items():
                values = table[f"{name}{suffix}"]
                axes.plot(table["percent"], values, label=f"{dose:g} %", **styles[dose])
            axes.axhline(0, color="0.7", linewidth=0.6, zorder=0)
            least_axis(axes, least_span(name))
            stride_axis(axes, label=row == len(ROWS) - 1)
            letter(axes, "abcdefgh"[2 * row + column])
            if column == 0:
                axes.set_ylabel(label)
            if row == 0:
                axes.set_title(TITLES[suffix])
    dose_legend(page, panels[0, 0], series.label)
    remark = "centre of the femoral head from the centre of the socket, pelvis frame"
    note(page, remark + not_drawn(series, found))
    return page


def caption(series: Series) -> str:
    """What the page shows."""
    return (
        "Displacement of the centre of the femoral head from the centre of its socket over the "
        f"stride, pelvis frame, {series.told()} Left: the iliopsoas tendon presses on the pelvis, "
        "as in OpenSim; right: on the front of the femoral head."
    )


def without(series: Series) -> str:
    """Why a series has no page: the rule leaves its runner out."""
    return lacks(series.rows, "head_displacement_max_mm")


def drawn(series: Series) -> pd.DataFrame:
    """The curves shown: one row for each dose and per cent of the stride."""
    parts = [table[COLUMNS].assign(dose_percent=dose) for dose, table in tables(series).items()]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=COLUMNS)


if __name__ == "__main__":
    figure_command("head_displacement", draw, drawn, caption, without)

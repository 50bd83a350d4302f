"""What moves the head's outcomes: the socket's parameters at 100 % strength, beside strength.

Columns: the iliopsoas tendon's wrap carried by the pelvis, or by the front of the head. Rows:
largest displacement, highest pressure, least margin to the rim. Bars reach from the outcome at a
parameter's low end (blue) to its high end (orange); the line is the socket as it is. The black bar
is what the doses of this arm do.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.figures.cup import TITLES
from analysis.figures.shown import lacks, least_span
from analysis.figures.study import Series
from analysis.figures.style import PAGE, figure, figure_command, least_axis, letter, note
from analysis.measures.tendon_readings import BRACKET
from analysis.robustness import COLUMNS

ROWS = {
    "head_displacement_max_mm": "largest displacement (mm)",
    "contact_pressure_peak_mpa": "highest contact pressure (MPa)",
    "rim_margin_min_deg": "least margin to rim (deg)",
}
LOW, HIGH = "#0072B2", "#D55E00"
SHOWN = 8
"""The widest bars; what is narrower hardly shows."""


def names(parameter: str, low: float, high: float) -> str:
    """A parameter and its range in words."""
    words, _, unit = parameter.rpartition("_")
    unit = {"mpa": "MPa", "poisson": "", "factor": ""}.get(unit, unit)
    words = "Poisson's ratio" if parameter == "cartilage_poisson" else words.replace("_", " ")
    return f"{words} {low:.3g} to {high:.3g} {unit}".strip()


def bars(series: Series, suffix: str, outcome: str) -> pd.DataFrame:
    """The rows of a panel, the widest first, strength on top; empty without a 100 % run."""
    tables = series.tables("robustness.csv")
    if 100.0 not in tables or tables[100.0].empty:
        return pd.DataFrame(columns=list(COLUMNS))
    table = tables[100.0]
    reading = suffix.strip("_") or "tendon_on_pelvis"
    chosen = table[(table["reading"] == reading) & (table["outcome"] == outcome)]
    chosen = chosen[
        ~(chosen["span"] < 1e-6)
    ]  # the margin is that of the force: it feels the cup only
    # A span that is not known is of a socket that lets the head go: the widest of all.
    chosen = chosen.sort_values("span", ascending=False, na_position="first")
    dosed = series.certified.sort_values("dose_percent")
    column = f"{outcome}{suffix}"
    if column not in dosed or dosed[column].notna().sum() < 2:
        return chosen
    dosed = dosed[dosed[column].notna()]
    usual = table.loc[
        (table["reading"] == reading) & (table["outcome"] == outcome), "outcome_usual"
    ]
    ends = dosed.iloc[[0, -1]]
    strength = {
        **{"reading": reading, "outcome": outcome, "parameter": "strength_%", "reason": ""},
        **{"low": ends["dose_percent"].iloc[0], "high": ends["dose_percent"].iloc[1]},
        **{"usual": 100.0, "outcome_usual": usual.iloc[0]},
        **{"outcome_low": ends[column].iloc[0], "outcome_high": ends[column].iloc[1]},
        "span": float(np.ptp(dosed[column])),
    }
    return pd.concat([pd.DataFrame([strength]), chosen], ignore_index=True)


def draw_bars(axes: Axes, table: pd.DataFrame, outcome: str) -> None:
    """One panel; an end without an equilibrium is an arrow."""
    table = table.head(SHOWN + 1)
    if table.empty:
        axes.axis("off")
        return
    usual = table["outcome_usual"].iloc[0]
    for place, row in enumerate(table.itertuples()):
        strength = row.parameter == "strength_%"
        for value, colour in ((row.outcome_low, LOW), (row.outcome_high, HIGH)):
            if np.isfinite(value):
                fill = "black" if strength else colour
                axes.barh(place, value - usual, left=usual, color=fill, height=0.65)
                if strength and colour == HIGH:  # which end is the stronger
                    axes.plot(value, place, "o", color=HIGH, markersize=3)
            else:
                axes.plot(usual, place, ">", color=colour, markersize=5, clip_on=False)
    axes.axvline(usual, color="0.3", linewidth=0.8)
    ticks = [names(r.parameter, r.low, r.high) for r in table.itertuples()]
    axes.set_yticks(range(len(table)), ticks)
    axes.invert_yaxis()
    axes.set_xlabel(ROWS[outcome])
    least_axis(axes, least_span(outcome, usual), axis="x")


def draw(series: Series) -> Figure:
    """The page of a series."""
    page = figure(PAGE, 190)
    panels = page.subplots(len(ROWS), 2)
    for column, suffix in enumerate(BRACKET):
        for row, outcome in enumerate(ROWS):
            axes = panels[row, column]
            draw_bars(axes, bars(series, suffix, outcome), outcome)
            letter(axes, "abcdef"[2 * row + column])
            if row == 0:
                axes.set_title(TITLES[suffix])
    page.suptitle(f"100 % run, and strength: {series.label}")
    remark = "blue: at the low end, orange: at the high end; black: doses, dot at the strongest"
    remark += "; arrow: no equilibrium at that end"
    note(page, remark + series.lacking())
    return page


def caption(series: Series) -> str:
    """What the page shows."""
    return (
        "What moves the socket's outcomes of the 100 % run: each of the socket's own parameters "
        f"over its range (blue: low end, orange: high end), and strength (black, {series.told()} "
        "dot at the strongest). Left: iliopsoas tendon on the pelvis; right: on the femoral head. "
        "Arrow: no equilibrium at that end."
    )


def without(series: Series) -> str:
    """Why a series has no page: the rule leaves its runner out."""
    return lacks(series.rows, "head_displacement_max_mm")


def drawn(series: Series) -> pd.DataFrame:
    """The bars: one row for each reading, outcome and parameter."""
    parts = [bars(series, suffix, outcome) for suffix in BRACKET for outcome in ROWS]
    return pd.concat([p for p in parts if not p.empty] or [parts[0]], ignore_index=True)


if __name__ == "__main__":
    figure_command("socket_tornado", draw, drawn, caption, without)

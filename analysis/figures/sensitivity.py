"""Which muscles move the landing and the glutes: derivatives at the 100 % run, ranked.

A row for each outcome. (left) its change by +10 % strength of each muscle, both legs, the largest
first; (right) the dose-response with its tangent at 100 %, which no dose was solved for. Where the
doses leave the tangent, the response bends.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.figures.shown import least_span
from analysis.figures.study import Series
from analysis.figures.style import (
    PAGE,
    dose_styles,
    figure,
    figure_command,
    least_axis,
    letter,
    note,
)
from analysis.figures.words import words
from formats import description
from formats.case import BASELINE, SENSITIVITIES
from formats.table import read_csv
from formats.untrusted import inside

OUTCOMES = ("ankle_com_m", "glmax_activation_stance_mean", "hip_extension_peak_deg")
"""Of the claims' main quantities those that the derivatives know, and beside the margin to the rim,
which they do not, the hip's extension."""
STRENGTH = "max_isometric_force"
BARS = 12
STEP_PERCENT = 10.0


def of_series(series: Series) -> pd.DataFrame | None:
    """Derivatives of the series' 100 % run by muscles' strength: outcome, muscle, change.

    None where it has none. change: of the outcome by +1 % strength.
    """
    for case in series.certified.loc[series.certified["arm"] == BASELINE, "case"]:
        path = inside(series.folder, case) / SENSITIVITIES
        if path.is_file() and path.stat().st_size:
            table = read_csv(path)
            parts = table["parameter"].str.split("/", expand=True)
            chosen = (parts[0] == "muscle") & (parts[2] == STRENGTH)
            return pd.DataFrame(
                {
                    "outcome": table["outcome"][chosen],
                    "muscle": parts[1][chosen],
                    "value": table["value"][chosen],
                    "change": table["change_per_percent"][chosen],
                }
            )
    return None


def strengths(series: Series, dose: float) -> dict[str, float]:
    """Muscle without side -> strength (% of that at 100 %) at a dose; the right leg's."""
    found: dict[float, dict[str, float]] = {}
    for wanted in (100.0, dose):
        (case,) = series.rows.loc[series.rows["dose_percent"] == wanted, "case"]
        runner = description.read(inside(series.folder, case) / "runner.json")
        found[wanted] = {
            m.name.removesuffix("_r"): m.max_isometric_force
            for m in runner.muscles
            if m.name.endswith("_r")
        }
    return {name: 100 * force / found[100.0][name] for name, force in found[dose].items()}


def tangent(series: Series, slopes: pd.DataFrame, outcome: str) -> pd.DataFrame:
    """dose_percent, change: of the outcome as the derivatives at 100 % say."""
    own = slopes[slopes["outcome"] == outcome].set_index("muscle")["change"]
    rows = []
    for dose in series.doses:
        there = pd.Series(strengths(series, dose)) - 100
        rows.append((dose, float((own * there.reindex(own.index).fillna(0)).sum())))
    return pd.DataFrame(rows, columns=["dose_percent", "change"])


def draw_ranked(axes: Axes, slopes: pd.DataFrame, outcome: str) -> None:
    """Bars of the muscles that change the outcome most."""
    own = slopes[slopes["outcome"] == outcome].set_index("muscle")["change"] * STEP_PERCENT
    own = own.reindex(own.abs().sort_values(ascending=False).index)[:BARS][::-1]
    axes.barh(range(len(own)), own, color=["0.35" if v >= 0 else "0.7" for v in own])
    axes.set_yticks(range(len(own)), list(own.index))
    axes.axvline(0, color="0.2", linewidth=0.6)
    axes.set_xlabel(f"change by +{STEP_PERCENT:g} % strength")
    axes.set_title(words(outcome))


def draw_tangent(axes: Axes, series: Series, slopes: pd.DataFrame, outcome: str) -> None:
    """Outcome against dose, with the line that the derivatives say."""
    rows, styles = series.certified, dose_styles(series.doses)
    for dose, value in zip(rows["dose_percent"], rows[outcome], strict=True):
        axes.plot(dose, value, "o", color=styles[dose]["color"], markersize=5)
    line = tangent(series, slopes, outcome)
    base = rows.loc[rows["dose_percent"] == 100, outcome]
    if len(base):
        line_values = float(base.iloc[0]) + line["change"]
        axes.plot(line["dose_percent"], line_values, color="0.2", linewidth=0.9, zorder=0)
    axes.set_xticks(series.doses)
    axes.set_xlabel("strength (%)")
    least_axis(axes, least_span(outcome))


def draw(series: Series) -> Figure:
    """The page of a series: a row for each outcome."""
    slopes = of_series(series)
    assert slopes is not None
    page = figure(PAGE, 24 + 52 * len(OUTCOMES))
    grid = page.subplots(len(OUTCOMES), 2, squeeze=False, width_ratios=[1.4, 1])
    for row, outcome in enumerate(OUTCOMES):
        draw_ranked(grid[row, 0], slopes, outcome)
        draw_tangent(grid[row, 1], series, slopes, outcome)
        for column, axes in enumerate(grid[row]):
            letter(axes, "abcdef"[2 * row + column])
    note(
        page,
        f"{series.label}. Bars: derivatives at 100 %, both legs alike. Line: the same for the "
        f"muscles of the arm together.{series.lacking()}",
    )
    return page


def drawn(series: Series) -> pd.DataFrame:
    """outcome, muscle (or a dose's line), change."""
    slopes = of_series(series)
    if slopes is None:
        return pd.DataFrame(columns=["outcome", "muscle", "dose_percent", "change"])
    bars = slopes[slopes["outcome"].isin(OUTCOMES)][["outcome", "muscle", "change"]]
    bars = bars.assign(dose_percent=np.nan, change=bars["change"] * STEP_PERCENT)
    lines = [tangent(series, slopes, name).assign(outcome=name, muscle="") for name in OUTCOMES]
    return pd.concat([bars, *lines], ignore_index=True)


def caption(series: Series) -> str:
    """What the page shows."""
    return (
        "Muscles whose strength changes the landing, the glutes and the hip's extension most, from "
        f"derivatives at 100 %, and the dose-response with its tangent, {series.told()}"
    )


def without(series: Series) -> str:
    """Why a series has no page."""
    return "" if of_series(series) is not None else "its 100 % run has no derivatives"


if __name__ == "__main__":
    figure_command("sensitivity", draw, drawn, caption, without)

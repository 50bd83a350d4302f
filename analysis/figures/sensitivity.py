"""Which muscles move each claim's endpoints: derivatives at the 100 % run, ranked.

A row for each primary endpoint of the study's rule that the derivatives know. (left) its change by
+10 % strength of each muscle, both legs, the largest first; (right) the dose-response with its
tangent at 100 %, which no dose was solved for. Where the doses leave the tangent, the response
bends. Grey: changes smaller than the rule's smallest effect.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.figures.dose_response import (
    THRESHOLD,
    UNITS,
    by_contrasts,
    draw_wedge,
    smallest_effect,
)
from analysis.figures.rule import claims
from analysis.figures.shown import lacks, least_span
from analysis.figures.study import Series
from analysis.figures.style import (
    PAGE,
    characters,
    dose_styles,
    figure,
    figure_command,
    least_axis,
    letter,
    note,
)
from formats import description
from formats.case import BASELINE, SENSITIVITIES
from formats.claims import Endpoint
from formats.table import read_csv
from formats.untrusted import inside

STRENGTH = "max_isometric_force"
BARS = 12
STEP_PERCENT = 10.0
MOST_ROWS = 4
ROW_MM, EDGE_MM = 52.0, 24.0


@dataclass(frozen=True)
class Row:
    """A primary endpoint that is drawn, with the title of its claim."""

    claim: str
    endpoint: Endpoint

    @property
    def outcome(self) -> str:
        """Its column of outcomes.csv."""
        return self.endpoint.endpoint

    @property
    def unit(self) -> str:
        """Of the column, in words."""
        return UNITS.get(self.outcome, self.endpoint.unit or "")


def rows_of(series: Series, slopes: pd.DataFrame) -> tuple[list[Row], list[str]]:
    """What is drawn of the rule's primary endpoints, and in words what of them is not."""
    drawn: dict[str, Row] = {}
    out: list[str] = []
    for name, claim in claims().claims.items():
        for endpoint in claim.primary:
            column = endpoint.endpoint
            if lacks(series.rows, column) or column in drawn:
                continue
            if column not in set(slopes["outcome"]) or len(drawn) == MOST_ROWS:
                out.append(endpoint.shown_name)
                continue
            drawn[column] = Row(claim.title or name.replace("_", " "), endpoint)
    return list(drawn.values()), out


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


def draw_ranked(axes: Axes, slopes: pd.DataFrame, row: Row) -> None:
    """Bars of the muscles that change the endpoint most."""
    own = slopes[slopes["outcome"] == row.outcome].set_index("muscle")["change"] * STEP_PERCENT
    own = own.reindex(own.abs().sort_values(ascending=False).index)[:BARS][::-1]
    axes.barh(range(len(own)), own, color=["0.35" if v >= 0 else "0.7" for v in own])
    axes.set_yticks(range(len(own)), list(own.index))
    axes.axvline(0, color="0.2", linewidth=0.6)
    axes.locator_params(axis="x", nbins=6)
    axes.set_xlabel(f"change by +{STEP_PERCENT:g} % strength ({row.unit})")
    label = textwrap.fill(row.endpoint.shown_name, characters(PAGE, 0.5))
    axes.set_title(f"{row.claim}:\n{label}")


def draw_tangent(axes: Axes, series: Series, slopes: pd.DataFrame, row: Row) -> None:
    """The endpoint against dose, with the line that the derivatives say."""
    rows, styles = series.certified, dose_styles(series.doses)
    for dose, value in zip(rows["dose_percent"], rows[row.outcome], strict=True):
        axes.plot(dose, value, "o", color=styles[dose]["color"], markersize=5)
    line = tangent(series, slopes, row.outcome)
    base = rows[rows["dose_percent"] == 100]
    if len(base):
        value = float(base[row.outcome].iloc[0])
        line_values = value + line["change"]
        axes.plot(line["dose_percent"], line_values, color="0.2", linewidth=0.9, zorder=1)
        step = smallest_effect(row.endpoint, base.iloc[0])
        draw_wedge(axes, series.doses, value, step)
    axes.set_xticks(series.doses)
    axes.set_xlabel("strength (%)")
    axes.set_ylabel(row.unit)
    axes.set_title(f"claimed: {row.endpoint.claimed} with strength")
    least_axis(axes, least_span(row.outcome))


def draw(series: Series) -> Figure:
    """The page of a series: a row for each endpoint."""
    slopes = of_series(series)
    assert slopes is not None
    rows, out = rows_of(series, slopes)
    page = figure(PAGE, EDGE_MM + ROW_MM * len(rows))
    grid = page.subplots(len(rows), 2, squeeze=False, width_ratios=[1.4, 1])
    for number, row in enumerate(rows):
        draw_ranked(grid[number, 0], slopes, row)
        draw_tangent(grid[number, 1], series, slopes, row)
        for column, axes in enumerate(grid[number]):
            letter(axes, "abcdefgh"[2 * number + column])
    lacking = f"\nNot drawn: {', '.join(out)}" if out else ""
    note(
        page,
        f"{series.label}. Bars: derivatives at 100 %, both legs alike. Line: the same for the "
        f"muscles of the arm together. Grey: {THRESHOLD[by_contrasts()]}."
        f"{lacking}{series.lacking()}",
    )
    return page


def drawn(series: Series) -> pd.DataFrame:
    """outcome, muscle (or a dose's line), change."""
    slopes = of_series(series)
    if slopes is None:
        return pd.DataFrame(columns=["outcome", "muscle", "dose_percent", "change"])
    shown = [row.outcome for row in rows_of(series, slopes)[0]]
    bars = slopes[slopes["outcome"].isin(shown)][["outcome", "muscle", "change"]]
    bars = bars.assign(dose_percent=np.nan, change=bars["change"] * STEP_PERCENT)
    lines = [tangent(series, slopes, name).assign(outcome=name, muscle="") for name in shown]
    return pd.concat([bars, *lines], ignore_index=True)


def caption(series: Series) -> str:
    """What the page shows, and the muscles that count most."""
    slopes = of_series(series)
    assert slopes is not None
    first = []
    for row in rows_of(series, slopes)[0]:
        own = slopes[slopes["outcome"] == row.outcome].set_index("muscle")["change"]
        muscle = str(own.abs().idxmax())
        change = STEP_PERCENT * float(own[muscle])
        first.append(f"{row.endpoint.shown_name}: {muscle} ({change:+.2g} {row.unit})")
    return (
        "Muscles whose strength changes the claims' primary endpoints most, from derivatives at "
        f"100 %, and the dose-response with its tangent, {series.told()} By +{STEP_PERCENT:g} % "
        f"strength the most: {'; '.join(first)}."
    )


def without(series: Series) -> str:
    """Why a series has no page."""
    slopes = of_series(series)
    if slopes is None:
        return "its 100 % run has no derivatives"
    return "" if rows_of(series, slopes)[0] else "the derivatives know no primary endpoint"


if __name__ == "__main__":
    figure_command("sensitivity", draw, drawn, caption, without)

"""The answer at a glance: what less strength does to each claim's main quantities.

A bar for each primary endpoint of the headline: the mean effect over the smallest effect, right as
the article claims, left against it, grey where it is too small to matter; beside it the effect in
its own unit. Where the tendon of the iliopsoas may press in several places, the bar is of the
first reading and the ticks are the others. Above each claim its verdict and whether it is trusted.
"""

from __future__ import annotations

import textwrap
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.transforms import blended_transform_factory

from analysis.figures.claims import read, table
from analysis.figures.style import (
    COLUMN,
    TextStyle,
    absent,
    characters,
    figure,
    figure_main,
    note,
    save,
)
from analysis.report.plain import CLAIMS
from analysis.verdict.trust import NOT_TRUSTED, TRUSTED, UNTRUSTED_COLOUR

NAME = "answer"
FOR, AGAINST, SMALL = "#009E73", "#D55E00", "0.55"
LEFT, RIGHT = 0.46, 0.80
"""From where to where the bars are drawn, as shares of the width."""
LEAST = 2.5
"""Smallest effects that an axis shows at least."""
ROW_MM, TOP_MM, FOOT_MM = 4.0, 13.0, 5.0


def headline(rows: pd.DataFrame) -> pd.DataFrame:
    """The primary endpoints of the headline's stratum, each reading a row."""
    return rows[rows["headline"] & (rows["rank"] == "primary")].reset_index(drop=True)


def colour(effect: float) -> str:
    """Of an effect in smallest effects."""
    if abs(effect) < 1.0:
        return SMALL
    return FOR if effect > 0 else AGAINST


def spoken(own: pd.DataFrame) -> str:
    """An endpoint's effect in its unit: of its readings the least and the greatest."""
    ordered = own.dropna(subset=["effect_in_units"]).sort_values("effect_in_units")
    told = list(dict.fromkeys(ordered["told_effect"]))
    if not told:
        return "no result"
    unit = told[0].partition(" ")[2]
    if len(told) == 1:
        return str(told[0])
    return f"{told[0].partition(' ')[0]} to\n{told[-1].partition(' ')[0]} {unit}"


def draw(rows: pd.DataFrame) -> Figure:
    """The page; rows: as headline gives."""
    fitting = characters(COLUMN, LEFT - 0.03)
    content: list[tuple[str, pd.DataFrame | None]] = []
    for claim, of_claim in rows.groupby("claim", sort=False):
        first = of_claim.iloc[0]
        word = TRUSTED if first["trusted"] else NOT_TRUSTED
        content.append((f"{CLAIMS.get(str(claim), claim)}: {first['claim_verdict']}, {word}", None))
        for _, own in of_claim.groupby("endpoint", sort=False):
            name = textwrap.fill(str(own["label"].iloc[0]), fitting)
            content.append((name, own))
    heights = [1.0 + 0.75 * text.count("\n") + (own is None) * 0.25 for text, own in content]
    tall = TOP_MM + FOOT_MM + ROW_MM * sum(heights)
    page = figure(COLUMN, tall)
    page.set_layout_engine("none")
    low, high = FOOT_MM / tall, 1.0 - TOP_MM / tall
    axes = page.add_axes((LEFT, low, RIGHT - LEFT, high - low))
    across = blended_transform_factory(page.transFigure, axes.transData)
    reach = max(LEAST, 1.1 * float(np.nanmax(np.abs([*rows["effect"], 0.0]))))
    beside: TextStyle = {"transform": across, "va": "center", "linespacing": 1.05}
    place = 0.0
    for (text, own), height in zip(content, heights, strict=True):
        place += height / 2
        if own is None:
            shade = "black" if text.endswith(f", {TRUSTED}") else UNTRUSTED_COLOUR
            axes.text(
                0.01,
                place,
                text,
                fontweight="bold",
                color=shade,
                transform=across,
                va="center",
                backgroundcolor="white",
            )
        else:
            axes.fill_betweenx([place - height / 2, place + height / 2], -1, 1, color="0.92", lw=0)
            axes.text(LEFT - 0.02, place, text, ha="right", **beside)
            axes.text(RIGHT + 0.02, place, spoken(own), ha="left", **beside)
            effects = own["effect"].dropna()
            if len(effects):
                axes.barh(place, effects.iloc[0], 0.5, color=colour(effects.iloc[0]), zorder=2)
            axes.plot(effects.iloc[1:], [place] * len(effects.iloc[1:]), "k|", ms=7, zorder=3)
            axes.plot([0, 0], [place - height / 2, place + height / 2], color="0.4", lw=0.6)
        place += height / 2
    axes.set_ylim(place, 0)
    axes.set_xlim(-reach, reach)
    axes.axis("off")
    cause = str(rows["cause"].iloc[0])
    arm = str(rows["arm"].iloc[0]).replace("_", " ")
    page.text(0.01, 1.0 - 1.2 / tall, f"{arm}, {cause}, against 100 %", va="top", weight="bold")
    at = high + 1.0 / tall
    middle = (LEFT + RIGHT) / 2
    page.text(LEFT - 0.02, at, "\N{LEFTWARDS ARROW} against\nthe article", color=AGAINST, ha="left")
    page.text(RIGHT + 0.02, at, "as it says \N{RIGHTWARDS ARROW}", color=FOR, ha="right")
    page.text(middle, low - 3.2 / tall, "grey: too small to matter", ha="center", color="0.35")
    note(page, "bars: mean effect over the smallest effect that matters; ticks: other readings")
    return page


def caption(rows: pd.DataFrame) -> str:
    """What the picture shows; rows: as headline gives."""
    told = [
        f"{own['label'].iloc[0]} {spoken(own).replace(chr(10), ' ')}"
        for _, own in rows.groupby("endpoint", sort=False)
    ]
    return (
        f"What {rows['cause'].iloc[0]} does against the same runner's 100 %: {'; '.join(told)}. "
        "Bars to the right go as the article says, to the left against it; in the grey band the "
        "change is smaller than the smallest that would matter, stated beforehand."
    )


def whole(folder: Path) -> None:
    """Draw the figure of a study's folder."""
    rows = headline(table(read(folder)))
    drawn = rows.drop(columns="variants")
    if rows.empty:
        reason = "the study has no verdict"
        save(folder / "figures", NAME, [absent("Answer", reason)], drawn, f"Not drawn: {reason}.")
        return
    save(folder / "figures", NAME, [draw(rows)], drawn, caption(rows))


if __name__ == "__main__":
    figure_main(whole)

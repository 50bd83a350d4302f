"""The verdicts: what strength does to each claim's endpoints, over the smallest effect.

Of -10 % strength by the first edition of the rule, of each contrast by the second. A page for each
arm, side, cadence and contrast. Right of the grey band speaks for the article's claim, left
of it against; within it the effect is less than the smallest effect. Bars: interval over the
variants; ticks: the single variants; diamonds: the steepest piece between neighbouring doses. One
variant has no spread and no bar, and decides nothing. Each claim stands there with its trust and
controls, each primary endpoint with its values over the range of doses (at the headline's habit
weight), and so does a secondary one that moves by more than a smallest effect over it.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.transforms import blended_transform_factory

from analysis.figures.claims import STRATUM, VERDICTS, conditions, number, read, table
from analysis.figures.style import PAGE, absent, characters, figure, figure_main, note, save
from analysis.verdict.trust import UNTRUSTED_COLOUR

NAME = "verdict"
INDENT = 0.02
"""Where a statement begins, as a share of the page's width."""
EDGE = 4.0
"""Effects beyond so many smallest effects are drawn as an arrow at the edge, with their size."""
ROW_MM = 5.0
RANKS = {"primary": "black", "secondary": "0.4"}


def name(row: pd.Series) -> str:
    """A row's endpoint in words."""
    label = str(row["label"])
    return f"{label} ({row['reading']})" if row["reading"] else label


def main_weight(page: pd.DataFrame) -> float:
    """The headline's habit weight; where a page lacks it, its greatest."""
    weight = page.loc[page["headline"], "habit_weight"]
    return float(weight.iloc[0] if len(weight) else page["habit_weight"].max())


def shown(page: pd.DataFrame) -> pd.DataFrame:
    """The rows of a page: primaries at every habit weight, the others at the headline's alone."""
    main = main_weight(page)
    keep = (page["rank"] == "primary") | (page["habit_weight"] == main)
    order = {key: place for place, key in enumerate(dict.fromkeys(page["claim"]))}
    endpoints = {key: place for place, key in enumerate(dict.fromkeys(page["endpoint"]))}
    chosen = page[keep].assign(
        _claim=page["claim"].map(order), _endpoint=page["endpoint"].map(endpoints)
    )
    chosen = chosen.sort_values(
        ["_claim", "_endpoint", "reading", "habit_weight"],
        ascending=[True, True, False, False],
        kind="stable",
    )
    return chosen.drop(columns=["_claim", "_endpoint"]).reset_index(drop=True)


def draw_row(axes: Axes, place: float, row: pd.Series) -> None:
    """One effect with its interval and its variants."""
    colour, marker = VERDICTS.get(str(row["verdict"]), VERDICTS["inconclusive"])
    effect = row["effect"]
    if not np.isfinite(effect):
        axes.text(0.12, place, "no result", ha="left", va="center", color="0.35")
        return
    if np.isfinite(row["low"]):
        ends = np.clip([row["low"], row["high"]], -EDGE, EDGE)
        axes.plot(ends, [place, place], color=colour, linewidth=1.6, zorder=3)
    if np.isfinite(row["steepest"]):
        draw_steepest(axes, place, row, colour)
    for value in row["variants"] if len(row["variants"]) > 1 else []:
        axes.plot(np.clip(value, -EDGE, EDGE), place, "|", color="0.4", markersize=4, zorder=2)
    inside = abs(effect) <= EDGE
    sided = marker if inside else (">" if effect > 0 else "<")
    face = colour if np.isfinite(row["low"]) else "white"
    size = 5 if row["rank"] == "primary" else 3.5
    axes.plot(
        np.clip(effect, -EDGE, EDGE),
        place,
        sided,
        color=colour,
        markerfacecolor=face,
        markersize=size,
        zorder=4,
        clip_on=False,
    )
    if not inside:
        side = "right" if effect > 0 else "left"
        axes.annotate(
            f"{effect:.1f}",
            (np.sign(effect) * EDGE, place),
            xytext=(-6 if effect > 0 else 6, 0),
            textcoords="offset points",
            ha=side,
            va="center",
            color=colour,
        )


class Look(TypedDict, total=False):
    """Keywords of a mark or a text in matplotlib."""

    color: str
    fontweight: str
    zorder: float
    clip_on: bool


def draw_steepest(axes: Axes, place: float, row: pd.Series, colour: str) -> None:
    """The effect on the steepest piece, a little above its row."""
    look: Look = {"color": colour, "zorder": 3, "clip_on": False}
    above = place - 0.22
    if np.isfinite(row["steepest_low"]):
        ends = np.clip([row["steepest_low"], row["steepest_high"]], -EDGE, EDGE)
        axes.plot(ends, [above, above], linewidth=0.6, **look)
    at = np.clip(row["steepest"], -EDGE, EDGE)
    axes.plot(at, above, "D", markersize=2.6, markerfacecolor="white", markeredgewidth=0.7, **look)


@dataclass(frozen=True)
class Line:
    """A line of a page: a row of the table, or a statement over the page's whole width."""

    row: pd.Series | None
    text: str
    look: Look
    height: float = 1.0


def lines(rows: pd.DataFrame) -> list[Line]:
    """What a page holds, from top to bottom: each claim with its trust, then its endpoints."""
    found: list[Line] = []
    weights, main = rows["habit_weight"].nunique(), main_weight(rows)
    for _, own in rows.groupby("claim", sort=False):
        colour = "black" if own["trusted"].iloc[0] else UNTRUSTED_COLOUR
        found += _statement(_headline(own), {"fontweight": "bold", "color": colour}, bold=True)
        last = ""
        for _, group in own.groupby(["rank", "endpoint", "reading"], sort=False):
            primary = group["rank"].iloc[0] == "primary"
            for _, row in group.iterrows():
                words = name(row) if name(row) != last else ""
                if primary and weights > 1:
                    words += f"   habit {number(row['habit_weight'])}"
                found.append(Line(row, words, {"color": RANKS[str(row["rank"])]}))
                last = name(row)
            for _, row in group[group["habit_weight"] == main].iterrows():
                if primary or abs(row["range_in_smallest_effects"]) > 1:
                    found += _statement(_told(row), {"color": RANKS[str(row["rank"])]})
        found.append(Line(None, "", {}, 0.4))
    return found


def _told(row: pd.Series) -> str:
    """An endpoint over the range of doses and on its steepest piece; empty without a result."""
    if not row["over_range"]:
        return ""
    steep = str(row["steepest_piece"]).removesuffix(", within the smallest effect")
    return f"{row['over_range']}; steepest {steep}"


def _statement(text: str, look: Look, *, bold: bool = False) -> list[Line]:
    fitting = characters(PAGE, (0.85 if bold else 1.0) * (1.0 - INDENT))
    return [Line(None, part, look) for part in textwrap.wrap(text, fitting)]


def draw(page_rows: pd.DataFrame) -> Figure:
    """A page: all rows of one arm, side and cadence."""
    rows = shown(page_rows)
    weights, content = rows["habit_weight"].nunique(), lines(rows)
    page = figure(PAGE, 44 + ROW_MM * sum(line.height for line in content))
    axes = page.subplots()
    axes.axvspan(-1, 1, color="0.93", linewidth=0, zorder=0)
    axes.axvline(0, color="0.5", linewidth=0.6, zorder=1)
    across = blended_transform_factory(page.transFigure, axes.transData)
    place = 0.0
    ticks: list[tuple[float, Line]] = []
    for line in content:
        if line.row is not None:
            draw_row(axes, place, line.row)
            ticks.append((place, line))
        elif line.text:
            told = axes.text(INDENT, place, line.text, transform=across, va="center", **line.look)
            told.set_in_layout(False)
        place += line.height
    axes.set_yticks([at for at, _ in ticks], [line.text for _, line in ticks])
    for label, (_, line) in zip(axes.get_yticklabels(), ticks, strict=True):
        label.set(**line.look)
    axes.set_ylim(place - 0.4, -1.6)
    axes.set_xlim(-EDGE, EDGE)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(f"effect of {rows['cause'].iloc[0]} / smallest effect")
    for x, side, text in ((-EDGE, "left", "against the claim"), (EDGE, "right", "for the claim")):
        axes.text(x, -1.1, text, ha=side, va="center", style="italic", color="0.35")
    handles: list[Artist] = [
        Line2D([], [], linestyle="", marker=mark, color=colour, markersize=5)
        for colour, mark in VERDICTS.values()
    ]
    handles += [
        Line2D([], [], linestyle="", marker="|", color="0.4"),
        Line2D([], [], linestyle="", marker="D", color="0.4", markersize=3, markerfacecolor="w"),
        Patch(color="0.93"),
    ]
    names = [*VERDICTS, "single variants", "steepest piece", "less than the smallest effect"]
    page.legend(handles, names, loc="outside upper center", ncols=4, title=conditions(rows.iloc[0]))
    remarks = ["black: primary endpoints, which decide; grey: secondary ones"]
    remarks.append(
        f"values at the lowest and highest dose, and steepest piece: mean at habit weight "
        f"{number(main_weight(rows))}"
    )
    if not rows["trusted"].all():
        remarks.append(
            "not trusted: by the rule a verdict is trusted only if all controls of its claim passed"
        )
    if (rows["variants_used"] <= 1).any():
        remarks.append("hollow circle: a single variant, which has no spread: no verdict")
    if weights == 1:
        remarks.append(f"one habit weight only ({number(rows['habit_weight'].iloc[0])})")
    lost = sorted({name(row) for _, row in rows[rows["effect"].isna()].iterrows()})
    if lost:
        remarks.append("no result: " + ", ".join(lost))
    note(page, "\n".join(remarks))
    return page


def caption(rows: pd.DataFrame) -> str:
    """What the first page shows, each claim with its verdict, its trust and its controls.

    rows: of analysis.figures.claims.table.
    """
    first = _pages(rows)[0]
    told = [_headline(own) for _, own in first.groupby("claim", sort=False)]
    where = conditions(first.iloc[0])
    return (
        f"{where[0].upper()}{where[1:]}. Marks: mean effect of {first['cause'].iloc[0]} over the "
        "smallest effect, right as the article claims, grey where it is less than that; diamonds: "
        f"the steepest piece between neighbouring doses. {'. '.join(told)}."
    )


def _headline(own: pd.DataFrame) -> str:
    """A claim with its verdict, its trust and its controls; own: its rows of a page."""
    verdicts = own.loc[own["headline"], "claim_verdict"]
    verdict = verdicts.iloc[0] if len(verdicts) else own["claim_verdict"].iloc[0]
    return f"{own['claim'].iloc[0]}: {verdict}, {own['trust'].iloc[0]}"


def _pages(rows: pd.DataFrame) -> list[pd.DataFrame]:
    """The rows of each stratum, all habit weights; the page with the headline first."""
    keys = [key for key in STRATUM if key != "habit_weight"]
    pages = [page for _, page in rows.groupby(keys, sort=False, dropna=False)]
    return sorted(pages, key=lambda page: not page["headline"].any())


def whole(folder: Path) -> None:
    """Draw the figure of a study's folder; the page with the headline first."""
    claims = read(folder)
    if not claims:
        reason = "no case changes the strength of an arm"
        page = [absent("Verdicts", reason)]
        save(folder / "figures", NAME, page, table(claims), f"Not drawn: {reason}.")
        return
    rows = table(claims)
    if rows.empty:
        raise ValueError(
            f"{folder}/claims.json: no endpoint with a smallest effect; nothing to draw"
        )
    pages = _pages(rows)
    drawn = pd.concat([shown(page) for page in pages], ignore_index=True)
    drawn["variants"] = [" ".join(f"{v:.4g}" for v in values) for values in drawn["variants"]]
    save(folder / "figures", NAME, map(draw, pages), drawn, caption(rows))


if __name__ == "__main__":
    figure_main(whole)

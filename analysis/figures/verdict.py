"""The verdicts: what strength does to each claim's endpoints, over the smallest effect.

Of -10 % strength by the first edition of the rule, of each contrast by the second. A page for each
arm, side, cadence and contrast. Right of the grey band speaks for the article's claim, left
of it against; within it the effect is less than the smallest effect. Bars: interval over the
variants; ticks: the single variants; diamonds: the steepest piece between neighbouring doses. One
variant has no spread and no bar, and decides nothing. Each claim stands there with its trust and
controls, each endpoint with its effect and its values at the lowest and the highest dose.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.transforms import blended_transform_factory

from analysis.figures.claims import STRATUM, VERDICTS, conditions, number, read, table
from analysis.figures.style import (
    PAGE,
    LineStyle,
    absent,
    characters,
    figure,
    figure_main,
    fits,
    note,
    save,
)
from analysis.verdict.trust import UNTRUSTED_COLOUR

NAME = "verdict"
INDENT = 0.01
"""Where a headline begins, as a share of the page's width."""
AXES = (0.37, 0.67)
"""From where to where effects are drawn."""
COLUMNS_AT = (0.69, 0.83)
"""Where the columns of numbers begin: of the effect, and over the range of doses."""
EDGE = 4.0
"""Effects beyond so many smallest effects are drawn as an arrow at the edge, with their size."""
ROW_MM = 5.0
RANKS = {"primary": "black", "secondary": "0.4"}


def name(row: pd.Series) -> str:
    """A row's endpoint in words."""
    label = str(row["label"]).partition(" (")[0]  # its unit stands with its numbers
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


def draw_steepest(axes: Axes, place: float, row: pd.Series, colour: str) -> None:
    """The effect on the steepest piece, a little above its row."""
    look: LineStyle = {"color": colour, "zorder": 3, "clip_on": False}
    above = place - 0.22
    if np.isfinite(row["steepest_low"]):
        ends = np.clip([row["steepest_low"], row["steepest_high"]], -EDGE, EDGE)
        axes.plot(ends, [above, above], linewidth=0.6, **look)
    at = np.clip(row["steepest"], -EDGE, EDGE)
    axes.plot(at, above, "D", markersize=2.6, markerfacecolor="white", markeredgewidth=0.7, **look)


@dataclass(frozen=True)
class Block:
    """A claim's part of a page: its headline, and below it a row for each endpoint."""

    headline: str
    trusted: bool
    rows: pd.DataFrame
    names: list[str]
    """Of the rows, broken into lines; empty where the endpoint of the row above goes on."""

    @property
    def head(self) -> float:
        """Height of the headline, in rows of one line."""
        return 0.85 + 0.65 * self.headline.count("\n")

    @property
    def height(self) -> float:
        """In rows of one line, headline and the space below the rows among them."""
        return self.head + sum(map(height, self.names)) + 0.6


def height(name: str) -> float:
    """Of a row, in rows of one line."""
    return 1.0 + 0.55 * name.count("\n")


def blocks(rows: pd.DataFrame) -> list[Block]:
    """What a page holds, from top to bottom: each claim with its trust, then its endpoints."""
    weights, found = rows["habit_weight"].nunique(), []
    for _, own in rows.groupby("claim", sort=False):
        names, last = [], ""
        for _, row in own.iterrows():
            words = name(row) if name(row) != last else ""
            last = name(row)
            if weights > 1 and row["rank"] == "primary":
                words += f"{', ' if words else ''}habit {number(row['habit_weight'])}"
            names.append(textwrap.fill(words, characters(PAGE, AXES[0] - INDENT)))
        headline = textwrap.fill(_headline(own), characters(PAGE, 0.95 * (1 - INDENT)))
        found.append(Block(headline, bool(own["trusted"].iloc[0]), own, names))
    return found


def draw(page_rows: pd.DataFrame) -> Figure:
    """A page: all rows of one arm, side and cadence."""
    every = shown(page_rows)
    rows = every[~lost(every)].reset_index(drop=True)
    content, top, foot = blocks(rows), 20.0, 11.0
    tall = top + foot + ROW_MM * sum(block.height for block in content)
    if not fits(PAGE, tall):  # of a slide: what decides, in letters that can be read
        rows = rows[rows["rank"] == "primary"].reset_index(drop=True)
        content = blocks(rows)
        tall = top + foot + ROW_MM * sum(block.height for block in content)
    page, row_share = figure(PAGE, tall), ROW_MM / tall
    page.set_layout_engine("none")
    told = conditions(rows.iloc[0])
    below = 1.0 - row_share * top / ROW_MM
    for text, x, side in (
        ("against the claim", AXES[0], "left"),
        ("for the claim", AXES[1], "right"),
    ):
        page.text(x, below + 0.2 * row_share, text, ha=side, style="italic", color="0.35")
    for text, x in zip(heads(rows), COLUMNS_AT, strict=True):
        page.text(x, below + 0.2 * row_share, text, ha="left", color="0.35")
    for block in content:
        colour = "black" if block.trusted else UNTRUSTED_COLOUR
        page.text(
            INDENT,
            below - 0.25 * row_share,
            block.headline,
            fontweight="bold",
            color=colour,
            va="top",
            linespacing=1.3,
        )
        below -= block.height * row_share
        share = sum(map(height, block.names)) * row_share
        axes = page.add_axes((AXES[0], below + 0.4 * row_share, AXES[1] - AXES[0], share))
        _draw_block(axes, block)
    axes.tick_params(axis="x", labelbottom=True)
    axes.spines["bottom"].set_visible(True)
    axes.set_xlabel(f"effect of {rows['cause'].iloc[0]} / smallest effect")
    legend = _legend(rows)
    page.legend([*legend.values()], [*legend], loc="upper center", ncols=4, title=told)
    note(page, "\n".join(remarks(every, rows)))
    return page


def _legend(rows: pd.DataFrame) -> dict[str, Artist]:
    """What of the marks a page has, by name."""
    marks: dict[str, Artist] = {
        name: Line2D([], [], linestyle="", marker=mark, color=colour, markersize=5)
        for name, (colour, mark) in VERDICTS.items()
        if (rows["verdict"] == name).any()
    }
    if (rows["variants"].map(len) > 1).any():
        marks["single variants"] = Line2D([], [], linestyle="", marker="|", color="0.4")
    if rows["steepest"].notna().any():
        marks["steepest piece"] = Line2D(
            [], [], linestyle="", marker="D", color="0.4", markersize=3, markerfacecolor="w"
        )
    return marks | {"less than the smallest effect": Patch(color="0.93")}


def _draw_block(axes: Axes, block: Block) -> None:
    """The rows of a claim: names left, effects in the middle, numbers right."""
    axes.axvspan(-1, 1, color="0.93", linewidth=0, zorder=0)
    axes.axvline(0, color="0.5", linewidth=0.6, zorder=1)
    place, places = 0.0, []
    across = blended_transform_factory(axes.figure.transFigure, axes.transData)
    for (_, row), words in zip(block.rows.iterrows(), block.names, strict=True):
        place += 0.5 * height(words)
        draw_row(axes, place, row)
        places.append(place)
        for text, x in zip((row["told_effect"], row["told_range"]), COLUMNS_AT, strict=True):
            colour = RANKS[str(row["rank"])]
            axes.text(x, place, text, transform=across, va="center", color=colour)
        place += 0.5 * height(words)
    axes.set_yticks(places, block.names)
    for label, rank in zip(axes.get_yticklabels(), block.rows["rank"], strict=True):
        label.set_color(RANKS[str(rank)])
    axes.set_ylim(place, 0.0)
    axes.set_xlim(-EDGE, EDGE)
    axes.tick_params(axis="y", length=0)
    axes.tick_params(axis="x", labelbottom=False)
    axes.spines[["left", "bottom"]].set_visible(False)
    axes.tick_params(axis="x", length=0)


def heads(rows: pd.DataFrame) -> tuple[str, str]:
    """Heads of the columns of numbers."""
    ends = [text for text in rows["range_of_doses"] if text]
    cause = str(rows["cause"].iloc[0]).replace("strength", "").strip()
    return cause if cause.startswith("-") else f"at {cause}", ends[0] if ends else ""


def lost(rows: pd.DataFrame) -> pd.Series:
    """The rows without a result of endpoints that have one at another habit weight."""
    nothing = ~np.isfinite(rows["effect"].to_numpy(dtype=float))
    keys = [rows[key] for key in ("endpoint", "reading")]
    return nothing & ~pd.Series(nothing, index=rows.index).groupby(keys).transform("all")


def remarks(every: pd.DataFrame, rows: pd.DataFrame) -> list[str]:
    """What is to be known of a page; every: with the rows that were left out."""
    main = main_weight(every)
    told = ["black: primary endpoints, which decide; grey: secondary ones"]
    told.append(f"numbers: means at habit weight {number(main)} unless the row says another")
    steep = [
        f"{name(row)} {row['steepest_piece'].removesuffix(', within the smallest effect')}"
        for _, row in rows[rows["habit_weight"] == main].iterrows()
        if row["rank"] == "primary" and row["steepest_piece"]
    ]
    if steep:
        told.append(f"steepest pieces: {'; '.join(steep)}")
    if not rows["trusted"].all():
        told.append(
            "not trusted: by the rule a verdict is trusted only if all controls of its claim passed"
        )
    if (rows["variants_used"] <= 1).any():
        told.append("hollow circle: a single variant, which has no spread: no verdict")
    if len(set(rows["habit_weight"])) == 1:
        told.append(f"one habit weight only ({number(rows['habit_weight'].iloc[0])})")
    for weight, own in every[lost(every)].groupby("habit_weight"):
        why = "; ".join(dict.fromkeys(str(reason) for reason in own["reason"] if reason))
        told.append(f"no result at habit weight {number(weight)}{f': {why}' if why else ''}")
    without = sorted({name(row) for _, row in rows[rows["effect"].isna()].iterrows()})
    if without:
        told.append("no result: " + ", ".join(without))
    return told


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

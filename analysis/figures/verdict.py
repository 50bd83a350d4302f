"""The verdicts: what -10 % strength does to each claim's endpoints, over the smallest effect.

A page for each arm, side and cadence. Right of the grey band speaks for the article's claim, left
of it against, within it the effect is too small to matter. Bars: interval over the variants; ticks:
the single variants. One variant has no spread and no bar, and decides nothing.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from analysis.figures.claims import VERDICTS, conditions, number, read, table
from analysis.figures.style import PAGE, figure, figure_main, note, save

EDGE = 4.0
"""Effects beyond so many smallest effects are drawn as an arrow at the edge, with their size."""
ROW_MM = 5.0
RANKS = {"primary": "black", "secondary": "0.4"}


def name(row: pd.Series) -> str:
    """A row's endpoint in words."""
    label = str(row["label"])
    return f"{label} ({row['reading']})" if row["reading"] else label


def shown(page: pd.DataFrame) -> pd.DataFrame:
    """The rows of a page: primaries at every habit weight, the others at the headline's alone."""
    weight = page.loc[page["headline"], "habit_weight"]
    main = weight.iloc[0] if len(weight) else page["habit_weight"].max()
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


def draw(page_rows: pd.DataFrame) -> Figure:
    """A page: all rows of one arm, side and cadence."""
    rows = shown(page_rows)
    weights = rows["habit_weight"].nunique()
    claims = list(dict.fromkeys(rows["claim"]))
    page = figure(PAGE, 40 + ROW_MM * (len(rows) + 1.4 * len(claims)))
    axes = page.subplots()
    axes.axvspan(-1, 1, color="0.9", linewidth=0, zorder=0)
    axes.axvline(0, color="0.5", linewidth=0.6, zorder=1)
    place = 0.0
    ticks: list[tuple[float, str, dict[str, str]]] = []
    for claim in claims:
        own = rows[rows["claim"] == claim]
        verdicts = own.loc[own["headline"], "claim_verdict"]
        verdict = verdicts.iloc[0] if len(verdicts) else own["claim_verdict"].iloc[0]
        ticks.append((place, f"{claim}: {verdict}", {"fontweight": "bold"}))
        place += 1.0
        last = ""
        for _, row in own.iterrows():
            draw_row(axes, place, row)
            words = name(row) if name(row) != last else ""
            if row["rank"] == "primary" and weights > 1:
                words += f"   habit {number(row['habit_weight'])}"
            ticks.append((place, words, {"color": RANKS[str(row["rank"])]}))
            last = name(row)
            place += 1.0
        place += 0.4
    axes.set_yticks([at for at, _, _ in ticks], [text for _, text, _ in ticks])
    for label, (_, _, look) in zip(axes.get_yticklabels(), ticks, strict=True):
        label.set(**look)
    axes.set_ylim(place - 0.4, -1.4)
    axes.set_xlim(-EDGE, EDGE)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("effect of -10 % strength / smallest effect")
    for x, side, text in ((-EDGE, "left", "against the claim"), (EDGE, "right", "for the claim")):
        axes.text(x, -0.9, text, ha=side, va="center", style="italic", color="0.35")
    handles: list[Artist] = [
        Line2D([], [], linestyle="", marker=mark, color=colour, markersize=5)
        for colour, mark in VERDICTS.values()
    ]
    handles += [Line2D([], [], linestyle="", marker="|", color="0.4"), Patch(color="0.9")]
    names = [*VERDICTS, "single variants", "too small to matter"]
    page.legend(handles, names, loc="outside upper center", ncols=3, title=conditions(rows.iloc[0]))
    remarks = ["black: primary endpoints, which decide; grey: secondary ones"]
    if (rows["variants_used"] <= 1).any():
        remarks.append("hollow: a single variant, which has no spread: no verdict")
    if weights == 1:
        remarks.append(f"one habit weight only ({number(rows['habit_weight'].iloc[0])})")
    lost = sorted({name(row) for _, row in rows[rows["effect"].isna()].iterrows()})
    if lost:
        remarks.append("no result: " + ", ".join(lost))
    note(page, "\n".join(remarks))
    return page


def whole(folder: Path) -> None:
    """Draw the figure of a study's folder; the page with the headline first."""
    rows = table(read(folder))
    if rows.empty:
        raise ValueError(
            f"{folder}/claims.json: no endpoint with a smallest effect; nothing to draw"
        )
    pages = [page for _, page in rows.groupby(["problem", "arm", "side", "cadence"], sort=False)]
    pages.sort(key=lambda page: not page["headline"].any())
    drawn = pd.concat([shown(page) for page in pages], ignore_index=True)
    drawn["variants"] = [" ".join(f"{v:.4g}" for v in values) for values in drawn["variants"]]
    save(folder / "figures", "verdict", map(draw, pages), drawn)


if __name__ == "__main__":
    figure_main(whole)

"""Does the effect of strength depend on how tightly a runner keeps to their motion?

Effect of -10 % strength on each primary endpoint, in smallest effects (positive: as the article
claims), against the weight of the habit: 0 is the free optimum, a large weight holds the motion.
Diamonds: the same on the steepest piece between neighbouring doses. A page for each side and
cadence, a line for each arm; each panel names the claim's verdict and whether it is trusted.
"""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Literal, TypedDict

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from analysis.figures.claims import STRATUM, number, read, table
from analysis.figures.style import (
    ARM_COLOURS,
    ARM_MARKERS,
    PAGE,
    absent,
    characters,
    figure,
    figure_main,
    fits,
    letter,
    note,
    save,
)


class Marker(TypedDict):
    """Keywords of a mark without a line in matplotlib."""

    linestyle: Literal[""]
    marker: str
    markersize: float
    mfc: str


STEEPEST = "steepest piece between neighbouring doses"
READING_LINES = ("-", "--", ":")
"""Of the readings of the tendon; their marks are full, hollow and grey."""
HOLLOW: Marker = {"linestyle": "", "marker": "D", "markersize": 3, "mfc": "white"}


def title(rows: pd.DataFrame, columns: int) -> str:
    """A panel's title: claim and endpoint, the headline's verdict, and whether it is trusted."""
    first = rows.iloc[0]
    parts = [f"{first['claim']}: {first['label']}"]
    told = rows.loc[rows["headline"], "claim_verdict"]
    parts.append(", ".join([*told.iloc[:1], str(first["trust"]).partition(":")[0]]))
    fitting = characters(PAGE, 0.8 / columns)
    return "\n".join(line for part in parts for line in textwrap.wrap(part, fitting))


def height(panels: int, columns: int) -> float:
    """Height of a page of so many panels beside each other, mm."""
    return 32 + 50 * -(-panels // columns)


def draw_panel(axes: Axes, rows: pd.DataFrame, weights: list[float], arms: list[str]) -> None:
    """One primary endpoint: a line for each arm and reading of the tendon."""
    axes.axhspan(-1, 1, color="0.9", linewidth=0, zorder=0)
    axes.axhline(0, color="0.5", linewidth=0.6, zorder=1)
    readings = list(dict.fromkeys(rows["reading"]))
    for (arm, reading), own in rows.groupby(["arm", "reading"], sort=False):
        own = own.sort_values("habit_weight")
        rank = arms.index(arm)
        # A little beside each other, so that no bar hides another.
        beside = 0.06 * (rank - (len(arms) - 1) / 2) + 0.03 * readings.index(reading)
        x = np.array([weights.index(w) for w in own["habit_weight"]]) + beside
        which = readings.index(reading) % len(READING_LINES)
        colour = ARM_COLOURS[rank % len(ARM_COLOURS)]
        axes.errorbar(
            x,
            own["effect"],
            yerr=[own["effect"] - own["low"], own["high"] - own["effect"]],
            color=colour,
            marker=ARM_MARKERS[rank % len(ARM_MARKERS)],
            linestyle=READING_LINES[which],
            elinewidth=1.0,
            capsize=2,
            markerfacecolor=(colour, "white", "0.7")[which],
            label=str(arm).replace("_", " ") + (f", {reading}" if reading else ""),
        )
        axes.plot(x, own["steepest"], color=colour, label=STEEPEST, **HOLLOW)
    if rows["effect"].isna().all():
        axes.text(0.5, 0.5, "no result", transform=axes.transAxes, ha="center", va="bottom")
    axes.set_xticks(range(len(weights)), [number(w) for w in weights])
    axes.set_xlim(-0.5, len(weights) - 0.5)
    low, high = axes.get_ylim()
    axes.set_ylim(min(low, -1.4), max(high, 1.4))
    axes.set_xlabel("habit weight")
    axes.set_ylabel("effect / smallest effect")


def draw(rows: pd.DataFrame) -> Figure:
    """A page: a panel for each primary endpoint."""
    endpoints = list(dict.fromkeys(rows["endpoint"]))
    with_result = np.isfinite(rows["effect"].to_numpy(dtype=float))
    weights = sorted(
        set(rows["habit_weight"][with_result] if with_result.any() else rows["habit_weight"])
    )
    empty = sorted(set(rows["habit_weight"]) - set(weights))
    rows = rows[rows["habit_weight"].isin(weights)]
    arms = list(dict.fromkeys(rows["arm"]))
    columns = 2 if fits(PAGE, height(len(endpoints), 2)) else 3
    page = figure(PAGE, height(len(endpoints), columns))
    panels = page.subplots(-(-len(endpoints) // columns), columns, squeeze=False).ravel()
    for axes, endpoint, mark in zip(panels, endpoints, "abcdefgh", strict=False):
        own = rows[rows["endpoint"] == endpoint]
        draw_panel(axes, own, weights, arms)
        axes.set_title(title(own, columns), loc="center")
        letter(axes, mark, -0.15)
    for axes in panels[len(endpoints) :]:
        axes.remove()
    legend: dict[str, Artist] = {}
    for axes in panels[: len(endpoints)]:
        for handle, label in zip(*axes.get_legend_handles_labels(), strict=True):
            legend.setdefault(label, handle)
    # An endpoint with one reading stands for both in the legend.
    double = {label.split(", tendon")[0] for label in legend if ", tendon on femoral" in label}
    kept = {
        label: handle
        for label, handle in legend.items()
        if not (label.endswith("on pelvis") and label.split(",")[0] in double)
    }
    if (
        kept.pop(STEEPEST, None) and rows["steepest"].notna().any()
    ):  # of any arm, hence last and in no arm's colour
        kept[STEEPEST] = Line2D([], [], color="0.4", **HOLLOW)
    told = f"cadence {rows['cadence'].iloc[0]}, side: {rows['side'].iloc[0]}"
    page.legend([*kept.values()], [*kept], loc="outside upper center", ncols=2, title=told)
    remark = (
        f"effect of {rows['cause'].iloc[0]}, positive: as the article claims; grey: it is less "
    )
    remark += "than the smallest effect; verdicts: of the headline"
    if len(weights) == 1:
        remark += (
            f"\none habit weight only ({number(weights[0])}): "
            "how the effect depends on it cannot be seen"
        )
    if empty:
        remark += f"\nno result at habit weight {', '.join(map(number, empty))}"
    judged = rows.drop_duplicates("claim")[["claim", "trust"]].astype(str)
    remark += "\n" + "; ".join(judged.agg(": ".join, axis=1))
    if rows["low"].isna().all():
        remark += "\none variant at each point: no spread, no interval"
    note(page, remark)
    return page


def whole(folder: Path) -> None:
    """Draw the figure of a study's folder."""
    claims = read(folder)
    if not claims:
        reason = "no case changes the strength of an arm"
        page = [absent("Effect by habit weight", reason)]
        save(
            folder / "figures", "dose_effect_by_habit", page, table(claims), f"Not drawn: {reason}."
        )
        return
    rows = table(claims)
    rows = rows[rows["rank"] == "primary"].drop(columns="variants")
    if rows.empty:
        raise ValueError(f"{folder}/claims.json: no primary endpoint; nothing to draw")
    keys = [key for key in STRATUM if key not in ("arm", "habit_weight")]
    pages = [page for _, page in rows.groupby(keys, sort=False, dropna=False)]
    pages.sort(key=lambda page: not page["headline"].any())
    drawn = pd.concat(pages, ignore_index=True)
    save(folder / "figures", "dose_effect_by_habit", map(draw, pages), drawn)


if __name__ == "__main__":
    figure_main(whole)

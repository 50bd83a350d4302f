"""Does the runner run as people do? Each quantity of the 100 % runs in the range of runners.

Ranges are drawn in SD about runners' mean and told in the quantity's unit: 2 SD below and above.
Norms and sources: analysis/norms.csv, on a kinematic scorecard (above the line) and a kinetic one
(below). A believable runner has on each at least 80 % within 2 SD and none beyond 4 SD. Only speeds
with norms can be judged; the others are named.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from analysis.figures.shown import endpoints
from analysis.figures.study import KEYS, read_normal
from analysis.figures.style import (
    ARM_COLOURS,
    ARM_MARKERS,
    PAGE,
    characters,
    figure,
    figure_main,
    norm_grey,
    note,
    save,
)
from analysis.figures.words import words
from analysis.norms import CARDS, norms_at, score

EDGE = 6.0
OVERLAP = "emg_jaccard"
"""Of these quantities 1 is the most there is."""
PER_PAGE = len(ARM_COLOURS)
COLUMNS = [
    "run",
    "runner",
    "case",
    "card",
    "quantity",
    "value",
    "mean",
    "sd",
    "z",
    "n",
    "source",
    "told",
]


def runs(folder: Path) -> tuple[pd.DataFrame, list[str]]:
    """The scorecards of all certified 100 % runs, one below the other, and what lacks one."""
    normal = read_normal(folder)
    varied = [key for key in KEYS if len(set(normal[key])) > 1 and key not in {"arm", "side"}]
    parts, lacking = [], []
    for _, row in normal.iterrows():
        keys = dict.fromkeys(["runner", "speed_m_s", *varied])
        run = ", ".join(f"{row[k]} m/s" if k == "speed_m_s" else _word(k, row[k]) for k in keys)
        norms = norms_at(float(row["speed_m_s"]))
        if row["status"] != "certified":
            lacking.append(f"{run}: not certified")
        elif norms.empty:
            lacking.append(f"{run}: no norms at this speed")
        else:
            out = [q for q in norms["quantity"] if _without(q, str(row["runner"]))]
            # Judged by the whole card, as verdicts are, whatever of it is drawn.
            told = score(row.to_dict(), norms).told()
            norms = norms[~norms["quantity"].isin(out)].reset_index(drop=True)
            parts.append(score(row.to_dict(), norms).table)
            parts[-1] = parts[-1].assign(run=run, runner=row["runner"], case=row["case"], told=told)
            lacking += [f"{run}: {words(q)} counted but not drawn, as by the rule" for q in out]
    if normal.empty:
        lacking.append("the study has no 100 % run")
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=COLUMNS)
    return table[COLUMNS], lacking


def _without(quantity: str, runner: str) -> bool:
    """Whether the rule says that a runner does not have a quantity."""
    known = endpoints().get(quantity)
    return known is not None and runner in known.except_runners


def _word(key: str, value: object) -> str:
    if key == "draw":
        return f"draw {value}" if value else "as built"
    text = f"{value:g}" if isinstance(value, float) else str(value).replace("_", " ")
    return f"{key.split('_')[0]} {text}" if key in {"habit_weight", "start", "cadence"} else text


def verdict(own: pd.DataFrame) -> str:
    """How many of a run's quantities lie within the norms, on each card."""
    return str(own["told"].iloc[0])


def draw(table: pd.DataFrame, lacking: list[str]) -> Figure:
    """The page: a row for each quantity, a marker for each run."""
    quantities = list(dict.fromkeys(table["quantity"]))
    names = list(dict.fromkeys(table["run"]))
    page = figure(PAGE, 30 + 5.2 * max(4, len(quantities)) + 4 * len(names))
    axes = page.subplots()
    for line, quantity in enumerate(quantities):
        norm = table[table["quantity"] == quantity].iloc[0]
        for reach, shade in ((4, "0.94"), (2, "0.82")):
            axes.barh(line, 2 * reach, left=-reach, height=0.62, color=shade, zorder=0)
        axes.plot([0, 0], [line - 0.31, line + 0.31], color=norm_grey(), linewidth=1.2, zorder=1)
        for side, where in ((-2, "right"), (2, "left")):
            end = norm["mean"] + side * norm["sd"]
            told = f"{min(end, 1.0) if quantity.startswith(OVERLAP) else end:.3g}"
            axes.text(2.08 * side, line, told, ha=where, va="center", color="0.35", zorder=1)
        own = [f"{v:.3g}" for v in table.loc[table["quantity"] == quantity, "value"] if v == v]
        axes.text(1.02 * EDGE, line, ", ".join(own[:3]), ha="left", va="center")
    for at, told, where in (
        (-4.16, "\N{MINUS SIGN}2 SD", "right"),
        (4.16, "+2 SD", "left"),
        (1.02 * EDGE, "runs", "left"),
    ):
        axes.text(at, -0.95, told, ha=where, va="center", style="italic", color="0.35")
    handles, labels = [], []
    for rank, run in enumerate(names):
        own = table[table["run"] == run]
        colour, marker = ARM_COLOURS[rank % len(ARM_COLOURS)], ARM_MARKERS[rank % len(ARM_MARKERS)]
        beside = 0.5 * (rank - (len(names) - 1) / 2) / max(1, len(names))
        for _, row in own.iterrows():
            place, z = quantities.index(row["quantity"]) + beside, row["z"]
            if not np.isfinite(z):
                axes.text(0, place, "no value", ha="center", va="center", color=colour)
                continue
            shape = marker if abs(z) <= EDGE else (">" if z > 0 else "<")
            axes.plot(np.clip(z, -EDGE, EDGE), place, shape, color=colour, clip_on=False)
        handles.append(Line2D([], [], linestyle="", marker=marker, color=colour))
        fits = len(run) + len(verdict(own)) < characters(PAGE, 0.85)
        labels.append(f"{run};{' ' if fits else chr(10)}{verdict(own)}")
    first_card = table.loc[table["card"] == CARDS[0], "quantity"].nunique()
    if 0 < first_card < len(quantities):
        axes.axhline(first_card - 0.5, color=norm_grey(), linewidth=0.8)
    axes.set_yticks(range(len(quantities)), [words(name) for name in quantities])
    axes.set_ylim(len(quantities) - 0.4, -1.4)
    axes.set_xlim(-EDGE, EDGE)
    axes.set_xlabel("difference from runners' mean (SD)")
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    if handles:
        page.legend(handles, labels, loc="outside upper center", ncols=1)
    legend = "bands: 2 and 4 SD of runners; 100 % strength; above the line kinematic, below kinetic"
    note(page, "\n".join([legend, *lacking]))
    return page


def caption(table: pd.DataFrame, lacking: list[str]) -> str:
    """What the figure shows, with the count of each run."""
    told = [f"{run}: {verdict(own)}" for run, own in table.groupby("run", sort=False)]
    return (
        "Quantities of the 100 % runs as their difference from runners' mean, in SD "
        "(analysis/norms.csv); bars: 2 and 4 SD, the numbers beside them are 2 SD below and above "
        "the mean in the quantity's unit; right: the runs' own values. "
        f"{'; '.join([*told, *lacking])}."
    )


def whole(folder: Path) -> None:
    """Draw the figure of a study's folder."""
    table, lacking = runs(folder)
    names = list(dict.fromkeys(table["run"]))
    parts = [names[at : at + PER_PAGE] for at in range(0, max(1, len(names)), PER_PAGE)]
    pages = (draw(table[table["run"].isin(part)], lacking) for part in parts)
    save(folder / "figures", "norms_scorecard", pages, table, caption(table, lacking))


if __name__ == "__main__":
    figure_main(whole)

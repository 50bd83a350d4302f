"""The chain in one figure: what exercises ask, what a trial gave, what running does then."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.exercise_chain import (
    PRESCRIBED,
    STIMULUS_PERCENT,
    trial_doses,
)
from analysis.exercise_chain import TRAINED_PERCENT as TRAINED
from analysis.figures.style import PAGE, figure, letter, note


def chain(ranked: pd.DataFrame, links: pd.DataFrame, running: dict[float, float]) -> Figure:
    """The page. ranked: figures.exercises.stimulus_table; links: analysis.exercise_chain.links;
    running: speed (m/s) -> per cent of capacity.
    """
    canvas = figure(PAGE, 74)
    first, second, third = canvas.subplots(1, 3, width_ratios=[1.1, 0.6, 1.5])
    for axes, text in zip((first, second, third), "abc", strict=True):
        letter(axes, text)
    _asked(first, ranked, running)
    _gained(second)
    _run(third, links)
    note(
        canvas,
        "(a) The certified exercises: without a band (filled), and with the band that asks most "
        "(hollow; where no movement with one is certified, of the postures held). Dashed: running; "
        "dotted: what is taken to train. (b) Strength before, and after six weeks with its 95 % "
        "interval (the trial's). (c) Change of running "
        f"from 100 to {TRAINED:g} %, divided by the smallest change that matters: bars from the "
        "trial's interval, marks at its mean; a thin line is the 95 % interval over people, where "
        "there are enough. Arrows: as the article claims.",
    )
    return canvas


def _asked(axes: Axes, ranked: pd.DataFrame, running: dict[float, float]) -> None:
    good = ranked[ranked["status"] == "certified"]
    names = [name for name in PRESCRIBED if name in set(good["exercise"])]
    for y, name in enumerate(reversed(names)):
        rows = good[good["exercise"] == name]
        share = "iliopsoas_percent_of_capacity"
        for mark, chosen in (
            ("o", rows[rows["band"] == "none"]),
            ("none", rows[rows["band"] != "none"].nlargest(1, share)),
        ):
            axes.scatter(chosen[share], [y] * len(chosen), 22, facecolor="C0" if mark == "o" else
                         "none", edgecolor="C0", zorder=3)  # fmt: skip
    axes.set_yticks(range(len(names)), [n.replace("_", " ") for n in reversed(names)])
    for speed, demand in running.items():
        axes.axvline(demand, color="0.3", linewidth=0.8, linestyle="--")
        axes.text(demand, len(names) + 0.52, f"{speed:g}\nm/s", ha="center", va="bottom")
    axes.axvline(STIMULUS_PERCENT, color="0.6", linewidth=0.8, linestyle=":")
    axes.set_ylim(-0.6, len(names) + 0.5)
    axes.set_xlim(0, 105)
    axes.set_xlabel("iliopsoas, % of its capacity")


def _gained(axes: Axes) -> None:
    low, high = trial_doses()
    axes.plot([0, 1], [100, TRAINED], color="0.6", linewidth=0.8)
    axes.errorbar(1, TRAINED, [[TRAINED - low], [high - TRAINED]], fmt="o", color="k", capsize=3)
    axes.plot(0, 100, "o", color="k")
    axes.set_xticks([0, 1], ["before", "after"])
    axes.set_xlim(-0.5, 1.5)
    axes.set_ylim(95, 132)
    axes.set_ylabel("flexion strength (% of before)")


def _run(axes: Axes, links: pd.DataFrame) -> None:
    if links.empty:
        axes.axis("off")
        axes.text(0.5, 0.5, "no running study\nat that strength", ha="center", va="center")
        return
    size = links["smallest_effect"]
    for y, (_, row) in zip(range(len(links) - 1, -1, -1), links.iterrows(), strict=True):
        scale = 1.0 / row["smallest_effect"]
        axes.plot([scale * row["low_trial"], scale * row["high_trial"]], [y, y], color="C0",
                  linewidth=4, alpha=0.4, solid_capstyle="butt")  # fmt: skip
        axes.plot([scale * row["low_people"], scale * row["high_people"]], [y, y], color="k",
                  linewidth=1)  # fmt: skip
        hollow = pd.isna(row["low_people"])
        axes.plot(scale * row["effect"], y, "o", color="C0", mfc="white" if hollow else "C0")
        way = 1 if row["claimed"] == "rises" else -1
        axes.annotate("", (0.62 * way, y), (0.42 * way, y), arrowprops={"arrowstyle": "->"})
    words = [
        f"{row['label']}" + (f",\n{row['reading']}" if isinstance(row["reading"], str) else "")
        for _, row in links.iterrows()
    ]
    axes.set_yticks(range(len(links) - 1, -1, -1), [_folded(word) for word in words])
    axes.axvline(0, color="0.7", linewidth=0.6)
    for end in (-1, 1):
        axes.axvline(end, color="0.4", linewidth=0.8, linestyle=":")
    reach = max(1.1, 1.1 * float((links["effect"].abs() / size).max()))
    axes.set_xlim(-reach, reach)
    axes.set_xlabel("change / smallest that matters")


def _folded(text: str, width: int = 26) -> str:
    lines: list[str] = []
    line = ""
    for word in text.replace("\n", " ").split(" "):
        if len(line) + len(word) > width:
            lines, line = [*lines, line], word
        else:
            line = f"{line} {word}".strip()
    return "\n".join([*lines, line])

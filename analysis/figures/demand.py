"""What is demanded of iliopsoas, as a share of what it can give: by dose, and by speed.

Demand over capacity is the muscle's activation over its largest: its active force over the most
that it could give at its length and velocity. (left) its peak over the stride at each dose, a line
for each runner; (right) at 100 % strength at each speed, those of the control `speed` among them,
and for each person the speed at which it reaches LIMIT: between two speeds run on a straight line,
beyond them not told. Heads are taken together by volume.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.figures.study import Series, read_study
from analysis.figures.style import ARM_COLOURS, PAGE, figure, figure_main, letter, note, save
from formats.case import BASELINE, without_mechanisms
from formats.table import read_csv

NAME = "demand"
COLUMN = "iliopsoas_demand_per_capacity_peak"
LIMIT = 0.8
"""Share of capacity beyond which little is left."""
LEAST_SPEED_MARKS = 2


def by_dose(series: list[Series]) -> pd.DataFrame:
    """runner, draw, arm, speed_m_s, dose_percent, demand of the certified runs."""
    columns = ["runner", "draw", "speed_m_s", "dose_percent", COLUMN]
    parts = [
        one.certified.reindex(columns=columns).assign(arm=one.arm).dropna(subset=[COLUMN])
        for one in series
    ]
    found = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)
    return found.rename(columns={COLUMN: "demand"})


def at_full_strength(folder: Path) -> pd.DataFrame:
    """The same of every certified 100 % run with free cadence at the study's first habit weight.

    They are of arm `baseline`, whichever arms, controls or speeds of controls the study has.
    """
    cases, outcomes = (read_csv(folder / name) for name in ("cases.csv", "outcomes.csv"))
    rows = without_mechanisms(cases.merge(outcomes, on="case", suffixes=("", "_again")))
    rows = rows[(rows["arm"] == BASELINE) & (rows["cadence"] == "free")]
    rows = rows[rows["habit_weight"].isin(rows["habit_weight"].iloc[:1])]
    if "spring_n_m" in rows:
        rows = rows[rows["spring_n_m"] == 0]
    rows = rows[rows["status"] == "certified"]
    columns = ["runner", "draw", "speed_m_s", "dose_percent", COLUMN, "arm"]
    found = rows.reindex(columns=columns).fillna({"draw": 0}).dropna(subset=[COLUMN])
    return found.rename(columns={COLUMN: "demand"})


def by_speed(table: pd.DataFrame) -> pd.DataFrame:
    """A row for each runner and draw: the speed at which demand reaches LIMIT at 100 % strength.

    table: of `at_full_strength`. reached_m_s: NaN where it lies beyond the speeds run, or fewer
    than two were; reason: which.
    """
    rows = []
    for (runner, draw), own in table.groupby(["runner", "draw"], sort=False):
        level = own.groupby("speed_m_s")["demand"].mean()
        speed, why = reached(level.index.to_numpy(dtype=float), level.to_numpy())
        rows.append({"runner": runner, "draw": draw, "reached_m_s": speed, "reason": why})
    return pd.DataFrame(rows, columns=["runner", "draw", "reached_m_s", "reason"])


def reached(speeds: np.ndarray, demand: np.ndarray) -> tuple[float, str]:
    """The lowest speed at which demand reaches LIMIT, and, where that is NaN, why.

    speeds (n,) m/s rising; demand (n,).
    """
    if len(speeds) < LEAST_SPEED_MARKS:
        return float("nan"), "one speed only"
    over = demand >= LIMIT
    if over[0]:
        return float("nan"), f"below {speeds[0]:g} m/s"
    if not over.any():
        return float("nan"), f"above {speeds[-1]:g} m/s"
    i = int(np.argmax(over))
    share = (LIMIT - demand[i - 1]) / (demand[i] - demand[i - 1])
    return float(speeds[i - 1] + share * (speeds[i] - speeds[i - 1])), ""


def _panel(axes: Axes, label: str) -> None:
    axes.axhline(LIMIT, color="0.5", linestyle="--", linewidth=0.8)
    axes.set_ylim(0, 1.02)
    axes.set_xlabel(label)
    axes.set_ylabel("demand / capacity of iliopsoas")


def draw(table: pd.DataFrame, normal: pd.DataFrame) -> Figure:
    """The page. table: of `by_dose`; normal: of `at_full_strength`."""
    page = figure(PAGE, 78)
    left, right = page.subplots(1, 2)
    for rank, (arm, of_arm) in enumerate(table.groupby("arm", sort=False)):
        colour = ARM_COLOURS[rank % len(ARM_COLOURS)]
        label = str(arm).replace("_", " ")
        for _, own in of_arm.groupby(["runner", "draw", "speed_m_s"], sort=False):
            mean = own.groupby("dose_percent")["demand"].mean()
            left.plot(mean.index, mean, "-", color=colour, linewidth=0.6, alpha=0.6)
        mean = of_arm.groupby("dose_percent")["demand"].mean()
        left.plot(mean.index, mean, "o-", color=colour, linewidth=1.8, label=label)
    left.set_xticks(sorted(set(table["dose_percent"])))
    _panel(left, "strength (%)")
    for _, own in normal.groupby(["runner", "draw"], sort=False):
        level = own.groupby("speed_m_s")["demand"].mean()
        right.plot(level.index, level, "o-", color="0.35", linewidth=0.6, markersize=2.5)
    speeds = by_speed(normal).dropna(subset=["reached_m_s"])
    right.plot(speeds["reached_m_s"], np.full(len(speeds), LIMIT), "|", color="#D55E00", ms=10)
    _panel(right, "speed (m/s), 100 % strength")
    right.set_xticks(sorted(set(normal["speed_m_s"])))
    right.margins(x=0.2)
    for axes, mark in zip((left, right), "ab", strict=True):
        letter(axes, mark)
    page.legend(*left.get_legend_handles_labels(), loc="outside upper center", ncols=3)
    note(page, f"dashed: {100 * LIMIT:g} % of capacity; upright ticks: the speed that reaches it")
    return page


def caption(table: pd.DataFrame, normal: pd.DataFrame) -> str:
    """What the page shows: demand by dose, and the speeds at which it reaches the limit."""
    mean = table.groupby("dose_percent")["demand"].mean()
    told = ", ".join(f"{100 * value:.0f} % at {dose:g}" for dose, value in mean.items())
    found = by_speed(normal)
    levels = normal.groupby("speed_m_s")["demand"].mean()
    at = ", ".join(f"{100 * value:.0f} % at {speed:g} m/s" for speed, value in levels.items())
    text = (
        "Peak demand on iliopsoas over the stride as a share of its capacity (activation over its "
        "largest). a: "
        f"by strength, mean of all runners {told} % strength. b: by speed at 100 % strength, mean "
        f"{at}. "
    )
    known = found["reached_m_s"].dropna()
    if len(known):
        text += (
            f"It reaches {100 * LIMIT:g} % at {known.mean():.2f} m/s (mean of {len(known)} "
            f"runners, {known.min():.2f} to {known.max():.2f}). "
        )
    others = found[found["reached_m_s"].isna()]["reason"].value_counts()
    reasons = [f"{count} {reason}" for reason, count in others.items()]
    return text + (f"Runners without such a speed: {', '.join(reasons)}." if reasons else "")


def whole(folder: Path) -> None:
    """Draw the figure of a study's folder."""
    table, normal = by_dose(read_study(folder)), at_full_strength(folder)
    every = pd.concat([table, normal], ignore_index=True)
    drawn = every.merge(by_speed(normal), on=["runner", "draw"], how="left")
    save(folder / "figures", NAME, [draw(table, normal)], drawn, caption(table, normal))


if __name__ == "__main__":
    figure_main(whole)

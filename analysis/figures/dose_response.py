"""Dose-response: the primary endpoints of the three claims against hip-flexor strength.

The band is plus and minus one smallest effect around the 100 % run; the dotted lines rise and fall
by one smallest effect per 10 % strength, the slope that config/claims.yaml decides by. Where an
endpoint depends on where the iliopsoas tendon presses, the second reading stands beside the first.
Where a study has several variants, their mean and spread come first, as changes from the 100 % run.
"""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from analysis.figures import spread
from analysis.figures.study import Series, read_study
from analysis.figures.style import ARM_COLOURS, ARM_MARKERS, PAGE, figure, figure_main, letter, save
from analysis.hip_loads import READINGS
from formats.yaml import read

CLAIMS = Path(__file__).parents[2] / "config" / "claims.yaml"
UNITS = {
    "ankle_com_per_leg": "leg lengths",
    "glmax_activation_stance_mean": "share of maximum",
    "thigh_extension_peak_deg": "deg",
    "rim_margin_min_deg": "deg",
}
TENDON_ON_HEAD = READINGS[1]


def primaries() -> list[dict[str, Any]]:
    """The primary endpoints of config/claims.yaml, in its order, each with its claim's name."""
    claims = read(CLAIMS)["claims"]
    return [{"claim": name, **p} for name, claim in claims.items() for p in claim["primary"]]


def smallest_effect(primary: dict[str, Any], row: pd.Series) -> float:
    """The smallest effect in the endpoint's own unit (a length becomes a share of leg length)."""
    other = primary.get("smallest_effect_of")
    if other is None:
        return float(primary["smallest_effect"])
    return float(primary["smallest_effect"] * row[primary["endpoint"]] / row[other])


def draw_endpoint(axes: Axes, series: list[Series], primary: dict[str, Any]) -> None:
    """One panel: an endpoint of all series, failed runs as crosses on the strength axis."""
    name = primary["endpoint"]
    for number, one in enumerate(series):
        if name not in one.rows:
            axes.text(0.5, 0.5, "no result", transform=axes.transAxes, ha="center")
            continue
        rows = one.certified.dropna(subset=[name])
        colour, marker = (
            ARM_COLOURS[number % len(ARM_COLOURS)],
            ARM_MARKERS[number % len(ARM_MARKERS)],
        )
        axes.plot(rows["dose_percent"], rows[name], marker=marker, color=colour, label=one.arm)
        other = f"{name}{TENDON_ON_HEAD}"
        if other in rows:
            shown: dict[str, Any] = {"color": colour, "marker": marker, "markerfacecolor": "white"}
            axes.plot(rows["dose_percent"], rows[other], linestyle="--", **shown)
        for dose in sorted(set(one.doses) - set(rows["dose_percent"])):
            axes.plot(
                dose,
                0,
                "x",
                color=colour,
                markersize=6,
                clip_on=False,
                transform=axes.get_xaxis_transform(),
                zorder=5,
            )
        baseline = rows[rows["dose_percent"] == 100]
        if number == 0 and len(baseline):
            row = baseline.iloc[0]
            step, span = smallest_effect(primary, row), np.array([min(one.doses), max(one.doses)])
            axes.axhspan(row[name] - step, row[name] + step, color="0.88", linewidth=0, zorder=0)
            for sign in (-1, 1):
                slope = row[name] + sign * step * (span - 100) / 10
                axes.plot(span, slope, ":", color="0.5", linewidth=0.8, zorder=1)
    axes.set_ylabel(UNITS.get(name, primary["unit"]))
    axes.set_xlabel("strength (% of maximal isometric force)")
    axes.set_xticks(sorted({dose for one in series for dose in one.doses}))
    axes.margins(x=0.06, y=0.12)


def draw(series: list[Series]) -> Figure:
    """A page: a panel for each primary endpoint, a line for each arm, under the same conditions."""
    page = figure(PAGE, 122)
    chosen = primaries()
    panels = page.subplots(2, int(np.ceil(len(chosen) / 2)), squeeze=False).ravel()
    for axes, primary, mark in zip(panels, chosen, "abcdefgh", strict=False):
        draw_endpoint(axes, series, primary)
        letter(axes, mark)
        axes.set_title(f"{primary['label']}\nclaimed: {primary['claimed']} with strength")
    handles, labels = panels[0].get_legend_handles_labels()
    handles += [Patch(color="0.88"), Line2D([], [], linestyle=":", color="0.5", linewidth=0.8)]
    labels += ["100 % run, ± one smallest effect", "one smallest effect per 10 % strength"]
    if any(f"{p['endpoint']}{TENDON_ON_HEAD}" in one.rows for p in chosen for one in series):
        second = Line2D([], [], linestyle="--", marker="o", markerfacecolor="white", color="black")
        handles.append(second)
        labels.append("tendon on femoral head")
    if any(one.failed for one in series):
        handles.append(Line2D([], [], linestyle="", marker="x", color="0.2", markersize=6))
        labels.append("not certified")
    title = f"{series[0].conditions}; one variant, without spread"
    page.legend(handles, labels, loc="outside lower center", ncols=2, title=title)
    return page


def drawn(series: list[Series]) -> pd.DataFrame:
    """The numbers shown: one row per series and dose, failed runs with their reason."""
    columns = ["series", "case", "status", "reason", "dose_percent"]
    primary_names = [primary["endpoint"] for primary in primaries()]
    both = [name + suffix for name in primary_names for suffix in READINGS]
    names = [n for n in both if n in primary_names or any(n in one.rows for one in series)]
    parts = [one.rows.reindex(columns=[*columns[1:], *names]) for one in series]
    labels = [one.label for one in series]
    rows = pd.concat(parts, keys=labels, names=["series"]).reset_index(level="series")
    rows.loc[rows["status"] != "certified", names] = np.nan
    return rows.reset_index(drop=True)


def draw_spread(stratum: str, series: list[Series]) -> Figure:
    """A page: a panel for each primary endpoint, mean and spread over the variants of each arm."""
    page = figure(PAGE, 122)
    chosen, arms = primaries(), spread.by_arm(series)
    panels = page.subplots(2, int(np.ceil(len(chosen) / 2)), squeeze=False).ravel()
    doses = sorted({dose for one in series for dose in one.doses})
    for axes, primary, mark in zip(panels, chosen, "abcdefgh", strict=False):
        name = primary["endpoint"]
        spread.draw(axes, arms, name)
        steps = [
            smallest_effect(primary, row)
            for one in series
            for _, row in one.certified[one.certified["dose_percent"] == 100].iterrows()
            if name in row and np.isfinite(row[name])
        ]
        if steps:
            step, span = float(np.mean(steps)), np.array([doses[0], doses[-1]])
            axes.axhspan(-step, step, color="0.88", linewidth=0, zorder=0)
            for sign in (-1, 1):
                slope = sign * step * (span - 100) / 10
                axes.plot(span, slope, ":", color="0.5", linewidth=0.8, zorder=1)
        else:
            axes.text(0.5, 0.5, "no result", transform=axes.transAxes, ha="center")
        axes.set_ylabel(f"change ({UNITS.get(name, primary['unit'])})")
        axes.set_xlabel("strength (% of maximal isometric force)")
        axes.set_xticks(doses)
        axes.margins(x=0.06, y=0.12)
        letter(axes, mark)
        axes.set_title(f"{primary['label']}\nclaimed: {primary['claimed']} with strength")
    handles, labels = next(
        (found for found in (axes.get_legend_handles_labels() for axes in panels) if found[0]),
        ([], []),
    )
    handles = [*handles, Patch(color="0.88")]
    handles.append(Line2D([], [], linestyle=":", color="0.5", linewidth=0.8))
    labels = [*labels, "± one smallest effect", "one smallest effect per 10 % strength"]
    title = f"{stratum}; change from each variant's own 100 % run; band: least to greatest"
    page.legend(handles, labels, loc="outside lower center", ncols=2, title=title)
    return page


def whole(folder: Path) -> None:
    """Draw the figure of a study's folder: mean and spread first, where there are variants."""
    series = read_study(folder)
    pages: dict[str, list[Series]] = {}
    for one in series:
        if one.as_built:
            pages.setdefault(one.conditions, []).append(one)
    first = read(CLAIMS)["decision"].get("primary", {})
    varied = {
        words: own
        for words, own in spread.strata(series, first).items()
        if any(len(variants) > 1 for variants in spread.by_arm(own).values())
    }
    drawings = itertools.chain(
        itertools.starmap(draw_spread, varied.items()), map(draw, pages.values())
    )
    save(folder / "figures", "dose_response", drawings, drawn(series))


if __name__ == "__main__":
    figure_main(whole)

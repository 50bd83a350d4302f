"""Dose-response: the primary endpoints of the three claims against hip-flexor strength.

The band is plus and minus one smallest effect around the 100 % run; the dotted lines rise and fall
by one smallest effect per 10 % strength, the slope that config/claims.yaml decides by. Where an
endpoint depends on where the iliopsoas tendon presses, the second reading stands beside the first.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from analysis.figures.study import Series, read_study
from analysis.figures.style import PAGE_MM, figure, letter, save
from analysis.hip_loads import READINGS
from simulations.files import run_command

CLAIMS = Path(__file__).parents[2] / "config" / "claims.yaml"
UNITS = {
    "ankle_com_per_leg": "leg lengths",
    "glmax_activation_stance_mean": "share of maximum",
    "thigh_extension_peak_deg": "deg",
    "rim_margin_min_deg": "deg",
}
COLOURS = ["#000000", "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"]
MARKERS = "osD^vP*"
TENDON_ON_HEAD = READINGS[1]


def primaries() -> list[dict[str, Any]]:
    """The primary endpoints of config/claims.yaml, in its order, each with its claim's name."""
    claims = yaml.safe_load(CLAIMS.read_text())["claims"]
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
        rows = one.certified.dropna(subset=[name])
        colour, marker = COLOURS[number % len(COLOURS)], MARKERS[number % len(MARKERS)]
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
    page = figure(PAGE_MM, 122)
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
    title = series[0].conditions
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


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Draw the dose-response of the primaries.")
    parser.add_argument("--study", type=Path, required=True, help="folder of the study")
    folder = parser.parse_args().study
    series = read_study(folder)
    pages: dict[str, list[Series]] = {}
    for one in series:
        pages.setdefault(one.conditions, []).append(one)
    drawings = [draw(page) for page in pages.values()]
    save(folder / "figures", "dose_response", drawings, drawn(series))


if __name__ == "__main__":
    run_command(main)

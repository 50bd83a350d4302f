"""Dose-response: the primary endpoints of the claims against strength.

Grey: changes smaller than the smallest effect that the rule decides by, a wedge where that is one
per 10 % strength, a level band where it is one of a whole contrast. Doses are told as torque too,
with people's strength (torque_axis). Where an endpoint depends on where the iliopsoas tendon
presses, both readings are drawn. A runner that the rule leaves out of an endpoint, or whose motion
is kept so that it cannot move, is left out of its panel. Where a study has several variants, their
mean and spread come first, as changes from the 100 % run.
"""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from analysis.figures import rule, spread, torque_axis
from analysis.figures.shown import least_span, not_shown
from analysis.figures.study import Series, read_study
from analysis.figures.style import (
    ARM_COLOURS,
    ARM_MARKERS,
    PAGE,
    figure,
    figure_main,
    least_axis,
    letter,
    save,
)
from analysis.measures.tendon_readings import BRACKET
from formats.case import BASELINE
from formats.claims import Contrasts, Endpoint

UNITS = {
    "ankle_com_per_leg": "leg lengths",
    "ankle_com_m": "m",
    "braking_impulse_bw_s_per_m": "BW s/m",
    "glmax_activation_85_to_20_percent_mean": "share of maximum",
    "glmax_activation_stance_mean": "share of maximum",
    "thigh_extension_peak_deg": "deg",
    "rim_margin_min_deg": "deg",
}
TENDON_ON_HEAD = BRACKET[1]
WEDGE = "0.88"
THRESHOLD = {
    False: "less than one smallest effect per 10 % strength",
    True: "less than the smallest effect",
}
"""What the grey area is, by whether the rule decides by contrasts."""
NAME = "dose_response"
# Signs that fit beside each other over a panel.
TITLE_SIGNS = 30


def primaries() -> list[Endpoint]:
    """The primary endpoints of the study's rule, in its order."""
    return rule.claims().primaries()


def by_contrasts() -> bool:
    """Whether the rule decides by contrasts, so that its smallest effects are of a whole one."""
    return isinstance(rule.claims().decision, Contrasts)


def smallest_effect(primary: Endpoint, row: pd.Series, column: str = "") -> float:
    """The smallest effect in the endpoint's own unit (a length becomes a share of leg length).

    row: of the 100 % run. column: where it is another reading of the endpoint than its own column,
    of whose value a smallest effect in per cent is taken.
    """
    level = float(row[column or primary.endpoint])
    size = primary.smallest_at(level)
    if size is None:
        raise ValueError(f"{primary.endpoint}: no smallest effect is stated for it")
    if primary.smallest_effect_of is None:
        return size
    return size * level / float(row[primary.smallest_effect_of])


def draw_wedge(axes: Axes, doses: Sequence[float], middle: float, step: float) -> None:
    """Changes from the 100 % run's value that are smaller than `step`, or `step` per 10 %."""
    x = np.array(sorted({min(doses), 100.0, max(doses)}))
    away = step * (np.ones(len(x)) if by_contrasts() else np.abs(x - 100.0) / 10.0)
    axes.fill_between(x, middle - away, middle + away, color=WEDGE, linewidth=0, zorder=0)


def finish(
    axes: Axes, primary: Endpoint, doses: Sequence[float], variants: Sequence[int] = ()
) -> None:
    """Axes, title and least span of a panel; variants: of each arm, where changes are drawn."""
    unit = UNITS.get(primary.endpoint, primary.unit or "")
    axes.set_ylabel(f"change ({unit})" if variants else unit)
    axes.set_xlabel("strength (%)")
    axes.set_xticks(sorted(set(doses)))
    axes.margins(x=0.06, y=0.12)
    least_axis(axes, least_span(primary.endpoint, max(map(abs, axes.get_ylim()))))
    label = textwrap.fill(primary.label or "", TITLE_SIGNS)
    title = f"{label}\nclaimed: {primary.claimed}"
    if variants:
        title += f"; {', '.join(map(str, dict.fromkeys(variants)))} variants"
    else:
        title += " with strength"
    axes.set_title(title)


def draw_endpoint(axes: Axes, series: list[Series], primary: Endpoint) -> None:
    """One panel: an endpoint of all series, failed runs as crosses on the strength axis."""
    name = primary.endpoint
    reasons = {not_shown(one, name) or "no result" for one in series}
    wedge = True
    for number, one in enumerate(series):
        if not_shown(one, name) or name not in one.rows:
            continue
        reasons = set()
        rows = one.certified.dropna(subset=[name])
        colour, marker = (
            ARM_COLOURS[number % len(ARM_COLOURS)],
            ARM_MARKERS[number % len(ARM_MARKERS)],
        )
        axes.plot(rows["dose_percent"], rows[name], marker=marker, color=colour, label=one.arm)
        baseline = rows[rows["dose_percent"] == 100]
        other = f"{name}{TENDON_ON_HEAD}"
        drawn_columns = [name]
        if other in rows and rows[other].notna().any():
            axes.plot(
                *(rows["dose_percent"], rows[other]),
                linestyle="--",
                color=colour,
                marker=marker,
                markerfacecolor="white",
            )
            drawn_columns.append(other)
        if wedge:
            torque_axis_of(axes, series)
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
        if wedge and len(baseline):
            row = baseline.iloc[0]
            for column in drawn_columns:
                if np.isfinite(row[column]):
                    size = smallest_effect(primary, row, column)
                    draw_wedge(axes, one.doses, row[column], size)
            wedge = False
    finish(axes, primary, [dose for one in series for dose in one.doses])
    if reasons:
        _say(axes, reasons.pop())


def torque_axis_of(axes: Axes, series: Sequence[Series]) -> None:
    """Tell the doses of the first arm as torque, with people's strength behind."""
    axes.set_xticks(sorted({dose for one in series for dose in one.doses}))
    torque_axis.add(axes, _torques(series))


def _torques(series: Sequence[Series]) -> pd.Series:
    """Torque (Nm/kg) by dose of the first arm."""
    arms = [arm for arm in series[0].rows["arm"] if arm != BASELINE]
    return torque_axis.torques(series[0].folder, arms[0]) if arms else pd.Series(dtype=float)


def _spare(panels: Iterable[Axes]) -> None:
    """Take panels away that hold no endpoint."""
    for axes in panels:
        axes.set_visible(False)


def _say(axes: Axes, reason: str) -> None:
    """Words instead of a curve."""
    words = textwrap.fill(reason, TITLE_SIGNS - 6)
    axes.text(0.5, 0.5, words, transform=axes.transAxes, ha="center", va="center", color="0.35")
    axes.set(xticks=[], yticks=[], xlabel="", ylabel="")
    axes.spines[:].set_visible(False)


def readings_differ(series: list[Series]) -> bool:
    """Whether a second reading of the tendon is drawn."""
    return any(
        f"{p.endpoint}{TENDON_ON_HEAD}" in one.certified
        and one.certified[f"{p.endpoint}{TENDON_ON_HEAD}"].notna().any()
        and not not_shown(one, p.endpoint)
        for p in primaries()
        for one in series
    )


def _legend(panels: Iterable[Axes], series: list[Series]) -> tuple[list[Any], list[str]]:
    handles, labels = next(
        (found for found in (axes.get_legend_handles_labels() for axes in panels) if found[0]),
        ([], []),
    )
    handles, labels = [*handles, Patch(color=WEDGE)], [*labels, THRESHOLD[by_contrasts()]]
    if readings_differ(series):
        second = Line2D([], [], linestyle="--", marker="o", markerfacecolor="white", color="black")
        handles.append(second)
        labels.append("tendon on femoral head; without: on pelvis")
    return handles, labels


def draw(series: list[Series]) -> Figure:
    """A page: a panel for each primary endpoint, a line for each arm, under the same conditions."""
    page = figure(PAGE, 132)
    chosen = primaries()
    panels = page.subplots(2, int(np.ceil(len(chosen) / 2)), squeeze=False).ravel()
    for axes, primary, mark in zip(panels, chosen, "abcdefgh", strict=False):
        draw_endpoint(axes, series, primary)
        letter(axes, mark, -0.2)
    _spare(panels[len(chosen) :])
    handles, labels = _legend(panels, series)
    if any(one.failed for one in series):
        handles.append(Line2D([], [], linestyle="", marker="x", color="0.2", markersize=6))
        labels.append("not certified")
    title = f"{series[0].conditions}; one variant, without spread"
    page.legend(handles, labels, loc="outside lower center", ncols=2, title=title)
    return page


def drawn(series: list[Series]) -> pd.DataFrame:
    """The numbers shown: one row per series and dose, failed runs with their reason.

    A number that is in no panel (see shown.not_shown) is not given here either.
    """
    columns = ["series", "case", "status", "reason", "dose_percent"]
    primary_names = [primary.endpoint for primary in primaries()]
    both = [name + suffix for name in primary_names for suffix in BRACKET]
    names = [n for n in both if n in primary_names or any(n in one.rows for one in series)]
    parts = []
    for one in series:
        part = one.rows.reindex(columns=[*columns[1:], *names])
        out = [n for n in names if not_shown(one, n.removesuffix(TENDON_ON_HEAD))]
        parts.append(part.assign(**dict.fromkeys(out, np.nan)))
    labels = [one.label for one in series]
    rows = pd.concat(parts, keys=labels, names=["series"]).reset_index(level="series")
    rows.loc[rows["status"] != "certified", names] = np.nan
    return rows.reset_index(drop=True)


def draw_spread(stratum: str, series: list[Series]) -> Figure:
    """A page: a panel for each primary endpoint, mean and spread over the variants of each arm."""
    page = figure(PAGE, 132)
    chosen = primaries()
    panels = page.subplots(2, int(np.ceil(len(chosen) / 2)), squeeze=False).ravel()
    doses = sorted({dose for one in series for dose in one.doses})
    for axes, primary, mark in zip(panels, chosen, "abcdefgh", strict=False):
        name = primary.endpoint
        own = [one for one in series if not not_shown(one, name)]
        arms = spread.by_arm(own)
        spread.draw(axes, arms, name)
        if not spread.changes(own, f"{name}{TENDON_ON_HEAD}").empty:
            spread.draw(axes, arms, f"{name}{TENDON_ON_HEAD}", second=True)
        steps = [
            smallest_effect(primary, row)
            for one in own
            for _, row in one.certified[one.certified["dose_percent"] == 100].iterrows()
            if name in row and np.isfinite(row[name])
        ]
        if steps:
            draw_wedge(axes, doses, 0.0, float(np.mean(steps)))
            torque_axis_of(axes, own)
        counts = [len(spread.changes(variants, name)) for variants in arms.values()]
        finish(axes, primary, doses, counts or [0])
        letter(axes, mark, -0.2)
        if not steps:
            _say(axes, not_shown(series[0], name) or "no result")
    _spare(panels[len(chosen) :])
    handles, labels = _legend(panels, series)
    title = f"{stratum}; change from each variant's own 100 % run; band: least to greatest"
    page.legend(handles, labels, loc="outside lower center", ncols=2, title=title)
    return page


def pages(series: list[Series]) -> tuple[dict[str, list[Series]], dict[str, list[Series]]]:
    """The pages with a spread (first) and those of single variants, by title."""
    single: dict[str, list[Series]] = {}
    for one in series:
        if one.as_built:
            single.setdefault(one.conditions, []).append(one)
    first = rule.claims().decision.primary.stratum
    varied = {
        words: own
        for words, own in spread.strata(series, first).items()
        if any(len(variants) > 1 for variants in spread.by_arm(own).values())
    }
    return varied, single


def caption(series: list[Series]) -> str:
    """What the first page shows, and what its endpoints do from the least strength to the most."""
    varied, single = pages(series)
    words, own = next(iter((varied or single).items()))
    if varied:
        text = (
            f"Changes from each variant's own 100 % run, {words}: thin lines the variants, thick "
            "line their mean, band from the least to the greatest."
        )
    else:
        text = f"{words}; one variant, without spread."
    text += f" Grey: {THRESHOLD[by_contrasts()]}, the rule's own threshold."
    told_torque = torque_axis.words(_torques(own))
    text += f" {told_torque}" if told_torque else ""
    if readings_differ(own):
        text += (
            " Solid: the iliopsoas tendon presses on the pelvis, as in OpenSim; dashed: on the "
            "femoral head."
        )
    out = dict.fromkeys(
        f"{p.label}: {reason}"
        for p in primaries()
        for one in own
        if (reason := not_shown(one, p.endpoint))
    )
    if out:
        text += f" Not drawn: {'; '.join(out)}."
    told = [line for p in primaries() if (line := _over_the_range(own, p))]
    if told:
        text += f" Mean from the weakest to the strongest: {'; '.join(told)}."
    return text


def _over_the_range(series: list[Series], primary: Endpoint) -> str:
    """An endpoint's mean over the variants of the first arm, at its ends, for each reading."""
    arm = series[0].arm
    own = [one for one in series if one.arm == arm and not not_shown(one, primary.endpoint)]
    told = []
    for suffix, where in zip(BRACKET, ("", " with the tendon on the head"), strict=True):
        column = f"{primary.endpoint}{suffix}"
        values = [
            one.certified.set_index("dose_percent")[column].dropna()
            for one in own
            if column in one.certified
        ]
        found = pd.concat(values, axis=1).dropna() if values else pd.DataFrame()
        if len(found) > 1:
            ends = found.mean(axis=1).iloc[[0, -1]]
            told.append(f"{ends.iloc[0]:.3g} to {ends.iloc[1]:.3g}{where}")
    unit = UNITS.get(primary.endpoint, primary.unit or "")
    return f"{primary.label} {', '.join(told)} ({unit})" if told else ""


def whole(folder: Path) -> None:
    """Draw the figure of a study's folder: mean and spread first, where there are variants."""
    series = read_study(folder)
    varied, single = pages(series)
    drawings = itertools.chain(
        itertools.starmap(draw_spread, varied.items()), map(draw, single.values())
    )
    save(folder / "figures", NAME, drawings, drawn(series), caption(series))


if __name__ == "__main__":
    figure_main(whole)

"""The socket seen face-on, with what presses on it, by dose.

(a, b) Path of the hip force over the stride, on the cup, for both readings of the iliopsoas tendon
(carried by the pelvis; by the front of the head); the centre of pressure lies under it. Rings:
where the pressure is highest over the stride. (c-e) Map of the pressure at one instant, that of the
100 % run's highest, at the least strength, at 100 % and at the greatest, tendon on the pelvis.
Circles: rim of the cup, and outside it the edge of the labrum; right hip, or a left one mirrored.
"""

from __future__ import annotations

from collections.abc import Container, Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Circle

from analysis.figures.shown import lacks
from analysis.figures.study import Series
from analysis.figures.style import (
    MARKS,
    PAGE,
    dose_legend,
    dose_styles,
    figure,
    figure_command,
    letter,
    note,
    time_marks,
)
from analysis.measures.tendon_readings import BRACKET
from analysis.socket.acetabulum import lateral_sign
from analysis.socket.bearing import bearing, default, face_on_directions

TABLE = "head.csv"
TITLES = {"": "tendon on pelvis", "_tendon_on_head": "tendon on femoral head"}
PLACES = ("force", "centroid", "hottest")
COLOURS = "cividis_r"


def tables(series: Series) -> dict[float, pd.DataFrame]:
    """head.csv of each certified dose that has an equilibrium to show."""
    return {
        dose: table
        for dose, table in series.tables(TABLE).items()
        if "head_displacement_mm" in table and table["head_displacement_mm"].notna().any()
    }


def columns() -> list[str]:
    """What the figure shows of head.csv."""
    names = ["percent"]
    for suffix in BRACKET:
        names += [f"{place}_{a}_deg{suffix}" for place in PLACES for a in ("anterior", "superior")]
        names += [f"contact_pressure_peak_mpa{suffix}", f"rim_margin_deg{suffix}"]
    return names


def draw_rim(axes: Axes) -> None:
    """Rim and labrum, the four directions, and the middle of the cup."""
    socket = default()
    rim = socket.cup.half_opening_deg
    outer = rim + np.degrees(socket.labrum_width / socket.head_radius)
    axes.add_patch(Circle((0, 0), outer, facecolor="0.93", edgecolor="0.6", linewidth=0.6))
    axes.add_patch(Circle((0, 0), rim, facecolor="white", edgecolor="black", linewidth=1.0))
    reach = outer + 13
    for x, y, text in (
        *((reach, 0, "anterior"), (-reach, 0, "posterior")),
        *((0, reach, "superior"), (0, -reach, "inferior")),
    ):
        turn = {1: -90, -1: 90}.get(int(np.sign(x)), 0)
        axes.text(x, y, text, ha="center", va="center", rotation=turn, color="0.35")
    axes.plot(0, 0, "+", color="0.5", markersize=5)
    axes.set_xlim(-reach - 7, reach + 7)
    axes.set_ylim(-reach - 7, reach + 7)
    axes.set_aspect("equal")
    axes.axis("off")


def draw_paths(axes: Axes, series: Series, suffix: str) -> None:
    """Path of the hip force by dose; a ring where the pressure peaks over the stride."""
    draw_rim(axes)
    styles = dose_styles(series.doses)
    for rank, (dose, table) in enumerate(tables(series).items()):
        x, y = (table[f"force_{a}_deg{suffix}"] for a in ("anterior", "superior"))
        axes.plot(x, y, label=f"{dose:g} %", **styles[dose])
        path = (x.to_numpy(dtype=float), y.to_numpy(dtype=float))
        time_marks(axes, *path, styles[dose]["color"], told=int(dose == 100 and not suffix))
        peak = table[f"contact_pressure_peak_mpa{suffix}"]
        if peak.notna().any():
            at = int(np.nanargmax(peak))
            spot = [table[f"hottest_{a}_deg{suffix}"][at] for a in ("anterior", "superior")]
            (ring,) = axes.plot(*spot, "o", color=styles[dose]["color"], zorder=4)
            ring.set_markerfacecolor("none")
            ring.set_markersize(4 + 2.5 * rank)  # so that none hides another


def instant(found: Mapping[float, pd.DataFrame]) -> int:
    """Row of the highest pressure at 100 %, or at the dose nearest to it."""
    nearest = min(found, key=lambda dose: abs(dose - 100))
    return int(found[nearest]["contact_pressure_peak_mpa"].idxmax())


def draw_map(axes: Axes, row: pd.Series, scale: Normalize) -> None:
    """Pressure on cartilage and labrum at one instant, MPa."""
    socket, side = default(), "r"
    edge = socket.cup.half_opening_deg + np.degrees(socket.labrum_width / socket.head_radius)
    x = np.linspace(-edge, edge, 241)
    grid = np.stack(np.meshgrid(x, x), axis=-1).reshape(-1, 2)
    moved = 1e-3 * np.array(
        [
            *(row["head_anterior_mm"], row["head_superior_mm"]),
            -lateral_sign(side) * row["head_medial_mm"],
        ]
    )
    points = bearing(socket, face_on_directions(grid, socket.cup, side), side)
    pressure = 1e-6 * points.pressure(moved[None])[0]
    outside = (np.linalg.norm(grid, axis=1) > edge) | (pressure <= 0)
    shown = np.where(outside, np.nan, pressure).reshape(len(x), len(x))
    draw_rim(axes)
    axes.imshow(
        shown,
        extent=(-edge, edge, -edge, edge),
        origin="lower",
        cmap=COLOURS,
        norm=scale,
        zorder=1.5,
        interpolation="none",
    )
    rim = socket.cup.half_opening_deg
    axes.add_patch(Circle((0, 0), rim, facecolor="none", edgecolor="black", zorder=2))


def not_drawn(series: Series, found: Container[float]) -> str:
    """A line that names the doses without a certified run or an equilibrium; empty if none."""
    lacking = [f"{dose:g} %" for dose in series.doses if dose not in found]
    said = "\nwithout a certified run or an equilibrium, not drawn: "
    return said + ", ".join(lacking) if lacking else ""


def draw(series: Series) -> Figure:
    """The page of a series."""
    page = figure(PAGE, 165)
    halves = page.subfigures(2, 1, height_ratios=[1.25, 1], squeeze=False)
    upper, lower = halves[:, 0]
    paths = upper.subplots(1, 2)
    for axes, suffix, mark in zip(paths, BRACKET, "ab", strict=True):
        draw_paths(axes, series, suffix)
        letter(axes, mark)
        axes.set_title(TITLES[suffix])
    dose_legend(page, paths[0], series.label)
    found = tables(series)
    at = instant(found) if found else 0
    rows = {dose: table.iloc[at] for dose, table in found.items()}
    extremes = [*sorted(found)[:1], 100.0, *sorted(found)[-1:]]
    chosen = [dose for dose in dict.fromkeys(extremes) if dose in found]
    highest = [r["contact_pressure_peak_mpa"] for r in rows.values()]
    scale = Normalize(0, max((p for p in highest if np.isfinite(p)), default=1.0))
    maps = lower.subplots(1, 3)
    for axes, mark in zip(maps, "cde", strict=True):
        axes.axis("off")
        letter(axes, mark)
    for axes, dose in zip(maps, chosen, strict=False):
        draw_map(axes, rows[dose], scale)
        axes.set_title(f"{dose:g} %, at {rows[dose]['percent']:.0f} % of stride")
    bar = lower.colorbar(ScalarMappable(scale, COLOURS), ax=list(maps), shrink=0.8, aspect=25)
    bar.set_label("contact pressure (MPa)")
    remark = "into the socket of a right hip; rings (a, b): place of the highest pressure"
    remark += "; maps: tendon on pelvis"
    note(page, remark + not_drawn(series, found))
    return page


def caption(series: Series) -> str:
    """What the page shows."""
    return (
        f"The socket of a right hip seen face-on, {series.told()} a, b: path of the hip force over "
        "the stride, the iliopsoas tendon pressing on the pelvis, as in OpenSim, or on the femoral "
        "head; rings: where the pressure is highest; arrowheads: its direction at "
        f"{', '.join(map(str, MARKS))} % of the stride, the first one named. c to e: contact "
        "pressure at the same instant of the stride, that of the highest at 100 %, tendon on the "
        "pelvis. Circles: rim of the cup and edge of the labrum."
    )


def without(series: Series) -> str:
    """Why a series has no page: the rule leaves its runner out."""
    return lacks(series.rows, "head_displacement_max_mm")


def drawn(series: Series) -> pd.DataFrame:
    """The paths shown: one row for each dose and per cent of the stride."""
    parts = [table[columns()].assign(dose_percent=dose) for dose, table in tables(series).items()]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns())


if __name__ == "__main__":
    figure_command("cup", draw, drawn, caption, without)

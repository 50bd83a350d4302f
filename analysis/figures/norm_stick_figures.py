"""The free runner beside runners' mean motion, as stick figures at phases of the stride.

The mean runner's legs are drawn from measured mean curves (thigh angle, knee flexion and foot pitch
of analysis/norm_curves.csv, the left leg half a stride later) with the lengths of the simulated
runner's own segments, from the same hips: what differs is the motion of the legs alone. Trunk and
arms were not measured and are not drawn. Sagittal plane, ground frame, m.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.figures.gait_by_dose import norm_curves
from analysis.figures.shown import moving
from analysis.figures.stick_figures import FOOT, LEG, PHASES, SPACING_M, draw_runner
from analysis.figures.study import Series
from analysis.figures.style import PAGE, figure, figure_command, norm_grey, note
from formats.names import SIDES

TABLE = "positions.csv"
MEAN_COLOUR = "#CC79A7"
"""Of runners' mean (Okabe & Ito 2008)."""
ROWS = ("simulated", "runners' mean", "overlaid")


def point(table: pd.DataFrame, name: str) -> np.ndarray:
    """(n, 2) forward and upward position of a point at each row, m."""
    return table[[f"{name}_x_m", f"{name}_y_m"]].to_numpy(dtype=float)


def lengths(table: pd.DataFrame, side: str) -> tuple[float, float, dict[str, np.ndarray]]:
    """Thigh and shank (m) in the sagittal plane, at their longest, and the foot lying flat.

    The foot's points from the ankle, m: toes along x, so turned that heel and toe joint are level.
    """
    hip, knee, ankle, heel, ball = (
        point(table, f"{name}_{side}") for name in ("hip", "knee", "ankle", "heel", "toe_joint")
    )
    thigh, shank = (float(np.hypot(*(a - b).T).max()) for a, b in ((hip, knee), (knee, ankle)))
    # Where the foot is flattest, its own toes bend least.
    flat = int(np.argmin(np.abs((ball - heel)[:, 1])))
    along = (ball - heel)[flat] / max(float(np.hypot(*(ball - heel)[flat])), 1e-9)
    turn = np.array([along, [-along[1], along[0]]])
    feet = {
        name: turn @ (point(table, f"{name}_{side}")[flat] - ankle[flat])
        for name in (*FOOT[1:], LEG[-1])
    }
    return thigh, shank, feet


def mean_runner(table: pd.DataFrame, curves: pd.DataFrame) -> pd.DataFrame:
    """Positions (m) of the legs of runners' mean motion, from a simulated runner's own hips.

    table: positions.csv. curves: percent, thigh_angle_deg, knee_flexion_deg, foot_pitch_deg of the
    right leg over its stride (foot pitch: toes up positive). Rows are those of `table`.
    """
    percent = table["percent"].to_numpy(dtype=float)
    found: dict[str, np.ndarray] = {"percent": percent}
    for side, later in zip(SIDES, (0.0, 50.0), strict=True):
        thigh, shank, feet = lengths(table, side)
        phase = np.mod(percent - later, 100.0)
        angle = {
            name: np.radians(np.interp(phase, curves["percent"], curves[name], period=100.0))
            for name in ("thigh_angle_deg", "knee_flexion_deg", "foot_pitch_deg")
        }
        lean = angle["thigh_angle_deg"] - angle["knee_flexion_deg"]
        pitch = angle["foot_pitch_deg"]
        hip = point(table, f"hip_{side}")
        upper = angle["thigh_angle_deg"]
        knee = hip + thigh * np.stack([np.sin(upper), -np.cos(upper)], axis=-1)
        ankle = knee + shank * np.stack([np.sin(lean), -np.cos(lean)], axis=-1)
        places = {"hip": hip, "knee": knee, "ankle": ankle}
        for name, (x, y) in feet.items():
            turned = [np.cos(pitch) * x - np.sin(pitch) * y, np.sin(pitch) * x + np.cos(pitch) * y]
            places[name] = ankle + np.stack(turned, axis=-1)
        for name, place in places.items():
            found[f"{name}_{side}_x_m"], found[f"{name}_{side}_y_m"] = place.T
    return pd.DataFrame(found)


def draw_legs(axes: Axes, row: pd.Series, shift: np.ndarray, colour: str) -> None:
    """Both legs of the mean runner, the left one light, moved by `shift` (m)."""
    for side, strength, width in (("l", 0.4, 1.0), ("r", 1.0, 1.6)):
        for chain in (LEG, FOOT):
            points = [[row[f"{name}_{side}_{axis}_m"] for axis in "xy"] for name in chain]
            line = np.array(points) + shift
            axes.plot(*line.T, color=colour, alpha=strength, linewidth=width)


def both(series: Series) -> tuple[pd.DataFrame, pd.DataFrame] | None:
    """Positions of the certified 100 % run and of runners' mean; None without either."""
    curves, tables = norm_curves(series.speed), moving(series, TABLE)
    if curves is None or 100.0 not in tables:
        return None
    return tables[100.0], mean_runner(tables[100.0], curves)


def without(series: Series) -> str:
    """Why a series has no page; empty if it has one."""
    if norm_curves(series.speed) is None:
        return f"no mean curves of runners at {series.speed:g} m/s"
    return "" if both(series) else "no certified 100 % run that moves"


def draw(series: Series) -> Figure:
    """The page of a series: the runner, runners' mean, and both, a column for each phase."""
    found = both(series)
    if found is None:
        raise ValueError(f"{series.label}: {without(series)}")
    own, mean = found
    page = figure(PAGE, 108)
    for rank, axes in enumerate(page.subplots(len(ROWS), 1)):
        axes.axis("off")
        for column, phase in enumerate(PHASES):
            at = int(np.argmin(np.abs(own["percent"] - phase)))
            pelvis = 0.5 * (own["hip_r_x_m"][at] + own["hip_l_x_m"][at])
            shift = np.array([column * SPACING_M - pelvis, 0.0])
            if rank != 1:
                draw_runner(axes, own.iloc[at], shift, "black")
            if rank != 0:
                draw_legs(axes, mean.iloc[at], shift, MEAN_COLOUR)
            if rank == 0:
                axes.text(column * SPACING_M, 2.0, f"{phase} %", ha="center")
        axes.axhline(0, color=norm_grey(), linewidth=0.6)
        words = {"ha": "right", "va": "center", "fontweight": "bold"}
        colour = MEAN_COLOUR if rank == 1 else "black"
        axes.text(-0.62, 1.0, ROWS[rank].replace(" ", "\n"), color=colour, **words)
        axes.set_aspect("equal")
        axes.set_xlim(-1.35, (len(PHASES) - 0.55) * SPACING_M)
        axes.set_ylim(-0.12, 2.1)
    note(page, f"{series.label}; right side dark, left one light\n{apart(own, mean)}")
    return page


def caption(series: Series) -> str:
    """What the page shows."""
    return (
        f"The 100 % runner at {series.speed:g} m/s beside runners' mean (Fukuchi, Fukuchi and "
        "Duarte 2017) at phases of the stride (per cent from right contact). The mean runner's "
        "legs follow the measured mean angles of thigh, knee and foot, with the simulated runner's "
        "lengths and from their hips; trunk and arms were not measured."
    )


def apart(own: pd.DataFrame, mean: pd.DataFrame) -> str:
    """How far the right knee and ankle are from those of runners' mean, in words."""
    told = []
    for name in ("knee", "ankle"):
        far = 100 * np.hypot(*(point(own, f"{name}_r") - point(mean, f"{name}_r")).T)
        told.append(f"{name} {np.sqrt(np.mean(far**2)):.0f} cm (at most {far.max():.0f})")
    return f"apart over the stride, root mean square: {', '.join(told)}"


def drawn(series: Series) -> pd.DataFrame:
    """The mean runner's points, a row for each phase shown."""
    found = both(series)
    if found is None:
        return pd.DataFrame(columns=["percent"])
    mean = found[1]
    return mean[mean["percent"].round().isin(PHASES)]


if __name__ == "__main__":
    figure_command("norm_stick_figures", draw, drawn, caption, without)

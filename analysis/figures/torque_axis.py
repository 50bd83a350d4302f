"""Doses told as isometric torque: a second axis (Nm/kg), and where people's strength lies.

The torque is that of all muscles that flex the hip (dynamometer.csv), mean over the study's
runners; the band is where it lies within a standard deviation of people's mean
(analysis/strength_norms.csv).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from analysis.figures import strength

ANGLE_DEG = 0.0
"""Hip angle at which doses are told: the trunk and thigh in line, where flexion begins in swing."""
BAND, PEOPLE = "0.93", "as strong as people (mean ± SD)"


def torques(folder: Path, arm: str) -> pd.Series:
    """Torque (Nm/kg) by dose (%) when an arm is scaled; empty where it is not known."""
    if not (folder / strength.TABLE).is_file():
        return pd.Series(dtype=float)
    table = strength.read(folder)
    own = table[(table["arm"] == arm) & (table["hip_flexion_deg"] == ANGLE_DEG)]
    own = own[own["movement"] == strength.FLEXION]
    return own.groupby("dose_percent")[strength.ALL].mean()


def people(torque: pd.Series) -> tuple[float, float] | None:
    """Doses (%) between which the torque is people's, mean ± SD of the groups; None: none are."""
    norms = strength.norms()
    own = norms[norms["hip_flexion_deg"] == ANGLE_DEG]
    low = float((own["mean_nm_kg"] - own["sd_nm_kg"]).min())
    high = float((own["mean_nm_kg"] + own["sd_nm_kg"]).max())
    if len(torque) < 2 or not np.all(np.diff(torque) > 0) or torque.iloc[0] > high:
        return None
    if torque.iloc[-1] < low:
        return None
    doses, values = torque.index.to_numpy(dtype=float), torque.to_numpy()
    return float(np.interp(low, values, doses)), float(np.interp(high, values, doses))


def add(axes: Axes, torque: pd.Series) -> bool:
    """Draw the band and the second axis; whether there is a band. The doses must be the x axis."""
    if len(torque) < 2:
        return False
    top = axes.secondary_xaxis("top")
    ticks = [tick for tick in axes.get_xticks() if tick in torque.index]
    top.set_xticks(ticks, [f"{torque[tick]:.1f}" for tick in ticks])
    top.tick_params(length=2)
    top.set_xlabel("hip flexion torque (Nm/kg)")
    found = people(torque)
    if found is None:
        return False
    axes.axvspan(*found, color=BAND, linewidth=0, zorder=-1, label=PEOPLE)
    return True


def words(torque: pd.Series) -> str:
    """The axis and the band in words; empty without a torque."""
    if len(torque) < 2:
        return ""
    found = people(torque)
    text = f"Upper axis: isometric torque of all hip flexors, Nm/kg, hip at {ANGLE_DEG:g} deg."
    if found is None:
        return f"{text} At no strength studied is it within a standard deviation of people's."
    return f"{text} Upright band: as strong as people (Anderson 2007, mean ± SD)."

"""One step's loading response, late swing and stance, as studies of step rate measure them.

Loading response: from initial contact to the stance's peak knee flexion. Heiderscheit et al. 2011
(Med Sci Sports Exerc 43:296) compared the energy that hip, knee and ankle absorb in it, per step
and body mass, at 90, 95, 100, 105 and 110 % of the preferred step rate; Lenhart et al. 2014
(J Orthop Sports Phys Ther 44:766) the peak forces of hip muscles in swing and stance at 90, 100 and
110 %. Work per metre counts the steps too, and work over the whole stride the swing: neither is
what they measured.
"""

from __future__ import annotations

import re

import numpy as np

from analysis.measures import moments
from analysis.replayed.gait import Cycle, stance_weights
from analysis.replayed.quadrature import negative
from analysis.replayed.quantities import Dynamics
from formats.gait_events import Events
from formats.muscles import GROUPS

FINE = 2001
LATE_SWING = {group: GROUPS[group] for group in ("hamstrings", "glmax")}
"""Muscles (heads that cross the hip, without side) whose peak force in late swing is told."""
STANCE = {"hip_abductors": f"{GROUPS['glmed']}|{GROUPS['glmin']}"}
"""Muscles whose peak force in stance is told."""


def outcomes(
    d: Dynamics, cycle: Cycle, foot: Events, *, side: str, knee_flexion: np.ndarray
) -> dict[str, float]:
    """Columns of outcomes.csv: work per step (J/kg) and summed tendon forces (N) of one leg.

    knee_flexion (N,) deg, flexion positive, at the stored nodes. Late swing: the second half of the
    leg's swing. Forces of muscles that the runner does not have are NaN.
    """
    end = loading_response_end(cycle, foot, knee_flexion)
    row = {"loading_response_s": end - foot.contact}
    window = stance_weights(cycle.time, foot.contact, end)
    for joint, coordinate in moments.JOINTS.items():
        work = float(negative(window, moments.power(d, f"{coordinate}_{side}")))
        row[f"{joint}_loading_response_negative_work_j_kg_step"] = work
    swing = foot.toe_off, foot.contact + foot.stride_time
    late_swing = 0.5 * sum(swing), swing[1]
    for group, pattern in LATE_SWING.items():
        peak = _peak_force(d, cycle, f"(?:{pattern})_{side}", late_swing)
        row[f"{group}_force_late_swing_peak_n"] = peak
    for group, pattern in STANCE.items():
        peak = _peak_force(d, cycle, f"(?:{pattern})_{side}", (foot.contact, foot.toe_off))
        row[f"{group}_force_stance_peak_n"] = peak
    return row


def loading_response_end(cycle: Cycle, foot: Events, knee_flexion: np.ndarray) -> float:
    """Time (s after the stored first row) of the stance's peak knee flexion (N,), deg."""
    moment = np.linspace(foot.contact, foot.toe_off, FINE)
    return float(moment[int(np.argmax(cycle.at(knee_flexion, moment)))])


def _peak_force(d: Dynamics, cycle: Cycle, pattern: str, span: tuple[float, float]) -> float:
    """Largest sum (N) of the tendon forces of all muscles that match, within a span of time (s)."""
    chosen = [i for i, name in enumerate(d.muscle_names) if re.fullmatch(pattern, name)]
    if not chosen:
        return float("nan")
    total = d.tendon_force[:, chosen].sum(axis=1)
    return float(cycle.force_at(total, np.linspace(*span, FINE)).max())

"""What the glutes do: activation, force, work and timing of each gluteus of one leg.

Iliopsoas, hamstrings, vasti and soleus are measured in the same way, for the timing that the norms
ask of them (analysis/muscle_timing.csv).

Heads of one muscle (glmax1, glmax2 ...) are taken together: activation is their mean weighted by
strength x optimal fibre length (volume), force, work and capacity are sums. A muscle the runner
does not have (gluteus medius and minimus of a planar runner) gives NaN, not zero.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from analysis.measures import muscle_timing
from analysis.measures.muscle_timing import ON_SHARE
from analysis.replayed.quadrature import negative, positive
from formats.description import Muscle
from formats.muscles import GROUPS, WINDOW, WINDOW_MEAN, members


@dataclass(frozen=True)
class Histories:
    """(N, m) per muscle: activation (0..1), force (N, tendon), power of musculotendon and of fibre
    (W); percent (N,) of the stride from contact; weights, stance (N,) integration weights (s).
    """

    activation: np.ndarray
    force: np.ndarray
    power: np.ndarray
    fibre_power: np.ndarray
    percent: np.ndarray
    weights: np.ndarray
    stance: np.ndarray


def outcomes(muscles: list[Muscle], h: Histories, side: str, mass: float) -> dict[str, float]:
    """One row for all groups of a leg; mass (kg) of the whole body."""
    row: dict[str, float] = {}
    for group in GROUPS:
        row |= {
            f"{group}_{name}": value
            for name, value in _group(muscles, members(muscles, group, side), h, mass).items()
        }
    return row


def emg_overlap(muscles: list[Muscle], h: Histories, side: str) -> dict[str, float]:
    """Overlap (Jaccard, 0..1) of each group with its electromyography; NaN: a group it lacks."""
    row = {}
    for group in muscle_timing.published():
        chosen = members(muscles, group, side)
        name = muscle_timing.COLUMN.format(group)
        row[name] = float("nan")
        if chosen:
            row[name] = muscle_timing.overlap(group, h.percent, mean_activation(muscles, chosen, h))
    return row


def mean_activation(muscles: list[Muscle], chosen: list[int], h: Histories) -> np.ndarray:
    """(N,) activation of some muscles together, weighted by strength x optimal fibre length."""
    volume = np.array(
        [muscles[i].max_isometric_force * muscles[i].optimal_fiber_length for i in chosen]
    )
    mean: np.ndarray = h.activation[:, chosen] @ volume / volume.sum()
    return mean


def demand(muscles: list[Muscle], chosen: list[int], h: Histories) -> np.ndarray:
    """(N,) active force over the most that some muscles could give at their length and velocity.

    That is activation over its largest value (max_control, which a change of active strength
    scales), heads weighted by volume.
    """
    most = np.array([muscle.max_control for muscle in muscles])
    shares = replace(h, activation=h.activation / most)
    return mean_activation(muscles, chosen, shares)


def _group(muscles: list[Muscle], chosen: list[int], h: Histories, mass: float) -> dict[str, float]:
    names = (
        *("activation_stance_mean", "activation_stride_mean", "activation_peak"),
        *("activation_on_percent", "activation_off_percent", "force_peak_n"),
        *("force_stance_mean_n", "impulse_n_s", "force_peak_per_capacity"),
        *("force_stance_mean_per_capacity", "work_positive_j_kg", "work_negative_j_kg"),
        *("fibre_work_positive_j_kg", "fibre_work_negative_j_kg"),
        *(WINDOW_MEAN, "demand_per_capacity_peak"),
    )
    if not chosen:
        return dict.fromkeys(names, float("nan"))
    heads = [muscles[i] for i in chosen]
    capacity = sum(m.max_isometric_force for m in heads)
    activation = mean_activation(muscles, chosen, h)
    force = h.force[:, chosen].sum(axis=1)
    on, off = burst(h.percent, activation)
    in_stance = h.stance / h.stance.sum()
    mean_force = float(in_stance @ force)
    values = (
        *(float(in_stance @ activation), float(h.weights @ activation / h.weights.sum())),
        *(float(activation.max()), on, off, float(force.max()), mean_force),
        *(float(h.weights @ force), float(force.max()) / capacity, mean_force / capacity),
        *(float(part(h.weights, h.power[:, chosen]).sum()) / mass for part in (positive, negative)),
        *(
            float(part(h.weights, h.fibre_power[:, chosen]).sum()) / mass
            for part in (positive, negative)
        ),
        *(window_mean(h.percent, activation), float(demand(muscles, chosen, h).max())),
    )
    return dict(zip(names, values, strict=True))


def window_mean(percent: np.ndarray, value: np.ndarray) -> float:
    """Mean of a curve from late swing to mid-stance, across initial contact (`WINDOW`).

    percent (N,) of a cyclic stride in any rotation; value (N,), straight between its nodes. NaN if
    it is not known.
    """
    if not np.isfinite(value).all():
        return float("nan")
    order = np.argsort(percent, kind="stable")
    x, keep = np.unique(percent[order], return_index=True)
    begin, end = WINDOW
    inside = x[(x > begin) | (x < end)]
    places = np.sort(np.concatenate([(inside - begin) % 100.0, [0.0, (end - begin) % 100.0]]))
    curve = np.interp((places + begin) % 100.0, x, value[order][keep], period=100.0)
    return float(np.trapezoid(curve, places) / places[-1])


def burst(percent: np.ndarray, activation: np.ndarray) -> tuple[float, float]:
    """On and off (% of the stride) of the burst that holds the peak, at ON_SHARE of that peak.

    percent (N,), activation (N,) of a cyclic stride in any rotation. NaN if never below it.
    """
    order = np.argsort(percent, kind="stable")
    x, keep = np.unique(percent[order], return_index=True)
    y = activation[order][keep]
    level = ON_SHARE * float(y.max())
    if (y > level).all():
        return float("nan"), float("nan")
    grid = np.arange(0.0, 100.0, 0.1)
    curve = np.interp(grid, x, y, period=100.0)
    rolled = np.roll(curve, -int(np.argmax(curve)))  # starts at the peak
    peak = float(grid[int(np.argmax(curve))])
    off = int(np.argmax(rolled <= level))
    on = int(np.argmax(rolled[::-1] <= level))
    return (peak - 0.1 * on) % 100.0, (peak + 0.1 * off) % 100.0

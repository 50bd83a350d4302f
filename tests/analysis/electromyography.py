"""When muscles work: a solved case's activations beside a measured envelope, by phase of stride."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.measures.electromyography import correlation, timing
from analysis.replayed.case import Case
from analysis.replayed.measured import footfalls
from tests.analysis.measured_case import activation

__all__ = ["HEADS", "activations", "correlation", "timing"]

# Electrode to the heads it may have seen; of several, their mean weighted by strength.
HEADS = {
    "GMAX": ("glmax1", "glmax2", "glmax3"),
    "GMED": ("glmed1", "glmed2", "glmed3"),
    "SOL": ("soleus",),
    "GASMED": ("gasmed",),
    "GASLAT": ("gaslat",),
    "TA": ("tibant",),
    "VL": ("vaslat",),
    "VM": ("vasmed",),
    "RF": ("recfem",),
    "BFLH": ("bflh",),
    "SM": ("semimem",),
}


def by_phase(case: Case, side: str, values: np.ndarray, count: int) -> np.ndarray:
    """(count,) values at even phases from that foot's contact on, the stride taken as periodic."""
    phase = case.time[:-1] / case.stride_time
    contact = footfalls(case)[side].contact / case.stride_time
    return np.interp(np.arange(count) / count + contact, phase, values[:-1], period=1.0)


def activations(case: Case, count: int) -> dict[str, pd.DataFrame]:
    """Side -> activation by electrode at even phases, the end of the stride left out."""
    strength = {m.name: m.max_isometric_force for m in case.runner.muscles}
    found = {}
    for side in "rl":
        curves = {}
        for electrode, heads in HEADS.items():
            names = [f"{head}_{side}" for head in heads]
            weights = [strength[name] for name in names]
            mean = np.average([activation(case, name) for name in names], axis=0, weights=weights)
            curves[electrode] = by_phase(case, side, mean, count)
        found[side] = pd.DataFrame(curves)
    return found

"""Values of one mesh on another, and what starts where nothing is known."""

from __future__ import annotations

import numpy as np
from scipy.interpolate import interp1d

QUIET_ACTIVATION = 0.1


def resample(phase: np.ndarray, z: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Values z (rows x phases) at the wanted phases."""
    # Linear: a cubic overshoots where contact makes the unknowns jump.
    return interp1d(phase, z, axis=1)(wanted)

"""What a free runner is compared with while weights are sought: analysis/norms.csv, in SDs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from formats.untrusted import read_table

# Distance (SD) beyond which a quantity pulls no harder: one that is far off must not decide alone.
LARGEST_Z = 6.0


def at_speed(table: Path, speed: float) -> dict[str, tuple[float, float]]:
    """Quantity -> mean and SD at a speed (m/s). Raises ValueError where the table has none."""
    rows = read_table(table, numbers=("speed_m_s", "mean", "sd"))
    chosen = rows[np.isclose(rows["speed_m_s"], speed)]
    if chosen.empty:
        known = ", ".join(f"{v:g}" for v in sorted(rows["speed_m_s"].unique()))
        raise ValueError(f"{table}: no norms at {speed:g} m/s; there are norms at {known} m/s")
    return {
        name: (float(mean), float(sd))
        for name, mean, sd in zip(chosen["quantity"], chosen["mean"], chosen["sd"], strict=True)
    }


def residuals(
    measures: Mapping[str, float], norms: Mapping[str, tuple[float, float]]
) -> dict[str, float]:
    """Distance (SD) of each measure that has a norm; what has no value counts as LARGEST_Z."""
    found = {}
    for name, value in measures.items():
        if name in norms:
            mean, sd = norms[name]
            z = (value - mean) / sd
            found[name] = float(np.clip(z, -LARGEST_Z, LARGEST_Z)) if np.isfinite(z) else LARGEST_Z
    return found

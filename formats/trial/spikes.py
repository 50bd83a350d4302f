"""Samples that no body can have: one alone out of line, or a jump between two."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

# One sample stands out when it lies this far from both its neighbours, and more than an
# acceleration that no running limb reaches would take it in one step (rad/s2, m/s2).
_ALONE = {"rotational": (np.radians(5.0), 3000.0), "translational": (0.03, 500.0)}
# A jump from one sample to the next: this far, and faster than any limb turns or moves.
_JUMP = {"rotational": (np.radians(45.0), 60.0), "translational": (0.3, 30.0)}
# From the ground's origin (m): no run of a laboratory goes farther.
_FARTHEST_M = 500.0
# Force (times body weight) by which one sample may exceed both neighbours: a sprinter's 4 within
# 45 ms change by 0.25 in 10 ms.
_FORCE_BW = 1.0


def check_motion(
    path: Path, time: np.ndarray, values: Mapping[str, np.ndarray], kinds: Mapping[str, str]
) -> None:
    """Refuse coordinates (N each; rad, m) with a spike, or in millimetres: ValueError."""
    step = float(np.median(np.diff(time)))
    for name, column in values.items():
        kind = kinds[name]
        farthest = float(np.abs(column).max())
        if kind == "translational" and farthest > _FARTHEST_M:
            raise ValueError(
                f"{path}: column {name} reaches {farthest:.4g}; at most {_FARTHEST_M:g} m are "
                "allowed, is it in millimetres? Metres are needed"
            )
        change = np.diff(column)
        alone = out_of_line(column)
        least, acceleration = _ALONE[kind]
        worst = int(np.argmax(alone))
        if alone[worst] > max(least, 0.5 * acceleration * step**2):
            raise ValueError(
                f"{path}: column {name} has a spike at {time[worst]:.3f} s: one sample "
                f"{_shown(alone[worst], kind)} beside its neighbours; fill it from them"
            )
        least, speed = _JUMP[kind]
        worst = int(np.argmax(np.abs(change)))
        if abs(change[worst]) > max(least, speed * step):
            raise ValueError(
                f"{path}: column {name} jumps by {_shown(abs(change[worst]), kind)} at "
                f"{time[worst + 1]:.3f} s; angles must go on without turning over"
            )


def check_force(path: Path, time: np.ndarray, vertical: np.ndarray, weight: float) -> None:
    """Refuse a vertical force (N) with one sample far above both neighbours."""
    alone = out_of_line(vertical)
    worst = int(np.argmax(alone))
    if alone[worst] > _FORCE_BW * weight:
        raise ValueError(
            f"{path}: the vertical force has a spike at {time[worst]:.3f} s: one sample "
            f"{alone[worst]:.4g} N beside its neighbours; fill it from them"
        )


def out_of_line(column: np.ndarray) -> np.ndarray:
    """How far each sample lies from the nearer of its neighbours, if beyond both (N)."""
    found = np.zeros(len(column))
    before, after = column[1:-1] - column[:-2], column[1:-1] - column[2:]
    found[1:-1] = np.where(before * after > 0, np.minimum(np.abs(before), np.abs(after)), 0.0)
    return found


def _shown(size: float, kind: str) -> str:
    return f"{np.degrees(size):.3g} deg" if kind == "rotational" else f"{size:.3g} m"

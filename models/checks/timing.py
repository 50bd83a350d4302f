"""Whether force and motion have one clock: the mass centre rises when the ground pushes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.interpolate import make_interp_spline

from formats.filters import zero_lag
from formats.trial.measured import GroundForces
from formats.trial.strides import Stride
from models.checks.findings import Finding
from models.checks.posed import Posture
from models.paths.polynomial import Array

# A frame of 100 Hz motion is 10 ms. A joint moment of stance changes by its whole size in 50 ms.
WARNED_S, REFUSED_S = 0.008, 0.015
_LEAST_CORRELATION = 0.8
_RATE, _CUTOFF_HZ = 1000.0, 10.0
_REACH_S = 0.08
_EDGE_S = 0.02


def check(forces: GroundForces, body: Posture, strides: Sequence[Stride]) -> list[Finding]:
    """Findings on how much later the vertical force comes than the mass centre's acceleration.

    strides: in a row, over which all the ground's force is measured.
    """
    late, alike = lag(forces, body, strides)
    if alike < _LEAST_CORRELATION:
        return [
            Finding(
                f"{forces.path}: the vertical force does not go with the mass centre's "
                f"acceleration (correlation {alike:.2f} at best, {_LEAST_CORRELATION} is needed); "
                "is it of another trial, or the model another person's?",
                refused=True,
            )
        ]
    if abs(late) < WARNED_S:
        return []
    return [
        Finding(
            f"{forces.path}: the force comes {1000 * abs(late):.0f} ms "
            f"{'after' if late > 0 else 'before'} the motion (cross-correlation of vertical force "
            f"and the mass centre's acceleration; less than {1000 * REFUSED_S:.0f} ms is "
            f"allowed); shift its time by {-1000 * late:+.0f} ms",
            refused=abs(late) >= REFUSED_S,
        )
    ]


def lag(forces: GroundForces, body: Posture, strides: Sequence[Stride]) -> tuple[float, float]:
    """By how much (s) the vertical force comes after the mass centre's vertical acceleration over
    strides in a row, where they correlate best, and that correlation."""
    time = np.arange(body.time[0] + _EDGE_S, body.time[-1] - _EDGE_S, 1.0 / _RATE)
    rise = make_interp_spline(body.time, body.mass_centre[:, 1], k=5)(time, 2)
    push = np.interp(time, forces.time, forces.vertical)
    rise, push = (zero_lag(values, _RATE, _CUTOFF_HZ) for values in (rise, push))
    reach = int(min(_REACH_S * _RATE, (len(time) - 1) // 4))
    first = max(int(np.searchsorted(time, strides[0].start)), reach)
    last = min(int(np.searchsorted(time, strides[-1].end)), len(time) - reach)
    middle = rise[first:last]
    alike = np.array(
        [np.corrcoef(middle, push[first + k : last + k])[0, 1] for k in range(-reach, reach + 1)]
    )
    best = int(np.argmax(alike))
    return _peak(alike, best, reach) / _RATE, float(alike[best])


def _peak(values: Array, best: int, reach: int) -> float:
    """Where a parabola through three values is highest, as a shift."""
    if not 0 < best < len(values) - 1:
        return float(best - reach)
    before, here, after = values[best - 1 : best + 2]
    bend = before - 2 * here + after
    return best - reach + (0.5 * (before - after) / bend if bend < 0 else 0.0)

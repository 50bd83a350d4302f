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
# Horizontal forces are small: fore-aft correlates by 0.8, sideways by 0.35 in a treadmill's data.
_AGAINST = -0.2
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
    found = _against(forces, body, strides)
    if abs(late) < WARNED_S:
        return found
    return [
        *found,
        Finding(
            f"{forces.path}: the force comes {1000 * abs(late):.0f} ms "
            f"{'after' if late > 0 else 'before'} the motion (cross-correlation of vertical force "
            f"and the mass centre's acceleration; less than {1000 * REFUSED_S:.0f} ms is "
            f"allowed); shift its time by {-1000 * late:+.0f} ms",
            refused=abs(late) >= REFUSED_S,
        ),
    ]


def _against(forces: GroundForces, body: Posture, strides: Sequence[Stride]) -> list[Finding]:
    """Findings on horizontal forces that push against the mass centre's acceleration."""
    found = []
    for axis, name, side in ((0, "fore-aft", "x forward"), (2, "sideways", "z to the right")):
        rise, push, time = _along(forces, body, axis)
        inside = (time >= strides[0].start) & (time <= strides[-1].end)
        alike = float(np.corrcoef(rise[inside], push[inside])[0, 1])
        if alike < _AGAINST:
            found.append(
                Finding(
                    f"{forces.path}: the {name} force pushes against the mass centre's "
                    f"acceleration (correlation {alike:.2f}); is its sign wrong? The ground's "
                    f"force on the foot is needed, {side}",
                    refused=axis == 0,
                )
            )
    return found


def lag(forces: GroundForces, body: Posture, strides: Sequence[Stride]) -> tuple[float, float]:
    """By how much (s) the vertical force comes after the mass centre's vertical acceleration over
    strides in a row, where they correlate best, and that correlation."""
    rise, push, time = _along(forces, body, 1)
    reach = int(min(_REACH_S * _RATE, (len(time) - 1) // 4))
    first = max(int(np.searchsorted(time, strides[0].start)), reach)
    last = min(int(np.searchsorted(time, strides[-1].end)), len(time) - reach)
    middle = rise[first:last]
    alike = np.array(
        [np.corrcoef(middle, push[first + k : last + k])[0, 1] for k in range(-reach, reach + 1)]
    )
    best = int(np.argmax(alike))
    return _peak(alike, best, reach) / _RATE, float(alike[best])


def _along(forces: GroundForces, body: Posture, axis: int) -> tuple[Array, Array, Array]:
    """The mass centre's acceleration (m/s2) and the force (N) along an axis of the ground, filtered
    alike, and their times (s)."""
    time = np.arange(body.time[0] + _EDGE_S, body.time[-1] - _EDGE_S, 1.0 / _RATE)
    rise = make_interp_spline(body.time, body.mass_centre[:, axis], k=5)(time, 2)
    total = sum(foot.force[axis] for foot in forces.feet.values())
    push = np.interp(time, forces.time, np.asarray(total))
    return zero_lag(rise, _RATE, _CUTOFF_HZ), zero_lag(push, _RATE, _CUTOFF_HZ), time


def _peak(values: Array, best: int, reach: int) -> float:
    """Where a parabola through three values is highest, as a shift."""
    if not 0 < best < len(values) - 1:
        return float(best - reach)
    before, here, after = values[best - 1 : best + 2]
    bend = before - 2 * here + after
    return best - reach + (0.5 * (before - after) / bend if bend < 0 else 0.0)

"""Initial contact and toe-off: where a foot's vertical force crosses a threshold, for every stage.

`events` of a stride that is one cycle, `contacts` of a measured trial with several.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

THRESHOLD_N = 20.0
"""Vertical force above which a foot of a simulated stride stands."""
SHORTEST_S = 0.05
"""Shorter contacts and shorter flights of a foot are a plate's noise."""


def crossings(
    time: np.ndarray, vertical: np.ndarray, loaded: np.ndarray, threshold: float
) -> tuple[np.ndarray, np.ndarray]:
    """Times (s) at which a foot begins and ends to stand, by linear interpolation of its force.

    time, vertical, loaded (M,): s, N, and whether it stands there.
    """
    i = np.flatnonzero(loaded[:-1] != loaded[1:])
    share = np.clip((threshold - vertical[i]) / (vertical[i + 1] - vertical[i]), 0.0, 1.0)
    moments = time[i] + share * (time[i + 1] - time[i])
    return moments[~loaded[i]], moments[loaded[i]]


@dataclass(frozen=True)
class Events:
    """Events of one foot within a stride, s after the stored motion's first row.

    contact: initial contact; toe_off: the end of that stance, contact <= toe_off < contact + stride
    (it may lie beyond the stored end: time is cyclic). phases: how often the foot is loaded.
    """

    contact: float
    toe_off: float
    stride_time: float
    phases: int

    @property
    def contact_time(self) -> float:
        """Stance duration, s."""
        return self.toe_off - self.contact

    @property
    def duty_factor(self) -> float:
        """Stance over stride duration."""
        return self.contact_time / self.stride_time


def events(
    time: np.ndarray, vertical: np.ndarray, stride_time: float, threshold: float = THRESHOLD_N
) -> Events:
    """Initial contact and toe-off of a foot from its cyclic vertical force.

    time (M,) s from 0, increasing, below stride_time (or up to it, if the last is the first again);
    vertical (M,) N. If the foot is loaded more than
    once (a scuff), the stance is the phase with the largest impulse. ValueError if the foot is
    never, or always, loaded above the threshold (N).
    """
    inside = time < stride_time - 1e-12
    t, f = np.append(time[inside], stride_time), np.append(vertical[inside], vertical[inside][0])
    above = f > threshold
    if not above.any() or above.all():
        state = "always" if above.all() else "never"
        raise ValueError(f"vertical force {state} exceeds {threshold:g} N: no contact event")
    starts, ends = crossings(t, f, above, threshold)
    best: tuple[float, float, float] | None = None
    for start in starts:
        end = min((e - start) % stride_time for e in ends) + start
        grid = np.linspace(start, end, 200)
        impulse = float(np.trapezoid(np.interp(grid % stride_time, t, f), grid))
        if best is None or impulse > best[0]:
            best = (impulse, float(start), float(end))
    assert best is not None
    return Events(best[1], best[2], stride_time, len(starts))


def contacts(
    time: np.ndarray, vertical: np.ndarray, threshold: float
) -> tuple[np.ndarray, np.ndarray]:
    """Times (s) of initial contacts and of toe-offs in a measured trial.

    time (M,) s; vertical (M,) N. Contacts and flights too short to be a runner's are a plate's
    noise and left out.
    """
    loaded = vertical > threshold
    edges = np.flatnonzero(np.diff(loaded.astype(int)))
    bounds = [0, *(edges + 1), len(loaded)]
    step = float(np.median(np.diff(time)))
    for start, end in pairwise(bounds[1:-1]):
        if (end - start) * step < SHORTEST_S:
            loaded[start:end] = loaded[start - 1]
    return crossings(time, vertical, loaded, threshold)

"""The cyclic stride: values at any time of it, from initial contact on, and over a stance."""

from __future__ import annotations

import numpy as np
from scipy.interpolate import CubicSpline, PchipInterpolator

from formats.gait_events import Events

PERCENT = np.arange(101)


class Cycle:
    """A stride as functions of time, rotated to start at an event.

    time (N,) s, first row 0, last row the stride time. periodic: the stride is a predicted one,
    its last row the first again but for rounding. A measured one does not close: its values stay
    as they are, and where its end meets its start they jump.
    """

    def __init__(self, time: np.ndarray, start: float, *, periodic: bool = True) -> None:
        self.time, self.start = np.asarray(time), start
        self.stride_time = float(time[-1])
        self.periodic = periodic

    def at(self, values: np.ndarray, moment: float | np.ndarray) -> np.ndarray:
        """Smooth quantities (N, ...) at times (s after the stored first row): cubic spline."""
        if not self.periodic:
            return CubicSpline(self.time, values)(self.stored(moment))
        spline = CubicSpline(self.time, closed(values), bc_type="periodic")
        return spline(self.stored(moment))

    def force_at(self, values: np.ndarray, moment: float | np.ndarray) -> np.ndarray:
        """Quantities with kinks (forces, activations): monotone cubics, no overshoot."""
        if not self.periodic:
            return PchipInterpolator(self.time, values)(self.stored(moment))
        wrapped = closed(values)
        overlap = 3
        t = np.concatenate(
            [
                self.time[-1 - overlap : -1] - self.stride_time,
                self.time,
                self.time[1 : 1 + overlap] + self.stride_time,
            ]
        )
        v = np.concatenate([wrapped[-1 - overlap : -1], wrapped, wrapped[1 : 1 + overlap]])
        return PchipInterpolator(t, v)(self.stored(moment))

    def stored(self, moment: float | np.ndarray) -> np.ndarray:
        """Times within the stored stride, 0 to its last row (which stays the last), s."""
        moment = np.asarray(moment)
        within = (moment >= 0.0) & (moment <= self.stride_time)
        return np.where(within, moment, moment % self.stride_time)

    @property
    def moments(self) -> np.ndarray:
        """(101,) times of 0..100 % of the stride from the event on."""
        return self.start + PERCENT / 100.0 * self.stride_time

    def curve(self, values: np.ndarray) -> np.ndarray:
        """(101, ...) smooth quantity at 0..100 % of the stride."""
        return self.at(values, self.moments)

    def force_curve(self, values: np.ndarray) -> np.ndarray:
        """(101, ...) force or activation at 0..100 % of the stride."""
        return self.force_at(values, self.moments)

    def percent(self, moment: float | np.ndarray) -> np.ndarray:
        """Time (s) as % of the stride after the event, 0 <= % < 100."""
        return 100.0 * ((np.asarray(moment) - self.start) % self.stride_time) / self.stride_time


def closed(values: np.ndarray) -> np.ndarray:
    """A predicted stride's values (N, ...), which close but for rounding, closed exactly."""
    values = np.array(values, dtype=float)
    values[-1] = values[0]
    return values


def stance_weights(time: np.ndarray, start: float, end: float, *, dense: int = 400) -> np.ndarray:
    """(N,) weights so that w @ f integrates a periodic, linearly interpolated f over a stance.

    start, end in s after the first row; the stance may wrap around the stored end.
    """
    stride = float(time[-1])
    edges = np.linspace(start, end, dense + 1)
    middle, width = 0.5 * (edges[1:] + edges[:-1]) % stride, np.diff(edges)
    k = np.clip(np.searchsorted(time, middle, "right") - 1, 0, len(time) - 2)
    share = (middle - time[k]) / (time[k + 1] - time[k])
    weights = np.zeros(len(time))
    np.add.at(weights, k, width * (1 - share))
    np.add.at(weights, k + 1, width * share)
    return weights


def stride_outcomes(
    foot: Events, other: Events, *, speed: float, leg_length: float
) -> dict[str, float]:
    """Times, duty factor, cadence, step length (m, speed x time to the other foot's contact)."""
    stride = foot.stride_time
    step_time = (other.contact - foot.contact) % stride
    if step_time < 1e-9:  # both feet at once (a hop): the next contact is a stride away
        step_time = stride
    return {
        "stride_time_s": stride,
        "contact_time_s": foot.contact_time,
        "duty_factor": foot.duty_factor,
        "flight_time_s": 0.5 * (stride - foot.contact_time - other.contact_time),
        "step_time_s": step_time,
        "step_length_m": speed * step_time,
        "step_length_per_leg": speed * step_time / leg_length,
        "stride_length_m": speed * stride,
        "cadence_steps_min": 120.0 / stride,
        "contact_phases": float(foot.phases),
    }

"""Forward integration of short windows: does the motion follow from the forces between the nodes?

From a node on, positions and speeds are integrated by classical Runge-Kutta (fourth order) with
OpenSim's accelerations, muscles' tendon forces and actuator controls linear between the nodes.
What the collocation got wrong between its nodes shows as a difference at the window's end.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from analysis.replayed.coupling import evaluator
from analysis.replayed.model import RunnerModel
from analysis.replayed.quantities import Windows
from analysis.replayed.replay import Replay, vector

MAX_STEP_S = 0.0005


class Stepper:
    """Forward dynamics of the independent coordinates (n), the dependent ones following."""

    def __init__(self, model: RunnerModel) -> None:
        self.model = model
        self.state = model.state()
        self.keep = np.array([model.speeds.index(name) for name in model.coordinates])
        nq = self.state.getNQ()
        self.q = slice(0, nq)
        self.u = slice(nq, nq + len(model.speeds))
        self.couplings = [
            (model.speeds.index(c.independent), model.speeds.index(c.dependent), evaluator(c))
            for c in model.runner.couplings
        ]

    def fill(self, y: np.ndarray, q: np.ndarray, u: np.ndarray) -> np.ndarray:
        """y with the independent q, u set and the dependent ones made to follow."""
        y = y.copy()
        values, speeds = y[self.q], y[self.u]
        values[self.keep], speeds[self.keep] = q, u
        for leader, follower, function in self.couplings:
            value, slope, _ = function(values[leader])
            values[follower], speeds[follower] = value, slope * speeds[leader]
        return y

    def acceleration(self, y: np.ndarray, controls: np.ndarray) -> np.ndarray:
        """(n,) accelerations at Simbody states y and model controls."""
        self.state.setY(vector(y))
        self.model.model.realizeVelocity(self.state)
        self.model.model.setControls(self.state, vector(controls))
        self.model.model.realizeAcceleration(self.state)
        return self.state.getUDot().to_numpy()[self.keep]

    def advance(
        self,
        q: np.ndarray,
        u: np.ndarray,
        span: tuple[float, float],
        given: Callable[[float], tuple[np.ndarray, np.ndarray]],
        steps: int,
    ) -> tuple[np.ndarray, np.ndarray]:
        """q, u (n,) after the time span (s); given(t): the other states (y) and the controls."""
        h = (span[1] - span[0]) / steps

        def slope(t: float, q: np.ndarray, u: np.ndarray) -> np.ndarray:
            y, controls = given(t)
            return self.acceleration(self.fill(y, q, u), controls)

        for i in range(steps):
            t = span[0] + i * h
            a1 = slope(t, q, u)
            a2 = slope(t + h / 2, q + h / 2 * u, u + h / 2 * a1)
            a3 = slope(t + h / 2, q + h / 2 * u + h * h / 4 * a1, u + h / 2 * a2)
            a4 = slope(t + h, q + h * u + h * h / 2 * a2, u + h * a3)
            q = q + h * u + h * h / 6 * (a1 + a2 + a3)
            u = u + h / 6 * (a1 + 2 * a2 + 2 * a3 + a4)
        return q, u


def compare(replay: Replay, *, count: int = 6, intervals: int = 3) -> Windows:
    """Integrate `count` windows of some collocation intervals, evenly spread over the stride."""
    model, time = replay.model, replay.case.time
    stepper = Stepper(model)
    starts = np.unique(np.linspace(0, replay.nodes - 1 - intervals, count).astype(int))
    turning = np.array([c.motion == "rotational" for c in replay.case.runner.coordinates])
    differences = []
    for start in starts:
        end = start + intervals
        span = (float(time[start]), float(time[end]))

        def given(t: float) -> tuple[np.ndarray, np.ndarray]:
            k = int(np.clip(np.searchsorted(time, t, "right") - 1, 0, replay.nodes - 2))
            s = (t - time[k]) / (time[k + 1] - time[k])
            y = (1 - s) * replay.y[k] + s * replay.y[k + 1]
            return y, (1 - s) * replay.controls[k] + s * replay.controls[k + 1]

        steps = int(np.ceil((span[1] - span[0]) / MAX_STEP_S))
        y0, y1 = replay.y[start], replay.y[end]
        q, _ = stepper.advance(
            y0[stepper.q][stepper.keep], y0[stepper.u][stepper.keep], span, given, steps
        )
        differences.append(q - y1[stepper.q][stepper.keep])
    difference = np.array(differences)
    rotation, translation = difference[:, turning], difference[:, ~turning]
    return Windows(
        count=len(starts),
        length_s=float(time[intervals] - time[0]),
        rotation_rms_rad=float(np.sqrt(np.mean(rotation**2))),
        rotation_max_rad=float(np.abs(rotation).max(initial=0.0)),
        translation_max_m=float(np.abs(translation).max(initial=0.0)),
    )

"""Forward integration of short windows: does the motion follow from the forces between the nodes?

From a node on, positions and speeds are integrated with OpenSim's accelerations, muscles' tendon
forces and actuator controls linear between the nodes. What the collocation got wrong between its
nodes shows as a difference at the window's end. Friction makes a loaded foot stiff (rates up to
2e4 1/s at the subtalar joint), which an explicit method follows at steps below 0.1 ms only: hence
Radau's implicit method, to TOLERANCE.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.integrate import solve_ivp

from analysis.replayed.coupling import evaluator
from analysis.replayed.model import RunnerModel
from analysis.replayed.quantities import Windows
from analysis.replayed.replay import Replay, vector

TOLERANCE = 1e-3
"""Relative of positions and speeds in a step, a tenth absolute (rad, m): differences of 1e-3 rad at
a window's end come out within 3 %."""
NUDGE = 1e-5
"""Of a speed (rad/s, m/s), for the derivatives that the method asks for."""


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
    ) -> tuple[np.ndarray, np.ndarray]:
        """q, u (n,) after the time span (s); given(t): the other states (y) and the controls.

        Not a number if the integration does not come to its end.
        """
        n = len(q)

        def slope(t: float, both: np.ndarray) -> np.ndarray:
            y, controls = given(t)
            udot = self.acceleration(self.fill(y, both[:n], both[n:]), controls)
            return np.concatenate([both[n:], udot])

        def damping(t: float, both: np.ndarray) -> np.ndarray:
            # Derivatives by the speeds only: what is stiff is friction. It guides the method's
            # inner iterations, not its answer.
            found = np.zeros((2 * n, 2 * n))
            here = slope(t, both)
            for i in range(n, 2 * n):
                moved = both.copy()
                moved[i] += NUDGE
                found[:, i] = (slope(t, moved) - here) / NUDGE
            return found

        start = np.concatenate([q, u])
        done = solve_ivp(
            slope, span, start, method="Radau", jac=damping, rtol=TOLERANCE, atol=TOLERANCE / 10
        )
        end = done.y[:, -1] if done.success else np.full(2 * n, np.nan)
        return end[:n], end[n:]


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

        y0, y1 = replay.y[start], replay.y[end]
        q, _ = stepper.advance(
            y0[stepper.q][stepper.keep], y0[stepper.u][stepper.keep], span, given
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

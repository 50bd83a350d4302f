"""What the scorecard asks of a stride, on the engine's own numbers: for calibration.

Names and definitions are those of outcomes.csv (analysis.measures), which reads the certified
stride; what is computed here only steers the weights of an objective.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import casadi as ca
import numpy as np

from formats.description import RunnerDescription
from formats.filters import zero_lag_cycle
from simulations.equations.multibody import contact_wrenches, place_bodies
from simulations.output.motion import Stride, unroll
from simulations.problems.problem import Problem

GRAVITY = 9.80665
CONTACT_N = 20.0
_SAMPLES = 1000


@dataclass
class Measures:
    """Measures of the right leg of runners of one structure; functions are built once."""

    runner: RunnerDescription
    filter_hz: float = 15.0
    filter_order: int = 4
    _points: ca.Function = field(init=False)
    _mass: float = field(init=False)

    def __post_init__(self) -> None:
        runner = self.runner
        n = len(runner.coordinates)
        q, u = ca.SX.sym("q", n), ca.SX.sym("u", n)
        bodies, _ = place_bodies(runner, q, u, ca.SX.zeros(n))
        force = ca.SX.zeros(3)
        for contact in contact_wrenches(runner, bodies):
            if contact.body.endswith("_r"):
                force += contact.force
        self._mass = sum(body.mass for body in runner.bodies)
        centre = ca.SX.zeros(3)
        for body in runner.bodies:
            place = bodies[body.name]
            local = ca.mtimes(place.rotation, ca.SX(body.mass_center))
            centre += body.mass / self._mass * (place.position + local)
        # The ankle's centre is the talus' origin.
        ankle = bodies["talus_r"].position
        self._points = ca.Function(
            "points", [q, u], [ca.densify(ca.vertcat(force, ankle[0] - centre[0]))]
        )

    def of(self, problem: Problem, x: np.ndarray) -> dict[str, float]:
        """Outcomes by name, units in the names. NaN where there is no footfall."""
        stride = unroll(problem, x)
        q, u = stride.block("q"), stride.block("u")
        values = np.array(self._points.map(stride.time.size)(q, u))
        return self._kinetic(stride, values) | self._kinematic(problem, stride, values)

    def contact(self, problem: Problem, x: np.ndarray) -> float:
        """When the right foot lands (s from the start of the stride); NaN for never."""
        stride = unroll(problem, x)
        values = self._points.map(stride.time.size)(stride.block("q"), stride.block("u"))
        return footfall(stride.time, np.array(values)[1])[0]

    def _kinetic(self, stride: Stride, values: np.ndarray) -> dict[str, float]:
        period, weight = float(stride.time[-1]), self._mass * GRAVITY
        even = np.arange(_SAMPLES) * period / _SAMPLES
        force = np.stack([np.interp(even, stride.time, f) for f in values[:3]], axis=1)
        smooth = zero_lag_cycle(force, _SAMPLES / period, self.filter_hz, self.filter_order)
        forward, up = smooth[:, 0] / weight, smooth[:, 1] / weight
        braking = np.maximum(-forward[up > CONTACT_N / weight], 0.0)
        rate = stride.block("R")
        travelled = float(stride.block("q")[self._index("pelvis_tx")][-1])
        cost = float(np.trapezoid(rate[0], stride.time)) / travelled if len(rate) else np.nan
        return {
            "vertical_peak_bw": float(up.max()),
            "braking_peak_bw": float(-forward.min()),
            "braking_impulse_bw_s": float(braking.sum()) * period / _SAMPLES,
            "metabolic_cost_j_kg_m": cost,
        }

    def _kinematic(self, problem: Problem, stride: Stride, values: np.ndarray) -> dict[str, float]:
        period = float(stride.time[-1])
        q = np.degrees(stride.block("q"))
        thigh = q[self._index("hip_flexion_r")] + q[self._index("pelvis_tilt")]
        knee, ankle = q[self._index("knee_angle_r")], q[self._index("ankle_angle_r")]
        row = {
            "stride_time_s": period,
            "thigh_min_deg": float(thigh.min()),
            "thigh_max_deg": float(thigh.max()),
            "ankle_max_deg": float(ankle.max()),
            "ankle_min_deg": float(ankle.min()),
        }
        touch, stance = footfall(stride.time, values[1])
        row |= {"contact_time_s": stance, "duty_factor": stance / period}
        if not np.isfinite(touch):
            return row | dict.fromkeys(
                (
                    *("thigh_contact_deg", "knee_contact_deg", "ankle_com_m"),
                    *("knee_stance_peak_deg", "knee_swing_peak_deg"),
                ),
                np.nan,
            )

        def at(curve: np.ndarray) -> float:
            return float(np.interp(touch, stride.time, curve))

        standing = (stride.time - touch) % period <= stance
        return row | {
            "thigh_contact_deg": at(thigh),
            "knee_contact_deg": at(knee),
            "ankle_com_m": at(values[3]),
            "knee_stance_peak_deg": float(knee[standing].max()),
            "knee_swing_peak_deg": float(knee[~standing].max()),
        }

    def _index(self, name: str) -> int:
        return [c.name for c in self.runner.coordinates].index(name)


def footfall(time: np.ndarray, vertical: np.ndarray) -> tuple[float, float]:
    """When a foot's longest contact begins and how long it lasts (s), cyclic; NaN for none.

    time (N,) s of a stride from 0, vertical (N,) N.
    """
    period = float(time[-1])
    above = vertical > CONTACT_N
    if above.all() or not above.any():
        return float("nan"), float("nan")
    crossing = np.flatnonzero(above[:-1] != above[1:])
    share = (CONTACT_N - vertical[crossing]) / (vertical[crossing + 1] - vertical[crossing])
    moments = time[crossing] + share * (time[crossing + 1] - time[crossing])
    starts, ends = moments[~above[crossing]], moments[above[crossing]]
    if not len(starts) or not len(ends):
        return float("nan"), float("nan")
    lasting = [min((end - start) % period for end in ends) for start in starts]
    longest = int(np.argmax(lasting))
    return float(starts[longest]), float(lasting[longest])

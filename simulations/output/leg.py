"""One leg's stride at a solution: its quantities, their footfalls and extremes, with gradients.

As the analysis finds them (cubic splines at events and extremes, linear interpolation in means).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.optimize import brentq, minimize_scalar

from formats.description import RunnerDescription
from formats.gait_events import THRESHOLD_N
from simulations.collocation import cached
from simulations.collocation.buffered import buffered
from simulations.collocation.differentiated import Functions
from simulations.equations import numbers
from simulations.equations.stride_quantities import NAMES, knee_sign, quantities
from simulations.output import motion
from simulations.problems.problem import Problem

_DENSE, _FINE, _EDGES = 8, 2001, 400
STEP = 1e-6
"""Of numerical derivatives by a phase (share of the stride) or a duration (s)."""


@dataclass(frozen=True)
class Event:
    """A crossing of the threshold: phase (0 .. 1 of the stride), and its gradient.

    q, u, du: (n x nodes); duration: by the stride's; numbers: by the skeleton's.
    """

    phase: float
    q: np.ndarray
    u: np.ndarray
    du: np.ndarray
    duration: float
    numbers: np.ndarray


def quantity_functions(runner: RunnerDescription, side: str) -> Functions:
    """The functions of `quantities`, from the cache where this structure has been built."""
    signs = f"{side} {knee_sign(runner, side):g}"

    def build() -> Functions:
        value, reverse = quantities(runner, side)
        none = np.zeros((2, 0), dtype=int)
        return Functions({"value": value, "reverse": reverse}.__getitem__, none, none)

    key = f"stride_quantities {signs} {numbers.skeleton_structure(runner)}"
    return cached.functions(key, build, ("value", "reverse"))


# Weights (nodes) of a quantity, and a constant, from phases of contact and toe-off, stride time.
Weights = Callable[[float, float, float], tuple[np.ndarray, float]]


class Leg:
    """One leg's stride at a solution."""

    def __init__(self, problem: Problem, x: np.ndarray, parameters: np.ndarray, side: str) -> None:
        self.problem, self.side = problem, side
        self.program = problem.program
        self.stride = motion.unroll(problem, x)
        functions = quantity_functions(problem.runner, side)
        self._mapped = cache(lambda kind, count: buffered(functions.mapped(kind, count)))
        places = self.program.parameters
        self.place = places.place("skeleton")
        self.numbers = parameters[self.place]
        self.rounding = float(parameters[places.place("rounding")][0])
        self.q, self.u, self.du = (self.stride.block(name) for name in ("q", "u", "du"))
        self.nodes, self.duration = self.q.shape[1], float(self.stride.time[-1])
        self.phase = np.linspace(0.0, 1.0, self.nodes)
        self.curves = self._values(self.q, self.u, self.du)
        self.slopes = cache(self._slopes)
        self.curves[:, -1] = self.curves[:, 0]
        closed = np.eye(self.nodes)
        closed[-1] = closed[0]
        self._spline = CubicSpline(self.phase, closed, bc_type="periodic")
        weights = self.program.scheme.weights / self.program.spans
        self.mean = np.zeros(self.nodes)
        for span in range(self.program.spans):
            start = span * (len(weights) - 1)
            self.mean[start : start + len(weights)] += weights
        self.masses = np.array(
            [
                name.startswith("bodies/") and name.endswith("/mass")
                for name in numbers.skeleton_values(problem.runner)
            ]
        )
        self.gravity = float(np.linalg.norm(problem.runner.gravity))
        self.weight = float(self.numbers[self.masses].sum()) * self.gravity
        self.contact, self.toe_off = self._events()

    def curve(self, name: str) -> np.ndarray:
        """A quantity at all nodes."""
        row: np.ndarray = self.curves[NAMES.index(name)]
        return row

    def at(self, phase: float | np.ndarray) -> np.ndarray:
        """Weights of the nodes in a smooth quantity at a phase."""
        found: np.ndarray = self._spline(np.asarray(phase) % 1.0)
        return found

    def _numbers(self, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Friction's rounding and the skeleton's numbers, for so many instances."""
        return np.full((1, count), self.rounding), np.tile(self.numbers[:, None], count)

    def _values(self, q: np.ndarray, u: np.ndarray, du: np.ndarray) -> np.ndarray:
        """NAMES at each column."""
        count = q.shape[1]
        (found,) = self._mapped("value", count)(q, u, du, *self._numbers(count))
        return found

    def _slopes(self, name: str) -> list[np.ndarray]:
        """Gradients of a quantity at the nodes by q, u, du there, and by the skeleton's numbers."""
        seeds = np.zeros((len(NAMES), self.nodes))
        seeds[NAMES.index(name)] = 1.0
        given = self.q, self.u, self.du, *self._numbers(self.nodes), seeds
        return self._mapped("reverse", self.nodes)(*given)

    # Footfalls

    def _between(
        self, k: np.ndarray, s: np.ndarray, duration: float
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """q, u and zero accelerations within intervals k: cubic Hermite, as the analysis has it."""
        a, b, da, db = _hermite(s, duration / (self.nodes - 1))
        q = a * self.q[:, k] + b * self.q[:, k + 1] + da * self.u[:, k] + db * self.u[:, k + 1]
        u = a * self.u[:, k] + b * self.u[:, k + 1] + da * self.du[:, k] + db * self.du[:, k + 1]
        return q, u, np.zeros_like(q)

    def _forces(self, phases: np.ndarray, duration: float) -> np.ndarray:
        """Vertical force (N) on the foot between the nodes."""
        found = self._values(*self._between(*self._interval(phases), duration))
        force: np.ndarray = self.weight * found[NAMES.index("vertical_force")]
        return force

    def _force(self, phase: float, duration: float) -> float:
        return float(self._forces(np.array([phase]), duration)[0])

    def _interval(self, phases: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        at = (phases % 1.0) * (self.nodes - 1)
        k = np.minimum(at.astype(int), self.nodes - 2)
        return k, at - k

    def _events(self) -> tuple[Event, Event]:
        """Contact and toe-off of the stance of the largest impulse."""
        dense = np.arange(_DENSE * (self.nodes - 1)) / (_DENSE * (self.nodes - 1))
        force = self._forces(dense, self.duration)
        above = force > THRESHOLD_N
        if above.all() or not above.any():
            raise ValueError(f"foot {self.side}: no footfall in the vertical force")
        count = len(dense)
        rising: list[int] = np.flatnonzero(above & ~np.roll(above, 1)).tolist()
        best, found = -1.0, (0, 0)
        for start in rising:
            length = int(np.argmin(np.roll(above, -start)))
            impulse = float(np.roll(force, -start)[:length].sum())
            if impulse > best:
                best, found = impulse, (start, length)
        start, length = found

        def crossing(low: int) -> float:
            return float(
                brentq(
                    lambda phase: self._force(phase, self.duration) - THRESHOLD_N,
                    low / count,
                    (low + 1) / count,
                )
            )

        contact, toe_off = crossing(start - 1), crossing(start + length - 1)
        return self._event(contact), self._event(toe_off)

    def _event(self, phase: float) -> Event:
        """By the implicit function: the force at the crossing stays as large."""
        within = self._interval(np.array([phase]))
        (k,), (s,) = within
        seeds = np.zeros((len(NAMES), 1))
        seeds[NAMES.index("vertical_force")] = self.weight
        state = self._between(*within, self.duration)
        found = self._mapped("reverse", 1)(*state, *self._numbers(1), seeds)
        by_q, by_u, _, by_p = (part.ravel() for part in found)
        # In newtons: the force itself does not depend on the weight that it is counted in.
        by_p[self.masses] += THRESHOLD_N / self.weight * self.gravity
        rise, longer = (
            (self._force(*up) - self._force(*down)) / (2 * STEP)
            for up, down in (
                ((phase + STEP, self.duration), (phase - STEP, self.duration)),
                ((phase, self.duration + STEP), (phase, self.duration - STEP)),
            )
        )
        shape = self.q.shape
        q, u, du = np.zeros(shape), np.zeros(shape), np.zeros(shape)
        a, b, da, db = _hermite(s, self.duration / (self.nodes - 1))
        for column, value, slope in ((k, a, da), (k + 1, b, db)):
            q[:, column] = value * by_q
            u[:, column] = slope * by_q + value * by_u
            du[:, column] = slope * by_u
        return Event(phase, -q / rise, -u / rise, -du / rise, -longer / rise, -by_p / rise)

    # Weights of the outcomes

    def stance(self, contact: float, toe_off: float) -> np.ndarray:
        """Weights, summing to the duty factor, that integrate what is linear between the nodes."""
        edges = np.linspace(contact, toe_off, _EDGES + 1)
        middle, width = 0.5 * (edges[1:] + edges[:-1]) % 1.0, np.diff(edges)
        at = middle * (self.nodes - 1)
        k = np.clip(at.astype(int), 0, self.nodes - 2)
        weights = np.zeros(self.nodes)
        np.add.at(weights, k, width * (1 - (at - k)))
        np.add.at(weights, k + 1, width * (at - k))
        return weights

    def extreme(self, name: str, sign: int, part: str) -> Weights:
        """Of the spline through a quantity, where it is largest (sign 1) or smallest (-1)."""
        c, o = self.contact.phase, self.toe_off.phase
        fine = c + np.linspace(0.0, 1.0, _FINE)
        chosen = {"stride": fine <= c + 1, "stance": fine <= o, "swing": fine > o}[part]
        fine = fine[chosen]
        here = int(np.argmax(sign * (self.at(fine) @ self.curve(name))))
        place = float(fine[here])
        if part != "stride" and here == 0:
            return lambda c, o, _: (self.at(c if part == "stance" else o), 0.0)
        if part != "stride" and here == len(fine) - 1:
            return lambda c, o, _: (self.at(o if part == "stance" else c), 0.0)
        # The grid moves with the contact; the extreme itself does not.
        near = minimize_scalar(
            lambda phase: -sign * float(self.at(phase) @ self.curve(name)),
            bounds=(place - 1 / _FINE, place + 1 / _FINE),
            method="bounded",
            options={"xatol": 1e-9},
        )
        place = float(near.x)
        return lambda *_: (self.at(place), 0.0)

    def node(self, values: np.ndarray, sign: int) -> Weights:
        """The largest of sign x values at a node."""
        weights = np.zeros(self.nodes)
        weights[int(np.argmax(sign * values[:-1]))] = sign
        return lambda *_: (weights, 0.0)

    def impulse(self, values: np.ndarray, sign: int) -> Weights:
        """Of the part of the values that has the sign, over stance (unit x s)."""
        mask = sign * (sign * values > 0)
        return lambda c, o, duration: (duration * mask * self.stance(c, o), 0.0)

    def window_mean(self, begin: float, end: float) -> Weights:
        """Mean from begin to end (% of the stride after contact), begin before that contact."""

        def mean(c: float, o: float, _: float) -> tuple[np.ndarray, float]:
            weights = self.stance(c + begin / 100 - 1, c + end / 100)
            return weights / weights.sum(), 0.0

        return mean

    def stance_mean(self, c: float, o: float, _: float) -> tuple[np.ndarray, float]:
        """Mean over stance."""
        weights = self.stance(c, o)
        return weights / weights.sum(), 0.0


def _hermite(s: np.ndarray, h: float) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Weights of both values and both slopes at shares s of an interval h (s)."""
    r = 1 - s
    return (1 + 2 * s) * r * r, s * s * (3 - 2 * s), h * s * r * r, -h * s * s * r

"""Outcomes of a stride as functions of the solution, with their gradients.

The columns of outcomes.csv that vary smoothly, computed as the analysis does (cubic splines at
events and extremes, linear interpolation in means) but from the solver's own equations, so that
each has a gradient by every unknown and every parameter. An extreme is differentiated where it is
(that its place moves changes nothing to first order), a footfall by the force that crosses 20 N.

What is not here: the hip force and its margin, for they need the muscles' lines of action, which
path polynomials do not have; percentages of the stride at which something happens; counts. The
metabolic cost is that of the objective, whose kinks are rounded wider than in the reported one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.optimize import brentq, minimize_scalar

from formats.muscles import GROUPS, members
from simulations.collocation.elements import muscle_groups
from simulations.equations import numbers
from simulations.equations.stride_quantities import NAMES, quantities
from simulations.output import motion
from simulations.problems.problem import Problem

THRESHOLD_N = 20.0
_DENSE, _FINE, _EDGES = 8, 2001, 400
_DELTA = 1e-6
AT_CONTACT = {
    "ankle_com_m": "ankle_com",
    "foot_hip_m": "foot_hip",
    "hip_com_m": "hip_com",
    "thigh_contact_deg": "thigh_angle",
    "knee_contact_deg": "knee_flexion",
    "ankle_contact_deg": "ankle_dorsiflexion",
    "hip_flexion_contact_deg": "hip_flexion",
}
# Quantity, sign, and the part of the stride that is looked at.
EXTREMES = {
    "thigh_min_deg": ("thigh_angle", -1, "stride"),
    "thigh_max_deg": ("thigh_angle", 1, "stride"),
    "knee_stance_peak_deg": ("knee_flexion", 1, "stance"),
    "knee_swing_peak_deg": ("knee_flexion", 1, "swing"),
    "ankle_max_deg": ("ankle_dorsiflexion", 1, "stride"),
    "ankle_min_deg": ("ankle_dorsiflexion", -1, "stride"),
    "hip_flexion_peak_deg": ("hip_flexion", 1, "stride"),
    "hip_extension_peak_deg": ("hip_flexion", -1, "stride"),
}
# The largest at a node, as a positive size.
PEAKS = {
    "vertical_peak_bw": ("vertical_force", 1),
    "braking_peak_bw": ("forward_force", -1),
    "propulsion_peak_bw": ("forward_force", 1),
    "hip_flexor_moment_peak_nm_kg": ("hip_moment", 1),
    "hip_extensor_moment_peak_nm_kg": ("hip_moment", -1),
    "knee_flexor_moment_peak_nm_kg": ("knee_moment", 1),
    "knee_extensor_moment_peak_nm_kg": ("knee_moment", -1),
    "ankle_dorsiflexor_moment_peak_nm_kg": ("ankle_moment", 1),
    "ankle_plantarflexor_moment_peak_nm_kg": ("ankle_moment", -1),
}
IMPULSES = {
    "braking_impulse_bw_s": ("forward_force", -1),
    "propulsion_impulse_bw_s": ("forward_force", 1),
    "vertical_impulse_bw_s": ("vertical_force", 1),
}
COST = "metabolic_cost_objective_j_kg_m"


@dataclass(frozen=True)
class Measured:
    """Outcomes (k) of one leg; gradients (k x n_x) by the unknowns, direct (k x np) by the
    parameters where the unknowns stay."""

    names: list[str]
    values: np.ndarray
    gradients: np.ndarray
    direct: np.ndarray


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


# Weights (nodes) of a quantity, and a constant, from phases of contact and toe-off, stride time.
Weights = Callable[[float, float, float], tuple[np.ndarray, float]]


class Leg:
    """One leg's stride at a solution."""

    def __init__(self, problem: Problem, x: np.ndarray, parameters: np.ndarray, side: str) -> None:
        self.problem, self.side = problem, side
        self.program = problem.program
        self.stride = motion.unroll(problem, x)
        self.value, self.reverse = quantities(problem.runner, side)
        places = self.program.parameters
        self.place = places.place("skeleton")
        self.numbers = parameters[self.place]
        self.rounding = float(parameters[places.place("rounding")][0])
        self.q, self.u, self.du = (self.stride.block(name) for name in ("q", "u", "du"))
        self.nodes, self.duration = self.q.shape[1], float(self.stride.time[-1])
        self.phase = np.linspace(0.0, 1.0, self.nodes)
        mapped = self.value.map(self.nodes)
        self.curves = np.array(mapped(self.q, self.u, self.du, self.rounding, self.numbers))
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

    # Footfalls

    def _between(
        self, k: int, s: float, duration: float
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """q, u and zero accelerations within interval k: cubic Hermite, as the analysis has it."""
        a, b, da, db = _hermite(s, duration / (self.nodes - 1))
        q = a * self.q[:, k] + b * self.q[:, k + 1] + da * self.u[:, k] + db * self.u[:, k + 1]
        u = a * self.u[:, k] + b * self.u[:, k + 1] + da * self.du[:, k] + db * self.du[:, k + 1]
        return q, u, np.zeros_like(q)

    def _force(self, phase: float, duration: float) -> float:
        """Vertical force (N) on the foot between the nodes."""
        k, s = self._interval(phase)
        q, u, du = self._between(k, s, duration)
        found = np.array(self.value(q, u, du, self.rounding, self.numbers))
        return self.weight * float(found[NAMES.index("vertical_force"), 0])

    def _interval(self, phase: float) -> tuple[int, float]:
        at = (phase % 1.0) * (self.nodes - 1)
        k = min(int(at), self.nodes - 2)
        return k, at - k

    def _events(self) -> tuple[Event, Event]:
        """Contact and toe-off of the stance of the largest impulse."""
        dense = np.arange(_DENSE * (self.nodes - 1)) / (_DENSE * (self.nodes - 1))
        force = np.array([self._force(phase, self.duration) for phase in dense])
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
        k, s = self._interval(phase)
        seeds = np.zeros(len(NAMES))
        seeds[NAMES.index("vertical_force")] = self.weight
        state = self._between(k, s, self.duration)
        found = self.reverse(*state, self.rounding, self.numbers, seeds)
        by_q, by_u, _, by_p = (np.array(part).ravel() for part in found)
        # In newtons: the force itself does not depend on the weight that it is counted in.
        by_p[self.masses] += THRESHOLD_N / self.weight * self.gravity
        rise, longer = (
            (self._force(*up) - self._force(*down)) / (2 * _DELTA)
            for up, down in (
                ((phase + _DELTA, self.duration), (phase - _DELTA, self.duration)),
                ((phase, self.duration + _DELTA), (phase, self.duration - _DELTA)),
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

    def stance_mean(self, c: float, o: float, _: float) -> tuple[np.ndarray, float]:
        """Mean over stance."""
        weights = self.stance(c, o)
        return weights / weights.sum(), 0.0


def _hermite(s: float, h: float) -> tuple[float, float, float, float]:
    """Weights of both values and both slopes at the share s of an interval h (s)."""
    r = 1 - s
    return (1 + 2 * s) * r * r, s * s * (3 - 2 * s), h * s * r * r, -h * s * s * r


def measure(problem: Problem, x: np.ndarray, parameters: np.ndarray, side: str = "r") -> Measured:
    """Every smooth outcome of a leg. Raises ValueError if the foot never, or always, stands."""
    leg = Leg(problem, x, parameters, side)
    found = _Gathered(leg, parameters)
    none = np.zeros(leg.nodes)
    found.add("stride_time_s", none, lambda c, o, t: (none, t))
    found.add("contact_time_s", none, lambda c, o, t: (none, t * (o - c)))
    found.add("duty_factor", none, lambda c, o, t: (none, o - c))
    for name, quantity in AT_CONTACT.items():
        found.add(name, leg.curve(quantity), lambda c, o, t: (leg.at(c), 0.0), quantity)
    for name, (quantity, sign, part) in EXTREMES.items():
        weights = leg.extreme(quantity, sign, part)
        if name == "hip_extension_peak_deg":
            weights = partial(_negative, weights)
        found.add(name, leg.curve(quantity), weights, quantity)
    for name, (quantity, sign) in PEAKS.items():
        curve = leg.curve(quantity)
        found.add(name, curve, leg.node(curve, sign), quantity)
    for name, (quantity, sign) in IMPULSES.items():
        curve = leg.curve(quantity)
        found.add(name, curve, leg.impulse(curve, sign), quantity)
    activation = leg.stride.block("a")
    for group in GROUPS:
        heads = members(problem.runner.muscles, group, side)
        if heads:
            share = found.shares(heads)
            curve = share @ activation[heads]
            for name, weights in (
                ("activation_stance_mean", leg.stance_mean),
                ("activation_stride_mean", lambda *_: (leg.mean, 0.0)),
                ("activation_peak", leg.node(curve, 1)),
            ):
                found.add(f"{group}_{name}", curve, weights, heads=heads)
    rate = leg.stride.block("R")
    if len(rate):
        speed = problem.speed
        found.add(COST, rate[0], lambda *_: (leg.mean / speed, 0.0), rate=True)
    return found.done()


def _negative(weights: Weights, c: float, o: float, t: float) -> tuple[np.ndarray, float]:
    found, constant = weights(c, o, t)
    return -found, -constant


class _Gathered:
    """Outcomes and their gradients, one after the other."""

    def __init__(self, leg: Leg, parameters: np.ndarray) -> None:
        self.leg, self.parameters = leg, parameters
        self.names: list[str] = []
        self.values: list[float] = []
        self.gradients: list[np.ndarray] = []
        self.direct: list[np.ndarray] = []
        self.mapped = leg.reverse.map(leg.nodes)

    def shares(self, heads: list[int]) -> np.ndarray:
        """Shares of heads in their volume, strength x optimal fibre length."""
        volume = self.parameters[self.volume[:, heads]].prod(axis=0)
        return volume / volume.sum()

    @cached_property
    def volume(self) -> np.ndarray:
        """Where strength and optimal fibre length (2 x nm) of the muscles stand."""
        leg, order = self.leg, list(numbers.MUSCLE_NUMBERS)
        runner, parameters = leg.problem.runner, leg.program.parameters
        rows = [order.index("max_isometric_force"), order.index("optimal_fiber_length")]
        places = np.empty((2, len(runner.muscles)), dtype=int)
        for group in muscle_groups(runner):
            start = parameters.place(group.numbers).start
            for column, muscle in enumerate(group.muscles):
                places[:, muscle] = start + len(order) * column + np.array(rows)
        return places

    def add(
        self,
        name: str,
        curve: np.ndarray,
        weights: Weights,
        quantity: str | None = None,
        *,
        heads: list[int] | None = None,
        rate: bool = False,
    ) -> None:
        """An outcome: weights times a curve. The curve is a quantity, the mean activation of heads,
        or the metabolic rate."""
        leg, layout = self.leg, self.leg.program.layout
        contact, toe_off = leg.contact, leg.toe_off
        at = np.array([contact.phase, toe_off.phase, leg.duration])

        def number(where: np.ndarray) -> float:
            found, constant = weights(*where)
            return float(found @ curve) + constant

        by = [(number(at + step) - number(at - step)) / (2 * _DELTA) for step in _DELTA * np.eye(3)]
        found, _ = weights(*at)
        gradient = np.zeros((layout.size, leg.nodes))
        direct = np.zeros_like(self.parameters)
        if quantity is not None:
            seeds = np.zeros((len(NAMES), leg.nodes))
            seeds[NAMES.index(quantity)] = found
            given = leg.q, leg.u, leg.du, leg.rounding, leg.numbers
            by_q, by_u, by_du, by_p = map(np.array, self.mapped(*given, seeds))
            for block, values in (("q", by_q), ("u", by_u), ("du", by_du)):
                gradient[layout.block(block)] += values
            direct[leg.place] += by_p.sum(axis=1)
        if heads is not None:
            share = self.shares(heads)
            gradient[layout.block("a")[heads]] += np.outer(share, found)
            self._by_volume(direct, heads, found)
        if rate:
            gradient[layout.block("R")] += found
        for event, slope in zip((contact, toe_off), by, strict=False):
            for block in ("q", "u", "du"):
                gradient[layout.block(block)] += slope * getattr(event, block)
            direct[leg.place] += slope * event.numbers
            by[2] += slope * event.duration
        self.names.append(name)
        self.values.append(number(at))
        self.gradients.append(self._by_unknowns(gradient, by[2]))
        self.direct.append(direct)

    def _by_volume(self, direct: np.ndarray, heads: list[int], weights: np.ndarray) -> None:
        """Stronger heads count more in the mean of their muscle."""
        own = self.leg.stride.block("a")[heads] @ weights
        share = self.shares(heads)
        slopes = share * (own - share @ own)
        for places in self.volume[:, heads]:
            direct[places] += slopes / self.parameters[places]

    def _by_unknowns(self, gradient: np.ndarray, duration: float) -> np.ndarray:
        """By x, from the gradient by the physical values of the whole stride."""
        leg, program = self.leg, self.leg.program
        count = program.scheme.nodes
        own = gradient[:, :count].copy()
        if program.spans == 2:
            own[:, 1:] += motion.mirrored(leg.problem.runner, program.layout, gradient[:, count:])
        return program.pack(program.spans * duration, own * program.layout.scale[:, None])

    def done(self) -> Measured:
        """All of them."""
        return Measured(
            self.names, np.array(self.values), np.array(self.gradients), np.array(self.direct)
        )

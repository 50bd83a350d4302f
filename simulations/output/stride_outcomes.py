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

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from formats.muscles import GROUPS, WINDOW, WINDOW_MEAN, members
from simulations.collocation.elements import muscle_groups
from simulations.equations import numbers
from simulations.output import motion
from simulations.output.leg import STEP, Leg, Weights
from simulations.problems.problem import Problem

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
    "thigh_extension_peak_deg": ("thigh_angle", -1, "stride"),
}
EXTENSIONS = ("hip_extension_peak_deg", "thigh_extension_peak_deg")
"""Of the extremes those told as minus the angle."""
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
STEP_LENGTH = "step_length_m"
PER_METRE = {"braking_impulse_bw_s_per_m": "braking_impulse_bw_s"}
"""What is told over the step length, and what of."""
COST = "metabolic_cost_objective_j_kg_m"


@dataclass(frozen=True)
class Measured:
    """Outcomes (k) of one leg; gradients (k x n_x) by the unknowns, direct (k x np) by the
    parameters where the unknowns stay."""

    names: list[str]
    values: np.ndarray
    gradients: np.ndarray
    direct: np.ndarray


def measure(problem: Problem, x: np.ndarray, parameters: np.ndarray, side: str = "r") -> Measured:
    """Every smooth outcome of a leg. Raises ValueError if the foot never, or always, stands."""
    leg = Leg(problem, x, parameters, side)
    found = _Gathered(leg, parameters)
    none = np.zeros(leg.nodes)
    found.add("stride_time_s", none, lambda c, o, t: (none, t))
    found.add("contact_time_s", none, lambda c, o, t: (none, t * (o - c)))
    found.add("duty_factor", none, lambda c, o, t: (none, o - c))
    found.add("cadence_steps_min", none, lambda c, o, t: (none, 120 / t))
    for name, quantity in AT_CONTACT.items():
        found.add(name, leg.curve(quantity), lambda c, o, t: (leg.at(c), 0.0), quantity)
    for name, (quantity, sign, part) in EXTREMES.items():
        weights = leg.extreme(quantity, sign, part)
        if name in EXTENSIONS:
            weights = _negative(weights)
        found.add(name, leg.curve(quantity), weights, quantity)
    for name, (quantity, sign) in PEAKS.items():
        curve = leg.curve(quantity)
        found.add(name, curve, leg.node(curve, sign), quantity)
    for name, (quantity, sign) in IMPULSES.items():
        curve = leg.curve(quantity)
        found.add(name, curve, leg.impulse(curve, sign), quantity)
    found.add_step_length(x)
    for name, whole in PER_METRE.items():
        found.add_quotient(name, whole, STEP_LENGTH)
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
                (WINDOW_MEAN, leg.window_mean(*WINDOW)),
            ):
                found.add(f"{group}_{name}", curve, weights, heads=heads)
    rate = leg.stride.block("R")
    if len(rate):
        found.add(COST, rate[0], lambda *_: (leg.mean / found.speed, 0.0), rate=True)
        found.direct[-1][found.speed_at] -= found.values[-1] / found.speed
    return found.done()


def _negative(weights: Weights) -> Weights:
    def negative(c: float, o: float, t: float) -> tuple[np.ndarray, float]:
        found, constant = weights(c, o, t)
        return -found, -constant

    return negative


class _Gathered:
    """Outcomes and their gradients, one after the other."""

    def __init__(self, leg: Leg, parameters: np.ndarray) -> None:
        self.leg, self.parameters = leg, parameters
        self.names: list[str] = []
        self.values: list[float] = []
        self.gradients: list[np.ndarray] = []
        self.direct: list[np.ndarray] = []
        self.speed_at = leg.program.parameters.place("speed").start
        self.speed = float(parameters[self.speed_at])

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

        by = [(number(at + step) - number(at - step)) / (2 * STEP) for step in STEP * np.eye(3)]
        found, _ = weights(*at)
        gradient = np.zeros((layout.size, leg.nodes))
        direct = np.zeros_like(self.parameters)
        if quantity is not None:
            *by_state, by_p = leg.slopes(quantity)
            for block, values in zip(("q", "u", "du"), by_state, strict=True):
                gradient[layout.block(block)] += values * found
            direct[leg.place] += by_p @ found
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

    def add_step_length(self, x: np.ndarray) -> None:
        """Speed x time to the other foot's contact: half a stride where half a one is simulated."""
        leg = self.leg
        speed, none = self.speed, np.zeros(leg.nodes)
        if leg.program.spans == 2:
            self.add(STEP_LENGTH, none, lambda c, o, t: (none, speed * t / 2))
        else:
            other = Leg(leg.problem, x, self.parameters, "l" if leg.side == "r" else "r").contact
            self.add(
                STEP_LENGTH,
                none,
                lambda c, o, t: (none, speed * t * ((other.phase - c) % 1.0)),
            )
            by_phase = speed * leg.duration
            gradient = np.zeros((leg.program.layout.size, leg.nodes))
            for block in ("q", "u", "du"):
                gradient[leg.program.layout.block(block)] += by_phase * getattr(other, block)
            self.gradients[-1] += self._by_unknowns(gradient, by_phase * other.duration)
            self.direct[-1][leg.place] += by_phase * other.numbers
        self.direct[-1][self.speed_at] += self.values[-1] / speed

    def add_quotient(self, name: str, over: str, under: str) -> None:
        """An outcome over another, both added before."""
        i, j = self.names.index(over), self.names.index(under)
        value = self.values[i] / self.values[j]
        self.names.append(name)
        self.values.append(value)
        for held in (self.gradients, self.direct):
            held.append((held[i] - value * held[j]) / self.values[j])

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

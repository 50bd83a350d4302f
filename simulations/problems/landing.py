"""Muscles ready before the foot lands: a bound for a runner who is not certain of the ground.

A landing some 10 mm early or late is met by what is switched on already: no reflex comes within
the first 50 ms. In place of the expected cost over several heights of the ground (a program of as
many strides that share their excitations until then) stands its consequence: for a time before
each contact the muscles that carry the landing keep a least activation. Where the contact is, a
solution tells (simulations.calibration.inner asks again until it stays).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from simulations.problems.problem import Problem

# What stops knee, ankle and hip from giving way at contact.
LANDING_MUSCLES = ("vaslat", "vasmed", "vasint", "soleus", "glmax")


@dataclass(frozen=True)
class Readiness:
    """What is asked before contact.

    activation: at least, of a muscle's capacity. before_s: for how long before contact: the rise of
    activation and the slack of tendons, and the 10 to 15 ms by which 10 mm move a landing at 0.7 to
    1 m/s (ours). muscles: the beginnings of their names.
    """

    activation: float
    before_s: float = 0.05
    muscles: tuple[str, ...] = LANDING_MUSCLES


def with_readiness(problem: Problem, asked: Readiness, duration: float, contact: float) -> Problem:
    """The problem with the bound for a right foot that lands at `contact` (s from the start).

    duration: of the simulated span (s); the left foot lands half a stride later. Raises ValueError
    for an activation that no muscle can keep, or a time that is not within half a stride.
    """
    period = duration * problem.program.spans
    if not 0.0 <= asked.activation < 1.0:
        raise ValueError(f"readiness: activation {asked.activation:g} is not allowed; 0 up to 1 is")
    if not 0.0 <= asked.before_s < period / 2:
        raise ValueError(
            f"readiness: {asked.before_s:g} s before contact are not allowed; "
            f"0 up to {period / 2:.3g} s, half a stride, are"
        )
    time = problem.scheme.phase * duration
    ahead = {"_r": (contact - time) % period, "_l": (contact + period / 2 - time) % period}
    lower = problem.lower.copy()
    nodes = lower[1:].reshape(problem.scheme.nodes, problem.layout.size)
    scale = problem.layout.scale
    for muscle, column in zip(problem.runner.muscles, problem.layout.block("a"), strict=True):
        if muscle.name.startswith(asked.muscles):
            within = ahead[muscle.name[-2:]] <= asked.before_s
            least = max(muscle.min_control, asked.activation * muscle.max_control)
            nodes[within, column] = least / scale[column]
    return replace(problem, lower=lower)

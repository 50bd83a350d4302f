"""Muscles that hang slack: no longer than their tendon, in a posture beyond what they reach.

Scaled models have such muscles in deep knee or hip flexion (semimembranosus, piriformis), and no
equilibrium of fibre and tendon exists there. OpenSim holds the fibre at its least length and gives
it next to no force. Here the fibre along a slack tendon keeps 0.15 of its optimal length: there its
active force is below 1 % of the maximal, its passive force nothing. What is shorter is taken up
smoothly (twice differentiable); from 0.2 on, the least fibre that OpenSim's
DeGrooteFregly2016Muscle knows, all is left exactly as it is.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from formats.description import Muscle, RunnerDescription
from formats.solve_records import SlackMuscle
from formats.trial.limits import BLEND, LEAST_FIBRE
from simulations.problems.prescribed import Demand


def fibre_along(muscle: Muscle, length: np.ndarray) -> np.ndarray:
    """Fibre along a slack tendon, in optimal fibre lengths, of muscle-tendon lengths (m)."""
    return np.asarray((length - muscle.tendon_slack_length) / muscle.optimal_fiber_length)


def smooth_floor(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The larger of x and zero, rounded within BLEND around it, and its derivative by x."""
    near = np.clip(x, -BLEND, BLEND)
    value = (near + BLEND) ** 3 * (3 * BLEND - near) / (16 * BLEND**3)
    slope = (near + BLEND) ** 2 * (2 * BLEND - near) / (4 * BLEND**3)
    return np.where(x > BLEND, x, value), np.where(x > BLEND, 1.0, slope)


def taken_up(runner: RunnerDescription, demand: Demand) -> Demand:
    """The demand with every muscle at least as long as leaves its fibre LEAST_FIBRE."""
    length, speed = demand.length.copy(), demand.speed.copy()
    for i, muscle in enumerate(runner.muscles):
        over, slope = smooth_floor(fibre_along(muscle, demand.length[i]) - LEAST_FIBRE)
        if np.any(slope < 1.0):
            optimal = muscle.optimal_fiber_length
            length[i] = muscle.tendon_slack_length + (LEAST_FIBRE + over) * optimal
            speed[i] = slope * demand.speed[i]
    return replace(demand, length=length, speed=speed)


def report(
    runner: RunnerDescription, demand: Demand, forces: dict[str, np.ndarray]
) -> dict[str, SlackMuscle]:
    """Slack muscles: the nodes, the least fibre (optimal lengths), the largest force there.

    forces: normalised tendon force of each muscle with a compliant tendon, at the nodes.
    """
    found: dict[str, SlackMuscle] = {}
    for i, muscle in enumerate(runner.muscles):
        fibre = fibre_along(muscle, demand.length[i])
        nodes = np.flatnonzero(fibre < LEAST_FIBRE + BLEND)
        if len(nodes):
            found[muscle.name] = {
                "nodes": [int(node) for node in nodes],
                "stride_percent": [
                    round(100.0 * float(demand.time[node] / demand.time[-1]), 1)
                    for node in (nodes[0], nodes[-1])
                ],
                "least_fibre": float(fibre.min()),
                "force_peak": (
                    float(forces[muscle.name][nodes].max()) if muscle.name in forces else None
                ),
            }
    return found

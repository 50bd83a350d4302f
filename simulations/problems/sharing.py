"""A given motion posed as a problem: the muscles share the moments that it asks for.

Motion and ground force are numbers of the program, not unknowns (problems.prescribed). A
reserve actuator gives what the muscles cannot, at a price.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from formats.description import RunnerDescription
from formats.names import FEET
from formats.solve_records import Start
from simulations.collocation import elements
from simulations.collocation import objective as costs
from simulations.collocation.assembly import Program
from simulations.collocation.layout import Layout
from simulations.collocation.objectives import Objective
from simulations.collocation.scheme import Scheme
from simulations.collocation.transcription import given_motion
from simulations.problems import slack
from simulations.problems.prescribed import Demand, base_coordinates
from simulations.problems.problem import Problem, node_bounds
from simulations.solving.ipopt import Stop

# What counts in the objective of a given motion, and its name there.
TERMS = {
    "cost": "cost",
    "metabolic": "metabolic",
    "excitation": "excitation",
    "activation": "activation",
    "activation_cubed": "activation_cubed",
    "tendon": "tendon",
    "actuator": "reserve",
}


@dataclass(frozen=True)
class Shared:
    """A solved stride: demand, problem, where the solver stopped, values (nz x nodes), seconds.

    starts: how each start ended (activation, tendon force, status, iterations, objective), the one
    that was kept first.
    """

    demand: Demand
    problem: Problem
    stop: Stop
    values: np.ndarray
    seconds: float
    starts: list[Start]

    def block(self, name: str) -> np.ndarray:
        """Values of a block (size x nodes)."""
        return self.values[self.problem.layout.block(name)]


def balanced(runner: RunnerDescription) -> np.ndarray:
    """Indices of the coordinates that muscles and actuators move: all but the base's."""
    base = base_coordinates(runner)
    count = len(runner.coordinates)
    return np.array([i for i in range(count) if i not in base], dtype=int)


def program(
    runner: RunnerDescription, scheme: Scheme, objective: Objective, threads: int = 1
) -> Program:
    """The program of a runner's given motions: it serves every stride on the same mesh."""
    return given_motion(runner, scheme, balanced(runner), rated=objective.rated, threads=threads)


def pose(
    runner: RunnerDescription,
    written: Program,
    demand: Demand,
    objective: Objective,
    speed: float = costs.STANDARD_SPEED,
    *,
    take_up_slack: bool = True,
) -> Problem:
    """Pose the sharing of a demand whose nodes are the mesh's of the written program.

    take_up_slack: whether muscles shorter than their tendons get next to no force (problems.slack).
    """
    layout = written.layout
    groups = elements.muscle_groups(runner)
    duration = float(demand.time[-1] - demand.time[0])
    kept = slack.taken_up(runner, demand) if take_up_slack else demand
    values = elements.runner_values(runner, groups, moving=False) | {
        group.path: np.concatenate([_path(kept, m) for m in group.muscles]) for group in groups
    }
    values |= {
        "asked": demand.asked[layout.balanced],
        "costs": costs.numbers(runner, np.zeros(0), reserve_units(runner), speed=speed, lean=0.0),
        "weights": costs.weights(objective, 0.0),
        **dict.fromkeys(("speed", "stride_time_weight"), np.zeros(1)),
        "stride_time": np.array([duration]),
    }
    lower, upper = node_bounds(runner, layout)
    nodes = written.scheme.nodes
    return Problem(
        runner,
        written,
        0.0,
        np.concatenate([[duration], np.tile(_without_base(runner, layout, lower, -np.inf), nodes)]),
        np.concatenate([[duration], np.tile(_without_base(runner, layout, upper, np.inf), nodes)]),
        written.parameters.pack(values),
    )


def _path(demand: Demand, muscle: int) -> np.ndarray:
    """What is given of a muscle's path at the nodes: length, speed, d length / d q."""
    return np.vstack([demand.length[[muscle]], demand.speed[[muscle]], demand.arms[muscle]])


def _without_base(
    runner: RunnerDescription, layout: Layout, bounds: np.ndarray, open_end: float
) -> np.ndarray:
    """Bounds of a node. Actuators have none, for what they give is judged; but those of the base
    are off, for they would carry what the measured force must."""
    changed = bounds.copy()
    moved = [runner.coordinates[i].name for i in layout.balanced]
    for i, actuator in zip(layout.block("c"), runner.actuators, strict=True):
        changed[i] = open_end if actuator.coordinate in moved else 0.0
    return changed


def reserve_units(runner: RunnerDescription) -> np.ndarray:
    """What each actuator's control (nc) is multiplied by before it is squared in the objective."""
    crossed = muscled(runner) - beyond_the_force(runner)
    return np.array(
        [
            a.optimal_force / costs.RESERVE_UNIT if a.coordinate in crossed else 0.0
            for a in runner.actuators
        ]
    )


def muscled(runner: RunnerDescription) -> set[str]:
    """Coordinates that some muscle crosses: there an actuator is a reserve, else the only drive."""
    return {name for muscle in runner.muscles for name in muscle.path.coordinates}


def of_the_legs(runner: RunnerDescription) -> set[str]:
    """Coordinates of the joints between the pelvis and the feet that the force acts on."""
    above = {joint.child: joint for joint in runner.joints}
    joints = set()
    for foot in FEET.values():
        body = foot
        while body in above and above[body].parent != "ground":
            joints.add(above[body].name)
            body = above[body].parent
    return {c.name for c in runner.coordinates if c.joint in joints}


def beyond_the_force(runner: RunnerDescription) -> set[str]:
    """Coordinates of the foot's own joints (toes), beyond the body that the force acts on.

    How much of the force the toes take is not measured, so the moment there is not known: an
    actuator makes up for it freely.
    """
    joints = {joint.name for joint in runner.joints if joint.parent in FEET.values()}
    return {c.name for c in runner.coordinates if c.joint in joints}


def objective_terms(problem: Problem, x: np.ndarray) -> dict[str, float]:
    """The objective's weighted terms at x, by name."""
    found = np.array(problem.program.terms(x, problem.parameters)).ravel()
    by_name = dict(zip(costs.TERMS, map(float, found), strict=False))
    return {name: by_name[term] for term, name in TERMS.items()}

"""What is varied of a runner, as changes of the program's parameters.

A muscle's strength is several of the program's numbers: its own, its mass (the metabolic rate's),
and its share in the effort, as models.strength and models.draw change them. Left and right change
together where half a stride stands for both. All changes are relative: by the number itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from simulations.collocation import objective as costs
from simulations.collocation.elements import muscle_groups
from simulations.equations import numbers
from simulations.problems.problem import Problem

# Of these a muscle's mass is the product (times density over specific tension).
_VOLUME = ("max_isometric_force", "optimal_fiber_length")
_MUSCLE = tuple(name for name in numbers.MUSCLE_NUMBERS if name != "mass")


@dataclass(frozen=True)
class Varied:
    """Names, kinds and owners of what is varied (k), values (nan: several differ), and changes of
    the parameters per relative change (np x k)."""

    names: list[str]
    values: np.ndarray
    directions: np.ndarray

    def of(self, name: str) -> np.ndarray:
        """The change of the parameters by name; ValueError for one that is not varied."""
        if name not in self.names:
            raise ValueError(f"parameter {name!r}: not varied; see sensitivities.csv for the names")
        column: np.ndarray = self.directions[:, self.names.index(name)]
        return column


def varied(problem: Problem) -> Varied:
    """Everything that is varied of a problem whose motion is free."""
    names, values, columns = [], [], []
    for name, value, direction in (*_muscles(problem), *_skeleton(problem), *_task(problem)):
        names.append(name)
        values.append(value)
        columns.append(direction)
    return Varied(names, np.array(values), np.array(columns).T)


Found = tuple[str, float, np.ndarray]


def _both(problem: Problem, name: str) -> str:
    """A name without its side, where both sides change together."""
    return re.sub(r"_[rl]$", "", name) if problem.program.spans == 2 else name


def _muscles(problem: Problem) -> Iterator[Found]:
    runner, parameters = problem.runner, problem.program.parameters
    own, order = numbers.muscle_values(runner), list(numbers.MUSCLE_NUMBERS)
    places = {}
    for group in muscle_groups(runner):
        for column, m in enumerate(group.muscles):
            places[m] = parameters.place(group.numbers).start + column * len(order)
    shares = costs.volume_shares(runner)
    first = parameters.place("costs").start
    if not np.allclose(problem.parameters[first : first + shares.size], shares):
        raise ValueError("parameter costs: does not begin with the muscles' shares of volume")
    constants = parameters.place("time_constants").start
    together: dict[str, list[int]] = {}
    for m, muscle in enumerate(runner.muscles):
        together.setdefault(_both(problem, muscle.name), []).append(m)
    for owner, members in together.items():
        for name in _MUSCLE:
            direction = np.zeros(parameters.size)
            row = order.index(name)
            for m in members:
                direction[places[m] + row] = own[row, m]
                if name in _VOLUME:
                    direction[places[m] + order.index("mass")] = own[order.index("mass"), m]
                for i, kind in enumerate(("", "de")):
                    if name == f"{kind}activation_time_constant":
                        direction[constants + 2 * m + i] = own[row, m]
            if name in _VOLUME:
                grown = np.isin(np.arange(shares.size), members) * shares
                direction[first : first + shares.size] = grown - shares * grown.sum()
            if direction.any():
                yield f"muscle/{owner}/{name}", float(own[row, members[0]]), direction


def _skeleton(problem: Problem) -> Iterator[Found]:
    """Bodies' masses (their inertia along with them), and contact, all spheres alike."""
    parameters = problem.program.parameters
    start, shared = parameters.place("skeleton").start, parameters.place("shared").start
    values = numbers.skeleton_values(problem.runner)
    bodies: dict[str, list[int]] = {}
    spheres: dict[str, list[int]] = {}
    for i, name in enumerate(values):
        kind, _, rest = name.partition("/")
        owner, _, prop = rest.partition("/")
        if kind == "bodies" and (prop == "mass" or prop.startswith("inertia")):
            bodies.setdefault(_both(problem, owner), []).append(i)
        if kind == "contacts" and "/" not in prop:
            spheres.setdefault(prop, []).append(i)
    held = list(values.items())
    for owner, chosen in bodies.items():
        direction = np.zeros(parameters.size)
        masses = [held[i][1] for i in chosen if held[i][0].endswith("/mass")]
        for i in chosen:
            direction[start + i] = held[i][1]
        direction[shared] = sum(masses)
        yield f"body/{owner}/mass", masses[0], direction
    for prop, chosen in spheres.items():
        direction = np.zeros(parameters.size)
        for i in chosen:
            direction[start + i] = held[i][1]
        several = {held[i][1] for i in chosen}
        yield f"contact/{prop}", several.pop() if len(several) == 1 else np.nan, direction


def _task(problem: Problem) -> Iterator[Found]:
    """Weights of the objective, speed."""
    parameters, p = problem.program.parameters, problem.parameters
    start = parameters.place("weights").start
    for i, name in enumerate(costs.TERMS):
        direction = np.zeros(parameters.size)
        direction[start + i] = p[start + i]
        if name == "habit":
            place = parameters.place("stride_time_weight")
            direction[place] = p[place]
        if direction.any():
            yield f"weight/{name}", float(p[start + i]), direction
    direction = np.zeros(parameters.size)
    place = parameters.place("speed")
    direction[place] = p[place]
    yield "task/speed", float(p[place][0]), direction

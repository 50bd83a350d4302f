"""What a prescribed motion under known outer forces asks of the muscles, at the nodes.

Joint moments by the engine's own Newton-Euler with the given forces on feet (or other bodies);
lengths, speeds and moment arms of the muscles from their paths. All numbers: the motion is no
unknown.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import casadi as ca
import numpy as np

from formats.description import RunnerDescription
from formats.names import FEET
from simulations.equations.multibody import MeasuredWrench, inverse_dynamics
from simulations.equations.muscle import path_length
from simulations.equations.passive import passive_torque


@dataclass(frozen=True)
class Demand:
    """A prescribed stride at N nodes.

    time (N, s); q, u, du (nq x N; rad, m and their rates); wrenches: force (N) and moment about
    ground's origin (N m) on each foot ('r', 'l') and on what else the prescriber names, 6 x N.
    moments (nq x N, N m or N): generalised forces by inverse dynamics, passive tissue included.
    passive (nq x N): what passive joint tissue supplies of them.
    length, speed (nm x N, m and m/s): of each muscle-tendon; arms: of each muscle, d length / d q
    (coordinates of its path x N, m).
    """

    time: np.ndarray
    q: np.ndarray
    u: np.ndarray
    du: np.ndarray
    wrenches: dict[str, np.ndarray]
    moments: np.ndarray
    passive: np.ndarray
    length: np.ndarray
    speed: np.ndarray
    arms: list[np.ndarray]

    @property
    def asked(self) -> np.ndarray:
        """Generalised forces (nq x N) that muscles and actuators must supply."""
        return self.moments - self.passive


class Prescriber:
    """A runner's functions of a prescribed motion, built once for all its strides.

    acting: names of the outer forces, and the bodies that they act on.
    """

    def __init__(self, runner: RunnerDescription, acting: dict[str, str] = FEET) -> None:
        self.runner = runner
        self.acting = acting

    @cached_property
    def dynamics(self) -> ca.Function:
        """(q, u, du, 6 of each outer force) -> moments, passive part."""
        n = len(self.runner.coordinates)
        q, u, du = (ca.SX.sym(name, n) for name in ("q", "u", "du"))
        wrenches = {name: ca.SX.sym(name, 6) for name in self.acting}
        acting = [
            MeasuredWrench(body, wrenches[name][:3], wrenches[name][3:])
            for name, body in self.acting.items()
        ]
        moments = inverse_dynamics(self.runner, q, u, du, measured=acting)
        passive = passive_torque(self.runner, q, u)
        outputs = [ca.densify(moments), ca.densify(passive)]
        return ca.Function("dynamics", [q, u, du, *wrenches.values()], outputs, {"cse": True})

    @cached_property
    def paths(self) -> ca.Function:
        """(q, u) -> length and speed of every muscle, all moment arms in one column."""
        n = len(self.runner.coordinates)
        names = [c.name for c in self.runner.coordinates]
        q, u = ca.SX.sym("q", n), ca.SX.sym("u", n)
        lengths, speeds, arms = [], [], []
        for muscle in self.runner.muscles:
            own = [names.index(name) for name in muscle.path.coordinates]
            symbols = ca.SX.sym("s", len(own))
            length = path_length(muscle.path, ca.vertsplit(symbols))
            path = ca.Function("path", [symbols], [length, ca.gradient(length, symbols)])
            length, gradient = path(q[own])
            lengths.append(length)
            speeds.append(ca.dot(gradient, u[own]))
            arms.append(ca.densify(gradient))
        outputs = [ca.densify(ca.vertcat(*part)) for part in (lengths, speeds, arms)]
        return ca.Function("paths", [q, u], outputs)

    def demand(
        self,
        time: np.ndarray,
        q: np.ndarray,
        u: np.ndarray,
        du: np.ndarray,
        wrenches: dict[str, np.ndarray],
    ) -> Demand:
        """The demand of a motion at N nodes (shapes as in Demand).

        Raises ValueError when what a force acts on is not a body of the runner.
        """
        bodies = {body.name for body in self.runner.bodies}
        for body in self.acting.values():
            if body not in bodies:
                raise ValueError(
                    f"runner {self.runner.name}: no body {body}; the ground force acts on "
                    f"{' and '.join(self.acting.values())}"
                )
        n = len(time)
        sides = [wrenches[name] for name in self.acting]
        moments, passive = (np.array(part) for part in self.dynamics.map(n)(q, u, du, *sides))
        length, speed, stacked = (np.array(part) for part in self.paths.map(n)(q, u))
        sizes = [len(muscle.path.coordinates) for muscle in self.runner.muscles]
        arms = np.split(stacked, np.cumsum(sizes)[:-1])
        return Demand(time, q, u, du, wrenches, moments, passive, length, speed, arms)


def base_coordinates(runner: RunnerDescription) -> list[int]:
    """Indices of the coordinates between ground and the runner: nothing but ground acts there."""
    rooted = {joint.name for joint in runner.joints if joint.parent == "ground"}
    return [i for i, c in enumerate(runner.coordinates) if c.joint in rooted]

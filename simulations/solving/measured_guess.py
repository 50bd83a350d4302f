"""Where tracking a measured stride starts: its motion, carried by the ground, its muscles shared.

Of a measured stride more is known than its motion: the ground's force says what every joint's
moment is, and problem inverse shares it among the muscles. Only that the spheres give another force
than the plates is left for the solver to settle.
"""

from __future__ import annotations

import casadi as ca
import numpy as np
from scipy.optimize import brentq

from formats.description import RunnerDescription
from formats.trial.measured import GRAVITY
from formats.trial.reading import Trial
from formats.trial.strides import Stride
from simulations.collocation import objective
from simulations.collocation.scheme import scheme
from simulations.equations.multibody import contact_wrenches, place_bodies
from simulations.output.motion import mirrored
from simulations.problems.problem import Problem
from simulations.problems.reference import Reference
from simulations.solving.ipopt import Guess
from simulations.solving.load_sharing import Sharer, whole

# Room (m) in which the height is sought that lets the ground carry the runner's weight.
_REACH = 0.15
_SHARED = ("a", "e", "F", "dF", "c")


def start(
    problem: Problem, target: Reference, trial: Trial, stride: Stride, *, threads: int = 1
) -> Guess:
    """The reference `target` of a trial's stride, with the muscles that problem inverse finds.

    problem: half a stride, which begins at right contact. Raises ValueError where no height lets
    the spheres carry the runner's weight.
    """
    program, runner = problem.program, problem.runner
    layout = program.layout
    phase = program.scheme.phase / program.spans
    z = np.zeros((layout.size, len(phase)))
    q, u = target.at(phase), target.rates(phase, 1)
    z[layout.block("q")] = carried(runner, q, u, program.scheme.weights)
    z[layout.block("u")] = u
    z[layout.block("du")] = target.rates(phase, 2)
    z[layout.block("R")] = 15.0
    z[layout.block("G")] = target.ground_at(phase)[: layout.ng]
    shared = muscles(runner, trial, stride, program.scheme.intervals, threads)
    at = np.linspace(0.0, 1.0, shared.shape[1])
    for name in _SHARED:
        for i in layout.block(name):
            z[i] = np.interp(phase, at, shared[i])
    return Guess(program.pack(target.stride_time / program.spans, z / layout.scale[:, None]))


def carried(
    runner: RunnerDescription, q: np.ndarray, u: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """Coordinates (nq x nodes) with pelvis_ty shifted until the mean vertical force is the weight.

    weights: quadrature weights of the nodes, of sum one.
    """
    names = [c.name for c in runner.coordinates]
    if "pelvis_ty" not in names:
        raise ValueError(f"runner {runner.name}: no pelvis_ty, along which he stands on the ground")
    force = vertical_force(runner).map(q.shape[1])
    row = names.index("pelvis_ty")
    weight = sum(body.mass for body in runner.bodies) * GRAVITY

    def lacking(lift: float) -> float:
        lifted = q.copy()
        lifted[row] += lift
        return float(np.array(force(lifted, u)).ravel() @ weights) - weight

    if not lacking(-_REACH) > 0 > lacking(_REACH):
        raise ValueError(
            f"runner {runner.name}: the spheres do not carry his weight within {_REACH} m of where "
            "he was measured; look at the sole's height, and where the trial has its ground"
        )
    shifted = q.copy()
    shifted[row] += brentq(lacking, -_REACH, _REACH, xtol=1e-5)
    return shifted


def vertical_force(runner: RunnerDescription) -> ca.Function:
    """Function (q, u) -> the ground's whole vertical force on the runner (N)."""
    n = len(runner.coordinates)
    q, u = ca.SX.sym("q", n), ca.SX.sym("u", n)
    bodies, _ = place_bodies(runner, q, u, ca.SX.zeros(n))
    total = ca.SX(0)
    for wrench in contact_wrenches(runner, bodies):
        total += wrench.force[1]
    return ca.Function("vertical", [q, u], [total])


def muscles(
    runner: RunnerDescription, trial: Trial, stride: Stride, intervals: int, threads: int
) -> np.ndarray:
    """Values of all unknowns (nz x nodes of the whole stride), averaged with their mirror image.

    intervals: in half a stride. Only the muscles' and actuators' rows are of use.
    """
    sharer = Sharer.build(
        runner,
        objective.objective("activation_squared"),
        scheme("trapezoidal", 2 * intervals),
        threads,
    )
    found = whole(sharer.solve(sharer.demand(trial, stride.start, stride.end)))
    image = mirrored(runner, found.layout, found.values)
    # A measured stride does not close: its last node is left out.
    own, image = (image, found.values) if trial.settings.side == "l" else (found.values, image)
    both = 0.5 * (own[:, :-1] + np.roll(image[:, :-1], -intervals, axis=1))
    return np.concatenate([both, both[:, :1]], axis=1)

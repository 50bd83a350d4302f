"""Where a solve starts: a reference motion with quiet muscles, or a solution of a neighbour."""

from __future__ import annotations

from dataclasses import replace

import casadi as ca
import numpy as np
from scipy.interpolate import interp1d

from formats.description import RunnerDescription
from simulations.collocation.assembly import Program
from simulations.collocation.objective import habit_sd
from simulations.collocation.scheme import scheme
from simulations.equations.multibody import place_bodies
from simulations.output.motion import mirrored
from simulations.problems.problem import GROUND_FORCE, Problem, unknown_names
from simulations.problems.reference import Reference
from simulations.solving.ipopt import Guess
from simulations.solving.resample import QUIET_ACTIVATION, resample
from simulations.solving.solution import StoredSolution

_DEEPEST_PENETRATION_M = 0.01


def cold(problem: Problem, reference: Reference) -> Guess:
    """The reference motion, lowered on the ground until its deepest sphere sinks in by 10 mm."""
    program, runner = problem.program, problem.runner
    layout = program.layout
    phase = program.scheme.phase / program.spans
    z = np.zeros((layout.size, len(phase)))
    z[layout.block("q")] = _grounded(runner, reference.at(phase))
    z[layout.block("u")] = reference.rates(phase, 1)
    z[layout.block("du")] = reference.rates(phase, 2)
    for name in ("a", "e", "F"):
        z[layout.block(name)] = QUIET_ACTIVATION
    z[layout.block("R")] = 10.0
    return Guess(program.pack(reference.stride_time / program.spans, z / layout.scale[:, None]))


def bent(problem: Problem, reference: Reference, seed: int) -> Reference:
    """Another motion to start from: the reference's, bent and slowed or hurried at random.

    Every joint angle gets a smooth deviation of some one SD between runners (three harmonics of the
    stride, rms), the stride's duration one of up to 5 %. What is found from here and from a near
    start alike does not hang on the start.
    """
    rng = np.random.default_rng(seed)
    sd = habit_sd(problem.runner)
    sd[~np.isfinite(sd)] = 0.0
    harmonics = 2 * np.pi * np.outer(np.arange(1, 4), reference.phase)
    waves = np.concatenate([np.sin(harmonics), np.cos(harmonics)])
    amplitudes = rng.normal(size=(len(sd), len(waves))) * sd[:, None] * np.sqrt(2 / len(waves))
    return replace(
        reference,
        coordinates=reference.coordinates + amplitudes @ waves,
        stride_time=reference.stride_time * (1 + rng.uniform(-0.05, 0.05)),
    )


def _grounded(runner: RunnerDescription, q: np.ndarray) -> np.ndarray:
    """Coordinates with pelvis_ty shifted by a constant so that the feet reach the ground."""
    names = [c.name for c in runner.coordinates]
    if "pelvis_ty" not in names or not runner.contacts:
        return q
    lowest = lowest_points(runner)
    heights = np.array([np.array(lowest(column)).min() for column in q.T])
    shifted = q.copy()
    shifted[names.index("pelvis_ty")] -= heights.min() + _DEEPEST_PENETRATION_M
    return shifted


def lowest_points(runner: RunnerDescription) -> ca.Function:
    """Function q -> height (m) of every contact sphere's lowest point above its plane."""
    q = ca.SX.sym("q", len(runner.coordinates))
    zero = ca.SX.zeros(len(runner.coordinates))
    bodies, _ = place_bodies(runner, q, zero, zero)
    heights = []
    for sphere in runner.contacts:
        body = bodies[sphere.body]
        center = body.position + ca.mtimes(body.rotation, ca.SX(sphere.location))
        normal = ca.DM(sphere.plane_normal)
        heights.append(ca.dot(normal, center - ca.DM(sphere.plane_origin)) - sphere.radius)
    return ca.Function("heights", [q], [ca.vertcat(*heights)])


def other_body(problem: Problem, stored: StoredSolution) -> Guess:
    """A solution of another body of the same structure, set on this body's feet.

    Angles and muscles are taken as they are, the pelvis is shifted until the deepest sphere sinks
    in by 10 mm: at the other's height shorter legs would hang, longer ones stand in the ground.
    Multipliers, which belong to the other's dynamics, are left behind. Raises ValueError when the
    unknowns of a node differ.
    """
    program, layout = problem.program, problem.program.layout
    if stored.z.shape[0] != layout.size or stored.spans != program.spans:
        raise ValueError(
            f"guess {stored.origin}: {stored.z.shape[0]} unknowns a node over 1/{stored.spans} "
            f"stride; this problem has {layout.size} over 1/{program.spans}"
        )
    z = resample(stored.phase, stored.z, program.scheme.phase)
    own = layout.block("q")
    scale = layout.scale[own, None]
    z[own] = _grounded(problem.runner, z[own] * scale) / scale
    return Guess(program.pack(stored.duration, z))


def neighbour(problem: Problem, stored: StoredSolution) -> Guess:
    """A stored solution of the same runner (other strength, weight, speed or mesh).

    Its multipliers come along (warm start), interpolated where the mesh is another one; from half a
    stride to a whole one, or to another scheme, they are left behind. Raises ValueError when the
    unknowns of a node differ.
    """
    program = problem.program
    aligned = _with_or_without_ground(problem, stored)
    if aligned is not None:
        z = resample(stored.phase, aligned, program.scheme.phase)
        return Guess(program.pack(stored.duration, z), near=True)
    if stored.z.shape[0] != program.layout.size or stored.spans < program.spans:
        raise ValueError(
            f"guess {stored.origin}: {stored.z.shape[0]} unknowns a node over 1/{stored.spans} "
            f"stride; this problem has {program.layout.size} over 1/{program.spans}"
        )
    if stored.spans > program.spans:
        phase, z = _whole_stride(problem, stored)
        whole = resample(phase, z, program.scheme.phase)
        return Guess(program.pack(stored.stride_time, whole), near=True)
    if stored.scheme == program.scheme.name and len(stored.phase) == program.scheme.nodes:
        x = program.pack(stored.duration, stored.z)
        lam_g = _with_limits(program, stored.lam_g)
        return Guess(x, stored.lam_x, lam_g, corner=stored.corner)
    z = resample(stored.phase, stored.z, program.scheme.phase)
    x = program.pack(stored.duration, z)
    if stored.scheme != program.scheme.name:
        return Guess(x, near=True)
    return Guess(x, *_resample_multipliers(program, stored), corner=stored.corner)


def _with_or_without_ground(problem: Problem, stored: StoredSolution) -> np.ndarray | None:
    """The stored unknowns with the ground's force of this problem, where only one of them has it.

    None where the unknowns differ in more, or not at all. It begins at zero: its rows are linear.
    """
    wanted, held = unknown_names(problem), stored.names
    shared = [name for name in wanted if not name.startswith(GROUND_FORCE)]
    if stored.spans != problem.program.spans or len(wanted) == len(held):
        return None
    if shared != [name for name in held if not name.startswith(GROUND_FORCE)]:
        return None
    z = np.zeros((len(wanted), stored.z.shape[1]))
    z[[wanted.index(name) for name in shared]] = stored.z[[held.index(name) for name in shared]]
    return z


def _with_limits(program: Program, lam_g: np.ndarray) -> np.ndarray:
    """Multipliers of a problem with other limits, or none, for this one: none of its own is met.

    Those of the same limits are kept.
    """
    rows = program.n_path + program.n_collocation + program.n_boundary
    if len(lam_g) == rows:
        return lam_g
    equations = rows - program.limits.count
    return np.concatenate([lam_g[:equations], np.zeros(program.limits.count)])


def _resample_multipliers(
    program: Program, stored: StoredSolution
) -> tuple[np.ndarray, np.ndarray]:
    """Multipliers of bounds and constraints on another mesh of the same scheme.

    Those of a node's bounds and rows are densities in time times the node's quadrature weight;
    those of the collocation rows are costates, which keep their size; boundary rows stay.
    """
    new, size = program.scheme, program.layout.size
    per_interval = program.scheme.A.shape[0] // new.intervals
    old = scheme(stored.scheme, (len(stored.phase) - 1) // ((new.nodes - 1) // new.intervals))

    def densities(values: np.ndarray) -> np.ndarray:
        table = values.reshape(old.nodes, -1).T / old.weights
        return (resample(old.phase, table, new.phase) * new.weights).T.ravel()

    bounds = stored.lam_x[1:].reshape(old.nodes, size)
    lam_x = np.concatenate([stored.lam_x[:1], densities(bounds)])
    rows = program.n_path // new.nodes
    ends = np.cumsum([rows * old.nodes, program.layout.states.size * old.A.shape[0]])
    path, costates, boundary = np.split(stored.lam_g, ends)
    table = costates.reshape(old.intervals, -1).T
    middle = [(np.arange(grid.intervals) + 0.5) / grid.intervals for grid in (old, new)]
    carried = interp1d(middle[0], table, axis=1, fill_value="extrapolate")(middle[1])
    assert table.shape[0] == per_interval * program.layout.states.size
    found = np.concatenate([densities(path), carried.T.ravel(), boundary])
    equations = program.n_path + program.n_collocation + program.n_boundary - program.limits.count
    return lam_x, _with_limits(program, found[:equations])


def _whole_stride(problem: Problem, stored: StoredSolution) -> tuple[np.ndarray, np.ndarray]:
    """Half a stride followed by its mirror image: phase 0 .. 1 and scaled unknowns."""
    layout = problem.program.layout
    image = mirrored(problem.runner, layout, stored.z)
    names = [c.name for c in problem.runner.coordinates]
    image[names.index("pelvis_tx")] += stored.z[names.index("pelvis_tx"), -1]
    phase = np.concatenate([stored.phase / 2, 0.5 + stored.phase[1:] / 2])
    return phase, np.concatenate([stored.z, image[:, 1:]], axis=1)

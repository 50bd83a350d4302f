"""How far a motion found with smoothed Coulomb friction is from one with OpenSim's sharp friction.

The same motion under sharp friction feels other forces, which would accelerate it otherwise. Both
are what the certificate measures later, with twice the room.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from formats.description import RunnerDescription
from simulations.collocation.assembly import Program
from simulations.collocation.elements import DYNAMICS_SCALE

FORCE_N, ACCELERATION = 0.25, 5e-4
# Zero itself would divide by zero in the branch that is not taken.
_SHARP = 1e-9


@dataclass(frozen=True)
class FrictionError:
    """force (N): largest change of the whole ground force; acceleration: the worst coordinate's rms
    change over its rms, as in the certificate."""

    force: float
    acceleration: float

    @property
    def enough(self) -> bool:
        """Whether sharper friction would change nothing that matters."""
        return self.force <= FORCE_N and self.acceleration <= ACCELERATION


def friction_error(
    program: Program, runner: RunnerDescription, parameters: np.ndarray, x: np.ndarray, width: float
) -> FrictionError:
    """What OpenSim's friction would change of the solution x of a program with these parameters.

    width: smoothing width (N) of the friction that x was found with.
    """
    names = [c.name for c in runner.coordinates]
    layout, nodes, skeleton = program.layout, program.scheme.nodes, program.skeleton
    assert skeleton is not None
    _, z = program.unpack(x)
    # Only the skeleton's part of the rows feels the ground.
    columns = np.concatenate([layout.block(name) for name in ("q", "u", "du")])
    own = columns[2 * layout.nq :]
    # The program's own functions, as they are loaded: one node at a time they would be read anew.
    numbers = np.tile(parameters[program.parameters.place("skeleton")][:, None], nodes)
    value = skeleton.mapped("value", nodes)
    at = [np.array(value(z[columns], np.full((1, nodes), c), numbers)) for c in (width, _SHARP)]
    missing = (at[0] - at[1]) * DYNAMICS_SCALE
    moved = [i for i, name in enumerate(names) if name in ("pelvis_tx", "pelvis_tz")]
    scale = layout.scale
    change = np.zeros_like(missing)
    row, column = skeleton.first
    by_acceleration = column >= 2 * layout.nq
    jacobian = skeleton.mapped("jacobian", nodes)
    slopes = np.array(jacobian(z[columns], np.full((1, nodes), width), numbers))
    for node in np.flatnonzero(np.abs(missing).max(axis=0) > 0):
        mass = np.zeros((layout.nq, layout.nq))
        place = row[by_acceleration], column[by_acceleration] - 2 * layout.nq
        mass[place] = slopes[by_acceleration, node]
        mass *= DYNAMICS_SCALE / scale[own]
        change[:, node] = np.linalg.solve(mass, missing[:, node])
    # As in the certificate: what hardly accelerates is judged against 1 rad/s2 (m/s2).
    size = np.sqrt(np.mean((z[own] * scale[own, None]) ** 2, axis=1))
    relative = np.sqrt(np.mean(change**2, axis=1)) / np.maximum(size, 1.0)
    return FrictionError(float(np.abs(missing[moved]).max(initial=0.0)), float(relative.max()))

"""From the sagittal plane into three dimensions: a planar solution as a spatial runner's start.

The first rung of the spatial runner's ladder. What both runners have is taken over by name; a head
that the planar runner has merged into another muscle starts like that muscle; what only the spatial
runner has (frontal plane, arms, abductors) starts at rest.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from formats.untrusted import read_table
from simulations.problems.problem import Problem, unknown_names
from simulations.solving.ipopt import Guess
from simulations.solving.resample import QUIET_ACTIVATION, resample
from simulations.solving.solution import StoredSolution

# What an unknown that the planar runner does not have starts at, in the scaled unknown.
_AT_REST = {
    "activation": QUIET_ACTIVATION,
    "excitation": QUIET_ACTIVATION,
    "normalized_tendon_force": QUIET_ACTIVATION,
}


def lifted(problem: Problem, planar: StoredSolution, merged: dict[str, str]) -> Guess:
    """The guess of a spatial problem from a planar solution over the same part of a stride.

    merged: head -> the planar muscle that stands for it, both without side. Raises ValueError when
    the planar solution covers another part of a stride, or holds unknowns that this runner lacks.
    """
    program = problem.program
    if planar.spans != program.spans:
        raise ValueError(
            f"guess {planar.origin}: 1/{planar.spans} stride; this problem has 1/{program.spans}"
        )
    names = unknown_names(problem)
    strangers = set(planar.names) - set(names)
    if strangers:
        raise ValueError(f"guess {planar.origin}: {min(strangers)} is unknown to this runner")
    place = {name: i for i, name in enumerate(planar.names)}
    z = resample(planar.phase, planar.z, program.scheme.phase)
    rows = []
    for name in names:
        kind, _, owner = name.partition("/")
        source = place.get(name, place.get(f"{kind}/{_stand_in(owner, merged)}"))
        rest = np.full(program.scheme.nodes, _AT_REST.get(kind, 0.0))
        rows.append(rest if source is None else z[source])
    return Guess(program.pack(planar.duration, np.array(rows)), near=True)


def _stand_in(muscle: str, merged: dict[str, str]) -> str:
    head, _, side = muscle.rpartition("_")
    return f"{merged.get(head, head)}_{side}"


def merged_heads(table: Path) -> dict[str, str]:
    """Head -> planar muscle that stands for it, from a table with columns muscle, heads.

    Raises ValueError if the table cannot be read or lacks a column.
    """
    rows = read_table(table, ("muscle", "heads"))
    return {
        head: muscle
        for muscle, heads in zip(rows["muscle"], rows["heads"], strict=True)
        for head in heads.split()
    }

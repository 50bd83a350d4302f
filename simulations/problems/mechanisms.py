"""The article's mechanisms as limits of a stride (docs/mechanisms.md).

drive        the peak of thigh flexion (pelvis_tilt + hip_flexion) is given: where it is to be lower
             neither thigh passes it at any node, where it is to be higher each thigh is at least
             there at the phase at which the free 100 % run's thigh peaks
inhibition   gluteal excitation <= ceiling, and <= 1 - k x flexor activation of the same side, at
             every node: heads of gluteus maximus, the activation of iliopsoas (its heads by their
             strength), all as shares of what a muscle has (max_control)

All are linear in the unknowns of a node. A pelvis tilted otherwise is no limit but another posture
in the objective (collocation.objective), a lax capsule nothing that the motion knows of.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from formats.description import RunnerDescription
from formats.muscles import members
from formats.solve_records import EasedBy
from simulations.collocation.layout import Layout
from simulations.collocation.limits import Limits
from simulations.collocation.scheme import Scheme
from simulations.problems.reference import Reference

SIDES = ("r", "l")
GLUTEAL, FLEXOR = "glmax", "iliopsoas"
"""Whose excitation is limited, by whose activation (groups of formats.muscles)."""
LARGEST_STEP = 0.05
"""Largest change of the peak of thigh flexion from one solve to the next (share)."""


@dataclass(frozen=True)
class Thigh:
    """Thigh flexion of a run: its peak (rad), and the phase of the stride at which each side's is.

    It is the angle of the sagittal plane, pelvis_tilt + hip_flexion, from the vertical forward.
    """

    peak: float
    phase: Mapping[str, float]

    @staticmethod
    def of(motion: Reference, runner: RunnerDescription) -> Thigh:
        """That of a whole stride. Raises ValueError for a runner without such angles."""
        names = [c.name for c in runner.coordinates]
        flexion = {}
        for side in SIDES:
            places = _thigh(names, side)
            flexion[side] = motion.coordinates[places].sum(axis=0)[:-1]
        phase = {side: float(motion.phase[np.argmax(f)]) for side, f in flexion.items()}
        return Thigh(max(float(f.max()) for f in flexion.values()), phase)


@dataclass(frozen=True)
class Mechanisms:
    """Sizes of the mechanisms at work.

    drive: change of the peak of thigh flexion (share); thigh: whose peak. inhibition: k. ceiling:
    most gluteal excitation. tilt: of the pelvis against the objective's lean (rad, forward).
    """

    drive: float = 0.0
    thigh: Thigh | None = None
    inhibition: float = 0.0
    ceiling: float = 1.0
    tilt: float = 0.0

    def limits(self, runner: RunnerDescription, grid: Scheme, spans: int) -> Limits:
        """The rows of a problem. Raises ValueError where a runner lacks the muscles or angles."""
        rows = _Rows(Layout.of(runner), grid.nodes)
        if self.drive:
            if self.thigh is None:
                raise ValueError("drive: needs the run whose peak of thigh flexion it changes")
            _drive(rows, runner, (1 + self.drive) * self.thigh.peak, self, grid.phase / spans)
        if self.inhibition or self.ceiling < 1:
            _inhibition(rows, runner, self)
        return rows.limits()

    def rungs(self) -> list[tuple[EasedBy, float, Mechanisms]]:
        """Smaller drives on the way to this one, as solving.run.climb names them."""
        steps = int(np.ceil(abs(self.drive) / LARGEST_STEP - 1e-9))
        between = [self.drive * step / steps for step in range(1, steps)]
        return [("drive_percent", 100 * drive, replace(self, drive=drive)) for drive in between]


class _Rows:
    """Rows as they are added, node by node."""

    def __init__(self, layout: Layout, nodes: int) -> None:
        self.layout, self.nodes = layout, nodes
        self.rows: list[int] = []
        self.columns: list[int] = []
        self.values: list[float] = []
        self.bounds: list[tuple[float, float]] = []
        self.names: list[str] = []

    def add(
        self,
        name: str,
        node: int,
        shares: Mapping[int, float],
        *,
        lower: float = -np.inf,
        upper: float = np.inf,
    ) -> None:
        """lower <= sum of share x physical value <= upper; shares: by index within a node."""
        for index, share in shares.items():
            self.rows.append(len(self.names))
            self.columns.append(1 + self.layout.size * node + index)
            self.values.append(share * float(self.layout.scale[index]))
        self.bounds.append((lower, upper))
        self.names.append(name)

    def limits(self) -> Limits:
        """All of them."""
        lower, upper = np.array(self.bounds).reshape(-1, 2).T
        rows, columns = np.array(self.rows, dtype=int), np.array(self.columns, dtype=int)
        return Limits(rows, columns, np.array(self.values), lower, upper, tuple(self.names))


def _thigh(names: list[str], side: str) -> list[int]:
    """Where the angles whose sum is a thigh's stand among the coordinates."""
    parts = ["pelvis_tilt", f"hip_flexion_{side}"]
    for part in parts:
        if part not in names:
            raise ValueError(f"drive: the runner has no coordinate {part}")
    return [names.index(part) for part in parts]


def _drive(
    rows: _Rows, runner: RunnerDescription, peak: float, chosen: Mechanisms, phase: np.ndarray
) -> None:
    """phase: of the nodes, in strides."""
    names, q = [c.name for c in runner.coordinates], rows.layout.block("q")
    for side in SIDES:
        shares = {int(q[i]): 1.0 for i in _thigh(names, side)}
        if chosen.drive < 0:
            for node in range(rows.nodes):
                rows.add(f"thigh_flexion_{side}", node, shares, upper=peak)
            continue
        assert chosen.thigh is not None
        at = chosen.thigh.phase[side]
        if at <= phase[-1]:
            node = int(np.argmin(np.abs(phase - at)))
            rows.add(f"thigh_flexion_{side}", node, shares, lower=peak)


def _inhibition(rows: _Rows, runner: RunnerDescription, chosen: Mechanisms) -> None:
    muscles, a, e = runner.muscles, rows.layout.block("a"), rows.layout.block("e")
    for side in SIDES:
        gluteal, flexors = (members(muscles, group, side) for group in (GLUTEAL, FLEXOR))
        if not gluteal or not flexors:
            raise ValueError(f"inhibition: the runner has no {GLUTEAL} or {FLEXOR} on side {side}")
        strength = sum(muscles[f].max_isometric_force for f in flexors)
        drive = {
            int(a[f]): muscles[f].max_isometric_force / strength / muscles[f].max_control
            for f in flexors
        }
        for m in gluteal:
            own = {int(e[m]): 1.0 / muscles[m].max_control}
            for node in range(rows.nodes):
                if chosen.ceiling < 1:
                    rows.add(f"ceiling/{muscles[m].name}", node, own, upper=chosen.ceiling)
                if chosen.inhibition:
                    held = own | {i: chosen.inhibition * share for i, share in drive.items()}
                    rows.add(f"inhibition/{muscles[m].name}", node, held, upper=1.0)

"""What a stride asks of the muscles against what they can give: the least strength it needs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy.optimize import linprog

from formats.trial.limits import RESERVE_SHARE, STRENGTH_RANGE_PERCENT
from models.checks.findings import Finding
from models.checks.kinetics import Kinetics
from models.checks.muscles import Muscles
from models.paths.polynomial import Array

# Above the bound: muscles take time to rise and fall, a reserve is used before it must be, and a
# study weakens some. With a half more the measured 4 m/s of docs/own_runner.md bear hip flexors at
# 60 % (largest reserve 8.5 %, 10 allowed).
_ADVISED = 1.5


@dataclass(frozen=True)
class Needed:
    """The strength (1: the model's) that each of N times needs, and where most is needed.

    time (s) of the most; coordinate: whose moment asks for it.
    """

    strength: Array
    time: float
    coordinate: str

    @property
    def most(self) -> float:
        """The strength that the stride needs at least."""
        return float(self.strength.max())

    @property
    def possible(self) -> bool:
        """Whether any strength of these muscles does."""
        return bool(np.isfinite(self.most))

    @property
    def advised_percent(self) -> float:
        """A strength (%) to begin with, never below 100 nor more than allowed: the bound and a
        half, in tens."""
        advised = float(np.ceil(_ADVISED * self.most * 10.0)) * 10.0
        return min(max(100.0, advised), STRENGTH_RANGE_PERCENT[1])


def needed(muscles: Muscles, moments: Array, peaks: Array) -> Needed:
    """The least uniform strength that gives moments (N, n; N m) within a share of their peaks.

    A linear program an instant: forces from the passive fibre's on, by no more than the strength
    times what full activation adds (take_in.convert.strengthen), whose moments fall short by no
    more than a reserve may give. A bound from below, for activation takes time.
    """
    most, least = muscles.equilibrium(1.0), muscles.equilibrium(0.0)
    room = RESERVE_SHARE * peaks
    found = [
        _least(muscles.arms[i], moments[i], room, least[i], most[i]) for i in range(len(moments))
    ]
    strength = np.array([value for value, _ in found])
    worst = int(np.argmax(strength))
    return Needed(strength, float(muscles.time[worst]), muscles.coordinates[found[worst][1]])


def _least(arms: Array, moment: Array, room: Array, least: Array, most: Array) -> tuple[float, int]:
    """The least strength of an instant, and the coordinate whose moment is dearest."""
    count = len(most)
    identity = np.eye(count)
    rows = np.block(
        [
            [identity, -np.maximum(most - least, 0.0)[:, None]],
            [arms.T, np.zeros((arms.shape[1], 1))],
            [-arms.T, np.zeros((arms.shape[1], 1))],
        ]
    )
    limit = np.concatenate([least, moment + room, room - moment])
    cost = np.zeros(count + 1)
    cost[-1] = 1.0
    bounds = [*((low, None) for low in least), (0.0, None)]
    ended = linprog(cost, A_ub=rows, b_ub=limit, bounds=bounds, method="highs")
    if not ended.success:
        return np.inf, int(np.argmax(np.abs(moment) / np.maximum(room, 1e-9)))
    prices = np.abs(ended.ineqlin.marginals[count:])
    by_coordinate = (prices[: arms.shape[1]] + prices[arms.shape[1] :]) * np.abs(moment)
    return float(ended.x[-1]), int(np.argmax(by_coordinate))


def of_stride(muscles: Muscles, kinetics: Kinetics, legs: set[str]) -> Needed:
    """The strength that a stride's joint moments in the legs need."""
    chosen = [i for i, name in enumerate(muscles.coordinates) if name in legs]
    rows = [kinetics.names.index(muscles.coordinates[i]) for i in chosen]
    at = np.searchsorted(kinetics.time, muscles.time - 1e-9)
    only = replace(
        muscles,
        coordinates=[muscles.coordinates[i] for i in chosen],
        arms=muscles.arms[:, :, chosen],
    )
    moments = kinetics.moments[:, rows]
    return needed(only, moments[at], np.abs(moments).max(axis=0))


def check(
    found: Needed, start: float, length: float, said_percent: float, where: Path
) -> list[Finding]:
    """A finding where the strength that runner.yaml gives does not do. start, length: of the
    stride (s)."""
    percent = 100.0 * found.most
    if np.isfinite(percent) and said_percent >= percent:
        return []
    at = f"{found.coordinate}, at {100 * (found.time - start) / length:.0f} % of the stride"
    if not np.isfinite(percent):
        return [
            Finding(
                f"{where}: no strength of these muscles gives the moment of {at}; its muscles "
                "do not pull that way, or the moment is wrong"
            )
        ]
    strongest = STRENGTH_RANGE_PERCENT[1]
    if percent > strongest:
        return [
            Finding(
                f"{where}: the moments need at least {np.ceil(percent):.0f} % of the model's "
                f"strength ({at}; a linear bound), strength_percent up to {strongest:g} is "
                "allowed: is the model scaled to this runner, are the moments right?"
            )
        ]
    return [
        Finding(
            f"{where}: strength_percent {said_percent:g} is too little: the moments need at least "
            f"{np.ceil(percent):.0f} ({at}; a linear bound); try {found.advised_percent:.0f}"
        )
    ]

"""Where each unknown of a node stands, and its scale.

A node holds, in this order: coordinates q, speeds u, accelerations du, activations a, normalised
tendon forces F, excitations e, tendon-force rates dF (F and dF of compliant tendons only), actuator
controls c, and the whole body's metabolic rate R (W/kg).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulations.description import RunnerDescription

SCALES = {"q": 1.0, "u": 10.0, "du": 2000.0, "a": 1.0, "F": 1.0, "e": 1.0, "dF": 20.0, "c": 1.0}
METABOLIC_SCALE = 20.0


@dataclass(frozen=True)
class Layout:
    """Index arrays of the blocks of one node, for a given runner."""

    nq: int
    nm: int
    compliant: np.ndarray
    """Indices of the muscles with a compliant tendon."""
    nc: int

    @staticmethod
    def of(runner: RunnerDescription) -> Layout:
        compliant = [i for i, m in enumerate(runner.muscles) if m.compliant_tendon]
        return Layout(
            len(runner.coordinates),
            len(runner.muscles),
            np.array(compliant, dtype=int),
            len(runner.actuators),
        )

    @property
    def sizes(self) -> dict[str, int]:
        """Number of unknowns of each block."""
        n, m, f = self.nq, self.nm, len(self.compliant)
        return {"q": n, "u": n, "du": n, "a": m, "F": f, "e": m, "dF": f, "c": self.nc, "R": 1}

    @property
    def size(self) -> int:
        """Number of unknowns of a node."""
        return sum(self.sizes.values())

    def block(self, name: str) -> np.ndarray:
        """Indices of a block within a node."""
        start = 0
        for key, size in self.sizes.items():
            if key == name:
                return np.arange(start, start + size)
            start += size
        raise KeyError(name)

    @property
    def states(self) -> np.ndarray:
        """Indices of the states q, u, a, F: what the collocation rows integrate."""
        return np.concatenate([self.block(name) for name in ("q", "u", "a", "F")])

    @property
    def scale(self) -> np.ndarray:
        """Physical value = scale x unknown."""
        return np.concatenate(
            [np.full(n, SCALES.get(key, METABOLIC_SCALE)) for key, n in self.sizes.items()]
        )

    def tendon_of(self, muscle: int) -> int:
        """Position of a muscle in the blocks F and dF; -1 for a rigid tendon."""
        found = np.flatnonzero(self.compliant == muscle)
        return int(found[0]) if len(found) else -1

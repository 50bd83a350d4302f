"""Where each unknown and each row of a node stands, and the unknowns' scales.

A node holds, in this order: coordinates q, speeds u, accelerations du, activations a, normalised
tendon forces F, excitations e, tendon-force rates dF (F and dF of compliant tendons only), actuator
controls c, the whole body's metabolic rate R (W/kg), and where a measured ground force is followed
the force G on each foot (body weights; forward, up, right; the right foot's before the left's).
Where the motion is given q, u and du are no unknowns, and R is one only where it costs something,
for its row couples all muscles. Its rows: the balance of each coordinate, the equilibrium of each
compliant tendon, R's definition, G's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from formats.description import RunnerDescription

SCALES = {
    "q": 1.0,
    "u": 10.0,
    "du": 2000.0,
    "a": 1.0,
    "F": 1.0,
    "e": 1.0,
    "dF": 20.0,
    "c": 1.0,
    "R": 20.0,
    "G": 1.0,
}
# Of the feet's force: sides and axes, in the order of G.
SIDES, AXES = ("r", "l"), 3
METABOLIC_SCALE = SCALES["R"]
# A state and the unknown that is its rate; da/dt is a function of a and e instead.
RATES = (("q", "u"), ("u", "du"), ("F", "dF"))


@dataclass(frozen=True)
class Layout:
    """Index arrays of the blocks of one node, for a given runner."""

    nq: int
    """Coordinates that are unknowns; 0 where the motion is given."""
    nm: int
    compliant: np.ndarray
    """Indices of the muscles with a compliant tendon."""
    nc: int
    balanced: np.ndarray
    """Indices of the runner's coordinates that have a balance row."""
    rated: bool = True
    """Whether the metabolic rate is an unknown."""
    grounded: bool = False
    """Whether the ground's force on each foot is an unknown."""

    @staticmethod
    def of(
        runner: RunnerDescription,
        balanced: np.ndarray | None = None,
        *,
        rated: bool = True,
        grounded: bool = False,
    ) -> Layout:
        """Layout of free motion; of given motion where the balanced coordinates are named."""
        compliant = [i for i, m in enumerate(runner.muscles) if m.compliant_tendon]
        count = len(runner.coordinates)
        return Layout(
            count if balanced is None else 0,
            len(runner.muscles),
            np.array(compliant, dtype=int),
            len(runner.actuators),
            np.arange(count) if balanced is None else balanced,
            rated,
            grounded,
        )

    @property
    def ng(self) -> int:
        """Number of components of the feet's force that are unknowns."""
        return len(SIDES) * AXES if self.grounded else 0

    @property
    def sizes(self) -> dict[str, int]:
        """Number of unknowns of each block."""
        n, m, f = self.nq, self.nm, len(self.compliant)
        counts = (n, n, n, m, f, m, f, self.nc, int(self.rated), self.ng)
        return dict(zip(SCALES, counts, strict=True))

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
        return np.concatenate([np.full(n, SCALES[key]) for key, n in self.sizes.items()])

    def tendon_of(self, muscle: int) -> int:
        """Position of a muscle in the blocks F and dF; -1 for a rigid tendon."""
        found = np.flatnonzero(self.compliant == muscle)
        return int(found[0]) if len(found) else -1

    @property
    def row_count(self) -> int:
        """Number of rows of a node."""
        return len(self.balanced) + len(self.compliant) + int(self.rated) + self.ng

    def balance_row(self, coordinate: int) -> int:
        """Row of a coordinate's balance; -1 where it has none."""
        found = np.flatnonzero(self.balanced == coordinate)
        return int(found[0]) if len(found) else -1

    def equilibrium_row(self, tendon: int) -> int:
        """Row of the equilibrium of a tendon, by its position in the block F."""
        return len(self.balanced) + tendon

    @property
    def rate_row(self) -> int:
        """Row of R's definition; -1 where R is no unknown."""
        return len(self.balanced) + len(self.compliant) if self.rated else -1

    @property
    def ground_rows(self) -> np.ndarray:
        """Rows of G's definition; none where G is no unknown."""
        return np.arange(self.row_count - self.ng, self.row_count)

"""How fast this machine is just now: the time of a fixed calculation on one core.

Times of the same study differed by 1.8 between two machines of one kind, and a first study has no
times of its own machine to forecast from.
"""

from __future__ import annotations

import time

import numpy as np

_REPEATS, _STEPS, _NUMBERS = 3, 400_000, 600_000


def yardstick() -> float:
    """Seconds of interpreted arithmetic and of sorting, the least of three times (0.3 s in all)."""
    shuffled = np.random.default_rng(0).random(_NUMBERS)
    taken = []
    for _ in range(_REPEATS):
        start = time.perf_counter()
        total = 0
        for step in range(_STEPS):
            total += step * step % 7
        np.sort(shuffled)
        taken.append(time.perf_counter() - start)
    return min(taken)

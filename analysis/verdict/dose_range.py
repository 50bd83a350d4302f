"""What an endpoint does over the whole range of doses studied, and where it is steepest.

The rule decides by one slope over all doses. A slope hides a bend, and "less than so much per 10 %"
hides how much that is from the weakest to the strongest runner. Both stand beside each verdict;
they decide nothing. Every number is the mean over the variants of the variant's own, its interval
the bootstrap over variants that an effect has (analysis.verdict.statistics.spread).

A response is a variant's value at each dose (%) at which it is certified, in the unit of the
endpoint's smallest effect. All doses studied count, also those outside dose_range_percent.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from analysis.verdict.statistics import mean_and_interval
from analysis.verdict.variants import ROUNDING
from formats.claims import Contrasts, Decision
from formats.verdicts import OverRange, Steepest

Response = Mapping[float, float]
Doses = tuple[float, float]
"""Two doses (%), the lower first."""


def over_range(
    responses: Sequence[Response], decision: Decision | Contrasts, smallest: float | None
) -> OverRange | None:
    """Values at the lowest and the highest dose, their difference and relative change.

    Between the two doses farthest apart at which enough variants are certified (`_common`).
    difference: highest less lowest. relative_change_percent: of the size of the value at the lowest
    dose; None where one variant's is zero or changes its sign. in_smallest_effects: the difference.
    None without two doses.
    """
    pairs = _common([list(itertools.combinations(sorted(one), 2)) for one in responses])
    if not pairs:
        return None
    low, high = max(pairs, key=lambda pair: (pair[1] - pair[0], -pair[0]))
    own = [one for one in responses if low in one and high in one]
    at_low, at_high = (np.array([one[dose] for one in own]) for dose in (low, high))
    difference, interval = mean_and_interval(at_high - at_low, decision)
    relative, around = None, None
    if np.all((at_low * at_high > 0.0) & (np.abs(at_low) > ROUNDING * np.abs(at_high))):
        relative, around = mean_and_interval(100.0 * (at_high - at_low) / np.abs(at_low), decision)
    return {
        "lowest_dose_percent": low,
        "highest_dose_percent": high,
        "value_at_lowest": float(at_low.mean()),
        "value_at_highest": float(at_high.mean()),
        "difference": difference,
        "difference_interval": interval,
        "in_smallest_effects": difference / smallest if smallest else None,
        "relative_change_percent": relative,
        "relative_change_interval": around,
        "variants": len(own),
    }


def steepest(
    responses: Sequence[Response], decision: Decision | Contrasts, smallest: float | None
) -> Steepest | None:
    """The piece between neighbouring doses on which the mean over the variants moves most.

    Of those that enough variants have (`_common`). effect_per_10_percent: per -10 % strength, as
    the verdict's effect is told; beyond_smallest_effect: whether its size exceeds the smallest
    effect (None: not judged). None without two doses.
    """
    pieces = _common([list(itertools.pairwise(sorted(one))) for one in responses])
    if not pieces:
        return None
    slopes = {piece: _slopes(responses, piece) for piece in sorted(pieces)}
    # No piece is steeper than another by rounding alone; the first of equals is told.
    most = max(abs(np.mean(own)) for own in slopes.values())
    piece, own = next(
        (piece, own) for piece, own in slopes.items() if abs(np.mean(own)) >= (1 - ROUNDING) * most
    )
    effect, interval = mean_and_interval(own, decision)
    return {
        "from_dose_percent": piece[0],
        "to_dose_percent": piece[1],
        "effect_per_10_percent": effect,
        "interval": interval,
        "in_smallest_effects": effect / smallest if smallest else None,
        "beyond_smallest_effect": abs(effect) > smallest if smallest else None,
        "variants": len(own),
    }


def _slopes(responses: Sequence[Response], piece: Doses) -> np.ndarray:
    """Change per -10 % strength between two doses, of each variant that has the piece."""
    low, high = piece
    changes = [
        one[high] - one[low] for one in responses if piece in itertools.pairwise(sorted(one))
    ]
    return -10.0 * np.array(changes) / (high - low)


def _common(pairs: Sequence[Sequence[Doses]]) -> set[Doses]:
    """The pairs of doses that at least half of the variants have; failing that, the most.

    So a dose lost by one variant neither shortens the range of all nor makes him speak for them.
    """
    counts = Counter(pair for own in pairs for pair in own)
    if not counts:
        return set()
    least = min(len(pairs) / 2, max(counts.values()))
    return {pair for pair, count in counts.items() if count >= least}

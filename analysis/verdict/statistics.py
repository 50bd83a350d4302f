"""The statistics that decide a claim; docs/statistics.md says why these.

Units: strength in per cent, an effect in the outcome's unit per -10 % strength, or in smallest
effects where it is compared with them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats
from statsmodels.stats.multitest import multipletests

from formats.claims import Decision

SEED = 20201110
"""Of the bootstrap: the same data give the same interval."""


def effect_per_10_percent(strength: ArrayLike, value: ArrayLike) -> float:
    """Change of `value` per -10 % strength: Theil-Sen slope, the median of all pairs' slopes.

    strength (%), value: (n,), at least two different strengths. Source: Theil 1950, Sen 1968.
    """
    dose, outcome = np.asarray(strength, dtype=float), np.asarray(value, dtype=float)
    if len(np.unique(dose)) < 2:
        raise ValueError("strength: at least two different ones are needed for a slope")
    return -10.0 * float(stats.theilslopes(outcome, dose).slope)


def rank_correlation(strength: ArrayLike, value: ArrayLike) -> float:
    """Spearman's rho between strength and value; 0 where the value does not change at all."""
    outcome = np.asarray(value, dtype=float)
    if np.ptp(outcome) == 0.0:
        return 0.0
    return float(stats.spearmanr(np.asarray(strength, dtype=float), outcome).statistic)


@dataclass(frozen=True)
class Spread:
    """Mean effect over the variants and how it varies when they are drawn anew.

    mean; interval: percentile bootstrap; resampled (resamples,): the bootstrap's means.
    """

    mean: float
    interval: tuple[float, float]
    resampled: np.ndarray

    def times(self, factor: float) -> Spread:
        """The same in another unit (or with the other sign, for a factor below 0)."""
        low, high = sorted(bound * factor for bound in self.interval)
        return Spread(self.mean * factor, (low, high), self.resampled * factor)

    def share_at_most(self, limit: float) -> float:
        """Share of the bootstrap's means at or below a limit, never 0: (count + 1) / (n + 1)."""
        return float((np.sum(self.resampled <= limit) + 1) / (len(self.resampled) + 1))

    def share_at_least(self, limit: float) -> float:
        """Share of the bootstrap's means at or above a limit, never 0."""
        return float((np.sum(self.resampled >= limit) + 1) / (len(self.resampled) + 1))


def spread(effects: ArrayLike, *, interval_percent: float, resamples: int) -> Spread:
    """Block bootstrap over variants of the mean effect.

    effects (n,), n >= 2: one slope for each variant. A slope is a function of its variant's doses
    alone, so that drawing whole variants with all their doses is drawing slopes. The order in which
    the variants come does not matter. Source: Efron & Tibshirani 1993, chapter 13 (percentile).
    """
    ordered = np.sort(np.asarray(effects, dtype=float))
    found = stats.bootstrap(
        (ordered,),
        np.mean,
        method="percentile",
        confidence_level=interval_percent / 100.0,
        n_resamples=resamples,
        rng=np.random.default_rng(SEED),
    )
    low, high = found.confidence_interval
    return Spread(float(ordered.mean()), (float(low), float(high)), found.bootstrap_distribution)


def mean_and_interval(values: ArrayLike, decision: Decision) -> tuple[float, list[float] | None]:
    """Mean of the variants' values (n,), n >= 1, and its bootstrap interval; None for one alone."""
    own = np.asarray(values, dtype=float)
    if len(own) < 2:
        return float(own.mean()), None
    around = spread(own, interval_percent=decision.interval_percent, resamples=decision.resamples)
    return around.mean, list(around.interval)


@dataclass(frozen=True)
class Tests:
    """Two-sided bootstrap p-values against a smallest effect of 1; each inverts the interval.

    beyond_above: H0 effect <= +1. beyond_below: H0 effect >= -1. within: H0 |effect| >= 1.
    """

    beyond_above: float
    beyond_below: float
    within: float


def against_smallest_effect(effect: Spread) -> Tests:
    """p-values of an effect given in smallest effects: p < 0.05 just where the 95 % interval is so.

    beyond: minimum-effect test; within: equivalence (two one-sided tests, each at half of alpha,
    because the rule asks for the 95 % interval, not the 90 % one, to lie inside).
    """

    def two_sided(share: float) -> float:
        return min(1.0, 2.0 * share)

    return Tests(
        two_sided(effect.share_at_most(1.0)),
        two_sided(effect.share_at_least(-1.0)),
        two_sided(max(effect.share_at_least(1.0), effect.share_at_most(-1.0))),
    )


def holm(p_values: ArrayLike) -> np.ndarray:
    """p-values of a family, each adjusted for the others. Source: Holm 1979."""
    return np.asarray(multipletests(np.asarray(p_values, dtype=float), method="holm")[1])

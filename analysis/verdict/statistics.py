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
from statsmodels.stats.power import TTestPower

from formats.claims import Contrasts, Decision

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

    mean; interval: of the bootstrap; resampled (resamples,): the bootstrap's means. bias,
    acceleration: of the bias-corrected and accelerated bootstrap; 0, 0: the percentile one.
    """

    mean: float
    interval: tuple[float, float]
    resampled: np.ndarray
    bias: float = 0.0
    acceleration: float = 0.0

    def times(self, factor: float) -> Spread:
        """The same in another unit (or with the other sign, for a factor below 0)."""
        low, high = sorted(bound * factor for bound in self.interval)
        sign = 1.0 if factor >= 0 else -1.0
        return Spread(
            *(self.mean * factor, (low, high), self.resampled * factor),
            *(sign * self.bias, sign * self.acceleration),
        )

    def share_at_most(self, limit: float) -> float:
        """Share of the bootstrap's means at or below a limit, never 0: (count + 1) / (n + 1)."""
        count = int(np.sum(self.resampled <= limit))
        return self._corrected((count + 1) / (len(self.resampled) + 1))

    def share_at_least(self, limit: float) -> float:
        """Share of the bootstrap's means at or above a limit, never 0."""
        count = int(np.sum(self.resampled >= limit))
        return 1.0 - self._corrected(1.0 - (count + 1) / (len(self.resampled) + 1))

    def _corrected(self, share: float) -> float:
        """The level whose BCa limit is the quantile `share` of the resamples: the inverse of BCa.

        Source: Efron 1987 (J Am Stat Assoc 82:171), equation 3.9, solved for alpha.
        """
        if self.bias == 0.0 and self.acceleration == 0.0:
            return share
        least = 1.0 / (len(self.resampled) + 1)  # neither 0 nor 1 is known of a bootstrap
        away = stats.norm.ppf(np.clip(share, least, 1.0 - least)) - self.bias
        stretched = 1.0 + self.acceleration * away
        if stretched <= 0.0:  # beyond what the acceleration lets a limit reach
            return float(away > 0)
        return float(stats.norm.cdf(away / stretched - self.bias))


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


def bca(effects: ArrayLike, *, interval_percent: float, resamples: int) -> Spread:
    """Bias-corrected and accelerated bootstrap of the mean effect over people.

    effects (n,), n >= 2: one for each person. Where all are alike, the interval is that value.
    Source: Efron 1987; Efron & Tibshirani 1993, chapter 14.
    """
    ordered = np.sort(np.asarray(effects, dtype=float))
    mean = float(ordered.mean())
    if np.ptp(ordered) <= 1e-12 * np.abs(ordered).max():
        return Spread(mean, (mean, mean), np.full(resamples, mean))
    found = stats.bootstrap(
        (ordered,),
        np.mean,
        method="BCa",
        confidence_level=interval_percent / 100.0,
        n_resamples=resamples,
        rng=np.random.default_rng(SEED),
    )
    low, high = found.confidence_interval
    below = found.bootstrap_distribution
    # As in scipy.stats.bootstrap, whose interval this is: ties count half, and for a mean the
    # jackknife's third moment is the sample's own.
    bias = stats.norm.ppf((np.sum(below < mean) + np.sum(below <= mean)) / (2 * len(below)))
    away = mean - (ordered.sum() - ordered) / (len(ordered) - 1)
    acceleration = np.sum(away**3) / (6.0 * np.sum(away**2) ** 1.5)
    return Spread(mean, (float(low), float(high)), below, float(bias), float(acceleration))


def mean_and_interval(
    values: ArrayLike, decision: Decision | Contrasts
) -> tuple[float, list[float] | None]:
    """Mean of the variants' values (n,), n >= 1, and its bootstrap interval; None for one alone."""
    own = np.asarray(values, dtype=float)
    if len(own) < 2:
        return float(own.mean()), None
    drawn = bca if isinstance(decision, Contrasts) else spread
    around = drawn(own, interval_percent=decision.interval_percent, resamples=decision.resamples)
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


def apart_from_zero(effect: Spread) -> float:
    """Two-sided bootstrap p-value of no effect: below 0.05 just where the 95 % interval excludes 0.

    It is one of `Tests`' kind, with a smallest effect of nothing.
    """
    return min(1.0, 2.0 * min(effect.share_at_most(0.0), effect.share_at_least(0.0)))


def detectable(
    deviation: float, people: int, *, alpha: float, power_percent: float
) -> float | None:
    """How far beyond a limit a mean effect must lie for n people to show it; None for one person.

    deviation: standard deviation of the effect over people, in any unit, which the answer has.
    Of a two-sided t-test; the bootstrap is close to it for means.
    """
    if people < 2:
        return None
    size = TTestPower().solve_power(
        nobs=people, alpha=alpha, power=power_percent / 100.0, alternative="two-sided"
    )
    return float(size) * deviation

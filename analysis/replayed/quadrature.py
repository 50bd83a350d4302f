"""Integrals over the stride with the weights of the collocation that made the nodes."""

from __future__ import annotations

import numpy as np

from analysis.replayed.case import Case

SCHEMES = ("trapezoidal", "hermite_simpson")


def weights(time: np.ndarray, scheme: str) -> np.ndarray:
    """(N,) weights w (s) so that sum w f is the integral of f over time.

    trapezoidal: any spacing. hermite_simpson: every second node is a midpoint; composite Simpson.
    """
    h = np.diff(time)
    w = np.zeros(len(time))
    if scheme == "trapezoidal":
        w[:-1] += h / 2
        w[1:] += h / 2
        return w
    if scheme == "hermite_simpson":
        if len(time) % 2 == 0:
            raise ValueError("hermite_simpson needs an odd number of nodes (midpoints included)")
        if not np.allclose(h[::2], h[1::2], rtol=1e-6):
            raise ValueError("hermite_simpson: every second node must be a midpoint")
        span = time[2::2] - time[:-2:2]
        w[:-2:2] += span / 6
        w[1::2] += span * 4 / 6
        w[2::2] += span / 6
        return w
    raise ValueError(f"solver.json: scheme '{scheme}' is not one of {', '.join(SCHEMES)}")


def case_weights(case: Case) -> np.ndarray:
    """Weights (s) of a case's nodes; solver.json names the scheme (trapezoidal if it does not)."""
    return weights(case.time, case.solver.scheme)


def positive(w: np.ndarray, power: np.ndarray) -> np.ndarray:
    """Integral of the positive part of power (N, ...), W to J."""
    return np.tensordot(w, np.maximum(power, 0.0), axes=1)


def negative(w: np.ndarray, power: np.ndarray) -> np.ndarray:
    """Size of the integral of the negative part of power (N, ...), W to J; never negative."""
    return -np.tensordot(w, np.minimum(power, 0.0), axes=1)

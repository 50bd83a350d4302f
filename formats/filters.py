"""Low-pass filters of measured running: zero-lag Butterworth, as laboratories use them.

A filter of order 4 here is a second-order one run forward and backward, so that nothing is delayed.
Its cut-off is that of both passes together, where they halve the power; the single pass has a
higher one (Winter 2009, Biomechanics and Motor Control of Human Movement, section 2.2.4.4).
"""

from __future__ import annotations

import numpy as np
from scipy.signal import butter, sosfiltfilt, sosfreqz

WELL_SAMPLED = 3.0
"""Least rows a second per Hz of cut-off."""
_PASSES = 2


def zero_lag(samples: np.ndarray, rate: float, cutoff_hz: float, order: int = 4) -> np.ndarray:
    """Samples (N, ...) at `rate` (1/s), low-pass filtered along the first axis."""
    return np.asarray(sosfiltfilt(_sections(rate, cutoff_hz, order), samples, axis=0))


def zero_lag_cycle(
    samples: np.ndarray, rate: float, cutoff_hz: float, order: int = 4
) -> np.ndarray:
    """One period (N, ...) of periodic samples, its first row not repeated, filtered without ends.

    The same filter on endless repetitions of the period: forward and backward it multiplies each
    frequency by the square of its gain, and a period holds only its own harmonics.
    """
    frequency = np.fft.rfftfreq(len(samples), 1.0 / rate)
    _, response = sosfreqz(_sections(rate, cutoff_hz, order), worN=frequency, fs=rate)
    gain = np.abs(response) ** _PASSES
    spectrum = np.fft.rfft(samples, axis=0)
    return np.fft.irfft(
        spectrum * gain.reshape(-1, *[1] * (samples.ndim - 1)), n=len(samples), axis=0
    )


def _sections(rate: float, cutoff_hz: float, order: int) -> np.ndarray:
    """Second-order sections of one pass. ValueError where the samples are too few or it is odd."""
    if order < _PASSES or order % _PASSES:
        raise ValueError(f"filter order {order}: an even number is needed, half of it each way")
    if rate < WELL_SAMPLED * cutoff_hz:
        raise ValueError(
            f"{rate:.0f} rows a second are too few for a cut-off of {cutoff_hz:g} Hz; "
            f"at most {rate / WELL_SAMPLED:.0f} Hz"
        )
    once = order // _PASSES
    raised = cutoff_hz / (2 ** (1 / _PASSES) - 1) ** (1 / (2 * once))
    return np.asarray(butter(once, raised, fs=rate, output="sos"))

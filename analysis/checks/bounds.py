"""Which of the solver's active bounds are physical? A muscle is at rest or at its most; a joint
that rests on a bound of the search space is not running, it is leaning on the method."""

from __future__ import annotations

import numpy as np

from analysis.checks.stride import Check
from formats.records import Bound, SolverRecord

PHYSICAL = {
    ("excitation", "lower"),
    ("excitation", "upper"),
    ("activation", "lower"),
    ("activation", "upper"),
    ("normalized_tendon_force", "lower"),  # a slack tendon
}


def is_physical(bound: Bound) -> bool:
    """Whether a muscle or tendon may well rest there."""
    return (bound.variable.split("/")[0], bound.bound) in PHYSICAL


def active_bounds(solver: SolverRecord) -> Check:
    """Number of active bounds that are not physical; a record without a list does not pass."""
    listed = solver.active_bounds
    if listed is None:
        return Check(np.nan, 0, "bounds", "solver.json lists no active_bounds")
    bad = [f"{b.variable} {b.bound}" for b in listed if not is_physical(b)]
    named = ", ".join(bad) if bad else "none"
    return Check(
        float(len(bad)), 0, "bounds", f"active bounds that are not physical ({named}): muscle "
        "excitation and activation at either end and slack tendons are"
    )  # fmt: skip

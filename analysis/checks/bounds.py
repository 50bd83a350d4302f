"""Which of the solver's active bounds are physical? A muscle is at rest or at its most; a joint
that rests on a bound of the search space is not running, it is leaning on the method."""

from __future__ import annotations

from typing import Any

import numpy as np

from analysis.checks.stride import Check

PHYSICAL = {
    ("excitation", "lower"),
    ("excitation", "upper"),
    ("activation", "lower"),
    ("activation", "upper"),
    ("normalized_tendon_force", "lower"),  # a slack tendon
}


def is_physical(bound: dict[str, Any]) -> bool:
    """Of an entry {variable: 'kind/name', bound: 'lower' | 'upper', nodes}."""
    return (str(bound["variable"]).split("/")[0], str(bound["bound"])) in PHYSICAL


def active_bounds(solver: dict[str, Any]) -> Check:
    """Number of active bounds that are not physical; a record without a list does not pass."""
    listed = solver.get("active_bounds")
    if not isinstance(listed, list):
        return Check(np.nan, 0, "bounds", "solver.json lists no active_bounds")
    bad = [f"{b['variable']} {b['bound']}" for b in listed if not is_physical(b)]
    named = ", ".join(bad) if bad else "none"
    return Check(
        float(len(bad)), 0, "bounds", f"active bounds that are not physical ({named}): muscle "
        "excitation and activation at either end and slack tendons are"
    )  # fmt: skip

"""Muscles that are no longer than their tendon somewhere in a stride."""

from __future__ import annotations

from pathlib import Path
from typing import TypedDict

import numpy as np

from formats.trial.limits import BLEND, LEAST_FIBRE
from models.checks.findings import Finding
from models.checks.muscles import Muscles


class Slackness(TypedDict):
    """How short a muscle is at its shortest: mm over its tendon's slack length, optimal lengths.

    stride_percent: where that is; slack_percent: for how much of the stride it counts as slack.
    """

    over_tendon_mm: float
    fibre: float
    stride_percent: float
    slack_percent: float


def of_stride(muscles: Muscles) -> dict[str, Slackness]:
    """The muscles that count as slack somewhere, by name."""
    found: dict[str, Slackness] = {}
    fibre = muscles.fibre
    phase = 100.0 * (muscles.time - muscles.time[0]) / (muscles.time[-1] - muscles.time[0])
    for i in np.flatnonzero(fibre.min(axis=0) < LEAST_FIBRE + BLEND):
        least = int(np.argmin(fibre[:, i]))
        found[muscles.names[i]] = {
            "over_tendon_mm": round(1000.0 * float(fibre[least, i] * muscles.optimal[i]), 1),
            "fibre": round(float(fibre[least, i]), 3),
            "stride_percent": round(float(phase[least]), 1),
            "slack_percent": round(100.0 * float(np.mean(fibre[:, i] < LEAST_FIBRE + BLEND)), 1),
        }
    return found


def check(found: dict[str, Slackness], where: Path) -> list[Finding]:
    """One finding that names all slack muscles."""
    if not found:
        return []
    named = [
        f"{name} ({entry['over_tendon_mm']:.0f} mm of fibre left beside its tendon at "
        f"{entry['stride_percent']:.0f} % of the stride, slack for {entry['slack_percent']:.0f} %)"
        for name, entry in found.items()
    ]
    return [
        Finding(
            f"{where}: slack muscles, which bear next to nothing there: {', '.join(named)}; where "
            "that is too many, shorten their tendon_slack_length in the model"
        )
    ]

"""Whether joint moments are a runner's, and how much motion and forces lack at the pelvis."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from formats.trial.reading import Trial
from formats.trial.strides import Stride
from models.checks.findings import Finding
from models.checks.posed import Skeleton
from models.paths.polynomial import Array
from models.rajagopal.tables import table

# Hicks et al. 2015 (J Biomech Eng 137:020905): residual forces below 5 % of the peak ground force.
RESIDUAL_WARNED = 0.05
# Of body weight, root mean square: no longer the same motion and forces.
RESIDUAL_REFUSED_BW = 0.20
NODES = 101


@dataclass(frozen=True)
class Kinetics:
    """A stride at N times (s): moments (N, n; N m or N) of the coordinates `names`.

    root: positions of those between ground and pelvis, whose moments are residuals.
    residual_rms, residual_peak (N): the largest force component's; moment_rms (N m) the largest
    moment's; peak_force (N): of the ground on the body.
    """

    time: Array
    names: tuple[str, ...]
    moments: Array
    root: list[int]
    residual_rms: float
    residual_peak: float
    moment_rms: float
    peak_force: float


def measure(skeleton: Skeleton, trial: Trial, stride: Stride) -> Kinetics:
    """Inverse dynamics of a stride."""
    time = np.linspace(stride.start, stride.end, NODES)
    names = trial.curves.names
    moments = skeleton.inverse_dynamics(trial.curves, time)
    root = skeleton.root(names)
    rms = np.sqrt(np.mean(moments**2, axis=0))
    translations = [i for i in root if skeleton.coordinates[names[i]] == "translational"]
    rotations = [i for i in root if i not in translations]
    pushed = sum(trial.curves.wrench(side, time)[:3] for side in "rl")
    return Kinetics(
        time,
        names,
        moments,
        root,
        float(rms[translations].max(initial=0.0)),
        float(np.abs(moments[:, translations]).max(initial=0.0)),
        float(rms[rotations].max(initial=0.0)),
        float(np.linalg.norm(np.asarray(pushed), axis=0).max()),
    )


def check(found: Kinetics, trial: Trial, mass: float, weight: float) -> list[Finding]:
    """Findings on joint moments per kilogram, and on the pelvis residual."""
    return [*_moments(found, trial, mass), *_residual(found, trial, weight)]


def _moments(found: Kinetics, trial: Trial, mass: float) -> list[Finding]:
    limits = {row["coordinate"]: float(row["limit_nm_kg"]) for row in table("moment_limits")}
    worst: tuple[float, str, float, float] | None = None
    for i, name in enumerate(found.names):
        limit = limits.get(name.removesuffix("_r").removesuffix("_l"))
        if limit is None:
            continue
        peak = float(np.abs(found.moments[:, i]).max()) / mass
        if peak > limit and (worst is None or peak / limit > worst[0]):
            worst = (peak / limit, name, peak, limit)
    if worst is None:
        return []
    _, name, peak, limit = worst
    return [
        Finding(
            f"{trial.folder}: the moment at {name} reaches {peak:.1f} N m/kg, more than {limit:g} "
            "is no runner's (models/parameters/moment_limits.csv): units, axes, or a force at the "
            "wrong place",
            refused=True,
        )
    ]


def _residual(found: Kinetics, trial: Trial, weight: float) -> list[Finding]:
    share = found.residual_rms / weight
    if share > RESIDUAL_REFUSED_BW:
        return [
            Finding(
                f"{trial.folder}: motion and forces do not fit: a force of {share:.0%} of body "
                f"weight (rms) is missing at the pelvis; at most {RESIDUAL_REFUSED_BW:.0%} are "
                "allowed. Another person's model, forces late, or a noisy motion (filter_hz)",
                refused=True,
            )
        ]
    if found.residual_peak <= RESIDUAL_WARNED * found.peak_force:
        return []
    return [
        Finding(
            f"{trial.folder}: the pelvis lacks a force of {found.residual_peak:.0f} N at most, "
            f"{found.residual_peak / found.peak_force:.0%} of the peak ground force (Hicks et al. "
            f"2015: {RESIDUAL_WARNED:.0%}), {share:.0%} of body weight rms; it is reported and no "
            "reason to fail"
        )
    ]

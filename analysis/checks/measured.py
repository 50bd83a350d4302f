"""What is asked of a measured stride before its outcomes count, and what is not, and why."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from analysis.checks import bounds
from analysis.checks import stride as checks
from analysis.checks.stride import Check
from analysis.replayed.case import Case
from analysis.replayed.quantities import Dynamics
from formats.solve_records import SlackMuscle, read_inverse
from formats.trial.limits import RESERVE_SHARE, SLACK_FORCE

RESERVE_LIMIT_PERCENT = 100.0 * RESERVE_SHARE
LEFT_OUT = {
    "ground_force": "it is measured; there is no model of contact",
    "pelvis_force": "motion and ground force are measured; reported",
    "pelvis_moment": "motion and ground force are measured; reported",
    "forward_speed": "the motion is kept as measured, on a treadmill it does not advance",
    "energy_balance": "what the root is missing does work",
    "stride_closes": "two measured strides are never the same",
}


def required(case: Case, truth: Dynamics, differences: dict[str, float]) -> dict[str, Check]:
    """The checks of a measured stride. differences: of joint moments, by coordinate (% of peak)."""
    return {
        "acceleration": checks.accelerations(truth),
        "tendon_equilibrium": tendon_equilibrium(case.folder, truth),
        "slack_muscles": slack_muscles(case.folder),
        "joint_moment": checks.path_check(differences),
        "active_bounds": bounds.active_bounds(case.solver),
        "collocation": checks.collocation(case, truth),
        "reserves": reserves(case.folder),
    }


def tendon_equilibrium(folder: Path, truth: Dynamics) -> Check:
    """As of any stride, but where a muscle hangs slack: no equilibrium exists there."""
    residual = truth.equilibrium.copy()
    for name, entry in slack(folder).items():
        residual[entry["nodes"], truth.muscle_names.index(name)] = 0.0
    return checks.tendon_equilibrium(replace(truth, equilibrium=residual))


def slack(folder: Path) -> dict[str, SlackMuscle]:
    """Slack muscles by name, as inverse.json lists them."""
    return read_inverse(folder).get("slack", {})


def slack_muscles(folder: Path) -> Check:
    """What muscles bear that hang slack: next to nothing."""
    borne = {name: entry["force_peak"] or 0.0 for name, entry in slack(folder).items()}
    worst = max(borne, key=lambda name: borne[name], default="none")
    return Check(
        borne.get(worst, 0.0),
        SLACK_FORCE,
        "maximal force",
        f"tendon force of a muscle no longer than its tendon, worst ({worst}); slack are "
        f"{', '.join(borne) or 'none'}",
    )


def reserves(folder: Path) -> Check:
    """What reserve actuators give, over the joint moment's peak, the worst coordinate's peak."""
    said = read_inverse(folder)["reserves"]
    worst = said.get("coordinate") or "none"
    full = ", ".join(said.get("muscles_at_their_most", [])) or "none"
    return Check(
        100.0 * float(said["largest_share"]),
        RESERVE_LIMIT_PERCENT,
        "% of peak joint moment",
        f"largest moment of a reserve over its coordinate's peak moment, worst ({worst}; "
        f"muscles across it at full activation: {full}); more means that these muscles cannot make "
        "this motion: more strength_percent in runner.yaml, or another stride",
    )


def reported(folder: Path) -> dict[str, object]:
    """What is told of a measured stride: root residual, reserves, distance from the samples."""
    found: dict[str, object] = {**read_inverse(folder)}
    keys = ("stride", "filter_hz", "base_residual", "reserves", "slack", "fit_rms")
    return {key: found[key] for key in keys if key in found}

"""What a check tells of a trial, line by line."""

from __future__ import annotations

import numpy as np

from formats.trial import strides as cutting
from models.checks import contact_point, pace, timing
from models.checks.examine import Examined


def lines(found: Examined) -> list[str]:
    """Contacts, strides, mass, speed, clock, residuals and joint moments of a trial."""
    trial, body, kinetics = found.trial, found.body, found.kinetics
    main = trial.chosen()[0]
    told = [f"{trial.folder}: {len(found.skeleton.coordinates)} free coordinates"]
    for side, name in (("r", "right"), ("l", "left")):
        landing, leaving = trial.contacts(side)
        told.append(
            f"{name} foot: {len(trial.strides[side])} whole strides; contacts at "
            f"{_times(landing)} s, toe-offs at {_times(leaving)} s"
        )
    share = (main.toe_off - main.start) / main.duration
    told.append(
        f"{trial.settings.leg} stride {main.number}: {main.start:.3f} to {main.end:.3f} s, "
        f"{main.duration:.3f} s, on the ground for {100 * share:.0f} %"
    )
    mean = cutting.mean_vertical(trial.forces, trial.strides[trial.settings.side]) / cutting.GRAVITY
    told.append(f"mass: model {found.skeleton.mass:.1f} kg, mean vertical force {mean:.1f} kg")
    pelvis, foot = pace.speeds(trial, body, main)
    told.append(
        f"speed: {pelvis[0] - foot[0]:.2f} m/s over the ground, runner.yaml "
        f"{trial.settings.speed_m_s:g} m/s"
    )
    late, alike = timing.lag(trial.forces, body, trial.strides[trial.settings.side])
    forward, right = contact_point.mean_offset(trial.forces, body, main)
    told.append(
        f"force against motion: {1000 * late:+.0f} ms (correlation {alike:.3f}), point of force "
        f"off by {100 * forward:+.1f} cm forward, {100 * right:+.1f} cm to the right on average"
    )
    told.append(
        f"pelvis residual: {kinetics.residual_rms:.0f} N rms "
        f"({kinetics.residual_rms / found.weight:.0%} of body weight), peak "
        f"{kinetics.residual_peak:.0f} N ({kinetics.residual_peak / kinetics.peak_force:.0%} of "
        f"the peak ground force), {kinetics.moment_rms:.0f} N m rms"
    )
    peaks = np.abs(kinetics.moments).max(axis=0) / found.skeleton.mass
    shown = [
        f"{name} {peak:.1f}"
        for name, peak in zip(kinetics.names, peaks, strict=True)
        if name.startswith(("hip_flexion", "knee_angle", "ankle_angle"))
    ]
    told.append(f"peak joint moments (N m/kg): {', '.join(shown)}")
    told.append(f"slack muscles: {', '.join(found.slack) or 'none'}")
    if found.needed is not None and not found.needed.possible:
        told.append(f"needed strength: none gives the moment at {found.needed.coordinate}")
    elif found.needed is not None:
        told.append(
            f"needed strength: at least {100 * found.needed.most:.0f} % ({found.needed.coordinate} "
            f"at {100 * (found.needed.time - main.start) / main.duration:.0f} % of the stride); "
            f"{found.needed.advised_percent:.0f} % is advised, strength_percent is "
            f"{trial.settings.strength_percent:g}"
        )
    return told


def _times(values: np.ndarray) -> str:
    shown = [f"{value:.2f}" for value in values[:6]]
    return ", ".join([*shown, *([".."] if len(values) > 6 else [])]) or "none"

"""How far a tracked stride is from the measured one: joint angles, ground force, duration.

    python -m simulations.compare_trial --case CASE --trial FOLDER      writes CASE/tracked.json
        and tracked.csv: both ground forces (BW) on the right foot at 0 .. 100 % of the stride

The measured stride is taken as the runner can have it: left and right averaged, half a stride apart
(problems.measured_reference). Its ground force is the plates' own signal, not the one that was
filtered for inverse dynamics. Both strides are compared at equal phases, from right contact on.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

import numpy as np
import pandas as pd

from formats import description, storage
from formats.description import RunnerDescription
from formats.files import run_command, write_json, write_text
from formats.filters import zero_lag_cycle
from formats.gait_events import THRESHOLD_N, contacts
from formats.table import csv_text
from formats.trial.measured import GRAVITY
from formats.trial.reading import Trial, for_runner
from formats.trial.strides import Stride
from simulations.collocation.objective import habit_sd
from simulations.problems import measured_reference
from simulations.problems.reference import Reference

FILE, CURVES = "tracked.json", "tracked.csv"
SAMPLES = 401
RESERVE = "reserve_"
AXES = ("fore_aft", "vertical", "sideways")


class GroundOutcomes(TypedDict):
    """Of one foot: times (s), landing (% of the stride), peaks (BW), impulse (BW s)."""

    stride_time_s: float
    contact_time_s: float
    landing_percent: float
    vertical_peak_bw: float
    braking_peak_bw: float
    propulsion_peak_bw: float
    braking_impulse_bw_s: float


class Peaks(TypedDict):
    """Peaks (BW) of a filtered ground force."""

    vertical_peak_bw: float
    braking_peak_bw: float


class FilteredAlike(TypedDict):
    """Both ground forces after one low-pass filter; rms over the stride by axis (BW)."""

    filter_hz: float
    ground_force_rms_bw: dict[str, float]
    tracked: Peaks
    measured: Peaks


class Distance(TypedDict):
    """Outcomes of both strides, and how far they are from each other, by axis and by angle."""

    measured: GroundOutcomes
    tracked: GroundOutcomes
    ground_force_rms_bw: dict[str, float]
    leg_angle_rms_deg: float
    angle_rms_deg: dict[str, float]


class Alike(TypedDict, total=False):
    """Where the trial's motion was filtered: both forces, filtered so."""

    filtered_alike: FilteredAlike


class TrackedRecord(Distance, Alike):
    """tracked.json; reserve_peak_nm: by coordinate."""

    speed_m_s: float
    reserve_peak_nm: dict[str, float]


@dataclass(frozen=True)
class Ground:
    """Ground force (3 x SAMPLES, body weights; forward, up, right) on the right foot at evenly
    spaced phases 0 .. 1 of a stride that lasts stride_time (s) and begins at its contact."""

    force: np.ndarray
    stride_time: float
    weight: float
    """Body weight (N)."""

    def outcomes(self) -> GroundOutcomes:
        """Peaks (BW), impulse (BW s), contact (s), landing (% of the stride; 0 where it began).

        Raises ValueError when the foot is never on the ground, or always.
        """
        fore_aft, vertical, _ = self.force
        time = np.linspace(0.0, self.stride_time, SAMPLES)
        # From the middle of the flight on, so that no stance is cut in two.
        highest = int(np.argmax(vertical[:-1]))
        turned = np.roll(vertical[:-1], SAMPLES // 2 - highest) * self.weight
        landing, leaving = contacts(time[:-1], turned, THRESHOLD_N)
        if not len(landing) or not len(leaving):
            raise ValueError(f"no contact: the vertical force never crosses {THRESHOLD_N:g} N")
        begin = landing[0] - (SAMPLES // 2 - highest) * time[1]
        phase = (begin / self.stride_time + 0.5) % 1.0 - 0.5
        return {
            "stride_time_s": self.stride_time,
            "contact_time_s": float(leaving[-1] - landing[0]),
            "landing_percent": 100.0 * float(phase),
            "vertical_peak_bw": float(vertical.max()),
            "braking_peak_bw": float(-fore_aft.min()),
            "propulsion_peak_bw": float(fore_aft.max()),
            "braking_impulse_bw_s": float(np.trapezoid(np.clip(-fore_aft, 0, None), time)),
        }


def measured(trial: Trial, stride: Stride, mass: float) -> Ground:
    """The plates' force over a stride of the right foot, averaged with the left foot's image."""
    force = measured_reference.ground_force(trial, stride, np.linspace(0.0, 1.0, SAMPLES))
    weight = mass * GRAVITY
    return Ground(force / weight, stride.duration, weight)


def simulated(time: np.ndarray, force: np.ndarray, mass: float) -> Ground:
    """A simulated stride's force on the right foot (3 x nodes, N) at its nodes' times (s)."""
    at = np.linspace(time[0], time[-1], SAMPLES)
    weight = mass * GRAVITY
    rows = np.stack([np.interp(at, time, row) for row in force]) / weight
    return Ground(rows, float(time[-1] - time[0]), weight)


def angles(
    runner: RunnerDescription, target: Reference, time: np.ndarray, q: np.ndarray
) -> dict[str, float]:
    """Rms distance (deg) of each tracked angle from the reference; q: nq x nodes of a stride."""
    wanted = target.at((time - time[0]) / (time[-1] - time[0]))
    held = np.isfinite(habit_sd(runner))
    return {
        c.name: float(np.degrees(np.sqrt(np.mean((row - asked) ** 2))))
        for c, row, asked, counts in zip(runner.coordinates, q, wanted, held, strict=True)
        if counts and c.motion == "rotational"
    }


def report(found: Ground, wanted: Ground, angle_rms: dict[str, float]) -> Distance:
    """What tracked.json holds: both strides' outcomes, and their distance (units in the keys)."""
    rms = np.sqrt(np.mean((found.force - wanted.force) ** 2, axis=1))
    legs = [
        value
        for name, value in angle_rms.items()
        if name.startswith(("hip", "knee", "ankle", "subtalar"))
    ]
    return {
        "measured": wanted.outcomes(),
        "tracked": found.outcomes(),
        "ground_force_rms_bw": dict(zip(AXES, map(float, rms), strict=True)),
        "leg_angle_rms_deg": float(np.sqrt(np.mean(np.square(legs)))) if legs else 0.0,
        "angle_rms_deg": angle_rms,
    }


def filtered_alike(found: Ground, wanted: Ground, cutoff_hz: float) -> FilteredAlike:
    """Distance of both ground forces after one low-pass filter (Hz): that of the trial's motion.

    Peaks (BW) and rms over the stride (BW). A motion filtered so does not tell how a foot lands.
    """
    low = []
    for ground in (found, wanted):
        rate = (SAMPLES - 1) / ground.stride_time
        low.append(zero_lag_cycle(ground.force[:, :-1].T, rate, cutoff_hz).T)
    rms = np.sqrt(np.mean((low[0] - low[1]) ** 2, axis=1))
    tracked, measured = (
        Peaks(vertical_peak_bw=float(f[1].max()), braking_peak_bw=float(-f[0].min())) for f in low
    )
    told = dict(zip(AXES, map(float, rms), strict=True))
    return {
        "filter_hz": cutoff_hz,
        "ground_force_rms_bw": told,
        "tracked": tracked,
        "measured": measured,
    }


def of_case(case: Path, trial_folder: Path) -> TrackedRecord:
    """The distance of a stored case (runner.json, motion.sto, ground_forces.mot) from its trial.

    Writes tracked.json and tracked.csv into the case's folder. Raises ValueError, one line, when a
    file is missing or broken, or the runner never lands.
    """
    runner = description.read(case / "runner.json")
    trial = for_runner(trial_folder, runner)
    stride = trial.chosen()[0]
    target = measured_reference.from_trial(trial, stride, runner)
    motion = storage.read(case / "motion.sto")
    ground = storage.read(case / "ground_forces.mot")
    paths = [f"/jointset/{c.joint}/{c.name}/value" for c in runner.coordinates]
    q = np.stack([motion.columns[path] for path in paths])
    force = np.stack([ground.columns[f"ground_force_r_v{axis}"] for axis in "xyz"])
    mass = sum(body.mass for body in runner.bodies)
    found = simulated(ground.time, force, mass)
    wanted = measured(trial, stride, mass)
    cutoff = trial.settings.filter_hz
    alike: Alike = {}
    if cutoff is not None:
        alike["filtered_alike"] = filtered_alike(found, wanted, cutoff)
    told: TrackedRecord = {
        "speed_m_s": trial.settings.speed_m_s,
        **report(found, wanted, angles(runner, target, motion.time, q)),
        **alike,
        "reserve_peak_nm": reserves(runner, storage.read(case / "controls.sto").columns),
    }
    table = csv_text(curves(found, wanted), "%.6g")
    write_text(case / CURVES, table)
    write_json(case / FILE, told)
    return told


def reserves(runner: RunnerDescription, controls: Mapping[str, np.ndarray]) -> dict[str, float]:
    """Largest torque (N m) of each reserve actuator, by coordinate; controls: by force path."""
    return {
        a.coordinate: float(a.optimal_force * np.abs(controls[a.force_path]).max())
        for a in runner.actuators
        if a.name.startswith(RESERVE)
    }


def curves(found: Ground, wanted: Ground) -> pd.DataFrame:
    """Both forces (BW) by per cent of the stride."""
    every = (SAMPLES - 1) // 100
    table = {"percent": np.arange(101)}
    for name, ground in (("measured", wanted), ("tracked", found)):
        table |= {f"{name}_{a}_bw": f[::every] for a, f in zip(AXES, ground.force, strict=True)}
    return pd.DataFrame(table)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Compare a tracked stride with its trial.")
    parser.add_argument("--case", type=Path, required=True, help="folder of the tracked case")
    parser.add_argument("--trial", type=Path, required=True, help="folder of the measured trial")
    args = parser.parse_args()
    of_case(args.case, args.trial)


if __name__ == "__main__":
    run_command(main)

"""Why a weaker muscle does, or does not, press the head forward: all factors, crossed.

    python -m analysis.lewis_factorial --runner DIR --out lewis_factorial.csv

The two exercises of analysis.lewis at full and half strength, under each combination of
effort      squared activations, cubed activations, squared forces
weakness    scaled (maximal force smaller in the effort, too) or capped (it only ends earlier)
knee        balanced by muscles with ankle and foot, or locked
reading     iliopsoas tendon's wrap on the pelvis, or on the femoral head
Each row: the mean change of the anterior force (BW) over the lift, and whether it rises.
"""

from __future__ import annotations

import argparse
import itertools
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis.lewis import (
    CLAIMED,
    CLEAR_BW,
    EXERCISES,
    HALVED,
    HIP_DEG,
    READINGS,
    RELAXED_ANKLE_DEG,
)
from analysis.socket.static_leg import Rule, StaticLeg
from formats.files import run_command, write_text
from formats.table import csv_text

EFFORTS = {
    "squared_activation": Rule(power=2),
    "cubed_activation": Rule(power=3),
    "squared_force": Rule(of_force=True),
}
WEAKNESS = {"scaled": False, "capped": True}
KNEE: dict[str, tuple[str, ...]] = {
    "balanced": (),
    "locked": ("knee_angle", "ankle_angle", "subtalar_angle"),
}
FACTORS = ("effort", "weakness", "knee", "reading")


def table(leg: StaticLeg) -> pd.DataFrame:
    """A row for each exercise and combination of factors."""
    combinations = list(itertools.product(EFFORTS, WEAKNESS, KNEE))
    changes: dict[tuple[str, ...], list[float]] = {}
    lost: dict[tuple[str, ...], list[float]] = {}
    for exercise, group in CLAIMED.items():
        asked = EXERCISES[exercise]
        weak = dict.fromkeys(asked.weakened[group], HALVED / 100)
        for angle in HIP_DEG:
            if not asked.lifted[0] <= angle <= asked.lifted[1]:
                continue
            angles = {"hip_flexion": float(angle), "ankle_angle": RELAXED_ANKLE_DEG}
            posture = leg.posture(asked.tilt_deg, angles)
            for effort, weakness, knee in combinations:
                rule = replace(EFFORTS[effort], capped=WEAKNESS[weakness], locked=KNEE[knee])
                found = [_anterior(leg, posture, s, rule) for s in ({}, weak)]
                for i, reading in enumerate(READINGS):
                    key = (exercise, effort, weakness, knee, reading)
                    if found[0] is None or found[1] is None:
                        lost.setdefault(key, []).append(float(angle))
                    else:
                        changes.setdefault(key, []).append(found[1][i] - found[0][i])
    rows = []
    for exercise, *combination in itertools.product(CLAIMED, EFFORTS, WEAKNESS, KNEE, READINGS):
        of = (exercise, *combination)
        values = changes.get(of, [])
        mean = float(np.mean(values)) if values else float("nan")
        rows.append(
            {
                "exercise": exercise,
                **dict(zip(FACTORS, combination, strict=True)),
                "anterior_change_bw": mean,
                "rises": mean > CLEAR_BW,
                "angles_not_held_deg": " ".join(f"{a:g}" for a in lost.get(of, [])),
            }
        )
    return pd.DataFrame(rows)


def _anterior(
    leg: StaticLeg, posture: Any, strength: dict[str, float], rule: Rule
) -> tuple[float, float] | None:
    forces = leg.share(posture, strength, rule)
    if forces is None:
        return None
    force, wrapped = leg.hip_force(posture, forces)
    return force[0] / leg.weight, (force + wrapped)[0] / leg.weight


def effects(rows: pd.DataFrame) -> pd.DataFrame:
    """Each factor's level: mean change over all other factors' levels, and how often it rises."""
    found = []
    for exercise, chosen in rows.groupby("exercise", sort=False):
        for factor in FACTORS:
            for level, part in chosen.groupby(factor, sort=False):
                found.append(
                    {
                        "exercise": exercise,
                        "factor": factor,
                        "level": level,
                        "anterior_change_bw": part["anterior_change_bw"].mean(),
                        "rises": int(part["rises"].sum()),
                        "of": len(part),
                    }
                )
    return pd.DataFrame(found)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Vary what decides the lifted leg's hip force.")
    parser.add_argument("--runner", type=Path, required=True, help="folder of the runner")
    parser.add_argument("--out", type=Path, required=True, help="table to write (.csv)")
    given = parser.parse_args()
    rows = table(StaticLeg(given.runner))
    write_text(given.out, csv_text(rows, "%.4g"))
    print(effects(rows).to_string(index=False, float_format="%.3f"))


if __name__ == "__main__":
    run_command(main)

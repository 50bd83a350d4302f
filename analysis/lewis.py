"""Does a weaker muscle press the head of the femur forward, as Lewis et al. found?

    python -m analysis.lewis --runner DIR --out lewis.csv
        DIR holds runner.osim and runner.json of a runner in three dimensions; writes lewis.csv (a
        row per exercise, weakened group, strength and hip angle) and lewis.json (what came out)

Lewis, Sahrmann and Moran 2007, J Biomech 40:3725: a straight leg is lifted slowly, prone (hip
extension) or supine (hip flexion). The anterior force of the head on the socket rose with weaker
gluteal muscles in extension and weaker iliopsoas in flexion, and was larger the more the hip was
extended. Here the same is asked of this runner, in postures at rest (see static_leg), with both
readings of the iliopsoas tendon (see tendon): its wrap carried by the pelvis, as in OpenSim and in
their model, or by the femoral head.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis.measures.lewis_record import Change, Changes, Summary
from analysis.socket.static_leg import StaticLeg
from formats.files import run_command, write_json, write_text
from formats.table import csv_text

HIP_DEG = tuple(range(-20, 35, 5))
STRENGTHS_PERCENT = (100, 75, 50, 25)
HALVED = 50
"""The strength at which the change is judged; the others are shown."""
RELAXED_ANKLE_DEG = -20.0
"""A foot that hangs; at a right angle the calf's passive pull would have to be held against."""
CLEAR_BW = 0.01
"""Change of the anterior force (body weights) below which it counts as none."""
READINGS = ("tendon_on_pelvis", "tendon_on_head")
GLUTEUS_MAXIMUS = ("glmax1", "glmax2", "glmax3")
GLUTEI = (*GLUTEUS_MAXIMUS, "glmed1", "glmed2", "glmed3", "glmin1", "glmin2", "glmin3")


@dataclass(frozen=True)
class Exercise:
    """tilt_deg: of the pelvis, +90 on the back, -90 on the front. lifted: the hip angles (deg)
    through which the leg is lifted off the table, lowest and highest. weakened: group -> heads.
    """

    tilt_deg: float
    lifted: tuple[float, float]
    weakened: dict[str, tuple[str, ...]]


EXERCISES = {
    "prone_extension": Exercise(
        -90.0,
        (-20.0, 0.0),
        {"weaker_glutes": GLUTEI, "weaker_gluteus_maximus": GLUTEUS_MAXIMUS},
    ),
    "supine_flexion": Exercise(90.0, (0.0, 30.0), {"weaker_iliopsoas": ("psoas", "iliacus")}),
}
CLAIMED = {"prone_extension": "weaker_glutes", "supine_flexion": "weaker_iliopsoas"}


def table(leg: StaticLeg) -> pd.DataFrame:
    """Hip force (BW, pelvis frame, on the socket) by exercise, group, strength and hip angle.

    held is false, and the forces are missing, where the muscles are too weak to hold the leg.
    """
    rows = []
    for exercise, asked in EXERCISES.items():
        for angle in HIP_DEG:
            angles = {"hip_flexion": float(angle), "ankle_angle": RELAXED_ANKLE_DEG}
            posture = leg.posture(asked.tilt_deg, angles)
            for group, heads in asked.weakened.items():
                for percent in STRENGTHS_PERCENT:
                    forces = leg.share(posture, dict.fromkeys(heads, percent / 100))
                    row: dict[str, object] = {
                        "exercise": exercise,
                        "weakened": group,
                        "strength_percent": percent,
                        "hip_flexion_deg": angle,
                        "hip_moment_nm": posture.moment[0],
                        "held": forces is not None,
                    }
                    if forces is not None:
                        row |= _forces(leg, posture, forces)
                    rows.append(row)
    return pd.DataFrame(rows)


def _forces(leg: StaticLeg, posture: Any, forces: np.ndarray) -> dict[str, float]:
    force, wrapped = leg.hip_force(posture, forces)
    found = {}
    for reading, total in zip(READINGS, (force, force + wrapped), strict=True):
        found[f"anterior_bw_{reading}"] = total[0] / leg.weight
        found[f"superior_bw_{reading}"] = total[1] / leg.weight
        found[f"size_bw_{reading}"] = float(np.linalg.norm(total)) / leg.weight
    return found


def changes(rows: pd.DataFrame, exercise: str, group: str, reading: str) -> Change:
    """How the anterior force (BW) changes from full to half strength over the lift.

    Mean, least and largest change over the angles that both strengths can hold; which of rises,
    falls and no change the mean says; angles that half the strength cannot hold, deg.
    """
    low, high = EXERCISES[exercise].lifted
    chosen = rows[
        (rows["exercise"] == exercise)
        & (rows["weakened"] == group)
        & rows["hip_flexion_deg"].between(low, high)
    ]
    full, half = (
        chosen[chosen["strength_percent"] == percent].set_index("hip_flexion_deg")
        for percent in (100, HALVED)
    )
    change = half[f"anterior_bw_{reading}"] - full[f"anterior_bw_{reading}"]
    lost = [float(angle) for angle in change.index[change.isna()]]
    change = change.dropna()
    if change.empty:
        return {"direction": "no posture held", "angles_not_held_deg": lost}
    mean = float(change.mean())
    direction = "rises" if mean > CLEAR_BW else "falls" if mean < -CLEAR_BW else "no change"
    return {
        "anterior_change_bw": mean,
        "anterior_change_min_bw": float(change.min()),
        "anterior_change_max_bw": float(change.max()),
        "direction": direction,
        "angles_not_held_deg": lost,
    }


def summary(rows: pd.DataFrame) -> Summary:
    """What came out, for a control: changes by exercise, group and reading, and the verdict."""
    found: dict[str, Changes] = {
        exercise: {
            group: {reading: changes(rows, exercise, group, reading) for reading in READINGS}
            for group in asked.weakened
        }
        for exercise, asked in EXERCISES.items()
    }
    on_pelvis, on_head = (
        all(found[e][group][reading]["direction"] == "rises" for e, group in CLAIMED.items())
        for reading in READINGS
    )
    strong = rows[(rows["strength_percent"] == 100) & rows["held"]]
    larger = {}
    for exercise, group in CLAIMED.items():
        chosen = strong[(strong["exercise"] == exercise) & (strong["weakened"] == group)]
        ordered = chosen.sort_values("hip_flexion_deg")[f"anterior_bw_{READINGS[0]}"]
        larger[exercise] = bool(ordered.iloc[0] > ordered.iloc[-1])
    return {
        "prone_extension": found["prone_extension"],
        "supine_flexion": found["supine_flexion"],
        "reproduces": on_pelvis,
        "reproduces_tendon_on_head": on_head,
        "clear_bw": CLEAR_BW,
        "larger_in_extension": larger,
    }


def compute(runner: Path, out: Path) -> Summary:
    """Write a runner's table to `out` (.csv) and its summary beside it (.json); the summary."""
    rows = table(StaticLeg(runner))
    found = summary(rows)
    write_text(out, csv_text(rows, "%.6g"))
    write_json(out.with_suffix(".json"), found)
    return found


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Lift a leg with weakened muscles.")
    parser.add_argument("--runner", type=Path, required=True, help="folder of the runner")
    parser.add_argument("--out", type=Path, required=True, help="table to write (.csv)")
    arguments = parser.parse_args()
    found = compute(arguments.runner, arguments.out)
    for exercise, by_group in (
        ("prone_extension", found["prone_extension"]),
        ("supine_flexion", found["supine_flexion"]),
    ):
        group = CLAIMED[exercise]
        for reading, change in by_group[group].items():
            size = f"{change.get('anterior_change_bw', float('nan')):+.3f} BW at half strength"
            print(f"{exercise}, {group}, {reading}: anterior force {change['direction']}, {size}")


if __name__ == "__main__":
    run_command(main)

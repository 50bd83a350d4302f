"""The tables of a study of exercises: every case, moments by hand, what was measured in people.

    python -m analysis.exercises --study results/exercises

exercises.csv            a row a case: what it asks, certified or not and why
exercises_by_hand.csv    gravity's moment about the moving hip: by hand, closed form, solved
exercises_published.csv  published range, ours, inside or outside, by how much
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, TypedDict

import numpy as np
import pandas as pd

from analysis.replayed.case import read_json
from formats import yaml
from formats.checkout import CHECKOUT
from formats.description import RunnerDescription, read
from formats.files import run_command, write_text
from formats.table import csv_text, read_csv
from formats.untrusted import read_table

PUBLISHED = CHECKOUT / "analysis" / "exercises_published.yaml"
TABLE, BY_HAND, AGAINST = "exercises.csv", "exercises_by_hand.csv", "exercises_published.csv"
AGREE_PERCENT = 5.0
"""Of the curve's largest moment: so near a moment by hand has to be."""
PASSIVE_NM = 20.0
BY_HAND_COLUMNS = [
    *("exercise", "hip_flexion_deg", "by_hand_nm", "solved_nm", "difference_percent"),
    *("closed_form_nm", "difference_to_closed_form_percent", "within_5_percent", "explained_by"),
]
BUILT = "exercise"
"""The runner whose masses the moments by hand are of."""
OVER_PEOPLE = {
    "iliopsoas_demand_per_capacity_peak": "iliopsoas, share of capacity",
    "hip_flexor_moment_peak_nm_kg": "flexor moment (Nm/kg)",
    "opposite_hip_moment_max_nm_kg": "opposite hip (Nm/kg)",
    "hip_force_peak_bw": "hip force (BW)",
}


def rows(study: Path) -> pd.DataFrame:
    """exercises.csv: the outcomes of all cases, in the order of cases.csv."""
    found = []
    for name in read_table(study / "cases.csv", ["case"])["case"]:
        found.append(read_json(study / str(name) / "exercise_outcomes.json"))
    return pd.DataFrame(found)


def of_first_runner(table: pd.DataFrame) -> pd.DataFrame:
    """Rows of the first runner of exercises.csv: the one as built where the study has it."""
    return table[table["runner"] == table["runner"].iloc[0]] if len(table) else table


def over_people(table: pd.DataFrame) -> pd.DataFrame:
    """What exercises ask of several runners: a row an exercise, kind and band; empty for one.

    Numbers are of certified cases: how many, then least and greatest of each quantity.
    """
    if not len(table) or len(set(table["runner"])) < 2:
        return pd.DataFrame()
    found = []
    whole = table[table["dose_percent"] == 100]
    for (exercise, kind, band), rows in whole.groupby(["exercise", "kind", "band"], sort=False):
        good = rows[rows["status"] == "certified"]
        entry = {"exercise": exercise, "kind": kind, "band": band}
        entry |= {"runners": len(rows), "certified": len(good)}
        for name, label in OVER_PEOPLE.items():
            for end, value in (("least", good[name].min()), ("greatest", good[name].max())):
                entry[f"{label}, {end}"] = value
        found.append(entry)
    return pd.DataFrame(found)


def strength_asked(table: pd.DataFrame) -> pd.DataFrame:
    """Movements: strength that they need by the linear bound, how far the runner's own goes."""
    if "reached_deg" not in table:
        return pd.DataFrame()
    moved = of_first_runner(table)
    moved = moved[(moved["kind"] == "movement") & (moved["dose_percent"] == 100)]
    moved = moved.dropna(subset=["reached_deg", "strength_needed_percent"], how="all")
    kept = ["exercise", "band", "strength_needed_percent", "reached_deg", "status"]
    return moved[kept]


def plain(table: pd.DataFrame, exercise: str, kind: str) -> str | None:
    """Name of the case without a band at 100 %; None if the study has none."""
    chosen = table[
        (table["exercise"] == exercise)
        & (table["kind"] == kind)
        & (table["band"] == "none")
        & (table["dose_percent"] == 100)
    ]
    return None if chosen.empty else str(chosen["case"].iloc[0])


def gravity_moment(
    runner: RunnerDescription, tilt: np.ndarray, hip: np.ndarray, knee: np.ndarray
) -> np.ndarray:
    """(N,) Nm about the right hip, flexors positive, in closed form: thigh, shank and foot.

    tilt, hip, knee (N,) rad: of the pelvis (backward positive), flexion of hip and knee; the leg in
    the sagittal plane, ankle at a right angle. The knee's own shift is left out.
    """
    g = float(np.linalg.norm(runner.gravity))
    mass = {b.name: b.mass for b in runner.bodies}
    centre = {b.name: b.mass_center for b in runner.bodies}
    joint = {j.name: j.parent_frame.translation for j in runner.joints}
    thigh, shank = -joint["walker_knee_r"][1], -joint["ankle_r"][1]
    down, bent = tilt + hip, tilt + hip - knee

    def reach(forward: float, below: float, angle: np.ndarray) -> np.ndarray:
        return below * np.sin(angle) + forward * np.cos(angle)

    knee_at = reach(0.0, thigh, down)
    foot = ("talus_r", "calcn_r", "toes_r")
    foot_mass = sum(mass[name] for name in foot)
    # The foot's mass lies 5 cm before and 3 cm below the ankle.
    foot_at = knee_at + reach(0.05, shank + 0.03, bent)
    femur, tibia = centre["femur_r"], centre["tibia_r"]
    moment = mass["femur_r"] * reach(femur[0], -femur[1], down)
    moment += mass["patella_r"] * knee_at
    moment += mass["tibia_r"] * (knee_at + reach(tibia[0], -tibia[1], bent))
    return g * (moment + foot_mass * foot_at)


def by_hand(
    study: Path, table: pd.DataFrame, values: dict[str, dict[float, float]]
) -> pd.DataFrame:
    """Each moment by hand beside the closed form at the posture's own tilt, and the solved one."""
    found = []
    for exercise, moments in values.items():
        case = plain(table[table["runner"] == BUILT], exercise, "static")
        if case is None:
            continue
        curves = read_csv(study / case / "exercise.csv")
        if curves.empty:
            continue
        runner = read(study / case / "runner.json")
        closed = gravity_moment(
            runner,
            *(
                np.radians(curves[f"{n}_deg"].to_numpy())
                for n in ("pelvis_tilt", "hip_flexion", "knee_angle")
            ),
        )
        largest = max(abs(v) for v in moments.values())
        for angle, moment in moments.items():
            at = (curves["hip_flexion_deg"] - float(angle)).abs()
            if at.empty or at.min() > 0.5:
                continue
            row = int(at.idxmin())
            solved = float(curves["hip_moment_nm"].iloc[row])
            off = 100.0 * (solved - moment) / largest
            own = 100.0 * (solved - float(closed[row])) / largest
            tilt = float(curves["pelvis_tilt_deg"].iloc[row])
            flat = min((0.0, 90.0, -90.0), key=lambda level: abs(level - tilt))
            why = ""
            if abs(off) > AGREE_PERCENT:
                why = f"pelvis {tilt:.0f} deg, by hand {flat:.0f}" if abs(tilt - flat) > 1 else ""
                why = why if abs(own) <= AGREE_PERCENT else "not explained"
            found.append(
                {
                    "exercise": exercise,
                    "hip_flexion_deg": float(angle),
                    "by_hand_nm": float(moment),
                    "solved_nm": solved,
                    "difference_percent": off,
                    "closed_form_nm": float(closed[row]),
                    "difference_to_closed_form_percent": own,
                    "within_5_percent": abs(off) <= AGREE_PERCENT,
                    "explained_by": why,
                }
            )
    return pd.DataFrame(found, columns=BY_HAND_COLUMNS)


def column(curves: pd.DataFrame, name: str) -> np.ndarray:
    """(N,) a quantity of exercise.csv, or one made of its columns."""
    if name == "iliopsoas_activation":
        return curves[["psoas_activation", "iliacus_activation"]].mean(axis=1).to_numpy()
    if name in ("hip_force_bw", "opposite_hip_force_bw"):
        parts = [f"{name[:-3]}_{axis}_bw" for axis in ("anterior", "superior", "medial")]
        return np.linalg.norm(curves[parts], axis=1)
    return curves[name].to_numpy()


def number(curves: pd.DataFrame, asked: Any) -> float:
    """A value of the published table from a case's curves; NaN where the grid has it not."""
    if asked == "flexion_at_20_nm":
        passive = -(curves["hip_muscle_moment_nm"] + curves["hip_passive_tissue_nm"]).to_numpy()
        angle = curves["hip_flexion_deg"].to_numpy()
        above = np.flatnonzero(passive >= PASSIVE_NM)
        if not len(above) or above[0] == 0:
            return float("nan")
        i = int(above[0])
        return float(np.interp(PASSIVE_NM, passive[i - 1 : i + 1], angle[i - 1 : i + 1]))
    (name, where), *_ = asked.items()
    values, angles = column(curves, name), curves["hip_flexion_deg"].to_numpy()
    if where == "peak":
        return float(values.max())
    ends = where if isinstance(where, list) else [where]
    at = [values[int(np.argmin(np.abs(angles - float(end))))] for end in ends]
    return float(at[1] - at[0]) if len(at) == 2 else float(at[0])


class Where(TypedDict):
    """Picks a case without a band at 100 %."""

    exercise: str
    kind: str


class Published(TypedDict):
    """A published range; value: a number of the case (`number`), in the range's unit."""

    name: str
    where: Where
    value: str | dict[str, float | str | list[float]]
    low: float
    high: float
    source: str


def published(study: Path, table: pd.DataFrame, entries: list[Published]) -> pd.DataFrame:
    """Each published range, ours, inside or outside, and by how much (in the range's unit)."""
    found = []
    for entry in entries:
        case = plain(table, **entry["where"])
        ours = float("nan")
        if case is not None:
            curves = read_csv(study / case / "exercise.csv")
            ours = number(curves, entry["value"]) if len(curves) else ours
        low, high = float(entry["low"]), float(entry["high"])
        off = ours - high if ours > high else ours - low if ours < low else 0.0
        found.append(
            {
                "measured": entry["name"],
                "low": low,
                "high": high,
                "ours": ours,
                "verdict": "no value" if np.isnan(ours) else "inside" if off == 0 else "outside",
                "outside_by": off,
                "case": case or "",
                "source": entry["source"],
            }
        )
    return pd.DataFrame(found)


def write(study: Path) -> pd.DataFrame:
    """Write the three tables; gives the first."""
    known = yaml.read(PUBLISHED)
    table = rows(study)
    write_text(study / TABLE, csv_text(table, "%.6g"))
    write_text(study / BY_HAND, csv_text(by_hand(study, table, known["by_hand"]), "%.4g"))
    write_text(study / AGAINST, csv_text(published(study, table, known["published"]), "%.4g"))
    return table


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Write the tables of a study of exercises.")
    parser.add_argument("--study", type=Path, required=True, help="folder of the study")
    study = parser.parse_args().study
    table = write(study)
    done = int((table["status"] == "certified").sum())
    print(f"{study / TABLE}: {done} of {len(table)} exercises certified")


if __name__ == "__main__":
    run_command(main)

"""Certify an exercise in OpenSim and measure it.

    python -m analysis.exercise --case DIR --exercises FILE
        writes DIR/certificate.json, DIR/exercise.csv and DIR/positions.csv (a row a node),
        DIR/exercise_outcomes.json

What did not converge, or is not true in OpenSim, has its reason in both.
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path
from typing import NotRequired, TypedDict, cast

import pandas as pd

from analysis.checks import exercise as checks
from analysis.checks import stride
from analysis.measures import exercise as measures
from analysis.replayed.case import read_json, read_solver
from analysis.replayed.stride import Replays
from analysis.socket.bearing import socket_of
from formats import case, exercises
from formats.files import run_command, write_json, write_text
from formats.records import Row, Value
from formats.solve_records import read_exercise as read_record
from formats.table import csv_text

CERTIFICATE, CURVES, OUTCOMES = "certificate.json", "exercise.csv", "exercise_outcomes.json"
POSITIONS = "positions.csv"
KEYS = ("case", "exercise", "kind", "band", "runner", "arm", "side", "dose_percent", "objective")


class ExerciseCertificate(TypedDict):
    """certificate.json of an exercise; joint_moment_difference: absent where it has failed."""

    certified: bool
    reasons: list[str]
    checks: dict[str, dict[str, Value]]
    joint_moment_difference: NotRequired[dict[str, float]]


def examine(
    replays: Replays, book: exercises.Exercises
) -> tuple[ExerciseCertificate, pd.DataFrame | None]:
    """The certificate of a case, and its curves where there are any."""
    folder = replays.folder
    solver = read_solver(folder)
    if not solver.converged:
        return _failed(solver.failure), None
    try:
        told = read_record(folder)
        passive = book.get(told["exercise"]).passive
        differences = stride.joint_moment_difference(replays.dynamics, replays.anatomy)
        found = checks.required(replays.case, replays.dynamics, replays.anatomy, told, passive)
        socket = socket_of(replays.case.runner)
        curves = measures.table(replays.case, replays.dynamics, replays.anatomy, socket)
        curves["progress"] = told["progress"]
        curves["lacking_nm"] = 0.0 if passive else checks.lacking(told)
        curves["strength_needed_percent"] = 100.0 * checks.strength_needed(told)
        curves["hip_moment_engine_nm"] = told["moments_nm"][f"hip_flexion_{measures.SIDE}"]
    except (ValueError, RuntimeError) as error:
        return _failed(str(error).splitlines()[0]), None
    reasons = [
        f"{name}: {check.value:.3g} {check.unit}, limit {check.limit:g} ({check.compared})"
        for name, check in found.items()
        if not check.passed
    ]
    certificate: ExerciseCertificate = {
        "certified": not reasons,
        "reasons": reasons,
        "checks": {name: check.record.model_dump() for name, check in found.items()},
        "joint_moment_difference": differences,
    }
    return certificate, curves


def _failed(reason: str) -> ExerciseCertificate:
    return {"certified": False, "reasons": [reason], "checks": {}}


def compute(folder: Path, book: exercises.Exercises) -> Row:
    """Write a case's certificate, curves and outcomes; gives the outcomes."""
    settings = case.read_exercise(folder)
    replays = Replays(folder)
    certificate, curves = examine(replays, book)
    said = cast(Row, settings)
    row: Row = {key: said[key] for key in KEYS if key in said}
    row["status"] = "certified" if certificate["certified"] else "failed"
    row["reason"] = "; ".join(certificate["reasons"])
    if curves is not None:
        mass = exercises_mass(folder)
        able = curves["lacking_nm"] <= checks.RESERVE_LIMIT_NM
        beyond = curves.loc[~able, "hip_flexion_deg"].round(0).astype(int).tolist()
        row["not_held_at_deg"] = " ".join(map(str, beyond)) if settings["kind"] == "static" else ""
        kept = curves[able] if settings["kind"] == "static" and able.any() else curves
        found = measures.outcomes(kept.reset_index(drop=True), mass, settings["kind"])
        if not book.get(settings["exercise"]).passive:
            flexion = curves["hip_flexion_deg"].to_numpy()
            found |= checks.strength(read_record(folder), flexion)
        places = _places(replays, solved=True)
        heights = places.loc[kept.index, [c for c in places if c.endswith("_y_m")]]
        found["lowest_point_m"] = float(heights.to_numpy().min())
        row |= {k: None if math.isnan(v) else v for k, v in found.items()}
    write_json(folder / CERTIFICATE, certificate)
    empty = pd.DataFrame(columns=["time_s"])
    write_text(folder / CURVES, csv_text(empty if curves is None else curves, "%.8g"))
    write_text(folder / POSITIONS, csv_text(_places(replays, curves is not None), "%.5g"))
    write_json(folder / OUTCOMES, row)
    return row


def _places(replays: Replays, solved: bool) -> pd.DataFrame:
    """Where the body's points are at each node (m, ground), for stick figures."""
    if not solved:
        return pd.DataFrame({"time_s": []})
    columns = {"time_s": replays.case.time}
    for name, place in replays.anatomy.points.items():
        columns |= {f"{name}_{axis}_m": place[:, i] for i, axis in enumerate("xyz")}
    return pd.DataFrame(columns)


def exercises_mass(folder: Path) -> float:
    """Body mass (kg) of a case's runner."""
    return float(read_json(folder / "runner.json")["model_mass"])


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Certify and measure a solved exercise.")
    parser.add_argument("--case", type=Path, required=True, help="case folder")
    parser.add_argument("--exercises", type=Path, required=True, help="file of exercises")
    given = parser.parse_args()
    row = compute(given.case, exercises.read(given.exercises))
    print(f"[{given.case.name}] {row['status']} {row['reason']}")


if __name__ == "__main__":
    run_command(main)

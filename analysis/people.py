"""Who ran: the people of a study, their bodies, and whether their own 100 % run counts.

    python -m analysis.people --study DIR          writes DIR/people.csv

A row for each person and each of their 100 % runs with free cadence (speed, habit weight,
objective, draw): the body as drawn (runners/NAME/person.json), isometric hip flexion torque at
100 %, and `counts` with the `reason` where the run is not certified or does not pass the
scorecards. Verdicts by contrasts leave such a person out (analysis.verdict.variants).
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from analysis.replayed.case import read_json
from analysis.verdict.control_result import normal
from analysis.verdict.variants import UNBELIEVABLE, read_rows
from formats.files import run_command, write_text
from formats.records import Row, Value
from formats.table import csv_text

FILE, BODY = "people.csv", "person.json"
RUN = ("speed_m_s", "habit_weight", "objective", "draw")
SCORES = (
    *("norms_kinematic_within_2_sd_percent", "norms_kinematic_beyond_4_sd"),
    *("norms_kinetic_within_2_sd_percent", "norms_kinetic_beyond_4_sd"),
)


def table(folder: Path) -> pd.DataFrame:
    """people.csv of a study's folder; empty (its first columns) without people."""
    rows = normal(read_rows(folder))
    rows = rows[rows["cadence"] == "free"]
    found = []
    for runner, own in rows.groupby("runner", sort=False):
        path = folder / "runners" / str(runner) / BODY
        if path.is_file():
            body = _flat(read_json(path))
            found += [{"runner": runner, **body, **_run(row)} for row in own.to_dict("records")]
    return pd.DataFrame(found, columns=None if found else ["runner", "counts", "reason"])


def _flat(body: Mapping[str, Value | list[float]]) -> Row:
    """A body with a column for each number."""
    flat = {key: value for key, value in body.items() if not isinstance(value, list)}
    for key, value in body.items():
        if isinstance(value, list):
            flat |= {f"{key}_{i + 1}": one for i, one in enumerate(value)}
    return flat


def _run(row: Row) -> Row:
    """One 100 % run: its keys, torques, scores, and whether it counts."""
    certified = row["status"] == "certified"
    passed = str(row.get("norms_passed")) != "False"  # without norms at a speed: nothing to pass
    reason = "" if certified else str(row.get("reason") or row["status"])
    if certified and not passed:
        reason = UNBELIEVABLE
    torques = {key: value for key, value in row.items() if key.startswith("flexion_torque_")}
    return {
        **{key: row.get(key) for key in (*RUN, "case")},
        **torques,
        **{key: row.get(key) for key in SCORES},
        "counts": certified and passed,
        "reason": reason,
    }


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Tell who ran in a study.")
    parser.add_argument("--study", type=Path, required=True, help="folder of the study")
    folder = parser.parse_args().study
    found = table(folder)
    write_text(folder / FILE, csv_text(found, "%.6g"))
    people = found["runner"].nunique()
    count = found.groupby("runner")["counts"].any().sum() if people else 0
    print(f"{folder / FILE}: {people} people, {count} with a 100 % run that counts")


if __name__ == "__main__":
    run_command(main)

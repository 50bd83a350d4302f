"""All outcomes of a study in one table, a row for every case of cases.csv, failed ones too.

    python -m analysis.collect --study DIR     writes DIR/outcomes.csv
    .. --unfinished    reads names of cases from stdin, which get no results: after a step failed,
                       what stands in their folders may be of an earlier run

status: certified, or failed with a reason: the solver's, the certificate's, or what is missing. An
uncertified case that could be measured keeps its values beside its status.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Collection
from pathlib import Path

import pandas as pd

from analysis.femoral_head import FILE as HEAD
from analysis.outcomes import COLUMNS
from analysis.outcomes import FILE as OUTCOMES
from analysis.replayed.case import read_json
from formats.case import MECHANISMS
from formats.files import run_command, write_text
from formats.records import CERTIFICATE, Certificate, Row
from formats.table import csv_text
from formats.untrusted import inside, read_table

FILE = "outcomes.csv"
UNFINISHED = {"status": "failed", "reason": "not finished: a step before its outcomes failed"}
TWO_WAY = "two_way.json"
KEPT = ("mesh_intervals", "draw", "spring_n_m", "strength_scales")
"""Columns of cases.csv that outcomes.csv has besides what cases measure."""


def case_row(folder: Path) -> Row:
    """The row of one case folder, with its status and reason."""
    row: Row = {}
    reasons: list[str] = []
    try:
        row = read_json(folder / OUTCOMES)
        if row.get("status") == "failed":
            reasons.append(str(row.get("reason") or "outcomes failed without a reason"))
    except ValueError as error:
        reasons.append(f"no outcomes: {error}")
    if (folder / HEAD).is_file():  # its own status stands in head_status; the case's is unaffected
        row |= read_json(folder / HEAD)
    if (folder / TWO_WAY).is_file():
        changes = [i["hip_force_change_bw"] for i in read_json(folder / TWO_WAY)["instants"]]
        row["two_way_force_change_max_bw"] = max(changes, default=None)
    try:
        certificate = Certificate.of(folder / CERTIFICATE)
        if not certificate.certified:
            reasons += certificate.reasons or ["not certified, without a reason"]
    except ValueError as error:
        reasons.append(f"no certificate: {error}")
    reason = "; ".join(dict.fromkeys(reasons)).replace("\n", " ")
    return row | {"status": "failed" if reasons else "certified", "reason": reason}


def collect(study: Path, unfinished: Collection[str] = ()) -> pd.DataFrame:
    """outcomes.csv of a study folder. ValueError if it holds no cases.

    unfinished: cases whose files are not read, for a step that they need has not run.
    """
    path = study / "cases.csv"
    cases = read_table(path, ["case"])
    repeated = cases["case"][cases["case"].duplicated()]
    if len(repeated):
        raise ValueError(f"{path}: case {repeated.iloc[0]} appears twice")
    rows = [
        dict(UNFINISHED) if name in unfinished else case_row(inside(study, str(name)))
        for name in cases["case"]
    ]
    table = pd.DataFrame(rows)
    for name in cases.columns:  # cases.csv says what a case is, even where nothing could run
        if name in (*COLUMNS, *KEPT, *MECHANISMS):
            table[name] = cases[name].to_numpy()
    more = [name for name in table.columns if name not in COLUMNS]
    return table.reindex(columns=[*COLUMNS, *more])


def write(study: Path, unfinished: Collection[str] = ()) -> pd.DataFrame:
    """Write a study's outcomes.csv; gives its table. unfinished: as in `collect`."""
    table = collect(study, unfinished)
    write_text(study / FILE, csv_text(table, "%.10g"))
    return table


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Collect the outcomes of a study.")
    parser.add_argument("--study", type=Path, required=True, help="folder of the study")
    parser.add_argument(
        "--unfinished", action="store_true", help="read names of cases without results from stdin"
    )
    given = parser.parse_args()
    study = given.study
    table = write(study, set(sys.stdin.read().split()) if given.unfinished else ())
    certified = int((table["status"] == "certified").sum())
    print(f"{study / FILE}: {certified} of {len(table)} cases certified")


if __name__ == "__main__":
    run_command(main)

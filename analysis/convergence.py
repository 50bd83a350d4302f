"""How far each primary endpoint moves on a finer mesh and from another start, for a whole study.

    python -m analysis.convergence --study results/study      writes convergence.csv and prints it

Reads agreement_fine.json, agreement_elsewhere1.json, .. of the case folders (see agreement).
"""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd

from analysis import provenance
from analysis.agreement import file, stored
from formats.files import run_command, write_text
from formats.records import Agreement, Row
from formats.solved_again import start_of
from formats.table import csv_text

FILE = "convergence.csv"


def table(study: Path) -> pd.DataFrame:
    """A row per case, second solve and endpoint: change, smallest effect, their ratio, passed.

    A second solve that failed is one row with its reason. ValueError if nothing was solved again.
    """
    rows: list[Row] = []
    for case in sorted(path for path in study.glob("*") if path.is_dir()):
        for how in stored(case):
            found = Agreement.of(case / file(how))
            start = start_of(how)
            second = "finer mesh" if start is None else f"other start {start}"
            common: Row = {"case": case.name, "second_solve": second}
            for name, move in found.endpoints.items():
                share = abs(move.change) / move.smallest_effect
                cells = {"endpoint": name, **move.model_dump(), "in_smallest_effects": share}
                rows.append(common | cells)
            if not found.endpoints:
                rows.append(common | {"passed": False, "reason": found.reason})
    if not rows:
        raise ValueError(f"{study}: no case was solved again; run `make convergence`")
    return pd.DataFrame(rows)


def write(study: Path) -> pd.DataFrame:
    """Write a study's convergence.csv; gives its table."""
    found = table(study)
    write_text(study / FILE, csv_text(found))
    return found


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Tell how far endpoints move when solved again.")
    parser.add_argument("--study", type=Path, required=True, help="folder of the study")
    study = parser.parse_args().study
    found = write(study)
    if (study / provenance.FILE).is_file():  # what was solved again is part of the study's record
        provenance.add_new(study, written=[FILE])
    print(
        found.drop(columns=["reason"], errors="ignore").to_string(index=False, float_format="%.3g")
    )
    print(f"{int(found['passed'].sum())} of {len(found)} within their smallest effect")


if __name__ == "__main__":
    run_command(main)

"""The report of a study of exercises, and the chapter on it that a running study's report shows.

    python -m analysis.report.exercises --study results/exercises
        writes report.html, report.json (what made it) and exercises.html (which leads there)

`chapter` is what analysis.report.build asks for.

Every string that comes from a file is escaped (analysis/report/exercises.html.j2).
"""

from __future__ import annotations

import argparse
import base64
import os
from pathlib import Path
from typing import Any

import pandas as pd

from analysis import exercise_chain
from analysis.exercises import AGAINST, BY_HAND, TABLE, over_people, strength_asked
from analysis.figures.exercises import NAMES, glutes
from analysis.replayed.case import read_json
from analysis.report.provenance import Made
from analysis.report.provenance import made as what_made
from analysis.report.templates import template
from formats.files import run_command, write_json, write_text
from formats.table import read_csv

HERE = Path(__file__).parent
FILE, RECORD, FORMER = "report.html", "report.json", "exercises.html"
NEEDED = (
    *(TABLE, AGAINST, BY_HAND, exercise_chain.TABLE, exercise_chain.RECORD),
    *(f"figures/{name}.{kind}" for name in NAMES for kind in ("svg", "txt")),
)
"""Files of a study's folder that the page shows."""
IN_CHAPTER = ("exercises_chain", "exercises_stimulus")
CHAPTER = (
    *(TABLE, AGAINST, BY_HAND, exercise_chain.RECORD),
    *(f"figures/{name}.{kind}" for name in IN_CHAPTER for kind in ("svg", "txt")),
)
"""Files that the chapter of a running study's report shows."""


def content(study: Path) -> dict[str, Any]:
    """What the page shows of a study's folder. ValueError, one line, if a file is missing."""
    for name in NEEDED:
        if not (study / name).is_file():
            raise ValueError(f"{study / name}: no such file; run that study of exercises first")
    table, against = read_csv(study / TABLE), read_csv(study / AGAINST)
    compared = read_csv(study / BY_HAND)
    failed = table[table["status"] != "certified"]
    return {
        "name": study.resolve().name,
        "lead": lead(table, against, compared),
        "chain": str(read_json(study / exercise_chain.RECORD)["paragraph"]),
        "pictures": [_picture(study, name) for name in NAMES],
        "tables": {
            "Against measurements": _rows(against),
            "What each asks without a band": _rows(glutes(table)),
            "Strength that the movements need": _rows(strength_asked(table)),
            "Over people": _rows(over_people(table)),
            "Moments by hand": _rows(compared),
            "Running after training": _rows(read_csv(study / exercise_chain.TABLE)),
            "Not certified, and why": _rows(failed[["case", "reason"]]),
        },
    }


def chapter(study: Path, page: Path) -> dict[str, Any]:
    """What a running study's report, in the folder `page`, shows of a study of exercises.

    study: its folder, or what is kept of it, to which the chapter leads. ValueError, one line, if
    a file is missing.
    """
    for name in CHAPTER:
        if not (study / name).is_file():
            raise ValueError(f"{study / name}: no such file; run that study of exercises first")
    table, against = read_csv(study / TABLE), read_csv(study / AGAINST)
    whole = study / (FILE if (study / FILE).is_file() else TABLE)
    return {
        "lead": lead(table, against, read_csv(study / BY_HAND)),
        "chain": str(read_json(study / exercise_chain.RECORD)["paragraph"]),
        "pictures": [_picture(study, name) for name in IN_CHAPTER],
        "tables": {"Against measurements": _rows(against)},
        "address": Path(os.path.relpath(whole, page)).as_posix(),
    }


def lead(table: pd.DataFrame, against: pd.DataFrame, compared: pd.DataFrame) -> str:
    """In a sentence: certified cases, comparisons with measurements, moments by hand."""
    certified = int((table["status"] == "certified").sum())
    near = int(compared["within_5_percent"].astype(bool).sum()) if len(compared) else 0
    return (
        f"{certified} of {len(table)} exercises are certified in OpenSim; "
        f"{int((against['verdict'] == 'inside').sum())} of {len(against)} comparisons with "
        f"measurements are inside the published range; {near} of {len(compared)} moments by hand "
        "agree within 5 %, the others are explained in the table or marked."
    )


def _picture(study: Path, name: str) -> dict[str, str]:
    path = study / "figures" / f"{name}.svg"
    data = base64.b64encode(path.read_bytes()).decode("ascii")
    return {
        "name": name,
        "source": f"data:image/svg+xml;base64,{data}",
        "caption": path.with_suffix(".txt").read_text("utf-8").strip(),
    }


def _rows(table: pd.DataFrame) -> list[list[str]]:
    """Heads and rows as text; numbers with three digits, nothing for none."""
    rows = [[str(name).replace("_", " ") for name in table.columns]]
    for _, row in table.iterrows():
        rows.append(
            [
                "" if pd.isna(value) else f"{value:.3g}" if isinstance(value, float) else str(value)
                for value in row
            ]
        )
    return rows


def render(study: Path, made: Made) -> str:
    """The page of a study."""
    return template("exercises_page.html.j2").render(
        exercises=content(study),
        files="figures/",
        made=made,
        config=(study / "config.yaml").read_text("utf-8"),
        style=(HERE / "report.css").read_text("utf-8"),
    )


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Write the report of a study of exercises.")
    parser.add_argument("--study", type=Path, required=True, help="folder of the study")
    study = parser.parse_args().study
    made = what_made()
    write_text(study / FILE, render(study, made))
    write_json(study / RECORD, made)
    write_text(
        study / FORMER,
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>Exercises</title>'
        f'<meta http-equiv="refresh" content="0; url={FILE}"></head>'
        f'<body><a href="{FILE}">The report</a></body></html>\n',
    )
    print(f"{study / FILE}: {(study / FILE).stat().st_size / 1e6:.1f} MB, opens offline")


if __name__ == "__main__":
    run_command(main)

"""The report of a study of exercises.

    python -m analysis.report.exercises --study results/exercises
        writes report.html, report.json (what made it) and exercises.html (which leads there)

Every string that comes from a file is escaped (analysis/report/exercises.html.j2).
"""

from __future__ import annotations

import argparse
from pathlib import Path

from analysis import exercise_chain
from analysis.exercises import AGAINST, BY_HAND, TABLE, over_people, strength_asked
from analysis.figures.exercises import NAMES, glutes
from analysis.report.exercise_chapter import PAGE, Shown, lead, picture, rows
from analysis.report.provenance import Made
from analysis.report.provenance import made as what_made
from analysis.report.templates import template
from formats.files import run_command, write_json, write_text
from formats.table import read_csv

HERE = Path(__file__).parent
FILE, RECORD, FORMER = PAGE, "report.json", "exercises.html"
NEEDED = (
    *(TABLE, AGAINST, BY_HAND, exercise_chain.TABLE, exercise_chain.RECORD),
    *(f"figures/{name}.{kind}" for name in NAMES for kind in ("svg", "txt")),
)
"""Files of a study's folder that the page shows."""


class Page(Shown):
    """What the page shows; name: the study's."""

    name: str


def content(study: Path) -> Page:
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
        "chain": exercise_chain.read(study)["paragraph"],
        "pictures": [picture(study, name) for name in NAMES],
        "tables": {
            "Against measurements": rows(against),
            "What each asks without a band": rows(glutes(table)),
            "Strength that the movements need": rows(strength_asked(table)),
            "Over people": rows(over_people(table)),
            "Moments by hand": rows(compared),
            "Running after training": rows(read_csv(study / exercise_chain.TABLE)),
            "Not certified, and why": rows(failed[["case", "reason"]]),
        },
    }


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

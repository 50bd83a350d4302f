"""The chapter on exercises in a running study's report, and what the page of exercises shares.

Every string that comes from a file is escaped (analysis/report/exercises_chapter.html.j2).
"""

from __future__ import annotations

import base64
import os
from pathlib import Path
from typing import TypedDict

import pandas as pd

from analysis import exercise_chain
from analysis.exercises import AGAINST, BY_HAND, TABLE
from formats.table import read_csv

PAGE = "report.html"
"""Of a study of exercises: where the chapter leads to."""
IN_CHAPTER = ("exercises_chain", "exercises_stimulus")
CHAPTER = (
    *(TABLE, AGAINST, BY_HAND, exercise_chain.RECORD),
    *(f"figures/{name}.{kind}" for name in IN_CHAPTER for kind in ("svg", "txt")),
)
"""Files that the chapter of a running study's report shows."""


class Picture(TypedDict):
    """A figure of a study's folder; source: a data URI."""

    name: str
    source: str
    caption: str


class Shown(TypedDict):
    """What the report shows of a study of exercises; tables: heads and rows, by title."""

    lead: str
    chain: str
    pictures: list[Picture]
    tables: dict[str, list[list[str]]]


class Chapter(Shown):
    """What a running study's report shows of it; address: of its own page."""

    address: str


def chapter(study: Path, page: Path) -> Chapter:
    """What a running study's report, in the folder `page`, shows of a study of exercises.

    study: its folder, or what is kept of it, to which the chapter leads. ValueError, one line, if
    a file is missing.
    """
    for name in CHAPTER:
        if not (study / name).is_file():
            raise ValueError(f"{study / name}: no such file; run that study of exercises first")
    table, against = read_csv(study / TABLE), read_csv(study / AGAINST)
    whole = study / (PAGE if (study / PAGE).is_file() else TABLE)
    return {
        "lead": lead(table, against, read_csv(study / BY_HAND)),
        "chain": exercise_chain.read(study)["paragraph"],
        "pictures": [picture(study, name) for name in IN_CHAPTER],
        "tables": {"Against measurements": rows(against)},
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


def picture(study: Path, name: str) -> Picture:
    """A figure of a study's folder as data, with its caption."""
    path = study / "figures" / f"{name}.svg"
    data = base64.b64encode(path.read_bytes()).decode("ascii")
    return {
        "name": name,
        "source": f"data:image/svg+xml;base64,{data}",
        "caption": path.with_suffix(".txt").read_text("utf-8").strip(),
    }


def rows(table: pd.DataFrame) -> list[list[str]]:
    """Heads and rows as text; numbers with three digits, nothing for none."""
    made = [[str(name).replace("_", " ") for name in table.columns]]
    for _, row in table.iterrows():
        made.append(
            [
                "" if pd.isna(value) else f"{value:.3g}" if isinstance(value, float) else str(value)
                for value in row
            ]
        )
    return made

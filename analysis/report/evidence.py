"""What the verdicts rest on, in Markdown: scorecards of the 100 % runs, and every control's parts.

For README.md and results/reference, under the verdicts (analysis.report.answer_table).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.figures.norms_scorecard import verdict
from analysis.figures.words import words
from analysis.report import plain
from analysis.report.answer_table import line
from analysis.verdict.controls import FAILED, NOT_RUN, PASSED
from analysis.verdict.trust import control_name
from formats.verdicts import ClaimVerdict, ControlRecord

MOST_RUNS = 4
"""Runs side by side in a table; of more, those of the runners as built, and people's counts."""
PERSON = words("person_01").split()[0] + " "
"""What the name of a person's run begins with."""
ENDED = {True: PASSED, False: FAILED, None: NOT_RUN}


def evidence(runs: pd.DataFrame, claims: Mapping[str, ClaimVerdict]) -> str:
    """Both tables, each folded under its own line. runs: as of norms_scorecard.runs."""
    parts = []
    if len(runs):
        title = "Do they run as people do? Both scorecards of the 100 % runs"
        parts += _folded(title, scorecards(runs))
    parts += _folded("Every control: what was found, what is expected", controls(claims))
    return "\n".join(parts)


def scorecards(runs: pd.DataFrame) -> list[str]:
    """Lines: how many quantities of each run lie within 2 SD, then each beside runners'."""
    own = dict(list(runs.groupby("run", sort=False)))
    told = [f"- {run}: {verdict(table)}" for run, table in own.items()]
    if len(own) > MOST_RUNS:
        own = {run: table for run, table in own.items() if not run.startswith(PERSON)}
    if not own or len(own) > MOST_RUNS:
        return told
    heads = ["card", "quantity", *(head for run in own for head in (run, "runners"))]
    lines = [*told, "", line(heads), "|---" * len(heads) + "|"]
    for (card, quantity), _ in runs.groupby(["card", "quantity"], sort=False):
        cells = [str(card), words(str(quantity))]
        for table in own.values():
            found = table[table["quantity"] == quantity]
            cells += _beside(found.iloc[0]) if len(found) else ["", ""]
        lines.append(line(cells))
    return [*lines, "", "Bold: beyond 2 SD. Norms and sources: `analysis/norms.csv`."]


def controls(claims: Mapping[str, ClaimVerdict]) -> list[str]:
    """Lines of a table: a row for each quantity that a control judges, once for all claims."""
    heads = ["control", "of claim", "quantity", "found", "expected", "source", "ended"]
    rows: dict[tuple[str, ...], list[str]] = {}
    for claim, entry in claims.items():
        for key, control in entry["controls"].items():
            for cells in _parts(control):
                rows.setdefault((control_name(key), *cells), []).append(f"`{claim}`")
    order = list(dict.fromkeys(name for name, *_ in rows))
    lines = [
        line([name, "all" if len(of) == len(claims) else ", ".join(of), *map(plain.minus, cells)])
        for (name, *cells), of in sorted(rows.items(), key=lambda one: order.index(one[0][0]))
    ]
    return [line(heads), "|---" * len(heads) + "|", *lines]


def _parts(control: ControlRecord) -> list[tuple[str, ...]]:
    """Quantity, value, limit, source and end of each part; a control without parts is one."""
    if not control.get("parts"):
        return [("", control["detail"], "", "", control["status"])]
    return [
        (_named(one["quantity"]), one["value"], one["limit"], one["source"], ENDED[one["passed"]])
        for one in control["parts"]
    ]


def _named(quantity: str) -> str:
    """A quantity in words where it begins with a column of outcomes.csv."""
    column, _, rest = quantity.partition(" ")
    return f"{words(column)} {rest}" if "_" in column else quantity


def _beside(row: pd.Series) -> list[str]:
    """A run's value with its distance (SD), and runners' mean and SD."""
    norm = f"{row['mean']:g} ± {row['sd']:g}"
    if not np.isfinite(row["z"]):
        return ["**no value**", plain.minus(norm)]
    value = plain.minus(f"{row['value']:.3g}")
    text = f"{value} ({plain.number(row['z'], 2)} SD)"
    return [text if abs(row["z"]) <= 2 else f"**{text}**", plain.minus(norm)]


def _folded(title: str, lines: list[str]) -> list[str]:
    return ["", f"<details><summary>{title}</summary>", "", *lines, "", "</details>"]

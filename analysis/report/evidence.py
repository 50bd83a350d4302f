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
from formats.verdicts import ClaimVerdict

MOST_RUNS = 4
"""Runs side by side in a table; of more (people), the counts alone are told."""
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
    """Lines: how many quantities of each run lie within 2 SD, then each quantity beside runners'."""
    own = dict(list(runs.groupby("run", sort=False)))
    told = [f"- {run}: {verdict(table)}" for run, table in own.items()]
    if len(own) > MOST_RUNS:
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
    """Lines of a table: a row for each quantity that a control judges; claims that share it, once."""
    heads = ["control", "quantity", "found", "expected", "source", "ended"]
    rows: dict[tuple[str, ...], None] = {}
    for entry in claims.values():
        for key, control in entry["controls"].items():
            name = control_name(key)
            for part in control.get("parts", []):
                cells = (part["quantity"], part["value"], part["limit"], part["source"])
                rows[(name, *map(plain.typeset, cells), ENDED[part["passed"]])] = None
            if not control.get("parts"):
                rows[(name, "", plain.typeset(control["detail"]), "", "", control["status"])] = None
    return [line(heads), "|---" * len(heads) + "|", *(line(list(row)) for row in rows)]


def _beside(row: pd.Series) -> list[str]:
    """A run's value with its distance (SD), and runners' mean and SD."""
    norm = f"{row['mean']:g} ± {row['sd']:g}"
    if not np.isfinite(row["z"]):
        return ["**no value**", norm]
    value = plain.typeset(f"{row['value']:.3g}")
    text = f"{value} ({plain.number(row['z'], 2)} SD)"
    return [text if abs(row["z"]) <= 2 else f"**{text}**", plain.typeset(norm)]


def _folded(title: str, lines: list[str]) -> list[str]:
    return ["", f"<details><summary>{title}</summary>", "", *lines, "", "</details>"]

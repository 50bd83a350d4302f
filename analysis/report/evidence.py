"""What the verdicts rest on, in Markdown: scorecards of the 100 % runs, and every control's parts.

For README.md and results/reference, under the verdicts (analysis.report.answer_table).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from analysis.figures.norms_scorecard import verdict
from analysis.figures.study import PERSON
from analysis.figures.words import words
from analysis.report import plain
from analysis.report.answer_table import line
from analysis.verdict.controls import FAILED, NOT_RUN, PASSED
from analysis.verdict.trust import control_name
from formats.verdicts import ClaimVerdict, ControlRecord, PartRecord

MOST_RUNS = 4
"""Runs side by side in a table; of more, those of the runners as built, and people's counts."""
ENDED = {True: PASSED, False: FAILED, None: NOT_RUN}


def evidence(
    runs: pd.DataFrame, claims: Mapping[str, ClaimVerdict], whole: str | None = None
) -> str:
    """Both tables, each folded under its own line. runs: as of norms_scorecard.runs.

    whole: the page that has every quantity of the scorecards, where this one has those beyond 2 SD.
    """
    parts = []
    if len(runs):
        title = "Do they run as people do? Both scorecards of the 100 % runs"
        parts += _folded(title, scorecards(runs, whole))
    parts += _folded("Every control: what was found, what is expected", controls(claims))
    return "\n".join(parts)


def scorecards(runs: pd.DataFrame, whole: str | None = None) -> list[str]:
    """Lines: how many quantities of each run lie within 2 SD, then each beside runners'.

    Runs of the same counts share a line. whole: see `evidence`.
    """
    own = dict(list(runs.groupby("run", sort=False)))
    alike: dict[str, list[str]] = {}
    for run, table in own.items():
        alike.setdefault(verdict(table), []).append(run)
    told = [f"- {'; '.join(named)}: {counts}" for counts, named in alike.items()]
    if len(own) > MOST_RUNS:
        built = runs[~runs["runner"].astype(str).str.fullmatch(PERSON.pattern)]
        own = dict(list(built.groupby("run", sort=False)))
    if not own or len(own) > MOST_RUNS:
        return told
    heads = ["card", "quantity", *(head for run in own for head in (run, "runners"))]
    lines = [*told, "", line(heads), "|---" * len(heads) + "|"]
    for (card, quantity), _ in runs.groupby(["card", "quantity"], sort=False):
        found = [table[table["quantity"] == quantity] for table in own.values()]
        if whole and all((rows["z"].abs() <= 2).all() for rows in found):
            continue
        beside = [
            cell for rows in found for cell in (_beside(rows.iloc[0]) if len(rows) else ("", ""))
        ]
        lines.append(line([str(card), words(str(quantity)), *beside]))
    rest = f" All other quantities: [{whole}]({whole})." if whole else ""
    return [*lines, "", f"Bold: beyond 2 SD. Norms and sources: `analysis/norms.csv`.{rest}"]


@dataclass
class _Row:
    """A quantity that a control judges: what was found in whose runs, how it ended, for whom."""

    found: list[str] = field(default_factory=list)
    ended: dict[str, list[str]] = field(default_factory=dict)
    claims: list[str] = field(default_factory=list)

    def add(self, claim: str, runs: str, value: str, state: str) -> None:
        told = f"{words(runs)}: {value}" if runs else value
        if told not in self.found:
            self.found.append(told)
            self.ended.setdefault(state, []).append(words(runs))
        if f"`{claim}`" not in self.claims:
            self.claims.append(f"`{claim}`")

    def end(self) -> str:
        """One word where all runs ended alike, else whose ended how."""
        if len(self.ended) == 1:
            return next(iter(self.ended))
        return "; ".join(f"{state}: {', '.join(runs)}" for state, runs in self.ended.items())


def controls(claims: Mapping[str, ClaimVerdict]) -> list[str]:
    """Lines of a table: a row for each quantity that a control judges, once for all claims."""
    heads = ["control", "of claim", "quantity", "found", "expected", "source", "ended"]
    rows: dict[tuple[str, ...], _Row] = {}
    for claim, entry in claims.items():
        for key, control in entry["controls"].items():
            for part in _parts(control):
                what = (control_name(key), part["quantity"], part["limit"], part["source"])
                # A control without parts tells each claim's end by itself.
                own = what if part["limit"] else (*what, part["value"])
                row = rows.setdefault(own, _Row())
                row.add(claim, part.get("runs", ""), part["value"], ENDED[part["passed"]])
    order = list(dict.fromkeys(name for name, *_ in rows))
    lines = [
        line(
            [
                name,
                "all" if len(row.claims) == len(claims) else ", ".join(row.claims),
                *map(plain.minus, (_named(quantity), "; ".join(row.found), limit, source)),
                row.end(),
            ]
        )
        for (name, quantity, limit, source, *_), row in sorted(
            rows.items(), key=lambda one: order.index(one[0][0])
        )
    ]
    return [line(heads), "|---" * len(heads) + "|", *lines]


def _parts(control: ControlRecord) -> list[PartRecord]:
    """A control's parts; a control without parts is one."""
    states = {text: passed for passed, text in ENDED.items()}
    return control.get("parts") or [
        {
            "quantity": "",
            "value": control["detail"],
            "limit": "",
            "source": "",
            "passed": states[control["status"]],
        }
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

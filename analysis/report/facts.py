"""The tables of the report: verdicts, cases, certificates, norms, times; read from a study."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import cast

import numpy as np
import pandas as pd

from analysis.figures import strength
from analysis.figures.norms_scorecard import runs, verdict
from analysis.figures.study import CONTROL
from analysis.figures.words import words
from analysis.replayed.case import read_json
from analysis.report import plain
from analysis.report.rows import (
    Card,
    CardControl,
    CardLine,
    CaseRow,
    CheckCell,
    CheckHead,
    CheckRow,
    CheckTable,
    Citation,
    NormRow,
    VerdictRow,
)
from analysis.verdict import statements
from analysis.verdict.endpoints import VERDICTS
from analysis.verdict.trust import control_name, trust
from formats.case import BASELINE
from formats.checkout import CHECKOUT
from formats.records import CERTIFICATE, Certificate, CheckRecord
from formats.table import read_csv
from formats.verdicts import ClaimVerdict, EndpointVerdict, ReadingVerdict
from formats.yaml import read as read_yaml

CITATION = "CITATION.cff"
MOST_CASES = 500
"""Rows of the tables of cases; further certified ones are left to outcomes.csv."""


SHORT = {
    "runner": "{}",
    "speed_m_s": "{} m/s",
    "arm": "{}",
    "dose_percent": "{} %",
    "side": "side {}",
    "cadence": "cadence {}",
    "habit_weight": "habit {}",
    "objective": "{}",
    "start": "start {}",
    "draw": "draw {}",
    "strength_scales": "{} force",
}
"""Columns of cases that a run's short name is made of, where they differ between the runs."""
ABOUTS = ("landing", "reciprocal", "centring")
"""The article's claims, in its order."""


def words_of(folder: Path) -> dict[str, str]:
    """The study's own question: of its configuration, or its rule (claims.yaml in its folder)."""
    for name in ("config.yaml", "claims.yaml"):
        path = folder / name
        content = read_yaml(path) if path.is_file() else None
        question = content.get("question") if isinstance(content, dict) else None
        if isinstance(question, str) and question.strip():
            return {"question": question.strip()}
    return {"question": "Does the strength of the hip flexors change how we run?"}


def arms(outcomes: pd.DataFrame) -> list[str]:
    """The muscle groups whose strength the study changes, controls left out."""
    every = outcomes.get("arm", [])
    changed = [str(arm) for arm in dict.fromkeys(every) if arm != BASELINE]
    return [arm for arm in changed if not arm.startswith(CONTROL)]


def titles(claims: Mapping[str, ClaimVerdict]) -> dict[str, str]:
    """A claim's title: the rule's own, or the article's."""
    return plain.CLAIMS | {
        name: str(entry["title"]) for name, entry in claims.items() if entry.get("title")
    }


def abouts(claims: Mapping[str, ClaimVerdict], drawn: Iterable[str]) -> list[str]:
    """What has a part of the page: the claims judged, then those only drawn."""
    known = set(drawn)
    return [*claims, *(name for name in ABOUTS if name in known and name not in claims)]


def cards(claims: Mapping[str, ClaimVerdict]) -> list[Card]:
    """What the first screen says of each claim: verdict, trust, controls, primary effects."""
    named = titles(claims)
    found: list[Card] = []
    for name, entry in claims.items():
        lines: list[CardLine] = []
        for one in entry["primary"]:
            for reading, seen in statements.readings(one):
                told = plain.typeset(statements.effect(one, seen, plain.UNROUNDED))
                cause = f"at {one['effect_of']}" if "effect_of" in one else "for −10 % strength"
                label = statements.label(one, reading)
                lines.append({"label": label, "effect": told, "cause": cause})
        controls: list[CardControl] = [
            {"name": control_name(key), "status": one["status"], "detail": str(one["detail"])}
            for key, one in entry["controls"].items()
        ]
        found.append(
            {
                "id": name,
                "title": named.get(name, name),
                "verdict": entry["verdict"],
                "kind": str(entry["verdict"]).replace(" ", "-"),
                "trusted": trust(entry).trusted,
                "controls": controls,
                "lines": lines,
            }
        )
    return found


def headline(claims: Mapping[str, ClaimVerdict]) -> str:
    """The stratum whose verdicts the page shows, in words."""
    first = next(iter(claims.values()), None)
    if first is None:
        return ""
    told = [
        f"{key.replace('_', ' ')} {value:g}"
        if isinstance(value, float)
        else f"{key.replace('_', ' ')} {str(value).replace('_', ' ')}"
        for key, value in first["stratum"].items()
        if value is not None
    ]
    return ", ".join(told)


def short_names(cases: pd.DataFrame) -> dict[str, str]:
    """Case -> what sets it apart from the study's other cases; whole where that is not unique."""
    parts = []
    for column, text in SHORT.items():
        if column in cases and (column == "dose_percent" or len(set(cases[column])) > 1):
            values = cases[column].map(
                lambda v: f"{v:g}" if isinstance(v, float) else str(v).replace("_", " ")
            )
            parts.append(values.map(text.format))
    if not parts:
        return {}
    names = parts[0]
    for part in parts[1:]:
        names = names + ", " + part
    clear = ~names.duplicated(keep=False)
    return dict(zip(cases["case"][clear], names[clear], strict=True))


def links(folder: Path) -> list[dict[str, str]]:
    """Where data and code are: files beside the page, and the code's address if that is known."""
    named = [("Data: outcomes.csv", "outcomes.csv"), ("Verdicts: verdict.csv", "verdict.csv")]
    named += [("Record of the study", "ro-crate-metadata.json")]
    found = [{"words": words, "address": name} for words, name in named]
    address = _citation().get("repository-code") or _citation().get("url")
    if isinstance(address, str) and address.startswith("https://"):
        found.append({"words": "Code", "address": address})
    return [*found, {"words": "How to cite", "address": "#made"}]


def citation() -> str:
    """How to cite this code, from CITATION.cff."""
    content = _citation()
    authors = ", ".join(
        str(
            one.get("name") or f"{one.get('given-names', '')} {one.get('family-names', '')}".strip()
        )
        for one in content.get("authors", [])
    )
    text = f"{authors}: {content.get('title', 'Hipdrive')}, version {content.get('version', '?')}."
    return f"{text} doi:{content['doi']}" if "doi" in content else text


def _citation() -> Citation:
    content = read_yaml(CHECKOUT / CITATION)
    return cast(Citation, content) if isinstance(content, dict) else {}


def further(folder: Path, name: str) -> list[dict[str, str]]:
    """The other files of a figure that has one for each series: words, path without its ending."""
    found = sorted((folder / "figures" / "more" / name).glob("*.pdf"))
    return [
        {
            "words": path.stem.partition("_")[2].replace("_", " ") or path.stem,
            "path": path.with_suffix("").relative_to(folder).as_posix(),
        }
        for path in found
    ]


def verdict_rows(claims: Mapping[str, ClaimVerdict]) -> dict[str, list[VerdictRow]]:
    """For each claim a row for each endpoint of the headline, in each reading, primaries first."""
    return {
        claim: [
            _verdict_row(entry, rank, one, reading, found)
            for rank in ("primary", "secondary")
            for one in entry[rank]
            for reading, found in statements.readings(one)
        ]
        for claim, entry in claims.items()
    }


def _verdict_row(
    entry: ClaimVerdict,
    rank: str,
    one: EndpointVerdict,
    reading: str,
    found: ReadingVerdict,
) -> VerdictRow:
    told = statements.effect(one, found, plain.UNROUNDED)
    if statements.size_of(found) is not None and not found["interval"]:
        told += " (no spread)"
    judged = found["verdict"] in VERDICTS
    return {
        "rank": rank,
        "label": statements.label(one, reading),
        "effect": plain.typeset(told),
        "smallest": statements.smallest_effect(one),
        "claimed": statements.claimed(one),
        "variants": one["variants_used"],
        "verdict": f"{found['verdict']}, {trust(entry).word}" if judged else found["verdict"],
        "over_range": plain.typeset(statements.over_range(one, found)) or "–",
        "steepest": plain.typeset(statements.steepest(one, found)) or "–",
        "bend": statements.hidden_bend(found),
    }


def certificates(folder: Path, cases: Iterable[str]) -> CheckTable:
    """Every check's value in every case: `checks` (name, words, limit, unit), `rows` of values.

    A limit that differs between cases stands beside the value.
    """
    found: dict[str, dict[str, CheckRecord]] = {}
    for case in cases:
        try:
            found[case] = Certificate.of(folder / case / CERTIFICATE).checks
        except ValueError:
            found[case] = {}
    names = list(dict.fromkeys(name for checks in found.values() for name in checks))
    heads: list[CheckHead] = []
    for name in names:
        own = [checks[name] for checks in found.values() if name in checks]
        limits = {one.limit for one in own}
        limit = f"{limits.pop():g}" if len(limits) == 1 else "see value"
        text = plain.CHECKS.get(name, name.replace("_", " "))
        unit = own[0].unit.removeprefix("1")
        heads.append({"name": name, "words": text, "limit": limit, "unit": unit})
    rows: list[CheckRow] = [
        {"case": case, "cells": [_cell(checks.get(h["name"]), h) for h in heads]}
        for case, checks in found.items()
    ]
    return {"checks": heads, "rows": rows}


def _cell(check: CheckRecord | None, head: CheckHead) -> CheckCell:
    if check is None:
        return {"text": "–", "passed": None}
    value = check.value
    text = "–" if value is None else f"{value:.2g}"
    if head["limit"] == "see value":
        text += f" (limit {check.limit:g})"
    return {"text": text, "passed": check.passed}


def case_rows(outcomes: pd.DataFrame) -> tuple[list[CaseRow], int]:
    """Case, status, reason, iterations, seconds; failed ones first; and how many are left out."""
    good = outcomes["status"] == "certified"
    columns = ["case", "status", "reason", "iterations", "solve_time_s"]
    ordered = pd.concat([outcomes[~good], outcomes[good]]).reindex(columns=columns)
    kept = ordered.head(max(MOST_CASES, int((~good).sum())))
    rows: list[CaseRow] = [
        {
            "case": row["case"],
            "status": row["status"],
            "reason": "" if pd.isna(row["reason"]) else str(row["reason"]),
            "iterations": _plain(row["iterations"], 0),
            "seconds": _plain(row["solve_time_s"], 1),
        }
        for _, row in kept.iterrows()
    ]
    return rows, len(ordered) - len(kept)


def _plain(value: float | None, digits: int) -> str:
    return "–" if value is None or pd.isna(value) else f"{float(value):.{digits}f}"


def norm_verdicts(folder: Path) -> tuple[list[str], list[NormRow]]:
    """A sentence for each 100 % run, and the rows of its scorecard."""
    table, lacking = runs(folder)
    told = [
        f"The 100 % runner ({run}) against measured runners: {verdict(own)}."
        for run, own in table.groupby("run", sort=False)
    ]
    told += [f"no comparison with measured runners: {text}" for text in lacking]
    rows: list[NormRow] = [
        {
            "run": row["run"],
            "quantity": words(row["quantity"]),
            "value": _plain(row["value"], 3),
            "norm": f"{row['mean']:g} ± {row['sd']:g}",
            "z": "–" if not np.isfinite(row["z"]) else plain.number(row["z"], 2),
            "good": bool(abs(row["z"]) <= 2),
            "source": row["source"],
        }
        for _, row in table.iterrows()
    ]
    return told, rows


def timings(folder: Path) -> list[dict[str, str]]:
    """Jobs, mean and total time and greatest memory of each step, from Snakemake's benchmarks."""
    found: dict[str, list[pd.Series]] = {}
    for path in sorted((folder / "benchmarks").rglob("*.tsv")):
        try:
            row = pd.read_csv(path, sep="\t").iloc[0]
        except (pd.errors.ParserError, ValueError, IndexError, OSError):
            continue
        step = "figures" if path.parent.name == "figures" else path.stem
        found.setdefault(step, []).append(row)
    rows = []
    for step, jobs in found.items():
        seconds = pd.to_numeric(pd.Series([job.get("s") for job in jobs]), errors="coerce")
        memory = pd.to_numeric(pd.Series([job.get("max_rss") for job in jobs]), errors="coerce")
        rows.append(
            (
                float(seconds.sum()),
                {
                    "step": step.replace("_", " "),
                    "jobs": str(len(jobs)),
                    "mean": _plain(seconds.mean(), 1),
                    "total": _plain(seconds.sum(), 0),
                    "memory": _plain(memory.max(), 0),
                },
            )
        )
    return [row for _, row in sorted(rows, key=lambda pair: -pair[0])]


def strengths(folder: Path) -> list[dict[str, str]]:
    """Isometric torque (Nm/kg) of all hip flexors at each dose and three hip angles, then people's.

    Empty where the study has no dynamometer.csv.
    """
    path = folder / "dynamometer.csv"
    if not path.is_file():
        return []
    table = read_csv(path)
    if not set(strength.COLUMNS) <= set(table.columns):
        return []
    wide = strength.read(folder).pivot_table(
        index=["arm", "dose_percent", "side"], columns="hip_flexion_deg", values=strength.ALL
    )
    people = [
        {
            "arm": f"people: {group} ({rows['source'].iloc[0]} 2007)",
            **{"dose": "mean ± SD", "side": "–"},
            **{
                f"at_{one.hip_flexion_deg:g}": f"{one.mean_nm_kg:.2f} ± {one.sd_nm_kg:.2f}"
                for one in rows.itertuples()
            },
        }
        for group, rows in strength.norms().groupby("group", sort=False)
    ]
    return [
        {
            "arm": str(arm).replace("_", " "),
            "dose": f"{dose:g} %",
            "side": str(side),
            **{f"at_{angle:g}": f"{value:.2f}" for angle, value in row.items()},
        }
        for (arm, dose, side), row in wide.iterrows()
    ] + people


def solver_versions(folder: Path, cases: Iterable[str]) -> list[str]:
    """The versions that solvers' records name, each set once."""
    found: dict[str, None] = {}
    for case in cases:
        try:
            versions = read_json(folder / case / "solver.json").get("versions", {})
        except ValueError:
            continue
        if versions:
            found[", ".join(f"{name} {value}" for name, value in sorted(versions.items()))] = None
    return list(found)

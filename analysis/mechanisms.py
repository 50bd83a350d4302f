"""What each of the article's mechanisms does to the primary endpoints: reported, not judged.

    python -m analysis.mechanisms --study DIR          writes DIR/mechanisms.csv

A row for each case with a mechanism and each primary endpoint (in each reading of the tendon): its
value, that of the same case without the mechanism, and the change in the endpoint's unit and in its
smallest effects. `needed_per_mm` and `needed_per_deg`: the inhibition at which a ceiling is a fixed
point, see `needed`.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TypedDict

import pandas as pd

from analysis.measures.tendon_readings import READINGS
from analysis.replayed.case import read_json
from analysis.run_outcomes import RunOutcomes
from analysis.verdict.readings import WORDS, suffixes
from formats.case import MECHANISMS, mechanisms
from formats.checkout import CHECKOUT
from formats.claims import Claims, Endpoint, of_study, read_claims
from formats.files import run_command, write_text
from formats.records import SOLVER, Row, Value
from formats.table import csv_text, read_csv
from formats.yaml import read as read_yaml

FILE = "mechanisms.csv"
SOURCES = CHECKOUT / "analysis" / "mechanisms.yaml"
DISPLACEMENT, MARGIN = "head_displacement_max_mm", "rim_margin_min_deg"
SAME = (
    *("runner", "problem", "speed_m_s", "arm", "side", "dose_percent", "cadence", "habit_weight"),
    *("objective", "start", "draw", "strength_scales", "spring_n_m"),
)
"""Columns of cases.csv that a case shares with the one it is compared with."""
COLUMNS = (
    *("case", "without", "status", "reason", *SAME, "mechanism", "size", "unit", "nodes_at_limit"),
    *("claim", "endpoint", "label", "reading", "value_without", "value", "change"),
    *("change_unit", "smallest_effects", "thigh_max_deg", "pelvis_tilt_mean_deg"),
    *("needed_per_mm", "needed_per_deg", "source"),
)


def table(folder: Path) -> pd.DataFrame:
    """mechanisms.csv of a study's folder; its columns alone where the study has no mechanism."""
    cases, outcomes = (read_csv(folder / name) for name in ("cases.csv", "outcomes.csv"))
    added = [name for name in outcomes.columns if name == "case" or name not in cases.columns]
    rows = cases.merge(outcomes[added], on="case", how="left", validate="one_to_one")
    claims, told = read_claims(of_study(folder)), read_yaml(SOURCES)
    every = [RunOutcomes.of(row) for row in rows.to_dict("records")]
    plain = {_same(run.values): run for run in every if not mechanisms(run.values)}
    normal = {key: run for key, run in plain.items() if run.number("dose_percent") == 100}
    found = []
    for run in every:
        row = run.values
        for name, size in mechanisms(row).items():
            start = plain.get(_same(row))
            at_100 = normal.get(_same(row | {"dose_percent": 100.0, "arm": "baseline"}))
            shared = {
                **{key: row.get(key) for key in ("case", "status", "reason", *SAME)},
                "without": start and start.case,
                **{"mechanism": name, "size": size, "unit": told[name]["unit"]},
                "nodes_at_limit": _at_limit(folder / run.case),
                **{key: row.get(key) for key in ("thigh_max_deg", "pelvis_tilt_mean_deg")},
                **(needed(run, at_100) if name == "gluteal_ceiling" else {}),
                "source": " ".join(str(told[name]["source"]).split()),
            }
            found += [{**shared, **change} for change in _changes(run, start, claims)]
    return pd.DataFrame(found, columns=list(COLUMNS))


def needed(run: RunOutcomes, normal: RunOutcomes | None) -> dict[str, float]:
    """How strong arthrogenic inhibition would have to be for a ceiling to come about by itself.

    If the joint inhibits by ceiling = 1 - s x displacement (mm, tendon shared), a run under a
    ceiling is its own fixed point for s = (1 - ceiling) / its displacement: needed_per_mm. If it
    inhibits by what the rim margin has lost against the free 100 % run (deg), needed_per_deg; NaN
    where nothing is lost, so that no such inhibition, however strong, would begin.
    """
    reading = READINGS[-1]
    short = 1.0 - run.number("gluteal_ceiling")
    lost = float("nan")
    if normal is not None:
        lost = normal.number(MARGIN + reading) - run.number(MARGIN + reading)
    return {
        "needed_per_mm": short / run.number(DISPLACEMENT + reading),
        "needed_per_deg": short / lost if lost > 0 else float("nan"),
    }


def _same(row: Row) -> tuple[Value, ...]:
    return tuple(row.get(name) for name in SAME)


def _at_limit(case: Path) -> float:
    """Largest number of nodes at which one of a case's limits is met; NaN if it has none."""
    record = read_json(case / SOLVER) if (case / SOLVER).is_file() else {}
    limits = record.get("active_limits") or []
    return max((float(limit["nodes"]) for limit in limits), default=float("nan"))


class Change(TypedDict, total=False):
    """How far an endpoint moves, in change_unit (none: in the column's own), and in smallest
    effects; empty where either run is not certified."""

    change: float
    change_unit: str | None
    smallest_effects: float | None


class Compared(Change):
    """A primary endpoint with and without a mechanism, in the column's unit; NaN: no value."""

    claim: str
    endpoint: str
    label: str
    reading: str
    value_without: float
    value: float


def _changes(run: RunOutcomes, start: RunOutcomes | None, claims: Claims) -> Iterator[Compared]:
    """Each primary endpoint with and without; no change where either run is not certified."""
    counts = start is not None and run.certified and start.certified
    for name, claim in claims.claims.items():
        for endpoint in claim.primary:
            if run.runner in endpoint.except_runners:
                continue
            for suffix in suffixes(claim):
                column = endpoint.endpoint + suffix
                value, before = run.number(column), start.number(column) if start else float("nan")
                change: Change = _change(endpoint, before, value) if counts else {}
                yield {
                    "claim": name,
                    "endpoint": column,
                    "label": endpoint.shown_name,
                    "reading": WORDS[suffix] if len(suffixes(claim)) > 1 else "",
                    "value_without": before,
                    "value": value,
                    **change,
                }


def _change(endpoint: Endpoint, before: float, value: float) -> Change:
    """The change in the unit of the smallest effect, and in smallest effects.

    Where a rule states these in the unit of another column, the change is in the column's own.
    """
    change = value - before
    if endpoint.smallest_effect_of is not None:
        return {"change": change}
    if endpoint.smallest_effect_percent is not None:
        change *= 100.0 / abs(before)
    smallest = endpoint.smallest
    return {
        "change": change,
        "change_unit": endpoint.shown_unit,
        "smallest_effects": change / smallest if smallest else None,
    }


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Tell what each mechanism of a study does.")
    parser.add_argument("--study", type=Path, required=True, help="folder of the study")
    folder = parser.parse_args().study
    found = table(folder)
    write_text(folder / FILE, csv_text(found, "%.6g"))
    kinds = [name for name in MECHANISMS if name in set(found["mechanism"])]
    print(f"{folder / FILE}: {found['case'].nunique()} cases, {', '.join(kinds) or 'no mechanism'}")


if __name__ == "__main__":
    run_command(main)

"""The verdicts of a study, beside their controls.

python -m analysis.claims --study DIR [--claims config/claims_v2.yaml]
    judges by the rule named, or by that in the study's folder (formats.claims.of_study);
    writes DIR/claims.json and DIR/verdict.csv, and prints the verdict table
python -m analysis.claims --study DIR --show
    prints the table of the claims.json that is there
"""

from __future__ import annotations

import argparse
from pathlib import Path

from analysis.verdict import controls, verdict_table
from analysis.verdict.trust import trust_by
from analysis.verdict.variants import read_rows
from analysis.verdict.verdicts import judge_study
from formats import verdicts
from formats.case import BASELINE
from formats.claims import changed, name_of, of_study, read_claims, sha256
from formats.files import run_command, write_text
from formats.table import csv_text
from formats.verdicts import FILE, ClaimVerdict, ControlRecord, Judged, RuleRecord

TABLE = "verdict.csv"


def conclude(folder: Path, rule: Path | None = None) -> dict[str, ClaimVerdict]:
    """Content of claims.json: each claim's verdict, effect, interval, controls, and all strata.

    folder: of the study, with cases.csv and outcomes.csv. rule: claims file, None for the study's
    own; one that is not frozen is told.
    Empty for a study that changes no strength.
    """
    rule = rule or of_study(folder)
    claims = read_claims(rule)
    rows = read_rows(folder)
    if (rows["arm"] == BASELINE).all():
        return {}
    found = judge_study(rows, claims)
    beside = controls.controls(folder, rows, claims)
    source: RuleRecord = {"file": name_of(rule), "sha256": sha256(rule), "changed": changed(rule)}
    return {name: _beside_controls(one, beside[name], source) for name, one in found.items()}


def _beside_controls(
    judged: Judged, controls: dict[str, ControlRecord], rule: RuleRecord
) -> ClaimVerdict:
    held = trust_by(controls)
    return {
        **judged,
        "controls": controls,
        "controls_passed": held.all_passed,
        "trusted": held.trusted,
        "trust": held.words,
        "rule": rule,
    }


def write(study: Path, rule: Path | None = None) -> dict[str, ClaimVerdict]:
    """Write a study's claims.json and verdict.csv; gives what is in claims.json."""
    found = conclude(study, rule)
    verdicts.write(study / FILE, found)
    table = verdict_table.table(found)
    write_text(study / TABLE, csv_text(table, "%.8g"))
    return found


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Decide the claims by a study's outcomes.")
    parser.add_argument("--study", type=Path, required=True, help="folder of the study")
    parser.add_argument("--claims", type=Path, help="claims and decision rule")
    parser.add_argument("--show", action="store_true", help="only print what is there")
    given = parser.parse_args()
    if given.show:
        found = verdicts.read(given.study / FILE)
    else:
        found = write(given.study, given.claims)
    print("\n".join(verdict_table.lines(found, given.study.name)))
    print(f"verdicts in {given.study / FILE} and {given.study / TABLE}")


if __name__ == "__main__":
    run_command(main)

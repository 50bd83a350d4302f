"""How a study ended, on the terminal: each case with its status, iterations and time.

python -m analysis.status --study results/study
"""

from __future__ import annotations

import argparse
import csv
import io
from pathlib import Path

from analysis.norms import CARDS
from formats.files import run_command
from formats.table import unescape
from formats.text import MOTION_MB, read_text


def lines(rows: list[dict[str, str]]) -> list[str]:
    """The table of the cases and the closing line, from the rows of outcomes.csv."""
    width = max(4, *(len(row["case"]) for row in rows))
    text = [f"{'case':<{width}}  {'status':<9}  iterations  seconds"]
    for row in rows:
        count, seconds = row.get("iterations") or "-", row.get("solve_time_s") or "-"
        if count != "-":
            count = f"{float(count):.0f}"
        if seconds != "-":
            seconds = f"{float(seconds):.1f}"
        text.append(f"{row['case']:<{width}}  {row['status']:<9}  {count:>10}  {seconds:>7}")
    text += believable(rows)
    failed = [row for row in rows if row["status"] != "certified"]
    closing = f"{len(rows) - len(failed)} of {len(rows)} certified"
    if failed:
        for row in failed:
            text.append(f"failed: {row['case']}: {row.get('reason') or 'no reason kept'}")
        closing += "; failed: " + ", ".join(row["case"] for row in failed)
    return [*text, closing]


def believable(rows: list[dict[str, str]]) -> list[str]:
    """A line for each certified 100 % run with norms at its speed: both scorecards' numbers."""
    told = []
    for row in rows:
        word = {"True": "believable", "False": "not believable"}.get(row.get("norms_passed") or "")
        if word is None or row["status"] != "certified" or float(row["dose_percent"]) != 100:
            continue
        cards = [
            f"{card} {float(share):.0f} % within 2 SD, "
            f"{float(row[f'norms_{card}_beyond_4_sd']):.0f} beyond 4"
            for card in CARDS
            if (share := row.get(f"norms_{card}_within_2_sd_percent"))
        ]
        told.append(f"{word}: {row['case']}: {'; '.join(cards)}")
    return told


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Show how a study's cases ended.")
    parser.add_argument("--study", type=Path, required=True, help="folder of the study")
    study = parser.parse_args().study
    path = study / "outcomes.csv"
    if not path.is_file():
        raise ValueError(f"{path}: no such file; the study has no outcomes yet")
    stream = io.StringIO(read_text(path, MOTION_MB), newline="")
    rows = [{k: unescape(v) for k, v in row.items()} for row in csv.DictReader(stream)]
    if not rows or not {"case", "status"} <= set(rows[0]):
        raise ValueError(f"{path}: holds no cases")
    print("\n".join(lines(rows)))
    print(f"outcomes in {path}, figures in {study / 'figures'}")


if __name__ == "__main__":
    run_command(main)

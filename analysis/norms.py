"""Two scorecards: does the runner run as people do? Against analysis/norms.csv.

    python -m analysis.norms --case DIR     DIR/outcomes.json -> DIR/scorecard.csv

One card is kinematic (times and angles), one kinetic (forces, moments, energy): a runner who
follows measured angles gets the first for nothing. Believable is who passes both: at least 80 % of
a card's quantities within 2 SD and none beyond 4 SD. What a source filtered is filtered here before
it is compared (landing.filtered_ground_reaction). A planar runner's hip contact force lacks the
abductors; it is compared all the same.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.replayed.case import read_json
from formats.files import run_command, write_text
from formats.records import Row
from formats.table import csv_text

NORMS = Path(__file__).with_name("norms.csv")
CURVES = Path(__file__).with_name("norm_curves.csv")
SCORECARD = "scorecard.csv"
NEEDED_SHARE = 0.8
CARDS = ("kinematic", "kinetic")
LEFT_OUT = "left out"
"""In norms.csv, of a quantity that not every runner has."""


@dataclass(frozen=True)
class Scorecard:
    """table: card, quantity, value, mean, sd, z and more (see score); a row per norm.

    Everything but the table itself follows from its columns card and z.
    """

    table: pd.DataFrame

    def of(self, card: str) -> Scorecard:
        """One of the two cards (CARDS) alone."""
        return Scorecard(self.table[self.table["card"] == card])

    @property
    def _size(self) -> pd.Series:
        # Rounded so that a value exactly on a limit is not thrown out by the last bit.
        return self.table["z"].abs().round(9)

    @property
    def within_2_sd(self) -> int:
        """Number of quantities within 2 SD of their mean."""
        return int((self._size <= 2.0).sum())

    @property
    def share_within_2_sd(self) -> float:
        """Share (0..1) of the quantities within 2 SD of their mean; NaN of no quantities."""
        return self.within_2_sd / len(self.table) if len(self.table) else float("nan")

    @property
    def beyond_4_sd(self) -> int:
        """Number of quantities beyond 4 SD, or without a value."""
        return int((~(self._size <= 4.0)).sum())

    @property
    def passed(self) -> bool:
        """Whether the runner counts as believable: on each card by itself."""
        return all(
            own.share_within_2_sd >= NEEDED_SHARE and own.beyond_4_sd == 0
            for own in map(self.of, CARDS)
        )

    def outcomes(self) -> dict[str, float | int | bool]:
        """Columns of outcomes.csv: both cards together as norms_.., each as norms_kinematic_.. ."""
        row: dict[str, float | int | bool] = {}
        for prefix, own in (("norms", self), *((f"norms_{c}", self.of(c)) for c in CARDS)):
            row[f"{prefix}_within_2_sd_percent"] = 100.0 * own.share_within_2_sd
            row[f"{prefix}_beyond_4_sd"] = own.beyond_4_sd
        return row | {"norms_passed": self.passed}

    def told(self) -> str:
        """One line: believable or not, and each card's numbers."""
        cards = (
            f"{name} {own.within_2_sd} of {len(own.table)} within 2 SD, {own.beyond_4_sd} beyond 4"
            for name, own in ((name, self.of(name)) for name in CARDS)
        )
        return f"{'believable' if self.passed else 'not believable'}: {'; '.join(cards)}"


def norms_at(speed: float) -> pd.DataFrame:
    """The norms of a speed (m/s), columns of norms.csv but the speed. Empty where none are."""
    table = _read()
    return (
        table[np.isclose(table["speed_m_s"], speed)]
        .drop(columns="speed_m_s")
        .reset_index(drop=True)
    )


def _read() -> pd.DataFrame:
    return pd.read_csv(NORMS, comment="#", dtype={"column": str, "if_missing": str})


def ground_force_filter() -> tuple[float, int]:
    """Cut-off (Hz) and order of the filter that the norms' ground forces went through."""
    found = _read()[["filter_hz", "filter_order"]].dropna().drop_duplicates()
    if len(found) != 1:
        raise ValueError(f"{NORMS}: {len(found)} filters of the ground force; one is needed")
    return float(found["filter_hz"].iloc[0]), int(found["filter_order"].iloc[0])


def score(row: Row, norms: pd.DataFrame) -> Scorecard:
    """Compare a row of outcomes with norms; a missing value is not within anything.

    Only what norms.csv says so of (if_missing) is left out where it has no value.

    Table: card, quantity, value, mean, sd, z, within_2_sd, within_4_sd, n, column (the one of
    outcomes.csv whose value it is), filter_hz, filter_order, source.
    """
    table = norms.copy()
    table["column"] = table["column"].where(table["column"].notna(), table["quantity"])
    values = [row.get(name) for name in table["column"]]
    table["value"] = [np.nan if v is None else float(v) for v in values]
    table = table[table["value"].notna() | (table["if_missing"] != LEFT_OUT)]
    table["z"] = (table["value"] - table["mean"]) / table["sd"]
    size = Scorecard(table)._size
    table["within_2_sd"], table["within_4_sd"] = size <= 2.0, size <= 4.0
    return Scorecard(
        table.reset_index(drop=True)[
            [
                *("card", "quantity", "value", "mean", "sd", "z", "within_2_sd", "within_4_sd"),
                *("n", "column", "filter_hz", "filter_order", "source"),
            ]
        ]
    )


def speeds() -> list[float]:
    """The speeds (m/s) for which there are norms."""
    return sorted({float(v) for v in _read()["speed_m_s"]})


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Compare a case with measured running.")
    parser.add_argument("--case", type=Path, required=True, help="case folder")
    folder = parser.parse_args().case
    row = read_json(folder / "outcomes.json")
    if row.get("status") == "failed":
        raise ValueError(f"{folder / 'outcomes.json'}: no outcomes ({row.get('reason')})")
    norms = norms_at(float(row["speed_m_s"]))
    if norms.empty:
        allowed = ", ".join(f"{v:g}" for v in speeds())
        raise ValueError(f"no norms at {row['speed_m_s']:g} m/s; there are norms at {allowed} m/s")
    card = score(row, norms)
    write_text(folder / SCORECARD, csv_text(card.table))
    shown = card.table.drop(columns=["n", "column", "filter_hz", "filter_order", "source"])
    print(shown.to_string(index=False, float_format="%.3g"))
    print(f"{card.told()} (on each card at least {100 * NEEDED_SHARE:.0f} % and none)")


if __name__ == "__main__":
    run_command(main)

"""The scorecard: does the runner run as people do? Against analysis/norms.csv.

    python -m analysis.norms --case DIR     DIR/outcomes.json -> DIR/scorecard.csv

A believable runner has at least 80 % of the quantities within 2 SD and none beyond 4 SD. A planar
runner's hip contact force lacks the abductors; it is compared all the same.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis.case import read_json
from simulations.files import run_command, write_text

NORMS = Path(__file__).with_name("norms.csv")
CURVES = Path(__file__).with_name("norm_curves.csv")
SCORECARD = "scorecard.csv"
NEEDED_SHARE = 0.8


@dataclass(frozen=True)
class Scorecard:
    """table: quantity, value, mean, sd, z, within_2_sd, within_4_sd, n, source; a row per norm."""

    table: pd.DataFrame

    @property
    def share_within_2_sd(self) -> float:
        """Share (0..1) of the quantities within 2 SD of their mean."""
        return float(self.table["within_2_sd"].mean())

    @property
    def beyond_4_sd(self) -> int:
        """Number of quantities beyond 4 SD, or without a value."""
        return int((~self.table["within_4_sd"]).sum())

    @property
    def passed(self) -> bool:
        """Whether the runner counts as believable."""
        return self.share_within_2_sd >= NEEDED_SHARE and self.beyond_4_sd == 0


def norms_at(speed: float) -> pd.DataFrame:
    """The norms of a speed (m/s): quantity, mean, sd, n, source. Empty where none were measured."""
    table = pd.read_csv(NORMS, comment="#")
    chosen = table[np.isclose(table["speed_m_s"], speed)]
    return chosen.drop(columns="speed_m_s").reset_index(drop=True)


def score(row: dict[str, Any], norms: pd.DataFrame) -> Scorecard:
    """Compare a row of outcomes with norms; a missing value is not within anything."""
    table = norms.copy()
    values = [row.get(name) for name in table["quantity"]]
    table.insert(1, "value", [np.nan if v is None else float(v) for v in values])
    table.insert(4, "z", (table["value"] - table["mean"]) / table["sd"])
    # Rounded so that a value exactly on a limit is not thrown out by the last bit.
    size = table["z"].abs().round(9)
    table.insert(5, "within_2_sd", size <= 2.0)
    table.insert(6, "within_4_sd", size <= 4.0)
    return Scorecard(table)


def speeds() -> list[float]:
    """The speeds (m/s) for which there are norms."""
    return sorted({float(v) for v in pd.read_csv(NORMS, comment="#")["speed_m_s"]})


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
    write_text(folder / SCORECARD, card.table.to_csv(index=False))
    print(card.table.drop(columns=["n", "source"]).to_string(index=False, float_format="%.3g"))
    verdict = "believable" if card.passed else "NOT believable"
    print(
        f"{verdict}: {100 * card.share_within_2_sd:.0f} % within 2 SD (at least "
        f"{100 * NEEDED_SHARE:.0f}), {card.beyond_4_sd} beyond 4 SD (none allowed)"
    )


if __name__ == "__main__":
    run_command(main)

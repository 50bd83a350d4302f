"""How far outcomes spread as the runner's numbers are not known: by derivatives (delta method).

    python -m analysis.spread --study DIR --case NAME --widths models/parameters/draws.yaml
        writes NAME/spread.csv and NAME/spread_draws.csv

A draw multiplies each number of the runner by 1 + width x u, u uniform from -1 to 1, all of them
independent. To first order an outcome's variance is then the sum over the numbers of (derivative x
width)^2 / 3. Where runners were drawn and solved, spread_draws.csv has for each of them what the
derivatives say of its own factors beside what was solved.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NotRequired, TypedDict

import numpy as np
import pandas as pd

from analysis.replayed.case import read_json
from formats.case import SENSITIVITIES
from formats.files import run_command, write_text
from formats.table import csv_text, read_csv
from formats.untrusted import inside
from formats.yaml import read as read_yaml

FILE, DRAWS = "spread.csv", "spread_draws.csv"
COLUMNS = (
    *("outcome", "value", "sd", "first", "first_percent", "second", "second_percent"),
    *("draws", "sd_of_draws", "sd_told_of_draws", "error"),
)
DRAW_COLUMNS = ("outcome", "draw", "case", "change_told", "change_solved")
OWN = ("case", "draw", "baseline", "guess")
"""Columns of cases.csv in which a case differs from its runner's draws."""


class OfDraws(TypedDict, total=False):
    """How the draws of a runner spread, solved and told; error: see `table`."""

    draws: int
    sd_of_draws: float
    sd_told_of_draws: float
    error: float


class Outcome(OfDraws):
    """A row of spread.csv; first and second: the drawn numbers with the largest shares (%)."""

    outcome: str
    value: float
    sd: float
    first: NotRequired[str]
    first_percent: NotRequired[float]
    second: NotRequired[str]
    second_percent: NotRequired[float]


Widths = Mapping[str, Mapping[str, Any]]
Factors = Mapping[str, Mapping[str, float]]


def drawn_number(parameter: str, widths: Widths) -> tuple[str, float] | None:
    """The number that a draw changes a parameter with, and its half width; None: it does not.

    parameter: as in sensitivities.csv. Both sides of a muscle are one number, and so are
    parameters that take the same factor.
    """
    kind, _, rest = parameter.partition("/")
    owner, _, prop = rest.rpartition("/")
    prop = widths.get("same_factor", {}).get(prop, prop) if kind == "contact" else prop
    width = widths.get(kind, {}).get(prop)
    if width is None:
        return None
    owner = re.sub(r"_[rl]$", "", owner)
    return "/".join(part for part in (kind, owner, prop) if part), float(width)


def by_numbers(sensitivities: pd.DataFrame, widths: Widths) -> tuple[pd.DataFrame, pd.Series]:
    """Derivatives (outcomes x drawn numbers) per relative change, and the numbers' half widths."""
    known = {name: drawn_number(name, widths) for name in sensitivities["parameter"].unique()}
    found = {name: number for name, number in known.items() if number is not None}
    rows = sensitivities[sensitivities["parameter"].isin(list(found))]
    number = rows["parameter"].map({name: one[0] for name, one in found.items()})
    slopes = rows.assign(number=number, slope=100 * rows["change_per_percent"]).pivot_table(
        index="outcome", columns="number", values="slope", aggfunc="sum"
    )
    order = sensitivities["outcome"].unique()
    half = pd.Series(dict(found.values()), dtype=float).reindex(slopes.columns)
    return slopes.reindex(order).fillna(0.0), half


def variances(slopes: pd.DataFrame, half: pd.Series) -> pd.DataFrame:
    """Variance of each outcome by each drawn number (outcomes x numbers)."""
    return (slopes * half) ** 2 / 3.0


def told(sensitivities: pd.DataFrame, factors: Factors) -> pd.Series:
    """Change of each outcome for a draw's factors (component -> property -> factor), to 1st order.

    ValueError for factors of components that the derivatives do not know.
    """
    shared: dict[str, float] = {}
    for component, own in factors.items():
        for prop, factor in own.items():
            shared[f"muscle/{component}/{prop}"] = factor
            shared[f"muscle/{re.sub(r'_[rl]$', '', component)}/{prop}"] = factor
            shared[f"contact/{prop}"] = factor
    factor = sensitivities["parameter"].map(shared)
    if factor.isna().all():
        raise ValueError("draw: none of its factors is of a parameter in sensitivities.csv")
    change = 100 * sensitivities["change_per_percent"] * (factor - 1).fillna(0.0)
    summed: pd.Series = change.groupby(sensitivities["outcome"], sort=False).sum()
    return summed


def drawn_cases(study: Path, case: str) -> pd.DataFrame:
    """Rows of outcomes.csv, with draw, of the case itself (draw 0) and of its runner's draws."""
    cases, outcomes = (read_csv(study / name) for name in ("cases.csv", "outcomes.csv"))
    if case not in set(cases["case"]):
        raise ValueError(f"{study / 'cases.csv'}: no case {case}")
    settings = cases.drop(columns=[name for name in OWN if name in cases]).astype(str)
    own = settings[cases["case"] == case].iloc[0]
    kept = cases.loc[(settings == own).all(axis=1), ["case", "draw"]]
    return kept.merge(outcomes.drop(columns="draw", errors="ignore"), on="case", how="left")


def _of_draws(study: Path, case: str, sensitivities: pd.DataFrame) -> Iterator[pd.DataFrame]:
    rows = drawn_cases(study, case)
    (own,) = rows[rows["case"] == case].to_dict("records")
    for row in rows[rows["draw"] > 0].to_dict("records"):
        if not row["status"] == own["status"] == "certified":
            continue
        runner = inside(study / "runners", f"{row['runner']}_draw{row['draw']}")
        change = told(sensitivities, read_json(runner / "draw.json")["factors"])
        solved = [float(row.get(n, np.nan)) - float(own.get(n, np.nan)) for n in change.index]
        yield pd.DataFrame(
            {
                "outcome": change.index,
                **{"draw": row["draw"], "case": row["case"]},
                **{"change_told": change.to_numpy(), "change_solved": solved},
            }
        )


def of_draws(study: Path, case: str, sensitivities: pd.DataFrame) -> pd.DataFrame:
    """spread_draws.csv: each certified draw's change from the runner as built, told and solved."""
    parts = list(_of_draws(study, case, sensitivities))
    found = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=DRAW_COLUMNS)
    return found[list(DRAW_COLUMNS)]


def table(sensitivities: pd.DataFrame, widths: Widths, draws: pd.DataFrame) -> pd.DataFrame:
    """spread.csv: a row for each outcome. draws: as `of_draws`, may be empty.

    error: rms of (told - solved) over rms of solved, over the draws.
    """
    slopes, half = by_numbers(sensitivities, widths)
    by_number = variances(slopes, half)
    total = by_number.sum(axis=1)
    value = sensitivities.groupby("outcome", sort=False)["value"].first()
    compared: dict[Any, pd.DataFrame] = dict(list(draws.groupby("outcome")))
    rows: list[Outcome] = []
    for outcome, variance in total.items():
        shares = 100 * by_number.loc[outcome] / variance if variance else by_number.loc[outcome]
        largest = shares.sort_values(ascending=False)
        row: Outcome = {
            "outcome": outcome,
            "value": value[outcome],
            "sd": np.sqrt(variance),
            **_compared(compared.get(outcome)),
        }
        if variance and len(largest) > 0:
            row["first"], row["first_percent"] = largest.index[0], largest.iloc[0]
        if variance and len(largest) > 1:
            row["second"], row["second_percent"] = largest.index[1], largest.iloc[1]
        rows.append(row)
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _compared(draws: pd.DataFrame | None) -> OfDraws:
    own = pd.DataFrame() if draws is None else draws.dropna()
    if own.empty:
        return {"draws": 0}
    solved, linear = own["change_solved"], own["change_told"]
    size = float(np.sqrt((solved**2).mean()))
    error = float(np.sqrt(((linear - solved) ** 2).mean())) / size if size else np.nan
    found: OfDraws = {"draws": len(own), "error": error}
    if len(own) > 1:
        found["sd_of_draws"] = float(solved.std())
        found["sd_told_of_draws"] = float(linear.std())
    return found


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Spread of outcomes by the delta method.")
    parser.add_argument("--study", type=Path, required=True, help="folder of the study")
    parser.add_argument("--case", required=True, help="a case with sensitivities.csv")
    parser.add_argument("--widths", type=Path, required=True, help="half widths of the draws")
    given = parser.parse_args()
    folder = inside(given.study, given.case)
    source = folder / SENSITIVITIES
    if not source.is_file() or not source.stat().st_size:
        for name in (FILE, DRAWS):
            write_text(folder / name, "")
        print(f"[{given.case}] no spread: the case has no derivatives")
        return
    sensitivities = read_csv(source)
    draws = of_draws(given.study, given.case, sensitivities)
    found = table(sensitivities, read_yaml(given.widths), draws)
    write_text(folder / DRAWS, csv_text(draws, "%.8g"))
    write_text(folder / FILE, csv_text(found, "%.8g"))
    print(f"[{given.case}] {len(found)} outcomes' spread; draws: {draws['case'].nunique()}")


if __name__ == "__main__":
    run_command(main)

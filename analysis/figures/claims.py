"""claims.json as a table for drawing: a row for each claim, stratum, endpoint and reading.

Effects are given in smallest effects, positive in the direction in which the article claims that
the endpoint moves (with weakness, or in the contrast): above 1 speaks for the claim, below -1
against it. `steepest` is the effect so told on the steepest piece between neighbouring doses, where
the smallest effect is one per 10 % strength; `over_range`, `steepest_piece`
and `trust` are statements in words.
"""

from __future__ import annotations

from pathlib import Path
from typing import cast

import numpy as np
import pandas as pd

from analysis.figures.words import words
from analysis.verdict import statements
from analysis.verdict.trust import trust
from formats import verdicts
from formats.records import Row, Value
from formats.verdicts import FILE, ClaimVerdict, EndpointVerdict, StratumVerdict

Cell = Value | list[float]
"""A value of a row: effects of the variants are a list."""
STRATUM = ["problem", "arm", "side", "cadence", "speed_m_s", "strength_scales", "contrast"]
STRATUM += ["habit_weight"]
SHORT = ("told_effect", "told_range", "range_of_doses")
"""Columns of numbers in few signs, as analysis.verdict.statements.short."""
COLUMNS = [
    *("claim", *STRATUM, "headline", "rank", "endpoint", "label", "reading", "unit"),
    *("effect_in_units", "cause", "smallest_effect", "variants_used", "verdict", "claim_verdict"),
    *("effect", "low", "high", "variants", "reason"),
    *("trusted", "trust", "over_range", "steepest_piece"),
    *SHORT,
    *("range_in_smallest_effects", "steepest", "steepest_low", "steepest_high"),
]
# The colour and marker of each verdict, Okabe and Ito's; shape alone tells them apart too.
VERDICTS = {
    "supported": ("#009E73", "^"),
    "contradicted": ("#D55E00", "v"),
    "real but small": ("#CC79A7", "D"),
    "no meaningful effect": ("#0072B2", "s"),
    "inconclusive": ("0.45", "o"),
}


def read(folder: Path) -> dict[str, ClaimVerdict]:
    """The content of a study's claims.json. ValueError, one line, if it is not."""
    return verdicts.read(Path(folder) / FILE)


def table(claims: dict[str, ClaimVerdict]) -> pd.DataFrame:
    """All judged endpoints, COLUMNS, in the file's order."""
    rows = [
        row
        for name, entry in claims.items()
        for stratum in entry["strata"]
        for rank in ("primary", "secondary")
        for one in stratum[rank]
        for row in _rows(name, entry, stratum, rank, one)
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def _rows(
    name: str, entry: ClaimVerdict, stratum: StratumVerdict, rank: str, one: EndpointVerdict
) -> list[dict[str, Cell]]:
    if not one["smallest_effect"]:
        return []  # reported, not judged
    held = trust(entry)
    told = cast(Row, stratum["stratum"])
    scale = (1.0 if statements.claimed(one) == "rises" else -1.0) / one["smallest_effect"]
    rows: list[dict[str, Cell]] = []
    for number, (reading, found) in enumerate(statements.readings(one)):
        effect = statements.size_of(found)
        ends = sorted(scale * end for end in found["interval"] or (np.nan, np.nan))
        steep = found.get("steepest") if "effect_of" not in one else None
        steep_ends = (steep["interval"] if steep else None) or (np.nan, np.nan)
        steep_low, steep_high = sorted(scale * end for end in steep_ends)
        whole = found.get("over_range")
        # The variants' own effects are kept for the first reading only.
        sizes = [statements.size_of(v) for v in one["by_variant"]] if number == 0 else []
        rows.append(
            {
                **{"claim": name, "rank": rank, "reading": reading},
                **{key: told.get(key) for key in STRATUM},
                **{key: one[key] for key in ("endpoint", "unit", "smallest_effect")},
                "label": one["label"] if rank == "primary" else words(one["endpoint"]),
                **{"headline": stratum["stratum"] == entry["stratum"]},
                **{"claim_verdict": stratum["verdict"], "verdict": found["verdict"]},
                **{"variants_used": one["variants_used"], "reason": found["reason"]},
                **{"effect_in_units": effect, "cause": statements.cause(one)},
                "effect": np.nan if effect is None else scale * effect,
                **{"low": ends[0], "high": ends[1]},
                "variants": [scale * size for size in sizes if size is not None],
                **{"trusted": held.trusted, "trust": held.words},
                "over_range": statements.over_range(one, found, spread=False),
                "steepest_piece": statements.steepest(one, found, spread=False),
                **dict(zip(SHORT, statements.short(one, found), strict=True)),
                "range_in_smallest_effects": whole["in_smallest_effects"] if whole else np.nan,
                "steepest": scale * (steep["effect_per_10_percent"] if steep else np.nan),
                **{"steepest_low": steep_low, "steepest_high": steep_high},
            }
        )
    return rows


def conditions(row: pd.Series) -> str:
    """A stratum in words, without its habit weight."""
    words = str(row["arm"]).replace("_", " ")
    if row["side"] != "both":
        words += f", {row['side']} side"
    words += f", cadence {row['cadence']}"
    if row["contrast"] is not None and not pd.isna(row["contrast"]):
        words += f", {row['cause']}"
    return words


def number(weight: float) -> str:
    """A habit weight in words; infinite where the motion is held."""
    return "∞" if np.isinf(weight) else f"{weight:g}"

"""A study's certified runs as observations: strata, and within each the variants that spread.

A variant is a runner, speed, objective and draw of parameters; its doses are one observation of the
effect. Runs that differ in their start alone belong to one variant. A stratum is an arm, side,
cadence and habit weight (and problem), within which effects are averaged over the variants.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import pandas as pd

from analysis.verdict.statistics import effect_per_10_percent, rank_correlation
from formats.case import BASELINE
from formats.claims import Contrasts, Decision, Endpoint
from formats.table import read_csv
from formats.verdicts import Counts, Factors, Spreading

CONTROL = "control_"
"""Arms whose name begins so are controls, not claims."""
ROUNDING = 1e-9
"""Relative change below which a number is the same."""
PRESCRIBED = "prescribed by the measured motion"
UNBELIEVABLE = "their own 100 % run does not pass the scorecards"
TORQUES = "dynamometer.csv"
"""Isometric torques of a study's runners, in its folder."""


def torque_column(hip_flexion_deg: float) -> str:
    """Column of the rows: isometric flexion torque of all flexors (Nm/kg) at a hip angle (deg)."""
    return f"flexion_torque_{hip_flexion_deg:g}_nm_kg"


@dataclass(frozen=True)
class Effect:
    """What strength does to one endpoint in one variant.

    effect: per -10 % strength in the unit of the smallest effect. rho: against strength. response:
    the value in that unit at each certified dose (%), also those outside the rule's range.
    """

    variant: Spreading
    effect: float
    rho: float
    doses: int
    response: dict[float, float]


@dataclass(frozen=True)
class Variant:
    """One observation: what it is, and its rows of outcomes, failed ones and the 100 % run too."""

    what: Spreading
    rows: pd.DataFrame

    @property
    def certified(self) -> pd.DataFrame:
        """The rows that count."""
        return self.rows[self.rows["status"] == "certified"]

    def effect(self, endpoint: Endpoint, column: str, decision: Decision) -> Effect | str:
        """Effect on a column of outcomes, in the unit of the endpoint's smallest effect.

        A text, why there is none, where the runner does not have the number, fewer doses than
        needed are certified, or the 100 % run that gives the unit is not.
        """
        lacking = self._lacks(endpoint, column)
        if lacking:
            return lacking
        low, high = decision.dose_range_percent
        every = self.certified.dropna(subset=[column])
        rows = every[every["dose_percent"].between(low, high)]
        doses = rows["dose_percent"].nunique()
        if doses < decision.least_doses:
            return f"certified doses: {doses}, needed: {decision.least_doses}"
        if _prescribed(rows, column):
            return PRESCRIBED
        unit = self._unit(endpoint, column, rows)
        if unit is None:
            return "no certified 100 % run to measure it by"
        slope = effect_per_10_percent(rows["dose_percent"], rows[column])
        rho = rank_correlation(rows["dose_percent"], rows[column])
        values = every.groupby("dose_percent")[column].mean() * unit  # of several starts the mean
        response = {float(dose): float(value) for dose, value in values.items()}
        return Effect(self.what, slope * unit, rho, doses, response)

    def _lacks(self, endpoint: Endpoint, column: str) -> str:
        """Why the runner has no value of a column, in words; empty if they have."""
        if self.what.get("runner") in endpoint.except_runners:
            return f"not measured on the {self.what['runner']} runner"
        if column not in self.rows or self.certified[column].isna().all():
            return "no value"
        return ""

    def values(self, endpoint: Endpoint, column: str) -> pd.Series | str:
        """Value at each certified dose (%, rising), of several starts the mean; or why none."""
        if self.certified.empty:
            return "no certified run"
        lacking = self._lacks(endpoint, column)
        if lacking:
            return lacking
        rows = self.certified.dropna(subset=[column])
        if len(rows) > 1 and _prescribed(rows, column):
            return PRESCRIBED
        return rows.groupby("dose_percent")[column].mean()

    def unit(self, endpoint: Endpoint, column: str) -> float | None:
        """Factor from the column's unit into `endpoint.shown_unit`; None without a 100 % run."""
        return self._unit(endpoint, column, self.certified.dropna(subset=[column]))

    def not_believable(self) -> str:
        """Why the person's own 100 % run does not count, in words; empty if it does.

        A run at a speed without norms, or with its motion kept, has no scorecard to pass.
        """
        normal = self.certified[self.certified["dose_percent"] == 100]
        if "norms_passed" not in normal or (normal["problem"] == "inverse").all():
            return ""
        failed = normal["norms_passed"].map({False: True, "False": True}).fillna(False).astype(bool)
        return UNBELIEVABLE if failed.any() else ""

    def _unit(self, endpoint: Endpoint, column: str, rows: pd.DataFrame) -> float | None:
        """Factor from the column's unit into that of the smallest effect."""
        normal = rows[rows["dose_percent"] == 100]
        if endpoint.smallest_effect_percent:
            level = float(np.abs(normal[column]).median()) if len(normal) else 0.0
            return 100.0 / level if level > 0.0 else None
        if endpoint.smallest_effect_of:
            if endpoint.smallest_effect_of not in rows or normal.empty:
                return None
            # The same quantity in another unit: their ratio (a leg length) is that unit's size.
            return float((normal[endpoint.smallest_effect_of] / normal[column]).median())
        return 1.0


def _prescribed(rows: pd.DataFrame, column: str) -> bool:
    """Whether a kept motion holds a column at one value."""
    held = np.ptp(rows[column]) <= ROUNDING * np.abs(rows[column]).max()
    return bool(held and (rows["problem"] == "inverse").all())


@dataclass(frozen=True)
class Stratum:
    """One arm under one set of conditions, with its variants."""

    what: Factors
    variants: list[Variant]

    @property
    def rows(self) -> pd.DataFrame:
        """All cases of the stratum, each once."""
        return pd.concat([v.rows for v in self.variants]).drop_duplicates("case")

    def counts(self) -> Counts:
        """How many cases there are, how many are certified, and which are not, with the reason."""
        rows = self.rows
        lost = rows[rows["status"] != "certified"]
        return {
            "cases": len(rows),
            "certified": len(rows) - len(lost),
            "variants": len(self.variants),
            "failed": [
                {"case": str(case), "reason": str(reason)}
                for case, reason in zip(lost["case"], lost["reason"].fillna(""), strict=True)
            ],
        }


def read_rows(folder: Path) -> pd.DataFrame:
    """outcomes.csv of a study with the columns of cases.csv. ValueError if one is missing."""
    found = []
    for name in ("cases.csv", "outcomes.csv"):
        path = Path(folder) / name
        if not path.exists():
            raise ValueError(f"{path}: no such file; run the study first")
        found.append(read_csv(path))
        if found[-1].empty or "case" not in found[-1]:
            raise ValueError(f"{path}: holds no cases")
    cases, outcomes = found
    lacking = set(cases["case"]) - set(outcomes["case"])
    if lacking:
        raise ValueError(f"{folder}/outcomes.csv: case {min(lacking)} has no row")
    if "draw" not in cases:
        cases["draw"] = 0
    added = [name for name in outcomes.columns if name == "case" or name not in cases.columns]
    rows = cases.merge(outcomes[added], on="case", how="left", validate="one_to_one")
    return with_torques(rows, Path(folder) / TORQUES)


def with_torques(rows: pd.DataFrame, path: Path) -> pd.DataFrame:
    """The rows with the flexion torque (Nm/kg) of each runner and dose, where it is known.

    path: of dynamometer.csv. Without a column `runner` it is of the study's first runner alone. A
    100 % run has that of any arm at 100 %: nothing is changed there, nor is it where a dose scales
    passive force alone. A draw of parameters is taken to be as strong as its runner: it changes the
    torque by less than a tenth.
    """
    if not path.is_file():
        return rows
    table = read_csv(path)
    if "movement" in table:
        table = table[table["movement"] == "flexion"]
    if table.empty:
        return rows
    if "runner" not in table:
        table = table.assign(runner=rows["runner"].iloc[0])
    keys = ["runner", "arm", "side", "dose_percent"]
    wide = table.pivot_table(
        index=keys, columns="hip_flexion_deg", values="all_agonists_torque_nm_kg"
    )
    wide.columns = [torque_column(float(angle)) for angle in wide.columns]
    normal = wide.reset_index()
    normal = normal[normal["dose_percent"] == 100].groupby("runner")[list(wide.columns)].mean()
    found = rows[keys].merge(wide, left_on=keys, right_index=True, how="left")
    weakened = rows["arm"] != BASELINE
    if "strength_scales" in rows:
        weakened &= rows["strength_scales"] != "passive"
    for name in wide.columns:
        at_100 = rows["runner"].map(normal[name])
        rows[name] = found[name].where(weakened, at_100).to_numpy()
    return rows


def dosed(rows: pd.DataFrame) -> pd.DataFrame:
    """The cases whose strength is changed: all but the 100 % runs that they share."""
    return rows[rows["arm"] != BASELINE]


def strata(
    rows: pd.DataFrame, decision: Decision | Contrasts, *, controls: bool = False
) -> list[Stratum]:
    """The strata of a study in the order of cases.csv; those of control arms if `controls`.

    A study of 100 % runs alone has their stratum, in which nothing can be decided.
    """
    chosen = dosed(rows)
    if chosen.empty and not controls:
        chosen = rows
    chosen = chosen[chosen["arm"].str.startswith(CONTROL) == controls]
    found = []
    for what, group in _groups(chosen, decision.strata):
        variants = []
        for spread, members in _groups(group, decision.spread):
            shared = rows[rows["case"].isin(members["baseline"])]
            together = pd.concat([members, shared]).drop_duplicates("case")
            own = cast(Spreading, spread)
            variants.append(Variant(own, together.reset_index(drop=True)))
        found.append(Stratum(cast(Factors, what), variants))
    return found


def _groups(
    rows: pd.DataFrame, factors: Sequence[str]
) -> Iterator[tuple[dict[str, object], pd.DataFrame]]:
    """Groups by the factors that the rows have: a study of an older version may lack one."""
    factors = [name for name in factors if name in rows]
    for values, group in rows.groupby(list(factors), sort=False, dropna=False):
        plain = [value.item() if isinstance(value, np.generic) else value for value in values]
        yield dict(zip(factors, plain, strict=True)), group

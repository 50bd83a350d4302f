"""A study's results, ordered for drawing: series of doses, each with the 100 % run they share."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from formats.case import BASELINE, without_mechanisms
from formats.table import read_csv
from formats.untrusted import inside, read_table

KEYS = [
    *("runner", "speed_m_s", "arm", "side", "cadence", "habit_weight", "objective"),
    *("start", "draw", "strength_scales"),
]
LATER = {"draw": 0, "strength_scales": "active"}
"""Keys that a study of an older version lacks, and what they were then."""
PERSON = re.compile(r"person_\d+")
"""Runners that are people drawn from a population (study/trials.py)."""
FREE = {"cadence": "free", "spring_n_m": 0.0}
"""Columns of a run that nothing but its speed was given, and what they hold there."""
ORDER = ("runner", "habit_weight", "speed_m_s")
CONTROL = "control_"
"""Arms whose name begins so are controls, not doses (study/cases.py)."""
WORDS = {
    "speed_m_s": "{} m/s",
    "side": "side: {}",
    "cadence": "cadence {}",
    "habit_weight": "habit {}",
    "start": "start {}",
    "draw": "draw {}",
    "strength_scales": "{} force scaled",
}


@dataclass(frozen=True)
class Series:
    """The doses of one arm under one set of conditions.

    rows: rows of outcomes.csv with cases.csv, by rising dose, the 100 % run among them.
    arm: arm and side in words; conditions: all the rest; label: both. further: of a person beyond
    the study's first, who stands for all in figures of a single runner.
    """

    folder: Path
    label: str
    rows: pd.DataFrame
    arm: str
    conditions: str
    further: bool = False

    @property
    def speed(self) -> float:
        """Running speed, m/s."""
        return float(self.rows["speed_m_s"].iloc[0])

    @property
    def as_built(self) -> bool:
        """Whether the runner is the one as built: not drawn around it, no further person."""
        return int(self.rows["draw"].iloc[0]) == 0 and not self.further

    @property
    def doses(self) -> list[float]:
        """Doses (%), rising, the failed ones too."""
        return [float(dose) for dose in self.rows["dose_percent"]]

    @property
    def certified(self) -> pd.DataFrame:
        """The rows whose run is certified; only these are drawn as results."""
        return self.rows[self.rows["status"] == "certified"]

    @property
    def failed(self) -> list[float]:
        """Doses without a certified run."""
        return [float(d) for d in self.rows.loc[self.rows["status"] != "certified", "dose_percent"]]

    @property
    def extremes(self) -> list[float]:
        """The least, the 100 % and the greatest of the certified doses, each once."""
        doses = [float(dose) for dose in self.certified["dose_percent"]]
        return sorted({min(doses), max(doses)} | ({100.0} & set(doses))) if doses else []

    def told(self) -> str:
        """Who ran, and at which certified strengths, for a caption."""
        doses = sorted(set(self.doses) - set(self.failed))
        named = ", ".join(f"{dose:g}" for dose in doses) if doses else "none certified:"
        who = self.label.replace("_", " ").replace("draw 0", "as built")
        return f"{who}; strength {named} %."

    def lacking(self) -> str:
        """A line, to be added to a remark, that names the doses not drawn; empty if none."""
        named = ", ".join(f"{dose:g} %" for dose in self.failed)
        return f"\nnot certified, not drawn: {named}" if named else ""

    def tables(self, name: str) -> dict[float, pd.DataFrame]:
        """For each certified dose the table `name` of its case folder (curves.csv ...)."""
        found = {}
        for case, dose in zip(self.certified["case"], self.certified["dose_percent"], strict=True):
            path = inside(self.folder, case) / name
            if path.is_file():
                found[float(dose)] = read_csv(path)
        return found


def read_study(folder: Path) -> list[Series]:
    """All series of a study, in the order of cases.csv; at least one.

    Control arms and mechanisms are left out.

    Raises ValueError when a table is missing or does not hold the study's cases.
    """
    rows = _rows(folder)
    dosed = rows[rows["case"] != rows["baseline"]]
    dosed = dosed[~dosed["arm"].str.startswith(CONTROL)]
    if dosed.empty:
        dosed = rows
    varied = [key for key in KEYS if len(set(dosed[key])) > 1]
    series = []
    people = [name for name in dict.fromkeys(dosed["runner"]) if PERSON.fullmatch(str(name))]
    for values, group in dosed.groupby(KEYS, sort=False):
        shared = rows[rows["case"].isin(group["baseline"])]
        together = pd.concat([group, shared]).drop_duplicates("case").sort_values("dose_percent")
        words = {
            key: WORDS.get(key, "{}").format(value).replace("_", " ")
            for key, value in zip(KEYS, values, strict=True)
            if key in {"arm", "speed_m_s", *varied}
        }
        arm = ", ".join(words.pop(key) for key in ("arm", "side") if key in words)
        rest = ", ".join(words.values())
        rows_of = together.reset_index(drop=True)
        further = rows_of["runner"].iloc[0] in people[1:]
        series.append(Series(Path(folder), f"{arm}, {rest}", rows_of, arm, rest, further))
    return series


def read_normal(folder: Path) -> pd.DataFrame:
    """Rows of the 100 % runs: those of all series, and the free ones of the control `speed`."""
    shared = pd.concat([one.rows for one in read_study(folder)])
    rows = _rows(folder)
    free = (rows["case"] == rows["baseline"]) & (rows["arm"] == BASELINE) & (rows["draw"] == 0)
    for column, own in FREE.items():
        if column in rows:
            free &= rows[column] == own
    every = pd.concat([shared, rows[free]]).drop_duplicates("case")
    normal = every[every["dose_percent"] == 100]
    return normal.sort_values(list(ORDER), kind="stable").reset_index(drop=True)


def _rows(folder: Path) -> pd.DataFrame:
    """Rows of cases.csv with those of outcomes.csv, without mechanisms."""
    cases, outcomes = (_table(folder / name) for name in ("cases.csv", "outcomes.csv"))
    lacking = set(cases["case"]) - set(outcomes["case"])
    if lacking:
        raise ValueError(f"{folder / 'outcomes.csv'}: case {min(lacking)} has no row")
    added = [c for c in outcomes.columns if c == "case" or c not in cases.columns]
    for name, value in LATER.items():
        if name not in cases:
            cases[name] = value
    rows = cases.merge(outcomes[added], on="case", how="left", validate="one_to_one")
    return without_mechanisms(rows)


def _table(path: Path) -> pd.DataFrame:
    if not path.exists():
        raise ValueError(f"{path}: no such file; run the study first")
    return read_table(path, ["case"])

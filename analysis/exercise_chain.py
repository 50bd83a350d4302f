"""The article's chain: exercise -> stronger flexors -> running, as one number with its interval.

    python -m analysis.exercise_chain --study results/exercises [--running results/study]

exercises_chain.csv    a row for each primary endpoint of the running study's claims at 117 %
exercises_chain.json   the one number, what each link says, and a paragraph of it

The middle link is a randomised trial. Its confidence interval is carried through the running
study's own curve against strength; the interval over people is that of its verdict.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TypedDict, cast

import numpy as np
import pandas as pd

from analysis.exercises import of_first_runner
from analysis.verdict import statements
from analysis.verdict.readings import WORDS as READING_WORDS
from formats.case import BASELINE
from formats.files import run_command, write_json, write_text
from formats.table import csv_text, read_csv
from formats.untrusted import read_object, read_table
from formats.verdicts import FILE as VERDICTS
from formats.verdicts import ClaimVerdict, EndpointVerdict, Factors
from formats.verdicts import read as verdicts_of

TABLE, RECORD = "exercises_chain.csv", "exercises_chain.json"
OUTCOMES = "outcomes.csv"
TRAINED_PERCENT = 117.0
"""Isometric flexion strength after six weeks with an elastic band, of that before (TRIAL)."""
GAIN_NM_KG, GAIN_INTERVAL_NM_KG = 0.34, (0.17, 0.52)
"""What the trained gained more than the control group: mean and 95 % confidence interval."""
TRIAL = (
    "Thorborg et al. 2016 (Knee Surg Sports Traumatol Arthrosc 24:2346), a randomised trial of 33 "
    "adults, six weeks of hip flexion against an elastic band"
)
PRESCRIBED = ("march", "bike_pedal", "plank", "standing_march")
"""The article's four exercises; others of a study were added for comparison."""
STIMULUS_PERCENT = 60.0
"""Of a muscle's capacity: so much trains it."""
DEMAND = "iliopsoas_demand_per_capacity_peak"
"""Column of outcomes.csv and exercises.csv: most of its capacity that iliopsoas gives, 0 to 1."""
COLUMNS_READ = ["case", "status", "arm", "runner", "dose_percent", "speed_m_s"]


class Link(TypedDict):
    """A primary endpoint in running at 117 %, in its unit: a row of exercises_chain.csv.

    low and high: of the interval over people and of the trial's; a number that is missing is NaN
    in the table and None in the record.
    """

    claim: str
    endpoint: str
    label: str
    reading: str
    unit: str
    effect: float | None
    low_people: float | None
    high_people: float | None
    people: int
    low_trial: float | None
    high_trial: float | None
    smallest_effect: float | None
    claimed: str
    verdict: str


COLUMNS = list(Link.__annotations__)


class Asked(TypedDict):
    """How much of iliopsoas' capacity an exercise asks for at most, per cent; band: `none` too."""

    exercise: str
    band: str
    percent_of_capacity: float


class MostAsked(TypedDict, total=False):
    """Of the article's exercises the one that asks for most; without a key none is certified."""

    without_band: Asked
    with_band: Asked


class Trial(TypedDict):
    """The randomised trial: strength after it and its interval, per cent of before."""

    source: str
    strength_percent: float
    interval_percent: list[float]


class Chain(TypedDict):
    """exercises_chain.json. running_percent_of_capacity: by speed (m/s, as text)."""

    exercises: MostAsked
    running_percent_of_capacity: dict[str, float]
    trial: Trial
    running: str | None
    number: Link | None
    paragraph: str


def trial_doses() -> tuple[float, float]:
    """The trial's interval as strength in per cent of before: its gain of 17 % is 0.34 Nm/kg."""
    percent = (TRAINED_PERCENT - 100.0) / GAIN_NM_KG
    low, high = (100.0 + percent * end for end in GAIN_INTERVAL_NM_KG)
    return low, high


def running_rows(running: Path) -> pd.DataFrame:
    """A running study's certified runs; ValueError, one line, if it has no outcomes."""
    table = read_table(
        running / OUTCOMES, ["case", "status", "arm", "runner", "dose_percent", "speed_m_s"]
    )
    return table[table["status"] == "certified"]


def curve(rows: pd.DataFrame, stratum: Factors, column: str) -> pd.DataFrame:
    """Dose and value of a stratum's certified runs, mean over its variants; no row: none there.

    rows: running_rows. The 100 % run belongs to every arm.
    """
    chosen = rows[rows["arm"].isin([BASELINE, stratum.get("arm")])]
    for key, value in stratum.items():
        if key in ("arm", "side", "contrast") or key not in chosen or value is None:
            continue
        chosen = chosen[chosen[key] == value]
    for key in ("draw", "spring_n_m"):  # as built: no drawn parameters, no control's spring
        if key in chosen:
            chosen = chosen[chosen[key].fillna(0) == 0]
    if column not in chosen:
        return pd.DataFrame(columns=["dose_percent", column])
    return chosen.groupby("dose_percent", as_index=False)[column].mean().dropna()


def over_trial(points: pd.DataFrame, column: str, relative: bool) -> tuple[float, float]:
    """Least and largest effect over the trial's interval of strength; NaN beyond the doses studied.

    points: curve(). relative: in per cent of the 100 % run. Straight between doses.
    """
    doses, values = points["dose_percent"].to_numpy(), points[column].to_numpy()
    low, high = trial_doses()
    if not len(doses) or doses.min() > 100 or doses.max() < high or 100 not in doses:
        return float("nan"), float("nan")
    before = float(values[doses == 100][0])
    at = np.array([low, *doses[(doses > low) & (doses < high)], high])
    effect = np.interp(at, doses, values) - before
    if relative:
        effect *= 100.0 / before
    return float(effect.min()), float(effect.max())


def links(running: Path) -> pd.DataFrame:
    """A row for each primary endpoint and reading of the claims in the contrast at 117 %."""
    if not (running / VERDICTS).is_file():
        return pd.DataFrame(columns=COLUMNS)
    rows = running_rows(running)
    found: list[Link] = []
    suffixes = {words: suffix for suffix, words in READING_WORDS.items()}
    for claim, entry in verdicts_of(running / VERDICTS).items():
        stratum, primaries = trained(entry)
        for one in primaries:
            relative = one.get("unit") == statements.OF_NORMAL
            for reading, seen in statements.readings(one):
                low, high = seen.get("interval") or (float("nan"), float("nan"))
                column = str(one["endpoint"]) + suffixes.get(reading, "")
                trial = over_trial(curve(rows, stratum, column), column, relative)
                effect = statements.size_of(seen)
                link = Link(
                    claim=claim,
                    endpoint=column,
                    label=one["label"],
                    reading=reading,
                    unit=one.get("unit") or "",
                    effect=float("nan") if effect is None else effect,
                    low_people=low,
                    high_people=high,
                    people=one["people_used"],
                    low_trial=trial[0],
                    high_trial=trial[1],
                    smallest_effect=one["smallest_effect"],
                    claimed=statements.claimed(one),
                    verdict=one["verdict"],
                )
                found.append(link)
    return pd.DataFrame(found, columns=COLUMNS)


def trained(entry: ClaimVerdict) -> tuple[Factors, list[EndpointVerdict]]:
    """Stratum and primary endpoints of a claim in the contrast at 117 %; empty without one."""
    names = [
        name
        for name, one in entry.get("contrasts", {}).items()
        if str(one["strength"]).startswith(f"{TRAINED_PERCENT:g} %")
    ]
    for name in names:
        wanted: Factors = {**entry["stratum"], "contrast": name}
        for stratum in entry["strata"]:
            if stratum["stratum"] == wanted:
                return wanted, list(stratum["primary"])
    return {}, []


def asked(study: Path) -> MostAsked:
    """The certified exercise that asks most of iliopsoas, with and without a band: per cent."""
    table = of_first_runner(read_csv(study / "exercises.csv"))
    good = table[(table["status"] == "certified") & (table["dose_percent"] == 100)]
    good = good[good["exercise"].isin(PRESCRIBED)]
    found: MostAsked = {}
    if DEMAND not in good:
        return found
    moved = good[good["kind"] == "movement"].dropna(subset=DEMAND)
    without, banded = moved[moved["band"] == "none"], moved[moved["band"] != "none"]
    if not without.empty:
        found["without_band"] = _most(without)
    if not banded.empty:
        found["with_band"] = _most(banded)
    return found


def _most(rows: pd.DataFrame) -> Asked:
    row = rows.loc[rows[DEMAND].idxmax()]
    return {
        "exercise": str(row["exercise"]),
        "band": str(row["band"]),
        "percent_of_capacity": 100.0 * float(row[DEMAND]),
    }


def plain_runs(running: Path) -> pd.DataFrame:
    """A certified 100 % run for each speed (the index, m/s): as built, free, no habit."""
    rows = running_rows(running)
    chosen = rows[(rows["arm"] == BASELINE) & rows["runner"].isin(["spatial"])]
    for name in ("cadence", "draw", "spring_n_m", "habit_weight"):
        if name in chosen:
            chosen = chosen[chosen[name].isin(["free", 0, 0.0]) | chosen[name].isna()]
    return chosen.drop_duplicates("speed_m_s").set_index("speed_m_s")


def demands(running: Path | None) -> dict[float, float]:
    """Speed (m/s) -> per cent of capacity that iliopsoas gives in running at most."""
    if running is None or DEMAND not in (rows := plain_runs(running)):
        return {}
    return {float(k): 100.0 * float(v) for k, v in rows[DEMAND].dropna().items()}


def told(row: pd.Series, *names: str) -> list[str]:
    """Numbers of a row in the unit they are told in; a dash for none."""
    factor, _ = statements.unit(row)
    return [
        "-" if np.isnan(float(row[name])) else statements.number(factor * float(row[name]))
        for name in names
    ]


def in_words(row: pd.Series) -> str:
    """An endpoint's change at 117 %: number, intervals over people (if any) and trial."""
    unit = statements.unit(row)[1]
    unit = "%" if unit == statements.OF_NORMAL else unit
    effect, low, high, trial_low, trial_high = told(
        row, "effect", "low_people", "high_people", "low_trial", "high_trial"
    )
    around = f"95 % interval over {int(row['people'])} people {low} to {high}, " * (low != "-")
    across = f"over the trial's interval {trial_low} to {trial_high}" if trial_low != "-" else ""
    spread = f" ({around}{across})".replace(", )", ")").replace(" ()", "")
    reading = f" ({row['reading']})" if row["reading"] else ""
    return f"{row['label']}{reading} {effect} {unit}{spread}"


def paragraph(study: MostAsked, speeds: dict[float, float], table: pd.DataFrame) -> str:
    """The chain in words, whatever of it there is."""
    parts = []
    for one, words in (
        (study.get("without_band"), "without a band"),
        (study.get("with_band"), "with one"),
    ):
        if one is not None:
            band = "" if one["band"] == "none" else f", {one['band']}"
            parts.append(
                f"{one['percent_of_capacity']:.0f} % {words} "
                f"({one['exercise'].replace('_', ' ')}{band})"
            )
    text = ""
    if parts:
        text = f"The exercises ask iliopsoas for at most {' and '.join(parts)} of its capacity"
        beside = [f"{value:.0f} % at {speed:g} m/s" for speed, value in sorted(speeds.items())]
        text += f"; running for {', '.join(beside)}" if beside else ""
        text += f"; {STIMULUS_PERCENT:.0f} % is taken to train. "
    low, high = trial_doses()
    text += (
        f"{TRIAL}: +{TRAINED_PERCENT - 100:.0f} % ({GAIN_NM_KG} Nm/kg more than the controls, 95 % "
        f"interval {GAIN_INTERVAL_NM_KG[0]} to {GAIN_INTERVAL_NM_KG[1]}), so "
        f"{low:.0f} to {high:.0f} % of the strength before. "
    )
    if table.empty:
        return text + "No running study with a verdict at that strength stands beside this one."
    first, *others = (row for _, row in table.iterrows())
    factor, unit = statements.unit(first)
    share = abs(float(first["effect"])) / float(first["smallest_effect"])
    text += (
        f"Running at {TRAINED_PERCENT:.0f} %: {in_words(first)}, {share:.2g} times the smallest "
        f"change that matters ({factor * first['smallest_effect']:g} {unit}); the article claims "
        f"that it {first['claimed']}. "
    )
    text += f"Beside it: {'; '.join(in_words(row) for row in others)}. "
    people = int(table["people"].max())
    if table["low_people"].isna().all():
        text += (
            f"{people} {'person' if people == 1 else 'people'} ran: by the rule no interval over "
            "people and no verdict; the trial's interval is that of its people's mean gain."
        )
    return text.strip()


def write(study: Path, running: Path | None) -> Chain:
    """Write table and record; gives the record."""
    table = pd.DataFrame(columns=COLUMNS) if running is None else links(running)
    exercises, speeds = asked(study), demands(running)
    low, high = trial_doses()
    record: Chain = {
        "exercises": exercises,
        "running_percent_of_capacity": {f"{speed:g}": value for speed, value in speeds.items()},
        "trial": {
            "source": TRIAL,
            "strength_percent": TRAINED_PERCENT,
            "interval_percent": [low, high],
        },
        "running": None if running is None else running.resolve().name,
        "number": None if table.empty else _record(table.iloc[0]),
        "paragraph": paragraph(exercises, speeds, table),
    }
    write_text(study / TABLE, csv_text(table, "%.5g"))
    write_json(study / RECORD, record)
    return record


def read(study: Path) -> Chain:
    """The record of a study's folder. ValueError, one line, if it is missing or broken."""
    return cast(Chain, read_object(study / RECORD))


def _record(row: pd.Series) -> Link:
    values = row.to_dict()  # as numbers of Python, which JSON takes
    return cast(Link, {name: None if pd.isna(value) else value for name, value in values.items()})


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="From exercise over strength to running.")
    parser.add_argument("--study", type=Path, required=True, help="folder of the exercises")
    parser.add_argument("--running", type=Path, help="folder of a running study")
    given = parser.parse_args()
    print(write(given.study, given.running)["paragraph"])


if __name__ == "__main__":
    run_command(main)

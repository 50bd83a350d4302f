"""A study whose truth is known: outcomes made from given slopes, noise and levels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.verdict import controls
from formats.claims import FIRST as CLAIMS
from formats.claims import Claims
from study.cases import Case, baseline

DOSES = (60.0, 80.0, 100.0, 120.0, 140.0)
LEG = 0.8
# Level at 100 % and smallest effect per -10 %, of every primary endpoint in its column's unit.
LEVELS = {
    "ankle_com_per_leg": (0.3, 0.005 / LEG),
    "glmax_activation_stance_mean": (0.1, 0.01),
    "thigh_extension_peak_deg": (24.0, 1.0),
    "rim_margin_min_deg": (20.0, 1.0),
    "rim_margin_min_deg_tendon_on_head": (30.0, 1.0),
}
PLAIN = Case(
    runner="spatial",
    problem="predict",
    speed_m_s=3.5,
    arm="hip_flexors",
    side="both",
    dose_percent=100.0,
    cadence="free",
    habit_weight=0.1,
    objective="metabolic_mix",
    start="warm",
    mesh_intervals=50,
)
Truth = Callable[[str, Case, np.random.Generator], float]


def effects(**in_smallest_effects: float) -> Truth:
    """The given effect per -10 % on an endpoint, in its smallest effects; no noise; else none."""
    return lambda name, case, rng: in_smallest_effects.get(name, 0.0)


def study(
    truth: Truth,
    *,
    variants: int = 6,
    noise: float = 0.02,
    doses: tuple[float, ...] = DOSES,
    seed: int = 0,
    **what: object,
) -> pd.DataFrame:
    """Rows as analysis.verdict.variants.read_rows gives them: `variants` draws of one stratum.

    truth: effect per -10 % strength of an endpoint in a variant, in smallest effects. noise: SD of
    each value, in smallest effects. what: other keys of the cases.
    """
    rng = np.random.default_rng(seed)
    rows = []
    for draw in range(variants):
        plain = replace(PLAIN, draw=draw, **what)
        slopes = {name: truth(name, plain, rng) for name in LEVELS}
        offsets = {name: rng.normal() for name in LEVELS}
        for dose in doses:
            case = replace(plain, dose_percent=dose) if dose != 100 else baseline(plain)
            row = {"case": case.case, **vars(case), "baseline": baseline(plain).case}
            row |= {"status": "certified", "reason": ""}
            for name, (level, smallest) in LEVELS.items():
                steps = -(dose - 100.0) / 10.0
                change = slopes[name] * steps + offsets[name] + noise * rng.normal()
                row[name] = level + smallest * change
            row["ankle_com_m"] = LEG * row["ankle_com_per_leg"]
            row["leg_negative_work_j_kg_m"] = 2.0 * (1.0 - 0.003 * (100.0 - dose))
            rows.append(row)
    return pd.DataFrame(rows)


def lose(rows: pd.DataFrame, **which: object) -> pd.DataFrame:
    """The same study with some cases failed, their values kept beside their status."""
    lost = np.logical_and.reduce([rows[key] == value for key, value in which.items()])
    changed = rows.copy()
    changed.loc[lost, ["status", "reason"]] = ["failed", "did not converge"]
    return changed


def write(rows: pd.DataFrame, folder: Path) -> None:
    """cases.csv and outcomes.csv of a study folder."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = ["case", *vars(PLAIN), "baseline"]
    rows[settings].to_csv(folder / "cases.csv", index=False)
    rows.drop(columns=["baseline"]).to_csv(folder / "outcomes.csv", index=False)


def in_percent(folder: Path) -> Path:
    """A rule whose smallest effect on gluteal activation is 5 % of the 100 % run, as a file."""
    text = CLAIMS.read_text()
    old = '        smallest_effect: 0.01\n        unit: "1"\n'
    assert text.count(old) == 1
    path = folder / "percent.yaml"
    path.write_text(text.replace(old, "        smallest_effect_percent: 5\n"))
    return path


def told(folder: Path, rows: pd.DataFrame, claims: Claims) -> dict[str, dict[str, str]]:
    """Controls of the claim about the landing, by name."""
    return controls.controls(folder, rows, claims)["landing"]

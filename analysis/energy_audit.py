"""Who does the work of a stride, who takes it up, and what is paid for it.

    python -m analysis.energy_audit --case DIR     writes DIR/energy_audit.csv

(analysis.outcomes writes it too, in the same pass.) All in J per kg of body and m of the stride;
`positive` and `negative` are sizes, `net` is their difference. Three sections:

skeleton   what acts on the body, by what it acts through: muscles with their tendons, passive joint
           torques, actuators, contact. Their sum is the change of kinetic and potential energy;
           `unexplained` is what is left of it, the certificate's energy balance.
muscles    each group's musculotendon work taken apart: the contractile element (the only one that
           is paid for), passive fibres and tendons (they give back what they took), fibre damping.
metabolic  what is paid (Bhargava et al. 2004 as in OpenSim): heat of activation, maintenance and
           shortening, and work. Work that stretched fibres take up is not refunded. `corners` is
           what OpenSim's least heat and rounded kinks add to the parts. By group: total.

Positive and negative work are counted for each muscle, each coordinate's torque, and the contact of
both feet together.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.checks.stride import ENERGY_LIMIT_PERCENT
from analysis.replayed.quadrature import case_weights, negative, positive
from analysis.replayed.quantities import BASAL_W_KG, Dynamics
from analysis.replayed.stride import Replays
from formats.files import run_command, write_text
from formats.muscles import GROUPS
from formats.table import csv_text

FILE = "energy_audit.csv"
COLUMNS = (
    *("section", "part", "group"),
    *("positive_j_kg_m", "negative_j_kg_m", "net_j_kg_m"),
)
MUSCLES = GROUPS | {
    "rectus_femoris": r"recfem",
    "other_hip_flexors": r"sart|tfl",
    "adductors": r"add\w+|grac|pect",
    "biceps_short_head": r"bfsh",
    "gastrocnemius": r"gasmed|gaslat",
    "dorsiflexors": r"tibant|edl|ehl",
}
"""Group -> its muscles (pattern of the name without side); what is in none is `other`."""
COORDINATES = {
    "root": r"pelvis_\w+",
    "hip": r"hip_\w+",
    "knee": r"knee_\w+",
    "ankle": r"(ankle|subtalar)_\w+",
    "toes": r"mtp_\w+",
    "trunk": r"lumbar_\w+",
    "arms": r"(arm|shoulder|elbow|pro|wrist)_\w+",
    "soft_tissue": r"\w+_soft_tissue",
}
ALL, OTHER = "all", "other"


def grouped(names: list[str], patterns: dict[str, str]) -> dict[str, list[int]]:
    """Group -> positions of its names, each name in one group; empty groups are left out."""
    found: dict[str, list[int]] = {}
    for i, name in enumerate(names):
        bare = re.sub(r"_[rl]$", "", name)
        fits = (group for group, pattern in patterns.items() if _fits(pattern, name, bare))
        found.setdefault(next(fits, OTHER), []).append(i)
    return {name: found[name] for name in (*patterns, OTHER) if name in found}


def _fits(pattern: str, *names: str) -> bool:
    return any(re.fullmatch(pattern, name) for name in names)


class _Rows:
    """Rows of the table; work in J/kg/m of powers (N, k) W, integrated with weights (N,) s."""

    def __init__(self, weights: np.ndarray, per: float) -> None:
        self.weights, self.per = weights, per
        self.rows: list[dict[str, object]] = []

    def add(self, section: str, part: str, group: str, power: np.ndarray) -> float:
        """Add a row; its net. Positive and negative parts are of each column by itself."""
        power = power.reshape(len(power), -1)
        up = float(positive(self.weights, power).sum()) / self.per
        down = float(negative(self.weights, power).sum()) / self.per
        self.rows.append(
            dict(zip(COLUMNS, (section, part, group, up, down, up - down), strict=True))
        )
        return up - down

    def put(self, section: str, part: str, net: float) -> None:
        """Add a row that has a net value only."""
        row = (section, part, ALL, np.nan, np.nan, net)
        self.rows.append(dict(zip(COLUMNS, row, strict=True)))


def table(d: Dynamics, weights: np.ndarray, *, distance: float) -> pd.DataFrame:
    """The audit, columns COLUMNS. weights (N,) s of the nodes; distance (m) of the stride."""
    rows = _Rows(weights, d.mass * distance)
    _skeleton(rows, d)
    _muscles(rows, d)
    _metabolic(rows, d)
    return pd.DataFrame(rows.rows, columns=list(COLUMNS))


def _skeleton(rows: _Rows, d: Dynamics) -> None:
    total = rows.add("skeleton", "muscles", ALL, d.muscle_power)
    for part, name in (("passive_joints", "passive"), ("actuators", "actuators")):
        power = d.speed * d.generalised[name]
        rows.add("skeleton", part, ALL, power)
        for group, chosen in grouped(d.names, COORDINATES).items():
            if np.abs(power[:, chosen]).max() > 0:
                rows.add("skeleton", part, group, power[:, chosen])
        total += float(rows.weights @ power.sum(axis=1)) / rows.per
    contact = np.sum(d.speed * d.generalised["contacts"], axis=1)
    total += rows.add("skeleton", "contact", ALL, contact)
    energy = d.kinetic + d.potential
    change = float(energy[-1] - energy[0]) / rows.per
    rows.put("skeleton", "sum", total)
    rows.put("skeleton", "energy_change", change)
    rows.put("skeleton", "unexplained", total - change)


def _muscles(rows: _Rows, d: Dynamics) -> None:
    groups = {ALL: list(range(len(d.muscle_names)))} | grouped(d.muscle_names, MUSCLES)
    for group, chosen in groups.items():
        rows.add("muscles", "musculotendon", group, d.muscle_power[:, chosen])
        for part, power in d.muscle_power_parts.items():
            rows.add("muscles", part, group, power[:, chosen])


def _metabolic(rows: _Rows, d: Dynamics) -> None:
    basal = np.full(len(rows.weights), BASAL_W_KG * d.mass)
    rows.add("metabolic", "total", ALL, d.metabolic_rate)
    rows.add("metabolic", "basal", ALL, basal)
    for name, rate in d.metabolic_parts.items():
        rows.add("metabolic", name, ALL, rate)
    known = basal + sum(d.metabolic_parts.values())
    rows.add("metabolic", "corners", ALL, d.metabolic_rate - known)
    for group, chosen in grouped(d.muscle_names, MUSCLES).items():
        rows.add("metabolic", "total", group, d.muscle_metabolic_rate[:, chosen])


def summary(audit: pd.DataFrame) -> dict[str, float]:
    """Columns of outcomes.csv: energy_<part>_positive/negative_j_kg_m, energy_<heat>_j_kg_m."""
    whole = audit[audit["group"].isin([ALL, "trunk", "arms"])].set_index(
        ["section", "part", "group"]
    )
    row: dict[str, float] = {}
    for section, part, group, name in (
        *(("muscles", p, ALL, p) for p in ("contractile", "passive_fibre", "tendon")),
        ("muscles", "fibre_damping", ALL, "fibre_damping"),
        ("skeleton", "passive_joints", ALL, "passive_joints"),
        ("skeleton", "actuators", "trunk", "trunk_actuators"),
        ("skeleton", "actuators", "arms", "arm_actuators"),
        ("skeleton", "contact", ALL, "contact"),
    ):
        for sign in ("positive", "negative"):
            key = (section, part, group)
            value = float(whole.loc[key, f"{sign}_j_kg_m"]) if key in whole.index else 0.0
            row[f"energy_{name}_{sign}_j_kg_m"] = value
    for part in ("activation_heat", "maintenance_heat", "shortening_heat"):
        row[f"energy_{part}_j_kg_m"] = float(whole.loc[("metabolic", part, ALL), "net_j_kg_m"])
    row["energy_unexplained_j_kg_m"] = float(
        whole.loc[("skeleton", "unexplained", ALL), "net_j_kg_m"]
    )
    return row


def unexplained_percent(audit: pd.DataFrame) -> float:
    """What the audit does not explain, % of positive muscle work, as the certificate judges it."""
    rows = audit[(audit["section"] == "skeleton") & (audit["group"] == ALL)].set_index("part")
    missing, done = rows.loc["unexplained", "net_j_kg_m"], rows.loc["muscles", "positive_j_kg_m"]
    return 100.0 * abs(float(missing)) / float(done) if done > 0 else float("inf")


def csv(audit: pd.DataFrame) -> str:
    """The text of energy_audit.csv."""
    return csv_text(audit, "%.8g")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Account for a case's work and energy.")
    parser.add_argument("--case", type=Path, required=True, help="case folder")
    folder = parser.parse_args().case
    replays = Replays(folder)
    case, found = replays.case, replays.dynamics
    audit = table(found, case_weights(case), distance=case.speed * case.stride_time)
    write_text(folder / FILE, csv(audit))
    print(audit.to_string(index=False, float_format="%.3f", na_rep=""))
    share = unexplained_percent(audit)
    word = "closes" if share <= ENERGY_LIMIT_PERCENT else "does NOT close"
    mass = sum(muscle.mass for muscle in case.runner.muscles)
    print(
        f"[{folder.name}] the balance {word}: {share:.2g} % of positive muscle work unexplained "
        f"(limit {ENERGY_LIMIT_PERCENT:g}); {mass:.1f} kg of muscle pay, of {found.mass:.1f} kg"
    )


if __name__ == "__main__":
    run_command(main)

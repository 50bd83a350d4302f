"""The audit of work and energy: it adds up, part by part, and says so where it does not."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.checks.stride import ENERGY_LIMIT_PERCENT
from analysis.energy_audit import (
    COLUMNS,
    COORDINATES,
    FILE,
    MUSCLES,
    grouped,
    summary,
    table,
    unexplained_percent,
)
from analysis.measures.energetics import outcomes
from analysis.replayed.stride import Stride
from formats.muscles import VELOCITY_SMOOTHING
from models.rajagopal.tables import table as parameters

NET = "net_j_kg_m"


@pytest.fixture(scope="module")
def audit(hop_stride: Stride) -> pd.DataFrame:
    return table(hop_stride.dynamics, hop_stride.weights, distance=hop_stride.distance)


def part(audit: pd.DataFrame, section: str, group: str = "all", column: str = NET) -> pd.Series:
    chosen = audit[(audit["section"] == section) & (audit["group"] == group)]
    return chosen.set_index("part")[column]


def test_all_that_acts_on_the_body_changes_its_energy(
    audit: pd.DataFrame, hop_stride: Stride
) -> None:
    d, net = hop_stride.dynamics, part(audit, "skeleton")
    per = d.mass * hop_stride.distance
    energy = d.kinetic + d.potential
    assert net["energy_change"] == pytest.approx((energy[-1] - energy[0]) / per)
    acting = net[["muscles", "passive_joints", "actuators", "contact"]].sum()
    assert net["sum"] == pytest.approx(acting)
    assert net["unexplained"] == pytest.approx(acting - net["energy_change"], abs=1e-12)
    assert unexplained_percent(audit) < ENERGY_LIMIT_PERCENT
    trunk = float(hop_stride.weights @ (d.speed * d.generalised["actuators"]).sum(axis=1)) / per
    assert part(audit, "skeleton", "trunk")["actuators"] == pytest.approx(trunk)


def test_work_from_nowhere_is_not_explained(hop_stride: Stride) -> None:
    d = hop_stride.dynamics
    forces = d.generalised | {"contacts": 1.2 * d.generalised["contacts"]}
    found = table(replace(d, generalised=forces), hop_stride.weights, distance=hop_stride.distance)
    assert unexplained_percent(found) > ENERGY_LIMIT_PERCENT


def test_groups_and_their_parts_add_up(audit: pd.DataFrame, hop_stride: Stride) -> None:
    groups = grouped(hop_stride.dynamics.muscle_names, MUSCLES)
    parts = ["contractile", "passive_fibre", "fibre_damping", "tendon"]
    for group in ("all", *groups):
        net = part(audit, "muscles", group)
        assert net[parts].sum() == pytest.approx(net["musculotendon"], abs=1e-9)
        assert net["fibre_damping"] <= 0
    for column in ("positive_j_kg_m", "negative_j_kg_m", NET):
        whole = part(audit, "muscles", "all", column)
        each = sum(part(audit, "muscles", group, column) for group in groups)
        assert each.to_numpy() == pytest.approx(whole[each.index].to_numpy(), abs=1e-9)
    # Constant tendon forces: the tendons neither take nor give.
    assert part(audit, "muscles", "all", "positive_j_kg_m")["tendon"] < 1e-6


def test_what_is_paid_adds_up(audit: pd.DataFrame, hop_stride: Stride) -> None:
    paid = part(audit, "metabolic")
    row = outcomes(hop_stride.dynamics, hop_stride.weights, distance=hop_stride.distance)
    # Of muscles and the body at rest; the trunk's and arms' actuators are paid for beside them.
    driven = row["metabolic_cost_actuators_j_kg_m"]
    assert paid["total"] + driven == pytest.approx(row["metabolic_cost_j_kg_m"])
    net = paid["total"] - paid["basal"] + driven
    assert net == pytest.approx(row["metabolic_cost_net_j_kg_m"])
    assert paid.drop("total").sum() == pytest.approx(paid["total"])
    # Lengthening takes heat up, down to the least heat of OpenSim, which adds to the parts.
    assert 0.0 <= paid["corners"] < 0.15 * paid["total"]
    groups = grouped(hop_stride.dynamics.muscle_names, MUSCLES)
    by_group = sum(part(audit, "metabolic", group)["total"] for group in groups)
    assert by_group + paid["basal"] == pytest.approx(paid["total"])
    # OpenSim's sum of the mechanical work is that of shortening contractile elements (its tanh
    # rounds where that ends); eccentric work is not refunded.
    d = hop_stride.dynamics
    contractile = d.muscle_power_parts["contractile"]
    shortening = contractile * (0.5 + 0.5 * np.tanh(-VELOCITY_SMOOTHING * d.fibre_velocity))
    assert d.metabolic_parts["work"] == pytest.approx(shortening.sum(axis=1), abs=1e-6)
    assert paid["work"] >= part(audit, "muscles")["contractile"]
    # What shortens is paid in full: OpenSim's default smoothing would leave out a part of it.
    done = part(audit, "muscles", "all", "positive_j_kg_m")["contractile"]
    assert paid["work"] == pytest.approx(done, rel=0.01)


def test_summary_has_the_audit_s_numbers(audit: pd.DataFrame, hop_stride: Stride) -> None:
    row = summary(audit)
    sizes = part(audit, "muscles", "all", "negative_j_kg_m")
    assert row["energy_contractile_negative_j_kg_m"] == pytest.approx(sizes["contractile"])
    assert row["energy_arm_actuators_positive_j_kg_m"] == 0.0  # it has no arms
    assert np.isfinite(list(row.values())).all()


def test_every_muscle_is_in_one_group() -> None:
    names = [f"{row['muscle']}_{side}" for row in parameters("lai_uhlrich_2022") for side in "rl"]
    found = grouped(names, MUSCLES)
    placed = sorted(i for chosen in found.values() for i in chosen)
    assert placed == list(range(len(names)))
    assert [names[i] for i in found["iliopsoas"]] == [
        "iliacus_r",
        "iliacus_l",
        "psoas_r",
        "psoas_l",
    ]
    arms = grouped(["arm_flex_r", "lumbar_bending", "pelvis_tx", "mtp_angle_l"], COORDINATES)
    assert arms == {"root": [2], "toes": [3], "trunk": [1], "arms": [0]}


def test_command_writes_the_table(copied: Path) -> None:
    command = [sys.executable, "-m", "analysis.energy_audit", "--case", str(copied)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "the balance closes" in done.stdout
    assert list(pd.read_csv(copied / FILE).columns) == list(COLUMNS)


def test_failed_case_has_an_empty_file(tamper, copied: Path) -> None:  # type: ignore[no-untyped-def]
    tamper("solver.json", status="failed", reason="stopped")
    command = [sys.executable, "-m", "analysis.outcomes", "--case", str(copied)]
    subprocess.run(command, capture_output=True, text=True, check=True)
    assert (copied / FILE).read_text() == ""

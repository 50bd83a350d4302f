"""What moves the head's outcomes beside strength: the socket's parameters, one at a time.

    python -m analysis.robustness --case DIR     writes DIR/robustness.csv

Needs DIR/hip_loads.csv (analysis.femoral_head). One row for each parameter, reading of the tendon
and outcome: its value at the low and high end and at the default, ready for a tornado. The load is
kept: it is the socket that changes.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis.femoral_head import FILE as HEAD
from analysis.femoral_head import Head, equilibria, equilibrium, position, pressing, reason
from analysis.measures import hip_loads
from analysis.measures.hip_loads import HipLoads
from analysis.measures.tendon_readings import BRACKET
from analysis.replayed.case import read_json
from analysis.socket.acetabulum import Cover
from analysis.socket.bearing import Socket, default, loosened, population, socket_of
from analysis.socket.equilibrium import Equilibrium
from formats import description
from formats.case import FILE as SETTINGS
from formats.files import run_command, write_text
from formats.records import Settings
from formats.table import csv_text

FILE = "robustness.csv"
OUTCOMES = (
    "head_displacement_max_mm",
    "head_anterior_max_mm",
    "contact_pressure_peak_mpa",
    "rim_margin_min_deg",
)
COLUMNS = (
    *("reading", "outcome", "parameter", "low", "usual", "high"),
    *("outcome_low", "outcome_usual", "outcome_high", "span", "reason"),
)
Change = Callable[[Socket, HipLoads, float], tuple[Socket, HipLoads]]


@dataclass(frozen=True)
class Range:
    """A parameter, its ends and usual value in the unit of its name, and how to set it."""

    name: str
    low: float
    usual: float
    high: float
    change: Change


def _turned(name: str) -> Change:
    """The whole cup turns; its opening is kept."""
    return lambda s, loads, v: (replace(s, cup=replace(s.cup, **{name: v})), loads)


def _covered(name: str) -> Change:
    """One cover angle changes, the other two are kept."""
    return lambda s, loads, v: (replace(s, cup=replace(s.cup.cover, **{name: v}).cup()), loads)


def _between(own: Cover, other: Cover, share: float) -> Cover:
    pairs = ((name, getattr(own, name), getattr(other, name)) for name in own.__dataclass_fields__)
    return Cover(**{name: (1 - share) * a + share * b for name, a, b in pairs})


def _socket(name: str, scale: float) -> Change:
    def change(socket: Socket, loads: HipLoads, value: float) -> tuple[Socket, HipLoads]:
        new: dict[str, Any] = {name: value * scale}
        return replace(socket, **new), loads

    return change


def ranges(socket: Socket) -> list[Range]:
    """What is varied, and how far.

    The cup's orientation by 10 deg, each cover angle over people (mean +-2 SD), all three at once
    from the cup as it is (0) to the mean of people (1), the rest over what is published.
    """
    cup, people = socket.cup, population()
    lean, turn, cover = cup.inclination_deg, cup.anteversion_deg, cup.cover

    def towards_people(s: Socket, loads: HipLoads, share: float) -> tuple[Socket, HipLoads]:
        return replace(s, cup=_between(s.cup.cover, people.mean, share).cup()), loads

    found = [
        Range("inclination_deg", lean - 10, lean, lean + 10, _turned("inclination_deg")),
        Range("anteversion_deg", turn - 10, turn, turn + 10, _turned("anteversion_deg")),
        *(
            Range(
                f"{name.removeprefix('lateral_')}_deg",
                getattr(people.low, name),
                getattr(cover, name),
                getattr(people.high, name),
                _covered(name),
            )
            for name in ("lateral_centre_edge", "anterior_sector", "posterior_sector")
        ),
        Range("mean_cover_of_people_factor", 0, 0, 1, towards_people),
        Range("pelvic_tilt_forward_deg", -10, 0, 10, lambda s, loads, v: (s, loads.tilted(v))),
        Range("ligament_stiffness_factor", 0, 1, 2, _ligaments),
        # A lax capsule: each line longer by so much (1 to 3 mm are the study's arms).
        Range("capsule_slack_mm", 0, 1e3 * socket.ligaments[0].slack, 3, _lax),
    ]
    for name, field, scale, low, high in (
        ("clearance_mm", "clearance", 1e-3, 0.0, 0.5),
        ("cartilage_modulus_mpa", "cartilage_modulus", 1e6, 6.0, 18.0),
        ("cartilage_poisson", "cartilage_poisson", 1.0, 0.40, 0.48),
        ("cartilage_thickness_mm", "cartilage_thickness", 1e-3, 2.0, 4.0),
        ("head_radius_mm", "head_radius", 1e-3, 22.0, 26.0),
        ("labrum_modulus_mpa", "labrum_modulus", 1e6, 0.0, 130.0),
    ):
        usual = getattr(socket, field) / scale
        found.append(Range(name, low, usual, high, _socket(field, scale)))
    return found


def _ligaments(socket: Socket, loads: HipLoads, value: float) -> tuple[Socket, HipLoads]:
    lines = tuple(replace(line, stiffness=value * line.stiffness) for line in socket.ligaments)
    return replace(socket, ligaments=lines), loads


def _lax(socket: Socket, loads: HipLoads, value: float) -> tuple[Socket, HipLoads]:
    return loosened(socket, value), loads


def measure(
    socket: Socket, loads: HipLoads, near: Mapping[str, Equilibrium] | None = None
) -> dict[tuple[str, str], float | str]:
    """(reading, outcome) -> value; None-like NaN with the reason under `head_status`.

    near: equilibria of another socket, by reading, at which the search begins.
    """
    found: dict[tuple[str, str], float | str] = {}
    for suffix in BRACKET:
        rests = equilibrium(loads, suffix, socket, near[suffix] if near else None)
        margin = socket.cup.margin_deg(loads.reading(suffix), loads.side)
        values = {"rim_margin_min_deg": float(np.nanmin(margin))}
        if rests.solved:
            values |= position(rests, loads, socket) | pressing(rests, loads)
        found |= {(suffix, name): values.get(name, float("nan")) for name in OUTCOMES}
        found[suffix, "head_status"] = reason(rests)
    return found


def tornado(
    loads: HipLoads, socket: Socket | None = None, rests: Mapping[str, Equilibrium] | None = None
) -> pd.DataFrame:
    """One row for each reading, outcome and parameter, the widest first within an outcome.

    rests: the head's equilibria in that socket by reading, if known.
    """
    socket = socket or default()
    near = rests or equilibria(loads, socket)
    base = measure(socket, loads, near)
    rows = []
    for item in ranges(socket):
        low, high = (
            measure(*item.change(socket, loads, end), near) for end in (item.low, item.high)
        )
        for suffix in BRACKET:
            states = [found[suffix, "head_status"] for found in (low, base, high)]
            for name in OUTCOMES:
                values = [float(found[suffix, name]) for found in (low, base, high)]
                rows.append(
                    {
                        "reading": suffix.strip("_") or "tendon_on_pelvis",
                        "outcome": name,
                        "parameter": item.name,
                        "low": item.low,
                        "usual": item.usual,
                        "high": item.high,
                        "outcome_low": values[0],
                        "outcome_usual": values[1],
                        "outcome_high": values[2],
                        "span": np.ptp(values),
                        "reason": "; ".join(str(s) for s in dict.fromkeys(states) if s),
                    }
                )
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return table.sort_values(
        ["reading", "outcome", "span"], ascending=[False, True, False], na_position="first"
    ).reset_index(drop=True)


def compute(folder: Path, head: Head | None = None) -> pd.DataFrame | None:
    """Write a case's robustness.csv; gives it, None for a case without a head.

    head: of that folder, if it is known.
    """
    row = head.row if head else read_json(folder / HEAD)
    if "head_displacement_max_mm" not in row:  # no loads; a row that fails is not hidden by it
        write_text(folder / FILE, ",".join(COLUMNS) + "\n")
        return None
    loads = (head.loads if head else None) or hip_loads.read(folder)
    slack = Settings.of(folder / SETTINGS).capsule_slack_mm
    socket = loosened(socket_of(description.read(folder / "runner.json")), slack)
    table = tornado(loads, socket, rests=head.rests if head else None)
    write_text(folder / FILE, csv_text(table, "%.6g"))
    return table


def said(table: pd.DataFrame | None) -> str:
    """The displacement's rows of a case's table, as text."""
    if table is None:
        return "no socket to vary"
    shown = table[table["outcome"] == OUTCOMES[0]]
    columns = ["reading", "parameter", "low", "high", "outcome_low", "outcome_high"]
    return str(shown[columns].to_string(index=False, float_format="%.3g"))


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Vary the socket under a case's hip loads.")
    parser.add_argument("--case", type=Path, required=True, help="case folder")
    folder = parser.parse_args().case
    print(f"[{folder.name}]", said(compute(folder)), sep="\n")


if __name__ == "__main__":
    run_command(main)

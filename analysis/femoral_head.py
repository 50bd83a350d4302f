"""The femoral head in its socket over a stride: where it is, how it presses, how it moves.

    python -m analysis.femoral_head --case DIR
        writes DIR/hip_loads.csv (nodes), DIR/head.csv (0..100 % of the stride), DIR/head.json

At each instant the head rests in equilibrium between the hip force and socket.yaml's socket
(equilibrium, docs/socket.md). Three readings of the iliopsoas tendon (tendon): its wrap carried by
the pelvis, columns ending `_tendon_on_head`: by the front of the head, `_tendon_shared`: by both,
by hip angle. The leg is that of
outcomes.json. Pelvis frame; medial is positive on either side.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.measures import hip_load, hip_loads
from analysis.measures.hip_loads import HipLoads
from analysis.measures.tendon_readings import READINGS
from analysis.replayed import hip_replay
from analysis.replayed.case import read_solver
from analysis.replayed.stride import Replays
from analysis.socket import arthrokinematics
from analysis.socket.bearing import Socket, clock_hours, face_on_deg, loosened, socket_of
from analysis.socket.equilibrium import Equilibrium, solve
from formats.files import run_command, write_json, write_text
from formats.records import Row
from formats.table import csv_text

FILE, CURVES = "head.json", "head.csv"


def equilibrium(
    loads: HipLoads, suffix: str, socket: Socket, near: Equilibrium | None = None
) -> Equilibrium:
    """The head over the stride under one reading of the tendon. near: where to begin."""
    start = near.displacement if near else None
    return solve(socket, loads.reading(suffix), loads.rotation, loads.side, start=start)


def equilibria(loads: HipLoads, socket: Socket) -> dict[str, Equilibrium]:
    """The head over the stride by reading of the tendon."""
    return {suffix: equilibrium(loads, suffix, socket) for suffix in READINGS}


def outcomes(
    loads: HipLoads, socket: Socket, suffix: str = "", rests: Equilibrium | None = None
) -> Row:
    """Outcomes of one reading, names without its suffix. rests: its equilibrium, if known.

    Where an instant has no equilibrium, head_status says why and how often, and everything that
    depends on it is None: a maximum over the rest would be too small.
    """
    rests = rests or equilibrium(loads, suffix, socket)
    force = loads.reading(suffix)
    margin = socket.cup.margin_deg(force, loads.side)
    least = int(np.nanargmin(margin))
    row: Row = {
        "head_status": reason(rests),
        "head_unsolved_instants": sum(1 for text in rests.status if text),
        "rim_clock_h": float(clock_hours(force, socket.cup, loads.side)[least]),
        "tendon_force_peak_bw": float(np.linalg.norm(loads.tendon, axis=1).max() / loads.weight),
        "tendon_offset_at_peak_mm": 1e3
        * float(loads.offset[np.argmax(np.linalg.norm(loads.tendon, axis=1))]),
    }
    held = position(rests, loads, socket) | pressing(rests, loads)
    held |= arthrokinematics.outcomes(motion(rests, loads, socket), loads.weights)
    row |= held if rests.solved else dict.fromkeys(held)
    if suffix:  # the first reading's own are in outcomes.json
        row |= hip_load.outcomes(
            *(force, loads.percent, loads.weights, loads.stance),
            side=loads.side,
            weight=loads.weight,
            cup=socket.cup,
        )
    return row


def reason(rests: Equilibrium) -> str:
    """Empty, or the most frequent reason why instants have no equilibrium."""
    found = [text for text in rests.status if text]
    return max(set(found), key=found.count) if found else ""


def position(rests: Equilibrium, loads: HipLoads, socket: Socket) -> dict[str, float]:
    """Where the head's centre goes; excursion: the longest way between two of its places."""
    d = rests.displacement
    size = np.linalg.norm(d, axis=1)
    most = float(np.max(size))
    apart = np.linalg.norm(d[:, None] - d[None], axis=-1)
    row = {
        "head_displacement_max_mm": 1e3 * most,
        "head_displacement_max_percent": float(loads.percent[np.argmax(size)]),
        "head_displacement_mean_mm": 1e3 * float(loads.weights @ size / loads.weights.sum()),
        "head_displacement_max_per_radius": most / socket.head_radius,
        "head_excursion_mm": 1e3 * float(apart.max()),
    }
    for name, values in hip_load.components(d, loads.side).items():
        row[f"head_{name}_max_mm"] = 1e3 * float(values.max())
        row[f"head_{name}_min_mm"] = 1e3 * float(values.min())
    return row


def pressing(rests: Equilibrium, loads: HipLoads) -> dict[str, float]:
    """Pressure, contact area and who carries the load; mean pressure: at the instant of the peak.

    Shares are of the sum of what cartilage, labrum and ligaments carry, at their largest.
    """
    peak = int(np.argmax(rests.peak))
    parts = {
        name: np.linalg.norm(getattr(rests, name), axis=1)
        for name in ("contact", "labrum", "ligaments")
    }
    together = np.maximum(np.sum([*parts.values()], axis=0), 1e-9)
    return {
        "contact_pressure_peak_mpa": 1e-6 * float(rests.peak[peak]),
        "contact_pressure_mean_mpa": 1e-6 * float(rests.mean[peak]),
        "contact_pressure_peak_percent": float(loads.percent[peak]),
        "contact_area_at_peak_mm2": 1e6 * float(rests.area[peak]),
        "contact_area_peak_mm2": 1e6 * float(rests.area.max()),
        "labrum_share_max_percent": 100.0 * float((parts["labrum"] / together).max()),
        "labrum_force_max_n": float(parts["labrum"].max()),
        "ligament_force_max_n": float(parts["ligaments"].max()),
    }


def motion(rests: Equilibrium, loads: HipLoads, socket: Socket) -> dict[str, np.ndarray]:
    """Spin, roll and slide over the stride (arthrokinematics); NaN without an equilibrium."""
    if not rests.solved:
        names = arthrokinematics.motion(
            *(np.arange(3.0), np.ones((3, 3)), np.ones((3, 3)), np.ones((3, 3))),
            radius=1.0,
            cup_radius=1.0,
        )
        return {name: np.full(len(loads.time), np.nan) for name in names}
    return arthrokinematics.motion(
        *(loads.time, rests.centroid, rests.displacement, loads.rate),
        radius=socket.head_radius,
        cup_radius=socket.head_radius + socket.clearance,
        seam=loads.seam,
    )


def table(loads: HipLoads, socket: Socket) -> pd.DataFrame:
    """head.csv: 101 rows, each an equilibrium of its own; NaN where there is none.

    Places on the cup are face-on, in degrees from the middle of the cup towards anterior and
    superior; the rim is the circle of `rim_deg`. The centre of pressure on a sphere is where the
    contact's force points, so it differs from the hip force's own place by labrum, ligaments and
    seal only; the highest pressure lies where the head is pushed to.
    """
    at = loads.curves()
    columns: dict[str, object] = {"percent": at.percent, "rim_deg": socket.cup.half_opening_deg}
    for suffix in READINGS:
        force = at.reading(suffix)
        rests = solve(socket, force, at.rotation, at.side)
        rates = motion(rests, at, socket)
        found: dict[str, object] = {
            f"head_{name}_mm": 1e3 * values
            for name, values in hip_load.components(rests.displacement, at.side).items()
        }
        found["head_displacement_mm"] = 1e3 * np.linalg.norm(rests.displacement, axis=1)
        found["contact_pressure_peak_mpa"] = 1e-6 * rests.peak
        found["contact_pressure_mean_mpa"] = 1e-6 * rests.mean
        found["contact_area_mm2"] = 1e6 * rests.area
        for name, direction in (
            ("force", force),
            ("centroid", rests.centroid),
            ("hottest", rests.hottest),
        ):
            place = face_on_deg(direction, socket.cup, at.side)
            found[f"{name}_anterior_deg"], found[f"{name}_superior_deg"] = place.T
        for name, values in hip_load.components(force, at.side).items():
            found[f"hip_force_{name}_bw"] = values / at.weight
        found["rim_margin_deg"] = socket.cup.margin_deg(force, at.side)
        found["rim_clock_h"] = clock_hours(force, socket.cup, at.side)
        found["labrum_force_n"] = np.linalg.norm(rests.labrum, axis=1)
        found["ligament_force_n"] = np.linalg.norm(rests.ligaments, axis=1)
        found["head_spin_deg_s"] = np.degrees(rates["spin"])
        found["head_slide_mm_s"] = 1e3 * rates["slide"]
        found["head_status"] = rests.status
        columns |= {f"{name}{suffix}": values for name, values in found.items()}
    return pd.DataFrame(columns)


def row_of(loads: HipLoads, socket: Socket, rests: Mapping[str, Equilibrium] | None = None) -> Row:
    """head.json: the outcomes of all readings; NaN becomes null. rests: by reading, if known."""
    row: Row = {}
    for suffix, rest in (rests or equilibria(loads, socket)).items():
        found = outcomes(loads, socket, suffix, rest)
        row |= {
            f"{name}{suffix}": None if isinstance(v, float) and math.isnan(v) else v
            for name, v in found.items()
            if not (suffix and name.startswith("tendon_"))  # the same in all
        }
    return row


@dataclass(frozen=True)
class Head:
    """A case's head: its row of head.json, and what it comes from, if the case has a motion."""

    row: Row
    loads: HipLoads | None = None
    rests: dict[str, Equilibrium] | None = None


def compute(folder: Path, replays: Replays | None = None) -> Head:
    """Write a case's hip_loads.csv, head.csv and head.json; gives what is in them.

    A case without a motion gets its reason and empty tables. replays: of that folder, if any yet.
    """
    head = Head({"head_status": "the solver did not converge"})
    curves = pd.DataFrame(columns=["percent"])
    if read_solver(folder).converged:
        try:
            made = replays or Replays(folder)
            loads = hip_replay.of_case(made.case, made.case.settings.leg, made.anatomy)
            socket = loosened(socket_of(made.case.runner), made.case.settings.capsule_slack_mm)
            rests = equilibria(loads, socket)
            head = Head(row_of(loads, socket, rests), loads, rests)
            curves = table(loads, socket)
        except (ValueError, RuntimeError) as error:
            head = Head({"head_status": str(error).splitlines()[0]})
    hip_loads.write(folder, head.loads)
    write_text(folder / CURVES, csv_text(curves, "%.6g"))
    write_json(folder / FILE, head.row)
    return head


def said(row: Row) -> str:
    """What a row of head.json says, in a line."""
    if row["head_status"]:
        return f"femoral head: {row['head_status']}"
    most, peak = row["head_displacement_max_mm"], row["contact_pressure_peak_mpa"]
    return f"femoral head: moves {most:.3f} mm, presses with {peak:.1f} MPa"


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Put the femoral head into its socket.")
    parser.add_argument("--case", type=Path, required=True, help="case folder")
    folder = parser.parse_args().case
    print(f"[{folder.name}] {said(compute(folder).row)}")


if __name__ == "__main__":
    run_command(main)

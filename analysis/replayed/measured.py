"""Measured strides (problem `inverse`): which cases are, and what inverse.json says of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from analysis.replayed.case import Case, read_json
from formats.gait_events import Events

INVERSE = "inverse.json"


def is_measured(case: Case) -> bool:
    """Whether a case's motion and outer forces are given: measured, or an exercise's."""
    return not case.periodic


def read_report(folder: Path) -> dict[str, Any]:
    """inverse.json: reserves, root residual, the stride's times."""
    found = read_json(Path(folder) / INVERSE)
    for key in ("stride", "reserves", "base_residual"):
        if key not in found:
            raise ValueError(f"{Path(folder) / INVERSE}: no entry {key}")
    return found


def footfalls(case: Case) -> dict[str, Events]:
    """Each foot's events, from the force plate's own, unfiltered signal (inverse.json).

    The filtered force of ground_forces.mot never comes to nothing between two steps.
    """
    said = read_report(case.folder)["stride"]
    start, length = float(said["start_s"]), case.stride_time
    own, other = ("right", "left") if said.get("leg", "right") == "right" else ("left", "right")
    found = {}
    for side, landing, leaving in (
        (own[0], said["start_s"], said["toe_off_s"]),
        (other[0], said.get(f"{other}_contact_s"), said.get(f"{other}_toe_off_s")),
    ):
        if landing is None or leaving is None:
            raise ValueError(
                f"{case.folder / INVERSE}: foot {side} neither lands nor leaves within the stride"
            )
        contact = float(landing) - start
        stance = (float(leaving) - float(landing)) % length
        found[side] = Events(contact, contact + stance, length, 1)
    return found

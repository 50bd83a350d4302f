"""Measured strides (problem `inverse`): which cases are, and what inverse.json says of them."""

from __future__ import annotations

from analysis.replayed.case import Case
from formats.gait_events import Events
from formats.solve_records import INVERSE, StrideTimes, read_inverse


def is_measured(case: Case) -> bool:
    """Whether a case's motion and outer forces are given: measured, or an exercise's."""
    return not case.periodic


def events_of_other(said: StrideTimes) -> tuple[float | None, float | None]:
    """Contact and toe-off (s) of the other foot than the stride's own."""
    if said.get("leg", "right") == "right":
        return said.get("left_contact_s"), said.get("left_toe_off_s")
    return said.get("right_contact_s"), said.get("right_toe_off_s")


def footfalls(case: Case) -> dict[str, Events]:
    """Each foot's events, from the force plate's own, unfiltered signal (inverse.json).

    The filtered force of ground_forces.mot never comes to nothing between two steps.
    """
    said = read_inverse(case.folder)["stride"]
    start, length = float(said["start_s"]), case.stride_time
    own, other = ("right", "left") if said.get("leg", "right") == "right" else ("left", "right")
    found = {}
    for side, landing, leaving in (
        (own[0], said["start_s"], said["toe_off_s"]),
        (other[0], *events_of_other(said)),
    ):
        if landing is None or leaving is None:
            raise ValueError(
                f"{case.folder / INVERSE}: foot {side} neither lands nor leaves within the stride"
            )
        contact = float(landing) - start
        stance = (float(leaving) - float(landing)) % length
        found[side] = Events(contact, contact + stance, length, 1)
    return found

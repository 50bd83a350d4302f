"""The spatial runner: the whole of Rajagopal 2015, with arms that swing.

Twenty-five coordinates: pelvis 6, hips 3 each, knees 1 each (the base model's own coupled rotations
and translations; the patella follows), ankles, subtalar joints and toes (the base model's oblique
axes), lumbar 3, shoulder flexion. All eighty muscles on their anatomical paths. Masses and inertias
stay those of the base model.
"""

from __future__ import annotations

from pathlib import Path

from models import contact, document, muscles, passive, skeleton
from models.paths import Goal
from models.tables import settings, table

NAME = "runner_spatial"
# The optimiser pays for every term of eighty paths of up to four coordinates.
GOAL = Goal(**settings("spatial")["paths"], few_terms=True)


def build(base: Path, out: Path) -> None:
    """Write the spatial runner made from the base model to `out` (.osim)."""
    values = settings("spatial")
    tree = document.current(base)
    joints = document.components(tree, "JointSet")
    skeleton.weld_for_good(tree, base, values["welded"])
    kept = skeleton.sided(values["coordinates"])
    for side in ("r", "l"):
        document.hold_coordinates(document.named(joints, f"acromial_{side}", "joint"), kept)
    skeleton.set_ranges(joints, kept)
    heads = [row["muscle"] for row in table("lai_uhlrich_2022")]
    muscles.replace_muscles(tree, {head: [head] for head in heads})
    passive.add_actuators(tree, values["actuators"])
    contact.add_contact(tree, values["spheres"])
    passive.add_passive(tree)
    passive.add_torques(tree, values["springs"], values["limits"])
    skeleton.tidy(tree, NAME)
    document.save(tree, out)

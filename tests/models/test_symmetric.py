"""The left side as the right one's image: found where it differs, and what the model then does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from formats import description
from formats.description import RunnerDescription
from models import describe
from models.osim import document
from models.rajagopal import symmetric


def crooked(folder: Path, out: Path) -> document.Tree:
    """The runner's model with another left soleus and a heavier, displaced left shank."""
    tree = document.parse(folder / "runner.osim")
    soleus = document.named(document.components(tree, "ForceSet"), "soleus_l", "muscle")
    document.set_property(soleus, "optimal_fiber_length", 0.05)
    point = next(iter(soleus.iter("PathPoint")))
    x, y, z = map(float, (point.findtext("location") or "").split())
    document.set_property(point, "location", (x - 0.01, y, z))
    shank = document.named(document.components(tree, "BodySet"), "tibia_l", "body")
    document.set_property(shank, "mass", 5.0)
    document.set_property(shank, "mass_center", (0.01, -0.2, 0.01))
    document.save(tree, out)
    return document.parse(out)


def test_a_symmetric_runner_stays_as_he_is(planar: Path) -> None:
    known = description.read(planar / "runner.json")
    told, changed = symmetric.mirror(document.parse(planar / "runner.osim"), known)
    assert changed == []
    assert told == known


def test_what_differs_becomes_the_right_sides_image(planar: Path, tmp_path: Path) -> None:
    known = description.read(planar / "runner.json")
    tree = crooked(planar, tmp_path / "crooked.osim")
    wrong = [
        m.model_copy(update={"optimal_fiber_length": 0.05}) if m.name == "soleus_l" else m
        for m in known.muscles
    ]
    told, changed = symmetric.mirror(tree, known.model_copy(update={"muscles": wrong}))
    assert changed == ["tibia_l", "soleus_l"]
    assert told == known
    document.save(tree, tmp_path / "runner.osim")
    model = document.load(tmp_path / "runner.osim")
    model.initSystem()
    assert describe.bodies_of(model) == known.bodies


def test_the_polynomials_image_is_that_of_the_anatomical_path(planar: Path, tmp_path: Path) -> None:
    """At random postures the image's length is the left muscle's own."""
    known = description.read(planar / "runner.json")
    muscles = {m.name: m for m in known.muscles}
    for name in ("soleus", "recfem"):
        right, left = muscles[f"{name}_r"], muscles[f"{name}_l"]
        image = symmetric._image(right, left, known)
        np.testing.assert_allclose(image.path.coefficients, left.path.coefficients, atol=1e-6)
        assert image.path.coordinates == left.path.coordinates


def test_signs_of_the_midline_turn(planar: Path) -> None:
    """A path over a coordinate that changes sign in the mirror: odd powers change theirs."""
    known: RunnerDescription = description.read(planar / "runner.json")
    muscle = next(m for m in known.muscles if m.name == "soleus_r")
    other = next(m for m in known.muscles if m.name == "soleus_l")
    bend = known.coordinates[0].model_copy(
        update={"name": "lumbar_bending", "mirror": "lumbar_bending", "mirror_sign": -1}
    )
    path = muscle.path.model_copy(
        update={"coordinates": ["lumbar_bending"], "order": 3, "coefficients": [4.0, 3.0, 2.0, 1.0]}
    )
    runner = known.model_copy(update={"coordinates": [*known.coordinates, bend]})
    image = symmetric._image(muscle.model_copy(update={"path": path}), other, runner)
    assert image.path.coefficients == pytest.approx([4.0, -3.0, 2.0, -1.0])
    assert image.name == "soleus_l"

"""A draw changes muscle and contact parameters by some per cent, in both files alike."""

from __future__ import annotations

from pathlib import Path

import opensim as osim
import pytest

from formats import description as d
from models import draw
from models.osim import document
from models.osim.forces import muscle_mass
from models.osim.properties import scaled


def test_both_files_hold_the_same_parameters(planar: Path, tmp_path: Path) -> None:
    found = draw.factors(d.read(planar / "runner.json"), 1)
    draw.apply(planar, found, tmp_path)
    model = document.load(tmp_path / "runner.osim")
    before, after = (d.read(folder / "runner.json") for folder in (planar, tmp_path))
    for old, new in zip(before.muscles, after.muscles, strict=True):
        muscle = osim.DeGrooteFregly2016Muscle.safeDownCast(model.getComponent(new.force_path))
        assert muscle.get_max_isometric_force() == new.max_isometric_force
        assert muscle.get_optimal_fiber_length() == new.optimal_fiber_length
        assert muscle.get_tendon_strain_at_one_norm_force() == new.tendon_strain_at_one_norm_force
        assert 0.9 <= new.max_isometric_force / old.max_isometric_force <= 1.1
        assert 0.95 <= new.optimal_fiber_length / old.optimal_fiber_length <= 1.05
        assert new.mass == muscle_mass(new.max_isometric_force, new.optimal_fiber_length)
        assert new.tendon_slack_length == old.tendon_slack_length
    for old_sphere, sphere in zip(before.contacts, after.contacts, strict=True):
        force = osim.SmoothSphereHalfSpaceForce.safeDownCast(model.getComponent(sphere.force_path))
        assert force.get_stiffness() == sphere.stiffness != old_sphere.stiffness
        assert force.get_dissipation() == sphere.dissipation != old_sphere.dissipation
        assert force.get_static_friction() == sphere.static_friction == sphere.dynamic_friction
        assert force.get_dynamic_friction() == sphere.dynamic_friction


def test_a_draw_is_its_number_and_no_other_is_the_same(planar: Path) -> None:
    runner = d.read(planar / "runner.json")
    first = draw.factors(runner, 1)
    assert draw.factors(runner, 1) == first
    others = [draw.factors(runner, number) for number in range(2, 6)]
    forces = {tuple(f[m.name]["max_isometric_force"] for m in runner.muscles) for f in others}
    assert len(forces) == 4
    few = runner.model_copy(update={"muscles": runner.muscles[5:8]})
    assert all(draw.factors(few, 1)[m.name] == first[m.name] for m in few.muscles)


def test_left_and_right_are_alike(planar: Path) -> None:
    found = draw.factors(d.read(planar / "runner.json"), 7)
    for name, factors in found.items():
        if name.endswith("_r"):
            assert found[f"{name[:-2]}_l"] == factors


def test_faults_are_named(planar: Path) -> None:
    with pytest.raises(ValueError, match="draw 0: must be a whole number from 1 up"):
        draw.factors(d.read(planar / "runner.json"), 0)
    text = '<M name="a"><x>2</x></M><M name="b"><x>3</x></M>'
    assert scaled(text, "M", "b", "x", 2.0) == '<M name="a"><x>2</x></M><M name="b"><x>6.0</x></M>'
    for kind, name, prop in (("M", "c", "x"), ("M", "a", "y"), ("N", "a", "x")):
        with pytest.raises(ValueError, match=f"runner.osim holds no {prop} for it"):
            scaled(text, kind, name, prop, 2.0)
    with pytest.raises(ValueError, match="or more than one"):
        scaled(text + text, "M", "a", "x", 2.0)

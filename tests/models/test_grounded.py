"""Spheres under a measured runner's feet: what is added, and that nothing else changes."""

from __future__ import annotations

from pathlib import Path

import opensim as osim
import pytest

from formats import description, sole
from formats.sole import Sole
from models import add_contact as grounded
from models.osim import document
from models.rajagopal.tables import settings

SPHERES = settings("spatial")["spheres"]


@pytest.fixture(scope="module")
def bare(planar: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The planar runner without its spheres, one of its actuators called a reserve."""
    folder = tmp_path_factory.mktemp("bare")
    tree = document.parse(planar / "runner.osim")
    for name, kind in (
        ("ForceSet", "SmoothSphereHalfSpaceForce"),
        ("ContactGeometrySet", "ContactSphere"),
        ("ContactGeometrySet", "ContactHalfSpace"),
    ):
        objects = document.components(tree, name)
        for element in objects.findall(kind):
            objects.remove(element)
    actuator = next(tree.getroot().iter("CoordinateActuator"))
    actuator.set("name", "reserve_trunk")
    document.save(tree, folder / "runner.osim")
    known = description.read(planar / "runner.json")
    told = known.model_copy(update={"contacts": []})
    (folder / "runner.json").write_text(told.model_dump_json())
    return folder


def test_spheres_and_costly_reserves_are_all_that_is_new(bare: Path, tmp_path: Path) -> None:
    wanted = Sole(-0.04, 1.5, toe_rise=0.01, dissipation=0.9, heel_drop=0.006)
    grounded.ground(bare, tmp_path, wanted)
    old = description.read(bare / "runner.json")
    new = description.read(tmp_path / "runner.json")
    assert len(new.contacts) == 2 * len(SPHERES)
    unchanged = {"contacts": [], "actuators": []}
    assert new.model_copy(update=unchanged) == old.model_copy(update=unchanged)
    reserve = next(a for a in new.actuators if a.name == "reserve_trunk")
    assert (reserve.optimal_force, reserve.max_control) == (10.0, 1.0)
    for sphere in new.contacts:
        if sphere.body.startswith("calcn"):
            lowest = -0.046 if "heel" in sphere.name else -0.04
            assert sphere.location[1] - sphere.radius == pytest.approx(lowest)
        assert sphere.dissipation == 0.9
    assert sole.height(new) == pytest.approx(-0.04)
    grounded.ground(bare, tmp_path / "usual", Sole(-0.03, 1.0))
    usual = description.read(tmp_path / "usual" / "runner.json")
    fitted = sole.fitted(usual, Sole(-0.03, 1.0), wanted)
    for found, sphere in zip(fitted.contacts, new.contacts, strict=True):
        assert found.location == pytest.approx(sphere.location)
        assert found.stiffness == pytest.approx(sphere.stiffness)
    model = osim.Model(str(tmp_path / "runner.osim"))
    model.initSystem()
    kinds = [c.getConcreteClassName() for c in model.getComponentsList()]
    assert kinds.count("SmoothSphereHalfSpaceForce") == len(new.contacts)


def test_stiffness_grows_with_its_share(bare: Path, tmp_path: Path) -> None:
    found = []
    for share in (1.0, 1.5):
        grounded.ground(bare, tmp_path / str(share), Sole(-0.03, share))
        found.append(description.read(tmp_path / str(share) / "runner.json").contacts[0].stiffness)
    # Force goes with stiffness to the power 2/3 times stiffness to the power 1/3.
    assert found[1] / found[0] == pytest.approx(1.5)


def test_a_runner_on_the_ground_is_refused(planar: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="has contact spheres already"):
        grounded.ground(planar, tmp_path, Sole(-0.03, 1.0))

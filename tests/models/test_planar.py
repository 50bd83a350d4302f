"""The planar runner is what it says: sagittal, whole, and otherwise the base model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import opensim as osim
import pytest

from formats import description as d
from models.osim import document, geometry
from models.rajagopal.tables import settings, table

LEG = ["hip_flexion", "knee_angle", "ankle_angle", "mtp_angle"]
COORDINATES = {
    "pelvis_tilt", "pelvis_tx", "pelvis_ty", "lumbar_extension",
    *(f"{name}_{side}" for name in LEG for side in "rl"),
}  # fmt: skip


@pytest.fixture(scope="module")
def runner(planar: Path) -> d.RunnerDescription:
    return d.read(planar / "runner.json")


@pytest.fixture(scope="module")
def sampler(planar: Path) -> geometry.PathSampler:
    return geometry.PathSampler(planar / "runner.osim")


def test_twelve_coordinates(runner: d.RunnerDescription, sampler: geometry.PathSampler) -> None:
    assert {c.name for c in runner.coordinates} == set(sampler.coordinates) == COORDINATES
    for coordinate in sampler.model.getCoordinateSet():
        assert not coordinate.getDefaultClamped()
        assert not coordinate.getDefaultLocked()


def test_no_mass_is_lost(planar: Path, base_file: Path, runner: d.RunnerDescription) -> None:
    def masses(file: Path) -> dict[str, float]:
        model = document.load(file)  # held: its parts live as long as it does
        return {body.getName(): body.getMass() for body in model.getBodyList()}

    assert masses(planar / "runner.osim") == masses(base_file)
    assert runner.model_mass == pytest.approx(75.337)


def test_everything_moves_in_the_sagittal_plane(sampler: geometry.PathSampler) -> None:
    heights: dict[str, set[float]] = {}
    for posture in sampler.postures(20, sampler.coordinates, seed=5):
        sampler.move(sampler.coordinates, posture)
        for body in sampler.model.getBodyList():
            transform = body.getTransformInGround(sampler.state)
            name = body.getName()
            if not name.startswith(("humerus", "ulna", "radius", "hand")):
                lateral = [transform.R().asMat33().get(i, 2) for i in range(3)]
                np.testing.assert_allclose(lateral, [0, 0, 1], atol=1e-9)
            heights.setdefault(name, set()).add(round(transform.p().get(2), 9))
    assert all(len(values) == 1 for values in heights.values())


def test_neutral_pose_is_the_base_models(planar: Path, base_file: Path) -> None:
    def places(file: Path) -> dict[str, list[float]]:
        model = document.load(file)
        state = model.initSystem()
        found = {}
        for body in model.getBodyList():
            place = body.getPositionInGround(state)
            found[body.getName()] = [place.get(i) for i in range(3)]
        return found

    ours, theirs = places(planar / "runner.osim"), places(base_file)
    for name, place in ours.items():
        # The bent elbows move the hands; the out-of-plane part of the knee moves the shank 0.1 mm.
        if not name.startswith(("radius", "hand", "ulna")):
            np.testing.assert_allclose(place, theirs[name], atol=5e-4, err_msg=name)


def test_signs_are_the_base_models(planar: Path, base_file: Path) -> None:
    """Each leg coordinate turns the foot's bodies the same way as in the base model."""

    def tips(file: Path) -> dict[str, np.ndarray]:
        model = document.load(file)
        found = {}
        for name in [f"{leg}_{side}" for leg in LEG for side in "rl"]:
            state = model.initSystem()
            coordinate = model.getCoordinateSet().get(name)
            coordinate.setLocked(state, False)
            coordinate.setValue(state, 0.3)
            toes = model.getBodySet().get(f"toes_{name[-1]}")
            tip = toes.findStationLocationInGround(state, osim.Vec3(0.05, 0, 0))
            found[name] = np.array([tip.get(0), tip.get(1)])
        return found

    ours, theirs = tips(planar / "runner.osim"), tips(base_file)
    for name in ours:
        np.testing.assert_allclose(ours[name], theirs[name], atol=0.03, err_msg=name)


def test_merged_muscles_sum_their_heads(runner: d.RunnerDescription) -> None:
    heads = {row["muscle"]: row["heads"].split() for row in table("planar_muscles")}
    values = {row["muscle"]: row for row in table("lai_uhlrich_2022")}
    assert len(heads) == 18
    assert {m.name for m in runner.muscles} == {f"{h}_{side}" for h in heads for side in "rl"}
    for muscle in runner.muscles:
        parts = heads[muscle.name[:-2]]
        total = sum(float(values[part]["max_isometric_force_n"]) for part in parts)
        share = settings("muscle_model")["max_isometric_force_share"].get(muscle.name[:-2], 1.0)
        assert muscle.max_isometric_force == pytest.approx(share * total, rel=1e-12)
        own = values[muscle.name[:-2]]
        assert muscle.optimal_fiber_length == float(own["optimal_fiber_length_m"])
        assert muscle.tendon_slack_length == float(own["tendon_slack_length_m"])
        assert muscle.pennation_angle_at_optimal == float(own["pennation_angle_at_optimal_rad"])


def test_muscle_model_is_read_back_from_opensim(runner: d.RunnerDescription) -> None:
    model = settings("muscle_model")
    for muscle in runner.muscles:
        expected = dict(model["common"])
        for key, own in model.items():
            if key not in {"common", "max_isometric_force_share"} and muscle.name[:-2] in own:
                expected[key] = own[muscle.name[:-2]]
        for key, value in expected.items():
            assert getattr(muscle, key) == value, (muscle.name, key)
        assert muscle.compliant_tendon
        assert not muscle.ignore_passive_fiber_force


def test_contact_is_read_back_and_flat(
    runner: d.RunnerDescription, sampler: geometry.PathSampler
) -> None:
    values = settings("contact")
    assert len(runner.contacts) == 6
    state = sampler.model.initSystem()
    for sphere in runner.contacts:
        for key, value in values["common"].items():
            assert getattr(sphere, key) == value, key
        np.testing.assert_allclose(sphere.plane_normal, [0, 1, 0], atol=1e-12)
        body = sampler.model.getBodySet().get(sphere.body)
        centre = body.findStationLocationInGround(state, osim.Vec3(*sphere.location))
        heel = sampler.model.getBodySet().get(f"calcn_{sphere.body[-1]}")
        sole = heel.getPositionInGround(state).get(1) + values["sole_height"]
        assert centre.get(1) - sphere.radius == pytest.approx(sole, abs=1e-12)


def test_contact_is_as_stiff_as_stated(
    runner: d.RunnerDescription, sampler: geometry.PathSampler
) -> None:
    """Standing still with the sole 20 mm deep, each sphere under a horizontal foot."""
    values = settings("contact")
    state = sampler.model.initSystem()
    height = sampler.model.getCoordinateSet().get("pelvis_ty")
    heel = sampler.model.getBodySet().get("calcn_r").getPositionInGround(state).get(1)
    depth = 0.02
    height.setValue(state, height.getValue(state) - heel - values["sole_height"] - depth)
    sampler.model.realizeDynamics(state)
    for sphere in runner.contacts:
        force = sampler.model.getForceSet().get(sphere.name).getRecordValues(state).get(1)
        assert abs(force) == pytest.approx(values["hertz_constant"] * depth**1.5, rel=0.03)


def test_bones_and_anatomical_paths_stay(planar: Path) -> None:
    tree = document.parse(planar / "runner.osim")
    meshes = {mesh.text for mesh in tree.getroot().iter("mesh_file")}
    assert {"r_pelvis.vtp", "r_femur.vtp", "r_tibia.vtp", "r_foot.vtp"} <= meshes
    for muscle in tree.getroot().iter("DeGrooteFregly2016Muscle"):
        assert len(muscle.findall("GeometryPath/PathPointSet/objects/PathPoint")) >= 2


def test_only_the_trunk_has_an_actuator(runner: d.RunnerDescription) -> None:
    (actuator,) = runner.actuators
    assert (actuator.coordinate, actuator.optimal_force) == ("lumbar_extension", 150.0)
    assert (actuator.min_control, actuator.max_control) == (-1.0, 1.0)
    assert actuator.mirror == actuator.name

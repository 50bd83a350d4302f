"""What viewer and film are drawn from: OpenSim's own paths and forces, small in a file."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import opensim
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import positions
from analysis.replayed import anatomy, muscle_paths, scene
from analysis.replayed.bones import bones
from analysis.replayed.case import Case
from analysis.replayed.case_model import model_of
from analysis.replayed.quantities import Anatomy
from analysis.replayed.replay import Replay


@pytest.fixture(scope="module")
def answer(hop_case: Case) -> Anatomy:
    return anatomy.compute(hop_case)


@pytest.fixture(scope="module")
def shown(hop_case: Case, answer: Anatomy) -> scene.Scene:
    return scene.scene(hop_case, answer, positions.right_foot(hop_case, answer))


def lengths(points: np.ndarray, counts: list[int]) -> np.ndarray:
    """(F, M) m of paths (F, P, 3)."""
    parts = np.split(points, np.cumsum(counts)[:-1], axis=1)
    steps = [np.linalg.norm(np.diff(part, axis=1), axis=2).sum(axis=1) for part in parts]
    return np.stack(steps, axis=1)


def test_paths_and_forces_are_opensim_s(hop_case: Case, answer: Anatomy) -> None:
    sights = answer.sights
    model = model_of(hop_case, "anatomical")
    replay, state = Replay(model, hop_case), model.state()
    reached = lengths(sights.paths, sights.counts)
    for node in (0, 40, 100):
        replay.pose(state, node)
        model.model.realizeDynamics(state)
        for i, muscle in enumerate(model.muscles):
            assert reached[node, i] == pytest.approx(muscle.getPath().getLength(state), abs=1e-6)
            assert sights.tendon_force[node, i] == pytest.approx(muscle.getTendonForce(state))


def over_a_cylinder(
    height: float, radius: float = 0.05
) -> tuple[opensim.Model, opensim.PathSpring]:
    """A cord between two points 0.2 m beside a cylinder's axis, at a height above it."""
    model = opensim.Model()
    cylinder = opensim.WrapCylinder()
    cylinder.set_radius(radius)
    cylinder.set_length(1.0)
    cylinder.setName("round")
    model.updGround().addWrapObject(cylinder)
    body = opensim.Body("block", 1.0, opensim.Vec3(0), opensim.Inertia(1))
    model.addBody(body)
    model.addJoint(opensim.SliderJoint("slide", model.getGround(), body))
    cord = opensim.PathSpring("cord", 0.1, 1.0, 0.0)
    path = cord.updGeometryPath()
    path.appendNewPathPoint("a", model.getGround(), opensim.Vec3(-0.2, height, 0))
    path.appendNewPathPoint("b", model.getGround(), opensim.Vec3(0.2, height, 0))
    path.addPathWrap(cylinder)
    model.addForce(cord)
    return model, cord


def test_a_path_lies_on_the_surface_that_it_wraps() -> None:
    """Two tangents and an arc; where it does not touch, a straight line of as many points."""
    radius, lines = 0.05, []
    for height in (0.02, 0.049, 0.08):
        model, cord = over_a_cylinder(height)
        state = model.initSystem()
        model.realizePosition(state)
        path = cord.getGeometryPath()
        lines.append(muscle_paths.current(path, state, muscle_paths.numbered(path)))
    found = muscle_paths.even(lines)
    assert found.shape == (3, 2 + muscle_paths.ON_SURFACE, 3)
    reached = lengths(found, [found.shape[1]])[:, 0]
    away = np.hypot(0.2, 0.02)
    tangent = np.sqrt(away**2 - radius**2)
    # Angle at the axis between both ends, less the two to where the tangents touch.
    arc = np.pi - 2 * np.arctan2(0.02, 0.2) - 2 * np.arccos(radius / away)
    assert reached[0] == pytest.approx(2 * tangent + radius * arc, rel=1e-3)
    assert np.hypot(*found[0, 1:-1, :2].T) == pytest.approx(radius, rel=1e-3)
    assert reached[2] == pytest.approx(0.4, abs=1e-9)
    assert found[2, :, 1] == pytest.approx(0.08)
    assert np.all(np.diff(found[:, :, 0], axis=1) > 0)  # in their order from end to end


def test_a_point_that_comes_and_goes_changes_no_length() -> None:
    """A ConditionalPathPoint is there for a part of a coordinate's range alone."""
    model = opensim.Model()
    body = opensim.Body("block", 1.0, opensim.Vec3(0), opensim.Inertia(1))
    joint = opensim.SliderJoint("slide", model.getGround(), body)
    joint.updCoordinate().setName("along")
    model.addBody(body)
    model.addJoint(joint)
    cord = opensim.PathSpring("cord", 0.1, 1.0, 0.0)
    path = cord.updGeometryPath()
    path.appendNewPathPoint("a", model.getGround(), opensim.Vec3(0, 0, 0))
    between = opensim.ConditionalPathPoint()
    between.setName("b")
    between.updSocket("parent_frame").setConnecteePath("/ground")
    between.setLocation(opensim.Vec3(0.1, 0.1, 0))
    between.updSocket("coordinate").setConnecteePath("/jointset/slide/along")
    between.setRangeMin(0.5)
    between.setRangeMax(2.0)
    path.updPathPointSet().cloneAndAppend(between)
    path.appendNewPathPoint("c", body, opensim.Vec3(0.2, 0, 0))
    model.addForce(cord)
    state = model.initSystem()
    lines, wanted = [], []
    for along in (0.2, 0.8, 0.3):
        model.getCoordinateSet().get("along").setValue(state, along)
        model.realizePosition(state)
        path = cord.getGeometryPath()
        lines.append(muscle_paths.current(path, state, muscle_paths.numbered(path)))
        wanted.append(cord.getLength(state))
    found = muscle_paths.even(lines)
    assert found.shape == (3, 3, 3)
    assert lengths(found, [3])[:, 0] == pytest.approx(wanted, abs=1e-9)
    assert [len(line) for line in lines] == [2, 3, 2]


def test_a_scene_moves_with_the_runner(hop_case: Case, shown: scene.Scene) -> None:
    frames = len(scene.PERCENT)
    assert shown.paths.shape == (frames, sum(shown.counts), 3)
    pelvis = shown.translation[:, shown.bodies.index("pelvis")]
    assert np.abs(pelvis[:, 0]).max() < 0.5 * hop_case.speed * hop_case.stride_time
    # The force of a foot acts where that foot is.
    loaded = shown.ground_force[:, 0, 1] > 0
    assert loaded.any()
    assert np.all(shown.ground_place[loaded, 0, 1] == pytest.approx(0.0, abs=1e-9))
    heel = shown.translation[:, shown.bodies.index("calcn_r")]
    assert np.abs(shown.ground_place[loaded, 0, 0] - heel[loaded, 0]).max() < 0.3


def test_bones_meet_at_the_joints(hop_case: Case, shown: scene.Scene) -> None:
    """The thigh's last point and the shank's body frame are where OpenSim has the knee and hip."""
    turn = scene.matrices(shown.rotation)
    thigh = shown.bodies.index("femur_r")
    chains = [bone for bone in bones(hop_case.runner) if bone.body == "femur_r"]
    shaft = max(chains, key=lambda bone: len(bone.points))
    ends = [turn[:, thigh] @ point + shown.translation[:, thigh] for point in shaft.points[[0, -1]]]
    assert ends[0] == pytest.approx(shown.hip_centre[:, 0], abs=2e-3)
    knee = next(j for j in hop_case.runner.joints if j.name == "walker_knee_r")
    assert np.linalg.norm(ends[1] - ends[0], axis=1) == pytest.approx(
        np.linalg.norm(knee.parent_frame.translation), abs=1e-6
    )


def test_a_scene_survives_its_file(shown: scene.Scene, tmp_path: Path) -> None:
    scene.write(tmp_path, shown)
    assert (tmp_path / scene.FILE).stat().st_size < 5e5
    again = scene.read(tmp_path)
    for name, unit in scene.UNITS.items():
        assert getattr(again, name) == pytest.approx(getattr(shown, name), abs=0.5001 * unit), name
    assert (again.muscles, again.counts) == (shown.muscles, shown.counts)
    for one, other in zip(again.bones, shown.bones, strict=True):
        assert one.points == pytest.approx(other.points, abs=1e-4)


def test_opensim_reads_the_coordinates(hop_case: Case, copied: Path) -> None:
    """By the coordinates' names alone the model takes the posture that it had by its states."""
    positions.compute(copied)
    table = opensim.TimeSeriesTable(str(copied / positions.COORDINATES))
    model = opensim.Model(str(copied / "runner.osim"))
    state = model.initSystem()
    names = table.getColumnLabels()
    own = model.getCoordinateSet()
    for row in (0, 60):
        values = table.getRowAtIndex(row)
        for i, name in enumerate(names):
            own.get(name).setValue(state, values[i], False)
        for i in range(own.getSize()):
            value = own.get(i).getValue(state)
            assert value == pytest.approx(hop_case.coordinate(own.get(i).getName())[row])
    assert scene.read(copied).muscles


def test_what_is_no_scene_is_one_line(shown: scene.Scene, tmp_path: Path) -> None:
    path = tmp_path / scene.FILE
    scene.write(tmp_path, None)
    with pytest.raises(ValueError, match=r"scene\.json: empty: the case has no stride$"):
        scene.read(tmp_path)
    content = scene.packed(shown)
    for change, line in (
        ({"version": 0}, "version is 0; 1 is needed"),
        ({"paths": "?"}, "no scene"),
        ({"muscles": ["psoas_r"]}, "activation has"),
        ({"bones": [{}]}, "no scene"),
    ):
        path.write_text(json.dumps(content | change))
        with pytest.raises(ValueError, match=rf"scene\.json: {line}") as told:
            scene.read(tmp_path)
        assert "\n" not in str(told.value)
    with pytest.raises(ValueError, match=r"hip_force: a value is no number or beyond 32\.768"):
        scene.packed(replace(shown, hip_force=shown.hip_force + 40))


Axis = st.floats(-1, 1).filter(lambda value: abs(value) > 1e-3)


@settings(deadline=None, max_examples=50)
@given(axis=st.tuples(Axis, Axis, Axis), angle=st.floats(-6.0, 6.0))
def test_quaternions_are_the_matrices(axis: tuple[float, float, float], angle: float) -> None:
    """Against Rodrigues' formula; along a turn, no sign jumps."""
    k = np.array(axis) / np.linalg.norm(axis)
    cross = np.array([[0, -k[2], k[1]], [k[2], 0, -k[0]], [-k[1], k[0], 0]])
    turns = np.linspace(0, angle, 40)
    matrices = np.array(
        [np.eye(3) + np.sin(t) * cross + (1 - np.cos(t)) * cross @ cross for t in turns]
    )[:, None]
    found = scene.quaternions(matrices)
    assert scene.matrices(found) == pytest.approx(matrices, abs=1e-9)
    assert np.all((found[1:] * found[:-1]).sum(axis=-1) > 0.9)

"""The description says what OpenSim does, and refuses what it cannot say."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import opensim as osim
import pytest

from formats import description as d
from models import build, describe
from models.osim import document, geometry
from models.take_in import intake
from tests.models.kinematics import bodies_in_ground


def compare_bodies(folder: Path, count: int = 10) -> d.RunnerDescription:
    """Assert that OpenSim and the description place all bodies alike, at random postures."""
    runner = d.read(folder / "runner.json")
    sampler = geometry.PathSampler(folder / "runner.osim")
    for posture in sampler.postures(count, sampler.coordinates, seed=11):
        sampler.move(sampler.coordinates, posture)
        placed = bodies_in_ground(runner, dict(zip(sampler.coordinates, posture, strict=True)))
        for body in sampler.model.getBodyList():
            transform = body.getTransformInGround(sampler.state)
            found = placed[body.getName()]
            for i in range(3):
                assert transform.p().get(i) == pytest.approx(found[i, 3], abs=1e-12)
                for k in range(3):
                    assert transform.R().asMat33().get(i, k) == pytest.approx(
                        found[i, k], abs=1e-12
                    )
    return runner


def test_planar_bodies_are_where_opensim_puts_them(planar: Path) -> None:
    compare_bodies(planar)


def test_round_trip(planar: Path, tmp_path: Path) -> None:
    """Written, read and written again: the same text; described again: the same description."""
    text = (planar / "runner.json").read_text()
    assert d.read(planar / "runner.json").model_dump_json(indent=2) + "\n" == text
    describe.write(planar / "runner.osim", "planar", tmp_path)
    assert (tmp_path / "runner.json").read_text() == text


def every_joint(file: Path) -> None:
    """Write a model with all supported joint types and functions, one body after the other."""
    body = (
        '<Body name="{name}"><mass>2</mass><mass_center>0.1 -0.2 0.05</mass_center>'
        "<inertia>0.1 0.2 0.15 0.01 -0.02 0.03</inertia></Body>"
    )
    kinds = {
        "Free": 6, "Ball": 3, "Gimbal": 3, "Universal": 2, "Planar": 3, "Slider": 1, "Pin": 1,
        "Weld": 0, "Custom": 1,
    }  # fmt: skip
    special = {"Ball": "hip_r", "Weld": "ankle_r"}
    bodies, joints, parent = [], [], "/ground"
    for i, (kind, count) in enumerate(kinds.items()):
        name = special.get(kind, kind.lower())
        bodies.append(body.format(name=f"body{i}"))
        joints.append(
            f'<{kind}Joint name="{name}">'
            + "<socket_parent_frame>a</socket_parent_frame>"
            + "<socket_child_frame>b</socket_child_frame>"
            + "<coordinates>"
            + "".join(
                f'<Coordinate name="c{i}_{k}"><range>-1.0 1.2</range></Coordinate>'
                for k in range(count)
            )
            + "</coordinates><frames>"
            + offset("a", parent, "0.1 -0.3 0.2", "0.3 0.2 -0.4")
            + offset("b", f"/bodyset/body{i}", "-0.05 0.1 0", "-0.2 0.5 0.1")
            + "</frames>"
            + (spatial_transform(f"c{i}_0") if kind == "Custom" else "")
            + f"</{kind}Joint>"
        )
        parent = f"/bodyset/body{i}"
    file.write_text(
        '<?xml version="1.0"?><OpenSimDocument Version="40600"><Model name="chain"><JointSet>'
        f"<objects>{''.join(joints)}</objects></JointSet><BodySet><objects>{''.join(bodies)}"
        "</objects></BodySet></Model></OpenSimDocument>"
    )


def offset(name: str, parent: str, translation: str, orientation: str) -> str:
    """Text of an offset frame."""
    return (
        f'<PhysicalOffsetFrame name="{name}"><socket_parent>{parent}</socket_parent>'
        f"<translation>{translation}</translation><orientation>{orientation}</orientation>"
        "</PhysicalOffsetFrame>"
    )


def spatial_transform(coordinate: str) -> str:
    """Text of a coupled motion with every kind of function."""
    knots = "<x>-0.9 -0.3 0.1 0.4 1.0</x><y>0.1 -0.2 0.3 0.2 -0.4</y>"
    functions = [
        '<LinearFunction name="function"><coefficients>0.8 0.1</coefficients></LinearFunction>',
        f'<MultiplierFunction name="function"><function><SimmSpline>{knots}</SimmSpline></function>'
        "<scale>-0.5</scale></MultiplierFunction>",
        '<Constant name="function"><value>0.2</value></Constant>',
        f'<NaturalCubicSpline name="function">{knots}</NaturalCubicSpline>',
        '<PolynomialFunction name="function"><coefficients>0.3 -0.2 0.1</coefficients>'
        "</PolynomialFunction>",
        '<MultiplierFunction name="function"><function><PolynomialFunction><coefficients>1 0.5 -2 3'
        "</coefficients></PolynomialFunction></function><scale>0.1</scale></MultiplierFunction>",
    ]
    axes = ["0 0 1", "1 0 0.5", "0 1 0", "1 0 0", "0 1 0.2", "0 0 1"]
    text = ""
    for i, (function, axis) in enumerate(zip(functions, axes, strict=True)):
        kind = "rotation" if i < 3 else "translation"
        text += (
            f'<TransformAxis name="{kind}{i % 3 + 1}"><coordinates>{coordinate}</coordinates>'
            f"<axis>{axis}</axis>{function}</TransformAxis>"
        )
    return f"<SpatialTransform>{text}</SpatialTransform>"


def test_every_joint_and_function(tmp_path: Path) -> None:
    source = tmp_path / "source.osim"
    every_joint(source)
    build.build("given", source, tmp_path / "out")
    runner = compare_bodies(tmp_path / "out")
    assert [joint.kind for joint in runner.joints].count("CustomJoint") == 3
    assert len(runner.coordinates) == 6 + 3 + 3 + 2 + 3 + 1 + 1 + 1


def test_conversion_keeps_the_poses_of_free_and_ball(tmp_path: Path) -> None:
    source = tmp_path / "source.osim"
    every_joint(source)
    intake.build(source, tmp_path / "converted.osim")
    samplers = [geometry.PathSampler(file) for file in (source, tmp_path / "converted.osim")]
    names = samplers[0].coordinates
    assert names == samplers[1].coordinates
    for posture in samplers[0].postures(5, names, seed=3):
        places = []
        for sampler in samplers:
            sampler.move(names, posture)
            last = sampler.model.getBodySet().get("body8").getTransformInGround(sampler.state)
            places.append([last.R().asMat33().get(i, k) for i in range(3) for k in range(3)])
        np.testing.assert_allclose(*places, atol=1e-10)


def test_held_coordinates_become_constants(planar: Path, tmp_path: Path) -> None:
    model = document.load(planar / "runner.osim")
    for side in "rl":
        coordinate = model.updCoordinateSet().get(f"hip_flexion_{side}")
        coordinate.setDefaultValue(0.3)
        coordinate.setDefaultLocked(True)
    forces = model.updForceSet()
    for name in [f"limit_hip_flexion_{side}" for side in "rl"]:
        forces.remove(forces.getIndex(name))
    for muscle in d.read(planar / "runner.json").muscles:
        forces.remove(forces.getIndex(muscle.name))
    model.printToXML(str(tmp_path / "held.osim"))
    build.build("given", tmp_path / "held.osim", tmp_path / "out")
    runner = compare_bodies(tmp_path / "out", count=3)
    assert not [c for c in runner.coordinates if c.name.startswith("hip_flexion")]


def test_mirror_rules() -> None:
    assert describe.mirror_name("psoas_r") == "psoas_l"
    assert describe.mirror_name("pelvis_tx") == "pelvis_tx"
    changing = ["pelvis_list", "pelvis_rotation", "pelvis_tz", "lumbar_bending", "lumbar_rotation"]
    assert [describe.mirror_sign(name) for name in changing] == [-1] * 5
    same = ["pelvis_tilt", "pelvis_ty", "hip_rotation_r", "hip_adduction_l", "lumbar_extension"]
    assert [describe.mirror_sign(name) for name in same] == [1] * 5


def add_limit_force(model: osim.Model) -> None:
    force = osim.CoordinateLimitForce("knee_angle_r", 100.0, 1.0, 0.0, 1.0, 1.0, 1.0)
    force.setName("stop")
    model.addForce(force)


def add_expression(model: osim.Model) -> None:
    force = osim.ExpressionBasedCoordinateForce("knee_angle_r", "-10*q")
    force.setName("odd")
    model.addForce(force)


def add_weld_constraint(model: osim.Model) -> None:
    model.addConstraint(osim.WeldConstraint("tied", "/bodyset/talus_r", "/bodyset/calcn_r"))


def add_free_motor(model: osim.Model) -> None:
    motor = osim.CoordinateActuator("knee_angle_r")
    motor.setName("motor")
    model.addForce(motor)


def explicit_muscle(model: osim.Model) -> None:
    muscle = model.updForceSet().get("psoas_r")
    found = osim.DeGrooteFregly2016Muscle.safeDownCast(muscle)
    found.set_tendon_compliance_dynamics_mode("explicit")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (add_limit_force, "/forceset/stop: type CoordinateLimitForce .*allowed are DeGroote"),
        (add_expression, "force odd: expression '-10\\*q' .*allowed is the form"),
        (add_weld_constraint, "constraint tied: type WeldConstraint .*allowed is Coordinate"),
        (add_free_motor, "actuator motor: min_control and max_control must be finite"),
        (explicit_muscle, "muscle psoas_r: tendon_compliance_dynamics_mode must be implicit"),
    ],
)
def test_unsupported_parts_are_named(
    planar: Path, tmp_path: Path, change: Callable[[osim.Model], None], message: str
) -> None:
    model = document.load(planar / "runner.osim")
    change(model)
    model.finalizeConnections()
    model.printToXML(str(tmp_path / "changed.osim"))
    with pytest.raises(ValueError, match=message) as error:
        describe.describe(tmp_path / "changed.osim", "changed")
    assert "\n" not in str(error.value)


def test_unknown_joint_type_is_named(tmp_path: Path) -> None:
    model = osim.Model()
    first = osim.Body("thigh", 2.0, osim.Vec3(0.1, -0.2, 0.05), osim.Inertia(0.1, 0.2, 0.15))
    model.addBody(first)
    joint = osim.EllipsoidJoint("hip_r", model.getGround(), first, osim.Vec3(0.1, 0.2, 0.3))
    model.addJoint(joint)
    model.finalizeConnections()
    model.printToXML(str(tmp_path / "ellipsoid.osim"))
    with pytest.raises(ValueError, match=r"hip_r: type EllipsoidJoint .*allowed are CustomJoint"):
        build.build("given", tmp_path / "ellipsoid.osim", tmp_path / "out")
    assert not (tmp_path / "out" / "runner.osim").exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("hello", "is not XML"),
        ("<OpenSimDocument><Model>", "is not XML"),
        ("<html/>", "not an OpenSim model"),
        (None, "no such file"),
    ],
)
def test_command_line_says_one_line_and_writes_nothing(
    tmp_path: Path, content: str | None, message: str
) -> None:
    model = tmp_path / "mine.osim"
    if content is not None:
        model.write_text(content)
    command = [sys.executable, "-m", "models.build", "--runner", "planar"]
    command += ["--base", str(model), "--out", str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("error: ")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
    assert not list((tmp_path / "out").glob("*")) or not (tmp_path / "out").exists()


def test_base_without_the_needed_joints_is_named(tmp_path: Path) -> None:
    every_joint(tmp_path / "other.osim")
    with pytest.raises(ValueError, match="no joint called acromial_r"):
        build.build("planar", tmp_path / "other.osim", tmp_path / "out")


def test_unknown_runner_is_answered_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(
        ValueError, match="'hopper': unknown; allowed are planar, spatial, exercise, given"
    ):
        build.build("hopper", None, tmp_path)

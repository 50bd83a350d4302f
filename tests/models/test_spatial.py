"""The spatial runner is what it says: whole, mirrored, and otherwise the base model."""

from __future__ import annotations

import itertools
import math
from pathlib import Path

import numpy as np
import opensim as osim
import pytest

from formats import description as d
from models import build, describe, dynamometer, strength
from models.osim import document, geometry
from models.osim.isometric import Dynamometer
from models.paths import fitting as paths
from models.paths import polynomial
from models.rajagopal import muscles
from models.rajagopal.tables import settings, table
from tests.models.test_describe import compare_bodies

LIMBS = [
    "hip_flexion", "hip_adduction", "hip_rotation", "knee_angle", "ankle_angle", "subtalar_angle",
    "mtp_angle", "arm_flex",
]  # fmt: skip
MIDLINE = [
    "pelvis_tilt", "pelvis_list", "pelvis_rotation", "pelvis_tx", "pelvis_ty", "pelvis_tz",
    "lumbar_extension", "lumbar_bending", "lumbar_rotation",
]  # fmt: skip
MIRROR = np.diag([1.0, 1.0, -1.0])


@pytest.fixture(scope="module")
def spatial(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the spatial runner."""
    folder = tmp_path_factory.mktemp("spatial")
    build.build("spatial", None, folder)
    return folder


@pytest.fixture(scope="module")
def runner(spatial: Path) -> d.RunnerDescription:
    return d.read(spatial / "runner.json")


@pytest.fixture(scope="module")
def sampler(spatial: Path) -> geometry.PathSampler:
    return geometry.PathSampler(spatial / "runner.osim")


def test_twenty_five_coordinates(
    runner: d.RunnerDescription, sampler: geometry.PathSampler
) -> None:
    expected = {*MIDLINE, *(f"{name}_{side}" for name in LIMBS for side in "rl")}
    assert len(expected) == 25
    assert {c.name for c in runner.coordinates} == set(sampler.coordinates) == expected
    assert {c.dependent for c in runner.couplings} == {"knee_angle_r_beta", "knee_angle_l_beta"}
    ranges = settings("spatial")["coordinates"]
    for coordinate in runner.coordinates:
        low, high = ranges[coordinate.name.removesuffix("_r").removesuffix("_l")]
        unit = math.pi / 180 if coordinate.motion == "rotational" else 1.0
        assert coordinate.range == pytest.approx([low * unit, high * unit])


def test_moment_arms_are_those_of_opensims_own_solver(
    sampler: geometry.PathSampler,
) -> None:
    """From lengthening speeds, all muscles at once, the patella coupled to the knee too."""
    names = ["recfem_r", "vasint_r", "glmax3_r", "gasmed_l", "iliacus_l"]
    postures = sampler.postures(12, sampler.coordinates, seed=7)
    found = sampler.moment_arms(names, sampler.coordinates, postures)
    muscles = {muscle.getName(): muscle for muscle in sampler.model.getMuscleList()}
    about = [sampler.model.getCoordinateSet().get(name) for name in sampler.coordinates]
    for arms, posture in zip(found, postures, strict=True):
        sampler.move(sampler.coordinates, posture)
        asked = [[muscles[n].computeMomentArm(sampler.state, c) for c in about] for n in names]
        np.testing.assert_allclose(arms, asked, rtol=0, atol=1e-12)
    assert np.abs(found).max() > 0.03


def test_no_mass_is_lost(spatial: Path, base_file: Path, runner: d.RunnerDescription) -> None:
    def masses(file: Path) -> dict[str, float]:
        model = document.load(file)  # held: its parts live as long as it does
        return {body.getName(): body.getMass() for body in model.getBodyList()}

    assert masses(spatial / "runner.osim") == masses(base_file)
    assert runner.model_mass == pytest.approx(75.337)


def placed(
    sampler: geometry.PathSampler, posture: dict[str, float]
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Body -> mass centre (m) and rotation in ground."""
    sampler.move(list(posture), np.array([*posture.values()]))
    found = {}
    for body in sampler.model.getBodyList():
        centre = body.findStationLocationInGround(sampler.state, body.getMassCenter())
        turned = body.getTransformInGround(sampler.state).R().asMat33()
        found[body.getName()] = (
            np.array([centre.get(i) for i in range(3)]),
            np.array([[turned.get(i, k) for k in range(3)] for i in range(3)]),
        )
    return found


def test_mirrored_coordinates_give_the_mirrored_body(
    runner: d.RunnerDescription, sampler: geometry.PathSampler
) -> None:
    for values in sampler.postures(8, sampler.coordinates, seed=3):
        posture = dict(zip(sampler.coordinates, values, strict=True))
        image = {c.mirror: c.mirror_sign * posture[c.name] for c in runner.coordinates}
        here, there = placed(sampler, posture), placed(sampler, image)
        for body, (centre, turned) in here.items():
            other = there[describe.mirror_name(body)]
            np.testing.assert_allclose(MIRROR @ centre, other[0], atol=1e-9, err_msg=body)
            np.testing.assert_allclose(MIRROR @ turned @ MIRROR, other[1], atol=1e-9, err_msg=body)


def test_bodies_are_where_opensim_puts_them(spatial: Path) -> None:
    compare_bodies(spatial, count=4)


def test_neutral_pose_is_the_base_models(spatial: Path, base_file: Path) -> None:
    def places(file: Path) -> dict[str, list[float]]:
        model = document.load(file)
        state = model.initSystem()
        found = {}
        for body in model.getBodyList():
            place = body.getPositionInGround(state)
            found[body.getName()] = [place.get(i) for i in range(3)]
        return found

    ours, theirs = places(spatial / "runner.osim"), places(base_file)
    for name, place in ours.items():
        if not name.startswith(("radius", "hand")):  # the bent elbows move them
            np.testing.assert_allclose(place, theirs[name], atol=1e-9, err_msg=name)


def test_all_eighty_muscles_with_their_own_parameters(runner: d.RunnerDescription) -> None:
    rows = {row["muscle"]: row for row in table("lai_uhlrich_2022")}
    assert len(runner.muscles) == 80
    assert {m.name for m in runner.muscles} == {f"{head}_{side}" for head in rows for side in "rl"}
    model = settings("muscle_model")
    for muscle in runner.muscles:
        own = rows[muscle.name[:-2]]
        share = model["max_isometric_force_share"].get(muscle.name[:-2], 1.0)
        assert muscle.max_isometric_force == pytest.approx(
            share * float(own["max_isometric_force_n"]), rel=1e-12
        )
        assert muscle.optimal_fiber_length == float(own["optimal_fiber_length_m"])
        assert muscle.tendon_slack_length == float(own["tendon_slack_length_m"])
        assert muscle.fiber_damping == model["common"]["fiber_damping"]
        assert muscle.compliant_tendon


def test_polynomials_are_accurate_or_named(
    spatial: Path, runner: d.RunnerDescription, sampler: geometry.PathSampler
) -> None:
    """Right leg, postures that no fit was made or judged by."""
    rows = [line.split(",") for line in (spatial / "paths.csv").read_text().splitlines()]
    assert len(rows) == 1 + 80
    named = {row[0] for row in rows if row[8] == "no"}
    right = [m for m in runner.muscles if m.name.endswith("_r")]
    about = sorted({name for m in right for name in m.path.coordinates})
    postures = sampler.postures(400, about, seed=99)
    lengths = sampler.lengths([m.name for m in right], about, postures)
    anatomical = {m.getName(): m for m in sampler.model.getMuscleList()}
    arms: dict[str, list[list[float]]] = {m.name: [] for m in right}
    for posture in postures:
        sampler.move(about, posture)
        for m in right:
            own = [sampler.model.getCoordinateSet().get(c) for c in m.path.coordinates]
            arms[m.name].append(
                [anatomical[m.name].computeMomentArm(sampler.state, c) for c in own]
            )
    for i, m in enumerate(right):
        points = postures[:, [about.index(c) for c in m.path.coordinates]]
        coefficients = np.array(m.path.coefficients)
        length_error = polynomial.length(coefficients, m.path.order, points) - lengths[:, i]
        arm_error = polynomial.moment_arms(coefficients, m.path.order, points) - arms[m.name]
        assert m.name in named or np.sqrt(np.mean(length_error**2)) < 0.001, m.name
        assert m.name in named or np.sqrt(np.mean(arm_error**2, axis=0)).max() < 0.0012, m.name


def test_glmax1_stays_on_its_wrap_where_runs_go(sampler: geometry.PathSampler) -> None:
    """Its arm of rotation has no jump (6 mm and more) between neighbouring degrees."""
    names = ["hip_flexion_r", "hip_adduction_r", "hip_rotation_r"]
    rotation = np.radians(np.arange(-28.0, 31.0))
    for flexion, adduction in itertools.product((-15.0, 0.0, 15.0, 32.0), (-5.0, 4.0, 10.0)):
        postures = np.column_stack(
            [np.full(len(rotation), np.radians(a)) for a in (flexion, adduction)] + [rotation]
        )
        arm = sampler.moment_arms(["glmax1_r"], names, postures)[:, 0, 2]
        assert np.abs(np.diff(arm)).max() < 0.003, (flexion, adduction)


def test_left_paths_are_the_right_ones(runner: d.RunnerDescription) -> None:
    named = {m.name: m for m in runner.muscles}
    for name, muscle in named.items():
        assert muscle.path.coefficients == named[describe.mirror_name(name)].path.coefficients


def test_few_terms(runner: d.RunnerDescription) -> None:
    terms = [sum(c != 0.0 for c in muscle.path.coefficients) for muscle in runner.muscles]
    assert sum(terms) < 2200
    assert max(terms) < 60


def test_spheres_are_flat_on_the_ground_and_as_stiff_as_the_planar_foot(
    runner: d.RunnerDescription, sampler: geometry.PathSampler
) -> None:
    values = settings("contact")
    state = sampler.model.initSystem()
    planar = len(values["spheres"]) * values["hertz_constant"]
    for side in "rl":
        foot = [s for s in runner.contacts if s.name.endswith(f"_{side}")]
        assert len(foot) >= 5
        total, height = 0.0, sampler.model.getBodySet().get(f"calcn_{side}")
        sole = height.getPositionInGround(state).get(1) + values["sole_height"]
        for sphere in foot:
            body = sampler.model.getBodySet().get(sphere.body)
            centre = body.findStationLocationInGround(state, osim.Vec3(*sphere.location))
            assert centre.get(1) - sphere.radius == pytest.approx(sole, abs=1e-6)
            k = 0.5 * sphere.stiffness ** (2 / 3)
            total += 4 / 3 * k * math.sqrt(sphere.radius * k)
        assert total == pytest.approx(planar, rel=1e-9)
    mirrored = {s.name: s for s in runner.contacts}
    for name, sphere in mirrored.items():
        other = mirrored[describe.mirror_name(name)]
        assert MIRROR @ sphere.location == pytest.approx(other.location, abs=1e-9)


def test_short_tendons_can_be_rigid(base_file: Path) -> None:
    tree = document.current(base_file)
    muscles.replace_muscles(tree, {"psoas": ["psoas"], "soleus": ["soleus"]}, rigid_below=1.0)
    rigid = {
        element.get("name"): element.findtext("ignore_tendon_compliance")
        for element in tree.getroot().iter("DeGrooteFregly2016Muscle")
    }
    assert rigid == {"psoas_r": "true", "psoas_l": "true", "soleus_r": "false", "soleus_l": "false"}


def test_torques_only_where_stated(runner: d.RunnerDescription) -> None:
    """No reserve on pelvis, hips, knees, ankles, feet; mirror signs of the trunk's torques."""
    signs = {a.coordinate: a.mirror_sign for a in runner.actuators}
    assert signs == {
        "lumbar_extension": 1, "lumbar_bending": -1, "lumbar_rotation": -1,
        "arm_flex_r": 1, "arm_flex_l": 1,
    }  # fmt: skip
    resisted = {p.coordinate for p in runner.passive}
    free = {c.name for c in runner.coordinates} - resisted
    assert {name.removesuffix("_r").removesuffix("_l") for name in free} == {
        *(name for name in MIDLINE if name.startswith("pelvis")),
    }  # fmt: skip


def test_doses_and_dynamometer(spatial: Path, tmp_path: Path) -> None:
    """Every head by its own name; strength leaves the paths as they are."""
    found = strength.factors(spatial, "hip_flexors", 80, "both")
    heads = ("psoas", "iliacus", "recfem", "sart", "tfl")
    assert found == pytest.approx({f"{head}_{side}": 0.8 for head in heads for side in "rl"})
    strength.apply(spatial, found, tmp_path, "both")
    hashes = [paths.geometry_hash(folder / "runner.osim") for folder in (spatial, tmp_path)]
    assert hashes[0] == hashes[1]
    torques = [
        dynamometer.hip_flexion(Dynamometer(folder / "runner.osim"), 0.0, "r")["flexors"]
        for folder in (spatial, tmp_path)
    ]
    assert torques[1] == pytest.approx(0.8 * torques[0], rel=1e-3)
    kept = strength.factors(spatial, "hip_flexors_knee_kept", 80, "right")
    assert {"vaslat_r", "vasmed_r", "vasint_r"} < set(kept)

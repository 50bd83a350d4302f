"""People are drawn as published, and the model is scaled to them as OpenSim scales."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import opensim as osim
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formats import exercises
from formats.checkout import CHECKOUT
from models import people, population
from models.osim import document
from models.osim.isometric import Dynamometer
from models.population import MEN, WOMEN, person
from models.rajagopal import exercise, passive, spatial
from models.rajagopal.tables import settings as facts_of


@pytest.fixture(scope="module")
def generic(base_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The spatial runner's model, without path polynomials."""
    path = tmp_path_factory.mktemp("generic") / "runner.osim"
    spatial.build(base_file, path)
    return path


@pytest.fixture(scope="module", params=[1, 4])
def scaled(
    generic: Path, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> tuple[population.Person, Path]:
    """A woman and a man, with their models."""
    one = person(request.param)
    path = tmp_path_factory.mktemp(people.name(one.number)) / "runner.osim"
    people.scaled(generic, one, path)
    return one, path


def test_a_person_is_their_number() -> None:
    assert person(7) == person(7)
    assert person(7) != person(9)
    assert (person(7).sex, person(8).sex) == (WOMEN, MEN)
    with pytest.raises(ValueError, match="person 0: must be a whole number from 1 up"):
        person(0)


def test_people_are_as_published() -> None:
    """Means and spread of 3,000, where the cut at 2 SD leaves 0.88 of it."""
    facts = facts_of("people")
    everyone = [person(n) for n in range(1, 3001)]
    for sex in (WOMEN, MEN):
        own = [one for one in everyone if one.sex == sex]
        stature = np.array([one.stature_m for one in own])
        known = facts["stature_m"][sex]
        assert stature.mean() == pytest.approx(known["mean"], abs=0.006)
        assert stature.std() == pytest.approx(0.88 * known["sd"], rel=0.06)
        bmi = np.array([one.mass_kg / one.stature_m**2 for one in own])
        assert bmi.mean() == pytest.approx(facts["body_mass_index_kg_m2"]["mean"], abs=0.2)
        cover = np.array([one.cover_sd for one in own])
        assert np.abs(cover.mean(axis=0)).max() < 0.1
        assert np.abs(cover).max() <= facts["cut_sd"]
    young = [one for one in everyone if one.sex == MEN and one.age_years < 25]
    old = [one for one in everyone if one.sex == WOMEN and one.age_years > 55]

    def flexion(group: list[population.Person]) -> float:
        return float(np.mean([one.strength * one.hip_flexor_strength for one in group]))

    assert flexion(young) == pytest.approx(1.0, abs=0.06)
    assert flexion(old) == pytest.approx(0.091 / 0.113, abs=0.06)


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 9999))
def test_every_person_is_a_person(number: int) -> None:
    one = person(number)
    assert 1.45 < one.stature_m < 1.95 and 30 < one.mass_kg < 110
    assert 20 <= one.age_years <= 60
    for name in ("thigh", "shank", "foot", "upper_arm", "forearm", "trunk", "pelvis"):
        assert 0.7 < getattr(one, name) < 1.35, name
    assert 0.5 < one.strength < 1.3
    assert 0.4 < one.strength * one.hip_flexor_strength < 1.8
    assert people.name(number) == f"person_{number:02d}"


def test_the_segments_add_up_to_the_stature() -> None:
    """Thigh and shank by their shares, trunk and head the rest."""
    facts = facts_of("people")
    usual, base = facts["shares_of_stature"]["men"], facts["base"]["stature_m"]
    for number in range(1, 21):
        one = person(number)
        thigh = one.thigh * base * (usual["trochanterion"] - usual["patella"])
        shank = one.shank * base * usual["patella"]
        trunk = one.trunk * base * (1 - usual["trochanterion"])
        assert thigh + shank + trunk == pytest.approx(one.stature_m)


def test_the_model_has_the_persons_size(
    generic: Path, scaled: tuple[population.Person, Path]
) -> None:
    one, path = scaled
    before, after = document.load(generic), document.load(path)
    state, own = before.initSystem(), after.initSystem()
    assert after.getTotalMass(own) == pytest.approx(one.mass_kg)

    def thigh(model: osim.Model, at: osim.State) -> float:
        hip, knee = (model.getBodySet().get(b) for b in ("femur_r", "tibia_r"))
        away = hip.getPositionInGround(at).to_numpy() - knee.getPositionInGround(at).to_numpy()
        return abs(float(away[1]))

    assert thigh(after, own) / thigh(before, state) == pytest.approx(one.thigh, rel=1e-3)
    for name in ("femur_r", "torso", "calcn_l"):
        body = after.getBodySet().get(name)
        inertia = [body.get_inertia().get(i) for i in range(3)]
        assert min(inertia) > 0 and max(inertia) <= sum(sorted(inertia)[:2]) * (1 + 1e-9)


def test_a_womans_mass_lies_where_published(
    generic: Path, scaled: tuple[population.Person, Path]
) -> None:
    """Thigh over foot, against the base model: by the tables' ratio for women, kept for men."""
    one, path = scaled
    table = facts_of("people")["segment_mass_percent"]

    def ratio(model: osim.Model) -> float:
        return float(
            model.getBodySet().get("femur_r").getMass()
            / model.getBodySet().get("calcn_r").getMass()
        )

    changed = ratio(document.load(path)) / ratio(document.load(generic))
    women, men = table["women"], table["men"]
    expected = (women["thigh"] / men["thigh"]) / (women["foot"] / men["foot"])
    assert changed == pytest.approx(expected if one.sex == WOMEN else 1.0)


def test_muscles_scale_as_opensim_scales_them(
    generic: Path, scaled: tuple[population.Person, Path]
) -> None:
    """Fibre and tendon with the path; force by volume over fibre length, and strength."""
    one, path = scaled
    before, after = document.load(generic), document.load(path)
    state, own = before.initSystem(), after.initSystem()
    flexors = facts_of("people")["hip_flexors"]
    for old, new in zip(before.getMuscleList(), after.getMuscleList(), strict=True):
        longer = new.getGeometryPath().getLength(own) / old.getGeometryPath().getLength(state)
        fibre = new.get_optimal_fiber_length() / old.get_optimal_fiber_length()
        tendon = new.get_tendon_slack_length() / old.get_tendon_slack_length()
        assert (fibre, tendon) == pytest.approx((longer, longer), rel=1e-6)
        strong = one.strength * (one.hip_flexor_strength if new.getName()[:-2] in flexors else 1)
        force = new.get_max_isometric_force() / old.get_max_isometric_force()
        assert force == pytest.approx(strong * population.volume_ratio(one) / fibre)


def test_the_sole_scales_with_the_foot(
    generic: Path, scaled: tuple[population.Person, Path]
) -> None:
    """And yields as far under the person's weight: Hertz' constant goes with mass."""
    one, path = scaled
    before, after = document.load(generic), document.load(path)

    def sphere(model: osim.Model, name: str) -> osim.ContactSphere:
        return osim.ContactSphere.safeDownCast(model.getContactGeometrySet().get(name))

    def constant(model: osim.Model, name: str) -> float:
        force = model.getForceSet().get(f"contact_{name}")
        force = osim.SmoothSphereHalfSpaceForce.safeDownCast(force)
        k = force.get_stiffness() ** (2 / 3) / 2
        return float(4 / 3 * k * np.sqrt(sphere(model, name).getRadius() * k))

    base = facts_of("people")["base"]["mass_kg"]
    for name in ("heel_lateral_r", "toe_medial_l"):
        old, new = sphere(before, name), sphere(after, name)
        assert new.getRadius() == pytest.approx(one.foot * old.getRadius())
        place = [new.get_location().get(i) for i in range(3)]
        assert place == pytest.approx([one.foot * old.get_location().get(i) for i in range(3)])
        assert constant(after, name) / constant(before, name) == pytest.approx(one.mass_kg / base)


def test_left_and_right_are_alike(scaled: tuple[population.Person, Path]) -> None:
    """A symmetric stride needs a symmetric body."""
    _, path = scaled
    model = document.load(path)
    muscles = {m.getName(): m for m in model.getMuscleList()}
    for name, right in muscles.items():
        if name.endswith("_r"):
            left = muscles[name[:-2] + "_l"]
            for get in ("max_isometric_force", "optimal_fiber_length", "tendon_slack_length"):
                pair = [getattr(muscle, f"get_{get}")() for muscle in (right, left)]
                assert pair[0] == pytest.approx(pair[1], rel=1e-5), name


def test_a_dynamometer_measures_a_person(
    generic: Path, scaled: tuple[population.Person, Path]
) -> None:
    """Torque per kilogram moves with the flexors' strength, by and large."""
    one, path = scaled
    torque = [
        sum(v for v in Dynamometer(p).torques("hip_flexion_r", POSTURE).values() if v > 0)
        / Dynamometer(p).mass
        for p in (generic, path)
    ]
    assert torque[1] / torque[0] == pytest.approx(one.strength * one.hip_flexor_strength, rel=0.35)


POSTURE = {"hip_flexion_r": 30.0, "knee_angle_r": 90.0}


def test_passive_joint_torques_grow_with_body_weight_and_stature(
    generic: Path, scaled: tuple[population.Person, Path]
) -> None:
    """OpenSim computes them, both models at the same angles, at rest."""
    one, file = scaled
    base = facts_of("people")["base"]
    ratio = one.mass_kg * one.stature_m / (base["mass_kg"] * base["stature_m"])
    found = []
    for path in (generic, file):
        model = document.load(path)
        state = model.initSystem()
        for name, angle in (("hip_flexion_r", -0.4), ("knee_angle_r", 2.0), ("mtp_angle_r", 0.3)):
            model.getCoordinateSet().get(name).setValue(state, angle, False)
        model.realizeDynamics(state)
        torques = {
            force.getName(): force.getRecordValues(state).get(0)
            for force in model.getForceSet()
            if force.getName().startswith(("limit_", "spring_"))
        }
        found.append(torques)
    assert len(found[0]) == 22 and found[0].keys() == found[1].keys()
    for force, torque in found[0].items():
        assert found[1][force] == pytest.approx(ratio * torque, rel=1e-9, abs=1e-12), force


def test_exercises_touch_the_floor_where_a_person_s_body_is(tmp_path: Path) -> None:
    book = exercises.read(CHECKOUT / "models" / "exercises.yaml")
    one = person(1)
    path = tmp_path / exercises.FILE
    path.write_text(exercises.as_text(people.fitted(book, one)), "utf-8")
    hers = exercises.read(path)
    heel, own = book.supports("march")["heel_l"], hers.supports("march")["heel_l"]
    np.testing.assert_allclose(own.point, one.foot * np.array(heel.point))
    blade, own = book.floors["supine"]["blade_r"], hers.floors["supine"]["blade_r"]
    np.testing.assert_allclose(own.point, np.array(blade.point) * one.trunk)
    assert own.point != blade.point
    assert hers.exercises["march"].joints == book.exercises["march"].joints
    assert hers.bands == book.bands
    np.testing.assert_allclose(
        hers.ties["feet"].first.location, one.foot * np.array(book.ties["feet"].first.location)
    )


def test_the_exercising_runner_is_scaled_as_the_running_one(
    base_file: Path, tmp_path: Path
) -> None:
    """Mass, and what exercise.yaml adds, by torque ratio: trunk in the thigh's way, reserves."""
    one = person(1)
    exercise.build(base_file, tmp_path / "generic.osim")
    people.scaled(tmp_path / "generic.osim", one, tmp_path / "runner.osim")
    model = document.load(tmp_path / "runner.osim")
    assert model.getTotalMass(model.initSystem()) == pytest.approx(one.mass_kg)
    base = facts_of("people")["base"]
    ratio = one.mass_kg * one.stature_m / (base["mass_kg"] * base["stature_m"])
    changed = facts_of("exercise")
    reserve = osim.CoordinateActuator.safeDownCast(
        model.getActuators().get("reserve_hip_flexion_r")
    )
    assert reserve.getOptimalForce() == pytest.approx(ratio * changed["reserve"]["optimal_force"])
    limit = osim.ExpressionBasedCoordinateForce.safeDownCast(
        model.getForceSet().get("limit_hip_flexion_trunk_r")
    )
    found = passive.parse_limit(limit.get_expression())
    assert found is not None
    assert found["k1"] == pytest.approx(ratio * changed["limits"]["hip_flexion_trunk"]["k1"])

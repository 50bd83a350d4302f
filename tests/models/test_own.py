"""Somebody's model becomes a runner: what is kept, what is mended, what is refused."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import numpy as np
import opensim as osim
import pytest

from formats import description as d
from models import own, strength
from models.osim import document
from models.osim.isometric import Dynamometer
from tests import trial_data
from tests.models import small_own


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small model of Thelen muscles, taken in at 120 % strength; its trial is beside it."""
    folder = tmp_path_factory.mktemp("own")
    small_own.write(folder / "trial", strength_percent=120.0)
    own.take_in(folder / "trial", folder)
    return folder


def test_thelen_muscles_keep_their_parameters(runner: Path) -> None:
    model = document.load(runner / "runner.osim")
    source = osim.Model(str(runner / "trial" / "model.osim"))
    for muscle in d.read(runner / "runner.json").muscles:
        theirs = {"psoas": "iliopsoas", "glmax2": "glut_max", "vaslat": "vasti"}
        theirs |= {"semimem": "hamstrings", "gasmed": "gastroc", "recfem": "rect_fem"}
        theirs |= {"tibant": "tib_ant", "bfsh": "bifemsh"}
        force, fibre, _ = small_own.MUSCLES[theirs.get(muscle.name[:-2], muscle.name[:-2])]
        assert muscle.max_isometric_force == pytest.approx(1.2 * force)
        assert muscle.optimal_fiber_length == fibre
        tendon = source.getMuscles().get(theirs.get(muscle.name[:-2], muscle.name[:-2]) + "_r")
        assert muscle.tendon_slack_length == tendon.getTendonSlackLength()
        assert muscle.pennation_angle_at_optimal == small_own.PENNATION
        # The file leaves them out. What OpenSim then takes is what the <defaults> of files that
        # this process read before say; 0.04, 0.6, 15 and 50 ms in a fresh one.
        thelen = osim.Thelen2003Muscle.safeDownCast(tendon)
        assert muscle.tendon_strain_at_one_norm_force == thelen.get_FmaxTendonStrain()
        # At 120 % the fibre passively bears in newtons what it bore: strength is of active force.
        stretch = 1.0 + thelen.get_FmaxMuscleStrain()
        in_model = osim.DeGrooteFregly2016Muscle.safeDownCast(model.getComponent(muscle.force_path))
        borne = in_model.calcPassiveForceMultiplier(stretch) * muscle.max_isometric_force
        assert borne == pytest.approx(force, rel=1e-3)
        assert muscle.activation_time_constant == thelen.get_activation_time_constant()
        assert muscle.deactivation_time_constant == thelen.get_deactivation_time_constant()
        assert muscle.min_control == 0.01
        assert in_model.getConcreteClassName() == "DeGrooteFregly2016Muscle"


def test_millard_muscles_keep_what_their_curves_say(tmp_path: Path) -> None:
    small_own.write(tmp_path / "trial", "millard")

    def stretchier(model: ET.Element) -> None:
        for muscle in model.iter("Millard2012EquilibriumMuscle"):
            curve = muscle.find("TendonForceLengthCurve")
            assert curve is not None
            document.set_property(curve, "strain_at_one_norm_force", 0.07)

    small_own.edited(tmp_path / "trial" / "model.osim", stretchier)
    own.take_in(tmp_path / "trial", tmp_path)
    muscle = d.read(tmp_path / "runner.json").muscles[0]
    assert muscle.tendon_strain_at_one_norm_force == 0.07
    assert muscle.passive_fiber_strain_at_one_norm_force == pytest.approx(0.7)
    assert muscle.fiber_damping == 0.1
    assert (muscle.activation_time_constant, muscle.deactivation_time_constant) == (0.01, 0.04)


def test_strength_of_a_converted_model_is_that_of_its_own(tmp_path: Path) -> None:
    """Fully active at the joint's middle: De Groote's curves give Thelen's torque within 10 %."""
    trial = small_own.write(tmp_path / "trial")
    own.take_in(trial, tmp_path)
    posture = {"hip_flexion_r": 20.0, "knee_angle_r": -40.0}
    torque = {
        name: sum(Dynamometer(file).torques("knee_angle_r", posture).values())
        for name, file in (("theirs", trial / "model.osim"), ("ours", tmp_path / "runner.osim"))
    }
    assert torque["ours"] == pytest.approx(torque["theirs"], rel=0.1)


def test_locked_coordinates_stay_where_they_are(runner: Path) -> None:
    described = d.read(runner / "runner.json")
    assert not [c.name for c in described.coordinates if c.name.startswith("mtp")]
    joint = next(j for j in described.joints if j.name == "mtp_r")
    assert joint.rotations[0].coordinate is None
    assert joint.rotations[0].function == d.Constant(value=0.1)
    report = json.loads((runner / "intake.json").read_text())
    assert report["locked"] == {"mtp_angle_r": 0.1, "mtp_angle_l": 0.1}
    model = document.load(runner / "runner.osim")
    assert model.getCoordinateSet().get("mtp_angle_r").getDefaultLocked()


def test_reserves_help_muscles_and_torques_drive_the_rest(runner: Path) -> None:
    found = {a.name: a.coordinate for a in d.read(runner / "runner.json").actuators}
    legs = [f"{q}_{s}" for q in ("hip_flexion", "knee_angle", "ankle_angle") for s in "rl"]
    assert found == {f"reserve_{q}": q for q in legs} | {
        "torque_lumbar_extension": "lumbar_extension"
    }


def test_polynomials_follow_the_paths_where_the_runner_moves(runner: Path) -> None:
    report = json.loads((runner / "intake.json").read_text())
    assert set(report["paths"]) == {m.name for m in d.read(runner / "runner.json").muscles}
    for name, fit in report["paths"].items():
        assert fit["length_rms_mm"] < 0.1, name
        assert fit["moment_arm_rms_mm"] < 0.2, name
    knee = report["ranges"]["knee_angle_r"]["runner"]
    # The trial's -80 to -10 deg, and ten more to each side; the default posture belongs to it.
    assert np.degrees(knee) == pytest.approx([-90, 0], abs=0.6)


def test_groups_find_merged_muscles_and_other_signs_of_the_knee(
    runner: Path, tmp_path: Path
) -> None:
    assert strength.factors(runner, "iliopsoas", 80, "right") == {"psoas_r": pytest.approx(0.8)}
    assert strength.factors(runner, "gluteus_maximus", 80, "left") == {
        "glmax2_l": pytest.approx(0.8)
    }
    kept = strength.factors(runner, "hip_flexors_knee_kept", 80, "both")
    assert kept["vaslat_r"] > 1.0
    strength.apply(runner, kept, tmp_path)
    pose = {"knee_angle_r": -60.0}

    def extension(folder: Path) -> float:
        torques = Dynamometer(folder / "runner.osim").torques("knee_angle_r", pose)
        return sum(t for t in torques.values() if t > 0.0)

    assert extension(tmp_path) == pytest.approx(extension(runner), rel=1e-3)
    stands_for = json.loads((runner / "intake.json").read_text())["muscles_stand_for"]
    assert stands_for["psoas_r"] == ["psoas", "iliacus"]


def test_min_control_is_mended_and_told(tmp_path: Path) -> None:
    small_own.write(tmp_path / "trial")

    def spoil(model: ET.Element) -> None:
        for muscle in model.iter("Thelen2003Muscle"):
            if muscle.get("name") == "soleus_r":
                document.set_property(muscle, "min_control", 0.0)

    small_own.edited(tmp_path / "trial" / "model.osim", spoil)
    report = own.take_in(tmp_path / "trial", tmp_path)
    assert report["min_control_repaired"]["soleus_r"] == 0.0
    soleus = next(m for m in d.read(tmp_path / "runner.json").muscles if m.name == "soleus_r")
    assert soleus.min_control == 0.01


def rename(old: str, new: str) -> Callable[[ET.Element], None]:
    def change(model: ET.Element) -> None:
        for muscle in model.iter("Thelen2003Muscle"):
            if muscle.get("name") == old:
                muscle.set("name", new)

    return change


def test_a_muscle_of_another_name_is_found_by_runner_yaml(tmp_path: Path) -> None:
    trial = small_own.write(tmp_path / "trial", muscles={"psoas_r": "R_hipflexor"})
    small_own.edited(trial / "model.osim", rename("iliopsoas_r", "R_hipflexor"))
    report = own.take_in(trial, tmp_path)
    assert report["muscles_renamed"]["R_hipflexor"] == "psoas_r"
    assert strength.factors(tmp_path, "iliopsoas", 80, "both").keys() == {"psoas_r", "psoas_l"}


def without(*names: str) -> Callable[[ET.Element], None]:
    def change(model: ET.Element) -> None:
        objects = model.find("ForceSet/objects")
        assert objects is not None
        for muscle in list(objects):
            if muscle.get("name") in names:
                objects.remove(muscle)

    return change


def with_force(tag: str, **properties: str) -> Callable[[ET.Element], None]:
    def change(model: ET.Element) -> None:
        objects = model.find("ForceSet/objects")
        assert objects is not None
        force = ET.SubElement(objects, tag, {"name": "extra"})
        for key, value in properties.items():
            ET.SubElement(force, key).text = value

    return change


def test_a_missing_group_is_named_and_what_is_left_out(tmp_path: Path) -> None:
    trial = small_own.write(tmp_path / "trial")
    small_own.edited(trial / "model.osim", without("glut_max_r", "glut_max_l"))
    small_own.edited(
        trial / "model.osim", with_force("CoordinateLimitForce", coordinate="hip_flexion_r")
    )
    report = own.take_in(trial, tmp_path)
    assert report["missing_groups"] == {"gluteus_maximus": "both", "control_toe_flexors": "both"}
    assert "range" in report["dropped"]["extra"]


@pytest.mark.parametrize(
    ("change", "settings", "said"),
    [
        (without("iliopsoas_r", "iliopsoas_l"), {}, "no hip flexors (both"),
        (without("iliopsoas_l"), {}, "no hip flexors (left"),
        (rename("soleus_r", "vasti_x"), {}, "soleus_l"),
        (
            with_force(
                "BushingForce", socket_frame1="/bodyset/pelvis", socket_frame2="/bodyset/torso"
            ),
            {},
            "BushingForce is not supported; allowed are",
        ),
        (without(), {"muscles": {"psoas_r": "PSO"}}, "has no muscle called PSO"),
        (rename("rect_fem_r", "recfem_r"), {"muscles": {"recfem_r": "vasti_r"}}, "are both"),
        (without(), {"mass_kg": 90.0}, "mass"),
    ],
    ids=[
        *("no hip flexors", "one side", "no mirror image", "unknown force", "unknown name"),
        *("name twice", "mass"),
    ],
)
def test_what_cannot_be_taken_in_is_one_line(
    tmp_path: Path, change: Callable[[ET.Element], None], settings: dict[str, object], said: str
) -> None:
    trial = small_own.write(tmp_path / "trial", **settings)
    small_own.edited(trial / "model.osim", change)
    with pytest.raises(ValueError, match=r".") as error:
        own.take_in(trial, tmp_path / "out")
    assert said in str(error.value)
    assert "\n" not in str(error.value)
    assert not list((tmp_path / "out").iterdir())


def test_a_coordinate_without_a_column_is_named(tmp_path: Path) -> None:
    trial = small_own.write(tmp_path / "trial")
    text = (trial / "motion.mot").read_text()
    (trial / "motion.mot").write_text(text.replace("ankle_angle_l", "ankle_angle_x"))
    with pytest.raises(ValueError, match="column ankle_angle_l is missing"):
        own.take_in(trial, tmp_path / "out")


def path_lengths(file: Path, name: str) -> np.ndarray:
    """Length of a muscle (m) from -0.1 to 0.8 rad of right hip flexion."""
    model = osim.Model(str(file))
    state = model.initSystem()
    hip, muscle = model.getCoordinateSet().get("hip_flexion_r"), model.getMuscles().get(name)
    found = []
    for angle in np.linspace(-0.1, 0.8, 181):
        hip.setValue(state, float(angle))
        model.realizePosition(state)
        found.append(muscle.getLength(state))
    return np.array(found)


def test_a_point_that_switches_goes_in_steps(tmp_path: Path) -> None:
    trial = small_own.write(tmp_path / "trial")

    def hold(model: ET.Element) -> None:
        for muscle in model.iter("Thelen2003Muscle"):
            name = muscle.get("name", "")
            if not name.startswith("iliopsoas"):
                continue
            points = muscle.find("*/PathPointSet/objects")
            assert points is not None
            made = []
            for tag, where in (("PathPoint", "0.0 0.03 0.08"), ("Conditional", "0.01 -0.05 0.08")):
                point = ET.Element(tag.replace("Conditional", "ConditionalPathPoint"))
                point.set("name", f"{name}-{tag}")
                ET.SubElement(point, "socket_parent_frame").text = "/bodyset/pelvis"
                ET.SubElement(point, "location").text = where
                made.append(point)
            joint = f"hip_{name[-1]}"
            coordinate = f"/jointset/{joint}/hip_flexion_{name[-1]}"
            ET.SubElement(made[1], "socket_coordinate").text = coordinate
            ET.SubElement(made[1], "range").text = "-2.0 0.35"
            points[1:1] = made

    small_own.edited(trial / "model.osim", hold)
    report = own.take_in(trial, tmp_path)
    told = report["path_points_smoothed"]
    assert set(told) == {"iliopsoas_r-Conditional", "iliopsoas_l-Conditional"}
    theirs = path_lengths(trial / "model.osim", "iliopsoas_r")
    ours = path_lengths(tmp_path / "runner.osim", "psoas_r")
    jump = np.abs(np.diff(theirs, 2)).max()
    assert jump > 0.001
    assert np.abs(np.diff(ours, 2)).max() < jump / 4
    assert ours[:20] == pytest.approx(theirs[:20], abs=1e-9)
    assert ours[-20:] == pytest.approx(theirs[-20:], abs=1e-9)
    assert report["paths"]["psoas_r"]["moment_arm_rms_mm"] < 3.0


def test_hamners_runner(tmp_path: Path) -> None:
    """92 Thelen muscles at 3 m/s; about 50 s the first time, then the paths are in the cache."""
    trial = trial_data.hamner(tmp_path / "trial", 3, strength_percent=120)
    report = own.take_in(trial, tmp_path)
    described = d.read(tmp_path / "runner.json")
    assert len(described.muscles) == 92
    assert len(described.coordinates) == 29
    assert len(report["min_control_repaired"]) == 92
    assert len(report["locked"]) == 8
    assert report["missing_groups"] == {}
    assert all(fit["accurate"] for fit in report["paths"].values())
    for arm in ("iliopsoas", "hip_flexors_knee_kept", "gluteus_maximus"):
        assert strength.factors(tmp_path, arm, 80, "both")

"""Measured trials: read alike whatever their units, cut where the foot lands; bad ones refused."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from formats.gait_events import contacts
from formats.trial import columns as loads
from formats.trial import measured
from formats.trial import reading as trial
from tests.simulations import trial_folder
from tests.simulations.trial_folder import CONTACT, FIRST, PERIOD, STEP_TIME, tables, write

HAMNER = Path(__file__).parents[3] / "shared" / "data" / "hamner2013_s01"
LOADS = """<?xml version="1.0" encoding="UTF-8" ?>
<OpenSimDocument Version="40000"><ExternalLoads name="x"><objects>
<ExternalForce name="right"><applied_to_body>calcn_r</applied_to_body>
<force_expressed_in_body>ground</force_expressed_in_body>
<point_expressed_in_body>ground</point_expressed_in_body>
<force_identifier>a_v</force_identifier><point_identifier>a_p</point_identifier>
<torque_identifier>a_t</torque_identifier></ExternalForce>
<ExternalForce name="left"><applied_to_body>/bodyset/calcn_l</applied_to_body>
<force_identifier>b_v</force_identifier><point_identifier>b_p</point_identifier>
<torque_identifier>b_t</torque_identifier></ExternalForce>
</objects></ExternalLoads></OpenSimDocument>
"""


def renamed(forces: pd.DataFrame) -> pd.DataFrame:
    """The forces under the names that LOADS gives."""
    names = {}
    for side, letter in (("r", "a"), ("l", "b")):
        for axis in "xyz":
            names[f"ground_force_{side}_v{axis}"] = f"{letter}_v{axis}"
            names[f"ground_force_{side}_p{axis}"] = f"{letter}_p{axis}"
            names[f"ground_torque_{side}_{axis}"] = f"{letter}_t{axis}"
    return forces.rename(columns=names)


def test_strides_begin_where_the_foot_lands(tmp_path: Path) -> None:
    found = trial.check(write(tmp_path, contact_newtons=20))
    peak = trial_folder.force(np.array([FIRST + CONTACT / 2]), "r")[0]
    late = CONTACT / np.pi * np.arcsin(20 / peak)
    for side, first in (("r", FIRST), ("l", FIRST + STEP_TIME)):
        strides = found.strides[side]
        starts = [stride.start for stride in strides]
        np.testing.assert_allclose(
            starts, first + late + PERIOD * np.arange(len(strides)), atol=2e-4
        )
        assert len(strides) == 2 + (side == "r")
        for stride in strides:
            assert stride.duration == pytest.approx(PERIOD, abs=1e-4)
            assert stride.toe_off - stride.start == pytest.approx(CONTACT - 2 * late, abs=3e-4)


def test_a_plates_noise_is_no_contact() -> None:
    time = np.arange(2000) / 1000
    quiet = trial_folder.force(time, "r")
    noisy = quiet.copy()
    noisy[500:510] += 60  # swing
    noisy[300:305] = 0  # stance
    for a, b in zip(contacts(time, quiet, 20.0), contacts(time, noisy, 20.0), strict=True):
        np.testing.assert_allclose(a, b)


def test_degrees_and_radians_say_the_same(tmp_path: Path) -> None:
    motion, _ = tables()
    turned = motion.assign(knee_angle_r=np.deg2rad(motion.knee_angle_r))
    paths = {"knee_angle_r": "/jointset/knee/knee_angle_r/value", "pelvis_ty": "a/b/pelvis_ty"}
    times = np.linspace(0.3, 1.8, 50)
    curves = [
        trial.check(folder).curves.at(times, 1)
        for folder in (
            write(tmp_path / "degrees"),
            write(tmp_path / "radians", motion=turned, degrees=False),
            write(tmp_path / "header_silent", degrees=None),
            write(tmp_path / "paths", motion=motion.rename(columns=paths)),
        )
    ]
    for other in curves[1:]:
        np.testing.assert_allclose(other, curves[0], atol=1e-6)


def test_the_filter_keeps_what_is_slow_and_takes_away_what_is_fast(tmp_path: Path) -> None:
    motion, _ = tables()
    time = motion.time.to_numpy()
    shaken = motion.assign(knee_angle_r=motion.knee_angle_r + np.sin(2 * np.pi * 40 * time))
    found = trial.check(write(tmp_path, motion=shaken, filter_hz=15))
    at = np.linspace(0.6, 1.8, 121)
    phase = 2 * np.pi / PERIOD
    knee = found.curves.names.index("knee_angle_r")
    for order, expected in (
        (0, 60 + 50 * np.sin(phase * at)),
        (1, 50 * phase * np.cos(phase * at)),
    ):
        got = np.rad2deg(found.curves.at(at, order)[knee])
        np.testing.assert_allclose(got, expected, atol=0.03 * phase**order * 50)


def test_point_and_torque_become_a_moment_about_the_origin() -> None:
    force = np.array([[10.0], [700.0], [-20.0]])
    foot = measured.Foot(force, np.array([[0.3], [0.0], [0.1]]), np.array([[0.0], [5.0], [0.0]]))
    # p x F by hand: (py Fz - pz Fy, pz Fx - px Fz, px Fy - py Fx).
    np.testing.assert_allclose(foot.moment[:, 0], [-70.0, 1.0 + 6.0 + 5.0, 210.0])


def test_external_loads_and_named_columns_say_the_same_as_usual_names(tmp_path: Path) -> None:
    _, forces = tables()
    other = renamed(forces)
    usual = trial.check(write(tmp_path / "usual"))
    folder = write(tmp_path / "xml", forces=other, external_loads="loads.xml")
    (folder / "loads.xml").write_text(LOADS)
    columns = {
        side: {
            "force": [f"{letter}_v{axis}" for axis in "xyz"],
            "point": [f"{letter}_p{axis}" for axis in "xyz"],
            "torque": [f"{letter}_t{axis}" for axis in "xyz"],
        }
        for side, letter in (("right", "a"), ("left", "b"))
    }
    named = write(tmp_path / "named", forces=other, columns=columns)
    times = np.linspace(0.3, 2.0, 40)
    for found in (trial.check(folder), trial.check(named)):
        for side in "rl":
            np.testing.assert_array_equal(
                found.curves.wrench(side, times), usual.curves.wrench(side, times)
            )


@pytest.mark.parametrize(
    ("pattern", "right", "left"),
    [
        ("ground_force_@_v", "r", "l"),
        ("@_ground_force_v", "R", "L"),
        ("@ground_force_v", "", "1_"),
        ("ground_force_@_v", "1", "2"),
    ],
)
def test_usual_names(pattern: str, right: str, left: str) -> None:
    names = []
    for token in (right, left):
        stem = pattern.replace("@", token)
        torque = stem.replace("force", "torque").removesuffix("v")
        names += [f"{stem}{axis}" for axis in "xyz"]
        names += [f"{stem.removesuffix('v')}p{axis}" for axis in "xyz"]
        names += [f"{torque}{axis}" for axis in "xyz"]
    found = loads.usual(Path("forces.mot"), names)
    assert [*found.right.force, *found.left.force] == [*names[:3], *names[9:12]]


Change = Callable[[pd.DataFrame], pd.DataFrame]


def shifted(table: pd.DataFrame, seconds: float) -> pd.DataFrame:
    return table.assign(time=table.time + seconds)


MOTION_FAULTS: list[tuple[Change, str]] = [
    (lambda m: m.drop(columns="knee_angle_r"), "column knee_angle_r is missing; the model has it"),
    (lambda m: m.assign(knee_angle_r=m.knee_angle_r.where(m.index != 50)), "has a gap at 0.500 s"),
    (lambda m: m.drop(index=range(80, 90)), "gap from 0.790 to 0.900 s"),
    (lambda m: pd.concat([m[:50], m[40:]]), "time does not rise: 0.4000 s (row 51) follows 0.4900"),
    (lambda m: m[:5], "5 rows"),
    (lambda m: m.assign(knee_angle_r=np.deg2rad(m.knee_angle_r)), "are they radians?"),
    (lambda m: shifted(m, 0.5), "lasts from 0.000 to 2.400 s, motion.mot from 0.500 to 2.900 s"),
    (lambda m: m.assign(knee_angle_r="bent"), "column knee_angle_r, row 1: 'bent' is not a number"),
    (lambda m: m[:80], "no whole stride of the right foot from 0.00 to 0.79 s"),
    (
        lambda m: m.assign(pelvis_ty=trial_folder.height(m.time.to_numpy() + STEP_TIME / 2)),
        "does not go with the pelvis",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("fault", "said"), MOTION_FAULTS)
def test_bad_motion_is_one_line(tmp_path: Path, fault: Change, said: str) -> None:
    motion, _ = tables()
    assert_refused(write(tmp_path, motion=fault(motion)), said)


def test_degrees_said_to_be_radians(tmp_path: Path) -> None:
    assert_refused(write(tmp_path, degrees=False), "reaches 110.0, the header says radians")


FORCE_FAULTS: list[tuple[Change, str]] = [
    (lambda f: f.drop(columns="ground_force_l_vy"), "column ground_force_l_vy is missing"),
    (
        lambda f: f.set_axis([n if n == "time" else f"q{i}" for i, n in enumerate(f)], axis=1),
        "no columns of ground force",
    ),
    (lambda f: f.assign(ground_force_r_vy=0.0), "no contact of the right foot found"),
    (lambda f: f.assign(ground_force_l_vy=0.0), "no contact of the left foot found"),
    (lambda f: f[:1500], "forces must cover the motion, are they of another trial?"),
    (
        lambda f: f.assign(ground_force_r_vy=f.ground_force_r_vy * 1.3),
        "the mean vertical force over whole strides is 789 N, that of 80.5 kg; the model says 70.0",
    ),
]


@pytest.mark.parametrize(("fault", "said"), FORCE_FAULTS)
def test_bad_forces_are_one_line(tmp_path: Path, fault: Change, said: str) -> None:
    _, forces = tables()
    assert_refused(write(tmp_path, forces=fault(forces)), said)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"speed_m_s": None}, "speed_m_s: None is not allowed"),
        ({"spead": 3}, "spead: unknown key; allowed are speed_m_s, treadmill"),
        ({"mass_kg": 90.0}, "runner.yaml (mass_kg) says 90.0 kg"),
        ({"stride": 7}, "stride 7 does not exist; forces.mot holds whole right strides 1 to 3"),
        ({"stride": [1, 1]}, "stride: [1, 1] is not allowed"),
        ({"filter_hz": 60}, "filter_hz 60 is too high for motion.mot with 100 rows a second"),
        ({"external_loads": "../loads.xml"}, "points outside of it"),
        ({"external_loads": "loads.xml"}, "loads.xml: no such file"),
    ],
)
def test_bad_settings_are_one_line(tmp_path: Path, settings: dict[str, object], said: str) -> None:
    assert_refused(write(tmp_path / "trial", **settings), said)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("<OpenSimDocument", "<!DOCTYPE a [<!ENTITY b 'c'>]><OpenSimDocument", "document type"),
        ("calcn_r", "toes_r", "right acts on toes_r; calcn_r and calcn_l are allowed"),
        (">ground<", ">pelvis<", "force_expressed_in_body is pelvis"),
        ("a_v", "", "force_identifier and point_identifier are both needed"),
        ("calcn_l", "calcn_r", "two forces act on calcn_r"),
        ("</OpenSimDocument>", "", "is not XML"),
    ],
)
def test_bad_external_loads_are_one_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    _, forces = tables()
    folder = write(tmp_path, forces=renamed(forces), external_loads="loads.xml")
    (folder / "loads.xml").write_text(LOADS.replace(old, new, 1))
    assert_refused(folder, said)


@pytest.mark.parametrize("name", ["model.osim", "motion.mot", "forces.mot", "runner.yaml"])
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    folder = write(tmp_path)
    (folder / name).unlink()
    assert_refused(folder, f"{name}: no such file")


def assert_refused(folder: Path, said: str) -> None:
    with pytest.raises(ValueError) as error:
        trial.check(folder)
    line = str(error.value)
    assert said in line
    assert "\n" not in line
    assert str(folder) in line


@pytest.mark.skipif(not HAMNER.exists(), reason=f"measured data are not there: {HAMNER}")
@pytest.mark.parametrize(("speed", "stride_time"), [("3", 0.716), ("4", 0.68)])
def test_a_real_recording(tmp_path: Path, speed: str, stride_time: float) -> None:
    other = "4" if speed == "3" else "3"
    names = ("model.osim", "motion.mot", "forces.mot")
    stems = ("Hamner2010_v4_subject01.osim", f"run_{speed}ms_ik.mot", f"run_{speed}ms_grf.mot")
    for name, stem in zip(names, stems, strict=True):
        (tmp_path / name).symlink_to(HAMNER / stem)
    (tmp_path / "runner.yaml").write_text(f"speed_m_s: {speed}\nmass_kg: 72.84\n")
    found = trial.check(tmp_path)
    times = [stride.duration for stride in found.strides["r"]]
    assert len(times) >= 5
    assert np.mean(times) == pytest.approx(stride_time, abs=0.01)
    assert np.std(times) < 0.02
    (tmp_path / "forces.mot").unlink()
    (tmp_path / "forces.mot").symlink_to(HAMNER / f"run_{other}ms_grf.mot")
    assert_refused(tmp_path, "are they of another trial?")


def test_strides_between_start_and_end(tmp_path: Path) -> None:
    found = trial.check(write(tmp_path, start=0.8, end=2.0))
    assert [round(s.start, 2) for s in found.strides["r"]] == [0.92]
    with pytest.raises(ValueError, match="start must come first"):
        trial.check(write(tmp_path / "b", start=2.0, end=1.0))


def test_a_stride_of_the_left_leg(tmp_path: Path) -> None:
    found = trial.check(write(tmp_path, leg="left"))
    assert found.chosen()[0].start == pytest.approx(0.56, abs=0.01)


def test_one_stride_of_one_foot_is_enough(tmp_path: Path) -> None:
    """The other foot lands and leaves once: no whole stride of its own."""
    found = trial.check(write(tmp_path, start=0.19, end=0.95))
    assert (len(found.strides["r"]), len(found.strides["l"])) == (1, 0)


def test_speed_gained_is_no_mass(tmp_path: Path) -> None:
    """A fifth of the weight more, for as long as it makes the body rise faster and faster."""
    motion, forces = trial_folder.tables()
    for side in "rl":
        forces[f"ground_force_{side}_vy"] *= 1.2
    with pytest.raises(ValueError, match="mean vertical force"):
        trial.check(write(tmp_path / "a", motion, forces))
    motion["pelvis_ty"] = motion["pelvis_ty"] * 1.2 + 0.5 * 0.2 * 9.80665 * motion["time"] ** 2
    trial.check(write(tmp_path / "b", motion, forces))


def test_a_point_without_force_may_be_no_number(tmp_path: Path) -> None:
    _, forces = tables()
    idle = forces["ground_force_r_vy"] == 0
    forces.loc[idle, ["ground_force_r_px", "ground_force_r_py", "ground_force_r_pz"]] = np.nan
    found = trial.check(write(tmp_path / "a", forces=forces))
    assert np.isfinite(found.forces.feet["r"].point).all()
    empty = (tmp_path / "a" / "forces.mot").read_text().replace("nan", "")
    (tmp_path / "a" / "forces.mot").write_text(empty)
    trial.check(tmp_path / "a")
    forces.loc[~idle, "ground_force_r_px"] = np.nan
    with pytest.raises(ValueError, match="ground_force_r_px has a gap"):
        trial.check(write(tmp_path / "b", forces=forces))

"""A laboratory's folder becomes a runner's: whatever columns, plates and tables it has."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from formats import storage
from formats.trial.measured import read_forces, read_motion
from models import new
from models.take_in import laboratory, plates
from tests import trial_data
from tests.models import corrupted


def laboratory_folder(out: Path, speed: int = 3) -> Path:
    """The measured man as AddBiomechanics would have it: folders, plates by number, a table of
    comma-separated angles. The plates take turns: each second contact is on the other."""
    data = trial_data.folder("hamner2013_s01")
    for part in ("Models", "IK", "ID"):
        (out / part).mkdir(parents=True)
    model = (data / "Hamner2010_v4_subject01.osim").read_bytes()
    (out / "Models" / "match_markers_and_physics.osim").write_bytes(model)
    (out / "Models" / "unscaled_generic.osim").write_bytes(model)
    motion = storage.read(data / f"run_{speed}ms_ik.mot")
    table = pd.DataFrame({"time": motion.time, **motion.columns})
    table.to_csv(out / "IK" / f"run{speed}_ik.csv", index=False)
    forces = read_forces(data / f"run_{speed}ms_grf.mot")
    columns = {"time": forces.time}
    contacts = {s: plates.contacts(forces.time, f.force[1]) for s, f in forces.feet.items()}
    for number in (1, 2):
        parts = {kind: np.zeros((3, len(forces.time))) for kind in "vpm"}
        for side, foot in forces.feet.items():
            for i, (first, last) in enumerate(contacts[side]):
                if (i + (side == "l")) % 2 + 1 == number:
                    parts["v"][:, first:last] = foot.force[:, first:last]
                    parts["p"][:, first:last] = foot.point[:, first:last]
                    parts["m"][:, first:last] = foot.torque[:, first:last]
        for kind, rows in parts.items():
            stem = "force" if kind != "m" else "moment"
            for axis, row in zip("xyz", rows, strict=True):
                columns[f"ground_{stem}_{number}_{kind}{axis}"] = row
    pd.DataFrame(columns).to_csv(out / "ID" / f"run{speed}_grf.csv", index=False)
    return out


def test_plates_go_to_the_feet_that_stand_on_them(tmp_path: Path) -> None:
    source = laboratory_folder(tmp_path / "lab")
    (found,) = new.create(tmp_path / "mine", source, model=None, speed=None)
    assert found.refusal is None
    said = found.trial.settings
    assert said.speed_m_s == pytest.approx(3.0, rel=0.05)
    assert said.treadmill
    assert 100 <= said.strength_percent <= 180
    data = trial_data.folder("hamner2013_s01")
    right = read_forces(data / "run_3ms_grf.mot")
    ours = read_forces(tmp_path / "mine" / "forces.mot")
    for side in "rl":
        loaded = right.feet[side].force[1] > 50
        np.testing.assert_allclose(
            ours.feet[side].force[:, loaded], right.feet[side].force[:, loaded], atol=0.01
        )
        np.testing.assert_allclose(
            ours.feet[side].moment[:, loaded], right.feet[side].moment[:, loaded], atol=0.5
        )


def one_plate_over_ground(out: Path, speed: float = 3.0) -> Path:
    """The measured man as if he ran over ground, with one plate under one right contact."""
    data = trial_data.folder("hamner2013_s01")
    out.mkdir()
    model = (data / "Hamner2010_v4_subject01.osim").read_bytes()
    (out / "scaled.osim").write_bytes(model)
    motion = storage.read(data / "run_3ms_ik.mot")
    table = pd.DataFrame({"time": motion.time, **motion.columns})
    table["pelvis_tx"] += speed * table["time"]
    table.to_csv(out / "run_ik.csv", index=False)
    forces = read_forces(data / "run_3ms_grf.mot")
    foot = forces.feet["r"]
    first, last = plates.contacts(forces.time, foot.force[1])[1]
    seen = np.zeros(len(forces.time), bool)
    seen[first:last] = True
    point = foot.point + np.array([[speed], [0.0], [0.0]]) * forces.time
    columns = {"time": forces.time}
    for stem, rows in (
        ("ground_force_v", foot.force),
        ("ground_force_p", point),
        ("ground_torque_", foot.torque),
    ):
        columns |= {
            f"{stem}{a}": np.where(seen, row, 0.0) for a, row in zip("xyz", rows, strict=True)
        }
    pd.DataFrame(columns).to_csv(out / "run_grf.csv", index=False)
    return out


def test_contacts_beside_one_plate_come_from_the_motion(tmp_path: Path) -> None:
    source = one_plate_over_ground(tmp_path / "lab")
    (found,) = new.create(tmp_path / "mine", source, model=None, speed=None)
    assert found.refusal is None
    said = found.trial.settings
    assert not said.treadmill
    assert said.computed is not None and said.computed.left and said.computed.right
    assert any("no plate measured left" in text for text in found.warnings)
    # What the plate saw is as it was; what it did not see is near what the treadmill measured.
    data = trial_data.folder("hamner2013_s01")
    right = read_forces(data / "run_3ms_grf.mot")
    ours = read_forces(tmp_path / "mine" / "forces.mot")
    time = right.time
    start, end = said.computed.left[1]
    inside = (time > start) & (time < end)
    off = ours.feet["l"].force[:, inside] - right.feet["l"].force[:, inside]
    assert np.sqrt(np.mean(off**2, axis=1)).max() < 0.15 * found.weight
    point = ours.feet["l"].point[:, inside] - right.feet["l"].point[:, inside]
    point[0] -= 3.0 * time[inside]
    loaded = right.feet["l"].force[1, inside] > 0.5 * found.weight
    assert np.abs(point[:, loaded]).max() < 0.05


@pytest.mark.parametrize("degrees", [-30.0, 90.0, 180.0])
def test_a_runner_runs_along_x_whatever_the_laboratory_calls_x(
    degrees: float, tmp_path: Path
) -> None:
    source = trial_data.hamner(tmp_path / "lab", 3)
    corrupted.askew(source, degrees)
    (found,) = new.create(tmp_path / "mine", source, model=None, speed=None)
    assert found.refusal is None
    assert found.trial.settings.speed_m_s == pytest.approx(3.0, rel=0.05)
    data = trial_data.folder("hamner2013_s01")
    was = read_motion(data / "run_3ms_ik.mot", found.skeleton.coordinates)
    ours = read_motion(tmp_path / "mine" / "motion.mot", found.skeleton.coordinates)
    for name in ("pelvis_tilt", "pelvis_list", "pelvis_ty", "hip_flexion_r"):
        np.testing.assert_allclose(ours.values[name], was.values[name], atol=0.01)
    right = read_forces(data / "run_3ms_grf.mot")
    pushed = read_forces(tmp_path / "mine" / "forces.mot")
    for side in "rl":
        loaded = right.feet[side].force[1] > 50
        off = pushed.feet[side].force[:, loaded] - right.feet[side].force[:, loaded]
        assert np.abs(off).max() < 0.02 * found.weight  # the direction is known to a degree


def test_nothing_is_written_over_or_half(tmp_path: Path) -> None:
    source = laboratory_folder(tmp_path / "lab")
    (tmp_path / "mine").mkdir()
    with pytest.raises(ValueError, match="is there already"):
        new.create(tmp_path / "mine", source, model=None, speed=None)
    assert list((tmp_path / "mine").iterdir()) == []


@pytest.mark.parametrize(
    ("files", "line"),
    [
        ([], "no .osim file in it"),
        (["a.osim", "b.osim"], "several models"),
    ],
)
def test_a_folder_without_one_model(files: list[str], line: str, tmp_path: Path) -> None:
    for name in files:
        (tmp_path / name).write_text("")
    with pytest.raises(ValueError, match=line):
        laboratory.model(tmp_path)


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("run3_ik.mot", "run3"),
        ("run3_grf.mot", "run3"),
        ("Run 3 forces.csv", "run_3"),
        ("grf.mot", "trial"),
    ],
)
def test_trial_names(file: str, name: str) -> None:
    assert laboratory.trial_name(Path(file)) == name


def test_parts_of_a_trial_keep_their_own_forces(tmp_path: Path) -> None:
    """AddBiomechanics cuts a trial; both parts are trials, each with its own forces."""
    angles = {"time": np.arange(12) / 100, "hip": np.zeros(12), "knee": np.zeros(12)}
    for part in (0, 1):
        forces = {f"ground_force_1_{k}{a}": np.full(12, part) for k in "vp" for a in "xyz"}
        pd.DataFrame(angles).to_csv(tmp_path / f"run_segment_{part}_ik.csv", index=False)
        pd.DataFrame({"time": angles["time"], **forces}).to_csv(
            tmp_path / f"run_segment_{part}_grf.csv", index=False
        )
    found = laboratory.recordings(tmp_path, ["hip", "knee"])
    assert [one.name for one in found] == ["run_segment_0", "run_segment_1"]
    for part, one in enumerate(found):
        assert one.forces.columns["ground_force_1_vy"][0] == part
    # One file of forces for both: the first part's, as before.
    for part in (0, 1):
        (tmp_path / f"run_segment_{part}_grf.csv").rename(tmp_path / "run_grf.csv")
    (one,) = laboratory.recordings(tmp_path, ["hip", "knee"])
    assert one.name == "run" and one.motion.path.name == "run_segment_0_ik.csv"


def test_a_trial_that_is_none_leaves_the_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = laboratory_folder(tmp_path / "lab")
    short = storage.read(source / "IK" / "run3_ik.csv")
    table = pd.DataFrame({"time": short.time, **short.columns})
    table.iloc[:20].to_csv(source / "IK" / "start_ik.csv", index=False)
    forces = pd.read_csv(source / "ID" / "run3_grf.csv")
    forces.iloc[:200].to_csv(source / "ID" / "start_grf.csv", index=False)
    (found,) = new.create(tmp_path / "mine", source, model=None, speed=None)
    assert found.trial.folder.name == "mine_run3"
    said = capsys.readouterr().err
    assert "no runner: " in said and "start" in said
    assert not (tmp_path / "mine_start").exists()


def test_two_plates_under_one_foot_are_one_force() -> None:
    """Equal forces at two points are their sum in the middle."""
    force = np.array([[0.0], [400.0], [0.0]])
    points = [np.array([[0.1], [0.0], [0.2]]), np.array([[0.3], [0.0], [0.0]])]
    moment = sum(np.cross(p, force, axis=0) for p in points)
    found = plates.at_ground(2 * force, np.asarray(moment))
    np.testing.assert_allclose(found.point.ravel(), [0.2, 0.0, 0.1], atol=1e-12)
    np.testing.assert_allclose(found.moment, moment, atol=1e-9)

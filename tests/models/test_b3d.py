"""AddBiomechanics' .b3d, read as nimblephysics writes it."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from formats import storage
from formats.trial.measured import read_forces
from models import new
from models.take_in import b3d, laboratory
from tests import trial_data

TREE = Path(__file__).with_name("tree.b3d")
"""Written by nimblephysics (write_tree_b3d.py): three trials, the first without dynamics."""
ORDER = [
    "tilt",
    "list",
    "rot",
    "tx",
    "ty",
    "tz",
    "q_jb",
    "q_jd",
    "q_jf",
    "c3",
    "c2",
    "c1",
    "e2",
    "e1",
]
"""nimblephysics' own answer to the order of coordinates of tree.b3d's model."""


def head_of(content: bytes) -> tuple[b3d.Any, bytes]:
    """The head of a file, and what follows it."""
    (length,) = struct.unpack_from("<q", content)
    head = b3d.CLASSES["Head"]()
    head.ParseFromString(content[8 : 8 + length])
    return head, content[8 + length :]


def with_head(head: b3d.Any, rest: bytes) -> bytes:
    said = head.SerializeToString()
    return struct.pack("<q", len(said)) + said + rest


def test_numbers_are_those_that_nimblephysics_wrote(tmp_path: Path) -> None:
    told = b3d.unpack(TREE, tmp_path)
    names = {path.name for path in tmp_path.glob("*.mot")}
    assert names == {
        f"{trial}_{kind}.mot" for trial in ("run_1", "run_1_2") for kind in ("ik", "grf")
    }
    for number, trial, frames in ((1, "run_1", 6), (2, "run_1_2", 5)):
        motion = pd_of(tmp_path / f"{trial}_ik.mot")
        t = 0.01 * np.arange(frames)
        np.testing.assert_allclose(motion.pop("time"), t, atol=1e-12)
        assert list(motion) == ORDER
        for i, values in enumerate(motion.values()):
            np.testing.assert_allclose(values, i + t + 0.001 * number, atol=1e-5)
        forces = pd_of(tmp_path / f"{trial}_grf.mot")
        for k, body in enumerate("de"):
            for at, stem in ((0, "force_{}_p"), (3, "torque_{}_"), (6, "force_{}_v")):
                for i, axis in enumerate("xyz"):
                    np.testing.assert_allclose(
                        forces[f"ground_{stem.format(body)}{axis}"],
                        100 + 9 * k + at + i + t + 0.001 * number,
                        atol=1e-4,
                    )
    assert [line[: line.index(" s:")] for line in told] == ["run_1: 0.02 to 0.03"]


def pd_of(path: Path) -> dict[str, np.ndarray]:
    """Columns of a storage file of any length."""
    lines = path.read_text().splitlines()
    start = lines.index("endheader") + 1
    rows = np.array([line.split() for line in lines[start + 1 :]], float)
    return dict(zip(lines[start].split(), rows.T, strict=True))


def test_a_coupled_coordinate_is_in_no_frame(tmp_path: Path) -> None:
    head, rest = head_of(TREE.read_bytes())
    coupler = (
        "<ConstraintSet><objects><CoordinateCouplerConstraint><dependent_coordinate_name>extra"
        "</dependent_coordinate_name></CoordinateCouplerConstraint></objects></ConstraintSet></Model>"
    )
    for one in head.passes:
        one.model_osim_text = one.model_osim_text.replace(
            '<Coordinate name="q_jb">', '<Coordinate name="extra" /><Coordinate name="q_jb">'
        )
    path = tmp_path / "one.b3d"
    path.write_bytes(with_head(head, rest))
    (tmp_path / "out").mkdir()
    with pytest.raises(ValueError, match="15 coordinates, its frames 14"):
        b3d.unpack(path, tmp_path / "out")
    for one in head.passes:
        one.model_osim_text = one.model_osim_text.replace("</Model>", coupler)
    path.write_bytes(with_head(head, rest))
    b3d.unpack(path, tmp_path / "out")
    assert list(pd_of(tmp_path / "out" / "run_1_ik.mot"))[1:] == ORDER


def test_old_models_have_their_joints_in_their_bodies(tmp_path: Path) -> None:
    model = tmp_path / "old.osim"

    def body(name: str, parent: str, *names: str) -> str:
        listed = "".join(f'<Coordinate name="{one}" />' for one in names)
        return (
            f'<Body name="{name}"><Joint><CustomJoint name="j_{name}"><parent_body>{parent}'
            f"</parent_body><CoordinateSet><objects>{listed}</objects></CoordinateSet></CustomJoint>"
            "</Joint></Body>"
        )

    bodies = ['<Body name="ground"><Joint /></Body>', body("a", "ground", "x", "y")]
    bodies += [body("b", "a", "p"), body("c", "a", "q"), body("d", "b", "s", "r")]
    model.write_text(
        '<OpenSimDocument Version="30000"><Model><BodySet><objects>'
        f"{''.join(bodies)}</objects></BodySet></Model></OpenSimDocument>"
    )
    assert b3d.coordinates(model)[0] == ["x", "y", "p", "s", "r", "q"]


def test_what_is_no_whole_file_is_told_in_a_line(tmp_path: Path) -> None:
    whole = TREE.read_bytes()
    head, rest = head_of(whole)
    early = head_of(whole)[0]
    for trial in early.trial_header:
        del trial.processing_pass_header[1:]
    bomb = head_of(whole)[0]
    for one in bomb.passes:
        one.model_osim_text = "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"
    path = tmp_path / "bad.b3d"
    for content, line in (
        (b"", "no .b3d file"),
        (b"\x08\x00", "no .b3d file"),
        (struct.pack("<q", 20) + b"\xff" * 40, "or broken"),
        (whole[:-1], "cut off"),
        (with_head(early, rest), "no force of a foot"),
        (with_head(bomb, rest), "document type"),
        (with_head(head, rest[: len(rest) // 2]), "cut off"),
    ):
        path.write_bytes(content)
        (tmp_path / "out").mkdir(exist_ok=True)
        with pytest.raises(ValueError, match=line) as caught:
            b3d.unpack(path, tmp_path / "out")
        assert str(path) in str(caught.value) and "\n" not in str(caught.value)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_a_damaged_file_is_read_or_refused(data: st.DataObject, tmp_path: Path) -> None:
    content = bytearray(TREE.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / "one.b3d"
    path.write_bytes(bytes(content[: data.draw(st.integers(1, len(content)))]))
    out = tmp_path / "out"
    out.mkdir(exist_ok=True)
    try:
        b3d.unpack(path, out)
    except ValueError as error:
        assert "\n" not in str(error)


def test_several_persons_are_not_mixed(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / f"{name}.b3d").write_bytes(TREE.read_bytes())
    with pytest.raises(ValueError, match="several persons"), laboratory.opened(tmp_path):
        pass


def measured_b3d(out: Path) -> Path:
    """The measured man at 3 and 4 m/s in a file of two trials, laid out as nimblephysics does."""
    data = trial_data.folder("hamner2013_s01")
    text = (data / "Hamner2010_v4_subject01.osim").read_text()
    (out / "model.osim").write_text(text)
    order, _ = b3d.coordinates(out / "model.osim")
    frames: list[bytes] = []
    head = b3d.CLASSES["Head"]()
    head.num_dofs = len(order)
    head.ground_contact_body.extend(["calcn_r", "calcn_l"])
    head.passes.add(pass_type=0, model_osim_text=text)
    head.passes.add(pass_type=1, model_osim_text=text)
    for speed in (3, 4):
        motion = storage.read(data / f"run_{speed}ms_ik.mot")
        forces = read_forces(data / f"run_{speed}ms_grf.mot")
        first, last = max(motion.time[0], forces.time[0]), min(motion.time[-1], forces.time[-1])
        time = np.arange(first, last, 0.005)
        trial = head.trial_header.add(
            name=f"Run {speed}", trial_length=len(time), trial_timestep=0.005
        )
        for kind in (0, 1):
            trial.processing_pass_header.add(type=kind)

        def at(rows: np.ndarray, own: np.ndarray, time: np.ndarray = time) -> np.ndarray:
            return np.array([np.interp(time, own, row) for row in np.atleast_2d(rows)])

        angles = at(np.array([motion.columns[name] for name in order]), motion.time)
        turning = [not name.startswith("pelvis_t") or name == "pelvis_tilt" for name in order]
        angles[turning] = np.radians(angles[turning])
        feet = [forces.feet[side] for side in "rl"]
        parts = {
            field: np.vstack([at(getattr(foot, field), forces.time) for foot in feet])
            for field in ("point", "torque", "force")
        }
        for t in range(len(time)):
            frame = b3d.CLASSES["Frame"](
                pos=angles[:, t],
                ground_contact_center_of_pressure=parts["point"][:, t],
                ground_contact_torque=parts["torque"][:, t],
                ground_contact_force=parts["force"][:, t],
            ).SerializeToString()
            frames += [frame, frame]
    head.processing_pass_frame_size = len(frames[0])
    path = out / "subject.b3d"
    path.write_bytes(with_head(head, b"".join(frames)))
    (out / "model.osim").unlink()
    return path


def test_a_runner_is_made_of_one_trial(tmp_path: Path) -> None:
    source = tmp_path / "lab"
    source.mkdir()
    path = measured_b3d(source)
    with pytest.raises(ValueError, match="no trial 'run_5'; it holds run_3, run_4"):
        new.create(tmp_path / "mine", path, model=None, speed=None, trial="run_5")
    (found,) = new.create(tmp_path / "mine", source, model=None, speed=None, trial="run_3")
    assert found.refusal is None
    assert found.trial.settings.speed_m_s == pytest.approx(3.0, rel=0.05)
    assert found.trial.settings.treadmill
    data = trial_data.folder("hamner2013_s01")
    measured = read_forces(data / "run_3ms_grf.mot")
    ours = read_forces(tmp_path / "mine" / "forces.mot")
    own = ours.time + measured.time[0]
    for side in "rl":
        vertical = np.interp(own, measured.time, measured.feet[side].force[1])
        loaded = vertical > 50
        assert np.abs(ours.feet[side].force[1] - vertical)[loaded].max() < 40

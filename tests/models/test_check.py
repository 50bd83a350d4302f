"""A right trial passes; each wrong copy of it is named in one line."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from models.checks.examine import Examined, examine, refuse
from tests import trial_data
from tests.models import corrupted

SPEEDS = (3, 4)


@pytest.fixture(scope="module", params=SPEEDS)
def right(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return trial_data.hamner(tmp_path_factory.mktemp("right") / "man", request.param)


@pytest.fixture(scope="module")
def examined(right: Path) -> Examined:
    return examine(right)


def test_the_right_trial_is_not_refused(examined: Examined) -> None:
    refuse(examined)
    expected = ("Hicks", "slack muscles", "strength_percent 100 is too little")
    assert all(any(part in text for part in expected) for text in examined.warnings)
    assert list(examined.slack) == ["semimem_r", "semimem_l"]


def test_residuals_are_told(examined: Examined) -> None:
    found = examined.kinetics
    assert 0.05 < found.residual_rms / examined.weight < 0.20
    assert any("Hicks" in text for text in examined.warnings)


FAULTS: dict[str, tuple[Callable[[Path], None], str]] = {
    "feet exchanged": (corrupted.exchange_feet, "are right and left exchanged?"),
    "point in millimetres": (corrupted.in_millimetres, "is it in millimetres?"),
    "force 20 ms late": (partial(corrupted.late, seconds=0.02), "ms after the motion"),
    "gravity along z": (corrupted.turn_gravity, "gravity is (0, 0, -9.807)"),
    "one sample of 500 deg": (corrupted.spike, "knee_angle_r has a spike at"),
    "speed": (partial(corrupted.say, speed_m_s=5.0), "speed_m_s is 5"),
    "treadmill": (partial(corrupted.say, treadmill="false"), "treadmill is false"),
    "20 deg askew": (partial(corrupted.askew, degrees=20.0), "deg to the right of the ground's x"),
    "backward": (partial(corrupted.askew, degrees=180.0), "of the ground's x axis, which must be"),
    "model without muscles": (corrupted.strip_muscles, "it has no muscles"),
    "walking": (corrupted.walk, "This is walking"),
    "force on the plate": (
        partial(corrupted.times, words="force_v", factor=-1.0),
        "is its sign that of the force on the plate?",
    ),
    "force in kN": (partial(corrupted.times, words="force_v", factor=1e-3), "is it in kN"),
    "fore-aft sign": (
        partial(corrupted.times, words="force_vx", factor=-1.0),
        "the fore-aft force pushes against",
    ),
    "plates not zeroed": (
        partial(corrupted.add, file="forces.mot", words="force_vy", offset=60.0),
        "was the plate zeroed?",
    ),
    "pelvis half a metre higher": (
        partial(corrupted.add, file="motion.mot", words="pelvis_ty", offset=0.5),
        "are not one height",
    ),
    "pelvis in millimetres": (
        partial(corrupted.add, file="motion.mot", words="pelvis_ty", offset=900.0),
        "is it in millimetres?",
    ),
    "shorter than a stride": (
        partial(corrupted.cut, file="motion.mot", first=0.0, last=0.6),
        "no whole stride of the right foot",
    ),
    "forces begin late": (
        partial(corrupted.cut, file="forces.mot", first=1.0, last=99.0),
        "give what both have as start and end in runner.yaml",
    ),
    "one foot without plate": (
        partial(corrupted.times, words="L_ground_force_v", factor=0.0),
        "python -m models.new computes its force",
    ),
    "empty motion": (partial(corrupted.empty, file="motion.mot"), "the file is empty"),
    "empty forces": (partial(corrupted.empty, file="forces.mot"), "the file is empty"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_wrong_copy_is_refused_in_one_line(fault: str, right: Path, tmp_path: Path) -> None:
    spoil, line = FAULTS[fault]
    wrong = corrupted.copy(right, tmp_path / "wrong")
    spoil(wrong)
    with pytest.raises(ValueError) as caught:
        refuse(examine(wrong))
    assert line in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("forward", "to_right"), [(0.05, 0.0), (-0.05, 0.0), (0.0, 0.05)])
def test_a_point_5_cm_off_is_warned_of(
    forward: float, to_right: float, right: Path, tmp_path: Path
) -> None:
    wrong = corrupted.copy(right, tmp_path / "wrong")
    corrupted.move_point(wrong, forward, to_right)
    assert any("point of force or frame are off" in text for text in examine(wrong).warnings)


WARNED: dict[str, tuple[Callable[[Path], None], str]] = {
    "sideways sign": (
        partial(corrupted.times, words="force_vz", factor=-1.0),
        "the sideways force pushes against",
    ),
    "8 deg askew": (partial(corrupted.askew, degrees=-8.0), "deg to the left of the ground's x"),
    "ankle not measured": (
        partial(corrupted.hold, coordinate="ankle_angle_r"),
        "ankle_angle_r keep still",
    ),
    "plates' gain": (
        partial(corrupted.times, words="force_v", factor=1.08),
        "% above the weight of the model's",
    ),
}


@pytest.mark.parametrize("fault", WARNED)
def test_a_doubtful_copy_is_warned_of(fault: str, right: Path, tmp_path: Path) -> None:
    spoil, line = WARNED[fault]
    wrong = corrupted.copy(right, tmp_path / "wrong")
    spoil(wrong)
    found = examine(wrong)
    assert found.refusal is None
    assert any(line in text for text in found.warnings)


def test_what_is_no_fault_passes(right: Path, examined: Examined, tmp_path: Path) -> None:
    """Byte order marks and carriage returns, another zero of time, forces shorter than the motion
    where start and end say so."""
    odd = corrupted.copy(right, tmp_path / "odd")
    for file in ("motion.mot", "forces.mot"):
        corrupted.add(odd, file, "time", 100.0)
    corrupted.cut(odd, "forces.mot", 100.4, 104.0)
    corrupted.say(odd, start=100.4, end=104.0)
    corrupted.as_windows_writes(odd)
    found = examine(odd)
    assert found.refusal is None
    assert found.needed is not None and examined.needed is not None
    assert found.needed.most == pytest.approx(examined.needed.most, rel=0.05)


def test_the_command_ends_with_one_line(right: Path, tmp_path: Path) -> None:
    wrong = corrupted.copy(right, tmp_path / "wrong")
    corrupted.turn_gravity(wrong)
    ended = subprocess.run(
        [sys.executable, "-m", "models.check", str(wrong)], capture_output=True, text=True
    )
    assert (ended.returncode, ended.stdout) == (2, "")
    assert len(ended.stderr.splitlines()) == 1

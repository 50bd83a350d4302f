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
    "walking": (corrupted.walk, "This is walking"),
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


def test_the_command_ends_with_one_line(right: Path, tmp_path: Path) -> None:
    wrong = corrupted.copy(right, tmp_path / "wrong")
    corrupted.turn_gravity(wrong)
    ended = subprocess.run(
        [sys.executable, "-m", "models.check", str(wrong)], capture_output=True, text=True
    )
    assert (ended.returncode, ended.stdout) == (2, "")
    assert len(ended.stderr.splitlines()) == 1

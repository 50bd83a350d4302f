"""The motion as it is shown: forces under the feet, and films of the certified runs."""

from __future__ import annotations

from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
from PIL import Image

from analysis import animation
from analysis.figures.study import read_study
from analysis.replayed.motion import read_motion
from tests.workflow.made_up import SPEED, STRIDE_S, WEIGHT_N, whole


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return whole(tmp_path_factory.mktemp("films") / "study", {60.0})


def test_motion_is_seen_from_beside_the_runner(study: Path) -> None:
    series = read_study(study)[0]
    motion = read_motion(study / series.certified["case"].iloc[0])
    assert motion.stride_time == pytest.approx(STRIDE_S)
    # Who runs beside sees a body that stands still here, and ground that moves backward.
    assert np.ptp(motion.points["head"], axis=0) == pytest.approx([0, 0], abs=1e-9)
    loaded = motion.force["r"][:, 1] > 0
    assert loaded[1] and not loaded[40]  # 0 % is right contact, though stored at 10 %
    assert motion.force["r"][:, 1].max() == pytest.approx(2 * WEIGHT_N, rel=0.01)
    place = motion.place["r"][loaded, 0]
    percent = np.arange(101)[loaded]
    inner = (percent > 1) & (percent < 29)
    slope = np.polyfit(percent[inner] / 100 * STRIDE_S, place[inner], 1)[0]
    assert slope == pytest.approx(-SPEED, rel=0.02)
    # Half a stride later the left foot does what the right one did.
    shifted = np.roll(motion.force["r"][:100, 1], 50)
    assert motion.force["l"][:100, 1] == pytest.approx(shifted, abs=0.05 * WEIGHT_N)


def test_motion_without_a_table_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"positions\.csv: no such file$"):
        read_motion(tmp_path)
    (tmp_path / "positions.csv").write_text("percent\n")
    with pytest.raises(ValueError, match=r"positions\.csv: 0 rows; 101 are needed$"):
        read_motion(tmp_path)


def test_films_show_weakest_normal_and_strongest(
    study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert animation.chosen(read_study(study)[0]) == [80.0, 100.0, 140.0]  # 60 % failed
    monkeypatch.setattr(animation, "FRAMES", {"mp4": 4, "gif": 4})
    animation.draw(study)
    with Image.open(study / "animation" / "running.gif") as film:
        assert film.n_frames == 4
        assert film.info["loop"] == 0  # for ever
        first = np.asarray(film.convert("RGB"), dtype=int)
        film.seek(2)
        assert np.abs(np.asarray(film.convert("RGB"), dtype=int) - first).sum() > 0
    reader = imageio_ffmpeg.read_frames(str(study / "animation" / "running.mp4"))
    about = next(reader)
    assert about["size"] == (720, 320)
    assert about["codec"] == "h264" and about["pix_fmt"].startswith("yuv420p")
    assert sum(1 for _ in reader) == 4


def test_a_study_without_a_certified_run_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = whole(tmp_path / "study", {60.0, 80.0, 100.0, 120.0, 140.0})
    monkeypatch.setattr(animation, "FRAMES", {"gif": 3})
    animation.draw(folder)
    assert (folder / "animation" / "running.gif").is_file()
    page, _, _ = animation.scene(read_study(folder)[0])
    assert any("no certified run to show" in text.get_text() for text in page.texts)

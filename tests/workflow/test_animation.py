"""The motion as it is shown: forces under the feet, and films of the certified runs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import imageio_ffmpeg
import matplotlib.pyplot as plt
import numpy as np
import pytest
from PIL import Image

from analysis import animation
from analysis.figures import body
from analysis.figures.study import read_study
from analysis.replayed import scene
from analysis.replayed.motion import read_motion
from analysis.replayed.scene import matrices
from tests.workflow.made_up import SPEED, STRIDE_S, WEIGHT_N, seen, whole


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
    assert read_study(study)[0].extremes == [80.0, 100.0, 140.0]  # 60 % failed
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
    assert about["size"] == (960, 400)
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


def test_what_is_overlaid_is_made_larger(study: Path) -> None:
    """Ten times the way from the 100 % run's place, whatever the sign of a quaternion."""
    one, own = seen(140.0), seen(100.0)
    one = replace(one, translation=one.translation + [0.001, 0, 0], rotation=-one.rotation)
    ten = animation.larger(one, own, 10.0)
    assert ten.translation - own.translation == pytest.approx(
        10 * (one.translation - own.translation)
    )
    turned = [
        np.arctan2(m[:, 1, 1, 0], m[:, 1, 0, 0])
        for m in map(matrices, (own.rotation, ten.rotation))
    ]
    assert turned[1] - turned[0] == pytest.approx(10 * 0.04, rel=0.05)
    assert animation.larger(own, own, 10.0).translation == pytest.approx(own.translation)


def test_a_picture_shows_the_near_before_the_far() -> None:
    """Of two segments that cross, the one nearer to the eye is drawn last; widths are true."""
    page, axes = plt.subplots()
    picture = body.Picture(axes, 100.0, body.View(0.0, 0.0))
    near = [[-0.1, 0.0, 0.5], [0.1, 0.0, 0.5]]
    far = [[0.0, -0.1, -0.5], [0.0, 0.1, -0.5]]
    two = body.Segments(np.array([near, far]), np.array([0.02, 0.01]), np.array([[1, 0, 0.0]] * 2))
    picture.show(two)
    drawn = picture.lines.get_segments()
    assert len(drawn) == 4
    assert drawn[-2] == pytest.approx(np.array([[-0.1, 0.0], [0.1, 0.0]]))
    assert picture.lines.get_linewidth()[-2] == pytest.approx(2 * 0.02 * 100)
    plt.close(page)


def test_bones_of_a_scene_are_where_its_bodies_are() -> None:
    one = seen(100.0)
    for frame in (0, 13, 49):
        found = body.bones(one, frame)
        angle = 0.4 * np.sin(2 * np.pi * scene.PERCENT[frame] / 100) + 0.1
        hip = np.array([0.0, 0.9, 0.08])
        knee = hip + 0.4 * np.array([np.sin(angle), -np.cos(angle), 0.0])
        assert found.ends[-1] == pytest.approx(np.array([hip, knee]))
    assert body.muscles(one, 0).ends[0, 0] == pytest.approx(one.paths[0, 0])
    assert body.muscles(one, 0).ends[-1, 1] == pytest.approx(one.paths[0, -1])

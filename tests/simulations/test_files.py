"""Files are written whole, onto the disk before they are renamed, with the umask's mode."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from formats import files


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """What is synced and renamed, in order, by name."""
    found: list[tuple[str, str]] = []
    fsync, replace = os.fsync, Path.replace

    def synced(number: int) -> None:
        found.append(("sync", Path(f"/proc/self/fd/{number}").readlink().name))
        fsync(number)

    def renamed(draft: Path, path: Path) -> Path:
        found.append(("rename", draft.name))
        return replace(draft, path)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "replace", renamed)
    return found


def test_a_file_is_synced_before_and_its_folder_after_the_rename(
    tmp_path: Path, steps: list[tuple[str, str]]
) -> None:
    files.write_text(tmp_path / "a.json", "{}")
    (first, draft), *rest = steps
    assert (first, rest) == ("sync", [("rename", draft), ("sync", tmp_path.name)])
    assert draft.startswith(".a.json.")
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]


def test_a_draft_that_another_program_wrote_is_synced_too(
    tmp_path: Path, steps: list[tuple[str, str]]
) -> None:
    (tmp_path / "draft.osim").write_text("x")
    files.move(tmp_path / "draft.osim", tmp_path / "runner.osim")
    assert [what for what, _ in steps] == ["sync", "rename", "sync"]


@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o027, 0o640), (0o002, 0o664)])
def test_the_mode_is_the_umasks(tmp_path: Path, mask: int, mode: int) -> None:
    before = os.umask(mask)
    try:
        files.write_text(tmp_path / "a.json", "{}")
        files.write_text(tmp_path / "a.json", "{ }")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a.json").stat().st_mode) == mode


def test_a_lock_follows_no_link(tmp_path: Path) -> None:
    mine = tmp_path / "mine.txt"
    mine.write_text("precious")
    (tmp_path / "case").mkdir()
    (tmp_path / "case" / ".alone").symlink_to(mine)
    said = r"\.alone: is a link; .* file of its own"
    with pytest.raises(ValueError, match=said), files.alone(tmp_path / "case"):
        pass
    assert mine.read_text() == "precious"

"""Models that OpenSim writes are on the disk before they take their name."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from models.osim import document


def test_a_model_is_synced_before_it_is_renamed(
    planar: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced = []
    fsync = os.fsync

    def noted(number: int) -> None:
        synced.append(Path(f"/proc/self/fd/{number}").readlink())
        fsync(number)

    monkeypatch.setattr(os, "fsync", noted)
    document.save(document.parse(planar / "runner.osim"), tmp_path / "copy.osim")
    assert [path.name for path in synced] == ["final.osim", tmp_path.name]
    assert (tmp_path / "copy.osim").stat().st_size > 0

"""Getting the base model: checked, cached, and one clear line when it cannot be had."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from models.rajagopal import base


def test_own_model_is_used_as_it_is(base_file: Path) -> None:
    assert base.base_model(base_file) == base_file


def test_missing_own_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"nowhere\.osim: no such file"):
        base.base_model(tmp_path / "nowhere.osim")


def test_cached_copy_is_used_without_network(
    tmp_path: Path, base_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(base_file, tmp_path / "Rajagopal2015.osim")
    monkeypatch.setenv("HIPDRIVE_CACHE", str(tmp_path))
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9")
    assert base.base_model() == tmp_path / "Rajagopal2015.osim"


def test_without_network_the_way_out_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    damaged = tmp_path / "Rajagopal2015.osim"
    damaged.write_text("cut short")  # a damaged copy in the cache must not be taken
    monkeypatch.setenv("HIPDRIVE_CACHE", str(tmp_path))
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "")
    monkeypatch.setenv("PIP_RETRIES", "0")
    monkeypatch.setenv("PIP_TIMEOUT", "1")
    with pytest.raises(ValueError, match=r"cannot download.*--base PATH") as error:
        base.base_model()
    assert "\n" not in str(error.value)


def test_changed_wheel_is_refused(tmp_path: Path) -> None:
    wheel = tmp_path / "nimblephysics-0.10.52.1-py3-none-any.whl"
    wheel.write_bytes(b"not what was asked for")
    with pytest.raises(ValueError, match=f"sha256 .* expected {base.WHEEL_SHA256}"):
        base.extract(wheel)

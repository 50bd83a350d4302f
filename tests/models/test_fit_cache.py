"""A cached path fit is taken only as it was written and as OpenSim has the path, else made anew."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.paths import cache as fit_cache
from models.paths import fitting as paths
from models.paths.accuracy import Fit
from models.rajagopal import base
from models.take_in import own_paths
from tests.models import small_own

Spoil = Callable[[Path, list[Fit]], None]


def scaled(file: Path, fits: list[Fit]) -> None:
    """All polynomials longer by 3 %, the entry's hash that of what it now holds."""
    longer = [replace(f, coefficients=[1.03 * c for c in f.coefficients]) for f in fits]
    fit_cache.write(file, longer)


def one_left_muscle_scaled(file: Path, fits: list[Fit]) -> None:
    last = replace(fits[-1], coefficients=[1.03 * c for c in fits[-1].coefficients])
    assert last.source != "fitted"
    fit_cache.write(file, [*fits[:-1], last])


def one_number_edited(file: Path, fits: list[Fit]) -> None:
    fit_cache.write(file, fits)
    content = json.loads(file.read_text())
    content["fits"][0]["coefficients"][0] *= 1 + 1e-6
    file.write_text(json.dumps(content))


def cut_short(file: Path, fits: list[Fit]) -> None:
    fit_cache.write(file, fits)
    file.write_bytes(file.read_bytes()[:1000])


def a_muscle_lost(file: Path, fits: list[Fit]) -> None:
    fit_cache.write(file, fits[1:])


def without_a_hash(file: Path, fits: list[Fit]) -> None:
    file.write_text(json.dumps([vars(fit) for fit in fits]))


SPOILT = {
    scaled: "off by .* mm from OpenSim's, .* mm published",
    one_left_muscle_scaled: "not the polynomial of .*_r, which it says it has",
    one_number_edited: "altered since it was written",
    cut_short: "damaged",
    a_muscle_lost: "of other muscles than the model's",
    without_a_hash: "damaged",
}


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HIPDRIVE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "paths"


@pytest.fixture(scope="module")
def good(planar: Path) -> list[Fit]:
    return paths.fit_paths(planar / "runner.osim")


def put_and_take(
    fit: Callable[[], list[Fit]], cache: Path, good: list[Fit], spoil: Spoil
) -> list[Fit]:
    """What `fit` gives where its cache holds a spoilt entry (kept once before, for its name)."""
    fit()
    (file,) = cache.glob("*.json")
    spoil(file, good)
    found = fit()
    assert fit_cache.read(file) == good
    return found


@pytest.mark.parametrize("spoil", SPOILT)
def test_a_spoilt_entry_is_made_again_and_told(
    spoil: Spoil,
    planar: Path,
    good: list[Fit],
    cache: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(paths, "_fit_all", lambda *_: good)
    found = put_and_take(lambda: paths.fit_paths(planar / "runner.osim"), cache, good, spoil)
    assert found == good
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 1
    assert told[0].endswith("; the path fits are made again")
    assert re.search(SPOILT[spoil], told[0])


def test_a_good_entry_is_taken_in_silence(
    planar: Path,
    good: list[Fit],
    cache: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    made = []
    monkeypatch.setattr(paths, "_fit_all", lambda *_: [made.append(1), good][1])
    for _ in range(2):
        assert paths.fit_paths(planar / "runner.osim") == good
    assert made == [1]
    assert not capsys.readouterr().err


@pytest.mark.parametrize("spoil", [scaled, cut_short])
def test_an_own_runners_entry_likewise(
    spoil: Spoil,
    cache: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    model = tmp_path / "model.osim"
    small_own.model().printToXML(str(model))
    swing = np.linspace(-0.3, 0.6, 50)
    motion = {
        f"{name}_{side}": -swing if name == "knee_angle" else swing
        for name in ("hip_flexion", "knee_angle", "ankle_angle")
        for side in "rl"
    }
    fits = own_paths.fit_paths(model, motion, own_paths.goal())
    monkeypatch.setattr(own_paths, "_fit_all", lambda *_: fits)

    def fit() -> list[Fit]:
        return own_paths.fit_paths(model, motion, own_paths.goal())

    assert put_and_take(fit, cache, fits, spoil) == fits
    (told,) = capsys.readouterr().err.splitlines()
    assert re.search(SPOILT[spoil], told)


def test_a_base_model_that_was_altered_is_told(
    base_file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    content = base_file.read_bytes()
    cached = tmp_path / "Rajagopal2015.osim"
    cached.write_bytes(content.replace(b"<mass>", b"<mass> ", 1))
    monkeypatch.setenv("HIPDRIVE_CACHE", str(tmp_path))
    monkeypatch.setattr(base, "download", lambda folder: folder)
    monkeypatch.setattr(base, "extract", lambda _: content)
    assert base.base_model().read_bytes() == content
    (told,) = capsys.readouterr().err.splitlines()
    assert told.startswith(f"{cached}: damaged or altered")

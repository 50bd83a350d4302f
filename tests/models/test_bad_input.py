"""Bad models and options: each stops its command with one line, and nothing is written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from models import build, dynamometer, strength
from tests.bad_input import error_of

DOCUMENT = '<OpenSimDocument Version="40600"><Model name="mine">{}</Model></OpenSimDocument>'
ENTITIES = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>' + DOCUMENT.format("&b;")
ELSEWHERE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + DOCUMENT.format("&a;")


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"", "model {}: is not XML (no element found"),
        (b"a model?", "model {}: is not XML (syntax error"),
        (b"PK\x03\x04\x00\x00", "model {}: is not XML (not well-formed"),
        (b"<OpenSimDocument><Model>", "model {}: is not XML (no element found"),
        (b"<html><body/></html>", "model {}: not an OpenSim model; give the path of an .osim file"),
        (b"<OpenSimDocument/>", "model {}: not an OpenSim model; give the path of an .osim file"),
        (ENTITIES.encode(), "model {}: has a document type (<!DOCTYPE ..>); OpenSim files have"),
        (ELSEWHERE.encode(), "model {}: has a document type (<!DOCTYPE ..>); OpenSim files have"),
        (DOCUMENT.format("<BodySet>").encode(), "model {}: is not XML (mismatched tag"),
        (DOCUMENT.format("").encode(), "model mine: nothing in it moves; a runner needs"),
    ],
)
def test_model_that_is_none(content: bytes, line: str, tmp_path: Path) -> None:
    model = tmp_path / "mine.osim"
    model.write_bytes(content)
    said = error_of(
        build.main, "--runner", "given", "--base", model, "--out", tmp_path / "made"
    )  # fmt: skip
    assert said.startswith(line.format(model))
    assert not list((tmp_path / "made").glob("*"))


def test_model_too_large_to_be_one(tmp_path: Path) -> None:
    model = tmp_path / "mine.osim"
    with model.open("wb") as stream:
        stream.truncate(51_000_000)
    said = error_of(build.main, "--runner", "given", "--base", model, "--out", tmp_path / "made")
    assert said.startswith(f"model {model}: 51.0 MB; at most 50 MB are read")


def test_model_without_the_parts_of_a_runner(tmp_path: Path) -> None:
    model = tmp_path / "mine.osim"
    model.write_text(DOCUMENT.format(""))
    said = error_of(build.main, "--runner", "planar", "--base", model, "--out", tmp_path / "made")
    assert said == "base model: it has no joint called acromial_r, needed by this runner"


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (
            ["--runner", "horse"],
            "runner 'horse': unknown; allowed are planar, spatial, exercise, given",
        ),
        (["--runner", "given"], "runner 'given': say which model with --base PATH"),
        (["--runner", "planar", "--base", "no.osim"], "base model no.osim: no such file; give the"),
        (["--runner", "planar", "--base", "."], "base model .: no such file; give the path of an"),
    ],
)
def test_runner_that_cannot_be_built(options: list[str], line: str, tmp_path: Path) -> None:
    assert error_of(build.main, *options, "--out", tmp_path / "made").startswith(line)
    assert not (tmp_path / "made").exists()


def test_folder_that_cannot_be_written(base_file: Path, tmp_path: Path) -> None:
    (tmp_path / "a_file").write_text("in the way")
    out = tmp_path / "a_file" / "made"
    said = error_of(build.main, "--runner", "planar", "--out", out)
    assert said == f"{out}: Not a directory"


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"--arm": "wings"}, "arm 'wings': unknown muscle group; allowed are iliopsoas, hip_fle"),
        ({"--dose": "much"}, "dose 'much': must be a number above 0 and at most 1000 (percent of"),
        ({"--dose": "0"}, "dose '0': must be a number above 0"),
        ({"--dose": "nan"}, "dose 'nan': must be a number above 0"),
        ({"--dose": "1e9"}, "dose '1e9': must be a number above 0"),
        ({"--side": "top"}, "side 'top': "),
        ({"--runner": "nowhere"}, "nowhere/runner.json: no such file"),
    ],
)
def test_strength_that_cannot_be_set(
    changes: dict[str, str], line: str, planar: Path, tmp_path: Path
) -> None:
    given = {"--runner": str(planar), "--arm": "iliopsoas", "--dose": "80", "--side": "both"}
    words = [word for pair in (given | changes).items() for word in pair]
    assert error_of(strength.main, *words, "--out", tmp_path / "made").startswith(line)
    assert not (tmp_path / "made").exists()


def emptied(folder: Path) -> None:
    (folder / "runner.osim").write_text("")


def exchanged(folder: Path) -> None:
    (folder / "runner.json").write_text('{"schema_version": 1}')


def half(folder: Path) -> None:
    text = (folder / "runner.json").read_text()
    (folder / "runner.json").write_text(text[: len(text) // 2])


@pytest.mark.parametrize(
    ("damage", "line"),
    [
        (emptied, "model {}/runner.osim: is not XML (no element found"),
        (exchanged, "{}/runner.json: name: missing"),
        (half, "{}/runner.json: Invalid JSON: EOF"),
    ],
)
def test_damaged_runner(
    damage: Callable[[Path], None], line: str, planar: Path, tmp_path: Path
) -> None:
    runner = tmp_path / "runner"
    runner.mkdir()
    for name in ("runner.osim", "runner.json"):
        (runner / name).write_bytes((planar / name).read_bytes())
    damage(runner)
    words = ["--runner", runner, "--arms", "hip_flexors", "--doses", "80", "--out", tmp_path / "t"]
    assert error_of(dynamometer.main, *words).startswith(line.format(runner))
    assert not (tmp_path / "t").exists()

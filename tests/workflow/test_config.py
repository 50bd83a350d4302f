"""A wrong configuration is named in one line, before anything runs or is written."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
import yaml

from formats.text import between
from study.keys import Study, allowed, arms, as_yaml, read, schema, table
from tests.workflow.conftest import CHECKOUT, Write, python, snakemake


@pytest.mark.parametrize("name", ["config/study.yaml", "config/quick.yaml"])
def test_shipped_studies_are_valid(name: str) -> None:
    study = read(CHECKOUT / name)
    assert study.name == Path(name).stem
    assert 100 in study.doses_percent


def test_effective_configuration_reads_back(tmp_path: Path) -> None:
    study = read(CHECKOUT / "config" / "study.yaml")
    (tmp_path / "config.yaml").write_text(as_yaml(study))
    assert read(tmp_path / "config.yaml") == study


def test_schema_file_is_current() -> None:
    assert (CHECKOUT / "config" / "schema.json").read_text() == schema()


def test_every_key_is_described_and_documented() -> None:
    described = json.loads(schema())["properties"]
    text = (CHECKOUT / "config" / "README.md").read_text()
    assert all(described[key]["description"] for key in Study.model_fields)
    assert between(text, "keys", table()) == text, "python -m study.keys --table"


def test_every_key_says_what_is_allowed() -> None:
    for key in Study.model_fields:
        assert len(allowed((key,)).removeprefix("it is a list of one or more, and ")) > 10, key


def test_every_muscle_group_is_an_arm(write_config: Write) -> None:
    assert {"iliopsoas", "hip_flexors", "hip_flexors_knee_kept"} <= set(arms())
    assert read(write_config(arms=arms())).arms == arms()


BAD = [
    ({"speed": 3.5}, "speed: unknown key, perhaps speeds_m_s is meant; allowed are name, runners"),
    ({"name": None}, "name: missing; 1 to 60 letters"),
    ({"name": "../elsewhere"}, "name: '../elsewhere' is not allowed; 1 to 60 letters"),
    ({"name": ""}, "name: '' is not allowed"),
    ({"runners": ["horse"]}, "runners[0]: 'horse' is not a folder; a runner is planar, spatial"),
    ({"problem": "guess"}, "problem: 'guess' is not allowed; a problem is predict"),
    (
        {"problem": "track", "habit_weights": [0.1]},
        "problem: 'track' is not allowed here; it needs habit_weights [0]",
    ),
    ({"speeds_m_s": [40]}, "speeds_m_s[0]: 40 is not allowed; a speed is a number from 1.5 to 8"),
    ({"speeds_m_s": [3.5, "fast"]}, "speeds_m_s[1]: 'fast' is not allowed; a speed is a number"),
    ({"speeds_m_s": [10**400]}, "speeds_m_s[0]: 1000"),
    ({"speeds_m_s": 3.5}, "speeds_m_s: 3.5 is not allowed; it is a list of one or more"),
    ({"speeds_m_s": []}, "speeds_m_s: [] is not allowed; it is a list of one or more"),
    ({"arms": ["glutes"]}, "arms[0]: 'glutes' is not allowed; an arm is a group of models/"),
    ({"arms": [3]}, "arms[0]: 3 is not allowed; an arm is a group of"),
    ({"doses_percent": [100, 0]}, "doses_percent[1]: 0 is not allowed; a dose is a number above 0"),
    (
        {"doses_percent": [100, -20]},
        "doses_percent[1]: -20 is not allowed; a dose is a number above 0 up to 300 (per cent of "
        "maximal isometric force)",
    ),
    ({"doses_percent": ["abc", 100]}, "doses_percent[0]: 'abc' is not allowed; a dose is"),
    ({"doses_percent": ["80", 100]}, "doses_percent[0]: '80' is not allowed; a dose is"),
    ({"doses_percent": [100, math.nan]}, "doses_percent[1]: nan is not allowed; a dose is"),
    ({"doses_percent": [100, math.inf]}, "doses_percent[1]: inf is not allowed; a dose is"),
    ({"doses_percent": [100, True]}, "doses_percent[1]: True is not allowed; a dose is"),
    ({"doses_percent": [100, 301]}, "doses_percent[1]: 301 is not allowed; a dose is"),
    ({"doses_percent": [80, 120]}, "doses_percent: [80.0, 120.0] is not allowed; 100 must be"),
    ({"doses_percent": [100, 80, 80.0]}, "doses_percent: 80.0 appears twice in the list"),
    ({"sides": ["both", "both"]}, "sides: 'both' appears twice in the list"),
    ({"sides": ["middle"]}, "sides[0]: 'middle' is not allowed; a side is both, left or right"),
    ({"cadence": ["+20%"]}, "cadence[0]: '+20%' is not allowed; a cadence is free, locked"),
    ({"habit_weights": [-1]}, "habit_weights[0]: -1 is not allowed; a weight is a number from 0"),
    ({"objectives": ["joy"]}, "objectives[0]: 'joy' is not allowed; an objective is one of"),
    ({"starts": ["hot"]}, "starts[0]: 'hot' is not allowed; a start is cold, warm or warm_down"),
    (
        {"starts": ["warm_down"], "cadence": ["+10%"]},
        "starts: 'warm_down' is not allowed together with cadence +10%;",
    ),
    ({"mesh_intervals": 5}, "mesh_intervals: 5 is not allowed; it is a whole number from 10 to"),
    ({"mesh_intervals": 50.5}, "mesh_intervals: 50.5 is not allowed; it is a whole number"),
    ({"mesh_intervals": True}, "mesh_intervals: True is not allowed; it is a whole number"),
    ({"tracking_weight": 0}, "tracking_weight: 0 is not allowed; it is a number above 0"),
    ({"base_model": "nowhere.osim"}, "base_model: 'nowhere.osim' is not a file; it is the path"),
    ({"base_model": 7}, "base_model: 7 is not allowed; it is the path of an OpenSim model"),
]


@pytest.mark.parametrize(("changes", "line"), BAD, ids=[next(iter(c)) for c, _ in BAD])
def test_fault_is_named_in_one_line(
    changes: dict[str, Any], line: str, write_config: Write
) -> None:
    path = write_config(**changes)
    with pytest.raises(ValueError) as caught:
        read(path)
    assert str(caught.value).startswith(f"{path}: {line}")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", "holds no keys; allowed are name"),
        ("just words", "holds no keys; allowed are name"),
        ("- a\n- b", "holds no keys; allowed are name"),
        ("name: [", "not valid YAML in line 1"),
        ("name: a\n\tb: c", "not valid YAML in line 2"),
        ("name: a\nname: b", "'name': key appears twice"),
        ("1: 2", "1: unknown key"),
        ("name: !!python/object:os.system x", "not valid YAML in line 1"),
        ("&a [*a]", "not valid YAML in line 1: alias '*a'; write the value out"),
        ("name: a\x00b", ""),
    ],
)
def test_broken_file_is_named_in_one_line(text: str, line: str, tmp_path: Path) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text(text)
    with pytest.raises(ValueError) as caught:
        read(path)
    assert str(caught.value).startswith(f"{path}: {line}")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"", "is not XML"),
        (b"OpenSim?", "is not XML"),
        (b"<OpenSimDocument><Model>", "is not XML"),
        (b"\xff\xfe\x00", "is not XML"),
        (b"<html/>", "holds no OpenSimDocument with a Model"),
        (b"<OpenSimDocument/>", "holds no OpenSimDocument with a Model"),
    ],
)
def test_broken_base_model_is_named(
    content: bytes, line: str, write_config: Write, tmp_path: Path
) -> None:
    model = tmp_path / "mine.osim"
    model.write_bytes(content)
    path = write_config(base_model=str(model))
    with pytest.raises(ValueError) as caught:
        read(path)
    assert f"{path}: base_model: " in str(caught.value)
    assert line in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("way", ["make", "snakemake"])
@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"doses_percent": [100, -20]}, "doses_percent[1]: -20 is not allowed"),
        ({"base_model": "nowhere.osim"}, "base_model: 'nowhere.osim' is not a file"),
    ],
)
def test_study_stops_before_any_job(
    way: str, changes: dict[str, Any], line: str, write_config: Write, tmp_path: Path
) -> None:
    path = write_config(**changes)
    results = tmp_path / "results"
    if way == "make":
        ended = python("study.launch", "--config", path, "--results", results, cwd=tmp_path)
    else:
        ended = snakemake(
            *("--cores", "1", "--configfile", path, "--config", f"results={results}"), cwd=tmp_path
        )
    assert ended.returncode != 0
    assert "Traceback" not in ended.stdout + ended.stderr
    assert [s for s in ended.stderr.splitlines() if s.startswith(f"error: {path}: {line}")]
    assert not results.exists()


@pytest.mark.parametrize("cores", ["0", "-1", "two", "1.5"])
def test_number_of_cores_is_checked(cores: str, write_config: Write, tmp_path: Path) -> None:
    ended = python("study.launch", f"--cores={cores}", "--config", write_config(), cwd=tmp_path)
    assert ended.returncode == 2
    assert ended.stderr.startswith(f"error: CORES: '{cores}' is not allowed")


def test_missing_file_is_named(tmp_path: Path) -> None:
    ended = python("study.launch", "--config", "nowhere.yaml", cwd=tmp_path)
    assert ended.returncode == 2
    assert ended.stderr == "error: nowhere.yaml: no such file; name a study's YAML file\n"


def test_claims_name_outcomes_and_arms() -> None:
    claims = yaml.safe_load((CHECKOUT / "config" / "claims.yaml").read_text())["claims"]
    assert list(claims) == ["landing", "reciprocal", "centring"]
    primaries = [p for claim in claims.values() for p in claim["primary"]]
    assert [p["endpoint"] for p in primaries] == [
        "ankle_com_per_leg",
        "glmax_activation_stance_mean",
        "thigh_extension_peak_deg",
        "rim_margin_min_deg",
    ]
    assert [p["smallest_effect"] for p in primaries] == [0.005, 0.01, 1.0, 1.0]
    assert all(claim["untestable"] for claim in claims.values())

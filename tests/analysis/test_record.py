"""A study's record is an RO-Crate that the reference library reads back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from rocrate.rocrate import ROCrate

from analysis import provenance
from formats.files import write_json


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """A folder with what a study's record names: two files, a case with a solve."""
    (tmp_path / "cases.csv").write_text("case\na_v3.5\n")
    (tmp_path / "config.yaml").write_text("name: a\n")
    (tmp_path / "a_v3.5").mkdir()
    (tmp_path / "a_v3.5" / "case.json").write_text("{}")
    solver = {"status": "converged", "iterations": 12, "solve_time_s": 1.5}
    (tmp_path / "a_v3.5" / "solver.json").write_text(json.dumps(solver))
    (tmp_path / "a_v3.5" / "predict.log").write_text("a log is not recorded")
    return tmp_path


def test_the_record_is_read_back(study: Path) -> None:
    write_json(study / provenance.FILE, provenance.crate(study))
    read = ROCrate(study)
    named = {entity.id: entity for entity in read.data_entities}
    assert set(named) == {"cases.csv", "config.yaml", "a_v3.5/case.json", "a_v3.5/solver.json"}
    for name, entity in named.items():
        assert entity["sha256"] == provenance.sha256(study / name)
    action = read.get("#solve-a_v3.5")
    assert action.type == "CreateAction"
    assert [entity.id for entity in action["object"]] == ["a_v3.5/case.json"]
    assert action["instrument"].id == provenance.CODE
    assert action["actionStatus"].endswith("CompletedActionStatus")
    assert read.metadata.profile == "https://w3id.org/ro/crate/1.1"
    assert "opensim" in {entity.get("name") for entity in read.contextual_entities}


def test_what_comes_later_is_added_and_read_back(study: Path) -> None:
    write_json(study / provenance.FILE, provenance.crate(study))
    (study / "claims.json").write_text("{}")
    assert provenance.add_new(study) == ["claims.json"]
    assert ROCrate(study).get("claims.json")["sha256"]
    assert provenance.add_new(study) == []

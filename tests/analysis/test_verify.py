"""Stored solutions are certified again in a copy; what was tampered with is named; hashes agree."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from analysis import certify, provenance, verify
from simulations.files import write_json, write_text
from tests.bad_input import error_of


@pytest.fixture
def study(hop: Path, tmp_path: Path) -> Path:
    """A study of one case, the hop, whose certificate says what it does not pass."""
    folder = tmp_path / "study"
    shutil.copytree(hop, folder / "hop")
    write_json(folder / "hop" / certify.FILE, certify.certify(folder / "hop"))
    write_text(folder / "cases.csv", "case\nhop\n")
    write_text(folder / "outcomes.csv", "case,status\nhop,failed\n")
    write_json(folder / provenance.FILE, provenance.crate(folder))
    return folder


def state(study: Path) -> dict[str, tuple[str, int]]:
    return {
        str(path.relative_to(study)): (provenance.sha256(path), path.stat().st_mtime_ns)
        for path in study.rglob("*")
        if path.is_file()
    }


def verified(study: Path) -> tuple[int, list[str]]:
    done = subprocess.run(
        [sys.executable, "-m", "analysis.verify", "--study", str(study)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert not done.stderr
    return done.returncode, done.stdout.splitlines()


def test_untouched_study_is_as_certified_and_stays_untouched(study: Path) -> None:
    before = state(study)
    code, lines = verified(study)
    assert code == 0
    assert lines[0].startswith("hop: not certified, as its certificate says: ")
    assert lines[1:] == ["1 of 1 cases as certified; 0 files differ from the record"]
    assert state(study) == before


def test_certificate_that_says_more_than_is_true(study: Path) -> None:
    path = study / "hop" / certify.FILE
    write_json(path, json.loads(path.read_text()) | {"certified": True, "reasons": []})
    code, lines = verified(study)
    assert code == 1
    assert lines[0] == "hop/certificate.json: not the file that was recorded"
    assert lines[1].startswith("hop: NO LONGER HOLDS: collocation: ")
    assert lines[2] == "0 of 1 cases as certified; 1 files differ from the record"


def test_files_that_were_changed_or_lost_are_named(study: Path) -> None:
    with (study / "hop" / "motion.sto").open("a") as stream:
        stream.write("\n")
    (study / "outcomes.csv").unlink()
    assert list(verify.changed(study)) == [
        "outcomes.csv: recorded, but no longer there",
        "hop/motion.sto: not the file that was recorded",
    ]


def test_record_that_points_elsewhere_is_refused(study: Path) -> None:
    path = study / provenance.FILE
    record = json.loads(path.read_text())
    record["@graph"].append({"@id": "../../secret", "sha256": "0" * 64})
    write_json(path, record)
    assert error_of(verify.main, "--study", study).startswith(
        f"{study}: '../../secret' points outside of it"
    )


def test_study_without_a_record(study: Path, tmp_path: Path) -> None:
    (study / provenance.FILE).unlink()
    assert "no such file; run analysis.provenance" in error_of(verify.main, "--study", study)
    assert error_of(verify.main, "--study", tmp_path / "nowhere").endswith("no such file")
    write_json(study / provenance.FILE, {"@graph": []})
    assert "holds no hashes" in error_of(verify.main, "--study", study)


def test_record_is_a_research_object(study: Path) -> None:
    """RO-Crate 1.1: a descriptor, a root, unique names, and no reference to what is not there."""
    record = json.loads((study / provenance.FILE).read_text())
    assert record["@context"] == "https://w3id.org/ro/crate/1.1/context"
    entities = {entity["@id"]: entity for entity in record["@graph"]}
    assert len(entities) == len(record["@graph"])
    about = entities[provenance.FILE]
    assert about["about"] == {"@id": "./"}
    assert about["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.1"}
    root = entities["./"]
    assert {"name", "description", "datePublished", "license"} <= set(root)
    parts = {part["@id"] for part in root["hasPart"]}
    assert {"cases.csv", "outcomes.csv", "hop/motion.sto", "hop/runner.osim"} <= parts
    for name in parts:
        assert entities[name]["sha256"] == provenance.sha256(study / name)
    solve = entities["#solve-hop"]
    assert solve["@type"] == "CreateAction"
    assert {"@id": "hop/runner.json"} in solve["object"]
    assert {"@id": "hop/motion.sto"} in solve["result"]
    used = [*solve["object"], *solve["result"], *root["mentions"], solve["instrument"]]
    assert all(item["@id"] in entities for item in used)
    assert entities["#package-numpy"]["version"]

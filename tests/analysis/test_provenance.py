"""The record of a study's files: what was changed, lost or added, and its form."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

from analysis import (
    outcomes,
    provenance,
    verify,
)
from formats.files import write_json, write_text
from tests.analysis.recorded_study import edit, record_again
from tests.bad_input import error_of


def test_files_that_were_changed_or_lost_are_named(study: Path, case: Path) -> None:
    """Whatever it is: what only a figure shows and the film, too."""
    edited = ["motion.sto", "robustness.csv", "curves.csv", "positions.csv", "head.json"]
    for name in edited:
        with (case / name).open("a") as stream:
            stream.write("\n")
    write_text(study / "animation" / "running.mp4", "another film")
    (study / "outcomes.csv").unlink()
    assert set(verify.changed(study)) == {
        "outcomes.csv: recorded, but no longer there",
        "animation/running.mp4: not the file that was recorded",
        *(f"{case.name}/{name}: not the file that was recorded" for name in edited),
    }


def test_reference_runs_are_recorded_and_logs_are_not(study: Path, case: Path) -> None:
    reference = study / "reference" / "planar_v3.5_metabolic_mix"
    shutil.copytree(case, reference)
    shutil.copytree(case, case / "fine")
    for name in ("reference/planar_v3.5_metabolic_mix", case.name):
        write_text(study / name / "ipopt.log", "iterations")
        write_text(study / name / ".alone", "")
    write_text(study / "logs" / "collect.log", "said")
    write_text(study / "benchmarks" / "collect.tsv", "s")
    record_again(study)
    for name in provenance.BESIDE[1:]:
        write_text(study / name, "written when all is done")
    assert list(verify.changed(study)) == []
    named = {entity["@id"] for entity in provenance.crate(study)["@graph"]}
    assert {"#solve-reference/planar_v3.5_metabolic_mix", f"#solve-{case.name}/fine"} <= named
    assert not [name for name in named if name.endswith((".log", ".tsv", ".alone"))]
    write_text(reference / "motion.sto", "another reference")
    assert list(verify.changed(study)) == [
        "reference/planar_v3.5_metabolic_mix/motion.sto: not the file that was recorded"
    ]


def without(study: Path, gone: Callable[[str], bool]) -> list[str]:
    """Drop entries from the record; the lines that verify has for it."""
    path = study / provenance.FILE
    record = json.loads(path.read_text())
    record["@graph"] = [entity for entity in record["@graph"] if not gone(entity["@id"])]
    write_json(path, record)
    return list(verify.changed(study))


def test_a_record_that_lost_an_entry(study: Path, case: Path) -> None:
    name = f"{case.name}/outcomes.json"
    edit(case / outcomes.FILE, ankle_com_m=0.0)
    assert without(study, lambda entity: entity == name) == [f"{name}: there, but not recorded"]


def test_a_record_that_lost_a_case(study: Path, case: Path) -> None:
    found = without(study, lambda entity: case.name in entity)
    named = {line.split(": ")[0] for line in found}
    assert {f"{case.name}/{name}" for name in provenance.MUST_OF_CASE} <= named
    assert f"{case.name}: the record does not say what made it" in found


def test_files_that_are_gone_with_their_entries(study: Path, case: Path) -> None:
    gone = [f"{case.name}/head.json", "claims.json", f"{case.name}/motion.sto"]
    for name in gone:
        (study / name).unlink()
    found = without(study, lambda entity: entity in gone)
    assert sorted(found) == sorted(
        f"{name}: neither there nor recorded; every study has it" for name in gone
    )


def test_a_file_that_came_later_is_told_and_can_be_added(study: Path, case: Path) -> None:
    write_text(case / "agreement_fine.json", "{}\n")
    write_text(study / "animation" / "running.gif", "another film")
    changed = "animation/running.gif: not the file that was recorded"
    late = f"{case.name}/agreement_fine.json"
    assert set(verify.changed(study)) == {f"{late}: there, but not recorded", changed}
    assert provenance.add_new(study) == [late]
    assert list(verify.changed(study)) == [changed]
    write_text(case / "agreement_fine.json", "{ }\n")
    assert f"{late}: not the file that was recorded" in verify.changed(study)
    assert provenance.add_new(study, written=[late]) == []
    assert list(verify.changed(study)) == [changed]


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


def test_record_is_a_research_object(study: Path, case: Path) -> None:
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
    assert {
        "cases.csv",
        "outcomes.csv",
        f"{case.name}/motion.sto",
        f"{case.name}/runner.osim",
    } <= parts
    for name in parts:
        assert entities[name]["sha256"] == provenance.sha256(study / name)
    solve = entities[f"#solve-{case.name}"]
    assert solve["@type"] == "CreateAction"
    assert {"@id": f"{case.name}/runner.json"} in solve["object"]
    assert {"@id": f"{case.name}/motion.sto"} in solve["result"]
    used = [*solve["object"], *solve["result"], *root["mentions"], solve["instrument"]]
    assert all(item["@id"] in entities for item in used)
    assert entities["#package-numpy"]["version"]

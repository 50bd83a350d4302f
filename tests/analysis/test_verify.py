"""Stored results are computed again in a copy; what was edited, lost or left out is named."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analysis import (
    agreement,
    certify,
    claims,
    collect,
    femoral_head,
    outcomes,
    positions,
    provenance,
    two_way,
    verify,
)
from analysis.replayed.stride import Replays
from formats.files import write_json, write_text
from study import asked
from study.cases import cases, table
from study.keys import as_yaml, read
from tests.bad_input import error_of

CONFIG = """name: study
runners: [planar]
problem: track
speeds_m_s: [3.5]
arms: [hip_flexors]
doses_percent: [80, 100]
sides: [both]
cadence: [free]
habit_weights: [0]
objectives: [metabolic_mix]
starts: [warm]
mesh_intervals: 40
tracking_weight: 0.1
"""


@pytest.fixture(scope="module")
def made(hop: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole study: at 100 % the hop, which is not certified, and a solve at 80 % that failed."""
    folder = tmp_path_factory.mktemp("made") / "study"
    write_text(folder / "asked.yaml", CONFIG)
    asked = read(folder / "asked.yaml")
    (folder / "asked.yaml").unlink()
    write_text(folder / "config.yaml", as_yaml(asked))
    write_text(folder / "cases.csv", table(asked))
    for one in cases(asked):
        case = folder / one.case
        shutil.copytree(hop, case)
        write_json(case / "case.json", {"case": one.case, **asdict(one)})
        if one.dose_percent != 100:
            for name in provenance.MUST_OF_SOLUTION:
                (case / name).unlink()
            write_json(case / "solver.json", {"status": "failed", "reason": "Ipopt: stuck"})
        replays = Replays(case)
        write_json(case / outcomes.FILE, outcomes.compute(case, replays))
        write_json(case / certify.FILE, certify.certify(case, replays).to_json())
        head = femoral_head.compute(case, replays)
        two_way.compute(case, None, head)
        positions.compute(case, replays)
    collect.write(folder)
    claims.write(folder)
    for name in provenance.required(folder):  # those that are only hashed
        if not (folder / name).is_file():
            write_text(folder / name, "something\n")
    write_json(folder / provenance.FILE, provenance.crate(folder))
    return folder


@pytest.fixture
def study(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "study"))


@pytest.fixture
def case(study: Path) -> Path:
    return study / provenance.cases(study)[0]


def state(study: Path) -> dict[str, tuple[str, int]]:
    return {
        str(path.relative_to(study)): (provenance.sha256(path), path.stat().st_mtime_ns)
        for path in study.rglob("*")
        if path.is_file()
    }


Verify = Callable[[], tuple[int, list[str]]]


@pytest.fixture
def verified(
    study: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Verify:
    """Runs the command on the study: its exit code and lines."""

    def run() -> tuple[int, list[str]]:
        monkeypatch.setattr("sys.argv", ["verify", "--study", str(study)])
        code = 0
        try:
            verify.main()
        except SystemExit as end:
            code = int(str(end.code))
        return code, capsys.readouterr().out.splitlines()

    return run


def record_again(study: Path) -> None:
    """As one would who has changed a file and wants its hash to agree."""
    write_json(study / provenance.FILE, provenance.crate(study))


def edit(path: Path, **keys: Any) -> None:
    write_json(path, json.loads(path.read_text()) | keys)


def test_untouched_study_is_as_certified_and_stays_untouched(
    study: Path, case: Path, verified: Verify
) -> None:
    before = state(study)
    code, lines = verified()
    assert code == 0, lines
    assert lines[0].startswith(f"{case.name}: not certified, as its certificate says: ")
    assert lines[1].endswith("says: the solver did not converge: Ipopt: stuck")
    assert lines[2:] == [
        "2 of 2 cases as certified and measured; 0 files differ from the record, "
        "0 values from the motion"
    ]
    assert state(study) == before


def edit_table(path: Path, change: Callable[[pd.DataFrame], None]) -> None:
    rows = pd.read_csv(path)
    change(rows)
    write_text(path, rows.to_csv(index=False))


def more_displacement(case: Path) -> None:
    path = case / femoral_head.FILE
    stored = json.loads(path.read_text())["head_displacement_max_mm"]
    edit(path, head_displacement_max_mm=1.1 * stored)


def less_activation(case: Path) -> None:
    edit(case / outcomes.FILE, glmax_activation_stance_mean=0.05)


def another_margin(case: Path) -> None:
    def change(rows: pd.DataFrame) -> None:
        rows["rim_margin_deg"] += 3

    edit_table(case / femoral_head.CURVES, change)


def a_smoother_curve(case: Path) -> None:
    def change(rows: pd.DataFrame) -> None:
        rows["grf_y_bw"] = rows["grf_y_bw"].rolling(5, min_periods=1).mean()

    edit_table(case / "curves.csv", change)


def another_load(case: Path) -> None:
    def change(rows: pd.DataFrame) -> None:
        rows.loc[rows["force_y_n"].abs().idxmax(), "force_y_n"] *= 1.001

    edit_table(case / "hip_loads.csv", change)


def an_agreement_of_nothing(case: Path) -> None:
    write_json(case / "agreement_elsewhere1.json", {"passed": True, "endpoints": {}})


ATTACKS = {
    more_displacement: "head.json: head_displacement_max_mm is .*, computed again",
    less_activation: "outcomes.json: glmax_activation_stance_mean is 0.05, computed again",
    another_margin: "head.csv: column rim_margin_deg, row 1: .*, computed again",
    a_smoother_curve: "curves.csv: column grf_y_bw, row .*, computed again",
    another_load: "hip_loads.csv: column force_y_n, row .*, computed again",
    an_agreement_of_nothing: "agreement_elsewhere1.json: is there, but nothing gives it",
}


def test_an_edited_result_is_not_collected_and_verified(
    study: Path, case: Path, verified: Verify
) -> None:
    """Tables and record are made again from edited files: only the motion tells, of each."""
    for attack in ATTACKS:
        attack(case)
    collect.write(study)
    claims.write(study)
    record_again(study)
    assert [*verify.changed(study), *asked.not_asked(study)] == []
    code, lines = verified()
    assert code == 1
    for attack, said in ATTACKS.items():
        found = [line for line in lines if re.match(f"{re.escape(case.name)}/{said}", line)]
        assert len(found) == 1, (attack.__name__, lines)
    assert any(line.startswith("outcomes.csv: column glmax_activation") for line in lines)
    assert lines[-1].startswith("1 of 2 cases as certified and measured; 0 files differ")


def test_edited_tables_and_verdicts_are_not_what_the_cases_give(
    study: Path, verified: Verify
) -> None:
    rows = pd.read_csv(study / collect.FILE)
    rows["duty_factor"] += 0.05
    write_text(study / collect.FILE, rows.to_csv(index=False))
    found = json.loads((study / claims.FILE).read_text())
    found["landing"]["verdict"] = "supported"
    write_json(study / claims.FILE, found)
    (study / claims.TABLE).write_text("claim,claim_verdict\nlanding,supported\n")
    record_again(study)
    code, lines = verified()
    assert code == 1
    assert lines[0].split(":")[1].startswith(" not certified")
    outcome, claim, *verdict = lines[2:-1]
    assert outcome.startswith("outcomes.csv: column duty_factor, row 1: ")
    assert claim.startswith("claims.json: landing.verdict is 'supported', computed again ")
    assert all(line.startswith("verdict.csv: ") for line in verdict)
    assert len(verdict) == 1


def test_a_finer_run_that_came_after_the_certificate(
    study: Path, case: Path, verified: Verify
) -> None:
    """`make convergence`, of a study whose certificates do not ask for it."""
    shutil.copytree(case, case / "fine")
    solver = json.loads((case / "solver.json").read_text())
    edit(case / "fine" / "solver.json", mesh_intervals=2 * solver["mesh_intervals"])
    write_json(case / "fine" / outcomes.FILE, outcomes.compute(case / "fine"))
    write_json(case / "fine" / certify.FILE, certify.certify(case / "fine").to_json())
    agreement.compute(case, case / "fine")
    record_again(study)
    code, lines = verified()
    assert code == 0, lines
    assert asked.mesh_checked(study) == set()


def test_whose_certificate_needs_a_finer_mesh(study: Path) -> None:
    text = (study / "config.yaml").read_text().replace("problem: track", "problem: predict")
    write_text(study / "config.yaml", text.replace("mesh_check: false", "mesh_check: true"))
    assert asked.mesh_checked(study) == set(provenance.cases(study))


def test_a_certificate_without_the_finer_run_it_needs(case: Path, tmp_path: Path) -> None:
    holds, said = verify.compute(case, tmp_path / "copy", mesh=True)
    assert not holds
    assert said == "no agreement_fine.json, which its certificate needs"


def test_certificate_that_says_more_than_is_true(case: Path, verified: Verify) -> None:
    edit(case / certify.FILE, certified=True, reasons=[])
    code, lines = verified()
    assert code == 1
    assert lines[0] == f"{case.name}/certificate.json: not the file that was recorded"
    assert lines[1].startswith(f"{case.name}: NO LONGER HOLDS: ")
    assert "collocation: " in lines[1]


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


def test_cases_that_nobody_asked_for(study: Path, case: Path) -> None:
    assert list(asked.not_asked(study)) == []
    edit(case / "case.json", dose_percent=60)
    rows = pd.read_csv(study / "cases.csv")
    rows.loc[0, "speed_m_s"] = 2.5
    write_text(study / "cases.csv", rows.to_csv(index=False))
    assert list(asked.not_asked(study)) == [
        "cases.csv: not the cases that config.yaml asks for",
        f"{case.name}/case.json: speed_m_s is 3.5, in cases.csv 2.5",
        f"{case.name}/case.json: dose_percent is 60, in cases.csv 100.0",
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

"""Stored results are computed again in a copy; what was edited is named."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from analysis import (
    agreement,
    certify,
    claims,
    collect,
    femoral_head,
    outcomes,
    provenance,
    verify,
)
from formats.files import write_json, write_text
from study import asked
from tests.analysis.recorded_study import edit, record_again


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

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.collect import collect
from analysis.outcomes import COLUMNS, compute
from formats.files import write_json
from formats.records import Settings
from formats.storage import read_storage, write_storage


def test_row_has_every_column_and_no_nan(copied: Path) -> None:
    row = compute(copied)
    assert row["status"] == "computed", row["reason"]
    assert set(COLUMNS) <= set(row)
    json.dumps(row, allow_nan=False)
    empty = {name for name in COLUMNS if row[name] is None}
    assert empty == {"glmed_activation_stance_mean", "head_displacement_max_mm"}
    assert row["dose_percent"] == 100
    assert row["norms_passed"] is None  # no norms at its speed
    curves = pd.read_csv(copied / "curves.csv")
    assert list(curves["percent"]) == list(range(101))
    assert curves["thigh_angle_deg"].iloc[0] == pytest.approx(row["thigh_contact_deg"], abs=1e-4)
    assert curves["grf_y_bw"].iloc[0] == pytest.approx(
        20 / (9.80665 * row["body_mass_kg"]), abs=0.02
    )
    assert curves["grf_y_bw"].max() == pytest.approx(row["vertical_peak_bw"], rel=0.02)
    assert {"glmax2_r_activation", "psoas_r_force_n", "rim_margin_deg"} <= set(curves.columns)
    assert not any(name.endswith(("_l_activation", "_l_force_n")) for name in curves.columns)


def test_changed_side_is_the_one_described() -> None:
    assert [Settings(side=s).leg for s in ("both", "right", "left", None)] == ["r", "r", "l", "r"]


def test_failed_solve_keeps_its_settings_and_reason(tamper: Callable[..., Path]) -> None:
    folder = tamper("solver.json", status="failed", reason="Ipopt: Maximum_Iterations_Exceeded")
    for name in ("motion.sto", "derivatives.sto"):
        (folder / name).unlink()
    row = compute(folder)
    assert row["status"] == "failed"
    assert "Maximum_Iterations_Exceeded" in row["reason"]
    assert (row["case"], row["dose_percent"]) == ("hop", 100)
    assert "ankle_com_m" not in row
    assert (folder / "curves.csv").read_text() == ""


def test_a_foot_that_never_lands_is_a_reason(copied: Path) -> None:
    motion = read_storage(copied / "motion.sto")
    motion["/jointset/ground_pelvis/pelvis_ty/value"] += 1.0
    write_storage(copied / "motion.sto", motion)
    row = compute(copied)
    assert row["status"] == "failed"
    assert "never exceeds 20 N" in row["reason"]


def test_collect_keeps_every_case(tmp_path: Path) -> None:
    names = ["good", "uncertified", "unsolved", "missing"]
    cases = pd.DataFrame({"case": names, "dose_percent": [100, 80, 60, 40], "arm": "hip_flexors"})
    cases.to_csv(tmp_path / "cases.csv", index=False)
    for name in names[:3]:
        (tmp_path / name).mkdir()
    write_json(tmp_path / "good/outcomes.json", {"case": "good", "status": "computed", "x_m": 1.5})
    write_json(tmp_path / "good/certificate.json", {"certified": True, "reasons": []})
    write_json(tmp_path / "uncertified/outcomes.json", {"case": "uncertified", "x_m": 2.5})
    write_json(
        tmp_path / "uncertified/certificate.json",
        {"certified": False, "reasons": ["ground_force: 3 N, limit 0.5"]},
    )
    broken = {"case": "unsolved", "status": "failed", "reason": "the solver did not converge"}
    write_json(tmp_path / "unsolved/outcomes.json", broken)
    write_json(
        tmp_path / "unsolved/certificate.json",
        {"certified": False, "reasons": ["the solver did not converge"]},
    )
    table = collect(tmp_path).set_index("case")
    assert list(table.index) == names
    assert list(table.columns[: len(COLUMNS) - 1]) == list(COLUMNS[1:])
    assert list(table["status"]) == ["certified", "failed", "failed", "failed"]
    assert list(table["dose_percent"]) == [100, 80, 60, 40]
    assert table.loc["good", "reason"] == ""
    assert "ground_force" in table.loc["uncertified", "reason"]
    assert table.loc["unsolved", "reason"] == "the solver did not converge"
    assert "no such file" in table.loc["missing", "reason"]
    assert table["x_m"].tolist()[:2] == [1.5, 2.5]
    assert np.isnan(table.loc["missing", "x_m"])


@pytest.mark.parametrize("text", [None, "", "name\na\n", "case\na\na\n"])
def test_collect_names_a_bad_list_of_cases(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "cases.csv").write_text(text)
    done = subprocess.run(
        [sys.executable, "-m", "analysis.collect", "--study", str(tmp_path)],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert done.stderr.startswith(f"error: {tmp_path / 'cases.csv'}")
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "outcomes.csv").exists()


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("a\nb\n", "endheader"),
        ("x\ninDegrees=yes\nendheader\ntime\tq\n0\t1\n1\t2\n2\t3\n", "inDegrees"),
        ("x\nendheader\ntime\tq\n0\t1\n1\tb\n2\t3\n", "not a number"),
        ("x\nendheader\ntime\tq\n0\t1\n1\tnan\n2\t3\n", "column q"),
        ("x\nendheader\ntime\tq\n0\t1\n1\t2\n1\t3\n", "increasing time"),
        ("x\nendheader\ntime\tq\n0\t1\n1\n", "1 values for 2 columns"),
    ],
)
def test_broken_tables_are_named(tmp_path: Path, text: str, word: str) -> None:
    path = tmp_path / "motion.sto"
    path.write_text(text)
    with pytest.raises(ValueError, match=word) as error:
        read_storage(path)
    assert str(path) in str(error.value)


def test_storage_is_read_as_it_was_written(tmp_path: Path) -> None:
    table = pd.DataFrame({"time": [0.0, 0.1, 0.3], "q": [1 / 3, -1e-17, 5e300]})
    write_storage(tmp_path / "a.sto", table)
    pd.testing.assert_frame_equal(read_storage(tmp_path / "a.sto"), table, rtol=1e-15)

"""Stored numbers against computed ones: rounding passes, edits do not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from analysis.checks import compare
from formats.files import write_json, write_text


def said(folder: Path, stored: Any, again: Any) -> list[str]:
    for name, content in (("stored.json", stored), ("again.json", again)):
        write_json(folder / name, content)
    return compare.files(folder / "stored.json", folder / "again.json")


@pytest.mark.parametrize(
    ("stored", "again"),
    [
        ({"a": 1.0}, {"a": 1.0 + 5e-7}),
        ({"a": 3}, {"a": 3.0}),
        ({"a": [None, "x", {"b": 0.0}]}, {"a": [None, "x", {"b": 1e-9}]}),
        ({"a": "rises by -0.0312 mm"}, {"a": "rises by -0.0313 mm"}),
        ({"a": "results/study/case/x.sto: no"}, {"a": "/tmp/verify.1/study/case/x.sto: no"}),
        ({"value": 1e-9, "limit": 1e-3}, {"value": 3e-8, "limit": 1e-3}),
    ],
)
def test_another_machines_rounding_is_no_difference(
    tmp_path: Path, stored: Any, again: Any
) -> None:
    assert said(tmp_path, stored, again) == []


@pytest.mark.parametrize(
    ("stored", "again", "line"),
    [
        ({"a": 1.0}, {"a": 1.0001}, "a is 1, computed again 1.0001"),
        ({"a": {"b": [1, 2]}}, {"a": {"b": [1, 3]}}, "a.b[1] is 2, computed again 3"),
        ({"a": None}, {"a": 0.0}, "a is None, computed again 0"),
        ({"a": True}, {"a": 1}, "a is True, computed again 1"),
        ({"a": 1, "b": 2}, {"a": 1}, "b is new"),
        ({"a": 1}, {"a": 1, "b": 2}, "b is missing"),
        ({"a": [1]}, {"a": [1, 2]}, "a is [1], computed again [1, 2]"),
        ({"a": "5 of 5"}, {"a": "4 of 5"}, "a is '5 of 5', computed again '4 of 5'"),
        ({"a": "by 0.03"}, {"a": "by 0.05"}, "a is 'by 0.03', computed again 'by 0.05'"),
        ({"a": "s/other/x.sto"}, {"a": "s/case/x.sto"}, "a is 's/other/x.sto', computed again"),
    ],
)
def test_an_edit_is_told(tmp_path: Path, stored: Any, again: Any, line: str) -> None:
    (found,) = said(tmp_path, stored, again)
    assert found.startswith(line)


def tables(folder: Path, stored: str, again: str) -> list[str]:
    write_text(folder / "stored.csv", stored)
    write_text(folder / "again.csv", again)
    return compare.files(folder / "stored.csv", folder / "again.csv")


def test_tables(tmp_path: Path) -> None:
    usual = "case,force,note\na,1000,\nb,0.0001,x\nc,,y\n"
    # What is small beside its column is rounding.
    assert tables(tmp_path, usual, usual.replace("0.0001", "0.0002")) == []
    assert tables(tmp_path, usual, usual.replace("1000", "1001")) == [
        "column force, row 1: 1000, computed again 1001"
    ]
    assert tables(tmp_path, usual.replace("c,,y", "c,7,y"), usual) == [
        "column force, row 3: 7, computed again nan"
    ]
    assert tables(tmp_path, usual.replace(",x", ",z"), usual) == [
        "column note, row 2: 'z', computed again 'x'"
    ]
    assert tables(tmp_path, "case,force,note\na,1000,\n", usual) == ["1 rows, computed again 3"]
    assert tables(tmp_path, usual, usual.replace("note", "said")) == ["column said is missing"]
    assert tables(tmp_path, "case\n", "case\n") == []


def test_files_that_only_one_side_has(tmp_path: Path) -> None:
    write_text(tmp_path / "a.csv", "x\n1\n")
    lost, there = tmp_path / "lost.csv", tmp_path / "a.csv"
    assert compare.files(there, lost) == ["is there, but nothing gives it"]
    assert compare.files(lost, there) == ["is not there, but can be computed"]
    assert compare.files(lost, lost) == []

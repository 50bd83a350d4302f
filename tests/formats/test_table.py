"""Tables for spreadsheets: text stays text, numbers stay numbers, all is read back as it was."""

from __future__ import annotations

import ast
import csv
import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from formats.table import csv_text, escape, read_csv, unescape
from formats.untrusted import read_table
from study import cases

CHECKOUT = Path(__file__).parents[2]
FORMULAS = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "'=1", "+1 2"]
PLAIN = ["+10%", "-10%", "-3.5", "1e-3", "+.5", "-inf", "", "-", "it's", "'quoted'", "a=b"]


@pytest.mark.parametrize("text", FORMULAS)
def test_formulas_are_text(text: str, tmp_path: Path) -> None:
    table = pd.DataFrame({"case": ["a", "b"], "reason": [text, "plain"], "mm": [-1.5, np.nan]})
    table[text] = [1, 2]
    path = tmp_path / "outcomes.csv"
    path.write_text(csv_text(table), newline="")
    with path.open(newline="") as stream:
        cells = [cell for row in csv.reader(stream) for cell in row]
    assert f"'{text}" in cells
    assert text not in cells
    assert "-1.5" in cells
    for read in (read_csv, read_table) if "\r" not in text else (read_csv,):
        pd.testing.assert_frame_equal(read(path), table, check_dtype=False)


@pytest.mark.parametrize("text", PLAIN)
def test_what_is_no_formula_is_left_alone(text: str) -> None:
    assert escape(text) == text


@example("'=")
@example("=\n")
@given(st.text(alphabet="'=+-@\t\r1e%a ", max_size=8))
def test_reading_gives_back_what_was_written(text: str) -> None:
    assert unescape(escape(text)) == text


def test_format_of_numbers_is_kept() -> None:
    assert csv_text(pd.DataFrame({"a": [1 / 3], "b": [2], "c": [True]}), "%.3g") == (
        "a,b,c\n0.333,2,True\n"
    )


def test_table_that_is_none_is_named(tmp_path: Path) -> None:
    path = tmp_path / "outcomes.csv"
    for content in (b"", b"a,b\n1,2,3\n1\n1,2,3,4\n", b"a\n\xff\xfe\n"):
        path.write_bytes(content)
        with pytest.raises(ValueError, match=r"outcomes\.csv: not a "):
            read_csv(path)
    with pytest.raises(ValueError, match=r"nowhere\.csv: no such file"):
        read_csv(tmp_path / "nowhere.csv")


def test_cases_are_escaped(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [{"case": "=a", "cadence": "+10%"}]
    monkeypatch.setattr(cases, "cases", lambda study: rows)
    monkeypatch.setattr(cases, "row", lambda case, study: case)
    found = next(csv.DictReader(io.StringIO(cases.table(None))))  # type: ignore[arg-type]
    assert (found["case"], found["cadence"]) == ("'=a", "+10%")


OWNER = CHECKOUT / "formats" / "table.py"


def test_every_table_is_written_so() -> None:
    """Tables with tabs are for OpenSim; all others go through formats/table.py."""
    for folder in ("models", "simulations", "analysis", "study", "formats"):
        for path in (CHECKOUT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "to_csv":
                    tabs = any(word.arg == "sep" for word in node.keywords)
                    assert tabs or path == OWNER, (
                        f"{path}, line {node.lineno}: use csv_text of formats.table"
                    )

"""Whatever somebody else's .mot or .sto file holds: a table, or one line. Never another error."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from formats.storage import read

HEADER = ["motion", "version=1", "nRows=12", "nColumns=3", "inDegrees=yes", "endheader"]
ROWS = [f"{0.01 * i:.2f}\t{i}\t{-i}" for i in range(12)]
LINES = st.one_of(
    st.sampled_from([*HEADER, "time\ta\tb", "time", "0.5\tnan\t1", "1e999 2 3", "1 2", "", "\0"]),
    st.text(max_size=12),
)
QUICK = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def read_or_refused(path: Path) -> None:
    try:
        found = read(path)
    except ValueError as error:
        assert "\n" not in str(error)
        assert str(error).startswith(f"{path}: ")
        assert len(str(error)) < 500
    else:
        assert (np.diff(found.time) > 0).all()
        assert all(values.shape == found.time.shape for values in found.columns.values())


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("storage") / "any.mot"


@QUICK
@given(lines=st.lists(LINES, max_size=20), end=st.sampled_from(["\n", "\r\n", "\r"]))
def test_any_lines(lines: list[str], end: str, file: Path) -> None:
    file.write_bytes(end.join(lines).encode("utf-8", "surrogatepass"))
    read_or_refused(file)


@QUICK
@given(content=st.binary(max_size=80))
def test_any_bytes(content: bytes, file: Path) -> None:
    file.write_bytes("\n".join([*HEADER, ""]).encode() + content)
    read_or_refused(file)


@QUICK
@given(
    row=st.integers(0, 11),
    cell=st.integers(0, 2),
    text=st.one_of(st.text(max_size=8), st.floats().map(repr)),
)
def test_one_cell_of_a_good_file(row: int, cell: int, text: str, file: Path) -> None:
    rows = [line.split("\t") for line in ROWS]
    rows[row][cell] = text
    lines = [*HEADER, "time\ta\tb", *("\t".join(cells) for cells in rows)]
    file.write_bytes("\n".join(lines).encode("utf-8", "surrogatepass"))
    read_or_refused(file)


def test_the_good_file_itself(file: Path) -> None:
    file.write_text("\n".join([*HEADER, "time\ta\tb", *ROWS]))
    found = read(file)
    assert found.degrees
    assert found.columns["b"].tolist() == [-float(i) for i in range(12)]

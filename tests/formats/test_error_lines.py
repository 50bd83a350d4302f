"""Whatever stands in a file: it is read, or refused in one line that begins with the file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from analysis import status
from analysis.replayed import motion, scene
from formats import claims, storage
from formats import figure_settings as figures
from formats.records import Settings
from formats.storage import read_storage
from formats.table import read_csv
from formats.trial import settings as trial_settings
from formats.untrusted import check_xml, read_object, read_table
from formats.yaml import read
from study import keys as study
from tests.bad_input import error_of

HEAD = b"motion\nversion=1\nnRows=3\nnColumns=2\ninDegrees=no\nendheader\n"
READERS: dict[str, tuple[Callable[[Path], Any], str, bytes]] = {
    "json": (read_object, "a.json", b'{"a": [1, 2.5, null], "b": "c"}'),
    "table": (read_table, "a.csv", b"# c\na,b\n1,2\n3,x\n"),
    "csv": (read_csv, "a.csv", b"a,b\n1,2\n3,x\n"),
    "yaml": (read, "a.yaml", b"a: 1\nb: [1, {c: d}]\n"),
    "study": (study.read, "a.yaml", b"name: a\nrunners: [planar]\n"),
    "claims": (claims.read_claims, "a.yaml", b"claims: {}\nrule: {a: b}\n"),
    "figures": (figures.read, "a.yaml", b"dpi: 300\ncolour_100: '#000000'\n"),
    "runner": (lambda p: trial_settings.read_settings(p.parent), "runner.yaml", b"speed_m_s: 3\n"),
    "xml": (check_xml, "a.osim", b"<OpenSimDocument><Model/></OpenSimDocument>"),
    "mot": (storage.read, "a.mot", HEAD + b"time\ta\n0\t1\n1\t2\n2\t3\n"),
    "sto": (read_storage, "a.sto", HEAD + b"time\ta\n0\t1\n1\t2\n2\t3\n"),
    "motion": (lambda p: motion.read_motion(p.parent), "positions.csv", b"a,b\n1,2\n"),
    "scene": (lambda p: scene.read(p.parent), "scene.json", b'{"version": 1, "bodies": []}'),
    "settings": (Settings.of, "case.json", b'{"a": 1}'),
}
PIECES = [
    b"",
    b"\xff\xfe",
    b"\x00",
    b'"',
    b"'",
    b"{",
    b"[",
    b"\n",
    b"\r",
    b",",
    b"\t",
    b": ",
    b"&a *a",
]
PIECES += [b"9" * 5000, b"1e999", b"nan", b"<!DOCTYPE x>", b"2024-99-99", b"[" * 3000]


@pytest.mark.parametrize("reader", READERS)
@settings(
    max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(at=st.integers(0, 90), cut=st.integers(0, 90), piece=st.sampled_from(PIECES))
@example(at=0, cut=90, piece=b"")
@example(at=0, cut=90, piece=b"\xff\xfe")
@example(at=5, cut=0, piece=b"9" * 5000)
def test_every_line_names_its_file(
    reader: str, at: int, cut: int, piece: bytes, tmp_path: Path
) -> None:
    call, name, content = READERS[reader]
    path = tmp_path / name
    path.write_bytes(content[:at] + piece + content[at + cut :])
    try:
        call(path)
    except ValueError as error:
        assert str(error).startswith(f"{path}: ")
        assert "\n" not in str(error)


@pytest.mark.parametrize("reader", READERS)
def test_a_folder_in_its_place(reader: str, tmp_path: Path) -> None:
    call, name, _ = READERS[reader]
    (tmp_path / name).mkdir()
    with pytest.raises((ValueError, OSError)) as caught:
        call(tmp_path / name)
    assert str(tmp_path / name) in str(caught.value)


def test_outcomes_that_are_no_text(tmp_path: Path) -> None:
    (tmp_path / "outcomes.csv").write_bytes(b"case,status\n\xff\xfe,a\n")
    said = error_of(status.main, "--study", tmp_path)
    assert said == f"{tmp_path / 'outcomes.csv'}: not a text file in UTF-8"

"""Bad case folders and tables: one line, or a failed case with its reason; never a traceback."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis import (
    agreement,
    certify,
    collect,
    convergence,
    femoral_head,
    norms,
    outcomes,
    positions,
    replay,
    robustness,
    status,
    two_way,
)
from analysis.figures import dose_response
from formats.storage import read_storage
from formats.text import MB
from formats.untrusted import check_xml, inside, read_object, read_table
from tests.bad_input import error_of

HEAD = "motion\nversion=1\nnRows=3\nnColumns=2\ninDegrees=no\nendheader\n"
ROWS = "time\tangle\n0\t1\n1\t2\n2\t3\n"


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("", "the file is empty"),
        ("time,angle\n0,1\n", "no line 'endheader'; an OpenSim .mot or .sto file is needed"),
        (HEAD, "the line after 'endheader' must name columns, 'time' first"),
        (HEAD + "t\tangle\n0\t1\n1\t2\n2\t3\n", "the line after 'endheader' must name"),
        (HEAD.replace("=3", "=0") + "time\tangle\n", "at least 3 rows with increasing"),
        (HEAD + "time\tangle\n0\t1\n1\t2\n", "2 rows, but nRows=3; it was cut short"),
        (HEAD + "time\tangle\n0\t1\n1\n2\t3\n", "row 2 of the table has 1 values for 2 columns"),
        (
            HEAD + "time\tangle\n0\t1\n1\t2\n2\t3\t4\n",
            "row 3 of the table has 3 values for 2 columns",
        ),
        (HEAD + "time\tangle\n0\t1\n1\tten\n2\t3\n", "a value is not a number"),
        (
            HEAD + "time\tangle\n0\t1\n1\tnan\n2\t3\n",
            "column angle holds a value that is",
        ),
        (
            HEAD + "time\tangle\n0\t1\n1\tinf\n2\t3\n",
            "column angle holds a value that is",
        ),
        (
            HEAD + "time\tangle\n0\t1\n0\t2\n2\t3\n",
            "at least 3 rows with increasing",
        ),
        (
            HEAD + "time\tangle\n2\t1\n1\t2\n0\t3\n",
            "at least 3 rows with increasing",
        ),
        (HEAD.replace("=no", "=yes") + ROWS, "inDegrees=yes; only radians (inDegrees=no) are read"),
        (b"\xff\xfe\x00\x01", "not a text file in UTF-8"),
        (HEAD + "time\tangle\tangle\n0\t1\t1\n1\t2\t2\n2\t3\t3\n", "column angle appears twice"),
    ],
)
def test_storage_that_is_none(content: str | bytes, line: str, tmp_path: Path) -> None:
    path = tmp_path / "motion.sto"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ValueError) as caught:
        read_storage(path)
    assert str(caught.value).startswith(f"{path}: {line}")
    assert "\n" not in str(caught.value)


def test_storage_too_large_or_no_file(tmp_path: Path) -> None:
    path = tmp_path / "motion.sto"
    with path.open("wb") as stream:
        stream.truncate(201 * MB)
    with pytest.raises(ValueError, match=r"motion\.sto: 201\.0 MB; at most 200 MB are read"):
        read_storage(path)
    with pytest.raises(ValueError, match="not a file"):
        read_storage(tmp_path)
    with pytest.raises(ValueError, match=r"nowhere\.sto: no such file"):
        read_storage(tmp_path / "nowhere.sto")


LINES = st.one_of(
    st.sampled_from([*HEAD.splitlines(), "time\tangle", "0\t1", "1\t2", "1e999 2", "2\t-", ""]),
    st.text(max_size=12),
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(lines=st.lists(LINES, max_size=14), end=st.sampled_from(["\n", "\r\n", "\r"]))
def test_any_storage_is_read_or_refused_in_one_line(
    lines: list[str], end: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.sto"
    path.write_bytes(end.join(lines).encode("utf-8", "surrogatepass"))
    _read_or_refused(path)


@settings(max_examples=200, deadline=None)
@given(content=st.binary(max_size=80))
def test_any_bytes_as_storage(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / "bytes.sto"
    path.write_bytes(HEAD.encode() + content)
    _read_or_refused(path)


@settings(max_examples=100, deadline=None)
@given(
    values=st.lists(
        st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=2, max_size=2),
        min_size=3,
        max_size=6,
    ),
    cut=st.integers(0, 400),
)
def test_storage_cut_short_anywhere_is_never_read_as_whole(
    values: list[list[float]], cut: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """nRows says how many rows there are; a file with fewer was cut."""
    path = tmp_path_factory.getbasetemp() / "cut.sto"
    rows = "".join(f"{i}\t{a!r}\t{b!r}\n" for i, (a, b) in enumerate(values))
    head = HEAD.replace("nRows=3", f"nRows={len(values)}").replace("Columns=2", "Columns=3")
    text = head + "time\ta\tb\n" + rows
    path.write_text(text[:cut])
    try:
        table = read_storage(path)
    except ValueError as error:
        assert "\n" not in str(error)
    else:
        assert table.shape == (len(values), 3)
        assert cut >= len(text.rstrip()) - len(repr(values[-1][1])) + 1


def _read_or_refused(path: Path) -> None:
    try:
        table = read_storage(path)
    except ValueError as error:
        assert "\n" not in str(error)
        assert str(error).startswith(f"{path}: ")
    else:
        assert np.isfinite(table.to_numpy()).all()
        assert (np.diff(table["time"]) > 0).all()


COMMANDS = [replay, certify, outcomes, femoral_head, positions, norms, robustness, two_way]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.__name__)
def test_folder_that_does_not_exist(command: ModuleType) -> None:
    said = error_of(command.main, "--case", "nowhere")
    assert said.startswith("nowhere/")
    assert "no such file" in said


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("", "{}: not JSON (Expecting value, line 1)"),
        ("{", "{}: not JSON (Expecting property name"),
        ("[1, 2]", "{}: a JSON object is needed"),
        ("[" * 100_000, "{}: not JSON (nested too deeply)"),
        (b"\xff\xfe", "{}: not a text file in UTF-8"),
    ],
    ids=["empty", "cut", "list", "deep", "binary"],
)
@pytest.mark.parametrize("command", [replay, certify, outcomes, femoral_head, positions])
def test_solver_record_that_is_none(
    command: ModuleType, content: str | bytes, line: str, copied: Path
) -> None:
    path = copied / "solver.json"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    assert error_of(command.main, "--case", copied).startswith(line.format(path))


def cut(name: str) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        content = (folder / name).read_bytes()
        (folder / name).write_bytes(content[: len(content) // 2])

    return damage


def gone(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def settings_without_speed(folder: Path) -> None:
    (folder / "case.json").write_text('{"case": "hop"}')


def one_row_less(folder: Path) -> None:
    text = (folder / "controls.sto").read_text().splitlines()
    text[2] = f"nRows={int(text[2].split('=')[1]) - 1}"
    (folder / "controls.sto").write_text("\n".join(text[:-1]) + "\n")


DAMAGES: list[tuple[Callable[[Path], None], str]] = [
    (gone("motion.sto"), "motion.sto: no such file"),
    (gone("ground_forces.mot"), "ground_forces.mot: no such file"),
    (gone("runner.osim"), "runner.osim: no such file"),
    (gone("case.json"), "case.json: no such file"),
    (gone("runner.json"), "runner.json: no such file"),
    (cut("motion.sto"), "motion.sto: "),
    (cut("controls.sto"), "controls.sto: "),
    (cut("case.json"), "case.json: not JSON"),
    (cut("runner.json"), "runner.json: Invalid JSON"),
    (cut("runner.osim"), "runner.osim: is not XML"),
    (settings_without_speed, "case.json: speed_m_s must be a number"),
    (one_row_less, "controls.sto: times are not those of motion.sto"),
]


@pytest.mark.parametrize(("damage", "reason"), DAMAGES, ids=[r for _, r in DAMAGES])
def test_damaged_case_is_failed_with_its_reason(
    damage: Callable[[Path], None], reason: str, copied: Path
) -> None:
    """A damaged file is no reason to stop the study: the case fails, and says why."""
    damage(copied)
    certificate = certify.certify(copied).to_json()
    assert certificate["certified"] is False
    assert len(certificate["reasons"]) == 1
    assert reason in certificate["reasons"][0]
    row = outcomes.compute(copied)
    assert row["status"] == "failed"
    assert reason in row["reason"]
    assert "\n" not in row["reason"]


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (None, "{}: no such file"),
        ("", "{}: not a table (No columns to parse from file)"),
        ("case,runner\n", "{}: holds no rows"),
        ("name\na\n", "{}: column case is missing"),
        ("case\na\na\n", "{}: case a appears twice"),
        ("case\n../../elsewhere\n", "{folder}: '../../elsewhere' points outside of it; only what"),
        ("case\n/etc\n", "{folder}: '/etc' points outside of it; only what is inside is read"),
        ("case,runner\na,b,c\n", "{}: row 1 has 3 values, the header 2 names"),
    ],
)
def test_table_of_cases_that_is_none(content: str | None, line: str, tmp_path: Path) -> None:
    path = tmp_path / "cases.csv"
    if content is not None:
        path.write_text(content)
    said = error_of(collect.main, "--study", tmp_path)
    assert said.startswith(line.format(path, folder=tmp_path))
    assert not (tmp_path / "outcomes.csv").exists()


def test_figure_of_no_study(tmp_path: Path) -> None:
    said = error_of(lambda: dose_response.whole(tmp_path))
    assert said == f"{tmp_path / 'cases.csv'}: no such file; run the study first"


def test_other_commands_of_no_study(tmp_path: Path) -> None:
    assert "outcomes.csv: no such file" in error_of(status.main, "--study", tmp_path)
    assert "nowhere" in error_of(convergence.main, "--study", tmp_path / "nowhere")
    said = error_of(agreement.main, "--case", tmp_path, "--again", tmp_path / "fine")
    assert "outcomes.json: no such file" in said


def test_link_out_of_the_study_is_not_followed(tmp_path: Path) -> None:
    study, other = tmp_path / "study", tmp_path / "other"
    study.mkdir()
    other.mkdir()
    (study / "inside").mkdir()
    (study / "link").symlink_to(other)
    assert inside(study, "inside") == study / "inside"
    for name in ("link", "..", "../other", "", str(other)):
        with pytest.raises(ValueError, match="points outside of it"):
            inside(study, name)


def test_table_names_row_and_column(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("# a comment\na,b\n1,2\n3,many\n")
    with pytest.raises(ValueError, match=r"t\.csv: column b, row 2: 'many' is not a number"):
        read_table(path, ["a"], ["b"])
    path.write_text("a,b\n1,2\n3,\n")
    with pytest.raises(ValueError, match=r"t\.csv: column b, row 2: 'nan' is not a number"):
        read_table(path, ["a"], ["b"])


def test_xml_entities_are_not_expanded(tmp_path: Path) -> None:
    """Ten lines that would stand for a thousand million laughs."""
    entities = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10 if i else "ha"}">' for i in range(10))
    path = tmp_path / "laughs.xml"
    path.write_text(f"<!DOCTYPE x [{entities}]><x>&l9;</x>")
    with pytest.raises(ValueError, match="has a document type"):
        check_xml(path)


def test_json_is_an_object(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"a": 1}))
    assert read_object(path) == {"a": 1}

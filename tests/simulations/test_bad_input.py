"""Bad options, settings, norms and solutions: one line, before anything is solved or written."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from formats.files import write_json
from simulations import again, predict, track
from simulations.solving import planar_to_spatial as lift
from simulations.solving import solution
from tests.bad_input import error_of
from tests.simulations.conftest import INTERVALS, NORMS, Solved


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"--speed": "nan"}, "speed: nan is not allowed; above 0 up to 15 m/s is"),
        ({"--speed": "0"}, "speed: 0 is not allowed; above 0 up to 15 m/s is"),
        ({"--speed": "-3.5"}, "speed: -3.5 is not allowed; above 0 up to 15 m/s is"),
        ({"--speed": "inf"}, "speed: inf is not allowed; above 0 up to 15 m/s is"),
        ({"--weight": "-1"}, "weight: -1 is not allowed; a number from 0 up is"),
        ({"--weight": "nan"}, "weight: nan is not allowed; a number from 0 up is"),
        ({"--mesh": "0"}, "mesh: 0 intervals are not allowed; at least 2 are"),
        ({"--mesh": "-5"}, "mesh: -5 intervals are not allowed; at least 2 are"),
        ({"--norms": "nowhere.csv"}, "nowhere.csv: no such file"),
        ({"--norms": "."}, ".: not a file"),
        ({"--runner": "nowhere"}, "nowhere/runner.json: no such file"),
        ({"--guess": "nowhere"}, "nowhere/solution.npz: no such solution; solve that case first"),
    ],
)
def test_option_that_cannot_be(
    changes: dict[str, str], line: str, planar_folder: Path, tmp_path: Path
) -> None:
    given = {"--runner": str(planar_folder), "--norms": str(NORMS), "--speed": "3.5"}
    given |= {"--weight": "1", "--mesh": "3"}
    words = [f"{key}={value}" for key, value in (given | changes).items()]
    assert error_of(track.main, *words, "--out", tmp_path / "out").startswith(line)
    assert not (tmp_path / "out").exists()


def rows(change: Callable[[str], str], at: int = 0) -> Callable[[str], str]:
    """Change the `at`-th row of the table's numbers."""

    def changed(text: str) -> str:
        lines = text.splitlines()
        first = next(i for i, line in enumerate(lines) if line.startswith("speed_m_s")) + 1
        lines[first + at] = change(lines[first + at])
        return "\n".join(lines) + "\n"

    return changed


BAD_NORMS: list[tuple[str, Callable[[str], str], str]] = [
    ("empty", lambda text: "", "not a table (No columns to parse from file)"),
    ("no rows", lambda text: "\n".join(text.splitlines()[:5]), "holds no rows"),
    ("no column", lambda text: text.replace("percent", "share"), "column percent is missing"),
    ("word", rows(lambda row: row.replace("2.5,0,", "2.5,start,")), "column percent, row 1: 'star"),
    ("gap", rows(lambda row: row.rsplit(",", 1)[0] + ","), "column pelvis_height_mm, row 1: 'nan'"),
    ("infinite", rows(lambda row: row.rsplit(",", 1)[0] + ",inf"), "column pelvis_height_mm, row"),
    ("lost", rows(lambda row: "#" + row, 3), "column percent: each speed needs the same percents"),
    ("ragged", rows(lambda row: row + ",1,2,3,4"), "row 1 has 11 values, the header 7 names"),
]


@pytest.mark.parametrize(
    ("change", "line"), [n[1:] for n in BAD_NORMS], ids=[n[0] for n in BAD_NORMS]
)
def test_norms_that_are_none(
    change: Callable[[str], str], line: str, planar_folder: Path, tmp_path: Path
) -> None:
    table = tmp_path / "norms.csv"
    table.write_text(change(NORMS.read_text()))
    words = ["--runner", planar_folder, "--norms", table, "--speed", "3.5", "--weight", "1"]
    said = error_of(track.main, *words, "--out", tmp_path / "out")
    assert said.startswith(f"{table}: {line}")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        (
            {"cadence": None},
            "cadence: missing; a case needs case, side, cadence, objective, start,",
        ),
        ({"speed_m_s": None}, "speed_m_s: missing; a case needs"),
        ({"speed_m_s": "fast"}, "speed_m_s: 'fast' is not a number"),
        ({"habit_weight": [1]}, "habit_weight: [1] is not a number"),
        ({"dose_percent": True}, "dose_percent: True is not a number"),
        ({"mesh_intervals": 12.5}, "mesh_intervals: 12.5 is not a whole number"),
        ({"side": 3}, "side: 3 is not a text"),
    ],
)
@pytest.mark.parametrize("command", ["predict", "again"])
def test_settings_that_are_none(
    command: str,
    changes: dict[str, Any],
    line: str,
    planar_folder: Path,
    case: dict[str, Any],
    tmp_path: Path,
) -> None:
    folder = tmp_path / "case"
    content = {key: value for key, value in (case | changes).items() if value is not None}
    write_json(folder / "case.json", content)
    for name in ("runner.json", "runner.osim"):
        (folder / name).write_bytes((planar_folder / name).read_bytes())
    words: list[str | Path] = ["--case", folder, "--reference", tmp_path, "--guess", tmp_path]
    if command == "again":
        words += ["--how", "fine", "--out", tmp_path / "again"]
    main = {"predict": predict.main, "again": again.main}[command]
    assert error_of(main, *words).startswith(f"{folder}/case.json: {line}")
    assert not (folder / "solver.json").exists()
    assert not (tmp_path / "again" / "solver.json").exists()


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"case": NaN'])
def test_settings_that_are_no_object(text: str, planar_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "case.json").write_text(text)
    (tmp_path / "runner.json").write_bytes((planar_folder / "runner.json").read_bytes())
    words = ["--case", tmp_path, "--reference", tmp_path, "--guess", tmp_path]
    said = error_of(predict.main, *words)
    assert said.startswith(f"{tmp_path}/case.json: ")


def test_pickled_objects_are_refused(solved: Solved, tmp_path: Path) -> None:
    """A solution that brings code along is not read, and the code does not run."""
    witness = tmp_path / "ran"

    class Payload:
        def __reduce__(self) -> tuple[Callable[..., Any], tuple[str]]:
            return (open, (f"{witness}\0w".split("\0")[0],))

    with np.load(solved.folder / solution.FILE) as data:
        arrays = dict(data)
    arrays["z"] = np.array([Payload()], dtype=object)
    np.savez(tmp_path / solution.FILE, **arrays, allow_pickle=True)
    with pytest.raises(ValueError, match=r"not a stored solution .*allow_pickle=False"):
        solution.load(tmp_path)
    assert not witness.exists()


def test_solution_cut_short(solved: Solved, tmp_path: Path) -> None:
    content = (solved.folder / solution.FILE).read_bytes()
    for size in np.linspace(0, len(content) - 1, 12, dtype=int):
        (tmp_path / solution.FILE).write_bytes(content[:size])
        with pytest.raises(ValueError, match="not a stored solution") as caught:
            solution.load(tmp_path)
        assert "\n" not in str(caught.value)


def test_table_of_merged_heads(tmp_path: Path) -> None:
    table = tmp_path / "heads.csv"
    table.write_text("muscle,origin\na,b\n")
    with pytest.raises(ValueError, match="column heads is missing"):
        lift.merged_heads(table)


def test_run_that_is_started_from_is_damaged(
    solved: Solved, planar_folder: Path, case: dict[str, Any], tmp_path: Path
) -> None:
    """Its record cannot be read: the case fails with its name, and the study goes on."""
    folder, broken = tmp_path / "case", tmp_path / "broken"
    write_json(folder / "case.json", case | {"mesh_intervals": INTERVALS})
    (folder / "runner.json").write_bytes((planar_folder / "runner.json").read_bytes())
    broken.mkdir()
    (broken / "solver.json").write_text('{"status": "conv')
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", [
            "predict", "--case", str(folder), "--reference", str(solved.folder),
            "--guess", str(broken),
        ])  # fmt: skip
        predict.main()
    record = json.loads((folder / "solver.json").read_text())
    assert record["status"] == "failed"
    assert record["reason"] == "the run it starts from failed: broken"

"""Names of cases that are solved again."""

from __future__ import annotations

from pathlib import Path

import pytest

from formats.files import write_json
from formats.solved_again import FINE, elsewhere, folders, in_order, start_of


@pytest.mark.parametrize("start", [1, 9, 10, 123])
def test_a_start_is_told_by_its_folder(start: int) -> None:
    assert start_of(elsewhere(start)) == start


def test_a_finer_mesh_is_no_start() -> None:
    assert start_of(FINE) is None


@pytest.mark.parametrize("name", ["elsewhere", "elsewhere0", "elsewhere01", "elsewhere1/..", "x"])
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="is not allowed; it is fine, or elsewhere and a number"):
        start_of(name)
    assert in_order([name]) == []


def test_folders_come_in_the_order_of_their_starts(tmp_path: Path) -> None:
    for name in ("elsewhere10", "elsewhere2", "fine", "figures"):
        write_json(tmp_path / name / "solver.json", {})
    (tmp_path / "elsewhere3").mkdir()  # nothing was solved there
    assert folders(tmp_path) == ["fine", "elsewhere2", "elsewhere10"]

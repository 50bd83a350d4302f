"""docs/architecture.md names files and functions that exist."""

from __future__ import annotations

import re

from tests.workflow.conftest import CHECKOUT

PAGE = (CHECKOUT / "docs" / "architecture.md").read_text()
ROWS = [row.split("|")[2] for row in PAGE.splitlines() if row.startswith("| How") or "?" in row]


def test_ten_questions_are_answered() -> None:
    assert len([row for row in ROWS if "`" in row]) == 10


def test_named_files_and_names_exist() -> None:
    seen = 0
    for row in ROWS:
        named = re.findall(r"`([\w./]+)`", row)
        files = [CHECKOUT / name for name in named if "/" in name]
        for path in files:
            assert path.exists(), path
        content = "".join(path.read_text() for path in files if path.is_file())
        for name in named:
            if "/" not in name:
                assert re.search(rf"\b{name}\b", content), f"{name} stands in none of {files}"
                seen += 1
    assert seen > 8

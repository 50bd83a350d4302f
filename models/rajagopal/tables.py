"""Parameter tables (models/parameters): CSV and YAML files that name their sources."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from formats.yaml import read

FOLDER = Path(__file__).parents[1] / "parameters"


def table(name: str) -> list[dict[str, str]]:
    """Rows of models/parameters/<name>.csv; lines that start with # are comments."""
    lines = (FOLDER / f"{name}.csv").read_text().splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


def settings(name: str) -> dict[str, Any]:
    """Content of models/parameters/<name>.yaml."""
    content: dict[str, Any] = read(FOLDER / f"{name}.yaml")
    return content

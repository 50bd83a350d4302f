from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

CHECKOUT = Path(__file__).parents[2]
Write = Callable[..., Path]


@pytest.fixture
def write_config(tmp_path: Path) -> Write:
    """Write config/quick.yaml, with some keys changed (None: left out), to a file."""

    def write(**changes: Any) -> Path:
        content = yaml.safe_load((CHECKOUT / "config" / "quick.yaml").read_text())
        content.update(changes)
        content = {key: value for key, value in content.items() if value is not None}
        path = tmp_path / "changed.yaml"
        path.write_text(yaml.safe_dump(content))
        return path

    return write


def python(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    # This code, not that of an installation; what a test put on the path stays on it.
    path = os.pathsep.join(filter(None, [str(CHECKOUT), os.environ.get("PYTHONPATH", "")]))
    return subprocess.run(
        [sys.executable, "-m", *map(str, arguments)],
        cwd=cwd,
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": path},
    )


def snakemake(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return python("snakemake", "--snakefile", CHECKOUT / "Snakefile", *arguments, cwd=cwd)


def planned(output: str) -> dict[str, int]:
    """Jobs by rule that a dry run of Snakemake announces."""
    lines = iter(output.splitlines())
    for line in lines:
        if line.startswith("job") and line.split() == ["job", "count"]:
            break
    next(lines)
    counts = {}
    for line in lines:
        words = line.split()
        if len(words) != 2:
            break
        counts[words[0]] = int(words[1])
    counts.pop("total", None)
    return counts

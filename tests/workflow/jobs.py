"""The jobs that a dry run of Snakemake announces: rule, files, command."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

JOB = re.compile(r"^(?:local)?rule (\w+):$")
LISTED = re.compile(r"^    (input|output|log|benchmark): (.*)$")


@dataclass(frozen=True)
class Job:
    rule: str
    files: dict[str, list[Path]]
    """input, output, log, benchmark: absolute paths."""
    text: str
    """All that is announced of it, its shell command included."""

    @property
    def known(self) -> set[Path]:
        return {path for paths in self.files.values() for path in paths}

    def runs(self, arguments: list[str]) -> bool:
        """Whether `python` with these arguments is among its commands."""
        command = re.escape(shlex.join(["python", *arguments]))
        return re.search(rf"{command}(?![^\s)])", " ".join(self.text.split())) is not None


def jobs(output: str, cwd: Path) -> list[Job]:
    """The jobs of a dry run with --printshellcmds. No file's name may hold ', '."""
    return [_job(block, cwd) for block in _blocks(output)]


def _blocks(output: str) -> Iterator[list[str]]:
    block: list[str] = []
    for line in output.splitlines():
        if JOB.match(line):
            if block:
                yield block
            block = [line]
        elif block and line.startswith("Job stats:"):
            yield block
            return
        elif block:
            block.append(line)


def _job(block: list[str], cwd: Path) -> Job:
    found = JOB.match(block[0])
    assert found
    files: dict[str, list[Path]] = {}
    for line in block[1:]:
        listed = LISTED.match(line)
        if listed:
            names = listed.group(2).split(", ")
            files[listed.group(1)] = [cwd / name.split(" (")[0] for name in names]
    return Job(found.group(1), files, "\n".join(block))

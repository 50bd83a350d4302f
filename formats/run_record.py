"""What a run of a study took, beside what was told before it started: run.json of its folder."""

from __future__ import annotations

from pathlib import Path

from formats.origin import Commit
from formats.untrusted import read_object

FILE = "run.json"


class RunRecord(Commit):
    """Of a run of a study that ended well; times in s.

    whole: nothing of it was solved before. solves, forecast_s (on the clock), forecast_core_s (of
    the processors): what was told. seconds, processor_seconds: what it took.
    """

    ended: str
    processor: str
    cores: int
    whole: bool
    solves: int
    forecast_s: float
    forecast_core_s: float
    seconds: float
    processor_seconds: float


def read(folder: Path) -> RunRecord | None:
    """The record of a study's last run in which something was solved; None if none is kept.

    Raises ValueError, one line, for a file that is no such record.
    """
    path = folder / FILE
    if not path.is_file():
        return None
    found = read_object(path)
    for name in (*RunRecord.__annotations__, *Commit.__annotations__):
        if name not in found:
            raise ValueError(f"{path}: no {name} in it")
    return RunRecord(**found)  # type: ignore[typeddict-item]

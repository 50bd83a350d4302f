"""Files that others wrote: how large they may be, what they may hold, where they may point.

Nothing here runs what a file says: YAML goes through a safe loader, arrays through numpy without
pickle, XML without a document type (and so without entities).
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.parsers import expat

import numpy as np

from formats.table import unescaped
from formats.text import MODEL_MB, MOTION_MB, checked, read_text

if TYPE_CHECKING:
    import pandas as pd


def read_object(path: Path | str) -> dict[str, Any]:
    """A JSON object. ValueError, one line, if it is missing, broken, or something else."""
    try:
        content = json.loads(read_text(path, MOTION_MB))
    except json.JSONDecodeError as error:
        raise ValueError(f"{path}: not JSON ({error.msg}, line {error.lineno})") from None
    except RecursionError:
        raise ValueError(f"{path}: not JSON (nested too deeply)") from None
    except ValueError as error:  # of a text that cannot be read, or a number of too many digits
        text = str(error)
        raise ValueError(text if text.startswith(f"{path}: ") else f"{path}: {text}") from None
    if not isinstance(content, dict):
        raise ValueError(f"{path}: a JSON object is needed")
    return content


def read_table(
    path: Path | str, columns: Iterable[str] = (), numbers: Iterable[str] = ()
) -> pd.DataFrame:
    """A comma-separated table with comments from '#' on, at least one row.

    columns: names it must have; numbers: those among them that must be finite throughout. Raises
    ValueError, one line, with the file, and the column and row of a wrong value.
    """
    import pandas as pd  # half a second, which a command that reads no table does not spend

    numbers = list(numbers)
    text = read_text(path, MOTION_MB)
    lines = (line for line in text.splitlines() if line.partition("#")[0].strip())
    try:
        widths = [len(row) for row in csv.reader(lines)]
        table = unescaped(pd.read_csv(io.StringIO(text), comment="#", index_col=False))
    except (csv.Error, ValueError, OverflowError) as error:
        raise ValueError(f"{path}: not a table ({' '.join(str(error).split())})") from None
    for row, width in enumerate(widths):
        if width != widths[0]:
            raise ValueError(f"{path}: row {row} has {width} values, the header {widths[0]} names")
    missing = [name for name in [*columns, *numbers] if name not in table]
    if missing:
        raise ValueError(f"{path}: column {missing[0]} is missing")
    if table.empty:
        raise ValueError(f"{path}: holds no rows")
    for name in numbers:
        values = pd.to_numeric(table[name], errors="coerce")
        wrong = np.flatnonzero(~np.isfinite(values))
        if len(wrong):
            found = table[name].iloc[wrong[0]]
            raise ValueError(
                f"{path}: column {name}, row {wrong[0] + 1}: {str(found)[:40]!r} is not a number"
            )
        table[name] = values
    return table


def check_xml(path: Path | str, limit_mb: int = MODEL_MB) -> None:
    """Refuse XML that is broken, too large, or brings a document type of its own.

    A document type may define entities that grow without end or name other files; no OpenSim file
    has one. Raises ValueError, one line.
    """
    parser = expat.ParserCreate()

    def refuse(*_: object) -> None:
        raise ValueError(f"{path}: has a document type (<!DOCTYPE ..>); OpenSim files have none")

    parser.StartDoctypeDeclHandler = refuse
    try:
        with checked(path, limit_mb).open("rb") as stream:
            parser.ParseFile(stream)
    except expat.ExpatError as error:
        raise ValueError(f"{path}: is not XML ({error})") from None


def inside(folder: Path | str, name: str) -> Path:
    """`folder`/`name`, if that stays inside the folder, links followed. ValueError otherwise."""
    folder = Path(folder)
    path = folder / name
    if not name or not path.resolve().is_relative_to(folder.resolve()):
        raise ValueError(f"{folder}: {name!r} points outside of it; only what is inside is read")
    return path

"""OpenSim storage files (.sto, .mot) as tables, without OpenSim. Units as in the file, SI here."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from formats.files import write_text
from formats.text import MOTION_MB, read_text


def read_storage(path: Path) -> pd.DataFrame:
    """Read a .sto or .mot file: columns as named there, `time` (s) first, N rows.

    Raises ValueError, naming the file, if the header does not end, the table is not numeric, holds
    a missing number, has not the rows that the header counts, or its time does not increase; or if
    angles are in degrees (radians only).
    """
    path = Path(path)
    lines = read_text(path, MOTION_MB).splitlines()
    marks = [line.strip().lower().replace(" ", "") for line in lines]
    if "endheader" not in marks:
        raise ValueError(f"{path}: no line 'endheader'; an OpenSim storage file is needed")
    end = marks.index("endheader")
    if "indegrees=yes" in marks[:end]:
        raise ValueError(f"{path}: inDegrees=yes; only radians (inDegrees=no) are read")
    names = lines[end + 1].split() if len(lines) > end + 1 else []
    rows = [line.split() for line in lines[end + 2 :] if line.strip()]
    if not names or names[0] != "time" or any(len(row) != len(names) for row in rows):
        raise ValueError(f"{path}: the table must start with column 'time' and have full rows")
    repeated = [name for name in names if names.count(name) > 1]
    if repeated:
        raise ValueError(f"{path}: column {repeated[0]} appears twice")
    counted = [mark.removeprefix("nrows=") for mark in marks[:end] if mark.startswith("nrows=")]
    if counted and counted[0] != str(len(rows)):
        raise ValueError(f"{path}: {len(rows)} rows, but nRows={counted[0]}; it was cut short")
    try:
        values = np.array(rows, dtype=float).reshape(len(rows), len(names))
    except ValueError:
        raise ValueError(f"{path}: a value is not a number") from None
    if not np.isfinite(values).all():
        column = names[int(np.argwhere(~np.isfinite(values))[0, 1])]
        raise ValueError(f"{path}: column {column} holds a value that is not finite")
    if len(values) < 3 or (np.diff(values[:, 0]) <= 0).any():
        raise ValueError(f"{path}: at least 3 rows with increasing time are needed")
    return pd.DataFrame(values, columns=names)


def write_storage(path: Path, table: pd.DataFrame) -> None:
    """Write a table (first column `time`, s; angles in rad) as OpenSim storage, whole or not."""
    head = f"{Path(path).stem}\nversion=1\nnRows={len(table)}\nnColumns={table.shape[1]}\n"
    body = table.to_csv(sep="\t", index=False, float_format="%.17g")
    write_text(path, f"{head}inDegrees=no\nendheader\n{body}")

"""OpenSim storage files (.sto, .mot): those of this project, and those that others wrote.

`read_storage` takes only what `write_storage` writes: radians, every cell a number, every row that
the header counts. `read` takes what laboratories have: old headers and new, degrees, gaps named.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from formats.files import write_text
from formats.text import MOTION_MB, read_text

# A step of time this many times the usual one is a gap: something was not recorded.
_GAP = 1.5
_FEWEST_ROWS = 10
_LONGEST_HEADER = 1000
_END = "endheader"
_TIME = re.compile(r"(?i)time\s*([([]?s(ec(onds)?)?[)\]]?)?")


@dataclass(frozen=True)
class Storage:
    """A table of N rows: time (s), columns by name (units as in the file).

    degrees: whether the file says that its angles are degrees; None: a plain table, which does not.
    """

    path: Path
    time: np.ndarray
    columns: dict[str, np.ndarray]
    degrees: bool | None

    @property
    def step(self) -> float:
        """The usual step of time (s)."""
        return float(np.median(np.diff(self.time)))

    def finite(self, name: str) -> np.ndarray:
        """A column (N) without holes. Raises ValueError naming it, or where its hole is."""
        if name not in self.columns:
            raise ValueError(f"{self.path}: column {name} is missing; {_near(name, self.columns)}")
        values = self.columns[name]
        holes = np.flatnonzero(~np.isfinite(values))
        if len(holes):
            raise ValueError(
                f"{self.path}: column {name} has a gap at {self.time[holes[0]]:.3f} s (not a "
                "number there); fill it before, every row needs a number"
            )
        return values


@dataclass(frozen=True)
class _Text:
    """A file cut in parts: the header's lines (lower case, no spaces), names, rows of cells."""

    marks: list[str]
    names: list[str]
    rows: list[list[str]]


def _lines(path: Path) -> list[str]:
    return read_text(path, MOTION_MB).lstrip("\ufeff").splitlines()


def _mark(line: str) -> str:
    return line.strip().lower().replace(" ", "")


def _cut(path: Path, lines: list[str]) -> _Text:
    """ValueError, one line, where the header does not end or does not name columns, time first."""
    if not any(line.strip() for line in lines):
        raise ValueError(f"{path}: the file is empty")
    marks = [_mark(line) for line in lines[:_LONGEST_HEADER]]
    if _END not in marks:
        raise ValueError(f"{path}: no line 'endheader'; an OpenSim .mot or .sto file is needed")
    end = marks.index(_END)
    body = [line for line in lines[end + 1 :] if line.strip()]
    names = body[0].split() if body else []
    if not names or names[0].lower() != "time":
        raise ValueError(f"{path}: the line after 'endheader' must name columns, 'time' first")
    rows = [_cells(row, len(names)) for row in body[1:]]
    _check_table(path, names, rows)
    return _Text(marks[:end], names, rows)


def _check_table(path: Path, names: list[str], rows: list[list[str]]) -> None:
    twice = [name for i, name in enumerate(names) if name in names[:i]]
    if twice:
        raise ValueError(f"{path}: column {twice[0]} appears twice; each name may appear once")
    for number, cells in enumerate(rows, 1):
        if len(cells) != len(names):
            raise ValueError(
                f"{path}: row {number} of the table has {len(cells)} values for {len(names)} "
                "columns"
            )


def read(path: Path | str) -> Storage:
    """Read a .mot or .sto file of others, or a table with its names in the first line, parted by
    commas, semicolons or tabs. Raises ValueError, one line, when it is not whole.

    Without inDegrees in the header, a .mot file is in degrees (SIMM's way) and a .sto in radians,
    as OpenSim takes them.
    """
    path = Path(path)
    lines = _lines(path)
    plain = _plain(lines)
    if plain is not None:
        _check_table(path, *plain)
        time, columns = _numbers(path, *plain)
        _check_time(path, time)
        return Storage(path, time, columns, None)
    text = _cut(path, lines)
    degrees = path.suffix.lower() != ".sto"
    for mark in text.marks:
        if mark.startswith("indegrees="):
            degrees = mark == "indegrees=yes"
    time, columns = _numbers(path, text.names, text.rows)
    _check_time(path, time)
    return Storage(path, time, columns, degrees)


def read_storage(path: Path | str) -> pd.DataFrame:
    """Read a .sto or .mot file of this project: columns as named there, `time` (s) first, N rows.

    Raises ValueError, naming the file, if the header does not end, the table is not numeric, holds
    a missing number, has not the rows that the header counts, or its time does not increase; or if
    angles are in degrees (radians only).
    """
    path = Path(path)
    text = _cut(path, _lines(path))
    if "indegrees=yes" in text.marks:
        raise ValueError(f"{path}: inDegrees=yes; only radians (inDegrees=no) are read")
    rows, names = text.rows, text.names
    counted = [mark.removeprefix("nrows=") for mark in text.marks if mark.startswith("nrows=")]
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


def write_storage(path: Path, table: pd.DataFrame, digits: int = 17) -> None:
    """Write a table (first column `time`, s; angles in rad) as OpenSim storage, whole or not.

    digits: of each number; 17 keep it to the last bit.
    """
    write_text(path, _storage_text(Path(path).stem, table, degrees=False, digits=digits))


def as_storage(name: str, columns: dict[str, np.ndarray], degrees: bool) -> str:
    """Text of an OpenSim storage file of these columns (time first), in seven digits."""
    return _storage_text(name, pd.DataFrame(columns).round(9), degrees=degrees, digits=7)


def _storage_text(name: str, table: pd.DataFrame, *, degrees: bool, digits: int) -> str:
    head = f"{name}\nversion=1\nnRows={len(table)}\nnColumns={table.shape[1]}\n"
    body = table.to_csv(sep="\t", index=False, float_format=f"%.{digits}g")
    return f"{head}inDegrees={'yes' if degrees else 'no'}\nendheader\n{body}"


def _cells(row: str, count: int) -> list[str]:
    """The cells of a row; between tabs an empty one is a gap."""
    cut = row.split()
    if len(cut) == count or "\t" not in row:
        return cut
    tabbed = [cell.strip() or "nan" for cell in row.split("\t")]
    if len(tabbed) == count + 1 and tabbed[-1] == "nan":
        tabbed = tabbed[:-1]
    return tabbed if len(tabbed) == count else cut


def _plain(lines: list[str]) -> tuple[list[str], list[list[str]]] | None:
    """Names and cells of a table whose first line names columns, time first; None: it is none."""
    if _END in map(_mark, lines[:_LONGEST_HEADER]):
        return None
    kept = [line for line in lines if line.strip()]
    for mark in ",;\t":
        cells = [[cell.strip().strip('"') or "nan" for cell in line.split(mark)] for line in kept]
        if len(kept) > 1 and len(cells[0]) > 1 and _TIME.fullmatch(cells[0][0]):
            return ["time", *cells[0][1:]], cells[1:]
    return None


def _numbers(
    path: Path, names: list[str], rows: list[list[str]]
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    table = pd.DataFrame(rows, columns=names)
    numbers = table.apply(pd.to_numeric, errors="coerce")
    for name in names:
        wrong = numbers[name].isna() & ~table[name].str.lower().isin({"nan", "-nan", "+nan"})
        if wrong.any():
            row = int(np.flatnonzero(wrong)[0])
            raise ValueError(
                f"{path}: column {name}, row {row + 1}: {table[name][row][:30]!r} is not a number"
            )
    columns = {name: numbers[name].to_numpy(float) for name in names}
    return columns.pop(names[0]), columns


def _check_time(path: Path, time: np.ndarray) -> None:
    if len(time) < _FEWEST_ROWS:
        raise ValueError(f"{path}: {len(time)} rows; a stride needs at least {_FEWEST_ROWS}")
    if not np.isfinite(time).all():
        row = int(np.flatnonzero(~np.isfinite(time))[0])
        raise ValueError(f"{path}: time in row {row + 1} is not a number")
    steps = np.diff(time)
    back = np.flatnonzero(steps <= 0)
    if len(back):
        i = int(back[0])
        raise ValueError(
            f"{path}: time does not rise: {time[i + 1]:.4f} s (row {i + 2}) follows {time[i]:.4f} s"
        )
    usual = float(np.median(steps))
    jumps = np.flatnonzero(steps > _GAP * usual)
    if len(jumps):
        i = int(jumps[0])
        raise ValueError(
            f"{path}: gap from {time[i]:.3f} to {time[i + 1]:.3f} s, where a row every "
            f"{usual:.4g} s is usual; fill it before"
        )


def _near(name: str, columns: dict[str, np.ndarray]) -> str:
    shown = list(columns)[:6]
    more = ", .." if len(columns) > len(shown) else ""
    return f"it has {', '.join(shown)}{more}"

"""Tables (.csv) that people open in a spreadsheet: a cell of text is never taken for a formula.

A cell that begins like one (=, +, -, @, tab, carriage return) and is no number gets an apostrophe
before it, which spreadsheets take as "text"; the readers here take it away again.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

_ESCAPED = re.compile(r"'+[=+\-@\t\r]")
_FORMULA = re.compile(rf"[=+\-@\t\r].|{_ESCAPED.pattern}", re.DOTALL)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?%?|[+-](inf|nan)", re.IGNORECASE)


def escape(cell: Any) -> Any:
    """A cell as it is written; all but text stays as it is, and so do numbers, +10% among them."""
    if isinstance(cell, str) and _FORMULA.match(cell) and not _NUMBER.fullmatch(cell):
        return f"'{cell}"
    return cell


def unescape(cell: Any) -> Any:
    """The cell that `escape` was given."""
    return cell[1:] if isinstance(cell, str) and _ESCAPED.match(cell) else cell


def csv_text(table: pd.DataFrame, float_format: str | None = None) -> str:
    """A table as comma-separated text, cells escaped, without its index."""
    text = _each_cell(table, escape).rename(columns=escape)
    made = text.to_csv(index=False, float_format=float_format)
    if "\r" in made:  # which pandas leaves bare, though readers take it for the end of a row
        made = text.to_csv(index=False, float_format=float_format, quoting=csv.QUOTE_NONNUMERIC)
    return made


def read_csv(path: Path | str) -> pd.DataFrame:
    """A table that `csv_text` made. ValueError, one line with the file, if it cannot be read."""
    import pandas as pd  # half a second, which a command that reads no table does not spend

    try:
        return unescaped(pd.read_csv(path))
    except FileNotFoundError:
        raise ValueError(f"{path}: no such file") from None
    except UnicodeDecodeError:
        raise ValueError(f"{path}: not a text file in UTF-8") from None
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{path}: not a table ({' '.join(str(error).split())})") from None


def unescaped(table: pd.DataFrame) -> pd.DataFrame:
    """A table, as read, with the cells and column names that were escaped."""
    return _each_cell(table, unescape).rename(columns=unescape)


def _each_cell(table: pd.DataFrame, change: Any) -> pd.DataFrame:
    import pandas as pd  # half a second, which a command that reads no table does not spend

    changed = {
        number: table.iloc[:, number].map(change)
        for number in range(table.shape[1])
        if not pd.api.types.is_numeric_dtype(table.dtypes.iloc[number])
    }
    if not changed:
        return table
    columns = [changed.get(number, table.iloc[:, number]) for number in range(table.shape[1])]
    return pd.concat(columns, axis=1).set_axis(table.columns, axis=1)

"""Text of files that others wrote: how large it may be, and one line for what is wrong."""

from __future__ import annotations

from pathlib import Path

MB = 1_000_000
CONFIG_MB, MODEL_MB, MOTION_MB = 1, 50, 200
"""Largest configuration or settings file, model, and motion or other table of numbers."""


def checked(path: Path | str, limit_mb: int) -> Path:
    """The path, if a file of at most `limit_mb` megabytes stands there. ValueError otherwise."""
    path = Path(path)
    if not path.exists():
        raise ValueError(f"{path}: no such file")
    if not path.is_file():
        raise ValueError(f"{path}: not a file")
    size = path.stat().st_size
    if size > limit_mb * MB:
        raise ValueError(f"{path}: {size / MB:.1f} MB; at most {limit_mb} MB are read")
    return path


def read_text(path: Path | str, limit_mb: int) -> str:
    """The text of a file. ValueError, one line, if it cannot be read, is too large or not UTF-8."""
    try:
        return checked(path, limit_mb).read_text("utf-8")
    except UnicodeDecodeError:
        raise ValueError(f"{path}: not a text file in UTF-8") from None
    except OSError as error:
        raise ValueError(f"{path}: {error.strerror}") from None


def shown(value: object) -> str:
    """A value for an error message: on one line, and at most 60 characters."""
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else text[:57] + "..."


def between(text: str, name: str, content: str) -> str:
    """A document with `content` in place of what stands between the marks <!-- name --> in it.

    The second mark is <!-- end of name -->. ValueError if the marks are not there once each.
    """
    first, last = f"<!-- {name} -->", f"<!-- end of {name} -->"
    if text.count(first) != 1 or text.count(last) != 1:
        raise ValueError(f"{first} and {last}: each is needed once in the document")
    before, rest = text.split(first)
    _, after = rest.split(last)
    return f"{before}{first}\n{content}{last}{after}"

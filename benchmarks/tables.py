"""Markdown tables whose columns line up on the terminal, too."""

from __future__ import annotations

from pathlib import Path

from formats.files import write_text


def table(header: list[str], rows: list[list[str]]) -> str:
    """A Markdown table; the first column to the left, the others to the right."""
    widths = [max(len(cell) for cell in column) for column in zip(header, *rows, strict=True)]

    def line(cells: list[str]) -> str:
        first, *rest = zip(cells, widths, strict=True)
        padded = [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in rest)]
        return "| " + " | ".join(padded) + " |"

    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    return "\n".join([line(header), line(rule), *(line(row) for row in rows)])


def renew(page: Path, text: str, marks: tuple[str, str]) -> None:
    """Replace what stands between marks in a page. ValueError, one line, if they are not there."""
    old = page.read_text("utf-8")
    begin, end = marks
    if old.count(begin) != 1 or old.count(end) != 1 or old.index(end) < old.index(begin):
        raise ValueError(f"{page}: the lines '{begin}' and '{end}' must stand there once, in order")
    before, after = old.split(begin)[0], old.split(end)[1]
    write_text(page, f"{before}{begin}\n{text}\n{end}{after}")

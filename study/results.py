"""The folder of results as a user names it: what cannot be one, and how Snakemake is told."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from formats.text import shown

ALLOWED = "a folder's path, printable, without { and }, that does not begin with '-', is"


def results_name(given: Any) -> str:
    """The path as a text. ValueError, one line, for what cannot be a folder of results.

    given: from the command line, or what Snakemake read `--config results=..` as.
    """
    if not isinstance(given, str):
        raise ValueError(
            f"results: {shown(given)} is not a text; write the folder's path with a slash, as in "
            "--config results=./2024"
        )
    if not given or not given.isprintable() or given.startswith("-") or {"{", "}"} & set(given):
        raise ValueError(f"results: {shown(given)} is not allowed; {ALLOWED}")
    return given


def for_snakemake(name: str) -> str:
    """The item of Snakemake's --config that gives a path: quoted, so that 1e5 stays a text.

    Snakemake takes away quotes at the ends, and not those within spaces.
    """
    return f"results= {json.dumps(name, ensure_ascii=False)} "


def from_snakemake(given: Any) -> Path:
    """The folder that Snakemake was given; ends the program with one line if it cannot be one."""
    try:
        return Path(results_name(given))
    except ValueError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)

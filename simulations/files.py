"""Whole files or none, and errors in one line: shared by the commands of every stage."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any


def write_text(path: Path, text: str) -> None:
    """Write `text` to a temporary name in the same folder, then rename: never half a file."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w") as stream:
            stream.write(text)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def write_json(path: Path, content: Any) -> None:
    """Write `content` as indented JSON, whole or not at all. NaN is refused (not JSON)."""
    write_text(path, json.dumps(content, indent=2, allow_nan=False) + "\n")


def run_command(main: Callable[[], None]) -> None:
    """Run a command's main; what the user can mend is one line on stderr and exit code 2."""
    try:
        main()
    except (ValueError, OSError) as error:
        if os.environ.get("HIPDRIVE_DEBUG"):
            raise
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)

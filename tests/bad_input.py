"""What a command says of bad input: run within the test's own process, as its user would see it."""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from formats.files import run_command


def error_of(main: Callable[[], None], *arguments: str | Path, code: int = 2) -> str:
    """The one line on stderr with which a command stops, without its 'error: '.

    The command must end with the exit code given, after one line and no traceback.
    """
    stderr = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stderr(stderr):
        patch.setattr(sys, "argv", ["command", *map(str, arguments)])
        patch.delenv("HIPDRIVE_DEBUG", raising=False)
        with pytest.raises(SystemExit) as ended:
            run_command(main)
    said = stderr.getvalue()
    assert ended.value.code == code, said
    assert said.startswith("error: "), said
    assert said.count("\n") == 1, said
    return said.removeprefix("error: ").rstrip("\n")

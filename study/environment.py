"""The Python environment that a study runs in stays as it is while the study runs.

`make` sets it up anew when requirements.lock has changed (scripts/set_up.py): not while it is used.
"""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import os
from pathlib import Path

READY, USERS = ".ready", ".users"
"""As in scripts/set_up.py, which runs before there is an environment."""


def use(environment: Path, user: str) -> None:
    """Hold an environment that `make` set up until this process ends; another one: do nothing.

    user: what the process is, for whoever wants the environment. Raises ValueError, one line, while
    the environment is being set up anew.
    """
    try:
        number = os.open(environment / READY, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError:
        return
    try:
        fcntl.flock(number, fcntl.LOCK_SH | fcntl.LOCK_NB)  # stays open: held
    except BlockingIOError:
        raise ValueError(f"{environment}: is being set up anew; start again after that") from None
    note = environment / USERS / str(os.getpid())
    with contextlib.suppress(OSError):  # an environment that only others may write
        note.parent.mkdir(exist_ok=True)
        note.unlink(missing_ok=True)
        note.write_text(f"{user} (process {os.getpid()})\n", "utf-8")
        atexit.register(lambda: note.unlink(missing_ok=True))

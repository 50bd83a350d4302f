"""Locks of the operating system on files: it lets go of them however a process ends."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path


def open_lock(path: Path) -> int:
    """Open a file to be locked, made empty if it is not there; its number, to be closed.

    What stands in it is left alone. Raises ValueError, one line, if it is a link (which could lead
    anywhere) or no plain file; OSError if it cannot be opened.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
    try:
        number = os.open(path, flags, 0o666)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise ValueError(f"{path}: is a link; a lock is a file of its own, remove it") from None
        raise
    if not stat.S_ISREG(os.fstat(number).st_mode):
        os.close(number)
        raise ValueError(f"{path}: is no plain file; a lock is one, remove it")
    return number

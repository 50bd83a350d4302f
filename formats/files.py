"""Whole files or none, and errors in one line: shared by the commands of every stage."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

from formats.lock import open_lock

DEBUG = "HIPDRIVE_DEBUG"
"""Name of the environment's variable that asks for tracebacks; jobs of a study inherit it."""


def write_bytes(path: Path, content: bytes) -> None:
    """Write to a temporary name in the same folder, sync, then rename: never half a file.

    The file's mode is what the umask gives.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        with _new(draft) as stream:
            stream.write(content)
        move(draft, path)
    except BaseException as error:
        draft.unlink(missing_ok=True)
        if isinstance(error, OSError):  # a full disk is told without the file that it was met with
            raise OSError(error.errno, error.strerror, str(path)) from None
        raise


def move(draft: Path, path: Path) -> None:
    """Rename a finished file of the same file system to `path`, whatever was there before.

    Its content is on the disk before its name is, and its name before this returns: a power cut
    leaves the old file or the new one, never an empty one.
    """
    sync(draft)
    Path(draft).replace(path)
    sync(Path(path).parent)


def sync(path: Path) -> None:
    """Have the system write a file's content, or a folder's names, to the disk."""
    number = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _new(path: Path) -> IO[bytes]:
    """A new file, with the mode that the umask gives; links are not followed."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    return os.fdopen(os.open(path, flags, 0o666), "wb")


def write_text(path: Path, text: str) -> None:
    """Write `text`, in UTF-8, whole or not at all."""
    write_bytes(path, text.encode())


def as_json(content: Any) -> str:
    """`content` as indented JSON. NaN is refused (not JSON)."""
    return json.dumps(content, indent=2, allow_nan=False) + "\n"


def write_json(path: Path, content: Any) -> None:
    """Write `content` as indented JSON, whole or not at all. NaN is refused (not JSON)."""
    write_text(path, as_json(content))


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Work in `folder` while no other process does.

    A solve may outlive the study that started it (whose process was killed); the next one waits for
    it to end, so that all files in the folder are of one run. The system lets go of the lock
    however a process ends.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with os.fdopen(open_lock(folder / ".alone"), "r+") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            said = "another process is still at work here; waiting for it to end"
            print(f"[{folder.name}] {said}", file=sys.stderr, flush=True)
            fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def run_command(main: Callable[[], None]) -> None:
    """Run a command's main; whatever goes wrong is one line on stderr.

    Exit code 2: what the user can mend (ValueError, OSError). 1: what was not foreseen. With
    --debug among the command's arguments, or HIPDRIVE_DEBUG set, the traceback comes through.
    """
    if "--debug" in sys.argv[1:]:
        sys.argv.remove("--debug")
        os.environ[DEBUG] = "1"
    try:
        main()
    except Exception as error:
        if os.environ.get(DEBUG):
            raise
        print(f"error: {said(error)}", file=sys.stderr)
        sys.exit(2 if isinstance(error, ValueError | OSError) else 1)


def said(error: Exception) -> str:
    """What an error says, in one line: a fault of the system with its file first."""
    text = " ".join(str(error).split())
    if isinstance(error, OSError) and error.filename is not None and error.strerror:
        return f"{os.fsdecode(error.filename)}: {error.strerror}"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    if isinstance(error, MemoryError):
        return "out of memory; run fewer jobs at the same time, or a coarser mesh"
    if isinstance(error, ValueError) and text:
        return text
    return (
        f"not foreseen: {type(error).__name__}{': ' + text if text else ''}; "
        "the same command with --debug shows where"
    )

"""A study that is told to stop: no step is left behind, and the exit code says by which signal."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PATIENCE_S = 60.0
"""How long Snakemake may take to end, cancelling jobs on a cluster, before it is killed."""
ASK_EVERY_S = 0.3


class Stopped(KeyboardInterrupt):
    """A signal asked the study to stop."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.exit_code = 128 + number


def stoppable(main: Callable[[], None]) -> Callable[[], None]:
    """A command's main that ends, told to stop, with a line on how to go on and 128 + signal."""

    def run() -> None:
        _on_signals()
        threading.Thread(target=_heed_make, args=[os.getppid()], daemon=True).start()
        try:
            main()
        except Stopped as stopped:
            print("stopped; the same command goes on where this stopped", file=sys.stderr)
            sys.exit(stopped.exit_code)

    return run


def _on_signals() -> None:
    """Let SIGINT, SIGTERM and SIGHUP raise Stopped, the first time; `nohup` keeps SIGHUP away."""

    def stop(number: int, _: Any) -> None:
        for each in SIGNALS:
            signal.signal(each, signal.SIG_IGN)
        raise Stopped(number)

    for each in SIGNALS:
        if signal.getsignal(each) != signal.SIG_IGN or each != signal.SIGHUP:
            signal.signal(each, stop)


def _heed_make(parent: int) -> None:
    """Stop when the `make` that started this command got an interrupt that came to it alone.

    It passes on SIGTERM, but keeps SIGINT blocked and waits, in the belief that all have got it.
    Linux only; elsewhere, and for other parents, nothing is done.
    """
    with contextlib.suppress(OSError, ValueError, IndexError):
        while _status(parent, "Name") in ("make", "gmake") and os.getppid() == parent:
            if _interrupted(parent):
                time.sleep(ASK_EVERY_S)  # make blocks signals for a moment while it starts a job
                if _interrupted(parent):
                    os.kill(os.getpid(), signal.SIGINT)
                    return
            time.sleep(ASK_EVERY_S)


def _interrupted(process: int) -> bool:
    return bool(int(_status(process, "SigBlk"), 16) >> (signal.SIGINT - 1) & 1)


def _status(process: int, key: str) -> str:
    """A line of what Linux tells of a process, proc(5)."""
    text = Path(f"/proc/{process}/status").read_text("utf-8")
    return text.split(f"\n{key}:" if key != "Name" else "Name:")[1].splitlines()[0].strip()


def end(process: subprocess.Popen[bytes]) -> None:
    """End Snakemake, started in a session of its own, and all that it started.

    Snakemake waits for its local jobs, so these are ended beside it.
    """
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(signal.SIGINT)
    until = time.monotonic() + PATIENCE_S
    while process.poll() is None and time.monotonic() < until:
        with contextlib.suppress(psutil.Error):
            for job in psutil.Process(process.pid).children(recursive=True):
                with contextlib.suppress(psutil.Error):
                    job.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(ASK_EVERY_S)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()

"""Faults for a study that runs: processes killed, a full disk, a second start; and what is left.

Used by benchmarks.soak and, one fault of each kind, by the tests of the whole chain.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import psutil

from benchmarks.commands import environment
from formats.storage import read_storage

# Times of solving and of reading differ from run to run; so may the last digits of the rest.
NOT_COMPARED = ("solve_time_s",)
RELATIVE, ABSOLUTE = 1e-6, 1e-9


@dataclass(frozen=True)
class Study:
    """A study that is started in `cwd`, with its folder within `results`."""

    config: Path
    cwd: Path
    results: Path
    name: str

    @property
    def folder(self) -> Path:
        return self.results / self.name

    def start(self) -> subprocess.Popen[str]:
        """Start it in a session of its own; what it says goes to one pipe."""
        command = [sys.executable, "-m", "study.launch", "--config", str(self.config)]
        return subprocess.Popen(
            [*command, "--results", str(self.results), "--cores", "2"],
            cwd=self.cwd, env=environment(), text=True, start_new_session=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def finish(self) -> tuple[int, str]:
        """Run it to its end: exit code, and all that it said.

        A run whose launcher was killed alone may still be at work; then its end is waited for.
        """
        while True:
            with self.start() as process:
                said, _ = process.communicate()
            if "another run of this study is going on" not in said:
                return process.returncode, said
            time.sleep(1)


def wait(process: subprocess.Popen[str], seconds: float) -> bool:
    """Let a run go on for a while, reading what it says. Whether it still runs."""
    try:
        process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        return True
    return False


def kill_study(process: subprocess.Popen[str]) -> bool:
    """kill -9 of the whole process group. Whether there was something to kill."""
    os.killpg(process.pid, signal.SIGKILL)
    return True


def kill_launcher(process: subprocess.Popen[str]) -> bool:
    """kill -9 of the command alone: Snakemake and its jobs are left behind."""
    process.kill()
    return True


def kill_snakemake(process: subprocess.Popen[str]) -> bool:
    """kill -9 of Snakemake alone: its jobs are left behind."""
    return _kill(process, lambda words: "snakemake" in words)


def kill_solve(process: subprocess.Popen[str]) -> bool:
    """kill -9 of one solve: the study goes on without it, and says so."""
    return _kill(process, lambda words: any(word.startswith("simulations.") for word in words))


def _kill(process: subprocess.Popen[str], chosen: Callable[[list[str]], bool]) -> bool:
    for child in psutil.Process(process.pid).children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            words = child.cmdline()
            if words and Path(words[0]).name.startswith("python") and chosen(words):
                child.kill()
                return True
    return False


@contextlib.contextmanager
def small_disk(folder: Path, megabytes: float) -> Iterator[Callable[[float], None]]:
    """A file system of its own in `folder`; yields a function that makes it larger.

    Raises OSError where this user may not mount one.
    """
    folder.mkdir(parents=True)

    def mount(size: float, *options: str) -> None:
        words = ["mount", "-t", "tmpfs", "-o", ",".join([*options, f"size={int(size * 1024)}k"])]
        done = subprocess.run([*words, "tmpfs", str(folder)], capture_output=True, text=True)
        if done.returncode:
            raise OSError(f"no file system can be mounted here: {done.stderr.strip()}")

    mount(megabytes)
    try:
        yield lambda size: mount(size, "remount")
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False)


def unreadable(folder: Path) -> list[str]:
    """Files of a study, under their own names, that cannot be read whole."""
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.name.startswith(".") and path.suffix in READERS:
            if path.parent.parts[len(folder.parts) :][:1] in (("logs",), ("benchmarks",)):
                continue
            try:
                READERS[path.suffix](path)
            except Exception as error:
                found.append(f"{path.relative_to(folder)}: {error}")
    return found


def _csv(path: Path) -> None:
    content = path.read_bytes()
    if not content.endswith(b"\n"):
        raise ValueError("its last line does not end")
    if content.strip():
        pd.read_csv(io.BytesIO(content), comment="#")


def _ends(mark: bytes) -> Callable[[Path], None]:
    def read(path: Path) -> None:
        if mark not in path.read_bytes()[-1024:]:
            raise ValueError(f"does not end with {mark!r}")

    return read


def _npz(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        broken = archive.testzip()
        if broken:
            raise ValueError(f"{broken} is broken")


READERS: dict[str, Callable[[Path], object]] = {
    ".json": lambda path: json.loads(path.read_text()),
    ".csv": _csv,
    ".sto": read_storage,
    ".mot": read_storage,
    ".osim": ElementTree.parse,
    ".xml": ElementTree.parse,
    ".npz": _npz,
    ".png": _ends(b"IEND"),
    ".pdf": _ends(b"%%EOF"),
}


def differences(folder: Path, reference: Path) -> tuple[list[str], float]:
    """How outcomes.csv differs from that of an undisturbed run, and the largest relative change."""
    mine, other = (pd.read_csv(path / "outcomes.csv") for path in (folder, reference))
    if list(mine.columns) != list(other.columns) or list(mine["case"]) != list(other["case"]):
        return ["other cases or columns"], np.inf
    found, largest = [], 0.0
    for name in mine.columns:
        if name in NOT_COMPARED:
            continue
        a, b = mine[name], other[name]
        if pd.api.types.is_numeric_dtype(a) and pd.api.types.is_numeric_dtype(b):
            if (a.isna() != b.isna()).any():
                found.append(f"{name}: a value is missing")
                continue
            a, b = a.astype(float), b.astype(float)
            change = (a - b).abs() / (ABSOLUTE / RELATIVE + b.abs())
            largest = max(largest, float(change.max(skipna=True) or 0.0))
            if (change > RELATIVE).any():
                found.append(f"{name}: differs by {change.max():.1e} of its value")
        elif not a.fillna("").astype(str).equals(b.fillna("").astype(str)):
            found.append(f"{name}: {a.tolist()} instead of {b.tolist()}")
    return found, largest

"""Stages as commands of their own: OpenSim and CasADi cannot share a process.

Each runs to its end before the next starts, on one thread of linear algebra.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def environment() -> dict[str, str]:
    """This process's environment, one thread, with the project importable from anywhere."""
    search = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
    return {**os.environ, **ONE_THREAD, "PYTHONPATH": search}


def command(module: str, options: dict[str, object]) -> list[str]:
    """`python -m module --key value ..`."""
    words = [word for key, value in options.items() for word in (f"--{key}", str(value))]
    return [sys.executable, "-m", module, *words]


def run(module: str, options: dict[str, object]) -> None:
    """Run a command. Raises ValueError with its last line if it fails."""
    done = subprocess.run(
        command(module, options), env=environment(), stderr=subprocess.PIPE, text=True
    )
    if done.returncode:
        told = [line for line in done.stderr.splitlines() if line.strip()][-1:] or ["no message"]
        raise ValueError(f"{module} ended with code {done.returncode}: {told[0]}")

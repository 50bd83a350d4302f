"""The linear algebra of a solve has one thread, whatever Snakemake's environment asks for."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TASKS = Path("/proc/self/task")
COUNT = """
import os
{first}
import casadi, numpy, scipy.linalg
print(len(os.listdir("/proc/self/task")))
"""


def threads(first: str) -> int:
    """Threads of a process once the libraries are loaded, asked for two by its environment."""
    two = {"OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "2", "PYTHONPATH": str(ROOT)}
    words = [sys.executable, "-c", COUNT.format(first=first)]
    done = subprocess.run(words, env=os.environ | two, capture_output=True, text=True, check=True)
    return int(done.stdout)


@pytest.mark.skipif(not TASKS.is_dir(), reason="threads are counted in /proc, which Linux has")
@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="one processor: one thread anyway")
def test_one_thread_of_linear_algebra() -> None:
    assert threads("import simulations") == 1
    assert threads("") > 1

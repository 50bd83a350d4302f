"""On what machine, with what versions, and how much memory a measurement took."""

from __future__ import annotations

import os
import platform
import resource
from importlib.metadata import version

from benchmarks.records import Machine
from formats.origin import processor


def machine() -> Machine:
    """Processor, cores this process may use, memory (GiB), operating system."""
    pages, size = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    return {
        "cpu": processor(),
        "cores": usable_cores(),
        "memory_gib": round(pages * size / 2**30, 1),
        "system": f"{platform.system()} {platform.machine()}",
    }


def usable_cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def versions(*packages: str) -> dict[str, str]:
    """Versions of Python and of the packages."""
    return {"python": platform.python_version()} | {name: version(name) for name in packages}


def peak_memory_gib() -> float:
    """Largest resident memory of this process so far (GiB)."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # Kilobytes, but bytes on macOS.
    return peak / (2**30 if platform.system() == "Darwin" else 2**20)

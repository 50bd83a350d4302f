"""Times a run of a study, and keeps that beside what was told before it started."""

from __future__ import annotations

import resource
import time
from datetime import UTC, datetime
from pathlib import Path

from formats.files import write_json
from formats.origin import commit, processor
from formats.run_record import FILE, RunRecord
from study.cost import Cost


class Clock:
    """Time of a run, on the clock and of the processes that it starts and waits for."""

    def __init__(self) -> None:
        self._began, self._used = time.monotonic(), self._children()

    @staticmethod
    def _children() -> float:
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime

    def keep(self, folder: Path, told: Cost, *, whole: bool) -> None:
        """Write the record of a run that ends now. whole: nothing of it was solved before."""
        record: RunRecord = {
            **commit(),
            "ended": datetime.now(UTC).isoformat(timespec="seconds"),
            "processor": processor(),
            "cores": told.cores,
            "whole": whole,
            "solves": told.solves,
            "forecast_s": round(told.wall_s, 1),
            "forecast_core_s": round(told.core_s, 1),
            "seconds": round(time.monotonic() - self._began, 1),
            "processor_seconds": round(self._children() - self._used, 1),
        }
        write_json(folder / FILE, record)

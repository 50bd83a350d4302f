"""What the default study asks of its runs, as the benchmarks pose them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from benchmarks.commands import ROOT
from formats.case import CaseSettings
from study.keys import read

STUDY = ROOT / "config" / "study.yaml"
DOSE = 80.0
"""The neighbouring dose that is timed (per cent)."""


@dataclass(frozen=True)
class Asked:
    """What the default study asks of its runs; mesh intervals are those of half a stride."""

    speed_m_s: float
    arm: str
    objective: str
    habit_weight: float
    tracking_weight: float
    mesh_intervals: int

    def case(self, dose: float) -> CaseSettings:
        """A case of the study at a dose (per cent), free but for its habit's weight."""
        return {
            "case": f"dose_{dose:g}",
            "side": "both",
            "cadence": "free",
            "objective": self.objective,
            "start": "warm",
            "speed_m_s": self.speed_m_s,
            "dose_percent": dose,
            "habit_weight": self.habit_weight,
            "mesh_intervals": self.mesh_intervals,
        }


def asked(config: Path = STUDY) -> Asked:
    """The first value of each key of a study's file."""
    study = read(config)
    return Asked(
        study.speeds_m_s[0],
        study.arms[0],
        study.objectives[0],
        study.habit_weights[0],
        study.tracking_weight,
        study.mesh_intervals,
    )

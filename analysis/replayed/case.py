"""A case folder: one simulated stride with the runner that ran it, as tables. No OpenSim here."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from formats.case import FILE as SETTINGS
from formats.case import MOTION_FILES
from formats.description import RunnerDescription, read
from formats.records import SOLVER, Settings, SolverRecord
from formats.storage import read_storage
from formats.untrusted import read_object


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object; ValueError in one line if it is missing or broken."""
    return read_object(path)


@dataclass(frozen=True)
class Case:
    """One solved case. All tables have the same N rows, the collocation nodes of one stride (s)."""

    folder: Path
    settings: Settings
    solver: SolverRecord
    runner: RunnerDescription
    motion: pd.DataFrame
    controls: pd.DataFrame
    derivatives: pd.DataFrame
    ground_forces: pd.DataFrame
    time: np.ndarray = field(repr=False)

    @property
    def stride_time(self) -> float:
        """Duration of the stride, s."""
        return float(self.time[-1] - self.time[0])

    @property
    def periodic(self) -> bool:
        """Whether the stride's end is its start again: predicted, not measured (`inverse`)."""
        return self.settings.periodic

    @property
    def speed(self) -> float:
        """The speed the case claims to run at, m/s, forward."""
        return speed_of(self.settings, self.folder)

    def ground_force(self, side: str, what: str = "force") -> np.ndarray:
        """(N, 3) force (N), `torque` (Nm, free moment at the point) or `point` (m), in ground."""
        stem = {
            "force": [f"ground_force_{side}_v{a}" for a in "xyz"],
            "point": [f"ground_force_{side}_p{a}" for a in "xyz"],
            "torque": [f"ground_torque_{side}_{a}" for a in "xyz"],
        }[what]
        return self.ground_forces[stem].to_numpy()

    def coordinate(self, name: str, what: str = "value") -> np.ndarray:
        """(N,) `value` (rad or m) or `speed` of a coordinate, dependent ones included."""
        return column(self.motion, f"/{name}/{what}", self.folder / MOTION_FILES["motion"])


def column(table: pd.DataFrame, ending: str, where: Path) -> np.ndarray:
    """(N,) the only column that ends so. ValueError if there is none or more than one."""
    found = [name for name in table.columns if name.endswith(ending)]
    if len(found) != 1:
        raise ValueError(f"{where}: {len(found)} columns end with '{ending}'; one is needed")
    return table[found[0]].to_numpy()


def read_solver(folder: Path) -> SolverRecord:
    """The solver's record of a case, without its motion."""
    return SolverRecord.of(Path(folder) / SOLVER)


def speed_of(settings: Settings, folder: Path) -> float:
    """The speed (m/s) that a case's settings state. ValueError if they state none."""
    if settings.speed_m_s is None:
        raise ValueError(f"{folder / SETTINGS}: speed_m_s must be a number")
    return settings.speed_m_s


def read_case(folder: Path) -> Case:
    """Read a case folder. ValueError in one line if a file is missing, broken or does not match."""
    folder = Path(folder)
    if not folder.is_dir():
        raise ValueError(f"{folder}: no such case folder")
    for name in [*MOTION_FILES.values(), "runner.osim"]:
        if not (folder / name).is_file():
            raise ValueError(f"{folder / name}: no such file")
    settings = Settings.of(folder / SETTINGS)
    speed_of(settings, folder)
    tables = {key: read_storage(folder / name) for key, name in MOTION_FILES.items()}
    time = tables["motion"]["time"].to_numpy()
    for key, table in tables.items():
        if len(table) != len(time) or np.abs(table["time"].to_numpy() - time).max() > 1e-9:
            raise ValueError(f"{folder / MOTION_FILES[key]}: times are not those of motion.sto")
    return Case(
        folder=folder,
        settings=settings,
        solver=read_solver(folder),
        runner=read(folder / "runner.json"),
        time=time - time[0],
        **tables,
    )


def knee_sign(runner: RunnerDescription) -> float:
    """1 if the model's knee angle is positive in flexion, -1 if it is negative (Hamner 2010)."""
    for coordinate in runner.coordinates:
        if coordinate.name.startswith("knee_angle"):
            return 1.0 if sum(coordinate.range) >= 0.0 else -1.0
    return 1.0

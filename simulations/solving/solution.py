"""Solutions on disk: the raw unknowns and multipliers, for warm starts and for checking again."""

from __future__ import annotations

import io
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from zipfile import BadZipFile

import numpy as np

from formats.files import write_bytes
from formats.text import MOTION_MB, checked
from simulations.problems.problem import Problem, unknown_names
from simulations.problems.reference import Reference

FILE = "solution.npz"
DAMAGED = (zlib.error, MemoryError, ArithmeticError, TypeError, NotImplementedError)


@dataclass(frozen=True)
class StoredSolution:
    """Scaled node unknowns z (nz x nodes) at `phase` (0 .. 1 of the simulated span)."""

    origin: Path
    scheme: str
    spans: int
    phase: np.ndarray
    duration: float
    z: np.ndarray
    lam_x: np.ndarray
    lam_g: np.ndarray
    names: list[str]
    coordinates: np.ndarray
    """q (nq x samples) over the whole stride, in physical units."""
    stride_phase: np.ndarray
    corner: float
    """Rounding of friction's corner (N) that it was found with."""

    @property
    def stride_time(self) -> float:
        return self.duration * self.spans

    def reference(self) -> Reference:
        """This motion as the one that a habit holds to."""
        return Reference(self.stride_phase, self.coordinates, self.stride_time)


class Found(Protocol):
    """Where a solve stopped: unknowns, their and the rows' multipliers, friction's rounding (N)."""

    @property
    def x(self) -> np.ndarray: ...
    @property
    def lam_x(self) -> np.ndarray: ...
    @property
    def lam_g(self) -> np.ndarray: ...
    @property
    def corner(self) -> float: ...


def store(folder: Path, problem: Problem, solution: Found, coordinates: np.ndarray) -> None:
    """Write solution.npz whole. coordinates: q of the whole stride (nq x samples)."""
    program = problem.program
    duration, z = program.unpack(solution.x)
    content = io.BytesIO()
    np.savez_compressed(
        content,
        scheme=program.scheme.name,
        spans=program.spans,
        phase=program.scheme.phase,
        duration=duration,
        z=z,
        lam_x=solution.lam_x,
        lam_g=solution.lam_g,
        names=np.array(unknown_names(problem)),
        coordinates=coordinates,
        stride_phase=np.linspace(0, 1, coordinates.shape[1]),
        corner=solution.corner,
    )
    write_bytes(folder / FILE, content.getvalue())


def load(folder: Path) -> StoredSolution:
    """Read solution.npz of a case folder. Raises ValueError if it is missing or broken."""
    path = Path(folder) / FILE
    if not path.exists():
        raise ValueError(f"{path}: no such solution; solve that case first")
    try:
        with np.load(checked(path, MOTION_MB), allow_pickle=False) as data:
            return StoredSolution(
                path,
                str(data["scheme"]),
                int(data["spans"]),
                data["phase"],
                float(data["duration"]),
                data["z"],
                data["lam_x"],
                data["lam_g"],
                [str(name) for name in data["names"]],
                data["coordinates"],
                data["stride_phase"],
                float(data["corner"]),
            )
    except (KeyError, OSError, ValueError, EOFError, BadZipFile, *DAMAGED) as error:
        raise ValueError(f"{path}: not a stored solution ({error})") from None

"""What a case folder says of itself, typed: its settings, its solver's record, its certificate.

Of a record that the project wrote only what is read of it is named here; other keys are left alone.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, StrictBool, ValidationError

from formats.untrusted import read_object

SOLVER, CERTIFICATE = "solver.json", "certificate.json"
GIVEN = ("inverse", "exercise")
"""Problems whose motion is given: a measured stride's, an exercise's."""
Value = str | float | int | None
"""A cell of a row; None where there is no value."""
Row = dict[str, Value]
"""A case's values by column name."""


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    @classmethod
    def of(cls, path: Path) -> Self:
        """The record in a file. ValueError, one line, if it is missing, broken or none."""
        content = read_object(path)
        try:
            return cls.model_validate(content)
        except ValidationError as error:
            first = error.errors()[0]
            key = ".".join(str(part) for part in first["loc"])
            raise ValueError(f"{path}: {key}: {first['msg']}") from None


class Settings(_Record):
    """A row of cases.csv, as case.json holds it (config/README.md explains each key)."""

    case: str | None = None
    runner: str | None = None
    problem: str | None = None
    speed_m_s: float | None = None
    arm: str | None = None
    side: str | None = None
    dose_percent: float | None = None
    cadence: str | None = None
    habit_weight: float | None = None
    objective: str | None = None
    start: str | None = None
    capsule_slack_mm: float = 0.0

    @property
    def periodic(self) -> bool:
        """Whether the stride's end is its start again: predicted, not of a motion that is given."""
        return self.problem not in GIVEN

    @property
    def leg(self) -> str:
        """The leg that outcomes describe: the changed one, or the right one if both are."""
        return "l" if self.side in ("l", "left") else "r"


class Bound(_Record):
    """A variable (`kind/name`) that rests on a bound of the search space, and at how many nodes."""

    variable: str
    bound: Literal["lower", "upper"]
    nodes: int


class SolverRecord(_Record):
    """solver.json: how a solve ended. active_bounds: None where the record lists none.

    objective: what was minimised, by term.
    """

    status: str | None = None
    reason: str | None = None
    scheme: str = "trapezoidal"
    mesh_intervals: int | None = None
    iterations: int | None = None
    solve_time_s: float | None = None
    active_bounds: tuple[Bound, ...] | None = None
    objective: dict[str, float] = {}

    @property
    def cost(self) -> float:
        """What was minimised, all terms together; NaN where the record lists none."""
        return sum(self.objective.values()) if self.objective else math.nan

    @property
    def converged(self) -> bool:
        """Whether there is a motion to look at."""
        return self.status == "converged"

    @property
    def failure(self) -> str:
        """Why there is none."""
        return f"the solver did not converge: {self.reason or 'no reason given'}"


class Move(_Record):
    """How far a primary endpoint moves when its case is solved again, and how far it may."""

    change: float
    smallest_effect: float
    passed: bool


class Agreement(_Record):
    """agreement_*.json: a case against itself solved again.

    mesh_intervals: of both. reason: why there is nothing to compare.
    """

    mesh_intervals: tuple[int, int] | None = None
    passed: bool
    reason: str | None = None
    endpoints: dict[str, Move] = {}

    def to_json(self) -> dict[str, object]:
        """As it stands in the file: meshes where there are two, else the reason."""
        left_out = {"reason"} if self.mesh_intervals else {"mesh_intervals"}
        return self.model_dump(mode="json", exclude=left_out)


class CheckRecord(_Record):
    """A measured value against its limit; value: None if it is not finite."""

    value: float | None
    limit: float
    unit: str
    passed: bool
    compared: str


class JudgedBound(Bound):
    """physical: a muscle is at rest or at its most, a tendon slack; all else is a fault."""

    physical: bool


class Certificate(_Record):
    """certificate.json: whether a case's motion is true in OpenSim, and all that was compared.

    energy (J) and reported (required of no case) are None where there was nothing to examine.
    """

    certified: StrictBool
    reasons: tuple[str, ...] = ()
    checks: dict[str, CheckRecord] = {}
    joint_moment_difference: dict[str, float] = {}
    active_bounds: tuple[JudgedBound, ...] = ()
    energy: dict[str, float] | None = None
    reported: dict[str, object] | None = None

    def to_json(self) -> dict[str, object]:
        """As it stands in the file."""
        left_out = {name for name in ("energy", "reported") if getattr(self, name) is None}
        return self.model_dump(mode="json", exclude=left_out)

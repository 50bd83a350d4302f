"""What the engine tells of a solve in a case's folder: solver.json, inverse.json, exercise.json.

As they are written; `formats.records.SolverRecord` is what is read of any solver.json.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal, NotRequired, TypedDict, cast

from formats.origin import Origin
from formats.untrusted import read_object

INVERSE, EXERCISE = "inverse.json", "exercise.json"


EasedBy = Literal["weight", "stride_time_s", "drive_percent"]
"""What an easier problem differs by from the one that is wanted."""


class ActiveLimit(TypedDict):
    """A limit that a mechanism sets (simulations.problems.mechanisms): nodes at which it is met."""

    limit: str
    nodes: int
    of: int


class ActiveBound(TypedDict):
    """A variable (`kind/name`) that rests on a bound, 'lower' or 'upper', and at how many nodes."""

    variable: str
    bound: str
    nodes: int


class FrictionCorner(TypedDict):
    """Rounding of friction's corner that a solve ended with (N), and what sharper would change.

    force (N), acceleration (share): largest changes.
    """

    rounding_n: float
    force: float
    acceleration: float


class Rung(TypedDict, total=False):
    """An easier problem on the way to a guess: what it was eased by, and how it ended.

    lifted_from: the planar solution that a spatial one starts from; no solve. objective: of an
    optimum beside which others were sought (simulations.solving.stride_time_kicks).
    """

    weight: float
    stride_time_s: float
    drive_percent: float
    lifted_from: str
    status: str
    iterations: int
    solve_time_s: float
    objective: float


class Start(TypedDict):
    """A start of load sharing (activation, normalised tendon force of all muscles), how it ended.

    iterations: of Ipopt. objective: of the last iterate.
    """

    activation: float
    normalized_tendon_force: float
    status: str
    iterations: int
    objective: float


class SolveRecord(TypedDict):
    """solver.json of a solve that was run: times s, speed m/s, objective by term.

    ladder: of a motion that is free. starts: of one that is given.
    """

    status: str
    reason: str
    return_status: str
    start: str
    starts: NotRequired[list[Start]]
    iterations: int
    solve_time_s: float
    constraint_violation: float
    friction_corner: NotRequired[FrictionCorner]
    objective: dict[str, float]
    active_bounds: list[ActiveBound]
    active_limits: NotRequired[list[ActiveLimit]]
    speed_m_s: float
    stride_time_s: float
    mesh_intervals: int
    scheme: str
    unknowns: int
    made: Origin
    versions: dict[str, str]
    ladder: NotRequired[list[Rung]]


class FailRecord(TypedDict):
    """solver.json of a case that could not be started."""

    status: str
    reason: str
    iterations: int
    solve_time_s: float
    made: Origin
    versions: dict[str, str]


class SlackMuscle(TypedDict):
    """Where a muscle is no longer than its tendon: nodes, first and last of them (% of the stride).

    least_fibre: optimal lengths. force_peak: there, maximal forces; None for a rigid tendon.
    """

    nodes: list[int]
    stride_percent: list[float]
    least_fibre: float
    force_peak: float | None


class ShareOfJoint(TypedDict):
    """Who moves a coordinate, with what peaks (N m, or N)."""

    moved_by: str
    judged: bool
    moment_peak: float
    passive_peak: float
    actuator_peak: float
    reserve_share: float


class Size(TypedDict):
    """Root mean square and peak of a residual."""

    rms: float
    peak: float


class StrideTimes(TypedDict):
    """A measured stride's times (s, of the trial); of the other foot None where it has no event."""

    number: int
    leg: str
    start_s: float
    toe_off_s: float
    right_contact_s: NotRequired[float | None]
    right_toe_off_s: NotRequired[float | None]
    left_contact_s: NotRequired[float | None]
    left_toe_off_s: NotRequired[float | None]
    end_s: float
    right_strides: int
    left_strides: int


class ReserveShares(TypedDict):
    """What reserves had to give, as shares of their coordinates' peak moments.

    refused, told: coordinates beyond what is allowed, of the legs and of the rest.
    """

    allowed_share: float
    largest_share: float
    coordinate: str | None
    muscles_at_their_most: list[str]
    refused: list[str]
    told: list[str]


class InverseRecord(TypedDict):
    """inverse.json: how a measured stride adds up (angles' moments N m, else N)."""

    trial: str
    stride: StrideTimes
    filter_hz: float | None
    strength_percent: float
    reserves: ReserveShares
    coordinates: dict[str, ShareOfJoint]
    slack: dict[str, SlackMuscle]
    base_residual: dict[str, Size]
    fit_rms: dict[str, float]


class ReserveTorque(TypedDict):
    """A reserve of an exercise: torque at each node, its peak, the coordinate's peak moment."""

    torque_nm: list[float]
    largest_nm: float
    peak_moment_nm: float


class SupportForce(TypedDict):
    """The floor's force (N) on a support and its place (m), at each node."""

    force: list[list[float]]
    place_m: list[list[float]]


class ExerciseRecord(TypedDict):
    """exercise.json: what an exercise asks, what reserves give, what the floor does; by node.

    strength_needed: least share of the runner's strength, by a linear bound (null: none does);
    strength_needed_for: the coordinate that asks for it.
    """

    exercise: str
    kind: str
    band: str
    time_s: list[float]
    progress: list[float]
    moments_nm: dict[str, list[float]]
    passive_tissue_nm: dict[str, list[float]]
    reserves: dict[str, ReserveTorque]
    strength_needed: list[float | None]
    strength_needed_for: list[str]
    base_residual: float
    supports_n: dict[str, SupportForce]


def read_inverse(folder: Path) -> InverseRecord:
    """inverse.json of a case's folder. ValueError, one line, where what all read is missing."""
    path = Path(folder) / INVERSE
    found = read_object(path)
    for key in ("stride", "reserves", "base_residual"):
        if key not in found:
            raise ValueError(f"{path}: no entry {key}")
    return cast(InverseRecord, found)


def read_exercise(folder: Path) -> ExerciseRecord:
    """exercise.json of a case's folder. ValueError, one line, where a key is missing."""
    path = Path(folder) / EXERCISE
    found = read_object(path)
    for key in ExerciseRecord.__required_keys__:
        if key not in found:
            raise ValueError(f"{path}: no entry {key}")
    return cast(ExerciseRecord, found)

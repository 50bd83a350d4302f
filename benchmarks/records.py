"""What the benchmarks write down: of each side's problem, its solves, and the machine; s, GiB."""

from __future__ import annotations

from typing import NotRequired, TypedDict


class Machine(TypedDict):
    """Processor, cores this process may use, memory (GiB), operating system."""

    cpu: str
    cores: int
    memory_gib: float
    system: str


class Limited(TypedDict):
    """Iterations with Ipopt's limited-memory Hessian; profile: seconds by part."""

    iterations: int
    seconds: float
    seconds_per_iteration: float
    profile: dict[str, float]


class EngineSolve(TypedDict):
    """A whole solve of the benchmark's problem by this engine."""

    finished: bool
    status: str
    iterations: int
    seconds: float
    seconds_per_iteration: float
    processor_seconds_per_iteration: float
    objective: dict[str, float]
    objective_total: float
    profile: dict[str, float]


class EngineSide(TypedDict):
    """engine.json."""

    unknowns: int
    constraints: int
    solve: EngineSolve
    limited_memory: Limited
    threads: int
    machine: Machine
    versions: dict[str, str]


class MocoRun(TypedDict):
    """What Moco says of a run; processor time is of all threads."""

    finished: bool
    status: str
    iterations: int
    seconds: float
    objective: dict[str, float]
    objective_total: float
    opensim: NotRequired[str]
    seconds_per_iteration: NotRequired[float]
    processor_seconds_per_iteration: NotRequired[float]


class AtEngineSolution(TypedDict):
    """Moco's own constraints and objective at the engine's solution."""

    constraint_violation: float
    objective: dict[str, float]
    objective_total: float


class MocoSide(TypedDict):
    """moco.json."""

    unknowns: int
    constraints: int
    threads: int
    solve: MocoRun
    at_engine_solution: AtEngineSolution
    machine: Machine
    versions: dict[str, str]


class MocoRatios(TypedDict):
    """Moco's seconds over the engine's."""

    per_iteration: float
    per_iteration_limited_memory: float
    per_iteration_idle: float
    per_solve: float
    per_solve_is_lower_bound: bool
    engine_finished: bool


class Iteration(TypedDict):
    """A line of Ipopt's log, with the clock beside it (s)."""

    number: int
    clock_s: float
    objective: float
    violation: float


class Log(TypedDict, total=False):
    """A log of Moco; processor_s: of one call of each function, all threads."""

    iterations: list[Iteration]
    processor_s: dict[str, float]
    unknowns: int
    constraints: int
    threads: int


class Motion(TypedDict):
    """A motion to follow: times (s), coordinates (rad, m) by name."""

    time: list[float]
    coordinates: dict[str, list[float]]


class PlainProblem(TypedDict):
    """problem.json: a tracking problem in physical units; points: unknowns by name, by node."""

    speed_m_s: float
    duration_s: float
    intervals: int
    scheme: str
    phase: list[float]
    bounds: dict[str, list[float]]
    weights: dict[str, float]
    acceleration_unit: float
    tendon_rate_unit: float
    effort_share: dict[str, float]
    sd: dict[str, float]
    reference: Motion
    points: dict[str, dict[str, list[float]]]


class Timed(TypedDict):
    """One of a study's solves, and what it took: on the clock, and of the processor (profile)."""

    converged: bool
    status: str
    unknowns: int
    iterations: int
    seconds: float
    processor_seconds: float
    seconds_per_iteration: float
    processor_seconds_per_iteration: float
    profile: dict[str, float]
    peak_memory_gib: float


class Told(TypedDict):
    """What it took to tell how all outcomes of a solved case change with all parameters.

    settling: the same minimum without a barrier, from where the case was solved.
    """

    settling_seconds: float
    settling_processor_seconds: float
    seconds: float
    processor_seconds: float
    settled: bool
    outcomes: int
    parameters: int
    muscles: int


class Step(TypedDict):
    """A command of a study's case: on the clock, of the processor, its largest memory."""

    command: str
    seconds: float
    processor_seconds: float
    peak_memory_gib: float


class Ready(TypedDict):
    """ready.json: from a runner's description to a problem that can be solved.

    starting: Python and its packages; processor seconds each but for `seconds`.
    """

    starting: float
    reading: float
    processor_seconds: float
    seconds: float
    unknowns: int


class Window(TypedDict):
    """window.json: a window of a measured stride as MocoInverse takes it, and the engine's answer.

    effort, reserves: weights by path; bounds of activation by path.
    """

    start_s: float
    end_s: float
    intervals: int
    effort: dict[str, float]
    reserves: dict[str, float]
    tendon: float
    tendon_force: list[float]
    tendon_rate: float
    activation: dict[str, list[float]]
    time: list[float]
    answer: dict[str, list[float]]


class InverseSolve(TypedDict):
    """A stride, or a window of it, shared among the muscles by this engine."""

    unknowns: int
    intervals: int
    iterations: int
    seconds: float
    processor_seconds: float
    objective: dict[str, float]


class InverseSide(TypedDict):
    """engine_inverse.json."""

    muscles: int
    building_seconds: float
    window: InverseSolve
    stride: InverseSolve
    machine: Machine
    versions: dict[str, str]


class InverseRun(TypedDict):
    """A run of MocoInverse; activations by path, at the mesh's nodes."""

    finished: bool
    status: NotRequired[str]
    iterations: int
    seconds: float
    objective_total: float
    activations: dict[str, list[float]]
    seconds_per_iteration: float
    processor_seconds_per_iteration: float
    violation: float
    unknowns: int
    constraints: int
    threads: int
    machine: NotRequired[Machine]
    versions: NotRequired[dict[str, str]]


class Beside(TypedDict, total=False):
    """Where MocoInverse goes from the engine's answer; failed: why it went nowhere."""

    iterations: int
    finished: bool
    violation: float
    objective_engine: float
    objective_moco: float
    activation_rms: float
    activation_largest: float
    failed: str

"""One case replayed and cut at the footfalls: what every outcome is measured from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from analysis.replayed import archive, measured
from analysis.replayed.archive import Answers
from analysis.replayed.case import Case, knee_sign, read_case, read_solver
from analysis.replayed.gait import Cycle, stance_weights
from analysis.replayed.quadrature import case_weights
from analysis.replayed.quantities import Anatomy, Dynamics, Windows
from formats.gait_events import Events, events
from formats.names import SIDES


@dataclass(frozen=True)
class Stride:
    """A case with its replays, each foot's events, and integration weights (N,) in s."""

    case: Case
    dynamics: Dynamics
    anatomy: Anatomy
    events: dict[str, Events]
    weights: np.ndarray

    def cycle(self, side: str) -> Cycle:
        """The stride from that foot's initial contact on."""
        return Cycle(self.case.time, self.events[side].contact, periodic=self.case.periodic)

    def stance(self, side: str) -> np.ndarray:
        """(N,) integration weights (s) of that foot's stance."""
        foot = self.events[side]
        return stance_weights(self.case.time, foot.contact, foot.toe_off)

    def percent(self, side: str) -> np.ndarray:
        """(N,) the nodes' time in % of the stride after that foot's contact."""
        return self.cycle(side).percent(self.case.time)

    @property
    def distance(self) -> float:
        """Length of the stride, m."""
        return self.case.speed * self.case.stride_time

    def angle_deg(self, side: str) -> dict[str, np.ndarray]:
        """(N,) angles in deg: thigh, hip, knee, ankle of a side, shank, and the pelvis's tilt."""
        case = self.case
        centres = self.anatomy.centres
        line = centres[f"ankle_{side}"] - centres[f"knee_{side}"]
        return {
            "pelvis_tilt": np.degrees(self.anatomy.pelvis_angle),
            "thigh_angle": np.degrees(self.anatomy.segment_angle[f"thigh_{side}"]),
            "hip_flexion": np.degrees(case.coordinate(f"hip_flexion_{side}")),
            "knee_flexion": np.degrees(
                knee_sign(case.runner) * case.coordinate(f"knee_angle_{side}")
            ),
            "ankle_dorsiflexion": np.degrees(case.coordinate(f"ankle_angle_{side}")),
            "shank_angle": np.degrees(np.arctan2(line[:, 0], -line[:, 1])),
        }


class Replays:
    """A case folder and OpenSim's answers, each asked for when it is first needed, and once.

    Certificate, outcomes, the head and positions read them; none of these needs OpenSim where
    replay.npz is there and of the files as they are. ValueError if there is no case to read.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder)

    @cached_property
    def case(self) -> Case:
        """The case itself."""
        return read_case(self.folder)

    @cached_property
    def answers(self) -> Answers:
        """As kept in replay.npz, or else by OpenSim now."""
        case = self.case  # first: what is wrong with its files is told before all else
        return archive.read(self.folder) or ask(case)

    def keep(self) -> None:
        """Ask OpenSim and write replay.npz; where it has no answer, why.

        ValueError, one line, if there is no record of the solver.
        """
        solver = read_solver(self.folder)
        answers, reason = None, ""
        try:
            if not solver.converged:
                raise ValueError(solver.failure)
            answers = self.answers = ask(self.case)
        except (ValueError, RuntimeError) as error:
            reason = str(error).splitlines()[0]
        archive.write(self.folder, answers, reason)

    @property
    def dynamics(self) -> Dynamics:
        """On the engine's own equations."""
        return self.answers.dynamics

    @property
    def anatomy(self) -> Anatomy:
        """On anatomical paths."""
        return self.answers.anatomy

    @property
    def windows(self) -> Windows | None:
        """Integrated forward; None where the stride is measured."""
        return self.answers.windows

    def stride(self) -> Stride:
        """Both, cut at the footfalls. ValueError if a foot never, or always, stands."""
        feet = footfalls(self.case, self.anatomy)
        return Stride(self.case, self.dynamics, self.anatomy, feet, case_weights(self.case))


def ask(case: Case) -> Answers:
    """Replay a case in OpenSim: one pass on each of the two sets of muscle paths."""
    # Only here: what was asked before is read without OpenSim.
    from analysis.replayed import anatomy, dynamics, windows

    on_anatomy = anatomy.compute(case)
    replay, metabolics = dynamics.on_polynomials(case)
    return Answers(
        dynamics=dynamics.dynamics_of(replay, metabolics),
        anatomy=on_anatomy,
        windows=None if measured.is_measured(case) else windows.compare(replay),
    )


def replay(case: Case) -> Stride:
    """Replay a case and find its footfalls. ValueError if a foot never, or always, stands."""
    made = Replays(case.folder)
    made.case = case
    made.answers = ask(case)
    return made.stride()


def footfalls(case: Case, anatomical: Anatomy, sides: tuple[str, ...] = SIDES) -> dict[str, Events]:
    """Each foot's events: as measured, or from the force between the nodes. Errors of `events`."""
    if measured.is_measured(case):
        return measured.footfalls(case)
    found = {}
    for side in sides:
        try:
            found[side] = events(
                anatomical.dense_time, anatomical.dense_vertical[side], case.stride_time
            )
        except ValueError as error:
            raise ValueError(f"{case.folder}: foot {side}: {error}") from None
    return found

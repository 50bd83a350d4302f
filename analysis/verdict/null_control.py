"""Does the 100 % run hang on where it was started? It is solved again from all declared starts.

What is minimised has several optima, and its solution is the cheapest. So the control passes if the
best certified start returns to the run that the study keeps (no primary endpoint moves by more than
the rule's tolerance) and no start found anything as cheap elsewhere, certified or not. Starts that
ended in poorer optima, are not certified or did not converge are counted and told; none is left
out. A cold start beside a warm one is a run of the study itself: both must say the same.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis.replayed.case import read_json, read_solver
from analysis.run_outcomes import RunOutcomes
from analysis.verdict.control_result import normal, result
from formats.claims import Claim, Claims
from formats.records import CERTIFICATE, Certificate
from formats.solved_again import folders, start_of
from formats.verdicts import ControlRecord

RULE = "null_control of the rule"
ONE_RUN = ("problem", "runner", "speed_m_s", "cadence", "habit_weight", "objective", "draw")
"""What runs share that differ in their start alone."""


@dataclass(frozen=True)
class Moved:
    """The primary endpoint that moved most, in smallest effects; column empty if none can move."""

    share: float
    column: str

    def __str__(self) -> str:
        return f"moved by {self.share:.2g} smallest effects ({self.column})"


@dataclass(frozen=True)
class Start:
    """How a start ended: dearer, what it minimised over the kept run's, less 1.

    NaN, and moved None, if it did not converge; moved alone is None where nothing was measured.
    wrong: why it is not certified; empty if it is.
    """

    number: int
    dearer: float
    wrong: str
    moved: Moved | None
    tolerance: float

    @property
    def returned(self) -> bool:
        """Whether it is the kept run again."""
        return self.moved is not None and self.moved.share < self.tolerance

    @property
    def no_dearer(self) -> bool:
        """Whether it found another motion that is not dearer: then the kept run is no optimum."""
        if self.moved is None:
            return self.dearer <= 0
        return not self.returned and not self.dearer > 0

    @property
    def counts(self) -> bool:
        """Whether it returned, certified."""
        return self.returned and not self.wrong

    def __str__(self) -> str:
        """In words, for one that does not count."""
        if self.moved is None:
            worse = f", objective {100 * self.dearer:+.2g} %" if self.no_dearer else ""
            return f"start {self.number} ended in nothing to measure ({self.wrong}{worse})"
        size = f"objective {100 * self.dearer:+.2g} %, {self.moved}"
        if self.no_dearer:
            said = f"start {self.number} is no dearer: the run is not the optimum ({size})"
        elif self.returned:
            said = f"start {self.number} returns"
        else:
            said = f"start {self.number} ends in a poorer optimum ({size})"
        return f"{said}, not certified ({self.wrong})" if self.wrong else said


def null(folder: Path, rows: pd.DataFrame, claim: Claim, claims: Claims) -> ControlRecord:
    """The 100 % runs, solved again from elsewhere or from a cold start, move nothing."""
    tolerance = claims.decision.null_tolerance_percent / 100.0
    strong = normal(rows)
    strong = strong[strong["status"] == "certified"]
    found: list[tuple[bool, str]] = []
    for run in map(RunOutcomes.of, strong.to_dict("records")):
        starts = list(_starts(folder / run.case, run, claim, tolerance))
        if starts:
            found.append(_judged(run.case, starts))
    for _, group in strong.groupby(list(ONE_RUN), dropna=False):
        first, *others = map(RunOutcomes.of, group.to_dict("records"))
        for other in others:
            moved = move(first, other, claim)
            if moved.column:
                found.append((moved.share < tolerance, f"{other.case} {moved}"))
    if not found:
        return result(None, "no 100 % run was solved from another start")
    said = "; ".join(text for _, text in found)
    return result(all(passed for passed, _ in found), f"{said}; allowed {tolerance:g}, {RULE}")


def _judged(case: str, starts: list[Start]) -> tuple[bool, str]:
    """Whether a run is the best of its starts, and in words how each of them ended."""
    certified = [one for one in starts if one.moved is not None and not one.wrong]
    best = min(certified, key=lambda one: one.dearer, default=None)
    passed = best is not None and best.returned and not any(one.no_dearer for one in starts)
    back = [one.moved for one in starts if one.counts and one.moved is not None]
    told = [f"{len(back)} of {len(starts)} starts return to {case}"]
    if back:
        told[0] += f", {max(back, key=lambda moved: moved.share)} at most"
    return passed, "; ".join([*told, *(str(one) for one in starts if not one.counts)])


def _starts(case: Path, run: RunOutcomes, claim: Claim, tolerance: float) -> Iterator[Start]:
    """How each start of a run ended, those left out that the claim has nothing to judge by."""
    for how in folders(case):
        number = start_of(how)
        if number is None:
            continue
        again = RunOutcomes.of(read_json(case / how / "outcomes.json"))
        solver = read_solver(case / how)
        dearer = solver.cost / read_solver(case).cost - 1.0 if solver.converged else math.nan
        if again.status == "failed":
            yield Start(number, dearer, again.reason, None, tolerance)
            continue
        certificate = Certificate.of(case / how / CERTIFICATE)
        wrong = ", ".join(reason.partition(":")[0] for reason in certificate.reasons)
        moved = move(run, again, claim)
        if moved.column:
            yield Start(number, dearer, wrong, moved, tolerance)


def move(run: RunOutcomes, again: RunOutcomes, claim: Claim) -> Moved:
    """How far a claim's primary endpoints move between two runs, the farthest."""
    found = [Moved(0.0, "")]
    for one in claim.primary:
        column = one.smallest_effect_of or one.endpoint  # in the unit of the smallest effect
        if run.runner in one.except_runners or one.smallest is None:
            continue
        old, new = run.number(column), again.number(column)
        if math.isnan(old) or math.isnan(new):
            continue
        smallest = one.smallest_at(old)
        if smallest:  # 0: in per cent of nothing
            found.append(Moved(abs(new - old) / smallest, column))
    return max(found[1:] or found, key=lambda moved: moved.share)

"""Is a verdict to be trusted? The one place that says so, for every table, figure and line.

config/claims.yaml names for each claim the controls "that must have passed for the verdict to be
trusted". So a claim is trusted if each of them passed, not trusted if one failed or was not run.
Trust changes no verdict: it stands beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from analysis.verdict.controls import FAILED, NOT_RUN, PASSED
from formats.verdicts import ClaimVerdict, ControlRecord

TRUSTED, NOT_TRUSTED = "trusted", "not trusted"
UNTRUSTED_COLOUR = "#A63C00"
"""Of these words in figures, as in the report (report.css, --bad)."""


@dataclass(frozen=True)
class Trust:
    """The controls of a claim by how they ended, in words ("step rate", not step_rate)."""

    passed: tuple[str, ...]
    failed: tuple[str, ...]
    not_run: tuple[str, ...]
    beside: tuple[str, ...] = ()
    """Controls that the rule does not list for the claim, each with how it ended."""

    @property
    def trusted(self) -> bool:
        """Whether all of the claim's controls passed; with none there is no ground for trust."""
        return bool(self.passed) and not self.failed and not self.not_run

    @property
    def all_passed(self) -> bool | None:
        """False if a control failed, True if all passed, None if some were not run, none failed."""
        if self.failed:
            return False
        return True if self.trusted else None

    @property
    def word(self) -> str:
        """`trusted` or `not trusted`."""
        return TRUSTED if self.trusted else NOT_TRUSTED

    @property
    def controls(self) -> str:
        """How each control ended, e.g. "step rate failed; passed: null, negative, spring"."""
        ended = ((self.failed, FAILED), (self.not_run, NOT_RUN))
        bad = "; ".join(f"{', '.join(names)} {state}" for names, state in ended if names)
        names = ", ".join(self.passed) or "none"
        good = f"{PASSED}: {names}" if bad or not self.passed else f"{names} {PASSED}"
        beside = f"beside the rule: {', '.join(self.beside)}" if self.beside else ""
        return "; ".join(part for part in (bad, good, beside) if part)

    @property
    def words(self) -> str:
        """Trust and controls in one: "not trusted: step rate failed; passed: null, negative"."""
        return f"{self.word}: {self.controls}"


def control_name(key: str) -> str:
    """A control's key in words."""
    return key.replace("_", " ")


def trust(entry: ClaimVerdict) -> Trust:
    """Trust in a claim, from its entry of claims.json."""
    return trust_by(entry["controls"])


def trust_by(controls: Mapping[str, ControlRecord]) -> Trust:
    """Trust by the controls of a claim.

    One with `required` false, which the rule does not list for the claim, stands beside the verdict
    and decides nothing.
    """
    states = {name: one["status"] for name, one in controls.items() if one.get("required", True)}

    def ended(state: str) -> tuple[str, ...]:
        return tuple(control_name(name) for name, own in states.items() if own == state)

    beside = (f"{control_name(k)} {c['status']}" for k, c in controls.items() if k not in states)
    return Trust(ended(PASSED), ended(FAILED), ended(NOT_RUN), tuple(beside))


def verdict_and_trust(entry: ClaimVerdict) -> str:
    """A claim's verdict with the word of trust: "no meaningful effect, not trusted"."""
    return f"{entry['verdict']}, {trust(entry).word}"


def verdict_in_full(entry: ClaimVerdict) -> str:
    """A claim's verdict with its trust and how each control ended."""
    return f"{entry['verdict']}, {trust(entry).words}"

"""Trust in a verdict: by its controls, in the rule's own words, the same everywhere."""

from __future__ import annotations

from typing import Any

import pytest

from analysis.verdict.trust import trust, verdict_and_trust, verdict_in_full


def entry(beside: str = "", **states: str) -> dict[str, Any]:
    """A claim of claims.json with these controls; beside: the state of one not in its rule."""
    controls: dict[str, Any] = {name: {"status": state} for name, state in states.items()}
    if beside:
        controls["cost_of_step_rate"] = {"status": beside, "required": False}
    return {"verdict": "supported", "controls": controls}


@pytest.mark.parametrize(
    ("states", "all_passed", "words"),
    [
        (["passed", "passed"], True, "trusted: null, step rate passed"),
        (["passed", "failed"], False, "not trusted: step rate failed; passed: null"),
        (["passed", "not run"], None, "not trusted: step rate not run; passed: null"),
        (["failed", "not run"], False, "not trusted: null failed; step rate not run; passed: none"),
    ],
)
def test_a_claim_is_trusted_if_all_its_controls_passed(
    states: list[str], all_passed: bool | None, words: str
) -> None:
    held = trust(entry(null=states[0], step_rate=states[1]))
    assert held.all_passed is all_passed
    assert held.trusted is (all_passed is True)
    assert held.words == words


def test_a_control_that_the_rule_does_not_list_is_shown_and_decides_nothing() -> None:
    held = trust(entry(beside="failed", null="passed"))
    assert held.trusted
    assert held.words == "trusted: null passed; beside the rule: cost of step rate failed"


def test_without_controls_there_is_no_ground_for_trust() -> None:
    assert trust(entry()).words == "not trusted: passed: none"


def test_a_verdict_is_told_with_its_trust() -> None:
    assert verdict_and_trust(entry(null="failed")) == "supported, not trusted"
    told = "supported, not trusted: null failed; passed: spring"
    assert verdict_in_full(entry(null="failed", spring="passed")) == told

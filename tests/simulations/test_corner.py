"""The way from a round corner of friction to a sharp one: its steps, and that it ends."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulations.solving.friction_continuation import FINEST, FIRST, Descent


def test_each_success_is_followed_by_a_sharper_corner() -> None:
    descent = Descent.begin(FIRST)
    seen = [descent.corner]
    while descent.go_on(converged=True):
        seen.append(descent.corner)
    assert seen == pytest.approx([5.0, 1.0, 0.2, 0.04, 0.008, 0.0016])


def test_a_failure_is_followed_by_a_corner_between_it_and_the_last_success() -> None:
    descent = Descent.begin(FIRST)
    assert descent.go_on(converged=True)
    tried = descent.corner
    assert descent.go_on(converged=False)
    assert tried < descent.corner < FIRST
    assert descent.reached == FIRST
    step = FIRST / descent.corner
    assert descent.go_on(converged=True)
    assert descent.corner == pytest.approx(FIRST / step**2)  # on in steps as small


def test_a_warm_start_begins_rounder_than_it_was_found_with() -> None:
    assert Descent.begin(0.04).corner == pytest.approx(0.2)
    assert Descent.begin(FIRST).corner == FIRST
    descent = Descent.begin(0.04)
    assert descent.go_on(converged=False)  # nothing has ended yet: rounder
    assert descent.corner == pytest.approx(1.0)
    assert descent.reached is None


@given(st.floats(FINEST, FIRST), st.lists(st.booleans(), min_size=60, max_size=60))
def test_it_ends(found_with: float, outcomes: list[bool]) -> None:
    """Whatever the solves do, between the finest rounding and the first."""
    descent = Descent.begin(found_with)
    steps = 1
    for converged in outcomes:
        assert FINEST <= descent.corner <= FIRST
        if not descent.go_on(converged):
            break
        steps += 1
    # Up, down at the smallest step, and a failure each time that the step is halved.
    assert steps < 60

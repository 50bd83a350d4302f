"""Soft tissue in the engine: what it takes up is what its dampers lose; landing with readiness."""

from __future__ import annotations

from collections.abc import Callable

import casadi as ca
import numpy as np
import pytest

from formats.description import Spring
from simulations.equations.passive import passive_torque
from simulations.problems.landing import LANDING_MUSCLES, Readiness, with_readiness
from tests.simulations.conftest import Solved
from tests.simulations.engine import Engine

Engines = Callable[[str], Engine]


def test_its_power_is_what_it_stores_and_loses(engine_of: Engines) -> None:
    """Power of spring and damper = -(change of the stored energy) - viscosity x speed^2."""
    runner = engine_of("soft").runner
    tissue = [p for p in runner.passive if isinstance(p, Spring) and "soft_tissue" in p.coordinate]
    assert len(tissue) == 3
    names = [c.name for c in runner.coordinates]
    n = len(names)
    q, u = ca.SX.sym("q", n), ca.SX.sym("u", n)
    stored, lost = ca.SX(0), ca.SX(0)
    for part in tissue:
        i = names.index(part.coordinate)
        stored += 0.5 * part.stiffness * (q[i] - part.rest_length) ** 2
        lost += part.viscosity * u[i] ** 2
    own = [names.index(part.coordinate) for part in tissue]
    power = ca.dot(passive_torque(runner, q, u)[own], u[own])
    gained = ca.dot(ca.gradient(stored, q), u)
    found = ca.Function("f", [q, u], [power, gained, lost])
    generator = np.random.default_rng(3)
    for _ in range(20):
        at, speed = generator.uniform(-0.02, 0.02, n), generator.normal(0, 0.5, n)
        given, kept, gone = (float(value) for value in found(at, speed))
        assert given == pytest.approx(-kept - gone, rel=1e-12)
        assert gone > 0


def test_readiness_binds_before_contact_only(solved: Solved) -> None:
    problem, x = solved.problem, solved.found.x
    period, contact = 2 * float(x[0]), 0.03
    asked = Readiness(activation=0.2, before_s=0.06)
    posed = with_readiness(problem, asked, float(x[0]), contact)
    raised = (posed.lower - problem.lower)[1:].reshape(problem.scheme.nodes, -1)
    block = problem.layout.block("a")
    assert not np.delete(raised, block, axis=1).any()
    time = problem.scheme.phase * float(x[0])
    for muscle, rise in zip(problem.runner.muscles, raised[:, block].T, strict=True):
        landing = contact if muscle.name.endswith("_r") else contact + period / 2
        before = (landing - time) % period <= asked.before_s
        expected = 0.2 - muscle.min_control if muscle.name.startswith(LANDING_MUSCLES) else 0.0
        np.testing.assert_allclose(rise, np.where(before, expected, 0.0), atol=1e-12)
    # The mirror image of the last node is the first: a bound at one that is not at the other
    # would be none.
    right = [i for i, m in enumerate(problem.runner.muscles) if m.name.endswith("_r")]
    left = [
        [m.name for m in problem.runner.muscles].index(problem.runner.muscles[i].mirror)
        for i in right
    ]
    np.testing.assert_allclose(raised[0, block[right]], raised[-1, block[left]])
    assert raised.any()


@pytest.mark.parametrize(
    ("asked", "word"),
    [(Readiness(1.2), "activation 1.2 is not allowed"), (Readiness(0.1, 0.5), "0.5 s before")],
)
def test_impossible_readiness(solved: Solved, asked: Readiness, word: str) -> None:
    with pytest.raises(ValueError, match=word):
        with_readiness(solved.problem, asked, float(solved.found.x[0]), 0.1)

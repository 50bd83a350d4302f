"""Functions kept on disk: the same numbers compiled and interpreted, damaged entries made again."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import casadi as ca
import numpy as np
import pytest

from formats.description import Muscle, RunnerDescription
from simulations.collocation import cached, elements
from simulations.collocation.differentiated import KINDS, Functions
from tests.simulations import two_feet

STRUCTURE = "a muscle of the tests"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty cache, and nothing remembered from other tests."""
    monkeypatch.setenv("HIPDRIVE_CACHE", str(tmp_path))
    monkeypatch.setattr(cached, "_READ", {})
    yield tmp_path / "equations"


@pytest.fixture
def muscle() -> Muscle:
    return two_feet.runner().muscles[0]


def built(muscle: Muscle) -> Functions:
    return elements.build_muscle(muscle, 2, moving=True, rated=True)


def arguments(functions: Functions, kind: str, count: int) -> list[np.ndarray]:
    generator = np.random.default_rng(5)
    function: ca.Function = functions.of(kind)
    return [
        generator.uniform(0.05, 0.3, (function.numel_in(i), count))
        for i in range(function.n_in())
    ]  # fmt: skip


@pytest.mark.parametrize("count", [1, 6])
@pytest.mark.parametrize("kind", KINDS)
def test_compiled_and_interpreted_give_the_same_numbers(
    cache: Path, muscle: Muscle, monkeypatch: pytest.MonkeyPatch, kind: str, count: int
) -> None:
    """To the last bit, and for numbers of instances that fill no vector."""
    if shutil.which("cc") is None:
        pytest.skip("no C compiler here")
    interpreted = built(muscle)
    monkeypatch.setenv(cached.COMPILER, "cc")
    compiled = cached.functions(STRUCTURE, lambda: built(muscle))
    assert compiled.compiled is not None
    given = arguments(interpreted, kind, count)
    expected = np.array(interpreted.mapped(kind, count)(*given))
    assert np.isfinite(expected).all()
    assert np.abs(expected).max() > 0
    np.testing.assert_array_equal(np.array(compiled.mapped(kind, count)(*given)), expected)


def test_a_kept_entry_is_read_and_not_built(cache: Path, muscle: Muscle) -> None:
    first = cached.functions(STRUCTURE, lambda: built(muscle))
    cached._READ.clear()

    def never() -> Functions:
        raise AssertionError("built again")

    again = cached.functions(STRUCTURE, never)
    for kind in KINDS:
        given = arguments(first, kind, 3)
        expected = np.array(first.mapped(kind, 3)(*given))
        np.testing.assert_array_equal(np.array(again.mapped(kind, 3)(*given)), expected)
    np.testing.assert_array_equal(first.second, again.second)


@pytest.mark.parametrize("name", ["value.casadi", "patterns.npz", "sha256.json"])
def test_a_damaged_entry_is_made_again(cache: Path, muscle: Muscle, name: str) -> None:
    cached.functions(STRUCTURE, lambda: built(muscle))
    damaged = next(cache.rglob(name))
    damaged.write_bytes(damaged.read_bytes()[:-40] + b"x" * 40)
    cached._READ.clear()
    times = []

    def counted() -> Functions:
        times.append(1)
        return built(muscle)

    found = cached.functions(STRUCTURE, counted)
    assert times == [1]
    given = arguments(found, "value", 2)
    np.testing.assert_array_equal(
        np.array(found.of("value").map(2)(*given)),
        np.array(built(muscle).of("value").map(2)(*given)),
    )


def test_runners_that_differ_in_numbers_share_a_structure(runner: RunnerDescription) -> None:
    """Stronger, heavier, on harder ground: nothing is built anew."""
    stronger = [
        m.model_copy(update={"max_isometric_force": 1.3 * m.max_isometric_force})
        for m in runner.muscles
    ]
    heavier = [b.model_copy(update={"mass": 1.1 * b.mass}) for b in runner.bodies]
    harder = [s.model_copy(update={"stiffness": 2 * s.stiffness}) for s in runner.contacts]
    other = runner.model_copy(update={"muscles": stronger, "bodies": heavier, "contacts": harder})
    assert elements.skeleton_functions(other) is elements.skeleton_functions(runner)
    bent = [
        j.model_copy(
            update={
                "rotations": [
                    a.model_copy(update={"axis": [a.axis[2], a.axis[0], a.axis[1]]})
                    for a in j.rotations
                ]
            }
        )
        for j in runner.joints
    ]
    turned = runner.model_copy(update={"joints": bent})
    assert elements.numbers.skeleton_structure(turned) != elements.numbers.skeleton_structure(
        runner
    )

"""Exercises in the engine: postures on the floor, what it carries, the path of a movement."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from formats import description, exercises
from formats.checkout import CHECKOUT
from formats.exercises import Exercises, Phase
from simulations.problems import strength_needed
from simulations.problems.exercise import Exerciser
from simulations.problems.posture import progress
from simulations.problems.prescribed import base_coordinates
from tests.simulations.conftest import command

BOOK = exercises.read(CHECKOUT / "models" / "exercises.yaml")
MOVED = ["march", "bike_pedal", "plank", "standing_march", "straight_leg_raise", "mobility"]


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> description.RunnerDescription:
    folder = tmp_path_factory.mktemp("exercise")
    command("models.build", "--runner", "exercise", "--out", folder)
    return description.read(folder / "runner.json")


def posed(runner: description.RunnerDescription, name: str, book: Exercises = BOOK) -> Exerciser:
    return Exerciser(runner, book.get(name), book.supports(name))


@pytest.mark.parametrize("name", MOVED)
def test_the_floor_holds_the_body(runner: description.RunnerDescription, name: str) -> None:
    """Nothing is left at the pelvis, forces push within the cone and add up to the weight."""
    made = posed(runner, name)
    found = made.grid()
    base = base_coordinates(runner)
    assert np.abs(found.demand.moments[base]).max() < 0.05  # N, N m
    total = np.zeros((3, len(found.progress)))
    for force, _ in found.supports.values():
        assert force[1].min() >= 0.0
        assert (np.hypot(force[0], force[2]) <= made.exercise.friction * force[1] + 1e-6).all()
        total += force
    weight = runner.model_mass * 9.80665
    np.testing.assert_allclose(total, [[0.0], [weight], [0.0]] * np.ones(total.shape), atol=0.05)


@pytest.mark.parametrize("name", MOVED)
def test_rates_are_the_derivatives_of_the_path(
    runner: description.RunnerDescription, name: str
) -> None:
    made = posed(runner, name)
    time, step = np.linspace(0.3, 0.9 * made.exercise.phases[0].seconds, 5), 1e-4
    middle, before, after = (made.movement(time + s).demand for s in (0.0, -step, step))
    np.testing.assert_allclose(middle.u, (after.q - before.q) / (2 * step), atol=2e-5)
    np.testing.assert_allclose(middle.du, (after.u - before.u) / (2 * step), atol=2e-4)


ON_SOLES = 0.01
"""How far below the floor a foot's points may lie in the model: half a sole (m)."""
KNEE_M = 0.05
"""From the knee's centre to its front (m)."""


@pytest.mark.parametrize("name", MOVED)
def test_nothing_passes_through_the_floor(runner: description.RunnerDescription, name: str) -> None:
    exercise = BOOK.get(name)
    points = {
        f"{body}_{side}": exercises.Support(body=f"{body}_{side}", point=point)
        for side in "rl"
        for body, point in {
            "tibia": [0.0, 0.0, 0.0],
            "talus": [0.0, 0.0, 0.0],
            "calcn": [-0.02, -0.02, 0.0],
            "toes": [0.06, -0.01, 0.0],
        }.items()
    }
    seen = Exerciser(runner, exercise, points).poser
    for q in posed(runner, name).poser.path()(np.linspace(0.0, 1.0, 21)):
        height = dict(zip(points, np.array(seen.places(q)[0])[1], strict=True))
        assert min(height.values()) > -ON_SOLES, height
        assert min(height["tibia_r"], height["tibia_l"]) > KNEE_M, height


def test_a_path_goes_through_its_angles(runner: description.RunnerDescription) -> None:
    made = posed(runner, "plank").poser
    knee = BOOK.get("plank").joints["knee_angle_r"]
    assert isinstance(knee, list) and len(knee) == 3
    for share, angle in zip((0.0, 0.5, 1.0), knee, strict=True):
        assert np.degrees(made.angles(share)["knee_angle_r"]) == pytest.approx(angle)
    assert np.degrees(made.angles(0.25)["hip_flexion_r"]) == pytest.approx(25.0)


def test_strength_needed_of_a_known_load() -> None:
    """A muscle of 1 kN on 5 cm against 110 Nm, 10 missed: twice what it has; none pulls back."""
    one = (np.array([10.0]), np.array([1010.0]))
    arms = np.array([[0.05]])
    assert strength_needed._least(arms, np.array([110.5]), 10.0, *one)[0] == pytest.approx(2.0)
    assert strength_needed._least(arms, np.array([-110.0]), 10.0, *one)[0] == np.inf


def test_strength_needed_is_a_bound_from_below(runner: description.RunnerDescription) -> None:
    """What all muscles at 70 % give needs no more than 70 %; more of it needs more."""
    demand = posed(runner, "march").grid().demand
    lowest = [m.min_control for m in runner.muscles]
    rest = strength_needed.equilibrium(runner, demand, lowest)
    most = strength_needed.equilibrium(runner, demand, [m.max_control for m in runner.muscles])
    active = np.maximum(most - rest, 0.0)  # N; a slack tendon bears some mN, active or not
    assert (most - rest).min() > -0.1
    names = [c.name for c in runner.coordinates]

    def given_by(share: float) -> np.ndarray:
        force = rest + share * active
        moments = np.zeros_like(demand.moments)
        for i, muscle in enumerate(runner.muscles):
            own = [names.index(name) for name in muscle.path.coordinates]
            moments[own] -= demand.arms[i] * force[i]
        return moments

    needs = []
    for share in (0.7, 1.4):
        asked = replace(demand, moments=given_by(share), passive=np.zeros_like(demand.passive))
        found = strength_needed.needed(runner, asked, 0.0).strength
        assert (found <= share + 1e-6).all()
        needs.append(found)
    assert (needs[1] > needs[0]).all()


@given(st.lists(st.tuples(st.floats(0.2, 3), st.floats(0, 1)), min_size=1, max_size=4))
def test_minimum_jerk_rests_at_every_phase(parts: list[tuple[float, float]]) -> None:
    phases = [Phase(seconds=seconds, to=to) for seconds, to in parts]
    ends = np.cumsum([phase.seconds for phase in phases])
    s, ds, dds = progress(phases, np.array([0.0, *ends]))
    np.testing.assert_allclose(s, [0.0, *(phase.to for phase in phases)], atol=1e-9)
    np.testing.assert_allclose([ds, dds], 0.0, atol=1e-6)


def test_a_band_asks_for_its_moment(runner: description.RunnerDescription) -> None:
    """By virtual work: tension x change of the distance between the feet with the hip's angle."""
    band = BOOK.band("march", "red")
    assert band is not None
    plain, tied = posed(runner, "march"), posed(
        runner.model_copy(update={"bands": [band]}), "march"
    )  # fmt: skip
    names = [c.name for c in runner.coordinates]
    hip = names.index("hip_flexion_r")
    before, after = (made.grid().demand for made in (plain, tied))
    np.testing.assert_allclose(before.q, after.q)
    more = after.moments[hip] - before.moments[hip]
    bodies = {"first": band.first, "second": band.second}

    def length(q: np.ndarray) -> float:
        support = {
            key: exercises.Support(body=end.body, point=end.location) for key, end in bodies.items()
        }
        made = Exerciser(runner, plain.exercise, support)
        ends = np.array(made.poser.places(q)[0])
        return float(np.linalg.norm(ends[:, 1] - ends[:, 0]))

    for node in (3, 4):
        q, step = before.q[:, node], np.zeros(len(names))
        step[hip] = 1e-5
        slope = (length(q + step) - length(q - step)) / 2e-5
        pull = sum(
            h.stiffness / 2 * (x + np.hypot(x, band.rounding))
            for h in band.hinges
            for x in [length(q) - h.length]
        )
        assert more[node] == pytest.approx(pull * slope, abs=1e-4)
        assert abs(more[node]) > 1.0


def test_what_the_floor_cannot_hold_is_refused(runner: description.RunnerDescription) -> None:
    tall = BOOK.exercises["standing_march"].model_copy(
        update={"adjusted": ["pelvis_ty"], "balanced": False}
    )
    support = {"heel_l": BOOK.supports("standing_march")["heel_l"]}
    with pytest.raises(ValueError, match="the floor cannot hold it"):
        Exerciser(runner, tall, support).grid()


def test_a_file_adds_an_exercise_without_code(
    runner: description.RunnerDescription, tmp_path: Path
) -> None:
    text = (CHECKOUT / "models" / "exercises.yaml").read_text("utf-8")
    text += """
  my_raise:
    title: Mine
    asks: a bent leg raised
    source: invented
    joints: {pelvis_tilt: 90, hip_flexion_r: [0, 40], knee_angle_r: 45}
    adjusted: [pelvis_ty]
    lies_on: supine
    phases: [{to: 1, seconds: 1}]
    grid: {hip_flexion_r: [0, 20, 40]}
"""
    path = tmp_path / "mine.yaml"
    path.write_text(text, "utf-8")
    found = posed(runner, "my_raise", exercises.read(path)).grid()
    assert found.demand.q.shape[1] == 3
    path.write_text(text.replace("lies_on: supine\n    phases: [{to: 1, seconds: 1}]", ""), "utf-8")
    with pytest.raises(ValueError, match=r"mine.yaml: exercises.my_raise.phases"):
        exercises.read(path)

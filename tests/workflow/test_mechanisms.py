"""The article's mechanisms as keys of a study: which cases they make, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from formats.case import MECHANISMS, mechanisms
from study import arthrogenic
from study.cases import SHORT, Case, baseline, case_text, cases, free_baseline, guess, table
from study.keys import check
from study.requests import Requests
from study.workflow import Layout

STUDY: dict[str, Any] = {
    "name": "arms", "runners": ["spatial"], "problem": "predict", "speeds_m_s": [3.5],
    "arms": ["hip_flexors"], "doses_percent": [60, 100], "sides": ["both"], "cadence": ["free"],
    "habit_weights": [0], "objectives": ["free_running"], "starts": ["warm"], "mesh_intervals": 50,
}  # fmt: skip
SIZES: dict[str, list[float]] = {
    "drive_percent": [-10, 20], "reciprocal_inhibition": [0.5], "gluteal_ceiling": [0.1],
    "capsule_slack_mm": [2], "pelvic_tilt_deg": [-5],
}  # fmt: skip


def of(**keys: Any) -> list[Case]:
    return cases(check(STUDY | keys, "file.yaml"))


def test_every_mechanism_is_a_key_a_column_and_a_name() -> None:
    assert set(SIZES) == set(MECHANISMS) == set(SHORT)
    one_by_one = of(also=[{name: sizes} for name, sizes in SIZES.items()])
    with_one = [case for case in one_by_one if case.mechanisms]
    assert len(one_by_one) == 2 + 2 * sum(len(sizes) for sizes in SIZES.values())
    assert all(len(case.mechanisms) == 1 for case in with_one)
    assert len({case.case for case in one_by_one}) == len(one_by_one)
    header = table(check(STUDY | SIZES, "file.yaml")).splitlines()[0].split(",")
    assert set(MECHANISMS) <= set(header)


def test_a_study_without_is_as_it_was() -> None:
    """Names, settings and requests of plain cases hold no word of mechanisms."""
    plain = of()
    beside = of(also=[{"gluteal_ceiling": [0.1]}])
    assert plain == beside[:2]
    assert not set(MECHANISMS) & set(table(check(STUDY, "file.yaml")).splitlines()[0].split(","))
    for case in plain:
        assert not any(name in case_text(case) for name in MECHANISMS)
    layouts = [
        Layout(check(STUDY | more, "file.yaml"), Path("results"))
        for more in ({}, {"also": [{"gluteal_ceiling": [0.1]}]})
    ]
    first, second = (Requests(layout).solve(plain[1].case) for layout in layouts)
    assert first == second


def test_a_mechanism_starts_from_the_free_run_and_has_its_own_100_percent() -> None:
    study = check(STUDY | {"drive_percent": [10]}, "file.yaml")
    normal, dosed = (next(c for c in cases(study) if c.mechanisms and c.dose_percent == d)
                     for d in (100, 60))  # fmt: skip
    assert baseline(dosed) == normal
    assert guess(dosed, study) == guess(normal, study) == free_baseline(normal)
    assert not free_baseline(normal).mechanisms
    assert mechanisms({"drive_percent": 10.0, "gluteal_ceiling": 1.0}) == {"drive_percent": 10.0}


def test_controls_and_checks_have_no_mechanism() -> None:
    keys = {"controls": ["null", "negative", "step_rate", "speed"], "pelvic_tilt_deg": [5]}
    study = check(STUDY | keys | {"mesh_check": True, "sensitivity": True}, "file.yaml")
    layout = Layout(study, Path("results"))
    tilted = set(layout.mechanisms)
    assert tilted
    assert not tilted & {*layout.null_controls, *layout.checkable, *layout.differentiated}
    assert all(case.dose_percent in (60, 100) and case.arm != "control_toe_flexors"
               for case in layout.cases.values() if case.mechanisms)  # fmt: skip


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        (
            {"problem": "track", "drive_percent": [10]},
            "is not allowed with problem track; a mechanism needs",
        ),
        ({"starts": ["warm_down"], "drive_percent": [10]}, "together with start warm_down"),
        ({"objectives": ["metabolic_mix"], "pelvic_tilt_deg": [5]}, "objective metabolic_mix"),
        ({"gluteal_ceiling": [0]}, "a ceiling is a number from 0.03 to 1"),
        ({"reciprocal_inhibition": [-1]}, "an inhibition is a number from 0 to 5"),
        ({"capsule_slack_mm": [1, 1]}, "appears twice"),
        ({"drives": [10]}, "drives"),
        ({"also": [{"drive_percent": [99]}]}, "also[0].drive_percent"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(keys: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError) as error:
        of(**keys)
    assert told in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("strength", [0.5, 2.0, 3.2, 20.0])
def test_the_fixed_point_is_one(strength: float) -> None:
    """A hip whose displacement answers to the ceiling in a straight line: known in closed form."""
    slope, start = 0.2, 0.3  # mm at no excitation less than at full, mm at full
    steps = arthrogenic.settle(
        lambda ceiling: (start - slope * (1 - ceiling), 20.0),
        lambda displacement, _: arthrogenic.asked(strength, displacement),
    )
    closed = max((1 - strength * (start - slope)) / (1 + strength * slope), arthrogenic.LEAST)
    assert steps[-1].settled
    assert steps[-1].ceiling == pytest.approx(min(closed, 1.0), abs=2 * arthrogenic.CLOSE)


def test_a_margin_that_is_not_lost_inhibits_nothing() -> None:
    steps = arthrogenic.settle(
        lambda ceiling: (0.28, 25.0 + ceiling),
        lambda _, margin: arthrogenic.asked(100.0, 25.0 - margin),
    )
    assert len(steps) == 1
    assert steps[0].ceiling == steps[0].asked == 1.0

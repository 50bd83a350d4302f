"""Typed records of a case folder: what is read, what is refused, and that they are written back."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from formats.gait_events import SHORTEST_S, THRESHOLD_N, contacts, events
from formats.records import Agreement, Certificate, Settings, SolverRecord


def written(path: Path, content: object) -> Path:
    path.write_text(json.dumps(content))
    return path


def test_other_keys_are_left_alone(tmp_path: Path) -> None:
    path = written(tmp_path / "solver.json", {"status": "converged", "objective": {"effort": 1.0}})
    record = SolverRecord.of(path)
    assert record.converged
    assert (record.scheme, record.active_bounds) == ("trapezoidal", None)


def test_record_of_a_failed_solve_says_why() -> None:
    assert SolverRecord(status="failed", reason="stuck").failure.endswith("not converge: stuck")
    assert SolverRecord().failure == "the solver did not converge: no reason given"


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ({"certified": "yes"}, "certified: Input should be a valid boolean"),
        ({"reasons": []}, "certified: Field required"),
        ({"certified": True, "checks": {"speed": {}}}, "checks.speed.value: Field required"),
    ],
)
def test_certificate_that_is_none(content: object, line: str, tmp_path: Path) -> None:
    path = written(tmp_path / "certificate.json", content)
    with pytest.raises(ValueError, match=rf"^{path}: {line}$"):
        Certificate.of(path)


def test_certificate_without_an_examination_has_neither_energy_nor_report(tmp_path: Path) -> None:
    refused = Certificate(certified=False, reasons=("no motion",))
    assert list(refused.to_json()) == [
        *("certified", "reasons", "checks", "joint_moment_difference", "active_bounds"),
    ]
    examined = Certificate(certified=True, energy={"muscles_j": 1.0}, reported={"windows": 6})
    path = written(tmp_path / "certificate.json", examined.to_json())
    assert Certificate.of(path) == examined


def test_agreement_is_written_as_it_is_read(tmp_path: Path) -> None:
    move = {"change": 0.1, "smallest_effect": 0.5, "passed": True}
    compared = {"mesh_intervals": [50, 100], "passed": True, "endpoints": {"ankle_com_m": move}}
    failed = {"passed": False, "reason": "stuck", "endpoints": {}}
    for content in (compared, failed):
        found = Agreement.of(written(tmp_path / "agreement_fine.json", content))
        assert found.to_json() == content


def test_the_leg_and_the_period_follow_from_the_settings() -> None:
    assert (Settings(side="left").leg, Settings(side="both").leg) == ("l", "r")
    assert Settings(problem="predict").periodic
    assert not Settings(problem="inverse").periodic


@given(start=st.floats(0.05, 0.5), length=st.floats(0.1, 0.3), peak=st.floats(500, 2000))
def test_a_stride_and_a_trial_have_one_initial_contact(
    start: float, length: float, peak: float
) -> None:
    """The same force, as one cycle and as a trial: contact and toe-off are the same."""
    assert length > SHORTEST_S
    time = np.linspace(0.0, 1.0, 2001)
    inside = (time >= start) & (time <= start + length)
    force = np.where(inside, peak * np.sin(np.pi * (time - start) / length), 0.0)
    foot = events(time, force, 1.0)
    landing, leaving = contacts(time[:-1], force[:-1], THRESHOLD_N)
    assert foot.contact == pytest.approx(landing[0], abs=1e-12)
    assert foot.toe_off == pytest.approx(leaving[0], abs=1e-12)

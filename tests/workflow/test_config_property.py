"""Whatever a file holds: a valid study, or one line. Never another error."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from study.cases import cases
from study.keys import Study, check, read
from tests.workflow.conftest import CHECKOUT

VALID = yaml.safe_load((CHECKOUT / "tests" / "workflow" / "grid.yaml").read_text())
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=30), st.dates()
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)
DOSES = st.floats(0, 300, exclude_min=True).filter(lambda dose: dose != 100)
KEYS = st.one_of(st.sampled_from(list(Study.model_fields)), SCALARS)


def one_line(error: ValueError) -> None:
    assert "\n" not in str(error)
    assert str(error).startswith("file.yaml: ")
    assert len(str(error)) < 500


@settings(max_examples=300, deadline=None)
@given(changes=st.dictionaries(KEYS, VALUES, max_size=3))
def test_changed_keys(changes: dict[Any, Any]) -> None:
    try:
        study = check(VALID | changes, "file.yaml")
    except ValueError as error:
        one_line(error)
    else:
        assert cases(study)


@settings(max_examples=100, deadline=None)
@given(content=VALUES)
def test_any_content(content: Any) -> None:
    try:
        check(content, "file.yaml")
    except ValueError as error:
        one_line(error)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=st.binary(max_size=60))
def test_any_file(text: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / "file.yaml"
    path.write_bytes(text)
    with pytest.raises(ValueError) as caught:
        read(path)
    assert "\n" not in str(caught.value)


@settings(max_examples=200, deadline=None)
@given(
    doses=st.lists(DOSES, unique=True, max_size=4),
    speeds=st.lists(st.floats(1.5, 8), unique=True, min_size=1, max_size=2),
    weights=st.lists(st.floats(0, 1e4), unique=True, min_size=1, max_size=2),
)
def test_names_of_cases_are_unique(
    doses: list[float], speeds: list[float], weights: list[float]
) -> None:
    asked = {"doses_percent": [100, *doses], "speeds_m_s": speeds, "habit_weights": weights}
    study = check(VALID | asked | {"draws": 0, "also": [], "controls": []}, "file.yaml")
    found = cases(study)
    assert len({case.case for case in found}) == len(found)
    assert len(found) == len(speeds) * len(weights) * (1 + len(doses))

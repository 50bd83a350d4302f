"""config/schema.json refuses what the program refuses: an editor tells it before a run does."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from formats.case import ALTERED
from study.keys import VARIABLE, Study, arms, check
from study.trials import BUILT
from tests.workflow.conftest import CHECKOUT

SCHEMA = Draft202012Validator(json.loads((CHECKOUT / "config" / "schema.json").read_text()))
VALID = yaml.safe_load((CHECKOUT / "tests" / "workflow" / "grid.yaml").read_text()) | {"also": []}
ON_DISK = {"runners", "base_model", "claims", "figures"}
"""Keys whose strings name files: of those the schema knows no more than that they are strings."""
WORDS = [
    *("planar", "spatial", "predict", "track", "inverse", "both", "left", "right", "free"),
    *("locked", *ALTERED, "metabolic_mix", "activation_squared", "cold", "warm", "warm_down"),
    *("null", "negative", "step_rate", "spring", "speed", *arms(), "hip", "study", ""),
]
EDGES = [*(0, 1.5, 8, 10, 100, 300, 400, 1e4), *(-1, 99, 100.0, 50.5, 401, 300.5, 10001, 1e300)]
PLAIN = st.one_of(
    *(st.none(), st.booleans(), st.sampled_from(EDGES), st.integers(), st.sampled_from(WORDS)),
    # JSON has no nan and no infinity; Python's $ matches before a last line feed, ECMA's does not.
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=8).filter(lambda text: not text.endswith("\n")),
)
VALUES = st.one_of(PLAIN, st.lists(PLAIN, max_size=3))
LISTED = {
    "runners": st.sampled_from(BUILT), "arms": st.sampled_from(arms()),
    "cadence": st.sampled_from(["free", "locked", *ALTERED, "+7%"]),
    "doses_percent": st.one_of(st.just(100), st.sampled_from(EDGES)),
    "controls": st.sampled_from(
        ["null", None, "negative", "step_rate", "spring", "speed", "lewis"]
    ),
}  # fmt: skip


def accepted(content: dict[str, Any]) -> bool:
    try:
        check(content, "file.yaml")
    except ValueError:
        return False
    return True


def values(key: str) -> st.SearchStrategy[Any]:
    """Anything, and lists that are nearly right."""
    return st.one_of(VALUES, st.lists(LISTED.get(key, PLAIN), min_size=1, max_size=3))


def named_files(key: str, value: Any) -> bool:
    """Whether the verdict hangs on files that a schema cannot look for."""
    every = value if isinstance(value, list) else [value]
    known = BUILT if key == "runners" else ()
    return key in ON_DISK and any(isinstance(v, str) and v not in known for v in every)


@pytest.mark.parametrize("key", sorted(Study.model_fields))
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_schema_refuses_what_the_program_refuses(key: str, data: st.DataObject) -> None:
    value = data.draw(values(key))
    content = VALID | {key: value}
    if not named_files(key, value):
        assert SCHEMA.is_valid(content) == accepted(content), value


ITEM = st.fixed_dictionaries({}, optional={key: values(key) for key in (*VARIABLE, "speed")})


@settings(max_examples=150, deadline=None)
@given(item=ITEM)
@example(item={"speeds_m_s": [99]})
@example(item={"speeds_m_s": []})
@example(item={"doses_percent": [100]})
@example(item={})
def test_schema_knows_the_items_of_also(item: dict[str, Any]) -> None:
    altered = set(ALTERED) & {c for c in _listed(item, "cadence") if isinstance(c, str)}
    if altered and "warm_down" in _listed(item, "starts"):
        return  # a rule between two keys of an item is the program's alone
    if not any(named_files(key, value) for key, value in item.items()):
        content = VALID | {"also": [item]}
        assert SCHEMA.is_valid(content) == accepted(content), item


def _listed(item: dict[str, Any], key: str) -> list[Any]:
    value = item.get(key)
    return value if isinstance(value, list) else []


@pytest.mark.parametrize(
    "changes",
    [
        {"speeds_m_s": [99]},
        {"doses_percent": [60]},
        {"doses_percent": [100, 100.0]},
        {"arms": ["glutes"]},
        {"tracking_weight": -1},
        {"also": [{"doses_percent": [100, 50]}]},
        {"starts": ["warm_down"], "cadence": ["free", "+5%"]},
        {"problem": "track"},
        {"problem": "inverse"},
        {"controls": ["null", None]},
    ],
)
def test_schema_and_program_refuse(changes: dict[str, Any]) -> None:
    assert accepted(VALID) and SCHEMA.is_valid(VALID)
    assert not accepted(VALID | changes)
    assert not SCHEMA.is_valid(VALID | changes)


@pytest.mark.parametrize("name", ["study", "quick", "full"])
def test_shipped_studies_fit_the_schema(name: str) -> None:
    assert SCHEMA.is_valid(yaml.safe_load((CHECKOUT / "config" / f"{name}.yaml").read_text()))

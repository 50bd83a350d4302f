"""One sentence names where a value is, what it is and what is allowed, whatever the model."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from pydantic import Field, ValidationError

from formats.errors import sentence, written
from formats.yaml import Keys


class Sole(Keys):
    length_m: Annotated[float, Field(gt=0)]


class Shoe(Keys):
    soles: dict[str, Sole]
    sizes: int | list[int] = 1


def said(content: dict[str, Any], **more: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        Shoe.model_validate(content)
    return sentence(caught.value, Shoe, content, **more)


def test_a_place_within_a_file() -> None:
    line = said({"soles": {"left": {"length_m": -1.0}}})
    assert line == "soles.left.length_m: -1.0 is not allowed; it should be greater than 0"


def test_what_lacks() -> None:
    assert said({"soles": {"left": {}}}) == "soles.left.length_m: missing"
    assert said({}, allowed=lambda _: "soles are two") == "soles: missing; soles are two"


def test_a_key_that_is_not_known_here() -> None:
    line = said({"soles": {"left": {"length_m": 0.3, "lenght": 1}}})
    assert line == (
        "soles.left.lenght: unknown key, perhaps length_m is meant; allowed are length_m"
    )


def test_members_of_a_union_are_no_place_and_further_faults_are_counted() -> None:
    line = said({"soles": {}, "sizes": [1, "x"]})
    assert line.startswith("sizes: [1, 'x'] is not allowed; ")
    assert line.endswith(" (and 1 more)")


def test_a_place_in_words() -> None:
    assert written(("claims", "landing", "primary", 0)) == "claims.landing.primary[0]"

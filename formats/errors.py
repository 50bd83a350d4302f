"""One sentence for a value that is not allowed: where it is, what it is, and what is allowed.

All models that files of others are checked against (a study's keys, claims, figure settings,
runner.yaml, a runner's description) have their errors said here.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from formats.text import shown

Place = tuple[str | int, ...]
"""Keys and positions that lead to a value within a file."""


def sentence(
    error: ValidationError,
    model: type[BaseModel],
    content: Any = None,
    allowed: Callable[[Place], str] = lambda _: "",
) -> str:
    """The first fault in one line, without the file's name, and how many more there are.

    model: what was checked. content: the value that was checked; without it, names that pydantic
    gives to the members of a union stay in the place.
    allowed: what may stand at a place, in words; empty: pydantic's words.
    """
    faults = error.errors(include_url=False)
    more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    return " ".join(f"{_said(faults[0], model, content, allowed)}{more}".split())


def unknown(key: object, keys: Iterable[str]) -> str:
    """The sentence for a key that is none of `keys`."""
    names = list(keys)
    near = difflib.get_close_matches(str(key), names, n=1)
    hint = f", perhaps {near[0]} is meant" if near else ""
    return f"{shown(key).strip(chr(39))}: unknown key{hint}; allowed are {', '.join(names)}"


def written(place: Place) -> str:
    """A place as it is written in messages: `claims.landing.primary[0]`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)
    return text.removeprefix(".")


def _said(
    fault: ErrorDetails,
    model: type[BaseModel],
    content: Any,
    allowed: Callable[[Place], str],
) -> str:
    place = fault["loc"] if content is None else _within(content, fault["loc"])
    text = str(fault["msg"]).removeprefix("Value error, ").replace("Input should", "it should")
    if fault["type"] == "extra_forbidden":
        above = written(place[:-1])
        return f"{above}{'.' if above else ''}{unknown(place[-1], _keys(model, place[:-1]))}"
    if not place:
        return text
    where, words = written(place), allowed(place)
    if fault["type"] == "missing":
        return f"{where}: missing{'; ' if words else ''}{words}"
    if fault["type"] == "value_error" and "; " in text:
        return f"{where}: {text}"
    return f"{where}: {shown(fault['input'])} is not allowed; {words or text}"


def _within(content: Any, place: Place) -> Place:
    """The parts of a place that stand in the content; its last key may be the one that lacks."""
    found: list[str | int] = []
    for position, part in enumerate(place):
        if isinstance(content, dict) and isinstance(part, str):
            if position < len(place) - 1 and _is_name(content, part, place[position + 1]):
                continue
            content = content.get(part)
        elif isinstance(content, list | tuple) and isinstance(part, int):
            content = content[part] if part < len(content) else None
        else:
            continue
        found.append(part)
    return tuple(found)


def _is_name(content: dict[Any, Any], part: str, following: str | int) -> bool:
    """Whether a part is pydantic's name of a union's member; a key may be called the same."""
    below = content.get(part)
    elsewhere = isinstance(below, dict) and following not in below and following in content
    return part not in content or elsewhere


def _keys(model: type[BaseModel], place: Place) -> Iterable[str]:
    """Keys of the model that stands at a place."""
    for part in place:
        if isinstance(part, str) and part in model.model_fields:
            model = next(_models(model.model_fields[part].annotation), model)
    return model.model_fields


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)

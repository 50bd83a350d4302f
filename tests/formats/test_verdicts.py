"""claims.json of the kept results against the records that name its keys, and back to the file."""

from __future__ import annotations

import json
import types
import typing
from pathlib import Path

import pytest

from formats import verdicts
from formats.checkout import CHECKOUT
from formats.verdicts import ClaimVerdict

KEPT = CHECKOUT / "results" / "reference" / verdicts.FILE


def faults(value: object, kind: object, where: str) -> list[str]:
    """Where a JSON value is not of a type: keys that lack or have no name, values of another."""
    origin, inside = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.NotRequired, typing.Required):
        return faults(value, inside[0], where)
    if origin in (typing.Union, types.UnionType):
        every = [faults(value, one, where) for one in inside]
        return min(every, key=len)
    if typing.is_typeddict(kind):
        named = typing.get_type_hints(kind, include_extras=True)
        if not isinstance(value, dict):
            return [f"{where}: no object"]
        optional = {
            key for key, one in named.items() if typing.get_origin(one) is typing.NotRequired
        } | set(kind.__optional_keys__)
        found = [f"{where}: {key} lacks" for key in set(named) - optional - set(value)]
        found += [f"{where}: {key} has no name" for key in set(value) - set(named)]
        shared = [key for key in value if key in named]
        return found + [
            f for key in shared for f in faults(value[key], named[key], f"{where}.{key}")
        ]
    if origin in (dict, list) and not isinstance(value, origin):
        return [f"{where}: {value!r} is no {kind}"]
    if origin is dict and isinstance(value, dict):
        return [f for key, one in value.items() for f in faults(one, inside[1], f"{where}.{key}")]
    if origin is list and isinstance(value, list):
        return [f for i, one in enumerate(value) for f in faults(one, inside[0], f"{where}[{i}]")]
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return []
    return [] if isinstance(value, kind) else [f"{where}: {value!r} is no {kind}"]


def test_every_key_of_the_kept_verdicts_has_its_name_and_type() -> None:
    claims = verdicts.read(KEPT)
    assert claims
    assert [f for name, entry in claims.items() for f in faults(entry, ClaimVerdict, name)] == []


def test_another_key_or_type_is_seen() -> None:
    entry = json.loads(KEPT.read_text())["landing"]
    entry["strata"][0]["primary"][0]["rhos"] = 1.0
    entry["counts"]["cases"] = "many"
    del entry["trust"]
    assert len(faults(entry, ClaimVerdict, "landing")) == 3


def test_read_and_written_the_file_is_the_same(tmp_path: Path) -> None:
    verdicts.write(tmp_path / "claims.json", verdicts.read(KEPT))
    assert (tmp_path / "claims.json").read_bytes() == KEPT.read_bytes()


def test_what_holds_no_verdict_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "claims.json"
    path.write_text('{"landing": {"verdict": "supported"}}')
    with pytest.raises(ValueError, match="claim landing has no verdict with its strata"):
        verdicts.read(path)

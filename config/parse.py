"""YAML files read safely, each fault in one line."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TextIO

import yaml

from simulations.files import said
from simulations.untrusted import CONFIG_MB, read_text


def shown(value: Any) -> str:
    """A value for an error message: on one line, and short."""
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else text[:57] + "..."


class _Loader(yaml.SafeLoader):
    """YAML in which a key that stands twice is an error, not a silent loss of the first.

    Aliases are refused: a few lines of them can stand for gigabytes.
    """

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            event = self.get_event()
            raise yaml.MarkedYAMLError(
                problem=f"alias '*{event.anchor}'; write the value out",
                problem_mark=event.start_mark,
            )
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key_node, _ in node.value:
            if key_node.value in seen:
                raise ValueError(f"{shown(key_node.value)}: key stands twice; it may stand once")
            if isinstance(key_node.value, str):
                seen.add(key_node.value)
        return super().construct_mapping(node, deep)


def parse(source: Path | str | TextIO) -> Any:
    """Content of a YAML file (or stream). Raises ValueError, one line, when it is not YAML."""
    path = source if isinstance(source, Path | str) else source.name
    try:
        if isinstance(source, Path | str):
            if not Path(source).exists():
                raise ValueError(f"{path}: no such file; name a study's YAML file")
            text = read_text(source, CONFIG_MB)
        else:
            text = source.read()
    except (ValueError, OSError) as error:
        raise ValueError(said(error)) from None
    try:
        return yaml.load(text, _Loader)
    except yaml.MarkedYAMLError as error:
        at = f" in line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise ValueError(f"{path}: not valid YAML{at}: {error.problem}") from None
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        raise ValueError(f"{path}: {' '.join(str(error).split())}") from None

"""The one reader of YAML, and the base of the models that its content is checked against.

No aliases (a few lines of them can stand for gigabytes), no merge keys, no key twice, no code, and
limits to a file's size, to the number of its values and to the length of one.
"""

from __future__ import annotations

import copy
from functools import lru_cache
from pathlib import Path
from typing import Any, TextIO, get_origin

import yaml
from pydantic import BaseModel, ConfigDict, ValidationInfo, field_validator

from formats.text import CONFIG_MB, read_text, shown

MOST_VALUES = 20_000
LONGEST_VALUE = 10_000
"""Characters. The reader of numbers such as 1:30:00 takes time with the square of their length."""
MERGE = "tag:yaml.org,2002:merge"


class Keys(BaseModel):
    """Base of what a YAML file's keys are: no others, no true for 1, no text for a number."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def _sequence(cls, value: Any, info: ValidationInfo) -> Any:
        # YAML has one kind of sequence; a strict model would not take a list for a tuple.
        field = cls.model_fields[str(info.field_name)]
        if type(value) is list and get_origin(field.annotation) is tuple:
            return tuple(value)
        return value


class _Loader(yaml.SafeLoader):
    """YAML as described above; a fault is raised with its line."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.values = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event = self.peek_event()
        self.values += 1
        if isinstance(event, yaml.AliasEvent):
            raise _fault(f"alias '*{event.anchor}'; write the value out", event.start_mark)
        if self.values > MOST_VALUES:
            raise _fault(f"more than {MOST_VALUES} values", event.start_mark)
        if isinstance(event, yaml.ScalarEvent) and len(event.value) > LONGEST_VALUE:
            raise _fault(f"a value of more than {LONGEST_VALUE} characters", event.start_mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        for key, _ in node.value:
            if key.tag == MERGE:
                raise _fault("merge key '<<'; write the keys out", key.start_mark)
        content = super().construct_mapping(node, deep)
        if len(content) < len(node.value):
            seen: set[Any] = set()
            for key_node, _ in node.value:
                key = self.construct_object(key_node, deep=True)
                if key in seen:
                    raise ValueError(f"{shown(key)}: key appears twice; it may appear once")
                seen.add(key)
        return content


def _fault(problem: str, mark: Any) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=problem, problem_mark=mark)


def as_text(content: Any) -> str:
    """A file that `read` gives back as this content: mappings, lists, texts, numbers."""
    return yaml.safe_dump(content, sort_keys=False, allow_unicode=True)


def read(source: Path | str | TextIO) -> Any:
    """Content of a YAML file, or of an open stream; None if it is empty.

    Raises ValueError, one line that begins with the file, when it is missing or not such YAML.
    """
    if isinstance(source, Path | str):
        return parse(read_text(source, CONFIG_MB), str(source))
    return parse(source.read(), source.name)


def parse(text: str, source: str) -> Any:
    """Content of YAML as a text; source: its file, for the message. ValueError as for `read`."""
    return copy.deepcopy(_parsed(text, source))


@lru_cache(maxsize=64)
def _parsed(text: str, source: str) -> Any:
    """A text parsed once: people.yaml takes 80 ms, and a plan asks for it at every person."""
    try:
        return yaml.load(text, _Loader)
    except yaml.MarkedYAMLError as error:
        at = f" in line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise ValueError(f"{source}: not valid YAML{at}: {error.problem}") from None
    except RecursionError:
        raise ValueError(f"{source}: not valid YAML: nested too deeply") from None
    except (yaml.YAMLError, ValueError, TypeError) as error:
        raise ValueError(f"{source}: {' '.join(str(error).split())}") from None

"""What pydantic leaves out of a study's JSON schema: rules of a whole list, and between keys.

Limits of single values stand at the keys themselves (study.values, study.keys); what hangs on
files (a runner's folder, an own model) no schema can tell.
"""

from __future__ import annotations

from typing import Any

from formats.case import ALTERED
from study import mechanisms, trials

ONE_SPEED = {"properties": {"speeds_m_s": {"minItems": 1}}}
"""Only measured runners bring their own speed."""


def complete(schema: dict[str, Any], variable: tuple[str, ...], upright: list[str]) -> None:
    """Add those rules to the schema of a study; variable: keys that an item of `also` may change.

    upright: the objectives that hold the trunk.
    The same refusals as study.keys's, for tools that know the schema alone.
    """
    properties = schema["properties"]
    properties["doses_percent"]["contains"] = {"const": 100}
    properties["controls"]["not"] = {
        "allOf": [{"contains": {"const": None}}, {"contains": {"const": "null"}}]
    }
    properties["also"]["items"] = {
        "type": "object",
        "minProperties": 1,
        "additionalProperties": False,
        "properties": {key: {"$ref": f"#/properties/{key}"} for key in variable},
    }
    built = {
        "anyOf": [
            {"enum": [*trials.BUILT, trials.PEOPLE]},
            {"pattern": f"^{trials.PERSON.pattern}$"},
        ]
    }
    needed = [key for key in schema["required"] if key not in {*trials.FIXED, *trials.USUAL}]
    others = [key for key in schema["required"] if key not in needed]
    schema["required"] = needed
    schema["if"] = {"properties": {"problem": {"enum": list(trials.PROBLEMS)}}}
    schema["then"] = {
        "properties": {
            **{key: {"const": value} for key, value in trials.FIXED.items()},
            "runners": {"items": {"not": built}},
            "controls": {"items": {"const": "negative"}},
        }
    }
    schema["else"] = {
        "required": others,
        "properties": {
            **ONE_SPEED["properties"],
            "runners": {"contains": built},
            "also": {"items": ONE_SPEED},
        },
    }
    free = {"habit_weights": {"const": [0]}, "cadence": {"const": ["free"]}}
    walked = {
        "properties": {"starts": {"contains": {"const": "warm_down"}}},
        "required": ["starts"],
    }
    schema["allOf"] = [
        {
            "if": {"properties": {"runners": {"contains": {"const": trials.PEOPLE}}}},
            "then": {"required": ["people"], "properties": {"people": {"not": {"type": "null"}}}},
        },
        {
            "if": {"properties": {"problem": {"const": "track"}}},
            "then": {"properties": {**free, "controls": {"maxItems": 0}}},
        },
        {
            "if": {**walked, "required": ["starts"]},
            "then": {
                "properties": {
                    "cadence": {"items": {"not": {"enum": list(ALTERED)}}},
                    "drive_percent": {"const": mechanisms.none()["drive_percent"]},
                }
            },
        },
        {
            "if": {"properties": {"problem": {"not": {"const": "predict"}}}},
            "then": {"properties": {k: {"const": v} for k, v in mechanisms.none().items()}},
        },
        {
            "if": {
                "properties": {"pelvic_tilt_deg": {"not": {"const": [0]}}},
                "required": ["pelvic_tilt_deg"],
            },
            "then": {"properties": {"objectives": {"items": {"enum": upright}}}},
        },
    ]

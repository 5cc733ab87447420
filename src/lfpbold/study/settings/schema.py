"""What the JSON schema of the config declares of each setting: default, stages that read it, columns that override it.

The schema is made from the model (`generate`). It is read instead of the model, so that no job imports pydantic.
"""

from __future__ import annotations

import copy
import json
from functools import cache

from .yaml_files import schema_file


@cache
def read() -> dict:
    """The schema; a setting has its `default` and, where they apply, `x-unit`, `x-stages` and `x-column`."""
    return json.loads(schema_file().read_text(encoding="utf-8"))


def defaults(section: str) -> dict:
    """Default of every setting of a section, or the default table of `sites`, `states`, `bands` or `variants`.

    Raises
    ------
    KeyError
        For a section that does not exist.

    Examples
    --------
    >>> defaults("bold")["band_pass_hz"]
    [0.01, 0.1]
    """
    content = read()["properties"][section]
    if "properties" not in content:
        return copy.deepcopy(content["default"])
    return {name: copy.deepcopy(setting["default"]) for name, setting in content["properties"].items()}


def columns() -> dict[str, dict]:
    """The settings of `input` that a column of the sheet may override, each with its part of the schema.

    `x-column` is `run` where all rows of one run must agree, and `recording` where each row has its own.
    """
    properties = read()["properties"]["input"]["properties"]
    return {name: setting for name, setting in properties.items() if setting.get("x-column")}


@cache
def read_by() -> dict[str, tuple]:
    """What each stage reads: (section, key or "" for all of it, condition) in the order of the config.

    The condition is a dictionary of `section.key` to the values at which the setting is read, or None for always.
    """
    stages: dict[str, list] = {}
    for section, content in read()["properties"].items():
        parts = content.get("properties", {"": content})
        for key, setting in parts.items():
            for stage, condition in setting.get("x-stages", {}).items():
                stages.setdefault(stage, []).append((section, key, condition))
    return {stage: tuple(settings) for stage, settings in stages.items()}


def allowed(content: dict) -> str:
    """What a schema allows, in words: `0 to 100`, `linear, constant`, `2 × (0.0001 to 100000) or null`.

    Examples
    --------
    >>> allowed({"type": ["number", "null"], "exclusiveMinimum": 0, "maximum": 1})
    'above 0 to 1 or null'
    """
    if "anyOf" in content:
        return " or ".join(allowed(part) for part in content["anyOf"])
    if "enum" in content:
        return ", ".join(map(str, content["enum"]))
    if "const" in content:
        return str(content["const"])
    types = [content["type"]] if isinstance(content.get("type"), str) else content.get("type", [])
    words = [_WORDS[kind](content) for kind in types]
    return " or ".join(words) or "any value"


def _numbers(content: dict) -> str:
    low = f"{content['minimum']:.10g}" if "minimum" in content else ""
    low = f"above {content['exclusiveMinimum']:.10g}" if "exclusiveMinimum" in content else low
    high = f"{content['maximum']:.10g}" if "maximum" in content else ""
    high = f"below {content['exclusiveMaximum']:.10g}" if "exclusiveMaximum" in content else high
    text = f"{low} to {high}" if low and high else low or high or "number"
    return text + (", not 0" if content.get("not") == {"const": 0} else "")


def _list(content: dict) -> str:
    low, high, items = content.get("minItems", 0), content.get("maxItems"), allowed(content.get("items", {}))
    return f"{low} × ({items})" if low == high else f"list of {items}"


_WORDS = {
    "number": _numbers,
    "integer": lambda content: f"integer {_numbers(content)}",
    "string": lambda content: "text",
    "boolean": lambda content: "true, false",
    "null": lambda content: "null",
    "array": _list,
    "object": lambda content: "table",
}

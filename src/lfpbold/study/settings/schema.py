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

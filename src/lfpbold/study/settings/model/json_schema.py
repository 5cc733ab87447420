"""The JSON schema that comes of the model."""

from __future__ import annotations

import inspect

import yaml

from . import Settings
from .fields import Section

COMMAND = "python -m lfpbold.study.settings.generate"


def schema() -> dict:
    """The JSON schema of the config, with the stages that read each setting and the columns that override it."""
    content = plain(Settings.model_json_schema())
    for name, field in Settings.model_fields.items():
        if section := section_of(field):
            stages = dict.fromkeys(section.read_by) | section.read_when
            for setting in content["properties"][name]["properties"].values():
                setting["x-stages"] = stages | setting.get("x-stages", {})
        elif isinstance(field.default, dict):
            content["properties"][name]["default"] = field.default  # in its order, which pydantic changes
    about = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Settings of lfpbold"}
    return about | {"$comment": f"Made by `{COMMAND}`"} | content | {"required": list(content["properties"])}


def section_of(field) -> type[Section] | None:
    """The class of a field of `Settings` that is a section; None for single settings and tables."""
    kind = field.annotation
    return kind if inspect.isclass(kind) and issubclass(kind, Section) else None


def flow(value) -> str:
    """A value as YAML on one line, keys in their order."""
    text = yaml.safe_dump(value, default_flow_style=True, width=1000, sort_keys=False, allow_unicode=True).strip()
    return text.removesuffix("...").strip()


def plain(content: dict) -> dict:
    """Pydantic's schema in a form that gives clear error messages.

    References are resolved and titles removed; alternatives that differ in type become one list of types, so that an
    error names the type or the bound and not "any of the given schemas"; patterns of names become `propertyNames`.
    """
    definitions = content.get("$defs", {})

    def walk(node):
        if isinstance(node, list):
            return [walk(item) for item in node]
        if not isinstance(node, dict):
            return node
        if "$ref" in node:
            node = {**definitions[node["$ref"].rpartition("/")[2]], **{k: v for k, v in node.items() if k != "$ref"}}
        node = {key: _walk_value(key, value, walk) for key, value in node.items() if key not in ("title", "$defs")}
        if {"enum", "const"} & node.keys():
            node.pop("type", None)  # a value of another type is reported as not allowed
        if patterns := node.pop("patternProperties", None):
            ((pattern, node["additionalProperties"]),) = patterns.items()
            node["propertyNames"] = {"pattern": pattern, **node.get("propertyNames", {})}
        return _merged(node)

    return walk(content)


def _walk_value(key: str, value, walk):
    """Names of properties, and defaults, are the user's and not keywords of the schema."""
    if key in ("default", "examples") or key.startswith("x-"):
        return value
    if key == "properties":
        return {name: walk(content) for name, content in value.items()}
    return walk(value)


def _merged(node: dict) -> dict:
    """A node whose `anyOf` differ in type alone, as one with a list of types; any other as it is."""
    parts = node.get("anyOf", [])
    kinds = [part.get("type") for part in parts]
    plain_types = all(isinstance(kind, str) for kind in kinds) and len(set(kinds)) == len(kinds)
    if not parts or not plain_types:
        return node
    merged = {"type": kinds}
    for part in parts:
        merged |= {key: value for key, value in part.items() if key not in ("type", "default")}
    return merged | {key: value for key, value in node.items() if key != "anyOf"}

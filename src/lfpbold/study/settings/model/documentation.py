"""The page of the documentation that comes of the model."""

from __future__ import annotations

import textwrap

from ..schema import allowed
from ..variants import SHARED
from .json_schema import COMMAND, flow, schema


def documentation() -> str:
    """`docs/settings.md`: a table for each section."""
    properties = schema()["properties"]
    single = {name: content for name, content in properties.items() if content["type"] != "object"}
    parts = [_ABOUT, "## Of the study", *_table(single)]
    for name, content in properties.items():
        if name not in single:
            parts += [f"## `{name}`", _prose(content), *_section(name, content)]
    return "\n\n".join(part for part in parts if part) + "\n"


_SHARED = ", ".join(f"`{name}`" for name in SHARED[:-1])
_ABOUT = f"""# Settings

Every setting of [config/config.yaml](../config/config.yaml): its default, its unit, what is allowed, the stages that
read it (where it changes, these stages and what follows them are computed again), and why. This page is made by
`{COMMAND}`; write into `src/lfpbold/study/settings/model/` instead.

A setting may be changed in a study's own config and in a variant; {_SHARED}
have one value for all variants. `column`: a column of the same name in the sheet overrides the setting, in each row
(`row`) or alike in all rows of one run (`run`)."""


def _prose(content: dict) -> str:
    return "\n".join(textwrap.wrap(content.get("description", ""), 120, break_on_hyphens=False))


def _section(name: str, content: dict) -> list[str]:
    if "properties" in content:
        return _table(content["properties"])
    entry = content["additionalProperties"]
    entry = next((part for part in entry.get("anyOf", [entry]) if "properties" in part), entry)
    parts = [_prose(entry), *_table({name: {**content, "description": ""}})]
    return [*parts, "Each entry may have:", *_table(entry["properties"])] if "properties" in entry else parts


def _table(properties: dict) -> list[str]:
    """What is the same for all settings in a line of its own, and a table without the columns that are empty."""
    rows = [_row(name, content) for name, content in properties.items()]
    stages = {row["stages"] for row in rows}
    shared = f"Read by {stages.pop()}." if len(stages) == 1 and rows[0]["stages"] else ""
    header = [key for key in rows[0] if any(row[key] for row in rows) and not (key == "stages" and shared)]
    lines = [header, ["---"] * len(header), *([row[key].replace("|", "\\|") for key in header] for row in rows)]
    return [shared, "\n".join(f"| {' | '.join(line)} |" for line in lines)]


def _row(name: str, content: dict) -> dict[str, str]:
    return {
        "setting": f"`{name}`",
        "default": f"`{flow(content['default'])}`" if "default" in content and "x-form" not in content else "",
        "unit": content.get("x-unit", ""),
        "allowed": allowed(content),
        "stages": ", ".join(_stage(*item) for item in content.get("x-stages", {}).items()),
        "column": {"recording": "row", "run": "run"}.get(content.get("x-column", ""), ""),
        "reason": " ".join(content.get("description", "").split()),
    }


def _stage(name: str, condition: dict | None) -> str:
    where = (f"`{key}` is {' or '.join(f'`{v}`' for v in values)}" for key, values in (condition or {}).items())
    return f"`{name}`" + "".join(f" where {text}" for text in where)

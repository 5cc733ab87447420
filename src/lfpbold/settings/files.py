"""Configuration files: where the defaults lie, how YAML is read, and how one file is laid over another."""

from __future__ import annotations

import copy
from pathlib import Path

import yaml

from ..errors import InputError

# Tables keyed by names of the user's own: a study that names its sites does not also get ours.
TABLES = ("sites", "states", "bands", "variants")


def default_file() -> Path:
    """The complete default configuration: the repository's own, or the copy inside an installed package."""
    repository = Path(__file__).resolve().parents[3] / "config" / "config.yaml"
    return repository if repository.is_file() else Path(__file__).parents[1] / "defaults" / "config.yaml"


def schema_file() -> Path:
    """The JSON Schema of the configuration, from the same place."""
    repository = Path(__file__).resolve().parents[3] / "workflow" / "schemas"
    folder = repository if repository.is_dir() else Path(__file__).parents[1] / "defaults" / "schemas"
    return folder / "config.schema.yaml"


FAST = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # in C where libyaml is there: a tenth of the time


class _Loader(FAST):
    """Plain YAML in which a key may stand only once: the last of two would silently replace the first."""


def _mapping(loader, node):
    keys = [loader.construct_object(key) for key, _ in node.value]
    repeated = next((key for i, key in enumerate(keys) if key in keys[:i]), None)
    if repeated is not None:
        line = next(key.start_mark.line for key, _ in reversed(node.value) if loader.construct_object(key) == repeated)
        raise yaml.YAMLError(f"line {line + 1}: the key `{repeated}` stands twice")
    if not all(isinstance(key, str) for key in keys):
        raise yaml.YAMLError(f"line {node.start_mark.line + 1}: names must be text; write them in quotes")
    return loader.construct_mapping(node, deep=True)


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)
# A date stays the text that it is in the sheet.
_Loader.add_constructor("tag:yaml.org,2002:timestamp", lambda loader, node: loader.construct_scalar(node))


def read_yaml(path) -> dict:
    """Read one YAML mapping; an unreadable file, or one that holds something else, is an `InputError`."""
    try:
        content = yaml.load(Path(path).read_text(encoding="utf-8"), Loader=_Loader)
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such config file; give the path of an existing one") from None
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as error:
        reason = " ".join(str(error).split())
        raise InputError(f"{path}: not readable as YAML ({reason}); correct the line that it names") from None
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise InputError(f"{path}: holds no settings; write `key: value` lines, see config/config.yaml")
    return content


def merge(base: dict, overrides: dict, tables: tuple = TABLES) -> dict:
    """Overlay `overrides` on `base`: sections key by key, tables as a whole."""
    merged = copy.deepcopy(base)
    for key, value in overrides.items():
        if key not in tables and isinstance(value, dict) and isinstance(merged.get(key), dict):
            merged[key].update(copy.deepcopy(value))
        else:
            merged[key] = copy.deepcopy(value)
    return merged

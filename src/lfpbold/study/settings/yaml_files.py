"""Configuration files: where the defaults are, how YAML is read, and how one file is merged into another."""

from __future__ import annotations

import copy
from pathlib import Path

import yaml

from ...errors import InputError
from ...recordings.special_files import special_kind

# Tables keyed by names of the user's own: a study that names its sites does not also get ours.
TABLES = ("sites", "states", "bands", "variants")


def default_file() -> Path:
    """The complete default configuration: the repository's own, or the copy inside an installed package."""
    repository = Path(__file__).resolve().parents[4] / "config" / "config.yaml"
    return repository if repository.is_file() else Path(__file__).parents[2] / "defaults" / "config.yaml"


def schema_file() -> Path:
    """The JSON schema of the configuration, from the same place."""
    repository = Path(__file__).resolve().parents[4] / "workflow" / "schemas"
    folder = repository if repository.is_dir() else Path(__file__).parents[2] / "defaults" / "schemas"
    return folder / "config.schema.json"


FAST = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # in C where libyaml is there: for our own files alone
LARGEST = 4_000_000  # bytes of a configuration file; that of ten thousand variants has three million
DEEPEST, MOST = 20, 1_000_000  # levels of nesting; values, each as often as an alias repeats it


class _Loader(yaml.SafeLoader):
    """Plain YAML in which keys are unique: the second of two would silently replace the first.

    No deeper than any setting lies, and without aliases of aliases, which can make a few lines larger than any memory.
    """

    def __init__(self, text: str):
        super().__init__(text)
        self._depth = 0

    def compose_node(self, parent, index):
        self._depth += 1
        if self._depth > DEEPEST:
            raise yaml.YAMLError(f"line {self.peek_event().start_mark.line + 1}: nested too deeply (limit {DEEPEST})")
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node

    def get_single_node(self):
        node = super().get_single_node()
        if node is not None and _n_values(node, {}) > MOST:
            raise yaml.YAMLError(f"more than {MOST} values, counting those that aliases repeat")
        return node


def _n_values(node, known: dict) -> int:
    """How many values a node holds, each as often as it is repeated; a node that contains itself counts as too many."""
    if isinstance(node, yaml.ScalarNode):
        return 1
    if id(node) not in known:
        known[id(node)] = MOST + 1
        parts = [part for pair in node.value for part in pair] if isinstance(node, yaml.MappingNode) else node.value
        known[id(node)] = 1 + sum(_n_values(part, known) for part in parts)
    return known[id(node)]


class _OwnLoader(FAST):
    """The same for the defaults, which are ours and neither deep nor large, in a tenth of the time."""


def _mapping(loader, node):
    seen: set = set()
    for key_node, _ in node.value:
        key = loader.construct_object(key_node)
        if not isinstance(key, str):
            raise yaml.YAMLError(f"line {key_node.start_mark.line + 1}: keys must be text; write them in quotes")
        if key in seen:
            raise yaml.YAMLError(f"line {key_node.start_mark.line + 1}: the key `{key}` is duplicated")
        seen.add(key)
    return loader.construct_mapping(node, deep=True)


for loader in (_Loader, _OwnLoader):
    loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)
    # A date stays the text that it is in the sheet.
    loader.add_constructor("tag:yaml.org,2002:timestamp", lambda loader, node: loader.construct_scalar(node))


def read_yaml(path) -> dict:
    """Read one YAML mapping; an unreadable file, or one with other content, is an `InputError`."""
    if kind := special_kind(path):
        raise InputError(f"{path}: is {kind}, not a config file; give the path of a YAML file")
    try:
        if Path(path).stat().st_size > LARGEST:
            raise InputError(f"{path}: is larger than {LARGEST / 1e6:g} MB, too large for a config; give another file")
        content = _parsed(Path(path).read_text(encoding="utf-8-sig"), _OwnLoader if path == default_file() else _Loader)
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such config file; give the path of an existing one") from None
    except UnicodeDecodeError:
        raise InputError(f"{path}: is not UTF-8 text; save it as UTF-8") from None
    except (yaml.YAMLError, OSError) as error:
        reason = " ".join(str(error).split())
        raise InputError(f"{path}: not readable as YAML ({reason}); correct the line that it names") from None
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise InputError(f"{path}: contains no settings; write `key: value` lines, see config/config.yaml")
    return content


def _parsed(text: str, loader):
    """The content of YAML text; a value that does not match its tag is a YAML error too."""
    try:
        return yaml.load(text, Loader=loader)
    except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError) as error:
        if isinstance(error, UnicodeDecodeError):
            reason = "a value does not match its tag"
        else:
            reason = " ".join(str(error).split())[:120]
        raise yaml.YAMLError(reason) from None


def merge(base: dict, overrides: dict, tables: tuple = TABLES) -> dict:
    """Overlay `overrides` on `base`: sections key by key, tables as a whole."""
    merged = copy.deepcopy(base)
    for key, value in overrides.items():
        if key not in tables and isinstance(value, dict) and isinstance(merged.get(key), dict):
            merged[key].update(copy.deepcopy(value))
        else:
            merged[key] = copy.deepcopy(value)
    return merged

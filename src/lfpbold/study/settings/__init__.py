"""Resolves the configuration: defaults, the study's own file, variants, and the checks between its fields."""

from .config import load
from .stages import FOLLOWS, SECTIONS, band_names, digest, owner, owners, stretch_settings, together, upstream
from .validation import require_files, validate
from .variants import SHARED, choices, count, multiverses, variant
from .yaml_files import TABLES, default_file, merge, read_yaml

__all__ = [
    "FOLLOWS",
    "SECTIONS",
    "SHARED",
    "TABLES",
    "band_names",
    "choices",
    "count",
    "default_file",
    "digest",
    "load",
    "merge",
    "multiverses",
    "owner",
    "owners",
    "read_yaml",
    "require_files",
    "stretch_settings",
    "together",
    "upstream",
    "validate",
    "variant",
]

"""Resolves the configuration: defaults, the study's own file, variants, and the checks between its fields."""

from .config import load
from .schema import defaults
from .stages import FOLLOWS, STAGES, band_names, digest, owner, owners, stage_settings, upstream, with_upstream
from .validation import require_files, validate, validate_section
from .variants import SHARED, choices, count, multiverses, variant
from .yaml_files import TABLES, default_file, merge, read_yaml

__all__ = [
    "FOLLOWS",
    "SHARED",
    "STAGES",
    "TABLES",
    "band_names",
    "choices",
    "count",
    "default_file",
    "defaults",
    "digest",
    "load",
    "merge",
    "multiverses",
    "owner",
    "owners",
    "read_yaml",
    "require_files",
    "stage_settings",
    "upstream",
    "validate",
    "validate_section",
    "variant",
    "with_upstream",
]

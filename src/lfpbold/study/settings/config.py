"""From files and overrides to the complete configuration of a run."""

from __future__ import annotations

import copy
import datetime
from pathlib import Path

from .validation import refuse_results, validate, validate_form
from .variants import expand
from .yaml_files import default_file, merge, read_yaml


def load(files=(), overrides: dict | None = None) -> dict:
    """Resolve the configuration of a run.

    Parameters
    ----------
    files : sequence of path
        Configuration files, later ones over earlier ones, over the defaults. Empty: the defaults alone.
    overrides : dict, optional
        Further settings over all files, such as those of the command line.

    Returns
    -------
    settings : dict
        Complete and validated; the paths of inputs are absolute, and each variant is complete in itself: what it
        inherits is written out, and the combinations of a grid are variants of their own.

    Raises
    ------
    InputError
        For anything that is misspelt, of the wrong type or in conflict with another setting.
    """
    settings: dict = {}
    for path in [default_file(), *files]:
        content = read_yaml(path)
        _anchor(content, Path(path).resolve().parent)
        settings = merge(settings, content)
    content = _dates_as_text(copy.deepcopy(overrides or {}))
    _anchor(content, Path.cwd())
    settings = merge(settings, content)
    where = str(files[-1]) if files else str(default_file())
    validate_form(settings, where)
    settings = expand(settings, where)
    validate(settings, where)
    refuse_results(settings, where)
    return settings


def _dates_as_text(content):
    """Dates as the sheet writes them: the command line's own reader makes them objects."""
    if isinstance(content, dict):
        return {key: _dates_as_text(value) for key, value in content.items()}
    if isinstance(content, list):
        return [_dates_as_text(value) for value in content]
    return content.isoformat() if isinstance(content, datetime.date) else content


def _anchor(content: dict, folder: Path) -> None:
    """Make the paths of inputs absolute: they are relative to the file that names them."""
    if isinstance(content.get("recordings"), str):
        content["recordings"] = str(folder / content["recordings"])
    variants = content.get("variants")
    variants = [v for v in variants.values() if isinstance(v, dict)] if isinstance(variants, dict) else []
    for section in [content, *variants]:
        atlas = section.get("atlas")
        if isinstance(atlas, dict):
            atlas.update({k: str(folder / v) for k, v in atlas.items() if isinstance(v, str)})
        for site in (section.get("sites") or {}).values() if isinstance(section.get("sites"), dict) else ():
            if isinstance(site, dict) and isinstance(site.get("seed_mask"), str):
                site["seed_mask"] = str(folder / site["seed_mask"])
    for grid in [v["grid"] for v in variants if isinstance(v.get("grid"), dict)]:
        for key, values in grid.items():
            if key.startswith("atlas.") or key.endswith(".seed_mask"):
                grid[key] = _anchored(values, folder)


def _anchored(values, folder: Path):
    """Alternatives of a path in a grid, made absolute; a list of them gets the names of the files as labels."""
    if isinstance(values, list) and all(isinstance(v, str) for v in values) and len(set(values)) == len(values):
        values = {value: value for value in values}
    if isinstance(values, dict):
        return {key: str(folder / value) if isinstance(value, str) else value for key, value in values.items()}
    return values

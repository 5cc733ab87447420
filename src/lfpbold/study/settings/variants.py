"""Variants: names for other settings, what they inherit, and grids that become one variant per combination."""

from __future__ import annotations

import copy
import itertools
import math
import re

import yaml

from ...errors import InputError
from ..suggestion import suggestion
from .yaml_files import merge

SHARED = ("recordings", "results", "seed", "run", "input", "variants")  # the same in every variant
# Keys of a variant that are no section: they are resolved (`inherits`, `grid`) or kept as a note (`choices`).
NOTES = ("inherits", "grid", "choices")
MOST_PARENTS = 50  # one above another
FOLDERS = ("logs", "benchmarks", "figures")  # beside the variants in the results folder
DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(-.*)?", re.I)  # no file names under Windows


def variant(settings: dict, name: str) -> dict:
    """The complete settings of one variant, and the `choices` of one that comes from a grid.

    The definitions of the variants are those of `settings` themselves, not copied.
    """
    if name not in settings["variants"]:
        raise InputError(f"there is no variant `{name}`; {suggestion(name, settings['variants'])}")
    content = settings["variants"][name] or {}
    changes = {k: v for k, v in content.items() if k not in NOTES}
    complete = merge({k: v for k, v in settings.items() if k not in ("variants", "choices")}, changes, tables=())
    complete["variants"] = settings["variants"]
    return complete | ({"choices": dict(content["choices"])} if content.get("choices") else {})


def choices(settings: dict) -> dict[str, dict]:
    """What each variant of a grid chose: name to `section.key` to value, or to the label that the grid gives it.

    Every choice is a scalar, so that tables and figures can show it. Variants of no grid are not in it.
    """
    return {
        name: content["choices"] for name, content in settings["variants"].items() if (content or {}).get("choices")
    }


def multiverses(settings: dict) -> dict[str, list[str]]:
    """The variants of each grid, by the grid's name."""
    grids: dict[str, list[str]] = {}
    for name in choices(settings):
        grids.setdefault(name.rpartition("-")[0], []).append(name)
    return grids


def count(settings: dict) -> str:
    """How many variants there are and what the grids multiply to: `5 variants, 4 of them from the grid edges (2 × 2)`.

    Examples
    --------
    >>> count({"variants": {"reference": {}, "rank": None}})
    '2 variants: reference, rank'
    """
    chosen, grids = choices(settings), multiverses(settings)
    parts = [name for name in settings["variants"] if name not in chosen]
    for grid, names in grids.items():
        keys = list(dict.fromkeys(key for name in names for key in chosen[name]))
        sizes = [len({str(chosen[name].get(key)) for name in names}) for key in keys]
        parts.append(f"{len(names)} of the grid {grid} ({' × '.join(map(str, sizes))}: {', '.join(keys)})")
    n = len(settings["variants"])
    return f"{n} variant{'s' if n != 1 else ''}: {', '.join(parts)}"


def expand(settings: dict, where: str = "config") -> dict:
    """Settings whose variants are complete: what is inherited is written out, and grids are combinations.

    Parameters
    ----------
    settings : dict
        Merged, with the variants as the user wrote them.
    where : str
        Start of messages.

    Returns
    -------
    settings : dict
        The same, with `variants` that have nothing but sections and, for those of a grid, `choices`. Expanding twice
        changes nothing, so that a resolved configuration can be given back.

    Raises
    ------
    InputError
        For an unknown parent, a circle of parents, an impossible name, a grid that cannot be read, or more variants
        than `run.most_variants`.
    """
    written = {name: content or {} for name, content in settings["variants"].items()}
    complete = {name: _inherited(name, written, where) for name in written}
    _refuse_names(list(complete), where)
    _refuse_too_many(settings, complete, where)
    expanded: dict = {}
    for name, content in complete.items():
        grid = content.pop("grid", None)
        for combined, changes in _combinations(settings, name, content, grid, where) if grid else [(name, content)]:
            if combined in expanded or (grid and combined in complete):
                raise InputError(f"{where}: variants.{combined} is also made by the grid {name}; rename one of them")
            expanded[combined] = changes
    return settings | {"variants": expanded}


def _inherited(name: str, written: dict, where: str, children: tuple = ()) -> dict:
    """A variant's changes over those of its parents; what a child fixes leaves a grid that it inherits."""
    if name in children:
        circle = " → ".join([*children[children.index(name) :], name])
        raise InputError(f"{where}: variants inherit in a circle ({circle}); remove `inherits` from one of them")
    own = {key: value for key, value in copy.deepcopy(written[name]).items() if key != "inherits"}
    parent = written[name].get("inherits")
    if parent is None:
        return own
    if len(children) > MOST_PARENTS:
        raise InputError(
            f"{where}: variants.{children[0]} inherits through more than {MOST_PARENTS} others; shorten it"
        )
    if parent not in written:
        raise InputError(
            f"{where}: variants.{name} inherits `{parent}`, which is no variant; {suggestion(parent, written)}"
        )
    above = _inherited(parent, written, where, (*children, name))
    fixed = {f"{section}.{key}" for section, keys in own.items() if isinstance(keys, dict) for key in keys}
    grid = {key: values for key, values in above.pop("grid", {}).items() if ".".join(key.split(".")[:2]) not in fixed}
    above.pop("choices", None)  # of a combination: this is another one
    grid |= own.pop("grid", {})
    return merge(above, own, tables=()) | ({"grid": grid} if grid else {})


def _refuse_names(names: list[str], where: str) -> None:
    """Names become folders, on file systems that may not distinguish upper and lower case."""
    seen: dict = {}
    for name in names:
        if name in FOLDERS or DEVICES.fullmatch(name):
            raise InputError(
                f"{where}: variants.{name}: this name is reserved and cannot be a folder of the results; rename it"
            )
        if name.lower() in seen:
            raise InputError(
                f"{where}: variants.{seen[name.lower()]} and variants.{name} differ only in upper and lower case,"
                " which some file systems do not distinguish; rename one"
            )
        seen[name.lower()] = name


def _refuse_too_many(settings: dict, complete: dict, where: str) -> None:
    """Count before anything is written out: a grid of many keys is larger than any memory."""
    sizes = {
        name: [len(values) for values in content["grid"].values()]
        for name, content in complete.items()
        if "grid" in content
    }
    n = len(complete) - len(sizes) + sum(math.prod(lengths) for lengths in sizes.values())
    most = settings["run"]["most_variants"]
    if n > most:
        grids = "; ".join(
            f"{name}: {' × '.join(map(str, lengths))} = {math.prod(lengths)}" for name, lengths in sizes.items()
        )
        raise InputError(
            f"{where}: {n} variants ({grids or 'no grid'}) are more than run.most_variants, {most}; list fewer values,"
            " or raise it"
        )


def _combinations(settings: dict, name: str, content: dict, grid: dict, where: str):
    """Name and changes of every combination of a grid, with the choices that it makes."""
    if name == "reference":
        raise InputError(f"{where}: variants.reference has a grid, so that there is no reference; give the grid a name")
    alternatives = []
    for key, values in grid.items():
        labelled = values if isinstance(values, dict) else {label(value): value for value in values}
        if len(labelled) < len(values):
            raise InputError(f"{where}: variants.{name}.grid.{key} lists a value twice; remove one of them")
        scalars = {text: value if _is_scalar(value) else text for text, value in labelled.items()}
        shown = {text: text for text in labelled} if isinstance(values, dict) else scalars
        alternatives.append([(key, shown[text], value) for text, value in labelled.items()])
    width = max(3, len(str(math.prod(map(len, alternatives)))))
    for number, chosen in enumerate(itertools.product(*alternatives), start=1):
        changes = copy.deepcopy(content)
        for key, _, value in chosen:
            _set(settings, changes, key, copy.deepcopy(value), f"{where}: variants.{name}.grid.{key}")
        yield f"{name}-{number:0{width}d}", changes | {"choices": {key: shown for key, shown, _ in chosen}}


def _set(settings: dict, changes: dict, key: str, value, where: str) -> None:
    """Set `section.key`, or `section.name.key` of a table, among the changes of a variant."""
    section, *path = key.split(".")
    if section in SHARED:
        raise InputError(f"{where}: `{section}` is the same in every variant; remove it from this one")
    if len(path) not in (1, 2):
        raise InputError(f"{where}: write section.key, such as bold.fwhm_mm, or states.awake.fd_mm")
    if section not in settings:
        raise InputError(f"{where}: there is no section `{section}`; {suggestion(section, settings)}")
    target = changes.setdefault(section, {})
    if len(path) == 2:
        entry = target.get(path[0], (settings[section] or {}).get(path[0]))
        if not isinstance(entry, dict):
            raise InputError(f"{where}: {section}.{path[0]} has no further settings; write section.key")
        target[path[0]] = {**entry, path[1]: value}
    else:
        target[path[0]] = value


def label(value) -> str:
    """A value of a grid as text: `0.75`, `true`, `[6, 16, 1]`.

    Examples
    --------
    >>> label(0.75), label(True), label(None), label([0.01, 0.1])
    ('0.75', 'true', 'null', '[0.01, 0.1]')
    """
    text = yaml.safe_dump(value, default_flow_style=True, width=1000).strip()
    return text.removesuffix("...").strip()


def _is_scalar(value) -> bool:
    return value is None or isinstance(value, bool | int | float | str)

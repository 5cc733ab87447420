"""All variants in words and rows: how far the answer moves, which choices move it, and each beside the first."""

from __future__ import annotations

import math

from ...derivatives.rows import of_group, pairs
from ...figures.specification import MEASURES
from ...figures.style import number, percent
from ...results import compare
from ...results import specification as multiverse


def view(variants, members, changes: dict[str, list], specification, main_band: str) -> dict:
    """What the report's section on all variants shows.

    Parameters
    ----------
    variants : list of Variant
        Those with panels of their own, the first one leading.
    members : list of Variant
        Combinations of grids, which stand in the curve alone.
    changes : dict of str to list
        Variant to the settings in which it differs from the first one.
    specification : Specification or None
        From `report_inputs.specification`.
    main_band : str
    """
    names = {measure: text.format(main_band=main_band) for measure, text in MEASURES.items()}
    curve, effects = (specification.curve, specification.effects) if specification else ([], [])
    return {
        "any": len(variants) + len(members) > 1,
        "count": len(variants) + len(members),
        "members": len(members),
        "names": names,
        "groups": [_group(specification, curve, effects, names, *group) for group in pairs(curve)],
        "beside": [{"name": v.name, "changes": changes[v.name], "rows": beside(variants[0], v)} for v in variants[1:]],
    }


def _group(specification, curve, effects, names: dict, state: str, site: str) -> dict:
    """Figure, sentences and the table of choices of one state and site."""
    curve, effects = of_group(curve, state, site), of_group(effects, state, site)
    shown = [measure for measure in names if any(row["measure"] == measure for row in curve)]
    choices: dict[str, dict] = {}
    for row in effects:
        if row["level"] == multiverse.ALL and row["measure"] in shown:
            choices.setdefault(row["choice"], {})[row["measure"]] = row
    told = [text for m in shown if (text := sentence(names[m], _of(curve, m), _of(effects, m)))]
    left = {row["df_left"] for row in effects if row["choice"] == multiverse.INTERACTIONS}
    return {
        "who": f"{site}, {state}",
        "sentences": [text[0].upper() + text[1:] for text in told],
        "measures": shown,
        "choices": choices,
        "saturated": bool(left) and max(left) <= 0,
        "png": specification.figures.get((state, site), b""),
        "caption": specification.captions.get((state, site), ""),
    }


def _of(rows, measure: str) -> list[dict]:
    return [row for row in rows if row["measure"] == measure]


def sentence(name: str, curve: list[dict], effects: list[dict]) -> str:
    """How far one measure runs over the variants, and the choice that moves it most.

    Examples
    --------
    >>> row = {"role": "", "value": 0.3, "variant": "a"}
    >>> share = {"level": "all", "choice": "bold.global_signal", "share": 0.8}
    >>> sentence("temporal r", [row | {"role": "reference"}, row | {"value": 0.4}], [share])
    'temporal r runs from .30 to .40 (reference: .30); bold.global_signal holds 80 % of that variance.'
    """
    values = [row["value"] for row in curve if math.isfinite(row["value"])]
    if len(values) < 2:
        return ""
    own = [row["value"] for row in curve if row["role"] == "reference"]
    at = f" (reference: {number(own[0])})" if own else ""
    shares = [r for r in effects if r["level"] == multiverse.ALL and math.isfinite(r["share"])]
    if not shares:
        return f"{name} is {number(values[0])} in all variants."
    most = max(shares, key=lambda row: row["share"])
    holds = "choices in combination hold" if most["choice"] == multiverse.INTERACTIONS else f"{most['choice']} holds"
    ends = f"{number(min(values))} to {number(max(values))}"
    return f"{name} runs from {ends}{at}; {holds} {percent(most['share'])} of that variance."


def beside(first, other) -> list[dict]:
    """The headline rows of a variant beside those of the first one: `first`, `other` and `difference`."""
    of_first = {_key(row): row["value"] for row in first.tables["headline"]}
    of_other = {_key(row): row["value"] for row in other.tables["headline"]}
    return [
        {
            **dict(zip(("state", "site", "measure"), key, strict=True)),
            "first": of_first.get(key, math.nan),
            "other": of_other.get(key, math.nan),
            "difference": of_other.get(key, math.nan) - of_first.get(key, math.nan),
        }
        for key in dict.fromkeys([*of_first, *of_other])
        if "r2" not in key[2]
    ]


def _key(row: dict) -> tuple:
    return row["state"], row["site"], row["measure"]


def changed(first: dict, settings: dict) -> list[tuple[str, str, str]]:
    """The settings in which a variant differs from the first one: key, the first one's value, its own."""
    return compare.differing(multiverse.flat(first), multiverse.flat(settings))


def differences(reference: dict, settings: dict) -> list[str]:
    """The settings in which a variant differs from the first one: `section.key: value`."""
    found = []
    for section, values in settings.items():
        if section in ("variants", "choices") or values == reference.get(section):
            continue
        if not isinstance(values, dict):
            found.append(f"{section}: {values}")
            continue
        before = reference.get(section) or {}
        found += [
            f"{section}.{key}: {value} (otherwise {before.get(key)})"
            for key, value in values.items()
            if value != before.get(key)
        ]
    return found

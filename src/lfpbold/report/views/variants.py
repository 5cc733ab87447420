"""All variants in words and rows: how far results vary, which choices explain it, and each compared with the first."""

from __future__ import annotations

import math

from ...derivatives.rows import of_group, pairs
from ...figures.labels import HEADLINE
from ...results import compare
from ...results import specification as multiverse
from .. import text


def all_variants(variants, members, changes: dict[str, list], specification, main_band: str) -> dict:
    """What the report's section on all variants shows.

    Parameters
    ----------
    variants : list of Variant
        Those with panels of their own, the first one leading.
    members : list of Variant
        Combinations of grids, which are shown in the curve alone.
    changes : dict of str to list
        Variant to the settings in which it differs from the first one.
    specification : Specification or None
        From `report_inputs.specification`.
    main_band : str
    """
    names = {measure: text.format(main_band=main_band) for measure, text in HEADLINE.items()}
    curve, effects = (specification.curve, specification.effects) if specification else ([], [])
    return {
        "any": len(variants) + len(members) > 1,
        "count": len(variants) + len(members),
        "members": len(members),
        "names": names,
        "groups": [_group(specification, curve, effects, names, *group) for group in pairs(curve)],
        "others": [
            {"name": v.name, "changes": changes[v.name], "rows": headline_differences(variants[0], v)}
            for v in variants[1:]
        ],
    }


def _group(specification, curve, effects, names: dict, state: str, site: str) -> dict:
    """Figure, sentences and the table of choices of one state and site."""
    curve, effects = of_group(curve, state, site), of_group(effects, state, site)
    shown = [measure for measure in names if any(row["measure"] == measure for row in curve)]
    choices: dict[str, dict] = {}
    for row in effects:
        if row["level"] == multiverse.ALL and row["measure"] in shown:
            choices.setdefault(row["choice"], {})[row["measure"]] = row
    sentences = [sentence(names[m], _of(curve, m), _of(effects, m)) for m in shown]
    df_left = {row["df_left"] for row in effects if row["choice"] == multiverse.INTERACTIONS}
    return {
        "title": f"{site}, {state}",
        "sentences": [line[0].upper() + line[1:] for line in sentences if line],
        "measures": shown,
        "choices": choices,
        "saturated": bool(df_left) and max(df_left) <= 0,
        "png": specification.figures.get((state, site), b""),
        "caption": specification.captions.get((state, site), ""),
    }


def _of(rows, measure: str) -> list[dict]:
    return [row for row in rows if row["measure"] == measure]


def sentence(name: str, curve: list[dict], effects: list[dict]) -> str:
    """How far one measure runs over the variants, and the choice that explains most of it.

    Examples
    --------
    >>> row = {"role": "", "value": 0.3, "variant": "a"}
    >>> share = {"level": "all", "choice": "bold.global_signal", "share": 0.8}
    >>> sentence("temporal r", [row | {"role": "reference"}, row | {"value": 0.4}], [share])
    'temporal r ranges from .30 to .40 (reference: .30); bold.global_signal explains 80 % of that variance.'
    """
    values = [row["value"] for row in curve if math.isfinite(row["value"])]
    if len(values) < 2:
        return ""
    own = [row["value"] for row in curve if row["role"] == "reference"]
    shares = [r for r in effects if r["level"] == multiverse.ALL and math.isfinite(r["share"])]
    most = max(shares, key=lambda row: row["share"], default={"choice": "", "share": math.nan})
    return text.sentence(
        "sentences/variants.j2",
        name=name,
        lowest=min(values) if shares else values[0],
        highest=max(values),
        own=own[0] if own else None,
        choice=most["choice"],
        interactions=most["choice"] == multiverse.INTERACTIONS,
        share=most["share"],
    )


def headline_differences(first, other) -> list[dict]:
    """The headline rows of a variant and those of the first one: `first`, `other` and `difference`."""
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
    changes = []
    for section, values in settings.items():
        if section in ("variants", "choices") or values == reference.get(section):
            continue
        if not isinstance(values, dict):
            changes.append(f"{section}: {values}")
            continue
        before = reference.get(section) or {}
        changes += [
            f"{section}.{key}: {value} (otherwise {before.get(key)})"
            for key, value in values.items()
            if value != before.get(key)
        ]
    return changes

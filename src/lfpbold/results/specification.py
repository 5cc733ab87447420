"""All variants at once: the specification curve, and which choices move the answer most."""

from __future__ import annotations

import math

import numpy as np

from ..derivatives.columns.specification import CURVE, EFFECTS
from ..stats.shapley import REST, decompose

MEASURES = (
    "temporal_r",
    "spatial_r_scan",
    "spatial_r_group",
    "seed_map_r_after_gamma",
    "seed_map_slope_after_gamma",
    "seed_map_r_after_all_joint",
)
ALL, INTERACTIONS = "all", REST
NOT_IN_HEADLINE = ("nulls.", "variance.")  # settings that no value of the headline depends on
SAME = ("recordings", "results", "seed", "run", "variants", "choices", "inherits", "description")  # no choices


def flat(settings: dict) -> dict[str, object]:
    """Every setting by `section.key`, without what is no choice of the analysis.

    Examples
    --------
    >>> flat({"bold": {"fwhm_mm": 0.75}, "states": {"awake": {"fd_mm": 0.1}}, "seed": 1})
    {'bold.fwhm_mm': 0.75, 'states.awake.fd_mm': 0.1}
    """
    found = {}
    for section, values in settings.items():
        if section not in SAME:
            found |= _leaves(section, values)
    return found


def _leaves(name: str, value) -> dict[str, object]:
    if not isinstance(value, dict):
        return {name: value}
    return {key: leaf for part, inside in value.items() for key, leaf in _leaves(f"{name}.{part}", inside).items()}


def level(value) -> str:
    """A setting's value as people write it in the config.

    Examples
    --------
    >>> level(True), level(None), level(0.75), level([4, 4]), level({"fd_mm": 0.1})
    ('true', 'null', '0.75', '[4, 4]', '{fd_mm: 0.1}')
    """
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(level, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {level(v)}' for key, v in value.items())}}}"
    return f"{value:g}" if isinstance(value, float) else str(value)


def choices(settings: dict[str, dict]) -> dict[str, dict[str, str]]:
    """The settings in which variants differ, as far as the headline depends on them.

    Parameters
    ----------
    settings : dict of str to dict
        Variant to its complete settings; those of a grid have `choices`, whose labels name the levels.

    Returns
    -------
    found : dict of str to dict
        Choice (`section.key`; settings that always change together are one choice, joined by ` + `) to the level of
        each variant.
    """
    complete = {name: flat(values) for name, values in settings.items()}
    labels = {
        (key, level(complete[name][key])): str(label) if isinstance(label, str) else level(label)
        for name, values in settings.items()
        for key, label in (values.get("choices") or {}).items()
        if key in complete[name]
    }
    keys = list(dict.fromkeys(key for values in complete.values() for key in values))
    together: dict[tuple, list] = {}
    for key in keys:
        if key.startswith(NOT_IN_HEADLINE):
            continue
        levels = [level(values[key]) if key in values else "n/a" for values in complete.values()]
        levels = [labels.get((key, one), one) for one in levels]
        if len(set(levels)) > 1:
            partition = tuple(levels.index(one) for one in levels)
            together.setdefault(partition, []).append((key, levels))
    found = {}
    for joined in together.values():
        label = " + ".join(key for key, _ in joined)
        found[label] = {name: " + ".join(levels[i] for _, levels in joined) for i, name in enumerate(complete)}
    return found


def curve_columns(of_choices: dict) -> dict:
    """Columns of `specification.tsv`: one of each choice follows those of `CURVE`."""
    return CURVE | {choice: (f"Level of {choice}", "") for choice in of_choices}


def reference_of(names) -> str:
    """The variant that all others are set against: `reference`, else the first."""
    names = list(names)
    return "reference" if "reference" in names else names[0]


def curve(headlines: dict[str, list[dict]], of_choices: dict[str, dict[str, str]]) -> list[dict]:
    """The specification curve: the headline of every variant, sorted, with its choices.

    Parameters
    ----------
    headlines : dict of str to list of dict
        Variant to its rows of `headline.tsv`.
    of_choices : dict
        From `choices`.

    Returns
    -------
    rows : list of dict
        `state`, `site`, `measure`, `rank` (1 is the smallest value; variants without one have none and come last),
        `variant`, `role` (`reference`, `rigorous` or empty), `value`, `ci_low`, `ci_high`, `n`, `n_animals`, and a
        column per choice.
    """
    reference = reference_of(headlines)
    grouped: dict[tuple, list] = {}
    for name, rows in headlines.items():
        for row in rows:
            if row["measure"] in MEASURES:
                grouped.setdefault((row["state"], row["site"], row["measure"]), []).append((name, row))
    order = {measure: i for i, measure in enumerate(MEASURES)}
    groups = list(dict.fromkeys(key[:2] for key in grouped))
    rows = []
    for key in sorted(grouped, key=lambda key: (groups.index(key[:2]), order[key[2]])):
        found = sorted(grouped[key], key=lambda pair: (not math.isfinite(pair[1]["value"]), pair[1]["value"]))
        for rank, (name, row) in enumerate(found, start=1):
            rows.append(
                {
                    **dict(zip(("state", "site", "measure"), key, strict=True)),
                    "rank": rank if math.isfinite(row["value"]) else math.nan,
                    "variant": name,
                    "role": "reference" if name == reference else "rigorous" if name == "rigorous" else "",
                    **{
                        column: row.get(column, math.nan) for column in ("value", "ci_low", "ci_high", "n", "n_animals")
                    },
                    **{choice: levels[name] for choice, levels in of_choices.items()},
                }
            )
    return rows


def effects(rows: list[dict], of_choices: dict[str, dict[str, str]]) -> list[dict]:
    """Which choices move the answer most, for each state, site and measure.

    Parameters
    ----------
    rows : list of dict
        From `curve`.
    of_choices : dict
        From `choices`.

    Returns
    -------
    rows : list of dict
        For each choice a row of level `all` with its shares of the variance over variants (`decompose`), then a row
        per level; `interactions` is what the choices do not explain one by one. Variants whose choices are the same
        count once. Columns: `EFFECTS`.
    """
    found = []
    blank = {column: math.nan for column in EFFECTS}
    groups = dict.fromkeys((row["state"], row["site"], row["measure"]) for row in rows)
    for state, site, measure in groups if of_choices else ():
        chosen = [r for r in rows if (r["state"], r["site"], r["measure"]) == (state, site, measure)]
        chosen = _distinct([row for row in chosen if math.isfinite(row["value"])], of_choices)
        labels = blank | {"state": state, "site": site, "measure": measure}
        values = np.array([row["value"] for row in chosen], dtype=float)
        factors = {choice: [row[choice] for row in chosen] for choice in of_choices}
        shares = decompose(values, factors)
        for choice, named in factors.items():
            of_levels = _levels(chosen, choice, dict.fromkeys(of_choices[choice].values()), list(of_choices))
            own = {row[choice] for row in chosen if row["role"] == "reference"}
            spread = [row["difference"] for row in of_levels if row["level"] not in own]
            largest = max((v for v in spread if math.isfinite(v)), key=abs, default=math.nan)
            whole = {"level": ALL, "n_variants": len(chosen), "n_levels": len(set(named)), "difference": largest}
            found.append({**labels, "choice": choice, **whole, **shares[choice]})
            found += [{**labels, "choice": choice, **row} for row in of_levels]
        whole = {"choice": INTERACTIONS, "level": ALL, "n_variants": len(chosen)}
        found.append({**labels, **whole, **shares[INTERACTIONS]})
    return found


def _distinct(rows, of_choices) -> list[dict]:
    """One row per combination of choices: the reference's, else the first."""
    found: dict[tuple, dict] = {}
    for row in sorted(rows, key=lambda row: row["role"] != "reference"):
        found.setdefault(tuple(row[choice] for choice in of_choices), row)
    return list(found.values())


def _levels(chosen, choice: str, levels, every: list[str]) -> list[dict]:
    """Mean of each level, and the difference to the reference of the variant that changes this choice alone."""
    reference = next((row for row in chosen if row["role"] == "reference"), None)
    found = []
    for one in levels:
        values = [row["value"] for row in chosen if row[choice] == one]
        if not values:
            continue
        alone = [
            row["value"] - reference["value"]
            for row in chosen
            if reference is not None
            and row[choice] == one != reference[choice]
            and all(row[other] == reference[other] for other in every if other != choice)
        ]
        difference = alone[0] if alone else 0.0 if reference is not None and one == reference[choice] else math.nan
        found.append(
            {"level": one, "n_variants": len(values), "mean": float(np.mean(values)), "difference": difference}
        )
    return found

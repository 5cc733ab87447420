"""What is more than chance and algebra, in words to quote and in rows of tables."""

from __future__ import annotations

import math

from ..figures.style import count, number, of_group
from .answer import two_decimals


def view(tables: dict, groups, settings: dict) -> dict:
    """What the report says of surrogates and mediation.

    Parameters
    ----------
    tables : dict
        `mediation`, `k`, `cross_scan`, `nulls` and `animals` of a variant; without rows where none were made.
    groups : list of (state, site)
    settings : dict
        Of the variant.

    Returns
    -------
    found : dict
        `sentences`, one per state and site; `rows` of the group; `k`; `cross_scan`; `scans`, the scans' own.
    """
    main = settings["networks"]["main_band"]
    rows = [row for row in tables["mediation"] if row["sub"] == "group"]
    scans = [row for row in tables["nulls"] if row["band"] == main]
    return {
        "sentences": [sentence(rows, scans, state, site, settings) for state, site in groups] if rows else [],
        "rows": rows,
        "k": tables["k"],
        "cross_scan": tables["cross_scan"],
        "scans": scans,
        "explained": [row for row in tables["explained"] if row["sub"] == "group"],
        "commonality": _largest_parts(tables["commonality"], groups),
        "reliability": [row for row in tables["reliability"] if row["band"] == main],
        "surrogates": settings["nulls"]["surrogates"],
    }


def _largest_parts(rows, groups, most: int = 4) -> list[dict]:
    """The sum and the largest parts of the explained variance of each state and site."""
    found = []
    for state, site in groups:
        mine = of_group(rows, state, site)
        total = [row for row in mine if row["bands"] == "all"]
        parts = sorted((row for row in mine if row["bands"] != "all"), key=lambda row: -abs(row["part"]))
        found += [row | {"bands": row["bands"].replace("+", " + ")} for row in (*total, *parts[:most])]
    return found


def sentence(rows, scans, state: str, site: str, settings: dict) -> dict:
    """Observed, expected under mediation, and the difference with its interval."""
    main, who = settings["networks"]["main_band"], f"{site}, {state}"
    found = {row["measure"]: row for row in of_group(rows, state, site, voxels="all")}
    if "spatial_r" not in found:
        return {"who": who, "n": "no scan", "text": "every recording was left out."}
    space, removal = found["spatial_r"], found["removal_r"]
    n = f"{count(space['n_scans'], 'scan')} of {count(space['n_animals'], 'animal')}"
    text = (
        f"the averaged {main} map agreed with the seed map at r = {number(space['observed'])}; a regressor that "
        f"touches the brain only through its correlation with the seed gives {number(space['expected'])} "
        f"({_range(space['null_low'], space['null_high'])}). {_difference(space, settings)} "
        f"{_verdict(space)} After removal of {main} the seed map correlated {number(removal['observed'])} with what it "
        f"was, {number(removal['expected'])} being expected. {_own(of_group(scans, state, site))}"
    )
    return {"who": who, "n": n, "text": text.strip().replace("r = ", "r\u00a0=\u00a0")}


def _range(low, high) -> str:
    return f"{two_decimals(low)} to {two_decimals(high)}"


def _difference(row, settings) -> str:
    confidence = f"{100 * settings['variance']['confidence']:g} %"
    if not (math.isfinite(row["difference_low"]) and math.isfinite(row["difference_high"])):
        return f"Difference {number(row['difference'])}; one animal gives no interval."
    ends = _range(row["difference_low"], row["difference_high"])
    few = "; too narrow with so few" if row["n_animals"] < 6 else ""
    return f"Difference {number(row['difference'])} ({confidence} CI {ends}, bootstrap over animals{few})."


def _verdict(row) -> str:
    if not math.isfinite(row["percentile"]):
        return ""
    if row["observed"] > row["null_high"]:
        return "That is more than mediation explains."
    if row["observed"] < row["null_low"]:
        return "That is less than mediation through the seed gives."
    return "It lies inside what mediation alone gives."


def _own(scans) -> str:
    inside = [
        row for row in scans if row["spatial_r_null_low"] <= row["spatial_r_observed"] <= row["spatial_r_null_high"]
    ]
    return f"Scan by scan, {len(inside)} of {len(scans)} lay inside their own interval of mediation." if scans else ""


def paragraph(settings: dict) -> str:
    """What the surrogates are, for the methods."""
    options, main = settings["nulls"], settings["networks"]["main_band"]
    return (
        f"Temporal r was tested against {options['surrogates']} phase-randomised and as many circularly shifted"
        " surrogates of the seed's BOLD, spatial r against as many phase-randomised regressors through the same BOLD;"
        " family-wise p are those of the largest statistic over bands. Mediation: as many surrogates of each regressor"
        " with its spectrum and exactly its correlation with the seed's BOLD (phases relative to the seed's drawn from"
        " von Mises distributions whose concentration gives that correlation) were put through the same BOLD, and the"
        f" maps of {main} averaged over scans, surrogate by surrogate; intervals of the difference from"
        f" {options['bootstrap']} resamplings of whole animals. A second comparison leaves out the seed and"
        f" {options['rim_voxels']} voxels around it. k of spatial r = r/√(r² + k²) by least squares, beside the spread"
        " of chance maps over that of the seed map."
    )

"""What is more than chance and algebra, in words to quote and in rows of tables."""

from __future__ import annotations

import math

from ...derivatives.rows import of_group
from ...figures.style import count, number
from ...study.settings import band_names
from . import prediction, significance
from .headline import two_decimals

PARTS = {
    "mediation": "Is it more than mediation through the seed?",
    "chance": "Is it chance at all?",
    "reliability": "How much of it is noise?",
    "best": "How much can the LFP explain at best?",
    "spectrum": "By frequency and over time",
}
MADE_OF_SURROGATES = ("mediation", "nulls", "significance", "explained", "response", "pairing", "coherence", "windows")
RELIABILITY = {
    "spatial": "in space, halves of scans",
    "spatial_animals": "in space, animal against animal",
    "temporal": "in time, BOLD corrected",
    "temporal_contacts": "in time, BOLD and LFP corrected",
}
MAPS = {
    "lfp": "LFP maps",
    "seed": "seed maps",
    "across": "LFP map with the seed map of another scan",
    "disattenuated": "the same, freed of what maps do not share",
}


def view(tables: dict, groups, settings: dict) -> dict:
    """What the report says of surrogates and mediation.

    Parameters
    ----------
    tables : dict
        Of a variant, by name; those of surrogates have no rows where none were made.
    groups : list of (state, site)
    settings : dict
        Of the variant.

    Returns
    -------
    found : dict
        `any`, whether there is something to tell; `sentences`, one per state and site; `rows` of mediation; and what
        the other parts of the section show, by table.
    """
    main, names = settings["networks"]["main_band"], band_names(settings)
    rows = [row for row in tables["mediation"] if row["sub"] == "group"]
    scans = [row for row in tables["nulls"] if row["band"] == main]
    return {
        "any": any(tables[name] for name in MADE_OF_SURROGATES),
        "sentences": [sentence(rows, scans, state, site, settings) for state, site in groups] if rows else [],
        "rows": rows,
        "k": tables["k"],
        "cross_scan": tables["cross_scan"],
        "surrogates": settings["nulls"]["surrogates"],
        "bands": significance.band_rows(tables["significance"], groups, names),
        "floors": significance.floors(tables["significance"], groups),
        "lags": significance.lag_rows(tables["significance"], groups, names),
        "bins": significance.bin_rows(tables["significance"], tables["bins"], groups),
        "pairing": significance.pairing_rows(tables["pairing"], groups, names),
        "reliability": [
            row | {"name": RELIABILITY[row["measure"]]} for row in tables["reliability"] if row["band"] == main
        ],
        "inter_scan": [row | {"name": MAPS[row["map"]]} for row in tables["inter_scan"]],
        "explained": prediction.explained_rows(tables["explained"], groups),
        "commonality": prediction.largest_parts(tables["commonality"], groups),
        "hrfchoice": prediction.choice_rows(tables["hrfchoice"], groups),
        "spectrum": prediction.spectrum_rows(tables, groups, names),
    }


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

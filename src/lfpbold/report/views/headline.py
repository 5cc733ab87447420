"""The answer in words to quote: one sentence or three for each state and site."""

from __future__ import annotations

import math

from ...figures.text import count, number, percent, two_decimals

TWO_ANIMALS = "two animals: one degree of freedom"


def headline_sentence(rows: list[dict], state: str, site: str, settings: dict) -> dict:
    """What was found for one state and site, in words to quote.

    Parameters
    ----------
    rows : list of dict
        `group/headline.tsv`.
    state, site : str
    settings : dict
        Of the variant.

    Returns
    -------
    parts : dict
        `who`, `n` and `text`.
    """
    found = {row["measure"]: row for row in rows if (row["state"], row["site"]) == (state, site)}
    who, band = f"{site}, {state}", settings["networks"]["main_band"]
    if "temporal_r" not in found or not found["temporal_r"]["n"]:
        return {"who": who, "n": "no scan", "text": "every recording was left out; the reasons are listed below."}
    confidence = f"{100 * settings['variance']['confidence']:g} %"
    time = found["temporal_r"]
    text = (
        f"{band} power explained {percent(found['temporal_r2']['value'])} of the temporal variance of the BOLD "
        f"signal at the electrode (r = {number(time['value'])}, {_interval(time, confidence)})."
    )
    text = f"{text} {_in_space(found)} {_after_removal(found, settings['networks'])}".strip()
    # A number stays on the line of its symbol.
    return {"who": who, "n": _n(time), "text": text.replace("r = ", "r\u00a0=\u00a0").replace(" %", "\u00a0%")}


def summary(rows: list[dict], state: str, site: str) -> dict:
    """The headline rows of one state and site by measure."""
    found = {row["measure"]: row for row in rows if (row["state"], row["site"]) == (state, site)}
    return {"state": state, "site": site, "of": found}


def _n(row: dict) -> str:
    animals = row.get("n_animals")
    scans = f"n = {row['n']:.0f} scan{'' if row['n'] == 1 else 's'}"
    if animals is None or not math.isfinite(animals):
        return scans
    return f"{scans} of {animals:.0f} animal{'' if animals == 1 else 's'}"


def _interval(row: dict, confidence: str) -> str:
    if not (math.isfinite(row["ci_low"]) and math.isfinite(row["ci_high"])):
        return "no interval from fewer than two animals"
    ends = f"{confidence} CI {two_decimals(row['ci_low'])} to {two_decimals(row['ci_high'])} over animals"
    return f"{ends}; {TWO_ANIMALS}" if row.get("n_animals") == 2 else ends


def _value(found: dict, measure: str) -> float:
    return found[measure]["value"] if measure in found else math.nan


def _in_space(found: dict) -> str:
    scan, group = _value(found, "spatial_r_scan"), _value(found, "spatial_r_group")
    if not math.isfinite(scan) and not math.isfinite(group):
        return "Maps were not compared: that needs at least three voxels."
    text = "The map of the same power agreed with the seed map at "
    parts = []
    if math.isfinite(scan):
        parts.append(
            f"r = {number(scan)} ({percent(_value(found, 'spatial_r2_scan'))} of spatial variance) scan by scan"
        )
    if math.isfinite(group):
        parts.append(f"r = {number(group)} ({percent(_value(found, 'spatial_r2_group'))}) for averaged maps")
    return text + " and ".join(parts) + "."


def _after_removal(found: dict, networks: dict) -> str:
    r, slope = _value(found, "seed_map_r_after_gamma"), _value(found, "seed_map_slope_after_gamma")
    if not math.isfinite(r):
        return ""
    text = f"After regressing {networks['main_band']} out, the seed map correlated {number(r)} with what it was"
    text += f" (slope {number(slope)})"
    joint = _value(found, "seed_map_r_after_all_joint")
    if math.isfinite(joint):
        bands = count(len(networks["removal_bands"]), "band")
        slope = _value(found, "seed_map_slope_after_all_joint")
        text += f"; with {bands} regressed out together, {number(joint)} (slope {number(slope)})"
    return text + "."

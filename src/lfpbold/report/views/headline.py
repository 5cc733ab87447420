"""The main result in words to quote: one sentence or three for each state and site."""

from __future__ import annotations

import math

from ...figures.text import count
from ..text import sentence

TWO_ANIMALS = "two animals: one degree of freedom"
QUOTED = (
    *("temporal_r", "temporal_r2", "spatial_r_scan", "spatial_r2_scan", "spatial_r_group", "spatial_r2_group"),
    *("seed_map_r_after_gamma", "seed_map_slope_after_gamma"),
    *("seed_map_r_after_all_joint", "seed_map_slope_after_all_joint"),
)


def headline_sentence(rows: list[dict], state: str, site: str, settings: dict) -> dict:
    """The main result of one state and site, in words to quote.

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
        `title`, `n` and `text`.
    """
    of_group = summary(rows, state, site)["of"]
    title, time = f"{site}, {state}", of_group.get("temporal_r")
    if time is None or not time["n"]:
        return {"title": title, "n": "no scan", "text": sentence("sentences/headline.j2", no_scan=True)}
    text = sentence(
        "sentences/headline.j2",
        no_scan=False,
        band=settings["networks"]["main_band"],
        removal_bands=len(settings["networks"]["removal_bands"]),
        confidence=f"{100 * settings['variance']['confidence']:g} %",
        two_animals=TWO_ANIMALS,
        temporal={"n_animals": math.nan, **time},
        value={measure: of_group[measure]["value"] if measure in of_group else math.nan for measure in QUOTED},
    )
    # A number stays on the line of its symbol.
    return {"title": title, "n": _n(time), "text": text.replace("r = ", "r\u00a0=\u00a0").replace(" %", "\u00a0%")}


def summary(rows: list[dict], state: str, site: str) -> dict:
    """The headline rows of one state and site by measure."""
    of_measure = {row["measure"]: row for row in rows if (row["state"], row["site"]) == (state, site)}
    return {"state": state, "site": site, "of": of_measure}


def _n(row: dict) -> str:
    animals = row.get("n_animals")
    scans = f"n = {count(row['n'], 'scan')}"
    return scans if animals is None or not math.isfinite(animals) else f"{scans} of {count(animals, 'animal')}"

"""What is compared with surrogates, in words to quote and in rows of tables."""

from __future__ import annotations

from ...derivatives.rows import of_group
from ...figures.labels import MAP_PAIRS, RELIABILITY
from ...figures.text import count
from ...study.settings import band_names
from ..text import sentence
from . import prediction, significance

PARTS = {
    "mediation": "Comparison with full mediation through the seed",
    "significance": "Significance",
    "reliability": "Reliability and noise",
    "prediction": "Cross-validated variance explained",
    "spectrum": "Coherence, sliding windows and mutual information",
}
MADE_OF_SURROGATES = ("mediation", "nulls", "significance", "explained", "response", "pairing", "coherence", "windows")


def comparison_with_nulls(tables: dict, groups, settings: dict) -> dict:
    """What the report shows of the comparison with surrogates.

    Parameters
    ----------
    tables : dict
        Of a variant, by name; those of surrogates have no rows where none were made.
    groups : list of (state, site)
    settings : dict
        Of the variant.

    Returns
    -------
    shown : dict
        `any`, whether there is anything to show; `sentences`, one per state and site; `rows` of mediation; and what
        the other parts of the section show, by table.
    """
    main, names = settings["networks"]["main_band"], band_names(settings)
    rows = [row for row in tables["mediation"] if row["sub"] == "group"]
    scans = [row for row in tables["nulls"] if row["band"] == main]
    return {
        "any": any(tables[name] for name in MADE_OF_SURROGATES),
        "sentences": [mediation_sentence(rows, scans, state, site, settings) for state, site in groups] if rows else [],
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
        "inter_scan": [row | {"name": MAP_PAIRS[row["map"]]} for row in tables["inter_scan"]],
        "explained": prediction.explained_rows(tables["explained"], groups),
        "commonality": prediction.largest_parts(tables["commonality"], groups),
        "hrfchoice": prediction.choice_rows(tables["hrfchoice"], groups),
        "spectrum": prediction.spectrum_rows(tables, groups, names),
    }


def mediation_sentence(rows, scans, state: str, site: str, settings: dict) -> dict:
    """Observed, expected under mediation, and the difference with its interval."""
    title, of_group_scans = f"{site}, {state}", of_group(scans, state, site)
    of_measure = {row["measure"]: row for row in of_group(rows, state, site, voxels="all")}
    if "spatial_r" not in of_measure:
        return {"title": title, "n": "no scan", "text": sentence("sentences/mediation.j2", no_scan=True)}
    space = of_measure["spatial_r"]
    inside = [r["spatial_r_null_low"] <= r["spatial_r_observed"] <= r["spatial_r_null_high"] for r in of_group_scans]
    text = sentence(
        "sentences/mediation.j2",
        no_scan=False,
        band=settings["networks"]["main_band"],
        confidence=f"{100 * settings['variance']['confidence']:g} %",
        space=space,
        removal=of_measure["removal_r"],
        scans=len(inside),
        scans_inside=sum(inside),
    )
    n = f"{count(space['n_scans'], 'scan')} of {count(space['n_animals'], 'animal')}"
    return {"title": title, "n": n, "text": text.replace("r = ", "r\u00a0=\u00a0")}

"""How much the LFP explains at best, by frequency and over time: rows of tables."""

from __future__ import annotations

import math

from ...derivatives.rows import of_group
from .tables import mean

METHODS = {
    "config": "configured HRF",
    "grid": "best of the grid in the other animals",
    "fir": "estimated from the other animals",
}


def explained_rows(rows: list[dict], groups) -> list[dict]:
    """All bands together, per state and site, with the number of animals that were predicted better than by chance.

    `positive` counts animals whose r is above zero, of `n_animals`.
    """
    found = []
    for state, site in groups:
        mine = of_group(rows, state, site)
        animals = [row["r"] for row in mine if row["sub"] != "group"]
        counted = {"n_animals": len(animals), "positive": sum(r > 0 for r in animals)}
        found += [row | counted for row in mine if row["sub"] == "group"]
    return found


def largest_parts(rows: list[dict], groups, most: int = 4) -> list[dict]:
    """The sum and the largest parts of the explained variance of each state and site."""
    found = []
    for state, site in groups:
        mine = of_group(rows, state, site)
        total = [row for row in mine if row["bands"] == "all"]
        parts = sorted((row for row in mine if row["bands"] != "all"), key=lambda row: -abs(row["part"]))
        found += [row | {"bands": row["bands"].replace("+", " + ")} for row in (*total, *parts[:most])]
    return found


def choice_rows(rows: list[dict], groups) -> list[dict]:
    """Temporal r with the configured HRF, the best of the grid and the estimated one, in animals left out."""
    found = []
    for state, site in groups:
        for method, name in METHODS.items():
            mine = of_group(rows, state, site, method=method)
            animals = [row["r"] for row in mine if row["sub"] != "group" and math.isfinite(row["r"])]
            ends = {"lowest": min(animals), "highest": max(animals)} if animals else {}
            ends = {"lowest": math.nan, "highest": math.nan, "n_animals": len(animals)} | ends
            found += [row | ends | {"name": name} for row in mine if row["sub"] == "group"]
    return found


def spectrum_rows(tables: dict, groups, names) -> list[dict]:
    """Coherence, sliding windows and mutual information of each band: means of scans, and p over animals."""
    found = []
    for state, site in groups:
        for band in names:
            coherence, windows, nulls = (
                of_group(tables[name], state, site, band=band) for name in ("coherence", "windows", "nulls")
            )
            informed = [row for row in nulls if math.isfinite(row["information"])]
            if not (coherence or windows or informed):
                continue
            row = {"state": state, "site": site, "band": band, "n": max(map(len, (coherence, windows, informed)))}
            row |= {"coherence": mean(coherence, "coherence"), "bias": mean(coherence, "bias")}
            row |= {"p_coherence": coherence[0]["p_animals"] if coherence else math.nan}
            row |= {"sd": mean(windows, "sd"), "sd_expected": mean(windows, "sd_expected")}
            row |= {"p_windows": windows[0]["p_animals"] if windows else math.nan}
            row |= {"information": mean(informed, "information"), "taken_off": mean(informed, "information_bias")}
            found.append(row | _above_zero(informed))
    return found


def _above_zero(rows) -> dict:
    """Animals whose mean information is above zero, which is chance."""
    animals = {row["sub"] for row in rows}
    means = [mean([row for row in rows if row["sub"] == sub], "information") for sub in animals]
    return {"n_animals": len(animals), "positive": sum(value > 0 for value in means)}

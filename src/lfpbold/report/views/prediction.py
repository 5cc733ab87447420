"""Cross-validated variance explained, coherence, windows and mutual information: rows of tables."""

from __future__ import annotations

import math

from ...derivatives.rows import of_group
from ...figures.labels import RESPONSES
from .tables import mean


def explained_rows(rows: list[dict], groups) -> list[dict]:
    """All bands together, per state and site, with the number of animals whose prediction correlates positively.

    `positive` counts animals whose r is above zero, of `n_animals`.
    """
    shown = []
    for state, site in groups:
        of_pair = of_group(rows, state, site)
        animals = [row["r"] for row in of_pair if row["sub"] != "group"]
        counted = {"n_animals": len(animals), "positive": sum(r > 0 for r in animals)}
        shown += [row | counted for row in of_pair if row["sub"] == "group"]
    return shown


def largest_parts(rows: list[dict], groups, most: int = 4) -> list[dict]:
    """The sum and the largest parts of the explained variance of each state and site."""
    shown = []
    for state, site in groups:
        of_pair = of_group(rows, state, site)
        total = [row for row in of_pair if row["bands"] == "all"]
        parts = sorted((row for row in of_pair if row["bands"] != "all"), key=lambda row: -abs(row["part"]))
        shown += [row | {"bands": row["bands"].replace("+", " + ")} for row in (*total, *parts[:most])]
    return shown


def choice_rows(rows: list[dict], groups) -> list[dict]:
    """Temporal r with the configured HRF, the best of the grid and the estimated one, in held-out animals."""
    shown = []
    for state, site in groups:
        for method, name in RESPONSES.items():
            of_method = of_group(rows, state, site, method=method)
            animals = [row["r"] for row in of_method if row["sub"] != "group" and math.isfinite(row["r"])]
            ends = {"lowest": min(animals), "highest": max(animals)} if animals else {}
            ends = {"lowest": math.nan, "highest": math.nan, "n_animals": len(animals)} | ends
            shown += [row | ends | {"name": name} for row in of_method if row["sub"] == "group"]
    return shown


def spectrum_rows(tables: dict, groups, names) -> list[dict]:
    """Coherence, sliding windows and mutual information of each band: means of scans, and p over animals."""
    shown = []
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
            shown.append(row | _above_zero(informed))
    return shown


def _above_zero(rows) -> dict:
    """Animals whose mean information exceeds zero, its expectation for unrelated series."""
    animals = {row["sub"] for row in rows}
    means = [mean([row for row in rows if row["sub"] == sub], "information") for sub in animals]
    return {"n_animals": len(animals), "positive": sum(value > 0 for value in means)}

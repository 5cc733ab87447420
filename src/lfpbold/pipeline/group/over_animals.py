"""The animals' p beside that of every scan: no scan's p stands alone in a table of the study."""

from __future__ import annotations

import numpy as np
from scipy import stats

from ...stats import tests as comparison

CORRELATIONS = {"temporal": ("r",), "nulls": ("r", "spatial_r_observed"), "bins": ("r", "spatial_r"), "pairing": ("r",)}
SCORES = ("coherence", "windows")


def with_animals_p(tables: dict) -> dict:
    """Rows of `temporal`, `nulls`, `bins`, `pairing`, `coherence` and `windows` with the p over animals in each.

    For correlations Student's t over animals of their means of Fisher's z; for what has a p only, of the means of
    normal scores Φ⁻¹(1 − p), which are standard normal where there is nothing.
    """
    found = {name: tables[name] for name in (*CORRELATIONS, *SCORES)}
    for name, columns in CORRELATIONS.items():
        for column, prefix in zip(columns, ("", "spatial_"), strict=False):
            found[name] = _joined(found[name], lambda row, c=column: float(comparison.fisher_z(row[c])), prefix)
    for name in SCORES:
        # A p of exactly 1 or 0 has no finite score.
        found[name] = _joined(found[name], lambda row: float(stats.norm.isf(np.clip(row["p"], 1e-12, 1 - 1e-12))))
        found[name] = [row | {"p_animals": _upper(row)} for row in found[name]]
    return found


def _joined(rows, value, prefix: str = "") -> list[dict]:
    groups: dict[tuple, list] = {}
    for row in rows:
        if row["sub"] != "group":
            groups.setdefault(_of(row), []).append(row)
    tests = {key: comparison.t_test([value(r) for r in of], [r["sub"] for r in of]) for key, of in groups.items()}
    joined = []
    for row in rows:
        test = tests[_of(row)]
        columns = {"mean_animals": float(np.tanh(test["mean_animals"])), "p_animals": test["p_animals"]}
        columns = {f"{prefix}{name}": found for name, found in columns.items()}
        joined.append(row | columns | {"n_animals": test["n_animals"], "t_animals": test["t_animals"]})
    return joined


def _of(row) -> tuple:
    return row["state"], row["site"], row["band"]


def _upper(row) -> float:
    """One-sided p of the t: coherence and windows can only be more than chance."""
    if row["n_animals"] < 2 or not np.isfinite(row["t_animals"]):
        return float("nan")
    return float(stats.t.sf(row["t_animals"], row["n_animals"] - 1))

"""Noise measured instead of supposed: correlations freed of what halves of the data, or animals, do not share."""

from __future__ import annotations

import numpy as np

from ...derivatives.rows import of_group
from ...derivatives.rows import pairs as groups_of
from ...networks import reliability as science
from ...stats.noise_ceiling import apparent_r

HALVES = ("r", "halves_lfp", "halves_seed", "halves_across", "seed_halves", "contact_halves")
FEWEST_ANIMALS = 4  # of a studentised bootstrap: with fewer many resamples hold one animal alone and have no error
NAN = float("nan")


def reliability(tables: dict, names, settings: dict, n_bootstrap: int, seed: int) -> list[dict]:
    """Disattenuated correlations in space and time per state, site and band, beside the study's supposition.

    In space the LFP map of one half of a scan against the seed map of the other, over the reliabilities of half maps;
    and maps of the main band between animals. In time the seed's BOLD, from two slabs of its voxels, and where the site
    has two contacts the regressor too.

    Parameters
    ----------
    tables : dict of name to rows
        `nulls`, `inter_scan`, `noise`, `noise_curve`.
    names : list of str
        Bands.
    settings : dict
        `variance` section.
    n_bootstrap, seed : int
    """
    rows, confidence = [], settings["confidence"]
    for state, site in groups_of(tables["nulls"]):
        for band in names:
            chosen = of_group(tables["nulls"], state, site, band=band)
            animals, of = [row["sub"] for row in chosen], {"state": state, "site": site, "band": band}
            for measure, columns in _measures(chosen).items():
                how = {"n": n_bootstrap, "rng": np.random.default_rng(seed), "confidence": confidence}
                found = science.disattenuated_mean(*columns[:3], animals, times=columns[3], **how)
                enough = len(set(animals)) >= FEWEST_ANIMALS
                found |= {f"bootstrap_{k}": found[f"bootstrap_t_{k}"] if enough else NAN for k in ("low", "high")}
                if measure == "spatial" and not found["reason"]:
                    found["cnr"] = _of_whole_scan(found["reliability_x"], found["reliability_y"])
                rows.append({**of, "measure": measure, "n": len(chosen), "n_animals": len(set(animals)), **found})
        rows += _between_animals(tables["inter_scan"], state, site)
    return [row | _as_the_study(row, tables, settings) for row in rows]


def _measures(rows) -> dict:
    """What is correlated, its halves, and how much longer the measures are than the halves."""
    if not rows:
        return {}
    column = {name: np.array([row[name] for row in rows], dtype=float) for name in HALVES}
    measures = {
        "spatial": (column["halves_across"], column["halves_lfp"], column["halves_seed"], 1.0),
        "temporal": (column["r"], np.ones(len(rows)), column["seed_halves"], 2.0),
    }
    if np.isfinite(column["contact_halves"]).any():
        measures["temporal_contacts"] = (column["r"], column["contact_halves"], column["seed_halves"], 2.0)
    return measures


def _of_whole_scan(of_lfp: float, of_seed: float) -> float:
    """Contrast-to-noise ratio of maps of whole scans, like the study's, from the reliabilities of those of halves."""
    return float(science.noise_from_reliability(np.sqrt(np.prod(science.spearman_brown([of_lfp, of_seed])))))


def _between_animals(inter_scan, state, site) -> list[dict]:
    of = {row["map"]: row for row in of_group(inter_scan, state, site)}
    if not of:
        return []
    whole, across = of["disattenuated"], of["across"]
    x, y = of["lfp"]["between"], of["seed"]["between"]
    found = {"r": across["between"], "reliability_x": x, "reliability_y": y, "reason": science.why_undefined(x, y)}
    found |= {"value": whole["between"], "low": whole["between_low"], "high": whole["between_high"]}
    found["cnr"] = float(science.noise_from_reliability(np.sqrt(x * y))) if not found["reason"] else NAN
    labels = {name: whole[name] for name in ("state", "site", "band", "n_animals")}
    return [labels | {"measure": "spatial_animals", "n": whole["n_scans"]} | found]


def _as_the_study(row, tables, settings) -> dict:
    """The study's supposed CNR, and what its simulation and the closed form make of the measured one."""
    supposed = next((n for n in tables["noise"] if (n["state"], n["site"]) == (row["state"], row["site"])), None)
    points = settings["cnr_points"][0 if row["measure"].startswith("temporal") else 1]
    curve = [n for n in tables["noise_curve"] if n["n_points"] == points]
    cnr, known = [n["cnr"] for n in curve], np.isfinite(row["cnr"])
    simulated = NAN
    if known and cnr and cnr[0] <= row["cnr"] <= cnr[-1]:
        simulated = float(np.interp(row["cnr"], cnr, [n["r"] for n in curve]))
    return {
        "cnr_study": supposed["cnr"] if supposed else NAN,
        "simulated_r": simulated,
        "closed_form_r": float(apparent_r(settings["cnr_true_r"], row["cnr"])) if known else NAN,
    }

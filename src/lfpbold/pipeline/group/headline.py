"""The numbers of the report's first screen, and the study's noise argument, for one state and site."""

from __future__ import annotations

import numpy as np

from ...derivatives.rows import of_group
from ...stats import noise_ceiling
from ...stats.tests import mean_r, square_interval


def noise(state, site, temporal, spatial, main_band: str, settings: dict, seed: int) -> dict:
    """The study's noise argument for one state and site, at its mean temporal and scan-wise spatial r."""
    observed_spatial = _mean_r(spatial, state, site, main_band)
    observed_temporal = _mean_r(temporal, state, site, main_band)
    animals = [row["sub"] for row in of_group(temporal, state, site, band=main_band).finite("r")]
    row = {"state": state, "site": site, "n_scans": len(animals), "n_animals": len(set(animals))}
    row |= {"observed_spatial": observed_spatial, "observed_temporal": observed_temporal}
    as_scan, as_map = (
        noise_ceiling.noise_ceiling(
            observed_spatial,
            observed_temporal,
            true_r=settings["cnr_true_r"],
            cnr_range=settings["cnr_range"],
            n_points=n_points,
            n_trials=settings["cnr_trials"],
            rng=np.random.default_rng(seed),
        )
        for n_points in settings["cnr_points"]
    )
    return row | as_scan | {"cnr_voxels": as_map["cnr"], "true_temporal_voxels": as_map["true_temporal"]}


def noise_curve(settings: dict, seed: int) -> list[dict]:
    """The study's simulated curve at both lengths; `settings` is the `variance` section."""
    return [
        row
        for n_points in settings["cnr_points"]
        for row in noise_ceiling.noise_curve(
            true_r=settings["cnr_true_r"],
            cnr_range=settings["cnr_range"],
            n_points=n_points,
            n_trials=settings["cnr_trials"],
            rng=np.random.default_rng(seed),
        )
    ]


def _mean_r(rows, state, site, band) -> float:
    values = [row["r"] for row in of_group(rows, state, site, band=band).finite("r")]
    return float(np.mean(values)) if values else float("nan")


def headline(state, site, temporal, spatial, spatial_group, regression, main_band: str, settings: dict) -> list[dict]:
    """The numbers of the report's first screen for one state and site."""
    confidence = settings["confidence"]
    rows = []

    def add(measure, value, low, high, unit, n, n_animals):
        rows.append(
            {
                "state": state,
                "site": site,
                "measure": measure,
                "value": value,
                "ci_low": low,
                "ci_high": high,
                "unit": unit,
                "n": n,
                "n_animals": n_animals,
            }
        )

    for name, table in (("temporal_r{}", temporal), ("spatial_r{}_scan", spatial)):
        chosen = of_group(table, state, site, band=main_band).finite("r")
        animals = [row["sub"] for row in chosen]
        found = mean_r([row["r"] for row in chosen], animals, confidence=confidence)
        add(name.format(""), *found, "Pearson r", len(chosen), len(set(animals)))
        add(name.format("2"), *square_interval(*found), "fraction of variance", len(chosen), len(set(animals)))
    for row in spatial_group:
        if (row["state"], row["site"], row["band"]) == (state, site, main_band):
            found, counts = (row["r"], row["ci_low"], row["ci_high"]), (row["n_scans"], row["n_animals"])
            add("spatial_r_group", *found, "Pearson r", *counts)
            add("spatial_r2_group", *square_interval(*found), "fraction of variance", *counts)
            for after in regression:
                if (after["state"], after["site"], after["sub"]) == (state, site, "group"):
                    add(
                        f"seed_map_r_after_{after['removal']}",
                        after["r"],
                        after["r_ci_low"],
                        after["r_ci_high"],
                        "Pearson r",
                        *counts,
                    )
                    add(
                        f"seed_map_slope_after_{after['removal']}",
                        after["slope"],
                        after["slope_ci_low"],
                        after["slope_ci_high"],
                        "slope",
                        *counts,
                    )
    return rows
